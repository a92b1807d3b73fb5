"""Splits 48 kHz sound into a 16 kHz part, where echo is cancelled, and the rest above 8 kHz."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

BLOCK = 480
"""Samples of one step at 48 kHz: 10 ms."""
LOW_BLOCK = 160
"""The same 10 ms at 16 kHz."""
LOW_RATE_HZ = 16_000
FACTOR = 3
_TAPS = 85
_HISTORY = _TAPS - 1
SPLIT_SAMPLES = _TAPS - 1
"""Delay of going down and up again: half the taps each, 1.75 ms. A multiple of 3."""
_LOW_HISTORY = _HISTORY // FACTOR


def _low_pass() -> F32:
    """Kaiser low pass, flat to 7 kHz, -60 dB from 9 kHz: what folds back lies between 7 and 8 kHz."""
    at = np.arange(_TAPS) - _TAPS // 2
    taps = np.sinc(at / FACTOR) * np.kaiser(_TAPS, 5.6)
    low_pass: F32 = (taps / taps.sum()).astype(np.float32)
    return low_pass


LOW_PASS = _low_pass()
# A low sample becomes three samples, a column for each; rows run over _LOW_HISTORY + 1 low samples.
_RAISE = np.zeros((_LOW_HISTORY + 1, FACTOR), np.float32)
for _phase in range(FACTOR):
    _column = FACTOR * LOW_PASS[_phase::FACTOR][::-1]
    _RAISE[_LOW_HISTORY + 1 - len(_column) :, _phase] = _column


class Lowered:
    """48 kHz to 16 kHz, block by block; delays by half the taps."""

    def __init__(self) -> None:
        self._line = np.zeros(_HISTORY + BLOCK, np.float32)
        # Row n holds the taps' window that ends at sample 3n of the block.
        self._windows = np.lib.stride_tricks.sliding_window_view(self._line, _TAPS)[::FACTOR][:LOW_BLOCK]

    def push(self, block: F32) -> F32:
        """Return 160 low samples for 480."""
        self._line[:_HISTORY] = self._line[BLOCK:]
        self._line[_HISTORY:] = block
        low: F32 = self._windows @ LOW_PASS
        return low


class Raised:
    """16 kHz to 48 kHz, block by block; delays by half the taps."""

    def __init__(self) -> None:
        self._line = np.zeros(_LOW_HISTORY + LOW_BLOCK, np.float32)
        self._windows = np.lib.stride_tricks.sliding_window_view(self._line, _LOW_HISTORY + 1)

    def push(self, low: F32) -> F32:
        """Return 480 samples for 160 low ones."""
        self._line[:_LOW_HISTORY] = self._line[LOW_BLOCK:]
        self._line[_LOW_HISTORY:] = low
        return (self._windows @ _RAISE).reshape(-1)


class Delayed:
    """Gives back what it got, some samples later."""

    def __init__(self, samples: int, block: int) -> None:
        self._line = np.zeros(samples + block, np.float32)
        self._block = block

    def push(self, block: F32) -> F32:
        """Return the block of as many samples ago (a copy)."""
        self._line[: -self._block] = self._line[self._block :].copy()
        self._line[-self._block :] = block
        return self._line[: self._block].copy()
