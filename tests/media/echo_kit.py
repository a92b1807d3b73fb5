"""Rooms, offices and delays for the tests of whose echo it is."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from media.audio.voice import Voice, speak
from media.bus.layout import SAMPLE_RATE_HZ

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]


@cache
def said(number: int, seconds: float) -> F32:
    """Somebody who speaks all the time; each number says something else."""
    who = Voice(90.0 * 1.13 ** (number % 9), 3.4 + 0.35 * (number * 4 % 9), number)
    return (speak(who, seconds) / 32768.0).astype(np.float32)


def in_turns(sound: F32, seed: int) -> F32:
    """The sound for one to three seconds at a time, with pauses of one to four."""
    rng = np.random.default_rng(seed)
    heard, at = np.zeros_like(sound), 0
    while at < len(sound):
        at += round(rng.uniform(1.0, 4.0) * SAMPLE_RATE_HZ)
        end = at + round(rng.uniform(1.0, 3.0) * SAMPLE_RATE_HZ)
        heard[at:end] = sound[at:end]
        at = end
    return heard


def returned(sound: F32, delay_ms: float, level_db: float, rt60_s: float = 0.4, seed: int = 1) -> F32:
    """What a room gives back: delayed, reverberant, half of its energy by the direct way."""
    rng = np.random.default_rng(seed)
    count = round(SAMPLE_RATE_HZ * rt60_s * 0.7)
    tail = rng.standard_normal(count) * 10.0 ** (-3 * np.arange(count) / (SAMPLE_RATE_HZ * rt60_s))
    tail[0] = 0.0
    tail *= np.sqrt(0.5 / np.sum(tail * tail))
    tail[0] = np.sqrt(0.5)
    size = 1 << (len(sound) + count).bit_length()
    wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]
    return later(wet.astype(np.float32), delay_ms) * np.float32(10.0 ** (level_db / 20))


def later(sound: F32, delay_ms: float) -> F32:
    """The sound, delayed (or early, where negative), as long as before."""
    shift = round(delay_ms * SAMPLE_RATE_HZ / 1000)
    moved = np.zeros_like(sound)
    if shift >= 0:
        moved[shift:] = sound[: len(sound) - shift]
    else:
        moved[:shift] = sound[-shift:]
    return moved


def resampled(sound: F32, ppm: float) -> F32:
    """The sound as a sound card takes it that is so much off."""
    at = np.arange(len(sound)) * (1 + ppm / 1e6)
    moved: F32 = np.interp(at, np.arange(len(sound)), sound).astype(np.float32)
    return moved


def hiss(seed: int, count: int, level_db: float) -> F32:
    """The noise of a quiet room."""
    noise = np.random.default_rng(seed).standard_normal(count) * 10.0 ** (level_db / 20)
    quiet: F32 = noise.astype(np.float32)
    return quiet


def as_int16(sound: F32) -> I16:
    """Full scale 1.0 to samples."""
    samples: I16 = np.clip(sound * 32767.0, -32768, 32767).astype(np.int16)
    return samples
