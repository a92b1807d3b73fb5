"""Makes an ordinary MP4 with chapters of a recording that was never closed; it stays until that is proven."""

from __future__ import annotations

import io
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from media.outputs.mp4file import Chapter, WholeWriter, chapter_list
from media.outputs.reopen import take_back_close
from media.outputs.tail import DamagedTailError, box_kinds, fragments_until, holds_nothing

LOOK_BYTES = 16 << 20
"""After so much copied the room is looked at again: the recording that runs needs it too."""
MUXER_OPTIONS = {"movflags": "hybrid_fragmented", "frag_duration": "10000000"}
"""As the recorder's: the plain muxer lets the first chapter begin at nought, wherever it begins."""


class MendError(Exception):
    """The file stays as it is; `code` says why: missing, empty, no_room, damaged, folder, busy."""

    def __init__(self, code: str, text: str, **details: str) -> None:
        super().__init__(text)
        self.code, self.details = code, details


@dataclass(slots=True)
class Mended:
    """An ordinary file, and what it took."""

    duration_us: int
    size_bytes: int
    chapters: int
    cut_bytes: int = 0
    was_whole: bool = False
    """It was closed already; nothing was done to it."""


@dataclass(slots=True)
class Content:
    """What the packets of a file amount to, to compare two files by; by kind of stream."""

    stamped: bool = False
    """Whether each packet must stand at the same time stamp too, where both files count alike."""
    counts: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)
    ends: dict[str, Fraction] = field(default_factory=dict)

    def add(self, packet: av.Packet[Any]) -> None:
        """Count a packet in."""
        kind = packet.stream.type
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.sums[kind] = zlib.crc32(bytes(packet), self.sums.get(kind, 0))
        if self.stamped:
            self.sums[kind] = zlib.crc32(b"%d" % (packet.pts or 0), self.sums[kind])
        end = ((packet.pts or 0) + (packet.duration or 0)) * (packet.time_base or Fraction(0))
        self.ends[kind] = max(self.ends.get(kind, Fraction(0)), end)

    def same(self, other: Content) -> bool:
        """Whether both hold the same packets, up to the same time."""
        near = all(abs(end - other.ends.get(kind, 0)) < Fraction(1, 10) for kind, end in self.ends.items())
        return bool(self.counts) and (self.counts, self.sums) == (other.counts, other.sums) and near

    @property
    def end_us(self) -> int:
        """End of the picture."""
        return int(self.ends.get("video", Fraction(0)) * 1_000_000)


class Head(io.RawIOBase):
    """The first bytes of a file, as if there were no others: a torn end is not for a reader."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        super().__init__()
        self._file, self._length = file, length

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where it stands."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go somewhere; the end is the end of the head."""
        if whence == io.SEEK_END:
            return self._file.seek(self._length + offset)
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, empty at the end of the head."""
        left = max(0, self._length - self._file.tell())
        return self._file.read(left if size < 0 else min(size, left))


class Room:
    """Watches that a copy leaves so much free as others need, and tells the pace what is moved."""

    def __init__(self, folder: Path, size: int, keep_free: int, pace: Callable[[int], None]) -> None:
        self._folder, self._size, self._keep_free, self._pace = folder, size, keep_free, pace
        self._unseen_bytes = 0

    def look(self, needed: int = 0) -> None:
        """Raises MendError where `needed` bytes more would leave too little."""
        if shutil.disk_usage(self._folder).free < needed + self._keep_free:
            megabytes = str(self._size // 1_000_000)
            raise MendError("no_room", "The disk has no room for a copy.", megabytes=megabytes)

    def moved(self, size_bytes: int) -> None:
        """So many bytes were moved; looks every now and then."""
        self._pace(size_bytes)
        self._unseen_bytes += size_bytes
        if self._unseen_bytes >= LOOK_BYTES:
            self._unseen_bytes = 0
            self.look()


def mend(
    path: Path,
    chapters: Sequence[Chapter],
    first_us: int,
    *,
    keep_free_bytes: int,
    pace: Callable[[int], None] = lambda size_bytes: None,
) -> Mended:
    """Finish a recording in place, blocking; ``pace`` is told how many bytes were moved, and may sleep.

    ``first_us`` is the time of its first picture on the clock of the chapters; a copy is only made, and gone
    on with, where ``keep_free_bytes`` stay free. Raises MendError where the file stays as it is.
    """
    with refusing(path):
        return _mend(path, chapters, first_us, keep_free_bytes, pace)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Whatever goes wrong with a file is told as MendError."""
    try:
        yield
    except DamagedTailError as error:
        raise MendError("damaged", f"It is not what a recording consists of: {error}.") from error
    except av.FFmpegError as error:
        raise MendError("damaged", f"It cannot be read: {error.strerror}.") from error
    except FileNotFoundError as error:
        code = "missing" if path.parent.is_dir() else "folder"
        raise MendError(code, f"It is not there: {error.strerror}.") from error
    except OSError as error:
        raise MendError(
            "folder", f"The folder refuses: {error.strerror}.", said=str(error.strerror)
        ) from error


