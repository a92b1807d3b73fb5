"""Lock files between processes: held until closed or until the holder dies; looking never gets in the way."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import IO

RETRY_S = 0.02
_FAR = 1 << 20
"""Windows locks bytes and makes them unreadable: a byte behind the content is locked there."""


def try_lock(handle: IO[bytes], *, shared: bool = False) -> bool:
    """Take the lock of an open file if it is free; it is held until the file is closed. Does not wait."""
    try:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(_FAR)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


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

    Looking takes a shared lock for a moment, so that those who look do not see each other; whoever takes the
    lock itself must try for longer than that moment (`open_locked`).
    """
    try:
        handle = path.open("r+b")
    except OSError:
        return False
    with handle:
        return not try_lock(handle, shared=True)
