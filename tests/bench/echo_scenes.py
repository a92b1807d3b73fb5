"""Conversations of a hall with its far end, made from a seed: who speaks when, over what, in what noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tests.bench.echo_rooms import RATE_HZ, room
from tests.bench.echo_voices import people, speak

F64 = npt.NDArray[np.float64]
I16 = npt.NDArray[np.int16]
Kind = Literal["far", "near", "double"]
Part = tuple[Kind, float]

_LEVEL = 0.05
"""Root mean square of the near end in the microphone while it speaks."""
_SINC_HALF = 24
_FADE_S = 0.01
USUAL: tuple[Part, ...] = (("far", 12.0), ("near", 5.0), ("double", 9.0), ("far", 8.0))


@dataclass(frozen=True)
class Scene:
    """What happens. `drive`: 0.3 mild, 2 hard clipping; `echo_db`: against the near end, None a headset."""

    name: str
    rt60_s: float = 0.5
    delay_ms: float = 60.0
    drive: float = 0.3
    noise_db: float = 45.0
    echo_db: float | None = 0.0
    level_db: float = 0.0
    """Of everything in the microphone."""
    ppm: float = 0.0
    jumps: tuple[tuple[float, float], ...] = ()
    """(seconds, milliseconds): then the delay changes by so much."""
    change_s: float | None = None
    """Then the loudspeaker is elsewhere."""
    far_talkers: int = 1
    parts: tuple[Part, ...] = USUAL

    @property
    def events_s(self) -> list[float]:
        """When the echo path changed."""
        change = [] if self.change_s is None else [self.change_s]
        return [at_s for at_s, _ in self.jumps] + change


@dataclass(frozen=True)
class Conversation:
    """Far end and microphone; the near end as it reaches the microphone; power of the noise alone."""

    scene: Scene
    far: I16
    mic: I16
    near: F64
    noise_power: float
    parts: list[tuple[Kind, int, int]]
    t20_s: float


def converse(scene: Scene, seed: int) -> Conversation:
    """Make the conversation of a scene; another seed, another room and other people."""
    rng = np.random.default_rng(seed)
    parts, total = _parts(scene)
    who = people(rng, 1 + scene.far_talkers)
    said = [speak(rng, person, total / RATE_HZ) for person in who]
    far = np.sum(said[1:], axis=0) * _during(parts, total, ("far", "double"))
    far *= 0.7 / float(np.abs(far).max())
    place = room(rng, scene.rt60_s)
    near = through(said[0] * _during(parts, total, ("near", "double")), place.talker)
    near = _levelled(near, _LEVEL)
    echo = np.zeros(total)
    if scene.echo_db is not None:
        echo = _levelled(_echo(scene, far, place.speaker, place.moved), _LEVEL * amplitude(scene.echo_db))
    noise = _room_noise(rng, total) * _LEVEL * amplitude(-scene.noise_db)
    loudest = float(np.abs(near + echo + noise).max())
    scale = min(amplitude(scene.level_db), 0.95 / loudest)
    mic = scale * (near + echo + noise)
    power = float(np.mean((scale * noise) ** 2))
    return Conversation(scene, _int16(far), _int16(mic), scale * near, power, parts, place.t20_s)


def _parts(scene: Scene) -> tuple[list[tuple[Kind, int, int]], int]:
    parts: list[tuple[Kind, int, int]] = []
    at = 0
    for kind, seconds in scene.parts:
        end = at + round(seconds * RATE_HZ)
        parts.append((kind, at, end))
        at = end
    return parts, at


def _during(parts: list[tuple[Kind, int, int]], total: int, kinds: tuple[Kind, ...]) -> F64:
    gate = np.zeros(total)
    for kind, begin, end in parts:
        if kind in kinds:
            gate[begin:end] = 1.0
    kernel = np.hanning(round(_FADE_S * RATE_HZ))
    return gate * through(gate, kernel / kernel.sum())


def amplitude(level_db: float) -> float:
    """The factor of so many dB."""
    return float(10.0 ** (level_db / 20.0))


def _int16(sound: F64) -> I16:
    return np.clip(np.round(sound * 32767.0), -32768, 32767).astype(np.int16)


def _levelled(sound: F64, level: float) -> F64:
    """The sound with this root mean square where it is not silent."""
    blocks = sound[: len(sound) // 4800 * 4800].reshape(-1, 4800)
    powers = np.mean(blocks**2, axis=1)
    loud = powers[powers > 0.01 * powers.max()]
    return sound * (level / float(np.sqrt(loud.mean())))


def through(sound: F64, path: F64) -> F64:
    """The sound at the end of a path, cut to its length."""
    size = _fast_size(len(sound) + len(path))
    product = np.fft.rfft(sound, size) * np.fft.rfft(path, size)
    heard: F64 = np.fft.irfft(product, size)[: len(sound)]
    return heard


def _fast_size(least: int) -> int:
    power = 1 << least.bit_length()
    return min(size for size in (power, power * 3 // 4, power * 5 // 8) if size >= least)


def _later(sound: F64, delay_ms: float) -> F64:
    samples = round(delay_ms * RATE_HZ / 1000)
    return np.concatenate((np.zeros(samples), sound))[: len(sound)]


def _echo(scene: Scene, far: F64, path: F64, moved: F64) -> F64:
    played = _loudspeaker(faster(far, scene.ppm), scene.drive)
    echo = through(played, path)
    at = np.arange(len(far)) / RATE_HZ
    if scene.change_s is not None:
        share = np.clip((at - scene.change_s) / 0.05, 0.0, 1.0)
        echo = echo * (1.0 - share) + through(played, moved) * share
    delay_ms = scene.delay_ms
    late = _later(echo, delay_ms)
    for since_s, by_ms in scene.jumps:
        delay_ms += by_ms
        late = np.where(at < since_s, late, _later(echo, delay_ms))
    return late


def _loudspeaker(sound: F64, drive: float) -> F64:
    """No bass, and soft clipping: at drive 1, a tanh of 1 for what is four times the root mean square."""
    s = 1j * np.fft.rfftfreq(len(sound), 1.0 / RATE_HZ) / 120.0
    bass_free = np.fft.irfft(np.fft.rfft(sound) * s * s / (1.0 + 1.4 * s + s * s), len(sound))
    scale = drive / (4.0 * float(np.sqrt(np.mean(bass_free**2))) + 1e-12)
    distorted: F64 = np.tanh(bass_free * scale) / scale
    return distorted


def _room_noise(rng: np.random.Generator, total: int) -> F64:
    """Noise that falls off above 500 Hz; root mean square 1."""
    spectrum = np.fft.rfft(rng.standard_normal(total))
    spectrum /= np.sqrt(1.0 + (np.fft.rfftfreq(total, 1.0 / RATE_HZ) / 500.0) ** 2)
    noise: F64 = np.fft.irfft(spectrum, total)
    return noise / float(np.sqrt(np.mean(noise**2)))


def faster(sound: F64, ppm: float) -> F64:
    """The sound as a clock that is so many ppm fast plays it: read with a windowed sinc."""
    if ppm == 0.0:
        return sound
    at = np.arange(len(sound)) * (1.0 + ppm * 1e-6)
    whole = np.floor(at).astype(np.int64)
    fraction = at - whole
    padded = np.concatenate((np.zeros(_SINC_HALF), sound, np.zeros(_SINC_HALF + len(sound) // 500 + 1)))
    out = np.zeros(len(sound))
    for tap in range(1 - _SINC_HALF, 1 + _SINC_HALF):
        distance = tap - fraction
        window = 0.5 + 0.5 * np.cos(np.pi * distance / _SINC_HALF)
        out += padded[whole + tap + _SINC_HALF] * np.sinc(distance) * window
    return out
