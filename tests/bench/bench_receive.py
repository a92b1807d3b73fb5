"""Receive and decode participants' tiles (320x180@15 and Opus): ours, and stock aiortc in the same run.

Each case is a process pinned to one core; the participants are another one, which after a real ICE and DTLS
handshake only encrypts and sends. A picture is late when it is decoded more than a frame and 67 ms after it
was sent. Feeds a core: the most of some steps with at most 1 % late.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import av

from media.clock import now_us
from media.rtc.peer import PeerCallbacks, RoomPeer
from tests.bench.measure import Span, figure
from tests.bench.rtc_rig import (
    FPS,
    FRAME_US,
    StockPeer,
    let_stock_use_loopback,
    participants,
    pin,
    run_loop,
)
from tests.media.rtc_kit import LOOPBACK

FEEDS, REPEATS = 30, 3
OUR_STEPS, STOCK_STEPS = (60, 80, 100, 122), (30, 40, 50)
WARM_UP_S, MEASURE_S = 2.0, 6.0
LATE_US = FRAME_US + 67_000


class Receiver:
    """All the feeds of one case."""

    def __init__(self, side: str, codec: str) -> None:
        self.side, self.codec = side, codec
        self.peers: list[RoomPeer | StockPeer] = []
        self.ages_us: list[int] = []
        self.sounds = 0

    async def answer(self, offer: str) -> str:
        peer: RoomPeer | StockPeer
        if self.side == "stock":
            peer = StockPeer(self._on_picture, self._on_sound)
        else:
            callbacks = PeerCallbacks(on_video=self._on_video, on_audio=lambda pcm, ts, at: self._on_sound())
            peer = RoomPeer(prefer_codec=self.codec, addresses=LOOPBACK, callbacks=callbacks)
        self.peers.append(peer)
        return await peer.answer(offer)

    def _on_video(self, frame: av.VideoFrame, stamp_us: int) -> None:
        self._on_picture(frame.pts or 0)

    def _on_picture(self, rtp_ts: int) -> None:
        self.ages_us.append(((now_us() * 9 // 100 - rtp_ts) & 0xFFFFFFFF) * 100 // 9)

    def _on_sound(self) -> None:
        self.sounds += 1


async def case(side: str, codec: str, feeds: int) -> dict[str, float]:
    """Return cost and lateness of `feeds` feeds in this process."""
    let_stock_use_loopback()
    receiver = Receiver(side, codec)
    async with participants(receiver.answer, "send", codec, feeds):
        await asyncio.sleep(WARM_UP_S)
        receiver.ages_us.clear()
        receiver.sounds = 0
        with Span() as span:
            await asyncio.sleep(MEASURE_S)
        ages, sounds = sorted(receiver.ages_us), receiver.sounds
    for peer in receiver.peers:
        await peer.close()
    expected = feeds * FPS * span.wall_s
    # What never came is as late as can be.
    late = sum(age > LATE_US for age in ages) + max(0.0, expected - len(ages))
    return {
        "ms_per_s": span.cpu_ms_per_s / feeds,
        "late": late / expected,
        "p50_ms": ages[len(ages) // 2] / 1000,
        "p99_ms": ages[len(ages) * 99 // 100] / 1000,
        "sounds_per_s": sounds / feeds / span.wall_s,
    }


def measured(side: str, codec: str, feeds: int) -> dict[str, float]:
    """Run one case in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_receive", side, codec, str(feeds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    print(side, codec, feeds, {name: round(value, 3) for name, value in result.items()}, file=sys.stderr)
    return result


def most_feeds(side: str, steps: tuple[int, ...]) -> int:
    """Return the largest step with at most 1 % late."""
    best = 0
    for feeds in steps:
        if measured(side, "H264", feeds)["late"] > 0.01:
            break
        best = feeds
    return best


def run() -> Iterable[dict[str, Any]]:
    """Cost of a feed in H.264 and VP8, and feeds a core."""
    for name, codec in (("receive", "H264"), ("receive_vp8", "VP8")):
        ours, stock = [], []
        for _ in range(REPEATS):
            ours.append(measured("ours", codec, FEEDS)["ms_per_s"])
            stock.append(measured("stock", codec, FEEDS)["ms_per_s"])
        yield figure(name, ours, "ms/s", 9, "lower", peer="aiortc stock", peer_values=stock)
    ours_most, stock_most = most_feeds("ours", OUR_STEPS), most_feeds("stock", STOCK_STEPS)
    yield figure(
        "receive_feeds_per_core",
        [ours_most],
        "feeds",
        100,
        "higher",
        peer="aiortc stock",
        peer_values=[stock_most],
    )


if __name__ == "__main__":
    if sys.argv[1:]:
        pin(0)
        print(json.dumps(run_loop(case(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
    else:
        for row in run():
            print(json.dumps(row))
