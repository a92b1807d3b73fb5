"""How much of a sound is to be heard at all: counts its blocks, and those that are loud enough."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FULL_SCALE = 32768.0


class QuietCount:
    """One thread pushes blocks, others read the counters; neither waits for the other."""

    def __init__(self, limit_db: float = -60.0) -> None:
        self.blocks = 0
        self.loud = 0
        """Blocks whose peak reached the limit."""
        self._limit = 0.0
        self.set_limit(limit_db)

    def set_limit(self, limit_db: float) -> None:
        """From which peak on a block counts as heard (dBFS)."""
        self._limit = float(10.0 ** (limit_db / 20.0)) * FULL_SCALE

    def push(self, block: npt.NDArray[np.int16]) -> None:
        """Take an int16 block."""
        self.blocks += 1
        if max(int(block.max()), -int(block.min())) >= self._limit:
            self.loud += 1
