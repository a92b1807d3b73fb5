"""Receives the sound of one RTP stream: puts packets in order, says what is lost, hands them on in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from media.clock import now_us
from media.rtc.sync import Counters, StreamClock

HOLD_US = 10_000
"""So long a packet waits for one before it that is missing: it may have been overtaken. The mixer plays 80 ms
behind, and what is recovered from this packet must be there by then."""
HOLD_MAX = 3
"""With so many packets behind the hole it is not waited for any longer."""
GAP_MAX = 50
RESTART_MIN = 200
"""A number that is further back than any network delays a packet: the sender began anew."""


@dataclass(frozen=True, slots=True)
class SoundPacket:
    """One Opus packet, in its order."""

    opus: bytes
    rtp_ts: int
    at_us: int
    """Its arrival in bus microseconds."""
    level: int | None = None
    """Level that its sender measured (RFC 6464): 0 to 127 -dBov; None where he does not say."""
    lost: int = 0
    """Packets that are missing just before it."""


AudioSink = Callable[[SoundPacket], None]


class AudioStream:
    """Sound in order; time stamps and the size of gaps are the business of who decodes it."""

    __slots__ = (
        "_held", "_next", "_sink", "_timer", "clock", "counters", "level", "payload_type", "ssrc",
    )  # fmt: skip

    kind = "audio"

    def __init__(self, ssrc: int, payload_type: int, sink: AudioSink) -> None:
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.counters = Counters(48_000)
        self.clock = StreamClock(48_000)
        self.level: int | None = None
        """Level in the header of the packet that is taken next."""
        self._sink = sink
        self._next = -1
        self._held: dict[int, SoundPacket] = {}
        self._timer: asyncio.TimerHandle | None = None

    def packet(self, seq: int, rtp_ts: int, marker: bool, payload: bytes, size: int, at_us: int) -> None:
        """Take one packet."""
        self.counters.add(seq, rtp_ts, size, at_us)
        packet = SoundPacket(payload, rtp_ts, at_us, self.level)
        self.level = None
        ahead = (seq - self._next) & 0xFFFF
        if self._next < 0 or GAP_MAX < ahead < 0x10000 - RESTART_MIN:
            self._forget()
            self._next, ahead = seq, 0
        if ahead == 0 and not self._held:
            self._hand_on(packet, 0)
        elif ahead < 0x8000:
            self._held[seq] = packet
            self._drain()
        # What is left came too late: it has been done without.

    def repaired(self, seq: int, rtp_ts: int, marker: bool, payload: bytes, at_us: int) -> None:
        """Sound is never asked for again, so there is nothing to take."""

    def close(self) -> None:
        """Let go of what is held."""
        self._forget()

    def _hand_on(self, packet: SoundPacket, lost: int) -> None:
        self._next = (self._next + 1) & 0xFFFF
        if not packet.opus:  # padding has a number, but no sound
            return
        if lost:
            packet = SoundPacket(packet.opus, packet.rtp_ts, packet.at_us, packet.level, lost)
        self._sink(packet)

    def _drain(self) -> None:
        """Hand on what is in order; wait for what is not, for a while."""
        while (packet := self._held.pop(self._next, None)) is not None:
            self._hand_on(packet, 0)
        while len(self._held) >= HOLD_MAX:
            self._give_up()
        if self._held and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HOLD_US / 1e6, self._expired)

    def _expired(self) -> None:
        self._timer = None
        waited_us = now_us() - HOLD_US + 1000
        while self._held and min(packet.at_us for packet in self._held.values()) <= waited_us:
            self._give_up()
        self._drain()

    def _give_up(self) -> None:
        """Go on behind the hole."""
        lost = min((seq - self._next) & 0xFFFF for seq in self._held)
        self._next = (self._next + lost) & 0xFFFF
        self._hand_on(self._held.pop(self._next), lost)
        while (packet := self._held.pop(self._next, None)) is not None:
            self._hand_on(packet, 0)

    def _forget(self) -> None:
        self._held.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
