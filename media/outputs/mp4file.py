"""Hybrid MP4: short fragments while it is written, an ordinary MP4 with chapters once it is closed."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container.core
from av.audio.stream import AudioStream
from av.stream import Stream

from media.outputs.aac import AudioProfile
from media.outputs.tail import DamagedTailError, fragments_until
from media.packet import AUDIO_CLOCK_HZ, VIDEO_CLOCK_HZ, EncodedPacket
from media.video.encoder import VideoProfile

FRAGMENT_US = 250_000
"""A fragment reaches the disk when the next begins: kill -9 costs this much, a picture, the sound's lag and
that of the encoder. On a machine that is too busy fragments of 0.5 s were measured to lose up to 1.2 s.
"""
MUXER_OPTIONS = {
    "movflags": "hybrid_fragmented",
    "frag_duration": str(FRAGMENT_US),
    "flush_packets": "1",
    "max_interleave_delta": "1000000",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """A place in the recording, by the bus time of its beginning."""

    title: str
    stamp_us: int


def chapter_list(
    chapters: Sequence[Chapter], first_us: int, duration_us: int
) -> list[av.container.core.Chapter]:
    """Chapters in file time (ms): sorted, clipped to the file, each ending where the next begins."""
    starts = sorted((max(0, c.stamp_us - first_us) // 1000, c.title) for c in chapters)
    end_ms = duration_us // 1000
    starts = [(start, title) for start, title in starts if start < end_ms]
    if not starts:
        return []
    ends = [start for start, _ in starts[1:]] + [end_ms]
    return [
        {
            "id": i + 1,
            "start": start,
            "end": max(end, start + 1),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": title},
        }
        for i, ((start, title), end) in enumerate(zip(starts, ends, strict=True))
    ]


NO_SYNC = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What a folder answers that knows no sync at all: nothing is lost, and nothing proven."""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class WholeWriter(io.FileIO):
    """A new unbuffered file whose `write` writes everything or raises.

    The system writes a part where the disk gets full, and FFmpeg would take that for the whole.
    """

    def __init__(self, path: Path) -> None:
        """Create the file, for its owner alone; raises OSError, also where it exists already."""
        super().__init__(path, "x+", opener=_private)
        self.in_order = False
        """Whether all that was written is on the disk itself before anything is written over."""
        self._end = 0

    def write(self, data: Any) -> int:
        """Write all bytes; raises OSError where that is not possible."""
        if self.in_order and self.tell() < self._end:
            self.sync()
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            done += super().write(view[done:]) or 0
        self._end = max(self._end, self.tell())
        return done

    def sync(self) -> bool:
        """Put what was written on the disk itself; blocks. False where the folder knows no such thing.

        Raises OSError where the disk refuses.
        """
        try:
            os.fsync(self.fileno())
        except OSError as error:
            if error.errno in NO_SYNC:
                return False
            raise
        return True


class HybridMp4:
    """The file of one recording; used by one thread.

    It writes through a Python file object: FFmpeg's own open and close hold the interpreter lock, and a dead
    network folder would stop the whole program.
    """

    def __init__(self, path: Path, video: VideoProfile, audio: AudioProfile | None) -> None:
        """Create the file; raises OSError where that is impossible, also where it exists already."""
        self.path = path
        self._file = WholeWriter(path)
        # At the close 8 bytes of the head make one mdat of all fragments. On the disk before the index, they
        # would leave a file without fragments and without index.
        self._file.in_order = True
        self.synced = False
        """Whether the closed file is on the disk itself, and not only in memory."""
        self._container = av.open(self._file, "w", format="mp4", container_options=MUXER_OPTIONS)
        self._video: Stream = self._container.add_mux_stream(
            video.codec, rate=video.fps, width=video.width_px, height=video.height_px
        )
        self._video.time_base = Fraction(1, VIDEO_CLOCK_HZ)
        self._frame_duration = VIDEO_CLOCK_HZ // video.fps
        self._audio: AudioStream | None = None
        if audio is not None:
            self._audio = self._container.add_stream("aac", rate=audio.sample_rate_hz)
            self._audio.codec_context.layout = "stereo" if audio.channels == 2 else "mono"
            self._audio.codec_context.bit_rate = audio.bit_rate_bps
            self._audio.time_base = Fraction(1, AUDIO_CLOCK_HZ)
        self.first_us: int | None = None
        self._first_pts = 0
        self._first_sample = 0
        self._last: dict[bool, int] = {}
        self.duration_us = 0
        self.end_us = 0
        """End of the longer of picture and sound: on a starved machine the picture may lag."""

    def stat(self) -> os.stat_result:
        """What the system knows of the file, wherever it is now; blocks. Raises OSError, also once closed."""
        try:
            return os.fstat(self._file.fileno())
        except ValueError as error:
            raise OSError(errno.EBADF, "the file is closed") from error

    def write(self, packet: EncodedPacket) -> bool:
        """Write a packet; False where it comes before the first key picture or goes back in time.

        Raises OSError where the disk refuses it.
        """
        if self.first_us is None:
            if not (packet.is_video and packet.key):
                return False
            self.first_us, self._first_pts = packet.stamp_us, packet.pts
            self._first_sample = packet.stamp_us * AUDIO_CLOCK_HZ // 1_000_000
        if packet.is_video:
            return self._write_video(packet)
        return self._write_audio(packet)

    def _write_video(self, packet: EncodedPacket) -> bool:
        pts = packet.pts - self._first_pts
        if not self._mux(packet, self._video, pts, self._frame_duration):
            return False
        self.duration_us = (pts + self._frame_duration) * 1_000_000 // VIDEO_CLOCK_HZ
        self.end_us = max(self.end_us, self.duration_us)
        return True

    def _write_audio(self, packet: EncodedPacket) -> bool:
        if self._audio is None:
            return False
        pts = packet.pts - self._first_sample
        if not self._mux(packet, self._audio, pts, 1024):
            return False
        self.end_us = max(self.end_us, (pts + 1024) * 1_000_000 // AUDIO_CLOCK_HZ)
        return True

    def _mux(self, packet: EncodedPacket, stream: Stream, pts: int, duration: int) -> bool:
        if pts <= self._last.get(packet.is_video, -1):
            return False
        self._last[packet.is_video] = pts
        out: av.Packet[Any] = av.Packet(packet.data)
        out.pts = out.dts = pts
        out.duration = duration
        out.time_base = Fraction(1, VIDEO_CLOCK_HZ if packet.is_video else AUDIO_CLOCK_HZ)
        out.stream, out.is_keyframe = stream, packet.key
        self._container.mux(out)
        return True

    def close(self, chapters: Sequence[Chapter] = ()) -> None:
        """Write the index and the chapters, put all of it on the disk itself, and close the file; blocks.

        Where the disk refuses that, OSError is raised and the file is still open: see `abandon`.
        """
        if self.first_us is not None:
            self._container.set_chapters(chapter_list(chapters, self.first_us, self.duration_us))
            self._container.close()
            self.synced = self._file.sync()
        self._file.close()

    def abandon(self) -> None:
        """Close after an error: no index, whole fragments stay playable, a torn last one is cut off.

        A file without any data is taken away: there is nothing in it that could be played.
        """
        size = self._file.seek(0, io.SEEK_END)
        try:
            end = fragments_until(self._file, size)
        except DamagedTailError:
            end = size
        try:
            self._file.truncate(end)
        finally:
            self._file.close()
        if end == 0:
            self.path.unlink(missing_ok=True)

    @property
    def written_bytes(self) -> int:
        """Length of the file so far; -1 once it is closed."""
        return -1 if self._file.closed else self._file.tell()
