"""FanOut, AudioBus and the streams they drive: what each receiver gets on the wire, unencrypted here."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from struct import unpack

import pytest
from aiortc import rtp
from aiortc.rtcrtpparameters import (
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpSendParameters,
)

from media.clock import bus_to_ntp, now_us
from media.rtc.decode import VideoDecoder
from media.rtc.depayload import FORMATS, H264
from media.rtc.fanout import AudioBus, FanOut, switch
from media.rtc.send import ABS_SEND_TIME_URI, RESENDS_PER_S, AudioOut, VideoOut
from tests.media.rtc_kit import clip, tone, until

OPUS, H264_TYPE, RTX = 111, 102, 103
FRAME_US = 66_667


@dataclass
class Sent:
    """One RTP packet on the wire."""

    payload_type: int
    marker: bool
    seq: int
    rtp_ts: int
    ssrc: int
    extension: bytes
    payload: bytes


class Receiver:
    """A participant whose network keeps what it is given."""

    def __init__(self, codec: str = "H264", extension_id: int = 3, rtx: bool = True) -> None:
        self.video_codec = codec
        self.sent: list[Sent] = []
        self.audio_out, self.video_out = AudioOut(11, 12), VideoOut(21, 22)
        self.protocol = self.transport = self
        self.remote_addr = ("127.0.0.1", 9)
        self.buffered = 0
        self._video = [RTCRtpCodecParameters(f"video/{codec}", 90_000, payloadType=H264_TYPE)]
        if rtx:
            again = RTCRtpCodecParameters("video/rtx", 90_000, payloadType=RTX, parameters={"apt": H264_TYPE})
            self._video.append(again)
        self._extensions = [RTCRtpHeaderExtensionParameters(extension_id, ABS_SEND_TIME_URI)]

    def connect(self) -> Receiver:
        opus = [RTCRtpCodecParameters("audio/opus", 48_000, payloadType=OPUS)]
        self.audio_out.start(RTCRtpSendParameters(codecs=opus), {1: self}, bytes)
        video = RTCRtpSendParameters(codecs=self._video, headerExtensions=self._extensions)
        self.video_out.start(video, {1: self}, bytes)
        return self

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def sendto(self, data: bytes, addr: object) -> None:
        first, second, seq, rtp_ts, ssrc = unpack("!BBHLL", data[:12])
        start = 12 + (8 if first & 16 else 0)
        self.sent.append(Sent(second & 127, second > 127, seq, rtp_ts, ssrc, data[12:start], data[start:]))

    def frames(self) -> list[list[bytes]]:
        """Return the payloads of each picture; the numbers must follow each other."""
        packets = [packet for packet in self.sent if packet.ssrc == 21]
        for before, after in itertools.pairwise(packets):
            assert after.seq == (before.seq + 1) & 0xFFFF
        done: list[list[bytes]] = [[]]
        for packet in packets:
            done[-1].append(packet.payload)
            if packet.marker:
                done.append([])
        assert done.pop() == []
        return done


class Encoder:
    """Pushes a clip into FanOuts; a key frame whenever one was asked for."""

    def __init__(self, codec: str = "H264", units: tuple[bytes, ...] | None = None) -> None:
        self.units = units or clip(codec)
        self.fan = FanOut(codec, self.request_key)
        self.asked: list[int] = []
        self.at, self.stamp_us = 0, now_us()

    def request_key(self) -> None:
        self.asked.append(now_us())
        self.at = 0

    def push(self, frames: int = 1) -> None:
        for _ in range(frames):
            self.fan.push_video(self.units[self.at], self.stamp_us, self.at == 0)
            self.at += 1
            self.stamp_us += FRAME_US


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_late_joiner_begins_with_a_key_frame_and_misses_nothing_after(codec: str) -> None:
    encoder, first, late = Encoder(codec), Receiver(codec).connect(), Receiver(codec).connect()
    encoder.fan.add(first)
    encoder.push(5)
    encoder.fan.add(late)
    encoder.push(2)
    assert late.sent == []
    await until(lambda: len(encoder.asked) == 2, 2)
    encoder.push(3)
    assert [FORMATS[codec].is_key(frame) for frame in late.frames()] == [True, False, False]
    assert len(first.frames()) == 10
    assert VideoDecoder(codec).decode(FORMATS[codec].join(late.frames()[0]), 0) != []
    encoder.fan.close()


async def test_one_who_is_not_connected_yet_asks_for_his_key_frame_later() -> None:
    encoder, receiver = Encoder(), Receiver()
    encoder.fan.add(receiver)
    encoder.push(3)
    assert encoder.asked == []
    receiver.connect()
    assert len(encoder.asked) == 1
    encoder.push(2)
    assert len(receiver.frames()) == 2
    encoder.fan.close()


async def test_wrong_codec_is_refused() -> None:
    with pytest.raises(ValueError, match="VP8"):
        FanOut("H264").add(Receiver("VP8"))


async def test_time_stamps_follow_capture_and_sender_reports_tie_them_to_the_clock() -> None:
    encoder, receiver, bus = Encoder(), Receiver().connect(), AudioBus()
    encoder.fan.add(receiver)
    bus.assign_audio(receiver, "shared")
    start_us = encoder.stamp_us
    encoder.push(3)
    for step in range(10):
        bus.push_audio("shared", tone()[step], start_us + step * 20_000)
    at_us = start_us + 200_000
    captured = {}
    for out, rate in ((receiver.video_out, 90_000), (receiver.audio_out, 48_000)):
        report = out.report(at_us)
        assert report is not None
        sender_report, names = rtp.RtcpPacket.parse(report)
        assert isinstance(sender_report, rtp.RtcpSrPacket)
        assert isinstance(names, rtp.RtcpSdesPacket)
        info = sender_report.sender_info
        assert info.ntp_timestamp == bus_to_ntp(at_us)
        first = next(packet for packet in receiver.sent if packet.ssrc == out.ssrc)
        captured[rate] = at_us - ((info.rtp_timestamp - first.rtp_ts) & 0xFFFFFFFF) * 1_000_000 // rate
        assert out.report(at_us + 1000) is None
    assert abs(captured[90_000] - start_us) < 50
    assert abs(captured[48_000] - start_us) < 50
    encoder.fan.close()


async def test_header_extension_uses_the_negotiated_number() -> None:
    encoder = Encoder()
    receivers = [Receiver(extension_id=number).connect() for number in (3, 9, 15)]
    for receiver in receivers:
        encoder.fan.add(receiver)
    encoder.push()
    extensions = [receiver.sent[0].extension for receiver in receivers]
    assert [extension[:5] for extension in extensions] == [b"\xbe\xde\0\x01\x32", b"\xbe\xde\0\x01\x92", b""]
    encoder.fan.close()


@pytest.mark.parametrize("with_rtx", [True, False])
async def test_lost_packets_are_sent_again_from_the_history(with_rtx: bool) -> None:
    encoder, receiver = (
        Encoder(units=clip("H264", 20, 640, 360, 15, 2_000_000)),
        Receiver(rtx=with_rtx).connect(),
    )
    encoder.fan.add(receiver)
    encoder.push(3)
    lost = receiver.sent[-20]
    receiver.video_out.resend([lost.seq, (lost.seq + 30_000) & 0xFFFF], now_us())
    again = receiver.sent[-1]
    assert receiver.video_out.resent == 1
    assert (again.rtp_ts, again.marker) == (lost.rtp_ts, lost.marker)
    if with_rtx:
        assert (again.payload_type, again.ssrc) == (RTX, 22)
        assert again.payload == lost.seq.to_bytes(2, "big") + lost.payload
    else:
        assert (again.payload_type, again.ssrc, again.seq) == (H264_TYPE, 21, lost.seq)
        assert again.payload == lost.payload
    encoder.fan.close()


async def test_retransmission_is_limited() -> None:
    encoder, receiver = Encoder(units=clip("H264", 20, 640, 360, 15, 2_000_000)), Receiver().connect()
    encoder.fan.add(receiver)
    encoder.push(20)
    numbers = [packet.seq for packet in receiver.sent][-200:]
    at_us = now_us()
    receiver.video_out.resend(numbers[:3], at_us)
    receiver.video_out.resend(numbers[:3], at_us + 1000)
    assert receiver.video_out.resent == 3, "the same packet was sent twice within 20 ms"
    for round_ in range(1, 10):
        receiver.video_out.resend(numbers, at_us + round_ * 25_000)
    assert receiver.video_out.resent < RESENDS_PER_S * 1.3
    encoder.fan.close()


async def test_requests_for_a_key_frame_are_gathered() -> None:
    encoder, receivers = Encoder(), [Receiver().connect() for _ in range(5)]
    for receiver in receivers:
        encoder.fan.add(receiver)
    encoder.push()
    for _ in range(60):
        for receiver in receivers:
            receiver.video_out.key_wanted()
        await asyncio.sleep(0.02)
    assert 2 <= len(encoder.asked) <= 4
    assert min(b - a for a, b in itertools.pairwise(encoder.asked)) >= 490_000
    encoder.fan.close()


async def test_a_key_frame_that_comes_by_itself_answers_the_waiting_request() -> None:
    encoder, receiver = Encoder(), Receiver().connect()
    encoder.fan.add(receiver)
    encoder.push(2)
    receiver.video_out.key_wanted()
    encoder.at = 0
    encoder.push()
    await asyncio.sleep(0.6)
    assert len(encoder.asked) == 1
    encoder.fan.close()


async def test_key_frames_are_paced_and_order_is_kept() -> None:
    encoder, receivers = Encoder(), [Receiver().connect() for _ in range(35)]
    for receiver in receivers:
        encoder.fan.add(receiver)
    encoder.push(3)
    assert [len(receiver.sent) > 0 for receiver in receivers] == [True] * 10 + [False] * 25
    await until(lambda: all(len(receiver.sent) >= 3 for receiver in receivers))
    await asyncio.sleep(0.05)
    assert all(len(receiver.frames()) == 3 for receiver in receivers)
    encoder.push(1)
    assert all(len(receiver.frames()) == 4 for receiver in receivers)
    encoder.fan.close()


async def test_overflow_drops_to_the_next_key_frame() -> None:
    encoder, receivers = Encoder(), [Receiver().connect() for _ in range(11)]
    for receiver in receivers:
        encoder.fan.add(receiver)
    encoder.push(40)
    assert encoder.fan.dropped >= 30
    await until(lambda: len(encoder.asked) == 2, 2)
    encoder.push(2)
    await asyncio.sleep(0.05)
    assert H264.is_key(receivers[10].frames()[-2])
    encoder.fan.close()


async def test_a_receiver_whose_socket_is_full_waits_for_a_key_frame() -> None:
    encoder, full, fine = Encoder(), Receiver().connect(), Receiver().connect()
    for receiver in (full, fine):
        encoder.fan.add(receiver)
    encoder.push(2)
    full.buffered = 1_000_000
    encoder.push(1)
    full.buffered = 0
    encoder.push(1)
    assert (len(full.frames()), len(fine.frames())) == (2, 4)
    await until(lambda: len(encoder.asked) == 2, 2)
    encoder.push(1)
    assert (len(full.frames()), len(fine.frames())) == (3, 5)
    encoder.fan.close()


async def test_switch_to_another_rendition_happens_at_its_key_frame_without_a_seam() -> None:
    large, small, receiver = Encoder(), Encoder(units=clip("H264", 30, 160, 90)), Receiver().connect()
    large.fan.add(receiver)
    small.stamp_us = large.stamp_us
    for _ in range(4):
        large.push()
        small.at = max(small.at, 1)
        small.push()
    switch(receiver, small.fan)
    for _ in range(4):
        large.push()
        small.push()
    times = [packet.rtp_ts for packet in receiver.sent if packet.marker]
    steps_us = [((b - a) & 0xFFFFFFFF) * 100 // 9 for a, b in itertools.pairwise(times)]
    assert [round(step / 1000) for step in steps_us] == [67, 67, 67, 67, 1, 66, 67, 67]
    assert [H264.is_key(frame) for frame in receiver.frames()] == [True, *[False] * 4, True, *[False] * 3]
    (frame,) = VideoDecoder("H264").decode(H264.join(receiver.frames()[5]), 0)
    assert frame.width == 160
    assert (large.fan.receivers, small.fan.receivers) == (0, 1)
    receiver.video_out.key_wanted()
    await until(lambda: len(small.asked) == 2, 2)
    assert len(large.asked) == 1
    large.fan.close()
    small.fan.close()


async def test_removed_receiver_gets_nothing_and_can_come_back() -> None:
    encoder, receiver = Encoder(), Receiver().connect()
    encoder.fan.add(receiver)
    encoder.push(2)
    encoder.fan.remove(receiver)
    encoder.push(2)
    assert len(receiver.frames()) == 2
    encoder.fan.add(receiver)
    await until(lambda: len(encoder.asked) == 2, 2)
    encoder.push(1)
    assert len(receiver.frames()) == 3
    encoder.fan.close()


async def test_sound_goes_on_unbroken_when_its_source_changes() -> None:
    bus, receiver, other = AudioBus(), Receiver().connect(), Receiver().connect()
    bus.assign_audio(receiver, "shared")
    bus.assign_audio(other, "shared")
    start_us = now_us()
    for step in range(30):
        if step == 10:
            bus.assign_audio(receiver, "minus-1")
        if step == 20:
            bus.assign_audio(receiver, "shared")
        bus.push_audio("shared", b"shared", start_us + step * 20_000)
        bus.push_audio("minus-1", b"minus", start_us + step * 20_000)
    for sent in (receiver.sent, other.sent):
        assert {(b.seq - a.seq) & 0xFFFF for a, b in itertools.pairwise(sent)} == {1}
        assert {(b.rtp_ts - a.rtp_ts) & 0xFFFFFFFF for a, b in itertools.pairwise(sent)} == {960}
        assert len(sent) == 30
    assert [packet.payload for packet in receiver.sent] == [b"shared"] * 10 + [b"minus"] * 10 + [
        b"shared"
    ] * 10
    assert bus.listeners("minus-1") == 0
    bus.remove(receiver)
    assert bus.listeners("shared") == 1


async def test_a_pause_of_the_sound_is_a_jump_in_time_marked_as_a_new_talkspurt() -> None:
    bus, receiver = AudioBus(), Receiver().connect()
    bus.assign_audio(receiver, "shared")
    start_us = now_us()
    for step in (0, 1, 2, 10, 11, 11):
        bus.push_audio("shared", b"opus", start_us + step * 20_000 + 300 * (step % 2))
    first = receiver.sent[0].rtp_ts
    assert [(packet.rtp_ts - first) & 0xFFFFFFFF for packet in receiver.sent] == [0, 960, 1920, 9600, 10560]
    assert [packet.marker for packet in receiver.sent] == [True, False, False, True, False]


async def test_closed_path_is_left_alone() -> None:
    encoder, receiver = Encoder(), Receiver().connect()
    encoder.fan.add(receiver)
    encoder.push()
    sent = len(receiver.sent)
    receiver.video_out.stop()
    encoder.push()
    receiver.video_out.resend([packet.seq for packet in receiver.sent], now_us())
    assert len(receiver.sent) == sent
    assert receiver.video_out.report(now_us()) is None
    encoder.fan.close()
