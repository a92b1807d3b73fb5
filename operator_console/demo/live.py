"""A picture drawn and encoded as it is sent: what a camera gives, for large pictures and for lip sync."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ
from media.clock import now_us
from media.rtc.client import VideoMode, VideoUnit
from media.video.cardsource import BEEP_HZ, BEEP_PEAK, BEEP_US
from media.video.encoder import VideoEncoder
from media.video.i420 import new_frame
from media.video.testcard import FLASH_US, PERIOD_US, Card, Testcard
from operator_console.demo.loops import profile


class Beeps:
    """When the flashes come, told by the picture before they do, so that the sound can beep in time."""

    def __init__(self) -> None:
        self._starts_us: deque[int] = deque(maxlen=4)

    def announce(self, at_us: int) -> None:
        """A flash will be seen in the picture taken at this moment."""
        self._starts_us.append(at_us)

    def block(self, begin_us: int) -> npt.NDArray[np.int16]:
        """20 ms of sound: a beep of 60 ms from the first sample of each flash on."""
        at_us = begin_us + np.arange(BLOCK_SAMPLES) * 1e6 / SAMPLE_RATE_HZ
        sound = np.zeros(BLOCK_SAMPLES)
        for start_us in list(self._starts_us):
            if start_us - BLOCK_US < begin_us < start_us + BEEP_US:
                since = at_us - start_us
                beep = BEEP_PEAK * np.sin(2 * np.pi * BEEP_HZ * since / 1e6)
                sound += np.where((since >= 0) & (since < BEEP_US), beep, 0.0)
        return sound.astype(np.int16)


class LivePicture:
    """Draws and encodes in a thread of its own; ``emit`` is called there with each picture."""

    def __init__(
        self, card: Card, mode: VideoMode, emit: Callable[[VideoUnit], None], beeps: Beeps | None = None
    ) -> None:
        self.mode = mode
        self._card, self._emit, self._beeps = card, emit, beeps
        self._stopping = threading.Event()
        self._key_wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live-picture", daemon=True)

    def start(self) -> None:
        """Begin now."""
        self._thread.start()

    def request_key(self) -> None:
        """Make the next picture a key picture."""
        self._key_wanted.set()

    def stop(self) -> None:
        """End within a picture; does not wait."""
        self._stopping.set()

    def _run(self) -> None:
        mode = self.mode
        testcard, encoder = Testcard(self._card, mode.width, mode.height), VideoEncoder(profile(mode))
        frame, planes = new_frame(mode.width, mode.height)
        begun_us, number = now_us(), 0
        while True:
            due_us = begun_us + number * 1_000_000 // mode.fps
            if self._stopping.wait(max(0, due_us - now_us()) / 1e6):
                break
            self._announce(due_us, begun_us + (number + 1) * 1_000_000 // mode.fps)
            if self._key_wanted.is_set():
                self._key_wanted.clear()
                encoder.request_key()
            planes.copy_from(testcard.planes(due_us))
            for packet in encoder.encode(frame, due_us):
                self._emit(VideoUnit(packet.data, due_us, packet.key))
            # A machine without time for it leaves pictures out instead of falling behind.
            behind = (now_us() - due_us) * mode.fps // 1_000_000
            number += max(1, behind)
        encoder.close()

    def _announce(self, due_us: int, next_us: int) -> None:
        begins = next_us // PERIOD_US != due_us // PERIOD_US and next_us % PERIOD_US < FLASH_US
        if self._beeps is not None and begins:
            self._beeps.announce(next_us)
