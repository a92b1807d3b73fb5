"""The reference (what the loudspeaker plays), read on the clock of the microphone.

A windowed-sinc reader walks through the far signal at 1 + ppm/1e6 times the speed of the capture clock.
soxr's variable-rate stream was measured too: it holds back 240 samples (5 ms) at 48 kHz, which an echo after
20 ms does not leave when the clocks run apart for a minute; this one needs 1 ms and says exactly where it is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.audio.echo.bands import LOW_BLOCK

F32 = npt.NDArray[np.float32]

PPM_MAX = 500.0
BLOCKS = 256
"""Blocks of 10 ms that stay readable."""
_HALF = 16
LOOK_AHEAD = _HALF
"""Low samples by which the newest block trails the newest far sample."""
_SPAN = LOW_BLOCK + 2 * _HALF - 1
_INPUT = 4 * LOW_BLOCK
_FINE, _BEYOND = 256, 24
"""Steps of a sample for which taps are kept, and how many of them below 0 and above 1: PPM_MAX in a block."""


def _kernels() -> F32:
    """Taps that read a fraction of a sample after their middle, a row for each; exact at 0."""
    fractions = np.arange(-_BEYOND, _FINE + _BEYOND + 1) / _FINE
    at = np.arange(2 * _HALF) - (_HALF - 1) - fractions[:, None]
    turn = at * (np.pi / _HALF)
    window = 0.42 + 0.5 * np.cos(turn) + 0.08 * np.cos(2 * turn)  # Blackman, moved along
    return (np.sinc(at) * window).astype(np.float32)


_KERNELS = _kernels()


def _kernel(fraction: float) -> F32:
    """Taps for a fraction from just below 0 to just above 1, between those of the table."""
    at = fraction * _FINE + _BEYOND
    below = min(max(int(at), 0), len(_KERNELS) - 2)
    taps: F32 = _KERNELS[below] + np.float32(at - below) * (_KERNELS[below + 1] - _KERNELS[below])
    return taps


class Reference:
    """Blocks of the far signal, resampled; the newest has the age 0."""

    def __init__(self) -> None:
        self.ppm = 0.0
        """How much faster than the capture clock the loudspeaker's clock runs."""
        self._advance = 0.0
        self._advances = np.zeros(BLOCKS)
        self._input = np.zeros(_INPUT, np.float32)
        self._behind = float(_SPAN - LOW_BLOCK)
        self._ring = np.zeros((BLOCKS, LOW_BLOCK), np.float32)
        self._newest = 0
        self._ramp = np.linspace(0.0, 1.0, LOW_BLOCK, endpoint=False, dtype=np.float32)

    def push(self, far: F32) -> int:
        """Take 160 low samples of the far signal; return how many blocks that made: mostly 1, else 0 or 2."""
        self._input[:-LOW_BLOCK] = self._input[LOW_BLOCK:].copy()
        self._input[-LOW_BLOCK:] = far
        self._behind += LOW_BLOCK
        made = 0
        while self._behind >= _SPAN:
            self._newest = (self._newest + 1) % BLOCKS
            self._advances[self._newest] = self._advance
            self._ring[self._newest] = self._read()
            made += 1
        return made

    def _read(self) -> F32:
        """The next block; where the speed differs from 1, blended from its first to its last position."""
        step = LOW_BLOCK * (1.0 + self.ppm * 1e-6)
        start = _INPUT - self._behind
        whole = int(start)
        begin, end = start - whole, start - whole + step - LOW_BLOCK
        span = self._input[whole : whole + _SPAN]
        self._behind -= step
        self._advance += step - LOW_BLOCK
        if begin == 0.0 and end == 0.0:
            return span[_HALF - 1 : _HALF - 1 + LOW_BLOCK]
        first = np.correlate(span, _kernel(begin), "valid")
        blended: F32 = first + self._ramp * (np.correlate(span, _kernel(end), "valid") - first)
        return blended

    def block(self, age: int) -> F32:
        """The block of this age (0 = newest)."""
        newest: F32 = self._ring[(self._newest - age) % BLOCKS]
        return newest

    def advance(self, age: int) -> float:
        """Low samples that the reader had gained on one without resampling, at the block of this age."""
        return float(self._advances[(self._newest - age) % BLOCKS])

    def blocks(self, oldest: int, count: int) -> F32:
        """`count` blocks in a row from this age on, joined, oldest first."""
        at = (self._newest - oldest + np.arange(count)) % BLOCKS
        return self._ring[at].reshape(-1)
