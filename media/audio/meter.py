"""Level of a sound over the time between two looks, and whether it is digital silence."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

SILENT_DB = -120.0
SILENT_AFTER_S = 3.0
"""An input of nothing but zeros for this long is not connected, switched off, or not the one it was."""


class Meter:
    """Loudest block since the last look, in dBFS; one thread pushes, another looks."""

    def __init__(self) -> None:
        self._loudest = 0.0
        self.silent_samples = 0
        """Zeros since the last sample that was none."""

    def push(self, block: npt.NDArray[np.float32]) -> None:
        """Take a block (full scale 1.0)."""
        power = float(block @ block)
        if power == 0.0:
            self.silent_samples += len(block)
            return
        self.silent_samples = 0
        self._loudest = max(self._loudest, power / len(block))

    def look(self) -> float:
        """Level since the last call."""
        loudest, self._loudest = self._loudest, 0.0
        return max(SILENT_DB, round(10.0 * math.log10(loudest), 1)) if loudest > 0.0 else SILENT_DB
