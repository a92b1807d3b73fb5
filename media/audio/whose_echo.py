"""Whose echo: how much of what somebody was sent comes back from his room, and after how long. Pure.

What he was sent and what his microphone gave are compared over `WINDOW_S` seconds at 8 kHz by a generalised
cross-correlation with phase transform (Knapp and Carter 1976):

* Both are evened out in time first (divided by their own short-term level), so that the moments in which
  only the echo is heard count as much as those in which he speaks himself, ten times louder.
* The phase transform evens them out in frequency: hum, formants and the loudspeaker's colour do not matter,
  and two voices that have nothing to do with each other give no peak.
* The correlation's energy is averaged over `SMEAR` samples: rooms, a sound card that is 100 ppm off and
  the playout of browsers, which stretches time, smear the peak.

An echo is a peak that stands far above everything else and stays at its delay (`EchoJudge`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]

STEP = 6
RATE_HZ = SAMPLE_RATE_HZ // STEP
THIN_SAMPLES = BLOCK_SAMPLES // STEP
"""Samples of a block of 20 ms at 8 kHz."""
WINDOW_S = 4.0
LAG_MAX_S = 1.5
"""Way there, playout buffer, loudspeaker, room, microphone and way back."""
BAND_HZ = (200.0, 3400.0)
SENT_FLOOR, HEARD_FLOOR = 10.0 ** (-50 / 20), 10.0 ** (-72 / 20)
"""Below this (dBFS) sound is not raised to the level of the rest: what was sent, what came back."""
SMEAR = 8
ROOM_SAMPLES = 800
"""An echo is at one place, within 100 ms; what is at several is a sound that repeats itself."""
SPEECH = 10.0 ** (-45 / 20)
SPEECH_MIN_S = 1.0
"""Less speech than this in a window says nothing about what would come back."""
BEGIN_STRENGTH, HOLD_STRENGTH = 25.0, 15.0
"""Energy of the peak against the mean. Measured with synthetic voices: without an echo 4 to 6, in 8 minutes
once 12 (28 with hum in both); with one of -30 dB 140 to 500, under his own unceasing speech 13 to 84."""
BEGIN_COUNT = 3
"""So many windows in a row must agree on the delay before anybody is accused."""
CLEAR_COUNT = 5
"""So many windows of speech without an echo acquit him."""
AGREE_MS = 25.0
"""A browser's playout buffer may move the delay by this much from one window to the next."""
SCORE_STEP = 0.5
AUDIBLE_DB = -40.0
"""Quieter against what was sent, nobody hears it (a canceller's remainder)."""

_AROUND = np.full(3, 1 / 3, np.float32)
"""Levels are evened out over three blocks of 20 ms."""
_TRIANGLE = np.stack((np.arange(1, STEP + 1), np.arange(STEP - 1, -1, -1)), axis=1).astype(np.float32)
_TRIANGLE /= STEP * STEP * 32768.0
"""Rising and falling half of the low-pass."""


def thinned(samples: I16) -> F32:
    """Sound at 8 kHz, full scale 1.0: a triangle of 11 samples as low-pass; a multiple of 6 samples long.

    What it leaves of 4.6 to 8 kHz (-12 dB and less) folds into the band as noise that correlates with
    nothing.
    """
    halves = samples.reshape(-1, STEP).astype(np.float32) @ _TRIANGLE
    thin: F32 = halves[:, 0].copy()
    thin[:-1] += halves[1:, 1]
    thin[-1:] += halves[-1:, 1]
    return thin


