"""The last samples of a signal, in a ring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


class Past:
    """Keeps as many samples as it was made for, at first zeros; a whole number of blocks must fill it."""

    def __init__(self, samples: int) -> None:
        self._ring = np.zeros(samples, np.float32)
        self._end = 0

    def push(self, block: F32) -> None:
        """Take the next block; the oldest one goes."""
        self._ring[self._end : self._end + len(block)] = block
        self._end = (self._end + len(block)) % len(self._ring)

    def samples(self) -> F32:
        """All that is kept, oldest first (a copy)."""
        return np.concatenate((self._ring[self._end :], self._ring[: self._end]))
