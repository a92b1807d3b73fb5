"""A tapped connection whose packets go to files of their own, and what a decoder finds in these."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av

from media.outputs.isorecorder import IsoEvent, IsoOrder, IsoStream, IsoThread
from tests.media.rtc_kit import Pair, connected


def order(folder: Path) -> IsoOrder:
    """An order for a feed."""
    return IsoOrder("p1", folder, "rapat", "Kecamatan Banjar", "Rapat uji")


@dataclass
class Tapped:
    """A pair, the tap at its room's side, and what the thread told."""

    pair: Pair
    stream: IsoStream
    thread: IsoThread
    events: list[IsoEvent] = field(default_factory=list)

    def told(self, what: str) -> list[IsoEvent]:
        return [event for event in self.events if event.what == what]

    async def finish(self) -> list[Path]:
        """End the recording; returns its files."""
        self.thread.remove(self.stream)
        assert await asyncio.to_thread(self.thread.stop, 10.0)
        return [event.path for event in self.told("ended")]


@asynccontextmanager
async def tapped(folder: Path, codec: str = "H264") -> AsyncIterator[Tapped]:
    """Connect a pair and record what its room's side receives; the picture is still off."""
    events: list[IsoEvent] = []
    async with connected(codec) as pair:
        thread = IsoThread(events.append)
        stream = IsoStream(order(folder), pair.peer.request_key)
        thread.add(stream)
        pair.peer.set_tap(stream)
        try:
            yield Tapped(pair, stream, thread, events)
        finally:
            pair.peer.set_tap(None)
            await asyncio.to_thread(thread.stop, 10.0)


@dataclass(frozen=True)
class Found:
    """What is in a file."""

    codec: str
    size_px: tuple[int, int]
    picture_s: list[float]
    sound_s: list[float]
    chapters: list[tuple[float, str]]
    tags: dict[str, str]
    duration_s: float

    @property
    def longest_gap_s(self) -> float:
        return max(b - a for a, b in itertools.pairwise(self.picture_s))


def judged(path: Path) -> Found:
    """Decode a whole file; raises where something in it does not decode."""
    with av.open(str(path)) as container:
        video = container.streams.video[0] if container.streams.video else None
        chapters = [
            (c["start"] * float(c["time_base"] or 0), c["metadata"]["title"]) for c in container.chapters()
        ]
        codec = video.codec_context.name if video else ""
        size = (video.width, video.height) if video else (0, 0)
        tags, duration = dict(container.metadata), (container.duration or 0) / 1e6
        pictures: list[float] = []
        sounds: list[float] = []
        frame: Any
        for frame in container.decode(*container.streams):
            (pictures if isinstance(frame, av.VideoFrame) else sounds).append(float(frame.time or 0))
    return Found(codec, size, pictures, sounds, chapters, tags, duration)


def complaints(path: Path) -> str:
    """What ffmpeg's own decoder says against a file, stopped by the first error; empty for a clean one."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(path)]
    found = subprocess.run(
        [*command, "-fps_mode", "passthrough", "-f", "null", "-"], capture_output=True, text=True, check=False
    )
    return found.stderr if found.returncode or found.stderr else ""