class Track:
    """The last seconds of one stream at 8 kHz, placed by block index; what never came is silent."""

    def __init__(self, seconds: float) -> None:
        self.count = round(seconds * 1e6 / BLOCK_US)
        """Blocks kept."""
        self.newest = -1
        """Index of the newest block."""
        self._blocks: F32 = np.zeros((self.count, THIN_SAMPLES), np.float32)

    def put(self, first: int, samples: I16) -> None:
        """Take blocks that follow each other; those older than the newest one fill gaps."""
        thin = thinned(samples).reshape(-1, THIN_SAMPLES)[-self.count :]
        after = first + len(samples) // BLOCK_SAMPLES
        first = after - len(thin)
        self._silence_until(after - 1)
        at = np.arange(first, after)
        kept = at > self.newest - self.count
        self._blocks[at[kept] % self.count] = thin[kept]

    def _silence_until(self, index: int) -> None:
        """Make room up to this block."""
        if self.newest < 0 or index - self.newest >= self.count:
            self._blocks[:] = 0.0
        elif index > self.newest:
            self._blocks[np.arange(self.newest + 1, index + 1) % self.count] = 0.0
        self.newest = max(self.newest, index)

    def last(self, until: int, seconds: float) -> F32:
        """The sound of so many seconds up to and with block ``until``; silence where it is no longer kept."""
        count = round(seconds * 1e6 / BLOCK_US)
        indices = np.arange(until - count + 1, until + 1)
        found = self._blocks[indices % self.count]
        found[(indices <= self.newest - self.count) | (indices > self.newest)] = 0.0
        flat: F32 = found.reshape(-1)
        return flat


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a comparison of two sounds found at its highest peak."""

    strength: float
    """Energy of the peak against the mean: about 5 where there is nothing, 0 where there are several."""
    lag_ms: float
    """How much later the second has it."""


def speech_s(sound: F32) -> float:
    """Seconds of a sound at 8 kHz that are louder than `SPEECH`."""
    if len(sound) < THIN_SAMPLES:
        return 0.0
    levels = np.sqrt(
        np.mean(
            np.square(sound[: len(sound) // THIN_SAMPLES * THIN_SAMPLES].reshape(-1, THIN_SAMPLES)), axis=1
        )
    )
    return float(np.count_nonzero(levels > SPEECH)) * BLOCK_US / 1e6


def compare(sent: F32, heard: F32, lag_min_ms: float = 0.0) -> Likeness:
    """Seek what was sent in what was heard, both at 8 kHz and ending at the same moment.

    ``sent`` is longer than ``heard`` by the largest delay that is looked for.
    """
    reach = len(sent) - len(heard)
    size = _good_size(len(sent))
    there = np.fft.rfft(_evened(sent, SENT_FLOOR), size)
    back = np.fft.rfft(_evened(heard, HEARD_FLOOR), size)
    cross = np.zeros_like(there)
    low, high = (round(hz * size / RATE_HZ) for hz in BAND_HZ)
    band = there[low:high] * back[low:high].conj()
    cross[low:high] = band / (np.sqrt(np.square(band.real) + np.square(band.imag)) + np.float32(1e-9))
    # Place n of the correlation: heard begins n samples into sent, so its delay is reach - n.
    energy: F32 = np.square(np.fft.irfft(cross, size))
    by_lag = energy[reach::-1]
    return _peak(by_lag, float(energy.mean()), max(0, round(lag_min_ms * RATE_HZ / 1000)))


def _peak(by_lag: F32, mean: float, first: int) -> Likeness:
    if mean <= 0.0 or len(by_lag) - first <= SMEAR:
        return Likeness(0.0, 0.0)
    summed = np.concatenate(([0.0], np.cumsum(by_lag, dtype=np.float64)))
    smeared = (summed[SMEAR:] - summed[:-SMEAR]) / SMEAR
    at = first + int(np.argmax(smeared[first:]))
    lag_ms = (at + (SMEAR - 1) / 2) * 1000 / RATE_HZ
    elsewhere = np.concatenate((smeared[: max(0, at - ROOM_SAMPLES)], smeared[at + ROOM_SAMPLES :]))
    if elsewhere.max(initial=0.0) > smeared[at] / 2:
        return Likeness(0.0, lag_ms)
    return Likeness(float(smeared[at]) / mean, lag_ms)


def _evened(sound: F32, floor: float) -> F32:
    """The sound, whole blocks long, with its short-term level taken out."""
    blocks = sound.reshape(-1, THIN_SAMPLES)
    power = np.einsum("ij,ij->i", blocks, blocks) / THIN_SAMPLES
    around = np.convolve(power, _AROUND, "same")
    even: F32 = blocks / np.sqrt(around + floor * floor).astype(np.float32)[:, None]
    return even.reshape(-1)


def _good_size(count: int) -> int:
    """The next length that transforms quickly: 2^n, 3 * 2^n or 5 * 2^n."""
    power = 1 << max(0, (count - 1).bit_length())
    return min(size for size in (power, power // 4 * 3, power // 8 * 5) if size >= count)


@dataclass(slots=True)
class EchoJudge:
    """Decides by the comparisons of one feed whether his room returns sound, with hysteresis."""

    returns: bool = False
    score: float = 0.0
    """How loud what comes back is: 0 nobody hears it (`AUDIBLE_DB`), 1 as loud as it was sent; smoothed."""
    delay_ms: float = 0.0
    _agreed: int = field(default=0, repr=False)
    _clear: int = field(default=0, repr=False)

    @property
    def suspects(self) -> bool:
        """Whether the next window is awaited: an echo was heard, or is no longer heard for sure."""
        return self.returns or self._agreed > 0

    def hear(self, found: Likeness, level_db: float) -> bool:
        """Take one window in which speech was sent; True where the verdict has changed.

        ``level_db``: how loud the returned sound is against what was sent.
        """
        needed = HOLD_STRENGTH if self.returns or self._agreed else BEGIN_STRENGTH
        near = abs(found.lag_ms - self.delay_ms) <= AGREE_MS
        is_echo = found.strength >= needed and level_db >= AUDIBLE_DB
        if is_echo and (near or found.strength >= BEGIN_STRENGTH):
            self._agreed = self._agreed + 1 if near else 1
            self._clear = 0
            self.delay_ms = found.lag_ms
            score = min(1.0, 1.0 - level_db / AUDIBLE_DB)
            self.score += (score - self.score) * (SCORE_STEP if self._agreed > 1 else 1.0)
        else:
            self._agreed = 0
            self._clear += 1
        before = self.returns
        if self._agreed >= BEGIN_COUNT:
            self.returns = True
        elif self._clear >= CLEAR_COUNT:
            self.returns = False
        return self.returns != before


def return_level_db(sent: F32, heard: F32, lag_ms: float) -> float:
    """How loud what comes back after this delay is against what was sent, both as `compare` takes them.

    The quiet quarter of the moments in which speech was sent: in the others he may be speaking himself.
    """
    begin = len(sent) - len(heard) - round(lag_ms * RATE_HZ / 1000)
    before = sent[max(0, begin) : begin + len(heard)]
    count = min(len(before), len(heard)) // THIN_SAMPLES * THIN_SAMPLES
    if count == 0:
        return -120.0
    there, back = (
        np.sqrt(np.mean(np.square(part[:count].reshape(-1, THIN_SAMPLES)), axis=1))
        for part in (before, heard)
    )
    spoken = there > SPEECH
    if not spoken.any():
        return -120.0
    ratio = float(np.quantile(back[spoken] / there[spoken], 0.25))
    return 20 * float(np.log10(max(ratio, 1e-6)))
