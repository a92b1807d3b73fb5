"""Takes down, bin by bin, the echo that the linear filter leaves, without touching what the near end says.

The power of the residual echo is the larger of what the filter itself expects to leave (its uncertainty) and
a share of its echo estimate, learnt as a quantile (distortion of the loudspeaker, a path that moves), with
the tail of the room behind it. The gain is Ephraim and Malah's decision-directed Wiener rule. Far-only
stretches are closed to -35 dB and filled with noise like the room's; while the near end speaks the floor
is raised and the estimate no longer exaggerated.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.audio.echo.bands import LOW_BLOCK
from media.audio.echo.kalman import BINS, WINDOW
from media.audio.echo.spectrum import irfft, rfft

F32 = npt.NDArray[np.float32]
C64 = npt.NDArray[np.complex64]

DELAY_SAMPLES = LOW_BLOCK
"""Low samples by which the output trails the input (overlap-add)."""
_HANN = np.sqrt(np.hanning(WINDOW + 1)[:WINDOW]).astype(np.float32)
_EXAGGERATE_FAR, _EXAGGERATE_NEAR = 3.0, 1.0
_FLOOR_FAR_DB, _FLOOR_NEAR_DB = -35.0, -8.0
_TAIL = np.float32(0.7)
"""Share of the residual that is still there a block later: 60 dB in 390 ms."""
_NOISE_SHARE = np.float32(0.2)
_DIRECTED = np.float32(0.9)
_NEAR_LOW, _NEAR_SPAN, _NEAR_MOST = 1.0, 1.0, 10.0
_ONE = np.float32(1.0)
_LEAK_MIN = np.float32(3e-4)
_LEAK_STEP, _LEAK_BELOW = 0.05, 0.4
"""Steps up and down, and the share of what the error is of the echo that lies below where they settle."""
_LEAK_HELD = 0.8
"""How much slower the steps are while the near end speaks: then the error is not of the echo."""
_LEAK_LOUDNESS = (0.2, 0.6, 1.5, 3.0)
"""Echo against its mean power, where another share begins: a loudspeaker distorts what is loud."""
_LEAK_TOGETHER_STEPS, _USUAL = 150, 0.003
_LEAK_BIAS_FAR, _LEAK_BIAS_NEAR = 2.0, 0.5
_LONE = 0.7
"""Activity below which what is louder than the noise is surely echo."""
_TOTAL_LOW_DB, _TOTAL_MOST_DB = 4.0, 10.0
_COUPLE, _LIKELY = 0.003, 0.5
_QUIET_ECHO = np.float32(1e-9)
_NOISE_SPANS, _NOISE_SPAN_STEPS = 7, 25
_HIGH_BINS = slice(90, 155)


def _spread() -> F32:
    """Matrix that gives each bin the mean power of its band: 4 bins to 2 kHz, then ever wider."""
    edges = np.unique(np.concatenate((np.arange(0, 41, 4), np.round(40 * 4.025 ** (np.arange(13) / 12)))))
    matrix = np.zeros((BINS, BINS), np.float32)
    for begin, end in zip(edges[:-1].astype(int), edges[1:].astype(int), strict=True):
        matrix[begin:end, begin:end] = 1.0 / (end - begin)
    return matrix


_SPREAD = _spread()
# Each band counts the same, from 200 Hz on: speech is not spread evenly.
_NEAR_WEIGHTS = _SPREAD.max(axis=1)
_NEAR_WEIGHTS[:4] = 0.0
_NEAR_WEIGHTS /= _NEAR_WEIGHTS.sum()


class NoiseFloor:
    """Power of the room's noise by bin: least of the last 1.6 s (Martin, 2001, without his bias table)."""

    def __init__(self) -> None:
        self._smooth: F32 | None = None
        self._spans = np.full((_NOISE_SPANS, BINS), np.float32(1e9))
        self._steps = 0
        self.power = np.zeros(BINS, np.float32)

    def push(self, power: F32) -> None:
        """Take the powers of the next block."""
        if self._smooth is None:
            self._smooth = power.copy()
        self._smooth += np.float32(0.15) * (power - self._smooth)
        now = self._steps // _NOISE_SPAN_STEPS % _NOISE_SPANS
        if self._steps % _NOISE_SPAN_STEPS == 0:
            self._spans[now] = self._smooth
        else:
            np.minimum(self._spans[now], self._smooth, out=self._spans[now])
        self._steps += 1
        self.power = self._spans.min(axis=0)


