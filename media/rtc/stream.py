"""Receives the picture of one stream: orders packets, asks again for lost ones, gives up in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from media.clock import now_us
from media.rtc.depayload import Format
from media.rtc.sync import Counters, StreamClock

REORDER_WAIT_US = 10_000
NACK_RETRY_US = 60_000
NACK_TRIES_MAX = 6
GIVE_UP_US = 300_000
PLI_INTERVAL_US = 300_000
TICK_S = 0.02
FIRST_TICK_S = 0.012
LOSSY_US = 10_000_000
PROBE_INSIDE_US = 15_000
PROBE_MARGIN_US = 5_000
"""For ten seconds after a loss, a frame that is overdue by a quarter of the frame time (or that has stood
unfinished for 15 ms) is asked for before a later packet shows that it is lost: at 15 frames a second that one
comes 67 ms later, and then a single lost retransmission would be a visible freeze."""

GAP_MAX = 299
"""Packets missing in a row beyond which nothing is asked for again: the sender has forgotten them."""

BUFFER_MAX = 2048
SILENT_US = 1_000_000
"""A stream without packets for this long is paused by its sender: no use asking it for a key frame."""

FREEZE_US = 150_000
"""A gap this much beyond the usual one, and three times it, is a freeze (W3C webrtc-stats, freezeCount)."""

PAUSE_US = 1_000_000


@dataclass(slots=True)
class VideoCounters:
    """What happened to one peer's picture so far; survives a change of its stream."""

    frames: int = 0
    keys: int = 0
    nacks: int = 0
    plis: int = 0
    given_up: int = 0
    broken: int = 0
    repaired: int = 0
    freezes: int = 0
    frozen_us: int = 0
    longest_freeze_us: int = 0
    breaks: int = 0
    """How often pictures were left out: the next one handed on is a key picture."""


class Feedback(Protocol):
    """What a stream may ask of its sender."""

    def send_nack(self, media_ssrc: int, lost: list[int]) -> None:
        """Ask for packets again (RFC 4585 section 6.2.1)."""

    def send_pli(self, media_ssrc: int) -> None:
        """Ask for a key frame (RFC 4585 section 6.3.1)."""


UnitSink = Callable[[bytes, int, bool, int], None]
"""Called with (access unit, RTP time stamp, is key, arrival in bus microseconds)."""


