"""Compares the echo path with a frozen copy of the filter: does its delay slide, or jump?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.audio.echo.bands import LOW_BLOCK, LOW_RATE_HZ
from media.audio.echo.kalman import moved
from media.audio.echo.past import Past
from media.audio.echo.spectrum import irfft, rfft

F32 = npt.NDArray[np.float32]
C64 = npt.NDArray[np.complex64]

FFT = 16_384
STEPS = 25
"""Blocks between two looks: 250 ms."""
_MIC_SAMPLES = 8_000
_EARLIER = 2_400
"""The echo may have come 150 ms earlier than before ..."""
_LINE = -(-FFT // LOW_BLOCK) * LOW_BLOCK
_LATER = FFT - _MIC_SAMPLES - _EARLIER
"""... or 374 ms later."""
_BAND = slice(150 * FFT // LOW_RATE_HZ, 6000 * FFT // LOW_RATE_HZ)
_WHITEN = np.float32(-0.7)
_CLEAR = 8.0
"""Least ratio of the peak to the root mean square of the correlation."""
_NEAR_PEAK = 12
"""A peak within so many low samples of where the echo was a moment ago ..."""
_ALIKE = 0.6
"""... is the echo's if it is this high against the highest: the pitch of a voice repeats it elsewhere."""
_QUIET = 1e-9
_FAINT = 0.1


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look saw: delay against the frozen path in low samples, and how clearly."""

    delay: float
    clear: float


class PathTracker:
    """Compares what the frozen path would make of the reference with the microphone."""

    def __init__(self) -> None:
        self._model, self._mic = Past(_LINE), Past(_LINE)
        self._padded = np.zeros(FFT, np.float32)
        self.frozen: C64 | None = None
        self._filled = 0
        self._usual = 0.0

    def freeze(self, weights: C64) -> None:
        """Compare with this path from now on."""
        self.frozen = weights.copy()
        self._filled = 0

    def thaw(self) -> None:
        """There is no path to compare with."""
        self.frozen = None

    def move(self, blocks: int) -> None:
        """The reference is read `blocks` later from now on."""
        if self.frozen is not None:
            self.frozen = moved(self.frozen, blocks)

    def push(self, model: F32, mic: F32) -> None:
        """Take the echo that the frozen path makes, and the microphone block."""
        self._model.push(model)
        self._mic.push(mic)
        self._filled += LOW_BLOCK

    def look(self, around: float) -> Sight | None:
        """Where the echo is now, by preference near `around`; None while too little was heard."""
        if self._filled < _MIC_SAMPLES + _EARLIER:
            return None
        model = self._model.samples()[-FFT:]
        model[: max(0, FFT - self._filled)] = 0
        at = slice(FFT - _EARLIER - _MIC_SAMPLES, FFT - _EARLIER)
        power = float(model[at] @ model[at]) / _MIC_SAMPLES
        self._usual = max(power, 0.95 * self._usual)
        if power < max(_QUIET, _FAINT * self._usual):
            return None
        self._padded[at] = self._mic.samples()[-FFT:][at]
        cross = rfft(self._padded)[_BAND] * np.conj(rfft(model)[_BAND])
        spectrum = np.zeros(FFT // 2 + 1, np.complex64)
        spectrum[_BAND] = cross * (np.abs(cross) + np.float32(1e-12)) ** _WHITEN
        likeness = irfft(spectrum)
        likeness = np.concatenate((likeness[-_EARLIER:], likeness[:_LATER]))
        best = _highest(likeness, around + _EARLIER)
        clear = float(likeness[best] / (np.sqrt(np.mean(likeness * likeness)) + 1e-20))
        return Sight(best - _EARLIER + _vertex(likeness, best), clear)


def _highest(values: F32, around: float) -> int:
    """Index of the highest value, or of one nearly as high where it is expected."""
    best = int(np.argmax(values))
    begin = min(max(round(around) - _NEAR_PEAK, 0), len(values) - 1)
    close = begin + int(np.argmax(values[begin : begin + 2 * _NEAR_PEAK + 1]))
    return close if values[close] > _ALIKE * values[best] else best


def _vertex(values: F32, at: int) -> float:
    """Where between its neighbours a parabola through a peak has its top."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, top, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2.0 * top + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0
