"""The whole program path as fast as it can (layout, output, seconds, clips); prints its CPU seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av

from media.outputs.mp4file import HybridMp4
from media.video.compositor import Compositor
from media.video.encoder import AIR_720P30, VideoEncoder
from media.video.i420 import SourceFrame, frame_planes
from media.video.scenebuild import SceneSource, build_scene


class Clip:
    """Decodes one clip in step with the program's clock."""

    def __init__(self, path: str) -> None:
        self._container = av.open(path)
        self._container.streams.video[0].thread_count = 1
        self._frames: Iterator[av.VideoFrame] = iter(self._container.decode(video=0))
        self._next = next(self._frames, None)
        self._seq = 0
        self.shown: SourceFrame | None = None

    def advance(self, at_s: float) -> None:
        """Decode up to the picture that is due."""
        while self._next is not None and (self._next.time or 0.0) <= at_s + 1e-6:
            self._seq += 1
            self.shown = SourceFrame(frame_planes(self._next), self._seq)
            self._next = next(self._frames, None)


def main() -> None:
    begun_s = time.process_time()
    layout, out, seconds, *paths = sys.argv[1:]
    clips = {f"s{i}": Clip(path) for i, path in enumerate(paths)}
    profile = replace(AIR_720P30, threads=1)
    compositor, encoder = Compositor(1280, 720), VideoEncoder(profile)
    compositor.set_scene(build_scene(layout, [SceneSource(key) for key in clips], captions=False))
    file = HybridMp4(Path(out), profile, None)
    for tick in range(int(seconds) * profile.fps):
        for clip in clips.values():
            clip.advance(tick / profile.fps)
        stamp_us = tick * 1_000_000 // profile.fps
        compositor.compose({key: clip.shown for key, clip in clips.items() if clip.shown}, stamp_us)
        for packet in encoder.encode(compositor.frame, stamp_us):
            file.write(packet)
    file.close()
    compositor.close()
    print(time.process_time() - begun_s)


if __name__ == "__main__":
    main()
