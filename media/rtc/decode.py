"""Decodes what participants send, on the loop and single-threaded; refuses pictures that are too large."""

from __future__ import annotations

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from media.audio.libopus import LibopusDecoder, OpusError, library
from media.rtc.depayload import vp8_size

WIDTH_MAX_PX = 1920
HEIGHT_MAX_PX = 1088
PIXELS_MAX = WIDTH_MAX_PX * HEIGHT_MAX_PX

_CODECS = {"H264": "h264", "VP8": "libvpx"}
_PIXEL_FORMATS = ("yuv420p", "yuvj420p")


class Undecodable(ValueError):  # noqa: N818  said of the picture, not of the program
    """The decoder, or our limit on picture size, refused an access unit."""


class VideoDecoder:
    """One H.264 or VP8 stream; one thread, as frame threads add latency and fight for the loop's core."""

    def __init__(self, codec: str) -> None:
        """`codec` is "H264" or "VP8"."""
        self._is_vp8 = codec == "VP8"
        context = av.CodecContext.create(_CODECS[codec], "r")
        assert isinstance(context, VideoCodecContext)
        context.thread_count = 1
        if not self._is_vp8:
            # FFmpeg applies this to the size in the SPS, before it allocates a single picture.
            context.options = {"max_pixels": str(PIXELS_MAX)}
            context.flags |= av.codec.context.Flags.low_delay
        self._context = context

    def decode(self, unit: bytes, rtp_ts: int) -> list[av.VideoFrame]:
        """Return the pictures (I420) of an access unit, none or one as a rule; raises Undecodable."""
        if self._is_vp8 and (size := vp8_size(unit)) is not None and size[0] * size[1] > PIXELS_MAX:
            raise Undecodable(f"picture of {size[0]}x{size[1]} is too large")
        packet = av.Packet(unit)
        packet.pts = rtp_ts
        try:
            frames = self._context.decode(packet)
        except av.FFmpegError as exc:
            raise Undecodable(str(exc)) from exc
        for frame in frames:
            if frame.format.name not in _PIXEL_FORMATS or frame.width * frame.height > PIXELS_MAX:
                raise Undecodable(
                    f"picture of {frame.width}x{frame.height} {frame.format.name} is not accepted"
                )
        return frames


class AudioDecoder:
    """One Opus stream to mono 48 kHz: by libopus itself, or by FFmpeg, which recovers nothing."""

    def __init__(self) -> None:
        self._opus = LibopusDecoder() if library() is not None else None
        self._context = None if self._opus is not None else _ffmpeg_opus()

    def decode(self, packet: bytes) -> NDArray[np.int16] | None:
        """Return the samples (int16, mono, 48 kHz) of a packet, None if it has none; raises Undecodable."""
        if self._opus is not None:
            try:
                return self._opus.decode(packet)
            except OpusError as exc:
                raise Undecodable(str(exc)) from exc
        assert self._context is not None
        try:
            frames = self._context.decode(av.Packet(packet))
        except av.FFmpegError as exc:
            raise Undecodable(str(exc)) from exc
        if not frames:
            return None
        return np.frombuffer(memoryview(frames[0].planes[0]), np.int16, frames[0].samples)

    def recover(self, following: bytes, samples: int) -> tuple[NDArray[np.int16], int] | None:
        """Return what was lost just before a packet and how much of it, at its end, is real; see libopus."""
        if self._opus is None:
            return None
        try:
            return self._opus.recover(following, samples)
        except OpusError as exc:
            raise Undecodable(str(exc)) from exc


def _ffmpeg_opus() -> AudioCodecContext:
    context = av.CodecContext.create("libopus", "r")
    assert isinstance(context, AudioCodecContext)
    context.format = "s16"
    context.layout = "mono"
    context.sample_rate = 48_000
    context.thread_count = 1
    return context
