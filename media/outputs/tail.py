"""Proof that a growing recording is on disk: sync it every few seconds and read the new boxes back."""

from __future__ import annotations

import logging
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from media.clock import now_us
from media.reason import Reason, RecorderCode

log = logging.getLogger(__name__)

BOX_TYPES = frozenset(
    {b"ftyp", b"free", b"moov", b"moof", b"mdat", b"styp", b"sidx", b"mfra", b"skip", b"wide"}
)
SYNC_S = 2.0
LIMIT_BOXES = 100_000
ZERO_BYTES = 16
EMPTY_BYTES = 1_000_000
"""A file without a fragment that is longer is not one that had only just been begun."""


GONE = Reason(RecorderCode.FILE_GONE, "The file was taken away while it was written.")


class DamagedTailError(Exception):
    """What was read back is not what a recording consists of."""


class FileGoneError(Exception):
    """At the path stands nothing, or another file than the one that is written."""


def same_file(path: Path, written: os.stat_result) -> bool:
    """Whether a path still leads to the file that is written. Blocks; raises OSError."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    if os.path.samestat(found, written):
        return True
    # Some network mounts number a file anew: another number alone proves nothing.
    return written.st_nlink > 0 and found.st_size >= written.st_size


def _box(file: IO[bytes], offset: int, size_bytes: int) -> int:
    """End of the box at an offset, or the offset itself where it is not complete yet."""
    file.seek(offset)
    head = file.read(min(16, max(0, size_bytes - offset)))
    if len(head) < 8:
        return offset
    length, kind = struct.unpack_from(">I4s", head)
    if length == 1:
        if len(head) < 16:
            return offset
        (length,) = struct.unpack_from(">Q", head, 8)
    elif length == 0:
        length = size_bytes - offset
    if kind not in BOX_TYPES or length < 8:
        raise DamagedTailError(f"no MP4 box at byte {offset}")
    if offset + length > size_bytes:
        return offset
    return offset + int(length)


def complete_until(file: IO[bytes], offset: int, size_bytes: int) -> int:
    """Walk the boxes from a box boundary; the offset after the last complete one (ISO 14496-12, 4.2).

    Raises DamagedTailError where something else than boxes stands there.
    """
    for _ in range(LIMIT_BOXES):
        end = _box(file, offset, size_bytes)
        if end == offset:
            return offset
        offset = end
    return offset


def fragments_until(file: IO[bytes], size_bytes: int) -> int:
    """The offset after the last fragment that is whole: its index (moof) without its data is worth nothing.

    0 where there are no data at all. Raises DamagedTailError where something else than boxes stands there,
    but not for zeros from a fragment on: after a power cut they stand for what was not written yet.
    """
    offset = whole = before = 0
    kind = b""
    try:
        while (end := _box(file, offset, size_bytes)) != offset:
            file.seek(offset + 4)
            kind = file.read(4)
            if kind == b"mdat":
                before = whole
            if kind == b"mdat" or (whole and kind != b"moof"):
                whole = end
            offset = end
    except DamagedTailError:
        # The zeros may begin inside of the box's length and kind: its last letter is missing at least.
        if not whole or not _zeros_from(file, offset + 7):
            raise
    # The fragment itself may have got only the beginning of its data; no packet ends in so many zeros.
    file.seek(max(0, whole - ZERO_BYTES))
    torn = before and kind in (b"mdat", b"moof") and file.read(ZERO_BYTES) == bytes(ZERO_BYTES)
    return before if torn else whole


def _zeros_from(file: IO[bytes], offset: int) -> bool:
    """Whether nothing but zeros follows."""
    file.seek(offset)
    while block := file.read(1 << 20):
        if block.count(0) != len(block):
            return False
    return True


def box_kinds(file: IO[bytes], size_bytes: int) -> set[bytes]:
    """Kinds of the boxes of a file. Raises DamagedTailError where something else stands there."""
    offset, kinds = 0, set()
    while (end := _box(file, offset, size_bytes)) != offset:
        file.seek(offset + 4)
        kinds.add(file.read(4))
        offset = end
    return kinds


def holds_nothing(file: IO[bytes], size_bytes: int) -> bool:
    """Whether a file was cut off before any data of it were written, so that nothing is lost with it.

    Not one whose data cannot be read, be it only that they are torn. Raises DamagedTailError where something
    else than boxes stands there.
    """
    if size_bytes > EMPTY_BYTES or fragments_until(file, size_bytes):
        return False
    file.seek(complete_until(file, 0, size_bytes) + 4)
    return file.read(4) != b"mdat"


def drop_without_data(path: Path) -> bool:
    """Take away a recording that was cut off before anything of it was written; True where that was done.

    Blocks; raises OSError where the disk refuses.
    """
    try:
        with path.open("rb") as file:
            empty = holds_nothing(file, os.fstat(file.fileno()).st_size)
    except (FileNotFoundError, NotADirectoryError, DamagedTailError):
        return False
    if empty:
        path.unlink()
    return empty


def _sync(file: IO[bytes]) -> None:
    """Put what was written so far on the disk itself (a power cut loses what is only in memory)."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(file.fileno())
    else:
        os.fsync(file.fileno())


