"""Gives an isolated recording that was cut off its index and duration; it stays until the copy is proven."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import IO

import av
from av.container import InputContainer

from media.outputs.mend import Content, Mended, MendError, Room, move_packets, put_in_place, refusing
from media.outputs.mp4file import WholeWriter

_SEGMENT = bytes.fromhex("18538067")
_UNKNOWN_LENGTH = bytes.fromhex("01ffffffffffffff")
"""The muxer puts the real length there when it closes the file (RFC 8794, section 6.2)."""
_HEAD_BYTES = 4096
OPTIONS = {"max_interleave_delta": "500000"}


def mend_iso(
    path: Path,
    *,
    keep_free_bytes: int,
    quiet_s: float = 0.0,
    pace: Callable[[int], None] = lambda size_bytes: None,
) -> Mended:
    """Finish a Matroska file in place, blocking; ``pace`` is told how many bytes were moved, and may sleep.

    A copy is only made, and gone on with, where ``keep_free_bytes`` stay free. Raises MendError where the
    file stays as it is: `busy` where it was written to less than ``quiet_s`` ago, or meanwhile.
    """
    with refusing(path):
        if time.time() - path.stat().st_mtime < quiet_s:
            raise MendError("busy", "It was written to just now.")
        return _mend(path, keep_free_bytes, pace)


def _mend(path: Path, keep_free: int, pace: Callable[[int], None]) -> Mended:
    for stale in path.parent.glob(f".{path.stem}.mend-*"):
        stale.unlink(missing_ok=True)
    target = path.with_name(f".{path.stem}.mend-{os.getpid()}")
    try:
        with path.open("rb") as file:
            opened = os.fstat(file.fileno())
            size = opened.st_size
            if not size:
                raise MendError("empty", "There is nothing in it.")
            if _was_closed(file, size):
                with _reader(file) as source:
                    duration_us = (source.duration or 0) * 1_000_000 // av.time_base
                    return Mended(duration_us, size, 0, was_whole=True)
            room = Room(path.parent, size, keep_free, pace)
            room.look(size)
            content = _copy(file, target, room.moved)
        _prove(target, content, pace)
        put_in_place(target, path, opened)
    finally:
        target.unlink(missing_ok=True)
    return Mended(int(max(content.ends.values()) * 1_000_000), path.stat().st_size, 0)


def _was_closed(file: IO[bytes], size: int) -> bool:
    """Whether the muxer wrote the length of the whole at its end, and that much is there."""
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    at = head.find(_SEGMENT) + len(_SEGMENT)
    length = head[at : at + len(_UNKNOWN_LENGTH)]
    if at < len(_SEGMENT) or len(length) < len(_UNKNOWN_LENGTH):
        raise MendError("damaged", "It is not what an isolated recording consists of.")
    if length == _UNKNOWN_LENGTH:
        return False
    return length[0] != 1 or at + len(length) + int.from_bytes(length[1:], "big") <= size


def _reader(file: IO[bytes]) -> InputContainer:
    file.seek(0)
    return av.open(file, "r", format="matroska")


def _copy(file: IO[bytes], target: Path, pace: Callable[[int], None]) -> Content:
    """Write the packets into a file with an index; returns what they amount to."""
    content = Content(stamped=True)
    with WholeWriter(target) as out, _reader(file) as source:
        container = av.open(out, "w", format="matroska", container_options=OPTIONS)
        container.metadata.update(source.metadata)
        streams = {}
        for stream in source.streams:
            made = container.add_stream_from_template(stream, opaque=True)
            made.time_base = stream.time_base or Fraction(1, 1000)
            streams[stream.index] = made
        move_packets(source, container, streams, content, pace)
        if not content.counts:
            raise MendError("empty", "There is neither picture nor sound in it.")
        container.close()
        os.fsync(out.fileno())
    return content


def _prove(target: Path, content: Content, pace: Callable[[int], None]) -> None:
    """Read the copy back packet for packet; raises MendError where it is not the same, or has no index."""
    found = Content(stamped=True)
    with target.open("rb") as file:
        closed = _was_closed(file, target.stat().st_size)
        with _reader(file) as container:
            for packet in container.demux():
                if packet.dts is not None:
                    found.add(packet)
                    pace(packet.size)
    if not closed or not content.same(found):
        raise MendError("damaged", "The copy is not the same; the original stays.")
