"""Decodes the sound of one connection: recovers what was lost, leaves alone what nobody would hear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from media.rtc.audiostream import SoundPacket
from media.rtc.decode import AudioDecoder, Undecodable

RATE_HZ = 48_000
PACKET_SAMPLES = 960
RECOVER_SAMPLES = 3 * PACKET_SAMPLES
"""A longer hole is only filled at its end: nothing invented is worth hearing for more than 60 ms."""
QUIET_MINUS_DBOV = 65
"""Softer than this (RFC 6464) is no speech, not even from across the room..."""
QUIET_SAMPLES = RATE_HZ // 2
"""...and after half a second of it a feed is not decoded any more."""


class Attention:
    """Whether a feed is worth decoding, by the levels that its sender measured. Pure."""

    def __init__(self) -> None:
        self._quiet_ts: int | None = None

    def wants(self, level: int | None, rtp_ts: int) -> bool:
        """Whether the packet with this level and time stamp is to be decoded."""
        if level is None or level < QUIET_MINUS_DBOV:
            self._quiet_ts = None
            return True
        if self._quiet_ts is None:
            self._quiet_ts = rtp_ts
        return (rtp_ts - self._quiet_ts) & 0xFFFFFFFF < QUIET_SAMPLES


class SoundDecoding:
    """The sound of one connection; hands on (samples, RTP time stamp) and what stands in for lost ones."""

    def __init__(
        self,
        on_sound: Callable[[NDArray[np.int16], int], None],
        on_filled: Callable[[NDArray[np.int16], int, bool], None],
        on_unheard: Callable[[int], None],
    ) -> None:
        """`on_unheard` gets the level (-dBov) of each packet that is not decoded, 127 where it has none."""
        self.drop = False
        self.errors = 0
        self.undecoded = 0
        self._on_sound, self._on_filled, self._on_unheard = on_sound, on_filled, on_unheard
        self._attention = Attention()
        self._decoder: AudioDecoder | None = None
        self._skipped: SoundPacket | None = None
        self._next_ts: int | None = None

    def take(self, packet: SoundPacket) -> None:
        """Take the next packet of the stream."""
        wanted = self._attention.wants(packet.level, packet.rtp_ts)
        if self.drop or not wanted:
            self.undecoded += 1
            self._skipped, self._next_ts = None if self.drop else packet, None
            self._on_unheard(127 if packet.level is None else packet.level)
            return
        before, self._skipped = self._skipped, None
        if before is not None and not packet.lost:
            self._decode(before)  # brings the decoder up to date, and with it the first syllable
        if packet.lost:
            self._fill(packet)
        self._decode(packet)

    def _decode(self, packet: SoundPacket) -> None:
        if self._decoder is None:
            self._decoder = AudioDecoder()
        self._next_ts = None
        try:
            pcm = self._decoder.decode(packet.opus)
        except Undecodable:
            self.errors += 1
            return
        if pcm is not None:
            self._next_ts = (packet.rtp_ts + len(pcm)) & 0xFFFFFFFF
            self._on_sound(pcm, packet.rtp_ts)

    def _fill(self, packet: SoundPacket) -> None:
        """Recover what can be of the packets before this one."""
        if self._next_ts is None or self._decoder is None:
            return
        gap = (packet.rtp_ts - self._next_ts) & 0xFFFFFFFF
        if not 0 < gap <= packet.lost * 6 * PACKET_SAMPLES:
            return  # a pause of the sender lies in it, or the time stamps are not to be believed
        samples = gap if gap <= RECOVER_SAMPLES else PACKET_SAMPLES
        try:
            recovered = self._decoder.recover(packet.opus, samples)
        except Undecodable:
            self.errors += 1
            return
        if recovered is None:
            return
        pcm, real = recovered
        first_ts = packet.rtp_ts - samples
        if real < samples and samples == gap:
            self._on_filled(pcm[: samples - real], first_ts & 0xFFFFFFFF, False)
        if real:
            self._on_filled(pcm[samples - real :], (packet.rtp_ts - real) & 0xFFFFFFFF, True)

    def close(self) -> None:
        """Let the decoder go."""
        self._decoder = self._skipped = self._next_ts = None
