"""The test tone: 1 kHz at -18 dBFS, the level that the meters mark."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.audio.gains import Gain, scaled
from media.bus.layout import BLOCK_SAMPLES, SAMPLE_RATE_HZ

F32 = npt.NDArray[np.float32]

TONE_HZ = 1000
TONE_DB = -18.0
"""RMS, as the bus counts its levels (a sine of full scale has -3 dB)."""

_PERIODS = TONE_HZ * np.arange(BLOCK_SAMPLES) / SAMPLE_RATE_HZ  # twenty whole ones: each block is the same
_BLOCK = (np.sqrt(2.0) * 10.0 ** (TONE_DB / 20.0) * np.sin(2 * np.pi * _PERIODS)).astype(np.float32)


class TestTone:
    """Switches the tone on and off without clicks."""

    __test__ = False  # no test of pytest's

    def __init__(self) -> None:
        self._gain = Gain(0.0)

    def block(self, on: bool) -> F32 | None:
        """The next 20 ms (full scale 1.0); None while it is off."""
        if not on and self._gain.value == 0.0:
            return None
        return scaled(_BLOCK, self._gain.move(1.0 if on else 0.0))
