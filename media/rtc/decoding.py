"""Decodes what one connection receives and hands on pictures and sound with their capture time."""

from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
from numpy.typing import NDArray

from media.rtc.decode import AudioDecoder, Undecodable, VideoDecoder
from media.rtc.receive import MediaPath

PictureSink = Callable[[av.VideoFrame, int], None]
"""Called with (picture in I420, capture time in bus microseconds)."""

SoundSink = Callable[[NDArray[np.int16], int, int], None]
"""Called with (mono 48 kHz samples, RTP time stamp, capture time in bus microseconds)."""


class Decoding:
    """The decoders of one connection, made when first needed; sinks that are None cost no decoding."""

    def __init__(
        self,
        on_video: PictureSink | None,
        on_audio: SoundSink | None,
        on_encoded_video: Callable[[bytes, int, bool], None] | None = None,
        on_encoded_audio: Callable[[bytes, int], None] | None = None,
        on_undecodable: Callable[[int, Undecodable], None] | None = None,
    ) -> None:
        """`on_undecodable` gets how many pictures in a row were not decodable, and why the last was not."""
        self.errors = 0
        self.size = (0, 0)
        self._on_video, self._on_audio = on_video, on_audio
        self._on_encoded_video, self._on_encoded_audio = on_encoded_video, on_encoded_audio
        self._on_undecodable = on_undecodable
        self._in_row = 0
        self._path: MediaPath | None = None
        self._video: tuple[str, VideoDecoder] | None = None
        self._audio: AudioDecoder | None = None

    def attach(self, path: MediaPath) -> None:
        """Say where the media come from: its clocks give the stamps, its streams are asked for key frames."""
        self._path = path

    def video(self, unit: bytes, rtp_ts: int, key: bool, arrival_us: int) -> None:
        """Take one access unit."""
        if self._on_encoded_video is not None:
            self._on_encoded_video(unit, rtp_ts, key)
        path = self._path
        if self._on_video is None or path is None:
            return
        stamp_us = path.clock.stamp_us(path.streams["video"].clock, rtp_ts, arrival_us)
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
        self.errors += 1
        self._in_row += 1
        if self._on_undecodable is not None:
            self._on_undecodable(self._in_row, exc)

    def picture(self, frame: av.VideoFrame, stamp_us: int) -> None:
        """Take one decoded picture."""
        self._in_row = 0
        self.size = (frame.width, frame.height)
        if self._on_video is not None:
            self._on_video(frame, stamp_us)

    def audio(self, opus: bytes, rtp_ts: int, arrival_us: int) -> None:
        """Take one Opus packet."""
        if self._on_encoded_audio is not None:
            self._on_encoded_audio(opus, rtp_ts)
        path = self._path
        if self._on_audio is None or path is None:
            return
        stamp_us = path.clock.stamp_us(path.streams["audio"].clock, rtp_ts, arrival_us)
        if self._audio is None:
            self._audio = AudioDecoder()
        try:
            pcm = self._audio.decode(opus)
        except Undecodable:
            self.errors += 1
            return
        if pcm is not None:
            self._on_audio(pcm, rtp_ts, stamp_us)

    def sound(self, pcm: NDArray[np.int16], rtp_ts: int, stamp_us: int) -> None:
        """Take decoded sound."""
        if self._on_audio is not None:
            self._on_audio(pcm, rtp_ts, stamp_us)

    def close(self) -> None:
        """Let the decoders go."""
        self._video = self._audio = None
