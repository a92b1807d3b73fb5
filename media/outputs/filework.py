"""A child process of low priority that finishes and seals recordings; it ends with whoever started it."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import stat
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

MOST_BYTES_S = 60e6
"""It reads and writes no faster, so that the disk always has time for the recording that runs."""
BLOCK_BYTES = 1 << 20


class Pace:
    """Sleeps so that a rate is not exceeded."""

    def __init__(self, most_bytes_s: float = MOST_BYTES_S) -> None:
        self._most, self._bytes, self._begun_s = most_bytes_s, 0, time.monotonic()

    def moved(self, size_bytes: int) -> None:
        """So many bytes were read or written."""
        self._bytes += size_bytes
        early_s = self._bytes / self._most - (time.monotonic() - self._begun_s)
        if early_s > 0.05:
            time.sleep(early_s)


def sha256_of(path: Path, moved: Callable[[int], None] = lambda size_bytes: None) -> tuple[str, int]:
    """SHA-256 (hex) and size of a file; blocks, raises OSError. What it read is not kept in memory."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            moved(len(block))
            if hasattr(os, "posix_fadvise") and not size % (8 * BLOCK_BYTES):
                os.posix_fadvise(file.fileno(), 0, size, os.POSIX_FADV_DONTNEED)
    return digest.hexdigest(), size


def seal(order: dict[str, Any]) -> dict[str, Any]:
    """`{path, size_bytes}` -> `{sha256, size_bytes}`; none for a file that is not what was closed."""
    path, closed_bytes = Path(order["path"]), int(order["size_bytes"])
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        return {"code": "changed", "reason": "It is no file any more.", "args": {}}
    size = found.st_size
    if size == closed_bytes:
        digest, size = sha256_of(path, Pace().moved)
    if size != closed_bytes:
        reason = f"It has {size} bytes; it was closed with {closed_bytes}."
        return {"code": "changed", "reason": reason, "args": {}}
    return {"sha256": digest, "size_bytes": size}


def mend(order: dict[str, Any]) -> dict[str, Any]:
    """`{path, first_ms, chapters: [[title, at_ms]], keep_free_bytes}` -> what was done."""
    from media.outputs.mend import MendError
    from media.outputs.mend import mend as finish
    from media.outputs.mp4file import Chapter

    chapters = [Chapter(title, at_ms * 1000) for title, at_ms in order["chapters"]]
    keep = int(order["keep_free_bytes"])
    try:
        done = finish(
            Path(order["path"]), chapters, order["first_ms"] * 1000, keep_free_bytes=keep, pace=Pace().moved
        )
    except MendError as error:
        return {"code": error.code, "reason": str(error), "args": error.details}
    return {
        "duration_ms": done.duration_us // 1000,
        "size_bytes": done.size_bytes,
        "chapters": done.chapters,
        "cut_bytes": done.cut_bytes,
        "was_whole": done.was_whole,
    }


def mend_iso(order: dict[str, Any]) -> dict[str, Any]:
    """`{path, keep_free_bytes, quiet_s}` -> what was done; nothing where it was written to `quiet_s` ago."""
    from media.outputs.isomend import mend_iso as finish
    from media.outputs.mend import MendError

    keep, quiet_s = int(order["keep_free_bytes"]), float(order["quiet_s"])
    try:
        done = finish(Path(order["path"]), keep_free_bytes=keep, quiet_s=quiet_s, pace=Pace().moved)
    except MendError as error:
        return {"code": error.code, "reason": str(error), "args": error.details}
    return {
        "duration_ms": done.duration_us // 1000,
        "size_bytes": done.size_bytes,
        "was_whole": done.was_whole,
    }


WORK: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "seal": seal,
    "mend": mend,
    "mend_iso": mend_iso,
}


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Answer orders (a line of JSON each) from the standard input, whose end ends this process."""
    del argv, overrides
    _step_back()
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    while True:
        result = carry_out(json.loads(orders.get()))
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


def carry_out(order: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked; what went wrong is in the result as `code`, `reason` and `args`."""
    try:
        return WORK[order["work"]](order)
    except FileNotFoundError as error:
        return {"code": "missing", "reason": f"The file is not there: {error.strerror}.", "args": {}}
    except OSError as error:
        reason = f"The folder refuses: {error.strerror}."
        return {"code": "folder", "reason": reason, "args": {"said": str(error.strerror)}}


def _step_back() -> None:
    """Only what nobody else wants, of processor and disk."""
    own = psutil.Process()
    if sys.platform == "win32":
        own.nice(psutil.IDLE_PRIORITY_CLASS)
        return
    os.nice(19)
    if sys.platform == "linux":
        own.ionice(psutil.IOPRIO_CLASS_IDLE)


def _listen(orders: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)
    os._exit(0)  # in the middle of a file too: nothing is replaced before it is proven
