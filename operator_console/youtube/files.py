"""Reading a file that somebody named: a regular one, of a bounded size."""

from __future__ import annotations

import os
import stat


def read_regular(file: str, max_bytes: int) -> bytes:
    """The first `max_bytes` of a file; blocks. Raises OSError, also for pipes and devices, and ValueError.

    Opened without waiting: what was a file a moment ago may be a pipe that nobody writes to.
    """
    if not stat.S_ISREG(os.stat(file).st_mode):
        raise OSError("not a regular file")
    with open(
        os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
    ) as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError("not a regular file")
        return opened.read(max_bytes)
