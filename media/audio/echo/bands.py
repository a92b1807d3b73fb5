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
_TILE = 16
"""Low samples made at once: a product over tiles that overlap is faster than sample by sample."""
_TILES = LOW_BLOCK // _TILE


def _lowering() -> F32:
    """Matrix from the samples that a tile of low samples looks at to these."""
    matrix = np.zeros((FACTOR * (_TILE - 1) + _TAPS, _TILE), np.float32)
    for column in range(_TILE):
        matrix[FACTOR * column : FACTOR * column + _TAPS, column] = LOW_PASS
    return matrix


def _raising() -> F32:
    """Matrix from the low samples that a tile looks at to FACTOR times as many samples."""
    matrix = np.zeros((_TILE + _LOW_HISTORY, _TILE, FACTOR), np.float32)
    for phase in range(FACTOR):
        taps = FACTOR * LOW_PASS[phase::FACTOR][::-1]
        for at in range(_TILE):
            end = at + _LOW_HISTORY + 1
            matrix[end - len(taps) : end, at, phase] = taps
    return matrix.reshape(_TILE + _LOW_HISTORY, _TILE * FACTOR)


_LOWERING, _RAISING = _lowering(), _raising()


class Lowered:
    """48 kHz to 16 kHz, block by block; delays by half the taps."""

    def __init__(self) -> None:
        self._line = np.zeros(_HISTORY + BLOCK, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._line, len(_LOWERING))
        self._tiles = windows[:: FACTOR * _TILE][:_TILES]
        self._copied = np.empty(self._tiles.shape, np.float32)

    def push(self, block: F32) -> F32:
        """Return 160 low samples for 480."""
        self._line[:_HISTORY] = self._line[BLOCK:]
        self._line[_HISTORY:] = block
        np.copyto(self._copied, self._tiles)
        low: F32 = (self._copied @ _LOWERING).reshape(-1)
        return low


class Raised:
    """16 kHz to 48 kHz, block by block; delays by half the taps."""

    def __init__(self) -> None:
        self._line = np.zeros(_LOW_HISTORY + LOW_BLOCK, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(self._line, len(_RAISING))
        self._tiles = windows[::_TILE][:_TILES]
        self._copied = np.empty(self._tiles.shape, np.float32)

    def push(self, low: F32) -> F32:
        """Return 480 samples for 160 low ones."""
        self._line[:_LOW_HISTORY] = self._line[LOW_BLOCK:]
        self._line[_LOW_HISTORY:] = low
        np.copyto(self._copied, self._tiles)
        high: F32 = (self._copied @ _RAISING).reshape(-1)
        return high


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
