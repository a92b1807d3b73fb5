"""The thread between the rings of the bus and those of the sound devices; the echo canceller works on it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from media.audio.microphone import BusMicrophone
from media.audio.playout import BusPlayout
from media.audio.priority import go_first
from media.bus.reader import AudioReader
from media.bus.writer import AudioWriter
from media.clock import now_us

_log = logging.getLogger(__name__)

STEP_S = 0.01
REFRESH_US = 250_000
"""How often another generation of the engine's rings is looked for, after an engine's death."""
AFTER_ERROR_S = 0.2
RINGS = 2

Part = BusPlayout | BusMicrophone


class SoundLoop:
    """Steps playouts and microphones every 10 ms; `set_parts` takes another set, from any thread."""

    def __init__(self, bus: Path, source: str, target: str) -> None:
        """`source`: segment of the engine's mixes, read; `target`: segment of the microphones, written."""
        self.reader = AudioReader(bus, source)
        self.writer = AudioWriter(bus, target, RINGS)
        self._playouts: tuple[BusPlayout, ...] = ()
        self._microphones: tuple[BusMicrophone, ...] = ()
        self.broken: frozenset[Part] = frozenset()
        """Parts whose step failed; they are stepped no more."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
        self._refreshed_us = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def set_parts(self, playouts: tuple[BusPlayout, ...], microphones: tuple[BusMicrophone, ...]) -> None:
        """Step these from now on."""
        self._playouts, self._microphones = playouts, microphones
        self.broken = self.broken & {*playouts, *microphones}

    def stop(self) -> None:
        """End; waits for a step. Takes the segment away."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(1.0)
        self.reader.close()
        self.writer.close()

    def _run(self) -> None:
        go_first()
        while not self._stopping.is_set():
            try:
                self._step()
            except Exception:  # noqa: BLE001 (top of this thread: the hall's sound never just ends)
                _log.exception("A step of the hall's sound failed")
                time.sleep(AFTER_ERROR_S)
            time.sleep(STEP_S)

    def _step(self) -> None:
        now = now_us()
        if now - self._refreshed_us > REFRESH_US:
            self._refreshed_us = now
            self.writer.beat()
            self.reader.refresh()
        for playout in self._playouts:  # first: a canceller that takes its time must not starve a loudspeaker
            self._guarded(playout, partial(playout.step, now))
        for microphone in self._microphones:
            self._guarded(microphone, microphone.step)

    def _guarded(self, part: Part, step: Callable[[], None]) -> None:
        """A part that fails is set aside: the others are to sound on."""
        if part in self.broken:
            return
        try:
            step()
        except Exception:  # noqa: BLE001 (top of a part: said once, and reported by the rig)
            _log.exception("A part of the hall's sound failed")
            self.broken = self.broken | {part}
