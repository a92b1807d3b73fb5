"""Folders that cannot be written, full disks, ports that are taken: a plain sentence, the rest goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from operator_console import paths
from operator_console import protocol as p
from operator_console.engine.exits import EXIT_JOURNAL, EXIT_RUNNING
from operator_console.session import facts as f
from operator_console.session.model import SourceKind
from tests.end2end.console import RefusedError
from tests.end2end.product import Product, running_product
from tests.faults.fault_kit import decode_errors, journaled, probed, recordings, verified
from tests.ports import free_port

pytestmark = pytest.mark.timeout(150)
SMALL_DISK_BYTES = 3 << 20


async def open_with_picture(product: Product) -> None:
    """A session with a moving test card on program, without a participant."""
    console = product.console
    await console.do(p.OpenSession(title="Rapat uji"))
    added = await console.do(p.AddSource(kind=SourceKind.TESTCARD, name="Aula", address="hall", hall=True))
    source = added["source_id"]
    await console.until("the test card", lambda: console.place(source).video)
    await console.do(p.SetSpotlight(source_id=source))


def phase(product: Product) -> str:
    recording = product.console.state.recording
    return str(recording.phase) if recording is not None else ""


async def recorded(product: Product, seconds: float) -> None:
    def enough() -> bool:
        seen = product.console.observed.get("recorder", {})
        return bool(seen.get("phase") == "started" and seen.get("seconds", 0) >= seconds)

    await product.console.until(f"{seconds} s recorded", enough)


async def refused(product: Product, command: p.AnyCommand) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        await product.console.do(command)
    return caught.value


async def test_an_unwritable_recording_folder_is_refused_plainly_and_the_session_goes_on(
    tmp_runtime: Path,
) -> None:
    (tmp_runtime / "recordings").touch()  # a file where the folder should be
    async with running_product(tmp_runtime) as product:
        await open_with_picture(product)
        refusal = await refused(product, p.StartRecording())
        assert refusal.code == "recording_folder"
        assert str(tmp_runtime / "recordings") in str(refusal)
        await product.console.do(p.MarkChapter(title="Berlanjut"))
        (tmp_runtime / "recordings").unlink()
        await product.console.do(p.StartRecording())
        await recorded(product, 1.0)
        await product.console.do(p.StopRecording())
        assert [len(recordings(product)), phase(product), verified(product).ok] == [1, "stopped", True]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of a few megabytes at a folder."""
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "tmpfs", str(folder)], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def may_mount() -> bool:
    """Whether this user may make a file system of a few megabytes."""
    return os.geteuid() == 0 and bool(psutil.LINUX) and os.path.exists("/bin/mount")


@contextlib.asynccontextmanager
async def product_on_a_small_disk(top: Path) -> AsyncIterator[Product]:
    """A product whose recordings soon cannot grow: a small file system, or a limit on the size of files."""
    if may_mount():
        with small_disk(top / "recordings"):
            # Without the guard's reserve: here the disk itself says no.
            unguarded = {"disk_reserve_mb": "0", "disk_iso_reserve_mb": "0", "disk_warn_minutes": "0,0,0"}
            async with running_product(top, **unguarded) as product:
                product.expected += [r"failed: The disk is full", r"next segment", r"has no more room"]
                yield product
        return
    async with running_product(top) as product:
        product.expected += [r"failed: The file has reached the largest size allowed here"]
        await product.console.until("the engine's figures", lambda: product.engine_pid)
        limit = (SMALL_DISK_BYTES, SMALL_DISK_BYTES)
        psutil.Process(product.engine_pid).rlimit(resource.RLIMIT_FSIZE, limit)
        yield product


async def test_a_full_disk_ends_the_file_whole_and_nothing_else(tmp_runtime: Path) -> None:
    async with product_on_a_small_disk(tmp_runtime) as product:
        await open_with_picture(product)
        await product.console.do(p.StartRecording())
        await product.console.until("the disk is full", lambda: phase(product) == "failed", 60)
        recording = product.console.state.recording
        assert recording is not None and recording.retrying and recording.reason
        path = Path(recordings(product)[0].path)
        engine = product.engine_pid
        # Session and program go on.
        await product.console.do(p.MarkChapter(title="Berlanjut"))
        frames = product.console.observed["program"]["frames"]
        await product.console.until(
            "the program goes on", lambda: product.console.observed["program"]["frames"] > frames + 30
        )
        assert product.engine_pid == engine
        # What was written can be played.
        found = await asyncio.to_thread(probed, path)
        assert found.streams == ("aac", "h264") and found.video_s > 1.0
        assert await asyncio.to_thread(decode_errors, path) == ""
        # An attempt that is under way has its file; none is left behind.
        await product.console.until("no empty files", lambda: list(path.parent.iterdir()) == [path])
        # Somebody makes room: the next segment begins by itself.
        await asyncio.to_thread(path.unlink)
        await product.console.until("the next segment", lambda: phase(product) == "started", 60)
        await recorded(product, 1.0)
        await product.console.do(p.StopRecording())
        assert verified(product).ok
        failures = [r.body for r in journaled(product) if isinstance(r.body, f.RecordingFailed)]
        assert failures and all(one.reason for one in failures)


async def test_a_join_port_that_is_taken_is_said_and_the_rest_runs(tmp_runtime: Path) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        async with running_product(tmp_runtime, join_port=str(port)) as product:
            product.expected += [str(port), r"join page"]
            await open_with_picture(product)
            room = await product.console.until(
                "the room says why", lambda: product.console.observed.get("room", {}).get("reason"), 30
            )
            assert str(port) in room
            assert product.console.observed["room"]["state"] == "failed"
            await product.console.do(p.StartRecording())
            await recorded(product, 1.0)
            await product.console.do(p.StopRecording())
            assert phase(product) == "stopped"


async def test_a_second_engine_and_a_second_keeper_do_not_start(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        for name in ("engine", "keeper"):
            second = await asyncio.to_thread(run, product, name)
            assert second.returncode == EXIT_RUNNING
        await product.console.do(p.OpenSession(title="Rapat uji"))


def run(product: Product, name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(product.command(name), capture_output=True, text=True, check=False, timeout=60)


def test_an_engine_that_cannot_write_its_journal_says_where(tmp_runtime: Path) -> None:
    (tmp_runtime / "data").touch()
    said = subprocess.run(
        paths.self_command("engine"), capture_output=True, text=True, check=False, timeout=60
    )
    assert said.returncode == EXIT_JOURNAL
    assert "cannot be made" in said.stderr and str(tmp_runtime / "data") in said.stderr
    assert "Traceback" not in said.stderr
