"""Decodes what one connection receives and hands on pictures and sound with their capture time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import av
import numpy as np
from numpy.typing import NDArray

from media.rtc.audiostream import SoundPacket
from media.rtc.decode import Undecodable, VideoDecoder
from media.rtc.receive import MediaPath
from media.rtc.sound import RATE_HZ, SoundDecoding

PictureSink = Callable[[av.VideoFrame, int], None]
"""Called with (picture in I420, capture time in bus microseconds)."""

SoundSink = Callable[[NDArray[np.int16], int, int], None]
"""Called with (mono 48 kHz samples, RTP time stamp, capture time in bus microseconds)."""

FillSink = Callable[[NDArray[np.int16], int, int, bool], None]
"""Called as a SoundSink, with whether what was lost is recovered (True) or only concealed."""


class MediaTap(Protocol):
    """Gets what one connection receives, whole and in order, before it is decoded (also what is not)."""

    def picture(self, codec: str, unit: bytes, rtp_ts: int, key: bool, stamp_us: int, breaks: int) -> None:
        """Take a picture ("H264" or "VP8"); `breaks` counts how often pictures were left out so far."""

    def sound(self, opus: bytes, rtp_ts: int, stamp_us: int) -> None:
        """Take an Opus packet."""


class Decoding:
    """The decoders of one connection, made when first needed; sinks that are None cost no decoding."""

    def __init__(
        self,
        on_video: PictureSink | None,
        on_audio: SoundSink | None,
        on_encoded_video: Callable[[bytes, int, bool], None] | None = None,
        on_encoded_audio: Callable[[bytes, int], None] | None = None,
        on_undecodable: Callable[[int, Undecodable], None] | None = None,
        on_filled: FillSink | None = None,
        on_level: Callable[[int], None] | None = None,
    ) -> None:
        """`on_undecodable` gets how many pictures in a row were not decodable, and why the last was not.

        `on_filled` gets sound that was lost, as far as it can be had back (without it: `on_audio`),
        `on_level` the -dBov of each sound packet that is not decoded.
        """
        self.tap: MediaTap | None = None
        self._drop_video = self._wait_key = False
        self._video_errors = 0
        self.size = (0, 0)
        self._on_video, self._on_audio = on_video, on_audio
        self._on_encoded_video, self._on_encoded_audio = on_encoded_video, on_encoded_audio
        self._on_undecodable = on_undecodable
        self._in_row = 0
        self._path: MediaPath | None = None
        self._video: tuple[str, VideoDecoder] | None = None
        self._on_filled, self._on_level = on_filled, on_level
        self._sound_ts = self._sound_us = 0
        self._sound = SoundDecoding(self._decoded, self._filled, self._unheard)

    @property
    def errors(self) -> int:
        """Pictures and sounds that were not decodable."""
        return self._video_errors + self._sound.errors

    @property
    def undecoded(self) -> int:
        """Sound packets that were not worth decoding."""
        return self._sound.undecoded

    def set_drop_audio(self, drop: bool) -> None:
        """Stop or resume decoding sound; `on_level` goes on."""
        self._sound.drop = drop

    def set_drop_video(self, drop: bool) -> None:
        """Stop decoding pictures, or resume with the next key picture; the tap goes on."""
        self._drop_video = drop
        if drop:
            self._wait_key = True

    def attach(self, path: MediaPath) -> None:
        """Say where the media come from: its clocks give the stamps, its streams are asked for key frames."""
        self._path = path

    def video(self, unit: bytes, rtp_ts: int, key: bool, arrival_us: int) -> None:
        """Take one access unit."""
        if self._on_encoded_video is not None:
            self._on_encoded_video(unit, rtp_ts, key)
        path = self._path
        if path is None or (self._on_video is None and self.tap is None):
            return
        stamp_us = path.clock.stamp_us(path.streams["video"].clock, rtp_ts, arrival_us)
        if self.tap is not None:
            self.tap.picture(path.video_codec, unit, rtp_ts, key, stamp_us, path.video_counters.breaks)
        if self._decodes(path, key):
            self._decode(path, unit, rtp_ts, stamp_us)

    def _decodes(self, path: MediaPath, key: bool) -> bool:
        """Whether a picture is to be decoded; after a time without, the next key picture is the first."""
        if self._on_video is None or self._drop_video:
            return False
        if self._wait_key and not key:
            path.request_key()
            return False
        self._wait_key = False
        return True

    def _decode(self, path: MediaPath, unit: bytes, rtp_ts: int, stamp_us: int) -> None:
        if self._video is None or self._video[0] != path.video_codec:
            self._video = (path.video_codec, VideoDecoder(path.video_codec))
        try:
            frames = self._video[1].decode(unit, rtp_ts)
        except Undecodable as exc:
            self._fail(exc)
            path.need_key()
            return
        for frame in frames:
            self.picture(frame, stamp_us)

    def _fail(self, exc: Undecodable) -> None:
        self._video_errors += 1
        self._in_row += 1
        if self._on_undecodable is not None:
            self._on_undecodable(self._in_row, exc)

    def picture(self, frame: av.VideoFrame, stamp_us: int) -> None:
        """Take one decoded picture."""
        self._in_row = 0
        self.size = (frame.width, frame.height)
        if self._on_video is not None:
            self._on_video(frame, stamp_us)

    def audio(self, packet: SoundPacket) -> None:
        """Take one Opus packet, in order."""
        if self._on_encoded_audio is not None:
            self._on_encoded_audio(packet.opus, packet.rtp_ts)
        path = self._path
        if path is None or (self._on_audio is None and self.tap is None):
            return
        self._sound_ts = packet.rtp_ts
        self._sound_us = path.clock.stamp_us(path.streams["audio"].clock, packet.rtp_ts, packet.at_us)
        if self.tap is not None:
            self.tap.sound(packet.opus, packet.rtp_ts, self._sound_us)
        if self._on_audio is not None:
            self._sound.take(packet)

    def _stamp_us(self, rtp_ts: int) -> int:
        """Capture time of what stands just before the packet that is taken now, or begins with it."""
        before = (self._sound_ts - rtp_ts + 0x80000000) & 0xFFFFFFFF
        return self._sound_us - (before - 0x80000000) * 1_000_000 // RATE_HZ

    def _decoded(self, pcm: NDArray[np.int16], rtp_ts: int) -> None:
        if self._on_audio is not None:
            self._on_audio(pcm, rtp_ts, self._stamp_us(rtp_ts))

    def _filled(self, pcm: NDArray[np.int16], rtp_ts: int, recovered: bool) -> None:
        if self._on_filled is not None:
            self._on_filled(pcm, rtp_ts, self._stamp_us(rtp_ts), recovered)
        else:
            self._decoded(pcm, rtp_ts)

    def _unheard(self, level: int) -> None:
        if self._on_level is not None:
            self._on_level(level)

    def sound(self, pcm: NDArray[np.int16], rtp_ts: int, stamp_us: int) -> None:
        """Take decoded sound."""
        if self._on_audio is not None and not self._sound.drop:
            self._on_audio(pcm, rtp_ts, stamp_us)

    def close(self) -> None:
        """Let the decoders go."""
        self._video = None
        self._sound.close()
