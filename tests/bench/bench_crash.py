"""`crash`: kill -9 of the engine amid a recorded and streamed session.

`crash_lost`: what of the program before the kill is not in the file. `crash_picture`: from the kill to the
first picture of the next engine's RETURN, which is what the participants see, that shows the office on air.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import av

from media.bus.reader import PacketReader
from media.video.i420 import frame_planes, to_bgr
from operator_console import protocol as p
from operator_console.engine.keeper import STANDBY_AFTER_S
from tests.bench.air_rig import Session, session
from tests.bench.measure import figure
from tests.end2end.judge import card_of
from tests.faults.fault_kit import kill9, recording_lost_s

OFFICES = 9
KILLS = 5
SPEAKER = 0
READY_S = STANDBY_AFTER_S + 6.0
"""The next engine has been made ready by then, as in any session that has run for more than some seconds."""
POLL_S = 0.005
DEADLINE_S = 30.0


async def seconds_to_picture(bus: Path, generation: int, killed_s: float) -> float:
    """Wait for the speaker in the RETURN of another engine than that of `generation`."""
    reader = PacketReader(bus, p.RING_RETURN_H264)
    decoder = av.CodecContext.create("h264", "r")
    try:
        while time.time() - killed_s < DEADLINE_S:
            reader.refresh()
            packets = reader.read() if reader.generation not in (0, generation) else []
            frames = [frame for packet in packets for frame in decoder.decode(av.Packet(packet.data))]
            if any(card_of(to_bgr(frame_planes(frame))) == SPEAKER for frame in frames):
                return time.time() - killed_s
            await asyncio.sleep(POLL_S)
    finally:
        reader.close()
    raise TimeoutError("the next engine never showed the speaker")


def generation_of(bus: Path) -> int:
    """Random number of the engine that writes RETURN now."""
    reader = PacketReader(bus, p.RING_RETURN_H264)
    try:
        return reader.generation
    finally:
        reader.close()


async def one_kill(running: Session) -> tuple[float, float]:
    """Kill the engine; returns seconds of recording lost and seconds to the new picture."""
    product, console = running.product, running.product.console
    pid, epoch, generation = product.engine_pid, console.epoch, generation_of(console.bus)
    killed_s = await asyncio.to_thread(kill9, pid)
    picture_s = await seconds_to_picture(console.bus, generation, killed_s)
    await console.until("another engine", lambda: console.attached and console.epoch != epoch)
    await console.until("its figures", lambda: product.engine_pid not in (0, pid))
    lost_s = await asyncio.to_thread(recording_lost_s, product, killed_s)
    return lost_s, picture_s


async def measure(kills: int = KILLS) -> list[tuple[float, float]]:
    """Kill one engine after the other in one session."""
    found = []
    async with session(OFFICES) as running:
        await running.product.console.do(p.SetSpotlight(source_id=running.offices.ids[SPEAKER]))
        for _ in range(kills):
            await asyncio.sleep(READY_S)
            found.append(await one_kill(running))
    return found


def run() -> Iterator[dict[str, object]]:
    """Yield the figures."""
    found = asyncio.run(measure())
    yield figure("crash_lost", [lost for lost, _ in found], "s", 1.0, "lower")
    yield figure("crash_picture", [picture for _, picture in found], "s", 2.0, "lower")
