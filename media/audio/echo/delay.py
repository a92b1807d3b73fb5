"""Finds how long after the reference its echo arrives, without any model of the room yet.

Generalized cross-correlation with phase transform (Knapp and Carter, 1976) of half a second of the
microphone against the second before it, summed over some such spans.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.audio.echo.bands import LOW_RATE_HZ
from media.audio.echo.spectrum import irfft, rfft

F32 = npt.NDArray[np.float32]
C64 = npt.NDArray[np.complex64]

FFT = 16_384
MIC_SAMPLES = 6_400
"""Low samples of the microphone that one `push` looks at: 400 ms."""
FAR_SAMPLES = 16_000
"""Low samples of the reference it needs: the same 400 ms and the 600 ms before them."""
LAGS = FAR_SAMPLES - MIC_SAMPLES
"""Longest delay found: 600 ms."""
_RATE = FFT / LOW_RATE_HZ
_BAND = slice(round(200 * _RATE), round(3400 * _RATE))
_HALVED = FFT // 2
"""The correlation is made at 8 kHz."""
_KEEP = np.float32(0.6)
_WHITEN = np.float32(-0.8)
"""Full whitening (-1) gives the bins between the harmonics of a voice, which hold noise, an equal say."""
_PEAK, _FIRST, _SURE = 8.0, 6.0, 11.0
_AGREE = 80.0
"""Low samples by which two searches may differ, where the peak is not so clear: 5 ms."""
_QUIET = 1e-7


class DelayFinder:
    """Sums cross spectra and looks for the first strong arrival."""

    def __init__(self) -> None:
        self._sum = np.zeros(_BAND.stop - _BAND.start, np.complex64)
        self._before: float | None = None
        self._padded = np.zeros(FFT, np.float32)

    def push(self, far: F32, mic: F32) -> float | None:
        """Take FAR_SAMPLES and MIC_SAMPLES that end at the same moment; return the delay in low samples.

        None where the reference is silent or nothing in the microphone follows it.
        """
        if float(far @ far) < _QUIET * FAR_SAMPLES:
            return None
        self._padded[LAGS:FAR_SAMPLES] = mic
        heard = rfft(self._padded)[_BAND]
        cross = heard * np.conj(rfft(far, FFT)[_BAND])
        size = np.abs(cross)
        self._sum = _KEEP * self._sum + cross / (size.mean() + np.float32(1e-12))
        return self._first_arrival()

    def forget(self) -> None:
        """Start anew: the past says nothing about now."""
        self._sum[:] = 0
        self._before = None

    def _first_arrival(self) -> float | None:
        whitened = np.zeros(_HALVED // 2 + 1, np.complex64)
        whitened[_BAND] = self._sum * (np.abs(self._sum) + np.float32(1e-12)) ** _WHITEN
        likeness = np.abs(irfft(whitened)[: LAGS // 2])
        peak = float(likeness.max())
        usual = float(np.sqrt(np.mean(likeness * likeness)))
        if peak < _PEAK * usual:
            self._before = None
            return None
        found = 2.0 * float(np.argmax(likeness > max(0.5 * peak, _FIRST * usual)))
        again = self._before is not None and abs(found - self._before) < _AGREE
        self._before = found
        return found if again or peak >= _SURE * usual else None
