"""The stream lives while the program is off: slate, nobody there, a failing picture; one connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from media.outputs.aac import AacEncoder
from media.outputs.filesink import RtmpFileSink
from media.outputs.livestream import Destination, Line, Livestream
from media.outputs.rtmp import StreamInfo
from media.outputs.secret import Secret
from media.packet import EncodedPacket
from media.video.compositor import Scene
from media.video.encoder import RETURN_360P15
from media.video.program import ProgramPlan, ProgramThread
from media.video.scenebuild import SceneSource, SceneText, build_scene
from tests.media.program_signal import SMALL, SOUND, judge

SIZE = (SMALL.width_px, SMALL.height_px)


class OnAir:
    """A real program that goes to a real server."""

    def __init__(self, folder: Path, port: int) -> None:
        self.fail: Exception | None = None
        back = replace(RETURN_360P15, width_px=160, height_px=90)
        self.program = ProgramThread(folder, SMALL, back, self._packet)
        info = StreamInfo(SMALL, AacEncoder(SOUND).config)
        self.lines: list[Line] = []
        self.stream: Livestream = Livestream(
            Destination(f"rtmp://127.0.0.1:{port}/live", Secret("k")),
            info,
            self.program.request_air_key,
            on_change=lambda: self.lines.append(self.stream.status().line),
        )

    def _packet(self, packet: EncodedPacket) -> None:
        self.stream.push_video(packet)
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error

    def show(self, scene: Scene) -> None:
        places = {"gone": ("video-gone", 0)}
        self.program.set_plan(ProgramPlan(on_air=scene, air_wanted=True, places=places))

    async def more(self, pictures: int = 45) -> None:
        """Wait until so many more pictures went out."""
        begun = self.stream.status().sent_video
        await until(lambda: self.stream.status().sent_video >= begun + pictures)


async def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 the conditions have no event
            await asyncio.sleep(0.01)


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[RtmpFileSink]:
    server = RtmpFileSink(tmp_path)
    yield server
    await server.stop()


async def test_slate_absent_sources_and_a_failing_picture_keep_the_stream_alive(
    tmp_path: Path, sink: RtmpFileSink, expect_log: Callable[[str], None]
) -> None:
    expect_log("the program failed and begins anew")
    air = OnAir(tmp_path, await sink.start())
    air.show(Scene())
    air.program.start()
    air.stream.start()
    await until(lambda: air.stream.status().line is Line.LIVE)
    air.show(build_scene("slate", [], SIZE, text=SceneText("Mohon tunggu")))
    await air.more()
    air.show(build_scene("single", [SceneSource("gone", "Kecamatan")], SIZE))
    await air.more()
    air.fail = MemoryError("nothing left")
    await until(lambda: air.program.failure is not None)
    await until(lambda: air.program.failure is None)
    await air.more()
    status = air.stream.status()
    assert (status.connects, status.attempts) == (1, 1), "one connection carried it all"
    assert air.lines.count(Line.LIVE) <= 2 and Line.WAITING not in air.lines
    await air.stream.stop()
    await asyncio.to_thread(air.program.stop)
    await until(lambda: not sink.sessions)
    times = judge(sink.files[0].path).times_s
    assert times == sorted(times) and len(times) > 130
