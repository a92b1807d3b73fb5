"""Frames handed between the callback of a sound device and one other thread, neither of which ever waits."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

I16 = npt.NDArray[np.int16]

SAMPLE_BYTES = 2


class FrameRing:
    """A ring of int16 frames with one writer and one reader; all of its memory is taken at the start.

    ``written`` and ``read`` count frames for ever; each is changed by one side only, after its copy.
    """

    def __init__(self, frames: int, channels: int) -> None:
        self.frames, self.channels = frames, channels
        self._frame_bytes = channels * SAMPLE_BYTES
        self._view = memoryview(bytearray(frames * self._frame_bytes))
        self.written = 0
        self.read = 0
        self.missed = 0
        """Frames that were asked for and not there."""

    @property
    def level(self) -> int:
        """Frames that wait."""
        return self.written - self.read

    def put(self, data: Any, frames: int) -> bool:
        """Copy `frames` frames in; False (and nothing copied) where they do not fit."""
        if frames > self.frames - self.level:
            return False
        source, size = memoryview(data).cast("B"), frames * self._frame_bytes
        start = self.written % self.frames * self._frame_bytes
        first = min(size, len(self._view) - start)
        self._view[start : start + first] = source[:first]
        if first < size:
            self._view[: size - first] = source[first:size]
        self.written += frames
        return True

    def take_into(self, target: Any, frames: int) -> int:
        """Copy up to `frames` frames out, then silence; returns how many there were."""
        sink = memoryview(target).cast("B")
        there = min(frames, self.level)
        size = there * self._frame_bytes
        start = self.read % self.frames * self._frame_bytes
        first = min(size, len(self._view) - start)
        sink[:first] = self._view[start : start + first]
        if first < size:
            sink[first:size] = self._view[: size - first]
        if there < frames:
            self.missed += frames - there
            sink[size : frames * self._frame_bytes] = bytes((frames - there) * self._frame_bytes)
        self.read += there
        return there

    def take(self, most: int) -> I16:
        """Copy up to `most` frames out; int16 of shape (n, channels)."""
        frames = min(most, self.level)
        out = np.empty((frames, self.channels), np.int16)
        if frames:
            self.take_into(out, frames)
        return out

    def drop(self, frames: int) -> None:
        """Leave out the oldest frames."""
        self.read += min(frames, self.level)
