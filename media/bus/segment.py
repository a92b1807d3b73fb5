"""Opening, mapping and replacing segment files; shared by the writer and the reader side."""

from __future__ import annotations

import errno
import mmap
import os
import re
import secrets
import time
from pathlib import Path

from media.bus import layout

_NOT_SUPPORTED = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
_SEGMENT_FILE = re.compile(r"[\w.-]+\.seg")


class BusError(Exception):
    """A segment that is not there, foreign or damaged."""


class Segment:
    """A mapped segment file with its words as a flat view of unsigned 64-bit integers."""

    def __init__(self, path: Path, mapping: mmap.mmap, fd: int = -1) -> None:
        """`fd`: the open file, kept by the writer to reserve room."""
        self.path = path
        self.mapping = mapping
        self._fd = fd
        self.bytes = memoryview(mapping)
        self.words = self.bytes.cast("Q")

    @property
    def epoch(self) -> int:
        """Random number of the writer's run."""
        return self.words[layout.H_EPOCH]

    def reserve(self, offset: int, size_bytes: int) -> None:
        """Have the file system give a range its room; raises OSError where it has none.

        A write to a mapping for which there is no room left kills the process (SIGBUS): it must never happen.
        """
        reserve(self._fd, offset, size_bytes)

    def release(self) -> None:
        """Give the views back; the mapping itself goes when the last picture that was handed out goes."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self.words.release()
        self.bytes.release()
        try:
            self.mapping.close()
        except BufferError:
            # A QImage or numpy view still shows the last picture; the mapping is freed with it.
            return


def reserve(fd: int, offset: int, size_bytes: int) -> None:
    """Reserve room for a range of a file; does nothing where the system knows no such thing.

    Raises OSError where the file system is full.
    """
    if not hasattr(os, "posix_fallocate") or size_bytes <= 0:
        return  # Windows gives a file its room when its length is set
    try:
        os.posix_fallocate(fd, offset, size_bytes)
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise


def create_segment(
    directory: Path,
    name: str,
    kind: int,
    size_bytes: int,
    header: dict[int, int],
    reserved_bytes: int = layout.PAGE,
) -> Segment:
    """Make a new generation of a segment, publish its name and drop the older generations.

    The first `reserved_bytes` have their room at once; the rest is for the writer to `reserve` before it is
    touched. Raises OSError where the folder cannot be written or is full.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    epoch = secrets.randbits(63)
    path = directory / f"{name}.{epoch:016x}.seg"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.ftruncate(fd, size_bytes)
        reserve(fd, 0, reserved_bytes)
        mapping = mmap.mmap(fd, size_bytes)
    except OSError:
        os.close(fd)
        path.unlink(missing_ok=True)
        raise
    segment = Segment(path, mapping, fd)
    words = segment.words
    for index, value in header.items():
        words[index] = value
    words[layout.H_VERSION], words[layout.H_KIND], words[layout.H_EPOCH] = layout.VERSION, kind, epoch
    words[layout.H_HEARTBEAT_US] = time.monotonic_ns() // 1000
    words[layout.H_MAGIC] = layout.MAGIC
    pointer = directory / f"{name}.cur"
    temporary = directory / f"{name}.{epoch:016x}.tmp"
    temporary.write_text(path.name, encoding="ascii")
    os.replace(temporary, pointer)
    for old in directory.glob(f"{name}.{'[0-9a-f]' * 16}.seg"):
        if old != path:
            old.unlink(missing_ok=True)
    return segment


def current_path(directory: Path, name: str) -> Path | None:
    """The file that the pointer of a segment names, or None while there is no writer yet."""
    try:
        target = (directory / f"{name}.cur").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return directory / target if target.startswith(f"{name}.") and _SEGMENT_FILE.fullmatch(target) else None


def open_segment(path: Path, kind: int) -> Segment:
    """Map an existing segment read-only.

    Raises BusError where it is not there, not of this kind or not of this version.
    """
    try:
        with path.open("rb") as handle:
            mapping = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise BusError(f"segment {path.name} cannot be mapped: {error}") from error
    if len(mapping) < layout.PAGE or len(mapping) % layout.WORD:
        mapping.close()
        raise BusError(f"segment {path.name} is not a bus segment")
    segment = Segment(path, mapping)
    words = segment.words
    if words[layout.H_MAGIC] != layout.MAGIC:
        segment.release()
        raise BusError(f"segment {path.name} is not a bus segment")
    if words[layout.H_VERSION] != layout.VERSION or words[layout.H_KIND] != kind:
        segment.release()
        raise BusError(f"segment {path.name} is of another kind or version")
    return segment