def _mend(
    path: Path, chapters: Sequence[Chapter], first_us: int, keep_free: int, pace: Callable[[int], None]
) -> Mended:
    for stale in path.parent.glob(f".{path.stem}.mend-*"):
        stale.unlink(missing_ok=True)
    take_back_close(path)
    target = path.with_name(f".{path.stem}.mend-{os.getpid()}")
    try:
        with path.open("rb") as file:
            opened = os.fstat(file.fileno())
            size = opened.st_size
            length = fragments_until(file, size)
            if not length and holds_nothing(file, size):
                raise MendError("empty", "There is no picture in it.")
            if not length:
                raise MendError("damaged", "Nothing of what is in it can be read.")
            # A file of one fragment has no moof: it looks as if it had been closed, but has no chapters.
            closed = _closed_already(file, size) if b"moof" not in box_kinds(file, length) else None
            if closed and (closed.chapters or not chapter_list(chapters, first_us, closed.duration_us)):
                return closed
            room = Room(path.parent, size, keep_free, pace)
            room.look(size)
            content, count = _copy(file, length, target, chapters, first_us, room.moved)
        _prove(target, content, pace)
        put_in_place(target, path, opened)
    finally:
        target.unlink(missing_ok=True)
    return Mended(content.end_us, path.stat().st_size, count, cut_bytes=size - length)


def _closed_already(file: IO[bytes], size: int) -> Mended:
    file.seek(0)
    with _reader(file, size) as source:
        video = source.streams.video[0]
        end_us = int((video.duration or 0) * (video.time_base or 0) * 1_000_000)
        return Mended(end_us, size, len(source.chapters()), was_whole=True)


def _reader(file: IO[bytes], length: int) -> InputContainer:
    file.seek(0)
    return av.open(Head(file, length), "r", format="mp4")


def _copy(
    file: IO[bytes],
    length: int,
    target: Path,
    chapters: Sequence[Chapter],
    first_us: int,
    pace: Callable[[int], None],
) -> tuple[Content, int]:
    """Write the packets into an ordinary MP4; returns what they amount to, and the number of chapters."""
    content = Content()
    with WholeWriter(target) as out, _reader(file, length) as source:
        container = av.open(out, "w", format="mp4", container_options=MUXER_OPTIONS)
        streams = {stream.index: _same_stream(container, stream) for stream in source.streams}
        move_packets(source, container, streams, content, pace)
        listed = chapter_list(chapters, first_us, content.end_us)
        container.set_chapters(listed)
        container.close()
        os.fsync(out.fileno())
    return content, len(listed)


def move_packets(
    source: InputContainer,
    container: OutputContainer,
    streams: Mapping[int, Stream],
    content: Content,
    pace: Callable[[int], None],
) -> None:
    """Write every packet into its stream (by its number in the source), and add it to `content`."""
    for packet in source.demux():
        if packet.dts is None:
            continue  # the mark of the end
        content.add(packet)
        pace(2 * packet.size)
        packet.stream = streams[packet.stream.index]
        container.mux(packet)


def _same_stream(container: OutputContainer, stream: Stream) -> Stream:
    made: Stream = container.add_stream_from_template(stream)
    made.time_base = stream.time_base
    return made


def _prove(target: Path, content: Content, pace: Callable[[int], None]) -> None:
    """Read the copy back packet for packet; raises MendError where it is not the same."""
    found = Content()
    with target.open("rb") as file, _reader(file, target.stat().st_size) as container:
        for packet in container.demux():
            if packet.dts is not None:
                found.add(packet)
                pace(packet.size)
    if not content.same(found):
        raise MendError("damaged", "The copy is not the same; the original stays.")


def put_in_place(target: Path, path: Path, opened: os.stat_result) -> None:
    """Put the proven copy in the place of the original, with its date; a crash sees one or the other.

    Nobody may have the original open (Windows). Raises MendError where it is not as it was when it was
    `opened`: a disk that had hung may have taken more of it. Its number is not asked for: some network mounts
    number files anew.
    """
    before = path.stat()
    if (before.st_size, before.st_mtime_ns) != (opened.st_size, opened.st_mtime_ns):
        raise MendError("busy", "It was written to meanwhile.")
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    target.chmod(before.st_mode & 0o777)
    target.replace(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