class VideoStream:
    """Picture, completed by the marker bit, so that a frame leaves with its last packet."""

    __slots__ = (
        "_buffer", "_drop", "_feedback", "_format", "_frame_at_us", "_frame_ts", "_hurt", "_interval_us",
        "_last_pli_us", "_loop", "_lossy_until_us", "_missing", "_next", "_packet_at_us", "_probe_timer",
        "_probed", "_scan", "_sink", "_slot_us", "_stats", "_timer", "_wait_key", "clock", "counters",
        "payload_type", "ssrc",
    )  # fmt: skip

    kind = "video"

    def __init__(
        self,
        ssrc: int,
        payload_type: int,
        format_: Format,
        sink: UnitSink,
        feedback: Feedback,
        stats: VideoCounters,
    ) -> None:
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.counters = Counters(90_000)
        self.clock = StreamClock(90_000)
        self._format = format_
        self._sink = sink
        self._feedback = feedback
        self._stats = stats
        self._loop = asyncio.get_running_loop()
        self._buffer: dict[int, tuple[int, bool, bytes]] = {}
        self._missing: dict[int, list[int]] = {}
        self._next = -1
        self._scan = 0
        self._packet_at_us = 0
        self._timer: asyncio.TimerHandle | None = None
        self._probe_timer: asyncio.TimerHandle | None = None
        self._probed = -1
        self._lossy_until_us = 0
        self._slot_us = 0
        self._wait_key = True
        self._drop = False
        self._last_pli_us = 0
        self._hurt = False
        self._frame_at_us = 0
        self._frame_ts = 0
        self._interval_us = 0

    # -- packets

    def packet(self, seq: int, rtp_ts: int, marker: bool, payload: bytes, size: int, at_us: int) -> None:
        """Take a packet that was sent for the first time."""
        ahead = self.counters.add(seq, rtp_ts, size, at_us)
        if self._drop:
            return
        self._slot_us = at_us
        if self._next < 0:
            self._begin(seq)
        elif 1 < ahead < 0x8000:
            self._note_gap(seq, ahead, at_us)
        self._store(seq, rtp_ts, marker, payload, at_us)

    def repaired(self, seq: int, rtp_ts: int, marker: bool, payload: bytes, at_us: int) -> None:
        """Take a packet that was sent again (RFC 4588), under its original number."""
        if not self._drop and (seq in self._missing or seq == self._probed):
            self._stats.repaired += 1
            self._store(seq, rtp_ts, marker, payload, at_us)

    def set_drop(self, drop: bool) -> None:
        """Stop (or resume) assembling and handing on frames; packets are still counted."""
        if drop != self._drop:
            self._drop = drop
            self._forget()
            if not drop:
                self.ask_key(now_us())

    def close(self) -> None:
        """Stop the timer and let go of all packets."""
        self._drop = True
        self._forget()

    def _forget(self) -> None:
        self._next = -1
        self._buffer.clear()
        self._missing.clear()
        self._frame_at_us = 0
        self._wait_key = True
        self._probed = -1
        for timer in (self._timer, self._probe_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._probe_timer = None

    def _begin(self, seq: int) -> None:
        self._next = self._scan = seq

    def _note_gap(self, seq: int, ahead: int, at_us: int) -> None:
        self._hurt = True
        if ahead > GAP_MAX:
            self._skip_to(seq, at_us)
            return
        for back in range(1, ahead):
            lost = (seq - back) & 0xFFFF
            if lost not in self._buffer and (lost - self._next) & 0xFFFF < 0x8000:
                self._missing[lost] = [at_us, at_us + REORDER_WAIT_US, 0]
        self._start_timer()

    def _store(self, seq: int, rtp_ts: int, marker: bool, payload: bytes, at_us: int) -> None:
        self._missing.pop(seq, None)
        if (seq - self._next) & 0xFFFF >= 0x8000:
            return
        self._packet_at_us = at_us
        self._buffer[seq] = (rtp_ts, marker, payload)
        if len(self._buffer) > BUFFER_MAX:
            self._skip_to((seq + 1) & 0xFFFF, at_us)
        elif seq == self._scan:
            self._drain(at_us)
        if at_us < self._lossy_until_us and self._probe_timer is None and self._interval_us:
            self._arm_probe(at_us)

    def _drain(self, at_us: int) -> None:
        """Hand on every frame that is complete; `_scan` is the first packet not there yet."""
        while (packet := self._buffer.get(self._scan)) is not None:
            self._scan = (self._scan + 1) & 0xFFFF
            if packet[1] and (payloads := self._take()):
                self._frame(payloads, packet[0], at_us)

    def _take(self) -> list[bytes]:
        """Take the payloads up to `_scan` out of the buffer; padding has a number, but no payload."""
        payloads = []
        while self._next != self._scan:
            payload = self._buffer.pop(self._next)[2]
            self._next = (self._next + 1) & 0xFFFF
            if payload:
                payloads.append(payload)
        return payloads

    def _frame(self, payloads: list[bytes], rtp_ts: int, at_us: int) -> None:
        key = self._format.is_key(payloads)
        if self._wait_key and not key:
            self.ask_key(at_us)
            return
        try:
            unit = self._format.join(payloads)
        except ValueError:
            self._stats.broken += 1
            self.need_key(at_us)
            return
        self._wait_key = False
        self._note_frame(rtp_ts, key, at_us)
        self._sink(unit, rtp_ts, key, at_us)

    def _note_frame(self, rtp_ts: int, key: bool, at_us: int) -> None:
        stats = self._stats
        stats.frames += 1
        stats.keys += key
        usual_us = self._interval_us
        if self._frame_at_us and self._hurt:
            gap_us = at_us - self._frame_at_us
            if gap_us > max(3 * usual_us, usual_us + FREEZE_US):
                stats.freezes += 1
                stats.frozen_us += gap_us
                stats.longest_freeze_us = max(stats.longest_freeze_us, gap_us)
        # The sender's own frame time; the time between arrivals tells more of the network than of him.
        step_us = ((rtp_ts - self._frame_ts) & 0xFFFFFFFF) * 100 // 9
        if self._frame_at_us and step_us < PAUSE_US:
            self._interval_us = step_us if not usual_us else usual_us + (step_us - usual_us) // 16
        self._frame_ts = rtp_ts
        self._frame_at_us = at_us
        self._hurt = bool(self._missing)

    # -- repair

    def need_key(self, at_us: int) -> None:
        """Hand on nothing before the next key frame, and ask for one: the decoder has lost its way."""
        self._hurt = True
        if not self._wait_key:
            self._stats.breaks += 1
        self._wait_key = True
        self.ask_key(at_us)
        self._start_timer()

    def ask_key(self, at_us: int) -> None:
        """Ask for a key frame, at most every 300 ms."""
        if at_us - self._last_pli_us >= PLI_INTERVAL_US:
            self._last_pli_us = at_us
            self._stats.plis += 1
            self._feedback.send_pli(self.ssrc)

    def _start_timer(self, after_s: float = FIRST_TICK_S) -> None:
        if self._timer is None and not self._drop:
            self._timer = self._loop.call_later(after_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        at_us = now_us()
        due = []
        give_up = False
        for seq in [s for s in self._missing if (s - self._next) & 0xFFFF >= 0x8000]:
            del self._missing[seq]
        for seq, state in self._missing.items():
            if at_us - state[0] > GIVE_UP_US:
                give_up = True
            elif at_us >= state[1] and state[2] < NACK_TRIES_MAX:
                due.append(seq)
                state[1] = at_us + NACK_RETRY_US
                state[2] += 1
        if give_up:
            self._give_up(at_us)
        elif due:
            self._lossy_until_us = at_us + LOSSY_US
            self._stats.nacks += 1
            self._feedback.send_nack(self.ssrc, sorted(due))
        waiting = self._wait_key and at_us - self._packet_at_us < SILENT_US
        if waiting:
            self.ask_key(at_us)
        if self._missing or waiting:
            self._start_timer(TICK_S)

    def _overdue_us(self) -> int:
        if self._next != self._scan:
            return self._packet_at_us + PROBE_INSIDE_US
        return self._slot_us + self._interval_us * 5 // 4 + PROBE_MARGIN_US

    def _arm_probe(self, at_us: int) -> None:
        wait_us = max(0, self._overdue_us() - at_us)
        self._probe_timer = self._loop.call_later(wait_us / 1e6, self._probe)

    def _probe(self) -> None:
        """Ask once for the packet that should be here by now; a sender that never sent it will not answer."""
        self._probe_timer = None
        at_us = now_us()
        if self._missing or self._wait_key or self._probed == self._scan:
            return
        if at_us < self._overdue_us() - 1000:
            self._arm_probe(at_us)
            return
        self._probed = self._scan
        self._slot_us += self._interval_us
        self._stats.nacks += 1
        self._feedback.send_nack(self.ssrc, [self._scan])

    def _give_up(self, at_us: int) -> None:
        """Go on behind the hole: at the first frame whose beginning we know, or with the next packet."""
        self._stats.given_up += 1
        newest = self.counters.max_seq
        target = (self._scan + 1) & 0xFFFF
        while (newest - target) & 0xFFFF < 0x8000:
            before = self._buffer.get((target - 1) & 0xFFFF)
            if before is not None and before[1] and target in self._buffer:
                break
            target = (target + 1) & 0xFFFF
        self._skip_to(target, at_us)

    def _skip_to(self, target: int, at_us: int) -> None:
        def is_old(seq: int) -> bool:
            return (target - seq) & 0xFFFF in range(1, 0x8000)

        for seq in [s for s in self._buffer if is_old(s)]:
            del self._buffer[seq]
        for seq in [s for s in self._missing if is_old(s)]:
            del self._missing[seq]
        self._begin(target)
        self.need_key(at_us)
        self._drain(at_us)
