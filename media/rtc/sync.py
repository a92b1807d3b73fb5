"""Reception counters of one RTP stream, and the way from its time stamps to the bus clock."""

from __future__ import annotations

from aiortc.rtp import RtcpReceiverInfo, clamp_packets_lost

from media.clock import ntp_middle, ntp_to_us

WINDOW_US = 30_000_000
"""Half the span over which the quickest packet is sought: 100 ppm of clock drift are 6 ms in a minute."""

JUMP_US = 1_000_000
"""A sender whose clock moved by more than this was set, it did not drift."""


class Counters:
    """What a receiver report says about one stream (RFC 3550 sections 6.4.1, A.3, A.8)."""

    __slots__ = (
        "base", "bytes", "clock_rate", "cycles", "expected_prior", "jitter_q4", "max_seq", "received",
        "received_prior", "sr_at_us", "sr_middle", "transit",
    )  # fmt: skip

    def __init__(self, clock_rate: int) -> None:
        self.clock_rate = clock_rate
        self.base = -1
        self.max_seq = 0
        self.cycles = 0
        self.received = 0
        self.bytes = 0
        self.expected_prior = 0
        self.received_prior = 0
        self.jitter_q4 = 0
        self.transit = 0
        self.sr_middle = 0
        self.sr_at_us = 0

    def add(self, seq: int, rtp_ts: int, size: int, now_us: int) -> int:
        """Count one packet; return how far (mod 2**16) its number is beyond the highest before it."""
        self.received += 1
        self.bytes += size
        if self.base < 0:
            self.base = self.max_seq = seq
            self.transit = now_us * self.clock_rate // 1_000_000 - rtp_ts
            return 1
        ahead = (seq - self.max_seq) & 0xFFFF
        if 0 < ahead < 0x8000:
            if seq < self.max_seq:
                self.cycles += 0x10000
            self.max_seq = seq
            transit = now_us * self.clock_rate // 1_000_000 - rtp_ts
            change = abs(transit - self.transit)
            self.transit = transit
            # A wrap of the time stamp, or a pause of the sender, is not jitter.
            if change < self.clock_rate:
                self.jitter_q4 += change - ((self.jitter_q4 + 8) >> 4)
        return ahead

    @property
    def expected(self) -> int:
        """How many packets there should have been."""
        return self.cycles + self.max_seq - self.base + 1 if self.base >= 0 else 0

    @property
    def jitter_ms(self) -> float:
        """Interarrival jitter in milliseconds."""
        return (self.jitter_q4 >> 4) * 1000 / self.clock_rate

    def sender_report(self, ntp: int, now_us: int) -> None:
        """Remember a sender report, for the round trip time the sender will work out."""
        self.sr_middle = ntp_middle(ntp)
        self.sr_at_us = now_us

    def report(self, ssrc: int, now_us: int) -> RtcpReceiverInfo:
        """Return the report block since the last one."""
        expected = self.expected - self.expected_prior
        received = self.received - self.received_prior
        self.expected_prior, self.received_prior = self.expected, self.received
        lost = (expected - received) * 256 // expected if expected > 0 else 0
        since = (now_us - self.sr_at_us) * 65536 // 1_000_000 if self.sr_middle else 0
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=max(0, min(255, lost)),
            packets_lost=clamp_packets_lost(max(0, self.expected - self.received)),
            highest_sequence=(self.cycles + self.max_seq) & 0xFFFFFFFF,
            jitter=self.jitter_q4 >> 4,
            lsr=self.sr_middle,
            dlsr=min(since, 0xFFFFFFFF),
        )


class StreamClock:
    """The sender's own (NTP) time of a stream's RTP time stamps, known from its last sender report."""

    __slots__ = ("_ntp_us", "_rtp_ts", "clock_rate", "known")

    def __init__(self, clock_rate: int) -> None:
        self.clock_rate = clock_rate
        self.known = False
        self._ntp_us = 0
        self._rtp_ts = 0

    def sender_report(self, ntp: int, rtp_ts: int) -> None:
        """Take the pair of times of a sender report; zero times mean that its sender has no clock yet."""
        if ntp:
            self._ntp_us, self._rtp_ts, self.known = ntp_to_us(ntp), rtp_ts, True

    def sender_us(self, rtp_ts: int) -> int:
        """Return the sender's time of `rtp_ts` in microseconds since 1900; only when `known`."""
        since = ((rtp_ts - self._rtp_ts + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return self._ntp_us + since * 1_000_000 // self.clock_rate


class PeerClock:
    """Bus time of what one sender captured, the same mapping for its picture and its sound.

    The difference of the clocks is taken as the smallest (arrival - capture) seen in the last half to one
    minute: the packet that met no queue. What both streams share in delay cancels out between them, so lips
    and voice match; the delay itself is not known and stays in the stamp.
    """

    __slots__ = ("_best_us", "_next_best_us", "_next_from_us")

    def __init__(self) -> None:
        self._best_us: int | None = None
        self._next_best_us: int | None = None
        self._next_from_us = 0

    def stamp_us(self, clock: StreamClock, rtp_ts: int, arrival_us: int) -> int:
        """Return the capture time in bus time; the arrival time as long as the sender sent no report."""
        if not clock.known:
            return arrival_us
        captured_us = clock.sender_us(rtp_ts)
        difference = arrival_us - captured_us
        best = self._best_us
        if best is None or abs(difference - best) > JUMP_US:
            best = self._best_us = self._next_best_us = difference
            self._next_from_us = arrival_us
        elif self._next_best_us is None or difference < self._next_best_us:
            self._next_best_us = difference
            best = self._best_us = min(best, difference)
        if arrival_us - self._next_from_us > WINDOW_US:
            if self._next_best_us is not None:
                best = self._best_us = self._next_best_us
            self._next_best_us, self._next_from_us = None, arrival_us
        return captured_us + best
