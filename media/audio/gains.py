"""Gains that move without clicks, and the soft duck of a microphone that nobody speaks into."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.bus.layout import BLOCK_SAMPLES

F32 = npt.NDArray[np.float32]
Factor = float | F32
"""What a block is multiplied with: one gain, or one for each sample while it moves."""

RAMP_SAMPLES = 480
"""A gain changes over 10 ms: short enough for a mute, long enough not to click."""
OFF_DB = -60.0
"""A fader at its lower end is off."""

DUCK_DB = 15.0
DUCK_HOLD_US = 500_000
"""The pauses between words..."""
DUCK_FALL_DB = 0.2
"""...and then so much less with each block of 20 ms: down after two seconds in all."""
ACTIVE_DB = -50.0
"""Nobody speaks more softly than this into an open microphone..."""
ABOVE_FLOOR_DB = 9.0
"""...or less than this above the noise of his room."""
FLOOR_MIN_DB = -70.0
FLOOR_RISE_DB = 0.06
"""The noise of a room is found within seconds (3 dB/s), and a long sentence is not taken for it."""


def gain_of(db: float) -> float:
    """The factor of a fader's position; nothing at its lower end."""
    return 0.0 if db <= OFF_DB else float(10.0 ** (db / 20.0))


class Gain:
    """A gain that moves from block to block without a step."""

    __slots__ = ("value",)

    def __init__(self, value: float = 1.0) -> None:
        self.value = value

    def move(self, target: float, over: int = RAMP_SAMPLES) -> Factor:
        """The factor for the next block, at whose sample `over` the target is reached."""
        before, self.value = self.value, target
        if before == target:
            return target
        factors = np.full(BLOCK_SAMPLES, target, np.float32)
        factors[:over] = np.linspace(before, target, over + 1, dtype=np.float32)[1:]
        return factors


def scaled(block: F32, factor: Factor) -> F32:
    """A block times its factor; the block itself where that is 1."""
    if isinstance(factor, float):
        return block if factor == 1.0 else block * np.float32(factor)
    return block * factor


class SoftDuck:
    """Turns one microphone down by `DUCK_DB` while nobody speaks into it."""

    __slots__ = ("_down_db", "_floor_db", "_gain", "_spoke_us")

    def __init__(self) -> None:
        self._gain = Gain()
        self._down_db = 0.0
        self._floor_db = -60.0
        self._spoke_us: int | None = None

    def move(self, now_us: int, ahead_db: float, on: bool) -> Factor:
        """The factor for the block of this tick.

        ``ahead_db`` is the loudest of this block and those that are already there behind it: the gain is up
        before the first syllable is played.
        """
        self._floor_db = max(FLOOR_MIN_DB, min(ahead_db, self._floor_db + FLOOR_RISE_DB))
        speaks = ahead_db > max(ACTIVE_DB, self._floor_db + ABOVE_FLOOR_DB)
        if speaks or self._spoke_us is None:
            self._spoke_us = now_us
        if not on or now_us - self._spoke_us < DUCK_HOLD_US:
            self._down_db = 0.0
        else:
            self._down_db = min(DUCK_DB, self._down_db + DUCK_FALL_DB)
        return self._gain.move(float(10.0 ** (-self._down_db / 20.0)), BLOCK_SAMPLES)
