"""The mixer's own thread: ticks each 20 ms on the bus clock, writes the mixes and their Opus packets."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media.audio.jitter import BlockSource
from media.audio.mixer import MixBlocks, MixDesk, Mixer, MixInput
from media.audio.opus import ENCODER_DELAY_US, OpusEncoder
from media.audio.priority import go_first
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, AudioBlock
from media.bus.reader import AudioReader
from media.bus.writer import AudioWriter, PacketWriter
from media.clock import now_us

I16 = npt.NDArray[np.int16]

_log = logging.getLogger(__name__)

CATCH_UP_TICKS = 3
"""So many missed ticks are made up for; beyond that they are left out, and counted."""
REFRESH_TICKS = 25
"""Every half second: heart beats, newer generations of the inputs' segments, figures."""
AFTER_ERROR_S = 0.5
PACKET_RING_BYTES = 1 << 18
PACKET_RING_ENTRIES = 512
SHARED_COMPLEXITY, MINUS_COMPLEXITY = 5, 1
"""Opus effort. On mixed synthetic speech 1 costs a third of 5 and half of 2 (130, 330, 370 us a block on
a busy machine) at no larger spectral distance; the one stream that everybody hears has the effort all the
same."""
RING_PROGRAM, RING_SHARED, RING_HALL = 0, 1, 2

OnProgram = Callable[[I16, int], None]
OnRings = Callable[[Mapping[str, int]], None]
OnMixed = Callable[[MixBlocks, int], None]
Wanted = tuple[Mapping[str, MixInput], MixDesk]


@dataclass(frozen=True, slots=True)
class MixerNames:
    """Names of the segments that the mixer writes; ``minus`` holds `mixplan.RINGS` of them."""

    audio: str
    shared: str
    minus: Sequence[str]


class RingSource:
    """One ring of a bus segment as the playout buffer reads it."""

    def __init__(self, reader: AudioReader, slot: int) -> None:
        self._reader = reader
        self._slot = slot

    @property
    def generation(self) -> int:
        """Changes when the segment has a new writer."""
        return self._reader.generation

    def head(self) -> int:
        """Index after the newest block."""
        return self._reader.head(self._slot)

    def read(self, index: int) -> AudioBlock | None:
        """One block, or None where there is none."""
        return self._reader.read(self._slot, index)


class _Bus:
    """Everything of the bus that the mixer reads and writes."""

    def __init__(self, directory: Path, names: MixerNames, bit_rate_bps: int) -> None:
        self._directory = directory
        self._bit_rate_bps = bit_rate_bps
        self._readers: dict[str, AudioReader] = {}
        self._audio = AudioWriter(directory, names.audio, 3)
        self._packets = [
            PacketWriter(directory, name, PACKET_RING_BYTES, PACKET_RING_ENTRIES)
            for name in (names.shared, *names.minus)
        ]
        self._encoders: dict[int, OpusEncoder] = {}
        self._owners: dict[int, str] = {}

    def source(self, segment: str, slot: int) -> BlockSource:
        """The ring ``slot`` of a segment, whether it exists already or not."""
        if segment not in self._readers:
            self._readers[segment] = AudioReader(self._directory, segment)
        return RingSource(self._readers[segment], slot)

    def refresh(self) -> None:
        """Say that we live; follow restarted writers."""
        for writer in (self._audio, *self._packets):
            writer.beat()
        for reader in self._readers.values():
            reader.refresh()

    def keep(self, segments: set[str]) -> None:
        """Let go of the segments that no input is in any more."""
        for name in self._readers.keys() - segments:
            self._readers.pop(name).close()

    def write(self, mixed: MixBlocks, index: int) -> None:
        """Put a tick's blocks into the rings, and their packets."""
        for ring, block in (
            (RING_PROGRAM, mixed.program),
            (RING_SHARED, mixed.shared),
            (RING_HALL, mixed.hall),
        ):
            self._audio.write(ring, index, block, mixed.stamp_us)
        self._encode(0, mixed.shared, mixed.stamp_us, index)
        for minus, block in mixed.minus.items():
            owner = mixed.plan.minus[minus]
            if self._owners.get(minus) != owner:
                # An encoder still holds some milliseconds of what its owner before was told.
                self._encoders.pop(1 + minus, None)
                self._owners[minus] = owner
            self._encode(1 + minus, block, mixed.stamp_us, index)

    def _encode(self, which: int, block: I16, stamp_us: int, index: int) -> None:
        encoder = self._encoders.get(which)
        if encoder is None:
            complexity = MINUS_COMPLEXITY if which else SHARED_COMPLEXITY
            encoder = self._encoders[which] = OpusEncoder(self._bit_rate_bps, complexity, fec=True)
        packet = encoder.encode(block)
        if packet is not None:
            self._packets[which].write(packet, index * BLOCK_SAMPLES, stamp_us - ENCODER_DELAY_US, True)

    def close(self) -> None:
        """Take the segments away."""
        for reader in self._readers.values():
            reader.close()
        for writer in (self._audio, *self._packets):
            writer.close()


