"""The echo canceller of a room with loudspeakers and an open microphone.

How to embed it:

* One object per microphone. `process(mic, far)` takes 480 or 960 samples of each (10 or 20 ms, mono, 48 kHz,
  int16 or float32 with full scale 1.0) and returns as many of the same kind. `far` is what was handed to the
  loudspeaker while `mic` was captured; the echo may come 0 to 600 ms later, never before.
* Latency: 11.8 ms (full), 9 ms plus 6 ms of noise suppression (strong), none (off). `noise_suppression`
  adds 7 ms to full and off; it comes last and is off by default, as it costs 2 dB of SDR and up to 1.4 dB of
  the near end in double talk (measured).
* Threads: call it from one thread at a time, and not from the callback of a sound device: a step takes about
  0.5 ms, now and then 3 ms. It starts no threads (WebRTC's library has its own, from the first use of strong,
  of the fallback, or of a switch). Nothing blocks; rare events are logged for debugging.
* Device change: call `reset()`; room, delay and drift are then learnt anew. A gap of some milliseconds or a
  moved microphone needs nothing.
* `status()` says which canceller is at work (`fallen_back`: strong stands in for full), how well, the delay
  and the drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeVar, cast

import numpy as np
import numpy.typing as npt

from media.audio.channels import to_int16
from media.audio.echo.bands import BLOCK, LOW_BLOCK, SPLIT_SAMPLES, Delayed, Lowered, Raised
from media.audio.echo.fallback import ErleMeter, Fallback
from media.audio.echo.full import FullDuplex
from media.audio.echo.presence import Presence
from media.audio.echo.suppressor import DELAY_SAMPLES
from media.audio.echo.webrtc import WebRtc

F32 = npt.NDArray[np.float32]
Mode = Literal["full", "strong", "off"]
Samples = TypeVar("Samples", npt.NDArray[np.int16], npt.NDArray[np.float32])

MODES: tuple[Mode, ...] = ("full", "strong", "off")
LATENCY_SAMPLES = SPLIT_SAMPLES + 3 * DELAY_SAMPLES
"""Delay of full duplex at 48 kHz: 11.75 ms."""
_FADE_STEPS = 10
_NEAR_SILENT = 0.25


@dataclass(frozen=True, slots=True)
class EchoStatus:
    """What the operator is shown. `in_use` differs from `mode` while strong stands in for full."""

    mode: Mode
    in_use: Mode
    echo: Literal["unknown", "present", "free"]
    erle_db: float
    delay_ms: float
    drift_ppm: float

    @property
    def fallen_back(self) -> bool:
        """Whether strong stands in for full."""
        return self.in_use != self.mode


class EchoCanceller:
    """Takes the loudspeaker's sound out of the microphone's. See the module for how to use it."""

    def __init__(
        self,
        mode: Mode = "full",
        *,
        reference_ppm: float | None = None,
        noise_suppression: bool = False,
        gain_control: bool = False,
    ) -> None:
        """`reference_ppm`: ppm by which the loudspeaker's clock is the faster one; None: find out."""
        if mode not in MODES:
            raise ValueError(f"There is no echo canceller {mode!r}.")
        self._mode: Mode = mode
        self._reference_ppm = reference_ppm
        self._noise_suppression, self._gain_control = noise_suppression, gain_control
        self.reset()

    def reset(self) -> None:
        """Forget the room: another device, or another place."""
        self._full = _Full(self._reference_ppm) if self._mode == "full" else None
        self._strong = WebRtc(echo=True, noise=True) if self._mode == "strong" else None
        self._share = 0.0  # of strong in what is heard, while it stands in
        noise = self._noise_suppression and self._mode != "strong"
        self._polish = WebRtc(noise=noise, gain=self._gain_control) if noise or self._gain_control else None

    def process(self, mic: Samples, far: Samples) -> Samples:
        """Return the microphone's block without echo, delayed by the latency of the mode."""
        if len(mic) != len(far) or len(mic) not in (BLOCK, 2 * BLOCK):
            raise ValueError(
                "Blocks are 480 or 960 samples, as many of the loudspeaker as of the microphone."
            )
        heard, played = _to_float(mic), _to_float(far)
        steps = [
            self._step(heard[at : at + BLOCK], played[at : at + BLOCK]) for at in range(0, len(mic), BLOCK)
        ]
        out = steps[0] if len(steps) == 1 else np.concatenate(steps)
        return cast("Samples", to_int16(out) if mic.dtype == np.int16 else out)

    def _step(self, mic: F32, far: F32) -> F32:
        if self._full is not None:
            out = self._stand_in(self._full, mic, far)
        elif self._strong is not None:
            out = self._strong.process(mic, far)
        else:
            out = mic
        return out if self._polish is None else self._polish.process(out, far)

    def _stand_in(self, full: _Full, mic: F32, far: F32) -> F32:
        """Full duplex, cross-faded to strong while it fails."""
        out = full.process(mic, far)
        if not full.fallback.suspected:
            self._strong = None if self._share == 0.0 else self._strong
        elif self._strong is None:
            self._strong = WebRtc(echo=True, noise=True)
        if self._strong is None:
            return out
        other = self._strong.process(mic, far)
        goal = 1.0 if full.fallback.failed else 0.0
        before = self._share
        self._share = min(max(goal, before - 1.0 / _FADE_STEPS), before + 1.0 / _FADE_STEPS)
        ramp = np.linspace(before, self._share, BLOCK, endpoint=False, dtype=np.float32)
        return out + ramp * (other - out)

    def status(self) -> EchoStatus:
        """What is known now."""
        full = self._full
        if full is None:
            return EchoStatus(self._mode, self._mode, "unknown", 0.0, 0.0, 0.0)
        in_use: Mode = "strong" if full.fallback.failed else "full"
        core = full.core
        return EchoStatus(
            self._mode, in_use, core.presence.state.value, full.meter.erle_db, core.delay_ms, core.drift_ppm
        )


class _Full:
    """Full duplex at 48 kHz: the band to 8 kHz cancelled, what is above follows it."""

    def __init__(self, reference_ppm: float | None) -> None:
        self.core = FullDuplex(reference_ppm)
        self.meter, self.fallback = ErleMeter(), Fallback()
        self._mic_down, self._far_down, self._up = Lowered(), Lowered(), Raised()
        self._mic_late = Delayed(LATENCY_SAMPLES, BLOCK)
        self._low_late = Delayed(LOW_BLOCK, LOW_BLOCK)

    def process(self, mic: F32, far: F32) -> F32:
        low = self._mic_down.push(mic)
        clean, gain = self.core.process(low, self._far_down.push(far))
        low_late = self._low_late.push(low)
        self._judge(low_late, clean)
        scale = np.float32(gain)
        return scale * self._mic_late.push(mic) + self._up.push(clean - scale * low_late)

    def _judge(self, mic: F32, out: F32) -> None:
        core = self.core
        heard, left = float(mic @ mic) / LOW_BLOCK, float(out @ out) / LOW_BLOCK
        alone = core.near < _NEAR_SILENT if core.fits else None
        judged = self.meter.push(heard, left, core.expected, alone)
        if not judged or core.presence.state is not Presence.PRESENT:
            return
        self.fallback.push(self.meter.erle_db, self.meter.left, core.noise, core.fits)


def _to_float(block: Samples) -> F32:
    if block.dtype == np.int16:
        return block.astype(np.float32) * np.float32(1 / 32768)
    return block.astype(np.float32, copy=False)
