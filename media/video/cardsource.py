"""The test card as a source, with a beep at each flash."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from media.clock import now_us
from media.source import AudioItem, Item, VideoItem
from media.video.testcard import PERIOD_US, Card, Testcard

BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ = 960, 20_000, 48_000
BEEP_HZ, BEEP_US, BEEP_PEAK = 1000, 60_000, 8000


class CardSource:
    """Pictures of one card and silence; with ``flash`` a beep begins with each flash."""

    def __init__(
        self,
        card: Card,
        width_px: int = 640,
        height_px: int = 360,
        fps: int = 15,
        *,
        clock: Callable[[], int] = now_us,
    ) -> None:
        """Both sides even."""
        self._testcard = Testcard(card, width_px, height_px)
        self._step_us, self._clock = 1_000_000 / fps, clock
        self._closing = threading.Event()
        self._begin_us = self._pictures = self._blocks = 0

    def open(self) -> None:
        """Begin now."""
        self._closing.clear()
        self._begin_us, self._pictures, self._blocks = self._clock(), 0, 0

    def read(self) -> Item | None:
        """The next picture or 20 ms of sound when it is due; None after `close`."""
        picture_us = self._begin_us + round(self._pictures * self._step_us)
        block_us = self._begin_us + self._blocks * BLOCK_US
        due_us = min(picture_us, block_us)
        if self._closing.wait(max(0, due_us - self._clock()) / 1e6):
            return None
        if picture_us <= block_us:
            self._pictures += 1
            return VideoItem(self._testcard.planes(picture_us), picture_us)
        self._blocks += 1
        return AudioItem(self._sound(block_us), block_us)

    def _sound(self, at_us: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        if not self._testcard.card.flash:
            return np.zeros(BLOCK_SAMPLES, np.int16)
        at = at_us + np.arange(BLOCK_SAMPLES) * 1_000_000 // SAMPLE_RATE_HZ
        wave = BEEP_PEAK * np.sin(2 * np.pi * BEEP_HZ * (at % PERIOD_US) / 1e6)
        return np.where(at % PERIOD_US < BEEP_US, wave, 0).astype(np.int16)

    def close(self) -> None:
        """End it."""
        self._closing.set()
