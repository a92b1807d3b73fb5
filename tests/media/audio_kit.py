"""Signals, measures and a scripted block source for the audio tests."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ, AudioBlock
from media.bus.writer import level_cdb

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]

START_US = 1_000_000_000


def sine(hz: float, seconds: float, amplitude: float = 0.25) -> I16:
    t = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (32767 * amplitude * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def noise(seed: int, seconds: float, amplitude: float = 0.1) -> I16:
    rng = np.random.default_rng(seed)
    return (
        (32767 * amplitude * rng.standard_normal(round(seconds * SAMPLE_RATE_HZ)))
        .clip(-32767, 32767)
        .astype(np.int16)
    )


def amount_db(signal: npt.NDArray[np.floating] | I16, part: npt.NDArray[np.floating] | I16) -> float:
    """Level of `part` in `signal` (projection at the best lag within +-10 ms), relative to `part` itself."""
    a, b = np.asarray(signal, np.float64), np.asarray(part, np.float64)
    lag = 480
    found = np.correlate(a[lag:-lag], b, "full") if len(b) < 2000 else _correlate(a, b, lag)
    return float(20 * np.log10(np.abs(found).max() / np.dot(b, b) + 1e-12))


def _correlate(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], lag: int) -> npt.NDArray[np.float64]:
    size = 1 << (len(a) + len(b)).bit_length()
    full = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    return np.concatenate((full[-lag:], full[: lag + 1]))


def shares_db(heard: F32, voices: dict[str, I16]) -> dict[str, float]:
    """Gain with which each voice (aligned, uncorrelated) is in what was heard, by least squares."""
    matrix = np.stack([voice.astype(np.float64) for voice in voices.values()], axis=1)
    gains = np.linalg.lstsq(matrix, heard.astype(np.float64), rcond=None)[0]
    return {name: float(20 * np.log10(abs(g) + 1e-9)) for name, g in zip(voices, gains, strict=True)}


def find_lag(
    signal: npt.NDArray[np.floating] | I16, part: npt.NDArray[np.floating] | I16
) -> tuple[int, float]:
    """(samples by which `part` stands late in `signal`, normalised correlation there)."""
    a, b = np.asarray(signal, np.float64), np.asarray(part, np.float64)
    size = 1 << (len(a) + len(b)).bit_length()
    full = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    at = int(np.argmax(full))
    lag = at if at < len(a) else at - size
    lo, hi = max(0, lag), min(len(a), lag + len(b))
    x, y = a[lo:hi], b[lo - lag : hi - lag]
    return lag, float(np.dot(x, y) / np.sqrt(np.dot(x, x) * np.dot(y, y) + 1e-9))


def clicks(signal: F32, hz: float, amplitude: float) -> float:
    """Largest second difference against that of the undisturbed sine: about 1 where nothing clicks."""
    most = amplitude * (2 * np.pi * hz / SAMPLE_RATE_HZ) ** 2
    return float(np.abs(np.diff(signal, 2)).max() / most)


@dataclass
class ScriptedSource:
    """A ring whose blocks become visible when the test says so."""

    generation: int = 1
    blocks: dict[int, AudioBlock] = field(default_factory=dict)

    def head(self) -> int:
        return max(self.blocks, default=-1) + 1

    def read(self, index: int) -> AudioBlock | None:
        return self.blocks.get(index)

    def put(self, index: int, samples: I16, stamp_us: int) -> None:
        level = level_cdb(samples) / 100.0
        self.blocks[index] = AudioBlock(index, stamp_us, level, 0, samples)

    def put_all(self, signal: I16, origin_us: int, ppm: float = 0.0) -> None:
        """Everything at once; a sender whose clock is `ppm` slow captures each block that much later."""
        for index in range(len(signal) // BLOCK_SAMPLES):
            stamp = origin_us + round(index * BLOCK_US * (1 + ppm * 1e-6))
            self.put(index, signal[index * BLOCK_SAMPLES : (index + 1) * BLOCK_SAMPLES], stamp)


class Sender:
    """Sends a signal block by block; block `i`, captured at origin + i * 20 ms, arrives `way_us[i]` later."""

    def __init__(
        self, source: ScriptedSource, signal: I16, origin_us: int = START_US, ppm: float = 0.0
    ) -> None:
        self.source, self.signal, self.origin_us, self.ppm = source, signal, origin_us, ppm
        self.way_us: dict[int, int | None] = {}
        self.default_way_us = BLOCK_US + 2_000
        self._waiting = list(range(len(signal) // BLOCK_SAMPLES))

    def stamp_us(self, index: int) -> int:
        return self.origin_us + round(index * BLOCK_US * (1 + self.ppm * 1e-6))

    def until(self, now_us: int) -> None:
        """Let everything arrive that is due by now."""
        left = []
        for index in self._waiting:
            way = self.way_us.get(index, self.default_way_us)
            if way is None:
                continue
            if self.stamp_us(index) + way <= now_us:
                block = self.signal[index * BLOCK_SAMPLES : (index + 1) * BLOCK_SAMPLES]
                self.source.put(index, block, self.stamp_us(index))
            else:
                left.append(index)
        self._waiting = left
