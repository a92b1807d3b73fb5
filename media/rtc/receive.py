"""The fast media path of one connection: datagram to stream and reports, all inside `datagram_received`.

No task, no queue, no packet object, no thread: stock aiortc spends 80 % of a feed's cost on those. It also
answers the reports of the far end on the streams we send (`media.rtc.send`). The SRTP keys are aiortc's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from struct import Struct
from struct import error as struct_error
from typing import Any

import pylibsrtp
from aiortc import rtp

from media.clock import now_us
from media.rtc import private
from media.rtc.audiostream import AudioSink, AudioStream
from media.rtc.depayload import FORMATS
from media.rtc.send import RtpOut, VideoOut
from media.rtc.stream import UnitSink, VideoCounters, VideoStream
from media.rtc.sync import PeerClock

HOUSEKEEPING_S = 0.2
REPORT_INTERVAL_US = 1_000_000
REPLACE_INTERVAL_US = 1_000_000
"""A new SSRC may take over this often; each costs a decoder."""

_HEADER = Struct("!BBHLL").unpack_from
_FIR, _PLI, _APP, _NACK = 4, 1, 15, 1

InStream = AudioStream | VideoStream


class MediaPath:
    """Media of one connection between SRTP and streams, both directions, with all RTCP.

    `audio` gets Opus packets, `video` access units (`video_codec` says of which codec), as they arrive.
    """

    def __init__(self, outs: list[RtpOut], audio: AudioSink, video: UnitSink) -> None:
        self.outs = outs
        self.clock = PeerClock()
        self.video_counters = VideoCounters()
        self.streams: dict[str, InStream] = {}
        self.video_codec = ""
        self.last_packet_us = 0
        self.packets = 0
        self.refused = 0
        self.drop_video = False
        self.remb_bps: int | None = None
        self.on_tick: Callable[[int], None] | None = None
        self.on_bye: Callable[[], None] | None = None
        self._sinks: tuple[AudioSink, UnitSink] = (audio, video)
        self._by_ssrc: dict[int, InStream] = {}
        self._retired: set[int] = set()
        self._replaced_us: dict[str, int] = {}
        self._types: dict[int, tuple[str, str]] = {}
        self._rtx_types: set[int] = set()
        self._level_extension = 0
        self._nominated: dict[int, Any] = {}
        self._ciphers: private.Ciphers | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._report_due_us = 0
        self._stopped = False

    # -- life

    def start(self, ciphers: private.Ciphers, nominated: dict[int, Any]) -> None:
        """Begin: DTLS is connected. May be called once for each transceiver; the first call counts."""
        if self._ciphers is None and not self._stopped:
            self._ciphers = ciphers
            self._nominated = nominated
            self.last_packet_us = now_us()
            self._housekeeping()

    def add_receiver(self, kind: str, parameters: Any) -> None:
        """Learn the payload types of one transceiver (`RTCRtpReceiveParameters`)."""
        for codec in parameters.codecs:
            name = codec.name.upper()
            if name == "RTX":
                self._rtx_types.add(codec.payloadType)
            elif name in FORMATS or name == "OPUS":
                self._types[codec.payloadType] = (kind, name)
        for extension in parameters.headerExtensions:
            if extension.uri == "urn:ietf:params:rtp-hdrext:ssrc-audio-level":
                self._level_extension = extension.id

    def stop(self) -> None:
        """End all streams and timers; packets that still come are ignored."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for stream in self._by_ssrc.values():
            stream.close()
        self._by_ssrc.clear()
        for out in self.outs:
            out.stop()

    def set_drop_video(self, drop: bool) -> None:
        """Stop or resume handing on pictures; their packets are counted all the same."""
        self.drop_video = drop
        stream = self.streams.get("video")
        if isinstance(stream, VideoStream):
            stream.set_drop(drop)

    def request_key(self) -> None:
        """Ask the far end for a key frame (at most every 300 ms)."""
        stream = self.streams.get("video")
        if isinstance(stream, VideoStream):
            stream.ask_key(now_us())

    def need_key(self) -> None:
        """Hand on no picture before the next key frame, and ask for one."""
        stream = self.streams.get("video")
        if isinstance(stream, VideoStream):
            stream.need_key(now_us())

    # -- in

    def datagram(self, data: bytes) -> None:
        """Take one SRTP or SRTCP datagram."""
        ciphers = self._ciphers
        if ciphers is None or self._stopped or len(data) < 8:
            return
        is_report = 192 <= data[1] <= 208
        try:
            plain = ciphers.unprotect_rtcp(data) if is_report else ciphers.unprotect(data)
        except (pylibsrtp.Error, ValueError):
            # Forged, replayed or too long.
            self.refused += 1
            return
        self.last_packet_us = at_us = now_us()
        self.packets += 1
        if is_report:
            self.reports(plain, at_us)
        else:
            self.packet(plain, at_us)

    def packet(self, data: bytes, at_us: int) -> None:
        """Take one RTP packet (RFC 3550 section 5.1), no longer encrypted, that arrived at `at_us`."""
        size = len(data)
        if size < 12:
            self.refused += 1
            return
        first, second, seq, rtp_ts, ssrc = _HEADER(data, 0)
        start = after_sources = 12 + 4 * (first & 15)
        if first & 16:
            start += 4
            if start <= size:
                start += 4 * (data[start - 2] << 8 | data[start - 1])
        end = size - data[-1] if first & 32 else size
        if start > end:
            self.refused += 1
            return
        kind = second & 127
        stream = self._by_ssrc.get(ssrc)
        if stream is None or stream.payload_type != kind:
            if kind in self._rtx_types:
                self._repaired(data[start:end], rtp_ts, second > 127, at_us)
                return
            stream = self._stream(ssrc, kind, at_us)
            if stream is None:
                return
        if first & 16 and isinstance(stream, AudioStream):
            stream.level = self._audio_level(data[after_sources:start])
        stream.packet(seq, rtp_ts, second > 127, data[start:end], size, at_us)

    def _repaired(self, payload: bytes, rtp_ts: int, marker: bool, at_us: int) -> None:
        stream = self.streams.get("video")
        # RFC 4588 section 4: two bytes of original number, then the payload; shorter ones only probe.
        if stream is not None and len(payload) > 2:
            stream.repaired(payload[0] << 8 | payload[1], rtp_ts, marker, payload[2:], at_us)

    def _stream(self, ssrc: int, payload_type: int, at_us: int) -> InStream | None:
        """Return a stream for a new SSRC (or a new codec on a known one); the one before it ends."""
        known = self._types.get(payload_type)
        if known is None or ssrc in self._retired:
            return None
        kind, codec = known
        before = self.streams.get(kind)
        other = self._by_ssrc.get(ssrc)
        if other is not None and other is not before:
            return None
        if before is not None:
            if at_us - self._replaced_us.get(kind, 0) < REPLACE_INTERVAL_US:
                return None
            self._replaced_us[kind] = at_us
            before.close()
            del self._by_ssrc[before.ssrc]
            if before.ssrc != ssrc and len(self._retired) < 64:
                self._retired.add(before.ssrc)
        stream = self._new_stream(kind, codec, ssrc, payload_type)
        self.streams[kind] = self._by_ssrc[ssrc] = stream
        return stream

    def _new_stream(self, kind: str, codec: str, ssrc: int, payload_type: int) -> InStream:
        if kind == "audio":
            return AudioStream(ssrc, payload_type, self._sinks[0])
        self.video_codec = codec
        stream = VideoStream(ssrc, payload_type, FORMATS[codec], self._sinks[1], self, self.video_counters)
        stream.set_drop(self.drop_video)
        return stream

    def _audio_level(self, extension: bytes) -> int | None:
        """Find the level (RFC 6464: 0..127 -dBov) among one-byte header extensions (RFC 8285)."""
        if not self._level_extension or extension[:2] != b"\xbe\xde":
            return None
        at = 4
        while at + 1 < len(extension):
            head = extension[at]
            if head >> 4 == self._level_extension:
                return extension[at + 1] & 127
            at += 1 if not head else 2 + (head & 15)
        return None

    # -- reports in

    def reports(self, data: bytes, at_us: int) -> None:
        """Take one compound RTCP packet, no longer encrypted, that arrived at `at_us`."""
        try:
            packets = rtp.RtcpPacket.parse(data)
        except (ValueError, IndexError, struct_error):
            self.refused += 1
            return
        for packet in packets:
            if isinstance(packet, rtp.RtcpSrPacket):
                self._sender_report(packet, at_us)
                self._report_blocks(packet.reports, at_us)
            elif isinstance(packet, rtp.RtcpRrPacket):
                self._report_blocks(packet.reports, at_us)
            elif isinstance(packet, rtp.RtcpRtpfbPacket) and packet.fmt == _NACK:
                for out in self._video_outs(packet.media_ssrc):
                    out.resend(packet.lost, at_us)
            elif isinstance(packet, rtp.RtcpPsfbPacket):
                self._payload_feedback(packet)
            elif isinstance(packet, rtp.RtcpByePacket):
                self._bye(packet)

    def _bye(self, packet: rtp.RtcpByePacket) -> None:
        if self.on_bye is not None and any(source in self._by_ssrc for source in packet.sources):
            self.on_bye()

    def _sender_report(self, packet: rtp.RtcpSrPacket, at_us: int) -> None:
        stream = self._by_ssrc.get(packet.ssrc)
        if stream is not None:
            info = packet.sender_info
            stream.counters.sender_report(info.ntp_timestamp, at_us)
            stream.clock.sender_report(info.ntp_timestamp, info.rtp_timestamp)

    def _report_blocks(self, blocks: list[rtp.RtcpReceiverInfo], at_us: int) -> None:
        for block in blocks:
            for out in self.outs:
                if out.ssrc == block.ssrc:
                    out.take_report(block, at_us)

    def _video_outs(self, ssrc: int) -> list[VideoOut]:
        return [out for out in self.outs if isinstance(out, VideoOut) and out.ssrc == ssrc]

    def _payload_feedback(self, packet: rtp.RtcpPsfbPacket) -> None:
        if packet.fmt == _PLI:
            for out in self._video_outs(packet.media_ssrc):
                out.key_wanted()
        elif packet.fmt == _FIR:
            # The SSRC of a FIR stands in its own entries of 8 bytes (RFC 5104 section 4.3.1.1).
            for at in range(0, len(packet.fci) - 7, 8):
                for out in self._video_outs(int.from_bytes(packet.fci[at : at + 4], "big")):
                    out.key_wanted()
        elif packet.fmt == _APP and packet.fci[:4] == b"REMB":
            try:
                bps, ssrcs = rtp.unpack_remb_fci(packet.fci)
            except (ValueError, struct_error):
                self.refused += 1
                return
            for other in self.outs:
                if other.ssrc in ssrcs:
                    other.view.remb_bps = bps

    # -- reports out

    def send_rtcp(self, packet: bytes) -> None:
        """Send one (compound) RTCP packet."""
        pair = self._nominated.get(1)
        if pair is not None and self._ciphers is not None and not self._stopped:
            pair.protocol.transport.sendto(self._ciphers.protect_rtcp(packet), pair.remote_addr)

    def send_nack(self, media_ssrc: int, lost: list[int]) -> None:
        """Ask for packets again (RFC 4585 section 6.2.1)."""
        packet = rtp.RtcpRtpfbPacket(fmt=_NACK, ssrc=self.outs[0].ssrc, media_ssrc=media_ssrc, lost=lost)
        self.send_rtcp(bytes(packet))

    def send_pli(self, media_ssrc: int) -> None:
        """Ask for a key frame (RFC 4585 section 6.3.1)."""
        self.send_rtcp(bytes(rtp.RtcpPsfbPacket(fmt=_PLI, ssrc=self.outs[0].ssrc, media_ssrc=media_ssrc)))

    def _housekeeping(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(HOUSEKEEPING_S, self._housekeeping)
        at_us = now_us()
        reports = b"".join(filter(None, (out.report(at_us) for out in self.outs)))
        if at_us >= self._report_due_us:
            # Varied by half, so that the reports of a room do not fall together (RFC 3550 section 6.3.1).
            self._report_due_us = at_us + int(REPORT_INTERVAL_US * random.uniform(0.5, 1.5))
            reports += self._receiver_report(at_us)
        video = self.streams.get("video")
        if self.remb_bps is not None and video is not None:
            fci = rtp.pack_remb_fci(self.remb_bps, [video.ssrc])
            packet = rtp.RtcpPsfbPacket(fmt=_APP, ssrc=self.outs[0].ssrc, media_ssrc=0, fci=fci)
            reports += bytes(packet)
        if reports:
            self.send_rtcp(reports)
        if self.on_tick is not None:
            self.on_tick(at_us)

    def _receiver_report(self, at_us: int) -> bytes:
        # Sent empty too (RFC 3550 section 6.4.2): it tells the far end's watchdog that we are there.
        blocks = [stream.counters.report(ssrc, at_us) for ssrc, stream in self._by_ssrc.items()]
        return bytes(rtp.RtcpRrPacket(ssrc=self.outs[0].ssrc, reports=blocks))
