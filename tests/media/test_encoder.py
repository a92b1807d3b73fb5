"""Encoders: judged by decoding what they make."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from media.outputs.aac import AacEncoder, alignment
from media.outputs.flv import split_annexb
from media.packet import EncodedPacket
from media.video.encoder import (
    AIR_720P30,
    AIR_1080P30,
    RETURN_360P15,
    RETURN_360P15_VP8,
    VideoEncoder,
    VideoProfile,
    thread_count,
)
from media.video.hardware import probe_hardware, works
from media.video.i420 import frame_planes, new_frame

SMALL = replace(AIR_720P30, width_px=320, height_px=180, bit_rate_bps=600_000)


def moving(profile: VideoProfile, count: int) -> Iterator[av.VideoFrame]:
    """One frame object again and again, as the compositor gives it, with a noisy picture that moves."""
    frame, planes = new_frame(profile.width_px, profile.height_px)
    noise = np.random.default_rng(3).integers(40, 200, planes.y.shape, np.uint8)
    for number in range(count):
        np.copyto(planes.y, np.roll(noise, 5 * number, axis=1))
        planes.y[:40, :40] = 20 + number % 10 * 20
        yield frame


def encode(encoder: VideoEncoder, count: int, fps: int = 30, start: int = 0) -> list[EncodedPacket]:
    packets = []
    for number, frame in enumerate(moving(encoder.profile, count)):
        packets += encoder.encode(frame, 1_000_000_000 + (start + number) * 1_000_000 // fps)
    return packets


def decode(packets: list[EncodedPacket]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create(packets[0].codec, "r")
    assert isinstance(decoder, VideoCodecContext)
    frames = []
    for packet in packets:
        frames += decoder.decode(av.Packet(packet.data))
    return frames + decoder.decode(None)


@pytest.mark.parametrize("profile", [AIR_720P30, RETURN_360P15, RETURN_360P15_VP8])
def test_each_picture_becomes_one_packet_at_once_with_its_stamp(profile: VideoProfile) -> None:
    encoder = VideoEncoder(profile)
    for number, frame in enumerate(moving(profile, 12)):
        stamp_us = 77_000_000 + number * 1_000_000 // profile.fps
        (packet,) = encoder.encode(frame, stamp_us)
        assert packet.stamp_us == stamp_us
        assert packet.pts == stamp_us * 9 // 100
        assert packet.codec == profile.codec
        assert packet.key == (number == 0)


@pytest.mark.parametrize("profile", [SMALL, RETURN_360P15_VP8])
def test_a_reused_frame_may_be_overwritten_after_encode(profile: VideoProfile) -> None:
    frames = decode(encode(VideoEncoder(profile), 40))
    assert len(frames) == 40
    marks = [round((float(frame_planes(f).y[8:32, 8:32].mean()) - 20) / 20) for f in frames]
    assert marks == [n % 10 for n in range(40)]


def test_keys_come_every_two_seconds_and_on_demand_with_their_headers() -> None:
    encoder = VideoEncoder(SMALL)
    packets = encode(encoder, 77)
    encoder.request_key()
    encoder.request_key()
    packets += encode(encoder, 150, start=77)
    assert [i for i, p in enumerate(packets) if p.key] == [0, 60, 77, 137, 197]
    for packet in packets:
        kinds = [unit[0] & 31 for unit in split_annexb(packet.data)]
        assert (5 in kinds) == packet.key
        assert (kinds[:2] == [7, 8]) == packet.key
    assert encoder.keys == 5


def test_keys_come_every_two_seconds_where_most_pictures_are_left_out() -> None:
    """A machine that makes six pictures a second: they are counted by time."""
    packets = encode(VideoEncoder(SMALL), 60, fps=6)
    assert [i for i, p in enumerate(packets) if p.key] == [0, 12, 24, 36, 48]


def test_each_profile_says_what_it_is() -> None:
    for profile, indication in ((AIR_720P30, 100), (RETURN_360P15, 66)):
        sps = split_annexb(encode(VideoEncoder(profile), 1)[0].data)[0]
        assert sps[1] == indication


def rate_bps(packets: list[EncodedPacket], fps: int = 30) -> float:
    return sum(len(p.data) for p in packets) * 8 * fps / len(packets)


@pytest.mark.parametrize("profile", [SMALL, replace(SMALL, codec="vp8", encoder="libvpx")])
def test_the_rate_follows_the_knob_within_two_seconds_down_and_up(profile: VideoProfile) -> None:
    encoder = VideoEncoder(profile)
    first = encode(encoder, 120)
    assert encoder.set_bit_rate(200_000) == 200_000
    settling, low = encode(encoder, 60, start=120), encode(encoder, 120, start=180)
    assert encoder.set_bit_rate(9_000_000) == profile.bit_rate_bps
    encode(encoder, 60, start=300)
    back = encode(encoder, 120, start=360)
    assert rate_bps(first[60:]) == pytest.approx(600_000, rel=0.25)
    assert rate_bps(low) == pytest.approx(200_000, rel=0.35)
    assert rate_bps(back) == pytest.approx(600_000, rel=0.25)
    assert len(decode(first + settling + low + back)) == 420


def test_threads_leave_cores_to_others() -> None:
    assert thread_count(AIR_720P30, 16) == 1
    assert [thread_count(AIR_1080P30, cores) for cores in (1, 2, 4, 8, 32)] == [1, 1, 2, 4, 4]


def test_the_trial_of_encoders_in_a_child_process() -> None:
    assert works("libx264")
    assert not works("h264_does_not_exist")
    assert not works("libx264", timeout_s=5, launcher=(sys.executable, "-c", "import os; os.abort()"))


def test_a_hanging_trial_is_ended_in_time() -> None:
    assert not works("libx264", timeout_s=0.3, launcher=(sys.executable, "-c", "import time; time.sleep(60)"))


def test_probing_this_machine_ends_and_names_only_what_works() -> None:
    for name in probe_hardware():
        assert works(name)


def tone(block: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    at = np.arange(block * 960, (block + 1) * 960)
    return (10_000 * np.sin(at * 2 * np.pi * 440 / 48_000)).astype(np.int16)


def decode_sound(
    encoder: AacEncoder, packets: list[EncodedPacket]
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = encoder.config
    decoder.sample_rate, decoder.layout = 48_000, "stereo"
    frames = [f for p in packets for f in decoder.decode(av.Packet(p.data))]
    return np.concatenate([f.to_ndarray()[0] for f in frames])


def test_sound_keeps_its_stamps_and_its_tone() -> None:
    encoder = AacEncoder()
    packets = [
        p for b in range(100) for p in encoder.encode(tone(b), 5_000_000 + b * 20_000)
    ] + encoder.close()
    steps = {b.pts - a.pts for a, b in pairwise(packets)}
    assert steps == {1024}
    assert packets[0].pts == 5 * 48_000 - 1024
    assert all(p.stamp_us == p.pts * 1_000_000 // 48_000 for p in packets)
    samples = decode_sound(encoder, packets)[4096:-4096]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * 48_000 / len(samples) == pytest.approx(440, abs=1)
    assert sum(len(p.data) for p in packets) * 8 / 2 < 140_000


def test_a_gap_in_the_stamps_becomes_silence_and_an_overlap_is_cut() -> None:
    encoder = AacEncoder()
    packets: list[EncodedPacket] = []
    stamps = [b * 20_000 for b in range(50)] + [2_000_000 + b * 20_000 for b in range(50)]
    for b, stamp_us in enumerate(stamps):
        packets += encoder.encode(tone(b), stamp_us)
    assert encoder.inserted_samples == 48_000
    packets += encoder.encode(tone(0), 2_800_000)
    assert encoder.dropped_samples == 960
    packets += encoder.close()
    samples = decode_sound(encoder, packets)[1024:]
    assert np.abs(samples[10_000:40_000]).max() > 0.25
    assert np.abs(samples[52_000:90_000]).max() < 0.01
    assert np.abs(samples[100_000:140_000]).max() > 0.25


def test_small_wandering_of_the_stamps_changes_nothing() -> None:
    assert alignment(1000, 1000 + 2000) == 0
    assert alignment(1000, 1000 - 2000) == 0
    assert alignment(1000, 1000 + 5000) == 5000
