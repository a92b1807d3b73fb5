"""Composing alone: tiles at 15 fps, half of them new at each of 30 ticks a second.

Each source goes round through three pictures, as it does in the buffers of its bus slot.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from media.video.compositor import Compositor
from media.video.i420 import Planes, SourceFrame, new_frame
from media.video.scenebuild import SceneSource, build_scene
from tests.bench.clips import SPOTLIGHT, TILE, pictures
from tests.bench.measure import figure

RUNS = 5
SECONDS = 10
BUFFERS = 3
FPS = 30
CASES = (
    ("compose_720p_4x4", "grid_4", (1280, 720), 4.0),
    ("compose_720p_7x7", "grid_7", (1280, 720), 40.0),
    ("compose_720p_strip", "spotlight_strip", (1280, 720), 40.0),
    ("compose_1080p_7x7", "grid_7", (1920, 1080), 70.0),
)


class Case:
    """One layout with its sources' pictures ready in memory."""

    def __init__(
        self, layout: str, size: tuple[int, int], tiles: list[list[Planes]], main: list[Planes]
    ) -> None:
        self.compositor = Compositor(*size)
        self.layout = layout
        self._tiles, self._main = tiles, main
        count = {"grid_4": 16, "grid_7": 49, "spotlight_strip": 7}[layout]
        self._keys = [f"s{i}" for i in range(count)]
        sources = [SceneSource(key) for key in self._keys]
        self.compositor.set_scene(build_scene(layout, sources, size, captions=False))
        self._frames: dict[str, SourceFrame] = {}
        for tick in range(4):
            self.tick(tick)

    def tick(self, tick: int) -> None:
        for index, key in enumerate(self._keys):
            if self.layout == "spotlight_strip" and index == 0:
                self._frames[key] = SourceFrame(self._main[tick % BUFFERS], tick + 1)
            elif (tick + index) % 2 == 0:
                clip = self._tiles[index]
                self._frames[key] = SourceFrame(clip[tick % BUFFERS], tick + 1)
        self.compositor.compose(self._frames, tick * 1_000_000 // FPS)

    def measure_ms_per_s(self) -> float:
        begun = time.process_time()
        for tick in range(SECONDS * FPS):
            self.tick(tick + 4)
        return (time.process_time() - begun) * 1000 / SECONDS


def copying_ms_per_s(size: tuple[int, int]) -> float:
    """The lower limit: the canvas copied once a tick."""
    (_, source), (_, target) = new_frame(*size), new_frame(*size)
    begun = time.process_time()
    for _ in range(SECONDS * FPS):
        target.copy_from(source)
    return (time.process_time() - begun) * 1000 / SECONDS


def run() -> Iterable[dict[str, object]]:
    """Each layout, the median of five runs."""
    tiles = [pictures(number, TILE, BUFFERS / TILE.fps) for number in range(49)]
    main = pictures(20, SPOTLIGHT, BUFFERS / SPOTLIGHT.fps)
    for name, layout, size, goal in CASES:
        case = Case(layout, size, tiles, main)
        values = [case.measure_ms_per_s() for _ in range(RUNS)]
        limits = [copying_ms_per_s(size) for _ in range(RUNS)]
        yield figure(name, values, "ms/s", goal, "lower", peer="copy of the canvas", peer_values=limits)
        case.compositor.close()
