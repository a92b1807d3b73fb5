"""Synthetic speech for simulated offices: harmonics of a glottal source under moving formants, in syllables.

Not speech that anybody understands, but sound with the pitch, rhythm, pauses and spectrum of it, each
voice distinct and always the same, so that a test can find a voice in a mix by correlation. Vowels after
Peterson and Barney (1952).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.bus.layout import SAMPLE_RATE_HZ

I16 = npt.NDArray[np.int16]
F32 = npt.NDArray[np.float32]

_RATE_HZ = 16_000
_FRAME = 80
"""Samples between two frames of the control values: 5 ms."""
_BAND_HZ = 4_500.0
_FORMANTS_HZ = np.array(
    [
        (800, 1300, 2500, 3500),
        (300, 2300, 3000, 3600),
        (330, 850, 2400, 3300),
        (500, 1900, 2500, 3500),
        (500, 900, 2400, 3300),
    ],
    np.float32,
)
_WIDTHS_HZ = np.array([80, 100, 140, 200], np.float32)
_EDGE_S = 0.25
_LEVEL = 10.0 ** (-23.0 / 20.0)
PITCHES = 9
"""Voices with a pitch of their own; further ones share them and differ in what they say."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks: fundamental frequency, syllables a second, and the seed of what is said."""

    pitch_hz: float
    syllables_hz: float
    seed: int


def voice(number: int) -> Voice:
    """The voice of office ``number`` (0, 1, ...)."""
    return Voice(90.0 * 1.13 ** (number % PITCHES), 3.4 + 0.35 * ((number * 4) % PITCHES), number)


def speak(who: Voice, seconds: float) -> I16:
    """Speech of this length, mono at 48 kHz, about -23 dBFS while speaking.

    It begins and ends in silence, so that it can be repeated for ever.
    """
    count = round(seconds * _RATE_HZ / _FRAME)
    rng = np.random.default_rng(who.seed + 1000)
    pitch, loud, breath, formants = _score(who, count, rng)
    sound = _harmonics(pitch, loud, formants) + _noise(breath, rng)
    active = sound[np.repeat(loud, _FRAME) > 0.3]
    level = float(np.sqrt(np.mean(np.square(active)))) if active.size else 1.0
    sound *= np.float32(_LEVEL / max(level, 1e-9))
    return _upsampled(sound, round(seconds * SAMPLE_RATE_HZ))


def _score(who: Voice, count: int, rng: np.random.Generator) -> tuple[F32, F32, F32, F32]:
    """Control values by frame: pitch in Hz, loudness, breath noise, formants in Hz (count, 4)."""
    pitch = np.full(count, who.pitch_hz, np.float32)
    loud, breath = np.zeros(count, np.float32), np.zeros(count, np.float32)
    formants = np.tile(_FORMANTS_HZ[0], (count, 1))
    frames_s = _RATE_HZ / _FRAME
    at, end = round(_EDGE_S * frames_s), count - round(_EDGE_S * frames_s)
    left = phrase = int(rng.integers(6, 13))
    while True:
        length = round(frames_s / who.syllables_hz * rng.uniform(0.8, 1.2))
        if at + length >= end:
            return pitch, loud, breath, _smoothed(formants)
        span = slice(at, at + length)
        onset = min(length // 3, round(0.045 * frames_s))
        formants[span] = _FORMANTS_HZ[rng.integers(len(_FORMANTS_HZ))]
        loud[at + onset : at + length] = _swell(length - onset) * rng.uniform(0.7, 1.0)
        breath[at : at + onset] = rng.choice([0.0, 0.05, 0.15])
        # Falls over the phrase, as statements do.
        pitch[span] *= 1.05 - 0.1 * (phrase - left) / phrase + 0.01 * np.sin(np.arange(length) / 6.0)
        at, left = at + length, left - 1
        if left == 0:
            left = phrase = int(rng.integers(6, 13))
            at += round(rng.uniform(0.3, 0.55) * frames_s)


def _swell(count: int) -> F32:
    """Loudness over a vowel: up in 25 ms, down in 40 ms."""
    t = np.arange(count, dtype=np.float32) + 0.5
    swell: F32 = np.minimum(1.0, np.minimum(t / 5.0, (count - t) / 8.0)).astype(np.float32)
    return swell


def _smoothed(formants: F32) -> F32:
    """Formants glide from one vowel to the next in about 40 ms."""
    kernel = np.hanning(10)[1:-1]
    kernel /= kernel.sum()
    columns = [np.convolve(np.pad(column, 4, "edge"), kernel, "same")[4:-4] for column in formants.T]
    return np.stack(columns, axis=1).astype(np.float32)


def _harmonics(pitch: F32, loud: F32, formants: F32) -> F32:
    """Sum of the harmonics of the pitch, each with the gain that the formants give it."""
    samples = len(pitch) * _FRAME
    phase = 2 * np.pi * np.cumsum(_stretched(pitch).astype(np.float64)) / _RATE_HZ
    turn = np.exp(1j * phase).astype(np.complex64)
    now, sound = turn.copy(), np.zeros(samples, np.float32)
    for k in range(1, int(_BAND_HZ / pitch.min()) + 1):
        gain = loud / k * _response(pitch * k, formants)
        sound += now.imag * _stretched(np.where(pitch * k < _BAND_HZ, gain, 0.0).astype(np.float32))
        now *= turn
    return sound


def _response(hz: F32, formants: F32) -> F32:
    """Gain of the formants (second-order resonators in a row) at one frequency per frame."""
    f, width = formants, _WIDTHS_HZ
    gain = f * f / np.sqrt((f * f - hz[:, None] ** 2) ** 2 + (width * hz[:, None]) ** 2)
    product: F32 = gain.prod(axis=1).astype(np.float32)
    return product


def _stretched(values: F32) -> F32:
    """Values by frame as values by sample, linear in between."""
    following = np.append(values[1:], values[-1])
    ramp = np.arange(_FRAME, dtype=np.float32) / _FRAME
    stretched: F32 = (values[:, None] + (following - values)[:, None] * ramp).astype(np.float32)
    return stretched.reshape(-1)


def _noise(breath: F32, rng: np.random.Generator) -> F32:
    """Consonants: noise without its low half."""
    white = rng.standard_normal(len(breath) * _FRAME + 1).astype(np.float32)
    noise: F32 = np.diff(white).astype(np.float32) * _stretched(breath)
    return noise


def _upsampled(sound: F32, count: int) -> I16:
    """From 16 to 48 kHz by adding nothing above 8 kHz."""
    spectrum = np.fft.rfft(sound)
    wide = np.zeros(count // 2 + 1, np.complex128)
    wide[: len(spectrum) - 1] = spectrum[:-1]
    samples = np.fft.irfft(wide, count) * (count / len(sound))
    return np.clip(samples * 32767.0, -32000, 32000).astype(np.int16)