class Suppressor:
    """Works on blocks of 160 low samples; its output comes one block later."""

    def __init__(self, seed: int = 1) -> None:
        self._spans = np.zeros((2, WINDOW), np.float32)
        self._powers = np.empty((5, BINS), np.float32)
        self._heard = np.zeros(BINS, np.float32)
        self._played = np.full(BINS, np.float32(1e-9))
        self._learnt = 0
        self._overlap = np.zeros(LOW_BLOCK, np.float32)
        self._residual = np.zeros(BINS, np.float32)
        self._leaks = np.full((len(_LEAK_LOUDNESS) + 1, BINS), _ONE)
        self._usual_echo = 0.0
        self._echoed = 0
        self._gain = np.ones(BINS, np.float32)
        self._ratio = np.ones(BINS, np.float32)
        self._noise = NoiseFloor()
        self._random = np.random.default_rng(seed)
        self._phases = np.exp(2j * np.pi * self._random.random(8 * BINS)).astype(np.complex64)
        self._activity = 0.0
        self.near = 0.0
        """How surely the near end speaks, 0..1."""
        self.high_gain = 1.0
        """Gain for what lies above 8 kHz."""

    def push(self, error: F32, echo: F32, uncertain: F32, played: F32, closed: bool) -> F32:
        """Return the block before this one, suppressed.

        `error` is the microphone less `echo`, `uncertain` the residual power that the filter expects,
        `played` the power of the reference over the decay of a room; `closed` says that all may be echo.
        """
        spans = self._spans
        spans[:, :LOW_BLOCK] = spans[:, LOW_BLOCK:]
        spans[0, LOW_BLOCK:], spans[1, LOW_BLOCK:] = error, echo
        spectra = rfft(spans * _HANN)
        spectrum = spectra[0]
        self._powers[:2] = spectra.real**2 + spectra.imag**2
        self._powers[2] = uncertain
        self._powers[3] = played
        heard = spectra[0] + spectra[1]
        self._powers[4] = heard.real**2 + heard.imag**2
        self._noise.push(self._powers[0])
        powers = self._powers @ _SPREAD
        echo_power = self._echo_power(powers[1], powers[3], powers[4])
        self._expect(powers[0], echo_power, np.maximum(powers[0], powers[2]) if closed else powers[2])
        gain = self._choose(powers[0])
        out = irfft(gain * spectrum + self._comfort(gain)) * _HANN
        block: F32 = self._overlap + out[:LOW_BLOCK]
        self._overlap = out[LOW_BLOCK:]
        return block

    @property
    def noise(self) -> float:
        """Mean square of the room's noise."""
        return float(self._noise.power.sum()) / (LOW_BLOCK * LOW_BLOCK)

    def _echo_power(self, estimate: F32, played: F32, mic: F32) -> F32:
        """Power of the echo: that of the filter's estimate, or what the loudness of the room makes likely."""
        if float(played.sum()) > 1e-5:
            self._learnt += 1
            share = np.float32((1.0 - self.near) * max(1.0 / self._learnt, _COUPLE))
            self._heard += share * (mic - self._heard)
            self._played += share * (played - self._played)
        likely: F32 = np.maximum(estimate, np.float32(_LIKELY) * self._heard / self._played * played)
        return likely

    def _expect(self, error: F32, echo: F32, uncertain: F32) -> None:
        """Update the residual echo that is to be expected."""
        leak = self._leak_of(error, echo)
        bias = _LEAK_BIAS_FAR + (_LEAK_BIAS_NEAR - _LEAK_BIAS_FAR) * self.near
        now = np.maximum(uncertain, np.minimum(np.float32(bias) * leak, _ONE) * echo)
        self._residual = np.maximum(now, _TAIL * self._residual)

    def _leak_of(self, error: F32, echo: F32) -> F32:
        """Learn and return the share of an echo this loud that the filter leaves, by bin."""
        total = float(echo.sum())
        if total > float(_QUIET_ECHO) * BINS:
            self._echoed += 1
            self._usual_echo += max(1.0 / self._echoed, _USUAL) * (total - self._usual_echo)
        loud = sum(total > limit * self._usual_echo for limit in _LEAK_LOUDNESS)
        leak: F32 = self._leaks[loud]
        pace = _LEAK_STEP * (1.0 - _LEAK_HELD * self.near)
        up, down = np.float32(np.exp(pace * _LEAK_BELOW)), np.float32(np.exp(pace * (_LEAK_BELOW - 1.0)))
        step = np.where(error > leak * echo, up, down)
        step[echo < np.float32(10.0) * self._noise.power + _QUIET_ECHO] = 1.0
        step *= leak
        leak[:] = np.minimum(np.maximum(step, _LEAK_MIN), _ONE)
        if self._echoed < _LEAK_TOGETHER_STEPS:
            self._leaks[:] = leak
        return leak

    def _choose(self, error: F32) -> F32:
        """The gain of each bin."""
        exaggerate = _EXAGGERATE_FAR + (_EXAGGERATE_NEAR - _EXAGGERATE_FAR) * self.near
        against = (
            np.float32(exaggerate) * self._residual + _NOISE_SHARE * self._noise.power + np.float32(1e-12)
        )
        ratio = error / against
        excess = np.maximum(ratio - _ONE, np.float32(0.0))
        prior = _DIRECTED * self._gain**2 * self._ratio + (_ONE - _DIRECTED) * excess
        gain = prior / (_ONE + prior)
        gain[self._residual < _QUIET_ECHO] = 1.0
        self._ratio = ratio
        active = float(np.minimum(excess, np.float32(_NEAR_MOST)) @ _NEAR_WEIGHTS)
        total_db = 10.0 * np.log10(float(error[4:].sum() / against[4:].sum()) + 1e-9)
        active = max(active, min(max(total_db - _TOTAL_LOW_DB, 0.0), _TOTAL_MOST_DB))
        self._activity += 0.3 * (active - self._activity)
        self.near = min(max((self._activity - _NEAR_LOW) / _NEAR_SPAN, 0.0), 1.0)
        if self._activity < _LONE:
            lone = self._residual > self._noise.power
            gain[lone] *= np.float32((self._activity / _LONE) ** 2)
        floor_db = _FLOOR_FAR_DB + (_FLOOR_NEAR_DB - _FLOOR_FAR_DB) * self.near
        self._gain = np.maximum(gain, np.float32(10.0 ** (floor_db / 20.0)))
        self.high_gain = float(self._gain[_HIGH_BINS].mean())
        return self._gain

    def _comfort(self, gain: F32) -> C64:
        """Noise like the room's where it was taken away; none under speech of the near end."""
        at = int(self._random.integers(7 * BINS))
        level = np.float32(1.0 - self.near) * np.sqrt(self._noise.power * np.maximum(1.0 - gain * gain, 0.0))
        comfort: C64 = level * self._phases[at : at + BINS]
        return comfort
