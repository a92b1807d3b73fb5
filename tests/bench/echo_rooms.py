"""Meeting rooms: impulse responses from image sources (Allen and Berkley, JASA 1979), T20 made to measure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

RATE_HZ = 48_000
SOUND_M_S = 343.0
_STRAY_M = 0.02
"""No real wall is a mirror: each image is moved by up to so much, lest all echoes beat in step."""
_WITHIN = 0.04
_TRIES = 6


@dataclass(frozen=True)
class Room:
    """Paths to the microphone: from the loudspeaker, from it after somebody moved it, from the talker."""

    speaker: F64
    moved: F64
    talker: F64
    t20_s: float


def room(rng: np.random.Generator, rt60_s: float) -> Room:
    """A shoe box with the microphone on a table, talker within a metre, loudspeaker metres away."""
    size = np.array((rng.uniform(5.0, 9.5), rng.uniform(4.0, 7.5), rng.uniform(2.6, 3.4)))
    mic = size * np.array((rng.uniform(0.35, 0.65), rng.uniform(0.35, 0.65), 0.0))
    mic[2] = rng.uniform(0.75, 1.1)
    speaker = _around(rng, size, mic, rng.uniform(1.5, 3.2), rng.uniform(1.0, 2.0))
    moved = _around(rng, size, mic, rng.uniform(1.2, 3.0), rng.uniform(1.0, 2.0))
    talker = _around(rng, size, mic, rng.uniform(0.45, 1.0), rng.uniform(1.1, 1.3))
    images = _Images(rng, size, speaker, mic, rt60_s)
    wall = images.wall_for(rt60_s)
    path = images.path(wall)
    others = [_Images(rng, size, source, mic, rt60_s).path(wall) for source in (moved, talker)]
    return Room(path, others[0], others[1], t20_s(path))


def t20_s(path: F64) -> float:
    """Reverberation time from the decay between -5 and -25 dB (Schroeder, JASA 1965; ISO 3382)."""
    left = np.cumsum(path[::-1] ** 2)[::-1]
    decay_db = 10.0 * np.log10(left / left[0] + 1e-12)
    inside = np.flatnonzero((decay_db < -5.0) & (decay_db > -25.0))
    slope = np.polyfit(inside / RATE_HZ, decay_db[inside], 1)[0]
    return float(-60.0 / slope)


def _around(rng: np.random.Generator, size: F64, mic: F64, away_m: float, high_m: float) -> F64:
    place = mic
    for _ in range(100):
        angle = rng.uniform(0.0, 2.0 * np.pi)
        place = mic + away_m * np.array((np.cos(angle), np.sin(angle), 0.0))
        if 0.3 < place[0] < size[0] - 0.3 and 0.3 < place[1] < size[1] - 0.3:
            break
    place = np.clip(place, 0.3, size - 0.3)
    place[2] = high_m
    return place


class _Images:
    """The mirror images of a source in a room: how far, and behind how many walls."""

    def __init__(self, rng: np.random.Generator, size: F64, source: F64, mic: F64, rt60_s: float) -> None:
        self._samples = round(1.1 * rt60_s * RATE_HZ)
        reach_m = SOUND_M_S * self._samples / RATE_HZ
        orders = [np.arange(-n, n + 1) for n in np.ceil(reach_m / (2.0 * size)).astype(int)]
        away, walls = [], []
        for flips in np.ndindex(2, 2, 2):
            axes = [
                (1 - 2 * f) * s + 2 * n * d - m
                for f, s, n, d, m in zip(flips, source, orders, size, mic, strict=True)
            ]
            hits = [np.abs(n - f) + np.abs(n) for f, n in zip(flips, orders, strict=True)]
            squares = axes[0][:, None, None] ** 2 + axes[1][:, None] ** 2 + axes[2] ** 2
            near = squares < reach_m**2
            away.append(np.sqrt(squares[near]))
            walls.append((hits[0][:, None, None] + hits[1][:, None] + hits[2])[near])
        self._walls = np.concatenate(walls)
        self._away = np.concatenate(away)
        self._away += np.where(self._walls > 0, rng.uniform(-_STRAY_M, _STRAY_M, len(self._away)), 0.0)
        volume = float(np.prod(size))
        surface = 2.0 * float(size[0] * size[1] + size[0] * size[2] + size[1] * size[2])
        self._first = float(np.exp(-0.5 * 0.161 * volume / (surface * rt60_s)))  # Eyring

    def wall_for(self, rt60_s: float) -> float:
        """The reflectivity with which the room has this reverberation time."""
        wall = self._first
        for _ in range(_TRIES):
            measured = t20_s(self.path(wall))
            if abs(measured / rt60_s - 1.0) < _WITHIN:
                return wall
            wall = float(wall ** (measured / rt60_s))
        raise RuntimeError(f"A room of {rt60_s:.2f} s became one of {measured:.2f} s.")

    def path(self, wall: float) -> F64:
        """Impulse response; each arrival at its place between two samples."""
        at = self._away * (RATE_HZ / SOUND_M_S)
        strength = wall**self._walls / self._away
        whole = at.astype(np.int64)
        inside = whole < self._samples - 1
        whole, fraction, strength = whole[inside], (at - whole)[inside], strength[inside]
        path = np.bincount(whole, strength * (1.0 - fraction), self._samples)
        path += np.bincount(whole + 1, strength * fraction, self._samples)
        hz = np.fft.rfftfreq(len(path), 1.0 / RATE_HZ) / 60.0
        high: F64 = np.fft.irfft(np.fft.rfft(path) * hz**2 / (1.0 + hz**2), len(path))
        return high
