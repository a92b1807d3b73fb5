"""Hands the program's packets to the file that is written, and at a change to the next one, no frame lost."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from media.packet import EncodedPacket

HISTORY_US = 25_000_000
"""How far back packets are remembered: as long as a disk is waited for, and a key interval."""
HISTORY_BYTES = 64 * 1024 * 1024
LATE_SOUND_US = 1_000_000
"""So long the old file gets sound of the time before the seam: it may come later than its picture."""


class Sink(Protocol):
    """Whoever takes packets: a recorder."""

    def push(self, packet: EncodedPacket) -> bool:
        """Take a packet without blocking."""


class PacketHistory:
    """The packets of the last seconds, as much as a new file needs to begin where a lost one ended."""

    def __init__(self, limit_us: int = HISTORY_US, limit_bytes: int = HISTORY_BYTES) -> None:
        self._limit_us, self._limit_bytes = limit_us, limit_bytes
        self._packets: deque[EncodedPacket] = deque()
        self._bytes = 0

    def add(self, packet: EncodedPacket) -> None:
        """Remember a packet and forget those that are too old."""
        self._packets.append(packet)
        self._bytes += len(packet.data)
        while self._bytes > self._limit_bytes or self._packets[0].stamp_us < packet.stamp_us - self._limit_us:
            self._bytes -= len(self._packets.popleft().data)

    def clear(self) -> None:
        """Forget everything."""
        self._packets.clear()
        self._bytes = 0

    def since_key(self, from_us: int) -> list[EncodedPacket]:
        """What a file needs that is to have everything since ``from_us``: it begins with the last key picture
        at or before it, else with the first that is remembered; nothing where there is none.
        """
        keys = [packet.stamp_us for packet in self._packets if packet.is_video and packet.key]
        before = [stamp for stamp in keys if stamp <= from_us]
        if not keys:
            return []
        return self.since(before[-1] if before else keys[0])

    def since(self, stamp_us: int) -> list[EncodedPacket]:
        """Everything from a moment on, a picture first: a file begins with its key picture."""
        found = [packet for packet in self._packets if packet.stamp_us >= stamp_us]
        first = next((number for number, packet in enumerate(found) if packet.is_video), 0)
        return [*found[first : first + 1], *found[:first], *found[first + 1 :]]


class Feed:
    """One file after the other takes the packets; `push` may come from several threads and never blocks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._history = PacketHistory()
        self._sink: Sink | None = None
        self._next: Sink | None = None
        self._done: Callable[[], None] = lambda: None
        self._old: Sink | None = None
        self._seam_us = 0
        self.wanted = False
        """Whether packets are remembered although no file takes them."""

    @property
    def sink(self) -> Sink | None:
        """Who takes new packets."""
        return self._sink

    def push(self, packet: EncodedPacket) -> None:
        """Hand a packet on."""
        if not self.wanted and self._sink is None:
            return
        with self._lock:
            self._history.add(packet)
            if self._next is not None and packet.is_video and packet.key:
                self._change(packet)
            elif self._old is not None and packet.stamp_us < self._seam_us:
                self._old.push(packet)
            elif self._sink is not None:
                self._sink.push(packet)
            done = self._seam_passed(packet)
        if done is not None:
            done()

    def _change(self, key: EncodedPacket) -> None:
        """The seam: sound from the key picture on may be here already, and belongs to the new file."""
        self._old, self._sink, self._next = self._sink, self._next, None
        self._seam_us = key.stamp_us
        for packet in self._history.since(key.stamp_us):
            if self._sink is not None:
                self._sink.push(packet)

    def _seam_passed(self, packet: EncodedPacket) -> Callable[[], None] | None:
        if self._old is None:
            return None
        margin_us = LATE_SOUND_US if packet.is_video else 0
        at_seam = packet.is_video and packet.stamp_us == self._seam_us
        if at_seam or packet.stamp_us < self._seam_us + margin_us:
            return None
        self._old = None
        return self._done

    def begin(self, sink: Sink, from_us: int | None = None) -> None:
        """Let a file take what comes; with ``from_us`` first what is remembered since then."""
        with self._lock:
            if from_us is not None:
                for packet in self._history.since_key(from_us):
                    sink.push(packet)
            self._sink, self._next, self._old = sink, None, None

    def hand_over(self, sink: Sink, done: Callable[[], None]) -> None:
        """From the next key picture on this file takes what comes, the old one all that is older.

        ``done`` is called, from a thread that pushes, when the old one has everything that belongs to it.
        """
        with self._lock:
            self._next, self._done = sink, done

    def drop(self, sink: Sink) -> None:
        """Give this file nothing more."""
        with self._lock:
            if self._sink is sink:
                self._sink = None
            if self._next is sink:
                self._next = None
            if self._old is sink:
                self._old = None

    def end(self) -> None:
        """Give nobody anything and forget what is remembered."""
        with self._lock:
            self._sink = self._next = self._old = None
            self.wanted = False
            self._history.clear()
