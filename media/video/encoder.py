"""Video encoders of the program: AIR for recording and livestream, RETURN for the participants."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from media.packet import VIDEO_CLOCK_HZ, EncodedPacket

TIME_BASE = Fraction(1, VIDEO_CLOCK_HZ)

# BT.601 matrix as the overlays and browsers' cameras use it; untagged 720p would be shown as BT.709.
MATRIX_BT601 = 6
PRIMARIES_BT709 = 1
RANGE_VIDEO = 1


@dataclass(frozen=True, slots=True)
class VideoProfile:
    """What an encoder is asked for; ``bit_rate_bps`` is also the upper end of the live knob."""

    codec: Literal["h264", "vp8"]
    width_px: int
    height_px: int
    fps: int
    bit_rate_bps: int
    preset: str = "superfast"
    h264_profile: str = "high"
    gop_ms: int = 2000
    buffer_ms: int = 1000
    threads: int = 0
    encoder: str = "libx264"
    """libx264, or a hardware encoder that `media.video.hardware.probe_hardware` has seen working."""

    @property
    def gop_frames(self) -> int:
        """Distance of key pictures."""
        return max(1, self.fps * self.gop_ms // 1000)


AIR_720P30 = VideoProfile("h264", 1280, 720, 30, 4_000_000)
AIR_1080P30 = VideoProfile("h264", 1920, 1080, 30, 6_000_000)
RETURN_360P15 = VideoProfile("h264", 640, 360, 15, 500_000, h264_profile="baseline", buffer_ms=500, threads=1)
RETURN_360P15_VP8 = replace(RETURN_360P15, codec="vp8", encoder="libvpx")

HARDWARE_OPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "h264_nvenc": (
        "yuv420p",
        {"preset": "p4", "tune": "ull", "zerolatency": "1", "forced-idr": "1", "rc": "cbr"},
    ),
    "h264_qsv": ("nv12", {"preset": "veryfast", "async_depth": "1", "forced_idr": "1", "look_ahead": "0"}),
    "h264_amf": ("nv12", {"usage": "ultralowlatency", "quality": "speed", "rc": "cbr", "forced_idr": "1"}),
    "h264_videotoolbox": ("yuv420p", {"realtime": "1", "allow_sw": "0"}),
    "h264_mf": ("nv12", {"rate_control": "cbr", "scenario": "live_streaming", "hw_encoding": "1"}),
}
"""Pixel format and options per hardware encoder; untried by us for want of hardware, the probe decides."""


def thread_count(profile: VideoProfile, cores: int | None = None) -> int:
    """Threads for an encoder: one up to 720p (8-15 ms a frame, measured), for 1080p up to half the cores."""
    if profile.threads:
        return profile.threads
    cores = cores or os.cpu_count() or 1
    if profile.width_px * profile.height_px <= 1280 * 720:
        return 1
    return max(1, min(4, cores // 2))


def _x264_options(profile: VideoProfile) -> dict[str, str]:
    # Without maxrate and bufsize x264 ignores later changes of bit_rate without a word (measured).
    return {
        "preset": profile.preset,
        "tune": "zerolatency",
        "profile": profile.h264_profile,
        "maxrate": str(profile.bit_rate_bps),
        "bufsize": str(profile.bit_rate_bps * profile.buffer_ms // 1000),
        "forced-idr": "1",
        "sc_threshold": "0",
    }


def _vp8_options(profile: VideoProfile) -> dict[str, str]:
    rate = str(profile.bit_rate_bps)
    return {
        "deadline": "realtime",
        "cpu-used": "8",
        "lag-in-frames": "0",
        "minrate": rate,
        "maxrate": rate,
        "bufsize": str(profile.bit_rate_bps * profile.buffer_ms // 1000),
        "undershoot-pct": "100",
        "overshoot-pct": "15",
    }


def _options(profile: VideoProfile) -> tuple[str, dict[str, str]]:
    if profile.codec == "vp8":
        return "yuv420p", _vp8_options(profile)
    if profile.encoder in HARDWARE_OPTIONS:
        pixel_format, options = HARDWARE_OPTIONS[profile.encoder]
        rate = str(profile.bit_rate_bps)
        return pixel_format, {**options, "maxrate": rate, "bufsize": rate}
    return "yuv420p", _x264_options(profile)


def open_codec(profile: VideoProfile, bit_rate_bps: int) -> VideoCodecContext:
    """Open an encoder; raises av.FFmpegError where it does not work here."""
    context = cast(VideoCodecContext, av.CodecContext.create(profile.encoder, "w"))
    pixel_format, options = _options(profile)
    context.width, context.height, context.pix_fmt = profile.width_px, profile.height_px, pixel_format
    context.framerate, context.time_base = Fraction(profile.fps), TIME_BASE
    context.bit_rate = bit_rate_bps
    context.gop_size, context.max_b_frames = profile.gop_frames, 0
    context.thread_count = thread_count(profile)
    context.colorspace, context.color_range = MATRIX_BT601, RANGE_VIDEO
    context.color_primaries = context.color_trc = PRIMARIES_BT709
    context.options = options
    context.open()
    return context


class VideoEncoder:
    """One encoder; one thread calls `encode`, `request_key` may be called from any thread."""

    def __init__(self, profile: VideoProfile) -> None:
        """Open the encoder. Raises av.FFmpegError where the codec does not work here."""
        self.profile = profile
        self._bit_rate_bps = profile.bit_rate_bps
        self._context = open_codec(profile, profile.bit_rate_bps)
        self._key_wanted = True
        self._last_pts = self._key_pts = -1
        self._stamps: dict[int, int] = {}
        self.frames = 0
        self.keys = 0

    @property
    def bit_rate_bps(self) -> int:
        """The rate aimed at now."""
        return self._bit_rate_bps

    def set_bit_rate(self, bit_rate_bps: int) -> int:
        """Aim at another rate between a twentieth of the profile's and all of it; returns the rate taken.

        It settles within 2 s. libvpx cannot change it through FFmpeg while open, so the VP8 encoder is opened
        anew (with a key picture).
        """
        top = self.profile.bit_rate_bps
        bit_rate_bps = max(top // 20, min(top, bit_rate_bps))
        if bit_rate_bps == self._bit_rate_bps:
            return bit_rate_bps
        self._bit_rate_bps = bit_rate_bps
        if self.profile.codec == "vp8":
            self._context = open_codec(replace(self.profile, bit_rate_bps=bit_rate_bps), bit_rate_bps)
            self._key_wanted = True
        else:
            self._context.bit_rate = bit_rate_bps
        return bit_rate_bps

    def request_key(self) -> None:
        """Make the next picture a key picture (IDR); several requests before it are one."""
        self._key_wanted = True

    def encode(self, frame: av.VideoFrame, pts_us: int) -> list[EncodedPacket]:
        """Encode one yuv420p picture of the profile's size taken at ``pts_us`` (bus clock, must rise).

        Returns its packet at once (software encoders have no delay). Pass the nominal time of the tick, not
        the time of the call: players show the jitter (a tick late by milliseconds shows a newer picture, and
        passes its own time: lips). The frame may be overwritten when this has returned.
        """
        pts = max(pts_us * VIDEO_CLOCK_HZ // 1_000_000, self._last_pts + 1)
        self._last_pts = pts
        self._stamps[pts] = pts_us
        wanted, self._key_wanted = self._key_wanted or self._key_due(pts), False
        if self._context.pix_fmt != "yuv420p":
            frame = frame.reformat(format=self._context.pix_fmt)
        frame.pts, frame.time_base = pts, TIME_BASE
        frame.pict_type = PictureType.I if wanted else PictureType.NONE
        self.frames += 1
        return [self._packet(packet) for packet in self._context.encode(frame)]

    def _key_due(self, pts: int) -> bool:
        """Whether the last key picture is too old: the encoder counts pictures, and a busy machine makes few.

        (10 s between key pictures were seen at 6 pictures a second; YouTube wants 4 s at most.)
        """
        half_tick = VIDEO_CLOCK_HZ // self.profile.fps // 2
        return pts - self._key_pts >= self.profile.gop_ms * VIDEO_CLOCK_HZ // 1000 - half_tick

    def _packet(self, packet: av.Packet[Any]) -> EncodedPacket:
        pts = packet.pts or 0
        stamp_us = self._stamps.pop(pts, pts * 1_000_000 // VIDEO_CLOCK_HZ)
        self.keys += packet.is_keyframe
        self._key_pts = pts if packet.is_keyframe else self._key_pts
        return EncodedPacket(bytes(packet), stamp_us, pts, packet.is_keyframe, self.profile.codec)

    def close(self) -> list[EncodedPacket]:
        """Drain what a hardware encoder may still hold; the encoder cannot be used afterwards."""
        return [self._packet(packet) for packet in self._context.encode(None)]
