"""`switch`: from the want of a spotlight to its first picture of 1280x720 on the bus, in a real Chromium."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from media.bus.reader import VideoReader
from operator_console.paths import runtime_dir
from tests.bench.browser_rig import browser_room
from tests.bench.measure import figure
from tests.fake_engine import SPOTLIGHT, TILE
from tests.media.rtc_kit import until

SWITCHES = 9
POLL_S = 0.002
DEADLINE_S = 10.0


async def measure(codec: str) -> list[float]:
    """Switch up and down again; only the way up is measured."""
    taken: list[float] = []
    async with browser_room(codec) as room:
        await room.guest()
        reader = VideoReader(runtime_dir() / "bus", "video-room0")
        for _ in range(SWITCHES):
            await room.engine.want(p1=TILE)
            await until(lambda: reader.picture(0) is None and _width(reader, 1) == 320, 10)
            await asyncio.sleep(1.0)
            began = time.perf_counter()
            await room.engine.want(p1=SPOTLIGHT)
            while _width(reader, 0) != 1280:
                if time.perf_counter() - began > DEADLINE_S:
                    raise TimeoutError("the spotlight never came")
                await asyncio.sleep(POLL_S)
            taken.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.5)
        reader.close()
    return taken


def _width(reader: VideoReader, slot: int) -> int:
    picture = reader.picture(slot)
    return picture.width_px if picture is not None else 0


def run() -> Iterator[dict[str, object]]:
    """Yield the figures."""
    yield figure("switch", asyncio.run(measure("H264")), "ms", 200, "lower")
    yield figure("switch vp8", asyncio.run(measure("VP8")), "ms", 200, "lower")
