"""Sounds of the hall's tests, and what a sweep through the loudspeakers says of the room. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

RATE_HZ = 48_000
SWEEP_S, TAIL_S, SPEECH_S = 1.0, 0.8, 3.0
LEVEL = 0.15
"""Peak of the sweep: -16 dBFS, no louder than speech."""
_LOW_HZ, _HIGH_HZ = 150.0, 7000.0
_FADE = 2400
_CLEAR = 12.0
"""Peak of a found sweep against the root mean square beside it."""
_ECHO_MAX = RATE_HZ * 7 // 10
_ERLE_SAMPLES = 2 * RATE_HZ
_CHIME = ((880.0, 0.0), (1108.7, 0.18), (1318.5, 0.36))


@dataclass(frozen=True, slots=True)
class RoomFound:
    """What a room test found."""

    delay_ms: float
    coupling_db: float
    drift_ppm: float
    erle_db: float


class NotHeardError(Exception):
    """The microphone did not hear the loudspeakers."""


def chime() -> F32:
    """Three soft notes, 1.2 s."""
    at = np.arange(round(1.2 * RATE_HZ)) / RATE_HZ
    sound = np.zeros(len(at))
    for tone_hz, begin_s in _CHIME:
        since = np.maximum(at - begin_s, 0.0)
        sound += (
            0.12 * np.sin(2 * np.pi * tone_hz * since) * np.exp(-5.0 * since) * (1.0 - np.exp(-400.0 * since))
        )
    return sound.astype(np.float32)


def sweep() -> F32:
    """A sweep whose pitch rises evenly."""
    at = np.arange(round(SWEEP_S * RATE_HZ)) / RATE_HZ
    octaves = np.log(_HIGH_HZ / _LOW_HZ)
    phase = 2 * np.pi * _LOW_HZ * SWEEP_S / octaves * (np.exp(at * octaves / SWEEP_S) - 1.0)
    return _faded(LEVEL * np.sin(phase))


def babble() -> F32:
    """Noise with the spectrum and the rhythm of speech, to judge the canceller by; always the same."""
    count = round(SPEECH_S * RATE_HZ)
    chance = np.random.default_rng(20)
    spectrum = np.fft.rfft(chance.standard_normal(count))
    pitch = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum *= np.where(pitch > 100.0, 1.0 / (1.0 + (pitch / 500.0) ** 2) ** 0.5, 0.0) * (pitch < _HIGH_HZ)
    noise = np.fft.irfft(spectrum, count)
    rhythm = 0.35 + 0.65 * np.abs(np.sin(2 * np.pi * 2.0 * np.arange(count) / RATE_HZ))
    return _faded(0.08 * rhythm * noise / np.sqrt(np.mean(noise * noise)))


def _faded(sound: npt.NDArray[np.float64]) -> F32:
    ramp = np.linspace(0.0, 1.0, _FADE)
    sound[:_FADE] *= ramp
    sound[-_FADE:] *= ramp[::-1]
    return sound.astype(np.float32)


def programme() -> F32:
    """What the room test plays: a sweep, something to learn from, and the sweep again."""
    silence = np.zeros(round(TAIL_S * RATE_HZ), np.float32)
    return np.concatenate((silence[: RATE_HZ // 4], sweep(), silence, babble(), silence, sweep(), silence))


def measured(far: F32, mic: F32, out: F32) -> RoomFound:
    """What the room did to the programme; all three of one length, in pairs. Raises NotHeardError."""
    known = sweep()
    half = len(far) // 2
    played = [find(far[:half], known), half + find(far[half:], known)]
    heard = [_heard_after(mic, known, at) for at in played]
    delays = [after - before for after, before in zip(heard, played, strict=True)]
    span = played[1] - played[0]
    spans = [(int(at), int(at) + len(known)) for at in played]
    power_far = sum(float(far[a:b] @ far[a:b]) for a, b in spans)
    lag = int(delays[0])
    power_mic = sum(float(mic[a + lag : b + lag] @ mic[a + lag : b + lag]) for a, b in spans)
    end = int(played[1]) - round(TAIL_S * RATE_HZ)
    judged = slice(end - _ERLE_SAMPLES + lag, end + lag)
    return RoomFound(
        delay_ms=round(delays[0] * 1000 / RATE_HZ, 1),
        coupling_db=round(_db(power_mic / power_far), 1),
        drift_ppm=round((delays[0] - delays[1]) / span * 1e6, 1),
        erle_db=round(_db(_power(mic[judged]) / _power(out[judged])), 1),
    )


def _power(samples: F32) -> float:
    return float(samples @ samples) + 1e-9


def _db(ratio: float) -> float:
    return float(10.0 * np.log10(max(ratio, 1e-12)))


def _heard_after(mic: F32, known: F32, at: float) -> float:
    begin = int(at)
    return begin + find(mic[begin : begin + _ECHO_MAX + len(known)], known)


def find(signal: F32, known: F32) -> float:
    """Where a known sound begins in a signal, in samples and parts of one. Raises NotHeardError.

    The first arrival is meant: it may be weaker than a reflection.
    """
    size = 1 << (len(signal) + len(known)).bit_length()
    spectrum = np.fft.rfft(known, size)
    strength = np.abs(spectrum) ** 2
    shape = np.fft.rfft(signal, size) * np.conj(spectrum) / (strength + 1e-3 * strength.max())
    arrivals = np.fft.irfft(shape, size)[: max(1, len(signal) - len(known) // 2)]
    height = np.abs(arrivals)
    peak = float(height.max())
    if peak < _CLEAR * float(np.sqrt(np.mean(height * height))) or peak <= 0.0:
        raise NotHeardError
    first = int(np.argmax(height > 0.5 * peak))
    first += int(np.argmax(height[first : first + 8]))
    return first + _vertex(height, first)


def _vertex(values: npt.NDArray[np.float64], at: int) -> float:
    """Where between its neighbours the top of a peak lies."""
    if not 0 < at < len(values) - 1:
        return 0.0
    before, top, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2.0 * top + after
    return 0.5 * (before - after) / bend if bend < 0 else 0.0
