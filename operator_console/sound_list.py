"""The list of sound devices, looked up in a child: PortAudio sees new devices only when it starts."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterable

from media.audio.devices import LIST_TIMEOUT_S, Device, read_list
from operator_console import paths
from operator_console import protocol as p


def ask_child(timeout_s: float = LIST_TIMEOUT_S) -> list[Device]:
    """The devices, fresh, from a process that may hang or die of a driver: blocks. OSError where it did."""
    try:
        done = subprocess.run(
            paths.self_command("sound-devices"), capture_output=True, timeout=timeout_s, check=True
        )
        return read_list(done.stdout.decode(errors="replace"))
    except (ValueError, subprocess.SubprocessError) as error:
        raise OSError(f"the sound devices cannot be listed: {error!r}") from error


async def devices_now(timeout_s: float = LIST_TIMEOUT_S) -> list[Device]:
    """The same for an event loop; a child that hangs is killed. OSError where it failed."""
    process = await asyncio.create_subprocess_exec(
        *paths.self_command("sound-devices"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), timeout_s)
        return read_list(told.decode(errors="replace"))
    except (ValueError, TimeoutError) as error:
        raise OSError(f"the sound devices cannot be listed: {error!r}") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def described(devices: Iterable[Device]) -> tuple[p.SoundDevice, ...]:
    """The devices as the console is told them."""
    return tuple(
        p.SoundDevice(
            name=one.name,
            inputs=one.inputs,
            outputs=one.outputs,
            rate_hz=one.rate_hz,
            default_input=one.default_input,
            default_output=one.default_output,
        )
        for one in devices
    )