class MixerThread:
    """Runs a `Mixer` on an absolute schedule.

    ``on_program(samples, stamp_us)`` gets each PROGRAM block (int16, shape (960,)), ``on_rings(own)``
    each change of who has a mix-minus (feed name -> ring number; the others hear SHARED). Both are called
    on the mixer's thread and must not block; where one raises, that is logged and the sound goes on. Block
    and packet index is bus time divided by 20 ms, so that a restarted mixer goes on behind the numbers of
    the one before; packets have pts = index * 960, in samples.
    """

    def __init__(
        self,
        directory: Path,
        names: MixerNames,
        on_program: OnProgram | None = None,
        on_rings: OnRings | None = None,
        bit_rate_bps: int = 32_000,
    ) -> None:
        self._bus = _Bus(directory, names, bit_rate_bps)
        self._mixer = Mixer(self._bus.source)
        self._on_program, self._on_rings = on_program, on_rings
        self._wanted: Wanted = ({}, MixDesk())
        self._applied: Wanted = self._wanted
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mixer", daemon=True)
        self._own: dict[str, int] = {}
        self._ticks = self._late_ticks = self._skipped_ticks = 0
        self._busy_us = 0
        self._feeds: dict[str, dict[str, float | int]] = {}
        self._logged: set[tuple[str, type[Exception]]] = set()
        self.on_mixed: OnMixed | None = None
        """Gets each tick's blocks with their index, on the mixer's thread; must only keep them."""

    def start(self) -> None:
        """Begin to tick."""
        self._thread.start()

    def set_inputs(self, inputs: Mapping[str, MixInput], desk: MixDesk | None = None) -> None:
        """Declare the whole set of inputs and what else is set; it holds from the next tick on.

        Callable from any thread.
        """
        self._wanted = (dict(inputs), desk or MixDesk())

    def stop(self) -> None:
        """End the thread (within a tick) and take the segments away. Not for an event loop: it waits."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)
        self._bus.close()

    def late_us(self, name: str) -> int:
        """How much later than its stamps say a feed is heard now: what its link needs, its clock's drift."""
        return self._mixer.late_us(name)

    def figures(self) -> dict[str, Any]:
        """Counters: ticks, late_ticks, skipped_ticks, open, busy_ms, own, feeds (at most 0.5 s old)."""
        return {
            "ticks": self._ticks,
            "late_ticks": self._late_ticks,
            "skipped_ticks": self._skipped_ticks,
            "open": len(self._mixer.plan.program),
            "busy_ms": self._busy_us // 1000,
            "own": dict(self._own),
            "feeds": self._feeds,
        }

    def _run(self) -> None:
        go_first()
        while not self._stopping.is_set():
            try:
                self._loop()
            except Exception:  # noqa: BLE001 (top of this thread: the sound of a session never just ends)
                _log.exception("A tick of the mixer failed")
                self._stopping.wait(AFTER_ERROR_S)

    def _loop(self) -> None:
        index = now_us() // BLOCK_US + 1
        while not self._stopping.is_set():
            due_us = index * BLOCK_US
            wait_us = due_us - now_us()
            if wait_us > 0:
                # Not Event.wait: on Windows that is only as fine as the system's tick of 15.6 ms.
                time.sleep(wait_us / 1e6)
                continue
            behind = -wait_us // BLOCK_US
            if behind > 0:
                self._late_ticks += 1
            if behind > CATCH_UP_TICKS:
                self._skipped_ticks += behind
                index += behind
                continue
            self._tick(index)
            index += 1

    def _tick(self, index: int) -> None:
        begun = time.perf_counter_ns()
        self._apply(self._wanted)
        if self._ticks % REFRESH_TICKS == 0:
            self._bus.refresh()
            self._feeds = self._mixer.figures()
        mixed = self._mixer.tick(index * BLOCK_US)
        self._tell_rings(mixed.plan.own)
        self._bus.write(mixed, index)
        self._tell("on_program", self._on_program, mixed.program, mixed.stamp_us)
        self._tell("on_mixed", self.on_mixed, mixed, index)
        self._ticks += 1
        self._busy_us += (time.perf_counter_ns() - begun) // 1000

    def _apply(self, wanted: Wanted) -> None:
        if wanted is not self._applied:
            self._applied = wanted
            self._mixer.set_inputs(*wanted)
            self._bus.keep({feed.segment for feed in wanted[0].values()})

    def _tell_rings(self, own: Mapping[str, int]) -> None:
        # Told again at the next tick where it failed: else the room sends somebody his own voice for good.
        if own != self._own and self._tell("on_rings", self._on_rings, own):
            self._own = dict(own)

    def _tell(self, name: str, callback: Callable[..., None] | None, *told: object) -> bool:
        """Whether nothing failed: what others do with the sound must not end it. Each kind is logged once."""
        if callback is None:
            return True
        try:
            callback(*told)
        except Exception as error:  # noqa: BLE001 (as in _run: somebody else's error is nobody's silence)
            if (name, type(error)) not in self._logged:
                self._logged.add((name, type(error)))
                _log.exception("%s of the mixer failed", name)
            return False
        return True
