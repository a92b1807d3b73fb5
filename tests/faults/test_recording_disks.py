"""A disk of the recording is full or does not answer: stream, session and the other path go on."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from operator_console import protocol as p
from operator_console.demo.ingest import NginxIngest
from operator_console.session import facts as f
from tests.end2end.product import Product, running_product
from tests.faults.fault_kit import (
    CANARY,
    DESTINATION,
    decode_errors,
    journaled,
    probed,
    verified,
)
from tests.faults.test_bad_places import may_mount, open_with_picture, small_disk

pytestmark = pytest.mark.timeout(150)
# Without the disk guard: here the disk itself says no.
UNGUARDED = {"disk_reserve_mb": "0", "disk_iso_reserve_mb": "0", "disk_warn_minutes": "0,0,0"}


def path_seen(product: Product, track: int) -> dict[str, Any]:
    """What is observed of one path now."""
    paths = product.console.observed.get("recorder", {}).get("paths", [])
    return next((one for one in paths if one["track"] == track), {})


async def recorded(product: Product, track: int, seconds: float) -> None:
    def enough() -> bool:
        seen = path_seen(product, track)
        return bool(seen.get("phase") == "started" and seen.get("seconds", 0) >= seconds)

    await product.console.until(f"{seconds} s on path {track}", enough, 60)


@contextlib.asynccontextmanager
async def streamed(product: Product) -> AsyncIterator[NginxIngest]:
    """Stream to a real nginx-rtmp."""
    ingest = NginxIngest(product.top / "ingest")
    await asyncio.to_thread(ingest.start)
    try:
        live = p.StartLivestream(destination_id=DESTINATION, name="Dinas", url=ingest.url, key=CANARY)
        await product.console.do(live)
        await product.console.until("on air", lambda: on_air(product))
        yield ingest
    finally:
        await asyncio.to_thread(ingest.stop)


def on_air(product: Product) -> bool:
    stream = product.console.state.livestreams.get(DESTINATION)
    return stream is not None and stream.on_air


@contextlib.contextmanager
def a_file_that_may_not_grow(product: Product, path: Path) -> Iterator[None]:
    """Where no small file system can be made: a limit that the first, larger file meets before the second."""
    limit, engine = path.stat().st_size + 100_000, psutil.Process(product.engine_pid)
    before = engine.rlimit(resource.RLIMIT_FSIZE)
    engine.rlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    yield
    engine.rlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_first_disk_costs_neither_stream_nor_session_nor_the_second_path(
    tmp_runtime: Path,
) -> None:
    small = small_disk(tmp_runtime / "recordings") if may_mount() else contextlib.nullcontext()
    with small:
        async with running_product(tmp_runtime, **UNGUARDED) as product:
            product.expected += [
                r"failed: The (disk is full|file has reached)",
                r"next segment",
                r"no more room",
            ]
            await full_disk(product)


async def full_disk(product: Product) -> None:
    console, second = product.console, product.top / "second"
    await open_with_picture(product)
    async with streamed(product) as ingest:
        await console.do(p.StartRecording())
        await recorded(product, 0, 1.0)
        # A second folder counts at once, also in the middle of a recording.
        await console.do(p.SetSetting(name="second_recording_dir", value=str(second)))
        await recorded(product, 1, 0.5)
        assert console.state.recording is not None
        first = Path(console.state.recording.path)

        def failed() -> bool:
            recording = console.state.recording
            return recording is not None and recording.phase == "failed" and bool(recording.code)

        held = contextlib.nullcontext() if may_mount() else a_file_that_may_not_grow(product, first)
        with held:
            await console.until("the first disk takes no more", failed, 60)
        failures = [r.body for r in journaled(product) if isinstance(r.body, f.RecordingFailed)]
        assert {one.code for one in failures} <= {"disk_full", "file_too_large"} and failures
        engine, received = product.engine_pid, sum(one.stat().st_size for one in ingest.received_files())
        await recorded(product, 1, path_seen(product, 1)["seconds"] + 3.0)
        assert console.state.second_recording is not None and console.state.second_recording.wanted
        assert on_air(product) and product.engine_pid == engine
        assert sum(one.stat().st_size for one in ingest.received_files()) > received + 100_000
        await console.do(p.MarkChapter(title="Berlanjut"))
        dropped = path_seen(product, 1)["dropped"]
        await console.do(p.StopRecording())
        await console.do(p.StopLivestream(destination_id=DESTINATION))
    found = await asyncio.to_thread(probed, first)
    assert found.streams == ("aac", "h264") and found.video_s > 1.0
    assert await asyncio.to_thread(decode_errors, first) == ""
    (kept,) = second.glob("*.mp4")
    whole = await asyncio.to_thread(probed, kept)
    assert whole.video_s > 3.0 and await asyncio.to_thread(decode_errors, kept) == ""
    assert dropped == 0, "the failure is not seen in the second file"
    assert verified(product).ok


def freeze(folder: Path, how: str) -> None:
    """Stop a file system dead, or let it go (again: no error)."""
    subprocess.run(["fsfreeze", how, str(folder)], check=how == "--freeze", capture_output=True)


@contextlib.contextmanager
def disk_that_freezes(folder: Path, image: Path) -> Iterator[None]:
    """A real file system on a loop device, which `fsfreeze` can stop dead."""
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(64 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    subprocess.run(["mount", "-o", "loop", str(image), str(folder)], check=True)
    try:
        yield
    finally:
        freeze(folder, "--unfreeze")
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def frozen_disk(product: Product, second: Path) -> Path:
    """Freeze the second disk amid a recording and stop it; returns the first file."""
    console = product.console
    await open_with_picture(product)
    await console.do(p.StartRecording())
    await recorded(product, 1, 2.0)
    assert console.state.recording is not None
    first = Path(console.state.recording.path)
    await asyncio.to_thread(freeze, second, "--freeze")
    await console.until("the hang is seen", lambda: path_seen(product, 1).get("code") == "disk_stuck", 30)
    slowest_s = 0.0
    for number in range(10):
        begun_s = time.monotonic()
        await console.do(p.MarkChapter(title=f"Bab {number}"))
        slowest_s = max(slowest_s, time.monotonic() - begun_s)
        await asyncio.sleep(0.2)
    assert slowest_s < 2.0, "the engine answers as ever"
    await recorded(product, 0, path_seen(product, 0)["seconds"] + 2.0)
    seen = path_seen(product, 0)
    assert (seen["code"], seen["dropped"]) == ("", 0) and seen["verified_ago_s"] < 10
    assert seen["waiting_bytes"] < 2_000_000, "the first disk gets everything at once"
    begun_s = time.monotonic()
    await console.do(p.StopRecording())
    assert time.monotonic() - begun_s < 8.0
    assert str(console.state.recording.phase) == "stopped"
    await console.until("the end of the second", lambda: not console.state.recording_wanted, 30)
    assert console.state.second_recording is not None
    assert console.state.second_recording.code == "disk_stuck"
    return first


if may_mount():  # elsewhere the hung disk of tests/unit/disk_kit.py stands for it

    async def test_a_second_disk_that_stops_dead_never_holds_the_first(tmp_runtime: Path) -> None:
        second = tmp_runtime / "second"
        with disk_that_freezes(second, tmp_runtime / "disk.img"):
            async with running_product(tmp_runtime, second_recording_dir=str(second), **UNGUARDED) as product:
                product.expected += [r"recording .* failed: ", r"sync failed"]
                try:
                    first = await frozen_disk(product, second)
                finally:
                    await asyncio.to_thread(freeze, second, "--unfreeze")
                assert await asyncio.to_thread(decode_errors, first) == ""
                assert verified(product).ok
