"""RETURN (640x360@15, 0.5 Mb/s) and Opus to one more participant, with history, reports and feedback.

The cost of the first ten is taken from that of fifty: what is left is forty times one more receiver. The
receivers are real clients in another process that count and do not decode.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from media.clock import now_us
from media.rtc.fanout import AudioBus, FanOut
from media.rtc.peer import PeerCallbacks, RoomPeer
from tests.bench.measure import Span, figure
from tests.bench.rtc_rig import FPS, SOUND_US, participants, pin, run_loop
from tests.media.rtc_kit import LOOPBACK, clip, tone

FEW, MANY, REPEATS = 10, 50, 5
MEASURE_S = 6.0


async def case(receivers: int) -> dict[str, float]:
    """Return the cost of sending to so many receivers, in CPU-ms per second, and how often all was sent."""
    units = clip("H264", 90, 640, 360, FPS, 500_000)
    at = {"unit": 0}
    fan, bus = FanOut("H264", lambda: at.update(unit=0)), AudioBus()
    peers: list[RoomPeer] = []

    async def answer(offer: str) -> str:
        peer = RoomPeer(addresses=LOOPBACK, callbacks=PeerCallbacks())
        peers.append(peer)
        return await peer.answer(offer)

    async def push() -> None:
        frame_due_us = sound_due_us = now_us()
        sound = 0
        while True:
            while now_us() >= frame_due_us:
                number = at["unit"] % len(units)
                fan.push_video(units[number], frame_due_us, number == 0)
                at["unit"] += 1
                frame_due_us += 1_000_000 // FPS
            while now_us() >= sound_due_us:
                bus.push_audio("shared", tone()[sound % 50], sound_due_us)
                sound += 1
                sound_due_us += SOUND_US
            await asyncio.sleep(0.005)  # as the fan-out pump of the room polls its rings

    async with participants(answer, "sink", receivers):
        for peer in peers:
            fan.add(peer)
            bus.assign_audio(peer, "shared")
        pushing = asyncio.create_task(push())
        await asyncio.sleep(2.0)
        before = sum(peer.video_out.packets + peer.audio_out.packets for peer in peers)
        with Span() as span:
            await asyncio.sleep(MEASURE_S)
        sent = sum(peer.video_out.packets + peer.audio_out.packets for peer in peers) - before
        pushing.cancel()
    for peer in peers:
        await peer.close()
    fan.close()
    return {"ms_per_s": span.cpu_ms_per_s, "packets_per_s": sent / span.wall_s / receivers}


def measured(receivers: int) -> dict[str, float]:
    """Run one case in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_fanout", str(receivers)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    print("fanout", receivers, {name: round(value, 3) for name, value in result.items()}, file=sys.stderr)
    return result


def run() -> Iterable[dict[str, Any]]:
    """Cost of one more receiver."""
    costs = []
    for _ in range(REPEATS):
        few, many = measured(FEW)["ms_per_s"], measured(MANY)["ms_per_s"]
        costs.append((many - few) / (MANY - FEW))
    yield figure("fanout", costs, "ms/s", 1.5, "lower")


if __name__ == "__main__":
    if sys.argv[1:]:
        pin(0)
        print(json.dumps(run_loop(case(int(sys.argv[1])))))
    else:
        for row in run():
            print(json.dumps(row))
