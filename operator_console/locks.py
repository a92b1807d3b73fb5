"""Lock files between processes: held until closed or until the holder dies; looking never gets in the way."""

from __future__ import annotations

import os
import struct
import sys
import time
from pathlib import Path
from typing import IO

RETRY_S = 0.02
_FAR = 1 << 20
"""Windows locks bytes and makes them unreadable: a byte behind the content is locked there."""


if sys.platform == "win32":
    import msvcrt

    def try_lock(handle: IO[bytes]) -> bool:
        """Take the lock of an open file if it is free; it is held until the file is closed. Does not wait."""
        try:
            handle.seek(_FAR)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _held_by_another(handle: IO[bytes]) -> bool:
        return not try_lock(handle)

else:
    import fcntl

    _FLOCK = struct.Struct("hhqqi4x")
    """The system's `struct flock`: type, whence, start, length (0: to the end), process."""
    _WHOLE_FILE = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)

    def try_lock(handle: IO[bytes]) -> bool:
        """Take the lock of an open file if it is free; it is held until the file is closed. Does not wait.

        The lock belongs to the open file, as with flock(2), but it can be looked at without being taken
        (fcntl(2), "Open file description locks").
        """
        try:
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _WHOLE_FILE)
        except OSError:
            return False
        return True

    def _held_by_another(handle: IO[bytes]) -> bool:
        answer = _FLOCK.unpack(fcntl.fcntl(handle, fcntl.F_OFD_GETLK, _WHOLE_FILE))
        return bool(answer[0] != fcntl.F_UNLCK)


def open_locked(path: Path, wait_s: float) -> IO[bytes] | None:
    """Open a file, made where it is missing, and take its lock; None where it was not free in `wait_s`.

    Blocks: not on an event loop. Raises OSError where the file cannot be opened.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    handle = os.fdopen(os.open(path, flags, 0o600), "a+b")
    until_s = time.monotonic() + wait_s
    while not try_lock(handle):
        if time.monotonic() >= until_s:
            handle.close()
            return None
        time.sleep(RETRY_S)
    return handle


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock of a file.

    On Windows looking takes the lock for a moment: whoever wants the lock must try for longer than that
    (`open_locked`).
    """
    try:
        handle = path.open("r+b")
    except OSError:
        return False
    with handle:
        return _held_by_another(handle)
