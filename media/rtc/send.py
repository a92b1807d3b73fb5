"""Sends one RTP stream to one receiver: header, SRTP, history for retransmission, sender reports."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from struct import Struct
from typing import Any

from aiortc.rtp import RtcpReceiverInfo, RtcpSdesPacket, RtcpSourceInfo

from media.clock import bus_to_ntp, now_us, ntp_middle

HISTORY = 256
"""Packets kept for retransmission: 4 s of RETURN (500 kb/s), 1.4 s of 1.5 Mb/s."""

RESEND_AGAIN_US = 20_000
"""The same packet is not sent again within this: two requests for one loss crossed."""

RESENDS_PER_S = 250
"""A receiver that asks for more has a full link, and more packets would only make it fuller."""

WRITE_BUFFER_MAX_BYTES = 256 * 1024
STEP_MIN_US = 1000
AUDIO_STEP = 960
AUDIO_STEP_US = 20_000
REPORT_INTERVAL_US = 1_000_000

ABS_SEND_TIME_URI = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

_HEADER = Struct("!BBHLL")
_HEADER_TIMED = Struct("!BBHLLHHL")
_REPORT = Struct("!BBHLQLLL")


@dataclass(slots=True)
class ReceiverView:
    """What the far end last said about a stream we send."""

    fraction_lost: float = 0.0
    jitter_ms: float = 0.0
    rtt_ms: float | None = None
    remb_bps: int | None = None
    reported_us: int = 0


class RtpOut:
    """Common part of the streams we send: one SSRC, its numbers, its reports.

    It exists as long as its connection, but sends nothing before `start` (DTLS connected) or after `stop`.
    """

    kind = ""
    clock_rate = 90_000

    def __init__(self, ssrc: int, rtx_ssrc: int) -> None:
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.view = ReceiverView()
        self.packets = 0
        self.octets = 0
        self.resent = 0
        self.ready = False
        self.on_ready: Callable[[], None] | None = None
        self._payload_type = 0
        self._rtx_payload_type: int | None = None
        self._time_extension = 0
        self._cname = ""
        # In the lower half, as aiortc does: a wrap right at the start would confuse the SRTP roll-over count.
        self._seq = random.randrange(0x7000)
        self._rtp_origin = random.getrandbits(32)
        self._nominated: dict[int, Any] = {}
        self._protect: Callable[[bytes], bytes] = bytes
        self._report_due_us = 0
        self._report_sent: tuple[int, int] = (0, 0)

    def start(self, parameters: Any, nominated: dict[int, Any], protect: Callable[[bytes], bytes]) -> None:
        """Begin to send with the negotiated `RTCRtpSendParameters` over the nominated candidate pair."""
        codec = parameters.codecs[0]
        self._payload_type = codec.payloadType
        for other in parameters.codecs[1:]:
            if other.name.lower() == "rtx" and other.parameters.get("apt") == codec.payloadType:
                self._rtx_payload_type = other.payloadType
                break
        for extension in parameters.headerExtensions:
            if extension.uri == ABS_SEND_TIME_URI and 0 < extension.id < 15:
                self._time_extension = extension.id << 28 | 2 << 24
        self._cname = parameters.rtcp.cname or ""
        self._nominated = nominated
        self._protect = protect
        self.ready = True
        if self.on_ready is not None:
            self.on_ready()

    def stop(self) -> None:
        """Send nothing more."""
        self.ready = False

    def _path(self) -> tuple[Callable[[bytes, Any], None], Any] | None:
        # Looked up for each frame: the pair may change, and aioice empties the table before closing sockets.
        pair = self._nominated.get(1)
        if pair is None or not self.ready:
            return None
        return pair.protocol.transport.sendto, pair.remote_addr

    def _send_packets(self, payloads: list[bytes], rtp_ts: int, last_has_marker: bool) -> bool:
        path = self._path()
        if path is None:
            return False
        sendto, address = path
        rtp_ts &= 0xFFFFFFFF
        timed = self._time_extension
        if timed:
            timed |= time.time_ns() * 0x40000 // 1_000_000_000 & 0xFFFFFF
        protect, ssrc, seq, kind = self._protect, self.ssrc, self._seq, self._payload_type
        last = len(payloads) - 1
        for index, payload in enumerate(payloads):
            mark = kind | 128 if last_has_marker and index == last else kind
            if timed:
                header = _HEADER_TIMED.pack(0x90, mark, seq, rtp_ts, ssrc, 0xBEDE, 1, timed)
            else:
                header = _HEADER.pack(0x80, mark, seq, rtp_ts, ssrc)
            sendto(protect(header + payload), address)
            seq = (seq + 1) & 0xFFFF
            self.octets += len(payload)
        self._seq = seq
        self.packets += last + 1
        return True

    # -- reports

    def report(self, at_us: int) -> bytes | None:
        """Return a sender report (RFC 3550 section 6.4.1) with CNAME when one is due, about once a second."""
        if not self.ready or not self.packets or at_us < self._report_due_us:
            return None
        self._report_due_us = at_us + int(REPORT_INTERVAL_US * random.uniform(0.5, 1.5))
        ntp = bus_to_ntp(at_us)
        self._report_sent = (ntp_middle(ntp), at_us)
        octets, packets = self.octets & 0xFFFFFFFF, self.packets & 0xFFFFFFFF
        report = _REPORT.pack(0x80, 200, 6, self.ssrc, ntp, self.rtp_time(at_us), packets, octets)
        name = RtcpSourceInfo(ssrc=self.ssrc, items=[(1, self._cname.encode())])
        return report + bytes(RtcpSdesPacket(chunks=[name]))

    def rtp_time(self, bus_us: int) -> int:
        """Return the RTP time stamp of something captured at `bus_us`."""
        return (self._rtp_origin + bus_us * self.clock_rate // 1_000_000) & 0xFFFFFFFF

    def take_report(self, block: RtcpReceiverInfo, at_us: int) -> None:
        """Take a report block about this stream."""
        self.view.fraction_lost = block.fraction_lost / 256
        self.view.jitter_ms = block.jitter * 1000 / self.clock_rate
        self.view.reported_us = at_us
        middle, sent_us = self._report_sent
        if block.lsr and block.lsr == middle:
            rtt_us = at_us - sent_us - block.dlsr * 1_000_000 // 65536
            if 0 <= rtt_us < 10_000_000:
                self.view.rtt_ms = rtt_us / 1000


class VideoOut(RtpOut):
    """Picture to one receiver. A FanOut pushes frames; retransmission is answered here."""

    kind = "video"

    def __init__(self, ssrc: int, rtx_ssrc: int) -> None:
        super().__init__(ssrc, rtx_ssrc)
        self.on_key_wanted: Callable[[], None] | None = None
        # Whose picture is sent, and whose is awaited; both belong to media.rtc.fanout.
        self.source: object | None = None
        self.next_source: object | None = None
        self.plis = 0
        self.nacks = 0
        # (first sequence number, time stamp, payloads) of the last frames; the payloads are shared by all.
        self._history: deque[tuple[int, int, list[bytes]]] = deque()
        self._kept = 0
        self._last_stamp_us = 0
        self._rtx_seq = random.randrange(0x7000)
        self._resent_at: dict[int, int] = {}
        self._resend_budget = float(RESENDS_PER_S)
        self._resend_budget_us = now_us()

    def congested(self) -> bool:
        """Return whether the socket has not taken what was sent before."""
        pair = self._nominated.get(1)
        if pair is None:
            return False
        try:
            return bool(pair.protocol.transport.get_write_buffer_size() > WRITE_BUFFER_MAX_BYTES)
        except (AttributeError, NotImplementedError):
            return False

    def send_frame(self, payloads: list[bytes], stamp_us: int) -> bool:
        """Send one packetized frame captured at `stamp_us`; return whether there was a way to."""
        # Two renditions show the same moment: at a switch it would be sent twice under one time stamp.
        self._last_stamp_us = max(stamp_us, self._last_stamp_us + STEP_MIN_US)
        first, rtp_ts = self._seq, self.rtp_time(self._last_stamp_us)
        if not self._send_packets(payloads, rtp_ts, True):
            return False
        self._history.append((first, rtp_ts, payloads))
        self._kept += len(payloads)
        while self._kept > HISTORY and len(self._history) > 1:
            self._kept -= len(self._history.popleft()[2])
        return True

    def stop(self) -> None:
        """Send nothing more."""
        super().stop()
        self._history.clear()

    def key_wanted(self) -> None:
        """Take a PLI or FIR of the receiver."""
        self.plis += 1
        if self.on_key_wanted is not None:
            self.on_key_wanted()

    def resend(self, lost: list[int], at_us: int) -> None:
        """Answer a NACK from the history, as RTX (RFC 4588) when it was negotiated."""
        self.nacks += 1
        path = self._path()
        if path is None:
            return
        self._refill(at_us)
        for seq in lost:
            again = None
            if at_us - self._resent_at.get(seq, 0) >= RESEND_AGAIN_US:
                again = self._again(seq)
            if again is None:
                continue
            if self._resend_budget < 1:
                return
            self._resend_budget -= 1
            self._resent_at[seq] = at_us
            self.resent += 1
            path[0](self._protect(again), path[1])

    def _again(self, seq: int) -> bytes | None:
        for first, rtp_ts, payloads in reversed(self._history):
            index = (seq - first) & 0xFFFF
            if index < len(payloads):
                return self._repeat(seq, rtp_ts, index == len(payloads) - 1, payloads[index])
        return None

    def _repeat(self, seq: int, rtp_ts: int, marker: bool, payload: bytes) -> bytes:
        if self._rtx_payload_type is None:
            return _HEADER.pack(0x80, self._payload_type | marker << 7, seq, rtp_ts, self.ssrc) + payload
        number = self._rtx_seq
        self._rtx_seq = (number + 1) & 0xFFFF
        header = _HEADER.pack(0x80, self._rtx_payload_type | marker << 7, number, rtp_ts, self.rtx_ssrc)
        return header + seq.to_bytes(2, "big") + payload

    def _refill(self, at_us: int) -> None:
        grown = self._resend_budget + (at_us - self._resend_budget_us) * RESENDS_PER_S / 1_000_000
        self._resend_budget = min(grown, RESENDS_PER_S)
        self._resend_budget_us = at_us
        if len(self._resent_at) > 4 * HISTORY:
            self._resent_at = {s: t for s, t in self._resent_at.items() if at_us - t < RESEND_AGAIN_US}


class AudioOut(RtpOut):
    """Sound to one receiver: 20 ms Opus packets whose numbers go on unbroken over any change of source."""

    kind = "audio"
    clock_rate = 48_000

    def __init__(self, ssrc: int, rtx_ssrc: int) -> None:
        super().__init__(ssrc, rtx_ssrc)
        self._last_ts = 0
        self._last_stamp_us: int | None = None

    def send_packet(self, opus: bytes, stamp_us: int) -> bool:
        """Send one packet captured at `stamp_us`; one not newer than the last is left out."""
        talkspurt = False
        if self._last_stamp_us is None:
            steps, talkspurt = 0, True
            self._last_ts = self.rtp_time(stamp_us)
        else:
            steps = (stamp_us - self._last_stamp_us + AUDIO_STEP_US // 2) // AUDIO_STEP_US
            if steps < 1:
                return False
            talkspurt = steps > 1
        rtp_ts = (self._last_ts + steps * AUDIO_STEP) & 0xFFFFFFFF
        if not self._send_packets([opus], rtp_ts, talkspurt):
            return False
        self._last_ts = rtp_ts
        self._last_stamp_us = stamp_us
        return True

    def rtp_time(self, bus_us: int) -> int:
        """Return the RTP time stamp of something captured at `bus_us`, by the packet sent last."""
        if self._last_stamp_us is None:
            return super().rtp_time(bus_us)
        return (self._last_ts + (bus_us - self._last_stamp_us) * 48 // 1000) & 0xFFFFFFFF
