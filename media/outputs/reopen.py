"""Takes back the close of a recording that a power cut tore: its fragments can be read again."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import IO

_HEAD_BYTES = 4096
_FTYP_MOST_BYTES = 1024
_BOX = struct.Struct(">I4s")


def take_back_close(path: Path) -> bool:
    """Give a recording whose index is not whole the head that it had while it grew; True where that was done.

    FFmpeg closes a hybrid file (libavformat/movenc.c) by an index at its end and the header of one mdat over
    two `free` boxes at its beginning. Where the disk has the second and not the first, there is neither index
    nor fragment. 16 bytes are written, nothing else is touched, its date neither. Blocks; raises OSError.
    """
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        found = _head_while_it_grew(file, before.st_size)
    if found is None:
        return False
    offset, head = found
    with path.open("r+b", buffering=0) as file:
        file.seek(offset)
        file.write(head)
        os.fsync(file.fileno())
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return True


def _head_while_it_grew(file: IO[bytes], size_bytes: int) -> tuple[int, bytes] | None:
    """Where the header of the one mdat stands, and what stood there before; None where that is not torn."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if len(head) < 8:
        return None
    length, kind = _BOX.unpack_from(head)
    if kind != b"ftyp" or length > _FTYP_MOST_BYTES or len(head) < 2 * length + 24:
        return None
    inner = head[length + 16 :]  # behind the two boxes the file begins once more, as it was while it grew
    if inner[:length] != head[:length] or inner[length + 4 : length + 8] != b"moov":
        return None
    end = _data_end(head[length : length + 16], length)
    if end is None or _index_whole(file, end, size_bytes):
        return None
    return length, _BOX.pack(8, b"free") + _BOX.pack(8 + length, b"free")


def _data_end(header: bytes, offset: int) -> int | None:
    """Where the one mdat ends whose header stands at an offset; None where there is none."""
    first, kind, second, second_kind = struct.unpack(">I4sI4s", header)
    if (first, kind) == (1, b"mdat"):
        return offset + int(struct.unpack_from(">Q", header, 8)[0])
    if (first, kind, second_kind) == (8, b"free", b"mdat"):
        return offset + 8 + int(second)
    return None


def _index_whole(file: IO[bytes], offset: int, size_bytes: int) -> bool:
    """Whether at an offset stands an index with all its boxes (zeros are no box)."""
    length, kind = _box_at(file, offset)
    end = offset + length
    if kind != b"moov" or end > size_bytes:
        return False
    offset += 8
    while offset < end:
        length, kind = _box_at(file, offset)
        if length < 8 or not kind.isalpha():
            return False
        offset += length
    return offset == end


def _box_at(file: IO[bytes], offset: int) -> tuple[int, bytes]:
    """Length and kind of the box at an offset; nought where the file ends before."""
    file.seek(offset)
    head = file.read(8)
    if len(head) < 8:
        return 0, b""
    length, kind = _BOX.unpack(head)
    return int(length), bytes(kind)
