"""Bounded hand-over of packets to an output: never blocks, drops pictures up to the next key picture."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from media.packet import EncodedPacket


@dataclass(slots=True)
class QueueCounters:
    """What went in and what was lost."""

    pushed: int = 0
    dropped_video: int = 0
    dropped_audio: int = 0


class Droppable(Protocol):
    """What the drop rule asks of a packet."""

    @property
    def is_video(self) -> bool:
        """Whether it is a picture."""

    @property
    def key(self) -> bool:
        """Whether decoding may begin there."""


class DropGate:
    """Drop rule: above the limit pictures are dropped until a key picture comes at half of it or less."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.closed = False

    def admits(self, packet: Droppable, waiting_bytes: int) -> bool:
        """Whether to take a packet while ``waiting_bytes`` wait. Sound is kept up to twice the limit."""
        if not packet.is_video:
            return waiting_bytes < 2 * self.limit_bytes
        if waiting_bytes > self.limit_bytes:
            self.closed = True
        elif self.closed and packet.key and waiting_bytes <= self.limit_bytes // 2:
            self.closed = False
        return not self.closed

    def wants_key(self, waiting_bytes: int) -> bool:
        """Whether a key picture would open the gate again now."""
        return self.closed and waiting_bytes <= self.limit_bytes // 2


class PacketQueue:
    """One writer, one reader, both threads; `put` takes microseconds whatever the reader does."""

    def __init__(self, limit_bytes: int, request_key: Callable[[], None]) -> None:
        self.counters = QueueCounters()
        self._gate = DropGate(limit_bytes)
        self._request_key = request_key
        self._key_requested = False
        self._packets: deque[EncodedPacket] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = threading.Condition()

    @property
    def waiting_bytes(self) -> int:
        """Bytes not yet taken."""
        return self._bytes

    def put(self, packet: EncodedPacket) -> bool:
        """Hand a packet over; False where it was dropped (counted) or the queue is closed."""
        with self._changed:
            if self._closed:
                return False
            taken = self._gate.admits(packet, self._bytes)
            if taken:
                self.counters.pushed += 1
                self._packets.append(packet)
                self._bytes += len(packet.data)
                self._changed.notify()
            elif packet.is_video:
                self.counters.dropped_video += 1
            else:
                self.counters.dropped_audio += 1
            ask = self._gate.wants_key(self._bytes) and not self._key_requested
            self._key_requested = self._gate.closed and (self._key_requested or ask)
        if ask:
            self._request_key()
        return taken

    def get(self, timeout_s: float) -> EncodedPacket | None:
        """The oldest packet, or None after the time-out or when the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._packets or self._closed, timeout_s)
            if not self._packets:
                return None
            packet = self._packets.popleft()
            self._bytes -= len(packet.data)
            return packet

    @property
    def finished(self) -> bool:
        """Whether it is closed and everything was taken."""
        return self._closed and not self._packets

    def close(self) -> None:
        """Take no more packets; what waits can still be read."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
