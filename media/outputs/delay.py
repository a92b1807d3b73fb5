"""Holds a livestream's packets back for a set time, within bounds; who takes over begins at a key picture."""

from __future__ import annotations

from collections import deque

from media.packet import EncodedPacket


class DelayBuffer:
    """Packets in the order in which they came, each let out `delay_us` after it came. One thread uses it.

    Without a delay everything is due at once and nothing is kept. The packets' data are those that recording
    and other destinations hold as well: a delay costs their memory once.
    """

    def __init__(self, delay_us: int, limit_bytes: int) -> None:
        self.delay_us, self.limit_bytes = delay_us, limit_bytes
        self._packets: deque[tuple[int, EncodedPacket]] = deque()
        self.waiting_bytes = 0

    def put(self, packet: EncodedPacket, at_us: int) -> list[EncodedPacket]:
        """Take a packet that came at ``at_us``; returns what had to be given up for want of room (mostly
        nothing): the oldest ones, up to the next key picture.
        """
        self._packets.append((at_us, packet))
        self.waiting_bytes += len(packet.data)
        lost: list[EncodedPacket] = []
        while self.waiting_bytes > self.limit_bytes and self._packets:
            lost.append(self._take())
            while self._packets and not _is_key(self._packets[0][1]):
                lost.append(self._take())
        return lost

    def _take(self) -> EncodedPacket:
        packet = self._packets.popleft()[1]
        self.waiting_bytes -= len(packet.data)
        return packet

    def due(self, now_us: int) -> list[EncodedPacket]:
        """Let out what was held long enough."""
        out = []
        while self._packets and self._packets[0][0] + self.delay_us <= now_us:
            out.append(self._take())
        return out

    def skip(self, now_us: int) -> list[EncodedPacket]:
        """Forget what is due while nobody takes it, but from the last key picture on: whoever takes over can
        begin with it at once instead of waiting for the next one. Without a delay the encoder makes one.
        """
        if not self.delay_us:
            return self.due(now_us)
        keep = 0
        for place, (at_us, packet) in enumerate(self._packets):
            if at_us + self.delay_us > now_us:
                break
            if _is_key(packet):
                keep = place
        return [self._take() for _ in range(keep)]

    def rest_us(self, now_us: int) -> int:
        """How long it takes until all that is held has been let out."""
        return max(0, self._packets[-1][0] + self.delay_us - now_us) if self._packets else 0

    def first_due_us(self, now_us: int) -> int:
        """How long it takes until the next packet is due."""
        return max(0, self._packets[0][0] + self.delay_us - now_us) if self._packets else self.delay_us

    @property
    def pictures(self) -> int:
        """How many pictures are held."""
        return sum(packet.is_video for _, packet in self._packets)

    def __len__(self) -> int:
        return len(self._packets)


def _is_key(packet: EncodedPacket) -> bool:
    return packet.is_video and packet.key
