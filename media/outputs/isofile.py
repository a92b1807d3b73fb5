"""One Matroska file of an isolated recording: H.264 or VP8 and Opus as they were received."""

from __future__ import annotations

import datetime
import io
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.container.core
from av.stream import Stream

from media.outputs.isotime import BEGIN_WORD, GOES_ON_WORD, Mark, mark_title
from media.outputs.mp4file import WholeWriter
from media.outputs.tail import FileGoneError, same_file
from media.rtc.decode import PIXELS_MAX
from media.rtc.depayload import annexb_units, vp8_size

_MS = Fraction(1, 1000)
_NAL_SPS = 7
_PROBE_BYTES = 64 << 10
OPTIONS = {
    "cluster_time_limit": "1000",
    "flush_packets": "1",
    # How long the muxer waits for sound (who is muted sends none) before it writes the picture alone.
    "max_interleave_delta": "500000",
}


class UnusableHeadError(ValueError):
    """A key picture that says nothing a file could begin with."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a file must know of its picture before it begins; another one needs another file."""

    codec: str
    mark: bytes
    """Sequence parameter set (H.264) or size (VP8)."""


def head_of(codec: str, unit: bytes) -> Head | None:
    """The head of a key picture (`codec` "H264" or "VP8"); None where it has none of its own."""
    if codec == "VP8":
        size = vp8_size(unit)
        return Head(codec, b"%dx%d" % size) if size else None
    sps = next((nal for nal in annexb_units(unit) if nal[0] & 31 == _NAL_SPS), None)
    return Head(codec, sps) if sps else None


@dataclass(frozen=True, slots=True)
class Tags:
    """What the file says of itself: title (who), session, and when it begins (Unix time)."""

    title: str
    session: str
    starts_at_us: int
    language: str = "id"


class IsoFile:
    """A file that grows by whole clusters of a second; used by one thread.

    It writes through a Python file object, as the recorder does: a dead network folder must not hold the
    interpreter lock.
    """

    def __init__(self, path: Path, head: Head | None, unit: bytes, tags: Tags) -> None:
        """Create the file; `unit` is its first key picture (without a head: sound alone).

        Raises OSError where the disk refuses or the file exists, UnusableHeadError for a picture that cannot
        be the first.
        """
        self.path, self.head = path, head
        self.width_px = self.height_px = 0
        self.duration_us = 0
        self.whole_bytes = 0
        """Length of the file after what was last written whole."""
        self._tags = tags
        template = _template(unit) if head is not None and head.codec == "H264" else None
        self._file = WholeWriter(path)
        try:
            self._container = av.open(self._file, "w", format="matroska", container_options=OPTIONS)
            self._picture = self._add_picture(head, unit, template)
            self._sound: Stream = self._container.add_stream("libopus", rate=48_000)
            self._sound.codec_context.layout = "stereo"
            self._sound.time_base = _MS
            self._container.metadata.update(_metadata(tags))
        except BaseException:
            self._file.close()
            path.unlink(missing_ok=True)
            raise

    def _add_picture(self, head: Head | None, unit: bytes, template: Stream | None) -> Stream | None:
        if head is None:
            return None
        if template is not None:
            stream: Stream = self._container.add_stream_from_template(template, opaque=True)
            self.width_px, self.height_px = template.width, template.height  # type: ignore[attr-defined]
        else:
            self.width_px, self.height_px = vp8_size(unit) or (0, 0)
            stream = self._container.add_mux_stream(
                "vp8", rate=30, width=self.width_px, height=self.height_px
            )
        stream.time_base = _MS
        return stream

    def write_picture(self, unit: bytes, at_us: int, key: bool) -> None:
        """Write a picture at a time of the file; raises OSError where the disk refuses it."""
        assert self._picture is not None
        self._mux(self._picture, unit, at_us, key)

    def write_sound(self, opus: bytes, at_us: int) -> None:
        """Write an Opus packet at a time of the file; raises OSError where the disk refuses it."""
        self._mux(self._sound, opus, at_us, True)

    def _mux(self, stream: Stream, data: bytes, at_us: int, key: bool) -> None:
        packet: av.Packet[Any] = av.Packet(data)
        # Without a time base of its own a packet counts in that of its stream: a Fraction less to convert.
        packet.pts = packet.dts = at_us // 1000
        packet.stream, packet.is_keyframe = stream, key
        self._container.mux(packet)
        self.duration_us = max(self.duration_us, at_us)
        self.whole_bytes = self._file.tell()

    def look(self) -> None:
        """Raises FileGoneError where the file stands no more at its path; blocks. Raises OSError."""
        if not same_file(self.path, os.fstat(self._file.fileno())):
            raise FileGoneError(self.path.name)

    def sync(self) -> None:
        """Put what was written on the disk itself; blocks. Raises OSError and FileGoneError."""
        self.look()
        (getattr(os, "fdatasync", None) or os.fsync)(self._file.fileno())

    def close(self, marks: Sequence[Mark] = ()) -> int:
        """Write index and marks and close; returns the size. After an error it is still open: see `abandon`.

        Raises OSError and FileGoneError.
        """
        self._container.set_chapters(chapter_list(marks, self.duration_us, self._tags.language))
        self._container.close()
        self.look()
        size = self._file.seek(0, io.SEEK_END)
        self._file.close()
        return size

    def abandon(self) -> None:
        """Close after an error: no index, but every whole cluster plays."""
        with suppress(OSError, ValueError, FileGoneError):
            self.look()  # one that was moved is whole where it is now
            self._file.truncate(self.whole_bytes)
        with suppress(OSError):
            self._file.close()


def _template(unit: bytes) -> Stream:
    """The stream of an H.264 key picture, with its parameter sets; too large ones are not even decoded."""
    try:
        probe = av.open(
            io.BytesIO(unit),
            format="h264",
            options={"probesize": str(max(_PROBE_BYTES, len(unit) + 64))},
            stream_options=[{"max_pixels": str(PIXELS_MAX)}],  # type: ignore[list-item]
        )
        stream = probe.streams.video[0]
    except (av.FFmpegError, IndexError) as error:
        raise UnusableHeadError("the key picture cannot be read") from error
    if not stream.width or not stream.height or stream.width * stream.height > PIXELS_MAX:
        raise UnusableHeadError(f"a picture of {stream.width}x{stream.height} cannot be recorded")
    return stream


def _metadata(tags: Tags) -> dict[str, str]:
    begins = datetime.datetime.fromtimestamp(tags.starts_at_us / 1e6, datetime.UTC)
    return {
        "title": tags.title,
        "creation_time": begins.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "comment": tags.session,
    }


def chapter_list(marks: Sequence[Mark], duration_us: int, language: str) -> list[av.container.core.Chapter]:
    """Chapters for the marks, each with one behind it where the picture goes on; none for a whole file."""
    if not marks:
        return []
    places = [(0, BEGIN_WORD[language])] if marks[0].at_us >= 1_000_000 else []
    for number, mark in enumerate(marks):
        places.append((mark.at_us // 1000, mark_title(mark, language)))
        follows_us = marks[number + 1].at_us if number + 1 < len(marks) else duration_us
        if mark.end_us + 1_000_000 < follows_us:
            places.append((mark.end_us // 1000, GOES_ON_WORD[language]))
    ends = [start for start, _ in places[1:]] + [duration_us // 1000]
    return [
        {
            "id": number,
            "start": start,
            "end": max(end, start + 1),
            "time_base": _MS,
            "metadata": {"title": title},
        }
        for number, ((start, title), end) in enumerate(zip(places, ends, strict=True), 1)
    ]
