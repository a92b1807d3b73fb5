"""Isolated recordings: what it costs to write received pictures and sound of one feed into its own file.

Thirty feeds (640x360@15 H.264 and Opus, each picture and packet on its own as the receive path hands them on)
for some seconds in real time, against the same without a file. The files are decoded afterwards.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from media.clock import now_us
from media.outputs.isorecorder import IsoEvent, IsoOrder, IsoStream, IsoThread
from tests.bench.measure import Span, figure
from tests.bench.rtc_rig import run_loop
from tests.media.iso_kit import judged
from tests.media.rtc_kit import clip, tone

FEEDS, REPEATS, MEASURE_S = 30, 3, 8.0
FPS, KEY_EACH = 15, 60
SIZE_PX, BPS = (640, 360), 600_000
GOAL_MS_S = 1.5


class NoTap:
    """Takes the same calls and writes nothing."""

    def picture(self, codec: str, unit: bytes, rtp_ts: int, key: bool, stamp_us: int, breaks: int) -> None:
        """Forget it."""

    def sound(self, opus: bytes, rtp_ts: int, stamp_us: int) -> None:
        """Forget it."""


class Clip:
    """What is handed to all feeds, and how far it has come."""

    def __init__(self, taps: list[IsoStream] | list[NoTap]) -> None:
        self._taps = taps
        self._units = clip("H264", KEY_EACH, *SIZE_PX, FPS, BPS)
        self._begin_us, self._sounds, self._pictures = now_us(), 0, 0

    def hand_on(self, at_us: int) -> bool:
        """Hand on what is due; False when the time is over."""
        since_us = at_us - self._begin_us
        while self._sounds * 20_000 <= since_us:
            self._sound(self._begin_us + self._sounds * 20_000)
        while self._pictures * 1_000_000 // FPS <= since_us:
            self._picture(self._begin_us + self._pictures * 1_000_000 // FPS)
        return since_us < MEASURE_S * 1e6

    def _sound(self, stamp_us: int) -> None:
        for tap in self._taps:
            tap.sound(tone()[self._sounds % 50], self._sounds * 960, stamp_us)
        self._sounds += 1

    def _picture(self, stamp_us: int) -> None:
        number, rtp_ts = self._pictures % KEY_EACH, self._pictures * 90_000 // FPS
        for tap in self._taps:
            tap.picture("H264", self._units[number], rtp_ts, number == 0, stamp_us, 0)
        self._pictures += 1


async def fed(taps: list[IsoStream] | list[NoTap]) -> float:
    """Hand all feeds their pictures and sound in real time; CPU-ms per second."""
    handed = Clip(taps)
    with Span() as span:
        while handed.hand_on(now_us()):  # noqa: ASYNC110  it paces itself
            await asyncio.sleep(0.005)
    return span.cpu_ms_per_s


async def written(folder: Path) -> float:
    """The same with a file for each feed."""
    events: list[IsoEvent] = []
    thread = IsoThread(events.append)
    streams = [IsoStream(IsoOrder(f"p{n}", folder, f"p{n}", "", ""), lambda: None) for n in range(FEEDS)]
    for stream in streams:
        thread.add(stream)
    cost = await fed(streams)
    assert await asyncio.to_thread(thread.stop, 20.0)
    ended = [event for event in events if event.what == "ended"]
    assert len(ended) == FEEDS and not any(stream.dropped_video for stream in streams)
    found = judged(ended[0].path)
    assert len(found.picture_s) >= FPS * (MEASURE_S - 1) and found.chapters == []
    return cost


def run() -> Iterable[dict[str, Any]]:
    """Cost of one more feed that is recorded by itself."""
    clip("H264", KEY_EACH, *SIZE_PX, FPS, BPS)
    tone()
    costs = []
    for _ in range(REPEATS):
        without = run_loop(fed([NoTap() for _ in range(FEEDS)]))
        with tempfile.TemporaryDirectory() as folder:
            costs.append((run_loop(written(Path(folder))) - without) / FEEDS)
    yield figure("iso", costs, "ms/s", GOAL_MS_S, "lower")
