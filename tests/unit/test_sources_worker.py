"""The source worker as a real process, attached to a fake engine over a real WebSocket."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from media.audio.voice import speak, voice
from media.bus.reader import AudioReader, VideoReader
from operator_console import protocol as p
from operator_console.paths import bus_dir, runtime_dir
from operator_console.sources.crashes import LIMIT, CrashCount
from tests.fake_engine import FakeEngine
from tests.media.audio_kit import find_lag

SHOWN = p.Want(width_px=640, height_px=360, fps=25, tile_width_px=320, tile_height_px=180, picture=True)


@asynccontextmanager
async def worker(kind: str, address: str = "") -> AsyncIterator[tuple[FakeEngine, subprocess.Popen[bytes]]]:
    """A fake engine and a worker of source s1; both are gone afterwards."""
    engine = FakeEngine(runtime_dir())
    await engine.start()
    process = start(kind, address)
    try:
        yield engine, process
    finally:
        if process.poll() is None:
            process.kill()
        await asyncio.to_thread(process.wait, 5)
        await engine.stop()


def start(kind: str, address: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "operator_console", "source", "--id", "s1", "--kind", kind]
    return subprocess.Popen(
        [*command, "--name", "Ruang rapat", *(["--address", address] if address else [])],
        stderr=subprocess.DEVNULL,
    )


async def reported(engine: FakeEngine, state: str, timeout_s: float = 15.0) -> p.SourceReport:
    return await engine.wait_for(p.SourceReport, lambda report: report.state == state, timeout_s)


async def until(true: Callable[[], object], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.02)


async def test_a_testcard_is_seen_and_heard_and_ends_on_request(tmp_runtime: Path) -> None:
    async with worker("testcard", "hall") as (engine, process):
        await engine.want(s1=SHOWN)
        report = await engine.wait_for(
            p.SourceReport, lambda r: bool(r.place and r.place.video and r.place.audio), 15.0
        )
        assert report.place is not None
        assert report.place.video == ("video-s1", 0)
        assert report.place.tile == ("video-s1", 1)
        assert report.place.audio == ("audio-s1", 0)
        video, audio = VideoReader(bus_dir(), "video-s1"), AudioReader(bus_dir(), "audio-s1")
        seen = video.seq(0)
        await until(lambda: video.seq(0) > seen + 20 and video.seq(1) > 10)
        picture = video.picture(0)
        assert picture is not None
        assert (picture.width_px, picture.height_px) == (640, 360)
        await asyncio.sleep(0.6)
        head = audio.head(0)
        blocks = [audio.read(0, index) for index in range(head - 40, head)]
        heard = np.concatenate([block.samples for block in blocks if block is not None])
        assert find_lag(speak(voice(40), 12.0), heard)[1] > 0.9
        del picture
        video.close()
        audio.close()
        await engine.send(p.EndWorker())
        assert await asyncio.to_thread(process.wait, 10) == 0
    assert not list(bus_dir().glob("*.seg"))


async def test_killed_and_started_again_it_is_found_again(tmp_runtime: Path) -> None:
    async with worker("testcard") as (engine, process):
        await engine.want(s1=SHOWN)
        await reported(engine, "running")
        video = VideoReader(bus_dir(), "video-s1")
        await until(lambda: video.seq(0) > 0)
        before = video.generation
        process.kill()
        process.wait(5)
        engine.forget()
        again = start("testcard")
        try:
            await reported(engine, "running")
            await until(lambda: video.refresh() or video.generation != before)
            await until(lambda: video.seq(0) > 5)
            again.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(again.wait, 10) == 0
        finally:
            again.kill()
            again.wait(5)
            video.close()


async def test_a_new_engine_learns_what_the_worker_feeds(tmp_runtime: Path) -> None:
    async with worker("testcard") as (engine, _):
        await reported(engine, "running")
        await engine.stop()
        engine.forget()
        await engine.start()
        hello = await engine.wait_for(p.WorkerHello)
        assert hello.media["s1"].video == ("video-s1", 0)
        assert (await reported(engine, "running")).place is not None


async def test_a_broken_file_ends_in_failed_with_a_sentence(tmp_runtime: Path) -> None:
    rng = np.random.default_rng(11)
    broken = tmp_runtime / "rusak.mp4"
    broken.write_bytes(rng.integers(0, 256, 200_000, np.uint8).tobytes())
    async with worker("file", str(broken)) as (engine, process):
        report = await reported(engine, "failed")
        assert (report.code, report.args) == ("file_unreadable", {"file": "rusak.mp4"})
        assert report.place is None
        await asyncio.sleep(3.0)
        assert process.poll() is None, "it stands by, it does not crash"
        failed = [r for r in engine.heard if isinstance(r, p.SourceReport)]
        assert {r.state for r in failed} <= {"starting", "failed"}
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 10) == 0


async def test_a_missing_camera_and_a_missing_microphone_are_said_plainly(tmp_runtime: Path) -> None:
    codes = {"camera": {"camera_closed"}, "microphone": {"microphone_missing", "no_sound_library"}}
    for kind, possible in codes.items():
        async with worker(kind, "97") as (engine, _):
            report = await reported(engine, "failed")
            assert report.code in possible


async def test_a_file_that_appears_later_is_opened(tmp_runtime: Path) -> None:
    wave = tmp_runtime / "pidato.wav"
    async with worker("file", str(wave)) as (engine, _):
        assert (await reported(engine, "failed")).code == "file_missing"
        write_wave(wave, 2.0)
        report = await reported(engine, "running")
        assert report.place is not None
        assert report.place.audio == ("audio-s1", 0)
        assert report.place.video is None


async def test_three_crashes_and_it_is_not_opened_again(tmp_runtime: Path) -> None:
    for _ in range(LIMIT):
        CrashCount(runtime_dir(), "s1", "testcard hall").begin()
    async with worker("testcard", "hall") as (engine, _):
        assert (await reported(engine, "failed")).code == "crashed"
        assert not list(bus_dir().glob("video-s1*.seg"))


def write_wave(path: Path, seconds: float) -> None:
    import wave

    with wave.open(str(path.with_suffix(".part")), "wb") as out:
        out.setparams((1, 2, 48_000, 0, "NONE", ""))
        out.writeframes(speak(voice(1), seconds).tobytes())
    path.with_suffix(".part").rename(path)
