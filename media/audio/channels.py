"""One channel of ours against the one, two, six or more of a device, and its sampling rate against ours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]

RATE_HZ = 48_000
PPM_MAX = 400.0
"""How far a rate may be steered from its nominal value."""
_SLEW_FRAMES = 480
_SCALE = np.float32(1.0 / 32768.0)


def down_mixed(frames: I16) -> F32:
    """One channel (full scale 1.0) of frames of shape (n, channels): all are heard.

    Of two equal channels the level is kept; a microphone on any one of many inputs is heard at half its
    level.
    """
    if frames.shape[1] == 1:
        return frames[:, 0].astype(np.float32) * _SCALE
    total: F32 = frames.astype(np.float32).sum(axis=1) * (_SCALE * np.float32(0.5))
    return np.clip(total, -1.0, 1.0)


def up_mixed(samples: F32, channels: int) -> I16:
    """Frames of shape (n, channels): the one channel on the front pair, silence on the others."""
    out = np.zeros((len(samples), channels), np.int16)
    out[:, : min(channels, 2)] = to_int16(samples)[:, np.newaxis]
    return out


def to_int16(samples: F32) -> I16:
    """Full scale 1.0 as 16 bit, rounded and clipped."""
    out: I16 = np.clip(np.rint(samples * np.float32(32768.0)), -32768, 32767).astype(np.int16)
    return out


class Resampler:
    """Samples of one rate as another, steered by some ppm; holds back 5 ms."""

    def __init__(self, in_hz: int, out_hz: int, *, steered: bool = False) -> None:
        self._in_hz, self._out_hz = in_hz, out_hz
        self._ppm = 0.0
        self._stream = None
        if steered or in_hz != out_hz:
            import soxr

            # Made at its largest ratio, as the library wants it; its fixed rates hold back 15 ms.
            self._stream = soxr.ResampleStream(
                in_hz * (1.0 + 1.1e-6 * PPM_MAX), out_hz, 1, dtype="float32", quality="HQ", vr=True
            )
            self._stream.set_io_ratio(in_hz, out_hz, 0)

    def steer(self, ppm: float) -> None:
        """Use up the input faster by so many ppm (slower where negative), from now on."""
        ppm = min(PPM_MAX, max(-PPM_MAX, ppm))
        if self._stream is not None and ppm != self._ppm:
            self._ppm = ppm
            self._stream.set_io_ratio(self._in_hz * (1.0 + ppm * 1e-6), self._out_hz, _SLEW_FRAMES)

    def push(self, samples: F32) -> F32:
        """What comes out for this input."""
        if self._stream is None or not len(samples):
            return samples
        out: F32 = self._stream.resample_chunk(samples)
        return out