class TailCheck:
    """A thread with its own descriptor of the file; a slow disk holds up this thread and nobody else."""

    def __init__(
        self,
        path: Path,
        written: Callable[[], os.stat_result],
        gone: Callable[[], object],
        interval_s: float = SYNC_S,
        clock: Callable[[], int] = now_us,
    ) -> None:
        """`written` asks for the file that is written; `gone` is called once it is not at the path."""
        self._written, self._gone = written, gone
        self.verified_us: int | None = None
        self.verified_bytes = 0
        self.reason: Reason | None = None
        """Why what is written counts as unsure: now, or since a part of it was refused."""
        self._path, self._interval_s, self._clock = path, interval_s, clock
        self._offset = 0
        self._lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder-sync", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._stop.wait(self._interval_s):
                self._follow()
        except FileGoneError:
            self.reason = GONE
            self._gone()

    def _follow(self) -> None:
        """Check until it is to end, or the disk refuses."""
        try:
            self._look()
            with open(self._path, "r+b", buffering=0) as file:
                while not self._check(file):
                    pass
        except OSError as error:
            self._doubt(RecorderCode.NOT_SYNCED, f"sync failed: {error.strerror or error}")

    def _check(self, file: IO[bytes]) -> bool:
        """Sync, read back, wait; True once it is to end."""
        begun_us = self._clock()
        self._look()
        try:
            _sync(file)
        except OSError:
            self._lost = True
            raise
        self._read_back(file, begun_us)
        return self._stop.wait(self._interval_s)

    def _look(self) -> None:
        if not same_file(self._path, self._written()):
            raise FileGoneError(self._path.name)

    def _read_back(self, file: IO[bytes], begun_us: int) -> None:
        size = os.fstat(file.fileno()).st_size
        try:
            end = complete_until(file, self._offset, size)
        except DamagedTailError as error:
            self._doubt(RecorderCode.DAMAGED, str(error))
            return
        if self._lost:
            # Linux says it once and then takes those pages for written (https://lwn.net/Articles/752063/).
            self._doubt(RecorderCode.DAMAGED, "an earlier sync failed: what was written then may be missing")
        else:
            self.reason = None
        if end > self._offset:
            self._offset = self.verified_bytes = end
            self.verified_us = begun_us

    def _doubt(self, code: RecorderCode, text: str) -> None:
        if self.reason is None or self.reason.text != text:
            log.warning("recording %s: %s", self._path.name, text)
        self.reason = Reason(code, text)

    def stop(self, timeout_s: float) -> bool:
        """End the thread; False where the disk still holds it."""
        self._stop.set()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()
