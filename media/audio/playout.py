"""Plays a ring of the bus on a device whose clock is another one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from media.audio.channels import RATE_HZ, Resampler, up_mixed
from media.audio.meter import Meter
from media.audio.pacing import Steering
from media.audio.streams import SoundStream
from media.bus.layout import BLOCK_SAMPLES
from media.bus.reader import AudioReader

F32 = npt.NDArray[np.float32]
Overlay = Callable[[F32], F32]

CUSHION_MS = 30
"""Three callbacks of sound wait before the first is played, and again after each time that there was none."""
GOAL_MS = 15
"""What should be left at the lowest point between two callbacks."""
EXCESS_MS = 40
"""What is left above the goal for a whole second is skipped, one block a second..."""
FLOOD_MS = 110
"""...and what comes while so much waits is skipped at once."""
LAG_BLOCKS = 5
DRY_US = 100_000
"""Without a block for this long (no engine) silence is played in its stead."""
WINDOW_US = 1_000_000
STEER_S = 30.0

_SCALE = np.float32(1.0 / 32768.0)
_SILENCE = np.zeros(BLOCK_SAMPLES, np.float32)


class BusPlayout:
    """Keeps a device fed from one ring; one thread calls `step` every few milliseconds.

    `overlay`, where it is set, gets each block (float32, 960 samples at 48 kHz) and returns what is played
    instead: the tests of the hall's sound.
    """

    def __init__(self, reader: AudioReader, slot: int, stream: SoundStream) -> None:
        self._reader, self._slot, self._stream = reader, slot, stream
        self._generation = -1
        self._next = 0
        self._resampler = Resampler(RATE_HZ, stream.rate_hz, steered=True)
        goal = GOAL_MS * stream.rate_hz / 1000
        self._steering = Steering(goal, stream.rate_hz, STEER_S, 0.2)
        self._missed = 0
        self._begun = self._excess = False
        self._fed_us = 0
        self._window_us, self._lowest = 0, float("inf")
        self.overlay: Overlay | None = None
        self.meter = Meter()
        self.gaps = self.skips = 0
        """Times that the device found nothing to play, or too much waited."""

    @property
    def waiting_ms(self) -> float:
        """Sound that waits for the device."""
        return self._stream.to_play.level * 1000 / self._stream.rate_hz

    def step(self, now_us: int) -> None:
        """Hand on what has come."""
        if self._stream.callbacks == 0:
            return  # a device that takes a second to start must not begin with a second of delay
        self._mend_gap()
        self._pace(now_us)
        for block in self._new_blocks():
            self._feed(block, now_us)
        if now_us - self._fed_us > DRY_US:
            while self.waiting_ms < CUSHION_MS:
                self._play(_SILENCE)

    def _new_blocks(self) -> list[F32]:
        head = self._reader.head(self._slot)
        if self._reader.generation != self._generation or not 0 <= head - self._next <= LAG_BLOCKS:
            self._generation, self._next = self._reader.generation, max(0, head - 1)
        blocks = []
        while self._next < head:
            block = self._reader.read(self._slot, self._next)
            blocks.append(_SILENCE if block is None else block.samples.astype(np.float32) * _SCALE)
            self._next += 1
        return blocks

    def _feed(self, block: F32, now_us: int) -> None:
        self._fed_us = now_us
        if not self._begun:
            self._begun = True
            self._cushion()
        if (self._excess or self.waiting_ms > FLOOD_MS) and self.overlay is None:
            self._excess = False
            self.skips += 1
            self._steering.restart()
            return
        self._play(block)

    def _play(self, block: F32) -> None:
        overlay = self.overlay
        sound = block if overlay is None else overlay(block)
        self.meter.push(sound)
        frames = up_mixed(self._resampler.push(sound), self._stream.out_channels)
        self._stream.to_play.put(frames, len(frames))

    def _cushion(self) -> None:
        frames = CUSHION_MS * self._stream.rate_hz // 1000
        self._stream.to_play.put(np.zeros((frames, self._stream.out_channels), np.int16), frames)

    def _mend_gap(self) -> None:
        """The device played silence because nothing was there: give it more to live on."""
        missed, before = self._stream.to_play.missed, self._missed
        self._missed = missed
        if missed != before and self._begun:
            self.gaps += 1
            self._steering.restart()
            self._cushion()

    def _pace(self, now_us: int) -> None:
        self._lowest = min(self._lowest, self._stream.to_play.level)
        if now_us - self._window_us < WINDOW_US:
            return
        self._resampler.steer(self._steering.observe(self._lowest))
        self._excess = self._lowest * 1000 / self._stream.rate_hz > GOAL_MS + EXCESS_MS
        self._window_us, self._lowest = now_us, float("inf")
