"""WebRTC's audio processing as livekit ships it: AEC3, noise suppression, gain control."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from livekit import rtc

from media.audio.channels import to_int16
from media.audio.echo.bands import BLOCK

F32 = npt.NDArray[np.float32]

_RATE_HZ = 48_000


class WebRtc:
    """One chain of WebRTC processing on blocks of 10 ms; adds 9 ms, or 15 ms with noise suppression."""

    def __init__(self, *, echo: bool = False, noise: bool = False, gain: bool = False) -> None:
        self._echo = echo
        self._chain = rtc.AudioProcessingModule(
            echo_cancellation=echo, noise_suppression=noise, high_pass_filter=False, auto_gain_control=gain
        )

    def process(self, mic: F32, far: F32) -> F32:
        """Return 480 processed samples; `far` is what the loudspeaker plays."""
        if self._echo:
            self._chain.process_reverse_stream(_frame(far))
        frame = _frame(mic)
        self._chain.process_stream(frame)  # in place
        return np.frombuffer(frame.data, np.int16).astype(np.float32) * np.float32(1 / 32768)


def _frame(block: F32) -> rtc.AudioFrame:
    return rtc.AudioFrame(bytearray(to_int16(block).tobytes()), _RATE_HZ, 1, BLOCK)
