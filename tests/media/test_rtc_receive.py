"""MediaPath fed with packets no longer encrypted: routing, RTX, replaced streams, reports, damage."""

from __future__ import annotations

import random
from struct import pack

import pytest
from aiortc import rtp
from aiortc.rtcrtpparameters import (
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)

from media.clock import bus_to_ntp, now_us
from media.rtc import private
from media.rtc.audiostream import SoundPacket
from media.rtc.depayload import H264
from media.rtc.receive import MediaPath
from media.rtc.send import AudioOut, VideoOut
from tests.media.rtc_kit import clip
from tests.media.test_rtc_depayload import damaged

OPUS, H264_TYPE, RTX, VP8_TYPE = 111, 102, 103, 96
LEVEL_EXTENSION = 5
KEY, DELTA = b"\x65key", b"\x41delta"


class Rig:
    """A path that is started with a transport that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.units: list[tuple[bytes, bool]] = []
        self.opus: list[SoundPacket] = []
        self.audio_out, self.video_out = AudioOut(11, 12), VideoOut(21, 22)
        self.path = MediaPath(
            [self.audio_out, self.video_out],
            self.opus.append,
            lambda unit, ts, key, at: self.units.append((unit, key)),
        )
        nominated = {1: self}
        self.protocol = self.transport = self
        self.remote_addr = ("127.0.0.1", 9)
        self.path.start(private.Ciphers(bytes, bytes, bytes, bytes), nominated)
        self.path.add_receiver("audio", self._parameters(OPUS, "audio/opus", 48_000))
        self.path.add_receiver("video", self._parameters(H264_TYPE, "video/H264", 90_000, RTX))
        for out, payload_type, name in (
            (self.audio_out, OPUS, "audio/opus"),
            (self.video_out, H264_TYPE, "video/H264"),
        ):
            codecs = [RTCRtpCodecParameters(name, out.clock_rate, payloadType=payload_type)]
            out.start(RTCRtpSendParameters(codecs=codecs), nominated, bytes)

    def _parameters(self, payload_type: int, name: str, rate: int, rtx: int = 0) -> RTCRtpReceiveParameters:
        codecs = [RTCRtpCodecParameters(name, rate, payloadType=payload_type)]
        if rtx:
            codecs.append(
                RTCRtpCodecParameters("video/rtx", rate, payloadType=rtx, parameters={"apt": payload_type})
            )
            codecs.append(RTCRtpCodecParameters("video/VP8", rate, payloadType=VP8_TYPE))
        level = RTCRtpHeaderExtensionParameters(
            LEVEL_EXTENSION, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
        )
        return RTCRtpReceiveParameters(codecs=codecs, headerExtensions=[level])

    def sendto(self, data: bytes, addr: object) -> None:
        self.sent.append(data)

    def rtp(
        self,
        seq: int,
        payload: bytes,
        *,
        kind: int = H264_TYPE,
        ssrc: int = 500,
        head: int = 0x80,
        marker: bool = True,
    ) -> None:
        header = pack("!BBHLL", head, kind | marker << 7, seq, seq * 3000, ssrc)
        self.path.packet(header + payload, now_us())

    def rtcp(self, packet: object) -> None:
        self.path.reports(bytes(packet), now_us())  # type: ignore[call-overload]


@pytest.fixture
async def rig() -> Rig:
    return Rig()


async def test_sources_extensions_and_padding_are_stepped_over(rig: Rig) -> None:
    rig.rtp(1, b"\0" * 8 + b"\xbe\xde\x00\x01\x10\xaa\0\0" + KEY + b"\0\0\x03", head=0x80 | 0x20 | 0x10 | 2)
    assert rig.units == [(b"\0\0\0\x01" + KEY, True)]
    rig.path.stop()


@pytest.mark.parametrize(
    ("head", "payload"),
    [
        (0x8F, b"\0" * 8),
        (0x90, b"\xbe\xde"),
        (0x90, b"\xbe\xde\xff\xff\0\0"),
        (0xA0, b"\x01\xff"),
        (0xBF, b"\0" * 9),
    ],
    ids=["sources", "extension head", "extension body", "padding", "all"],
)
async def test_headers_that_lie_about_their_length_are_refused(rig: Rig, head: int, payload: bytes) -> None:
    rig.rtp(1, payload, head=head)
    assert rig.path.refused == 1
    assert rig.path.streams == {}
    rig.path.stop()


async def test_rtx_fills_the_hole_and_probes_do_nothing(rig: Rig) -> None:
    rig.rtp(1, KEY)
    rig.rtp(3, DELTA)
    rig.rtp(70, b"\0\x02" + DELTA, kind=RTX, ssrc=501)
    rig.rtp(71, b"\0\x02", kind=RTX, ssrc=501)
    rig.rtp(72, b"", kind=RTX, ssrc=501)
    assert len(rig.units) == 3
    rig.path.stop()


async def test_unknown_payload_types_make_no_stream(rig: Rig) -> None:
    rig.rtp(1, KEY, kind=13)
    assert rig.path.streams == {}
    rig.path.stop()


async def test_replaced_ssrc_ends_the_stream_before_it_for_good(rig: Rig) -> None:
    rig.rtp(1, KEY, ssrc=500)
    rig.rtp(9000, KEY, ssrc=600)
    rig.rtp(2, KEY, ssrc=500)
    rig.rtp(9001, DELTA, ssrc=600)
    assert len(rig.units) == 3
    assert rig.path.streams["video"].ssrc == 600
    rig.rtp(1, KEY, ssrc=700)
    assert rig.path.streams["video"].ssrc == 600, "streams may not be replaced without end"
    rig.path.stop()


async def test_codec_may_change_on_the_same_ssrc(rig: Rig) -> None:
    rig.rtp(1, KEY)
    rig.rtp(2, b"\x10\x00vp8", kind=VP8_TYPE)
    assert rig.units[1] == (b"\x00vp8", True)
    assert rig.path.video_codec == "VP8"
    rig.path.stop()


async def test_one_ssrc_cannot_be_both_picture_and_sound(rig: Rig) -> None:
    rig.rtp(1, KEY)
    rig.rtp(2, b"opus", kind=OPUS)
    assert set(rig.path.streams) == {"video"}
    rig.path.stop()


async def test_each_sound_packet_has_the_level_of_its_own_header(rig: Rig) -> None:
    rig.rtp(1, b"\xbe\xde\x00\x02\x10\x01\x50\xa3\0\0\0\0opus", kind=OPUS, head=0x90)
    rig.rtp(2, b"\xbe\xde\x00\x01\x10\x01\0\0opus", kind=OPUS, head=0x90)
    assert [packet.level for packet in rig.opus] == [0x23, None]
    rig.path.stop()


async def test_reports_carry_loss_and_remb(rig: Rig) -> None:
    rig.rtp(1, KEY)
    rig.rtp(3, DELTA)
    rig.rtp(1, b"opus", kind=OPUS, ssrc=400)
    info = rtp.RtcpSenderInfo(bus_to_ntp(now_us()), 3000, 3, 100)
    rig.rtcp(rtp.RtcpSrPacket(ssrc=500, sender_info=info))
    rig.path.remb_bps = 1_000_000
    rig.path._report_due_us = 0
    rig.path._housekeeping()
    (compound,) = [data for data in rig.sent if len(data) > 40][-1:]
    report, remb = rtp.RtcpPacket.parse(compound)
    assert isinstance(report, rtp.RtcpRrPacket)
    assert isinstance(remb, rtp.RtcpPsfbPacket)
    blocks = {block.ssrc: block for block in report.reports}
    assert (blocks[500].packets_lost, blocks[400].packets_lost) == (1, 0)
    assert blocks[500].lsr == info.ntp_timestamp >> 16 & 0xFFFFFFFF
    bps, ssrcs = rtp.unpack_remb_fci(remb.fci)
    assert abs(bps - 1_000_000) < 8
    assert ssrcs == [500]
    rig.path.stop()


async def test_pli_fir_remb_and_reports_of_the_far_end_are_heard(rig: Rig) -> None:
    wanted: list[int] = []
    rig.video_out.on_key_wanted = lambda: wanted.append(1)
    rig.rtcp(rtp.RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=21))
    rig.rtcp(rtp.RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=pack("!LL", 21, 0)))
    rig.rtcp(rtp.RtcpPsfbPacket(fmt=1, ssrc=1, media_ssrc=999))
    assert len(wanted) == 2
    rig.rtcp(rtp.RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=rtp.pack_remb_fci(300_000, [21])))
    assert abs((rig.video_out.view.remb_bps or 0) - 300_000) < 8
    rig.video_out.send_frame([KEY], now_us())
    report = rig.video_out.report(now_us())
    assert report is not None
    (sender_report, _) = rtp.RtcpPacket.parse(report)
    assert isinstance(sender_report, rtp.RtcpSrPacket)
    middle = sender_report.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
    rig.rtcp(rtp.RtcpRrPacket(ssrc=1, reports=[rtp.RtcpReceiverInfo(21, 64, 5, 9, 900, middle, 1)]))
    assert rig.video_out.view.fraction_lost == 0.25
    assert rig.video_out.view.jitter_ms == 10
    assert rig.video_out.view.rtt_ms is not None
    rig.path.stop()


async def test_damaged_packets_raise_nothing(rig: Rig) -> None:
    rng = random.Random(30)
    samples = [
        pack("!BBHLL", 0x90, H264_TYPE | 128, 7, 9, 500) + b"\xbe\xde\x00\x01\x10\xaa\0\0" + payload[:80]
        for unit in clip("H264", 5)
        for payload in H264.split(unit)
    ]
    samples.append(pack("!BBHLL", 0xA2, OPUS, 7, 9, 400) + b"\0" * 8 + b"opus\0\0\x03")
    samples.append(pack("!BBHLL", 0x80, RTX, 7, 9, 501) + b"\0\x02" + DELTA)
    for _ in range(8000):
        rig.path.packet(damaged(rng, rng.choice(samples)), now_us())
    assert rig.path.refused > 100
    rig.path.stop()


async def test_damaged_reports_raise_nothing(rig: Rig) -> None:
    rng = random.Random(31)
    info = rtp.RtcpSenderInfo(bus_to_ntp(now_us()), 3000, 3, 100)
    block = rtp.RtcpReceiverInfo(21, 64, 5, 9, 900, 1, 1)
    samples = [
        bytes(rtp.RtcpSrPacket(ssrc=500, sender_info=info, reports=[block])),
        bytes(rtp.RtcpRrPacket(ssrc=1, reports=[block, block])),
        bytes(rtp.RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=21, lost=[1, 2, 9, 400])),
        bytes(rtp.RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=rtp.pack_remb_fci(300_000, [21, 22]))),
        bytes(rtp.RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=pack("!LL", 21, 0))),
        bytes(rtp.RtcpByePacket(sources=[500])),
        rig.video_out.report(0) or b"\x80\xca\x00\x01\0\0\0\0",
    ]
    rig.video_out.send_frame([KEY, DELTA], now_us())
    for _ in range(8000):
        rig.path.reports(damaged(rng, rng.choice(samples) + rng.choice(samples)), now_us())
    assert rig.path.refused > 100
    rig.path.stop()
