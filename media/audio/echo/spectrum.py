"""Real Fourier transforms in single precision (numpy's keep it, but its types say double)."""

from __future__ import annotations

from typing import cast

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
C64 = npt.NDArray[np.complex64]


def rfft(samples: F32, size: int | None = None) -> C64:
    """Spectra of the rows, each cut or padded to `size`."""
    return cast("C64", np.fft.rfft(samples, size))


def irfft(spectra: C64) -> F32:
    """Samples of the rows."""
    return cast("F32", np.fft.irfft(spectra))
