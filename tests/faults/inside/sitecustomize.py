"""Loaded by each Python process of a fault test (PYTHONPATH); does something only in an engine.

Its event loop is watched for stalls, its encodes are counted, and a host name may be given an address as in
a hosts file. A name that is not in that file goes to the system's resolver as ever, which is how a name is
made to be gone.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import struct
import sys
import threading
import time
from pathlib import Path
from typing import Any

FOLDER = "FAULT_INSIDE"
HOSTS, STALLS, ENCODES = "hosts.json", "stalls-{pid}", "encodes-{pid}"
FIGURES = struct.Struct("<ddQQ")
"""Worst stall in ms, CPU of the loop's thread within it in ms, turns looked at, of these stalls of 10 ms."""
COUNTS = struct.Struct("<QQQ")
"""Pictures of the program, pictures encoded as large as AIR, encoders that did it."""
AIR_MIN_PX = 1280
PERIOD_S = 0.004
LONG_MS = 10.0


class StallWatch:
    """Writes for how long the loop did not come to a callback beyond its time into a small shared file."""

    def __init__(self, loop: Any, file: Path) -> None:
        self._loop = loop
        file.write_bytes(bytes(FIGURES.size))
        with file.open("r+b") as handle:
            self._map = mmap.mmap(handle.fileno(), FIGURES.size)
        loop.call_soon(self._begin)

    def _begin(self) -> None:
        self._at_s, self._used_s = time.perf_counter(), time.thread_time()
        self._loop.call_later(PERIOD_S, self._look)

    def _look(self) -> None:
        stall_ms = (time.perf_counter() - self._at_s - PERIOD_S) * 1000
        used_ms = (time.thread_time() - self._used_s) * 1000
        worst_ms, worst_used_ms, turns, long = FIGURES.unpack(self._map[:])
        if stall_ms > worst_ms:
            worst_ms, worst_used_ms = stall_ms, used_ms
        self._map[:] = FIGURES.pack(worst_ms, worst_used_ms, turns + 1, long + (stall_ms > LONG_MS))
        self._begin()


def count_encodes(file: Path) -> None:
    """Count in a small shared file the pictures of the program and what is encoded as large as AIR."""
    from media.video.encoder import VideoEncoder
    from media.video.program import ProgramThread

    file.write_bytes(bytes(COUNTS.size))
    with file.open("r+b") as handle:
        shared = mmap.mmap(handle.fileno(), COUNTS.size)
    tick, encode, seen = ProgramThread._tick, VideoEncoder.encode, set[int]()

    def ticked(self: ProgramThread, number: int, stamp_us: int) -> None:
        pictures, air, encoders = COUNTS.unpack(shared[:])
        shared[:] = COUNTS.pack(pictures + 1, air, encoders)
        tick(self, number, stamp_us)

    def counted(self: VideoEncoder, frame: Any, pts_us: int) -> Any:
        if self.profile.width_px < AIR_MIN_PX:
            return encode(self, frame, pts_us)
        pictures, air, _ = COUNTS.unpack(shared[:])
        if not air:  # whoever reads it sets it to nought
            seen.clear()
        seen.add(id(self))
        shared[:] = COUNTS.pack(pictures, air + 1, len(seen))
        return encode(self, frame, pts_us)

    setattr(ProgramThread, "_tick", ticked)  # noqa: B010 (mypy takes it for a bound method)
    VideoEncoder.encode = counted  # type: ignore[method-assign]


def blurt() -> None:
    """Fail with every secret of the engine in the error's text, as careless code would."""
    import gc

    from media.outputs.secret import Secret

    found = {one.reveal() for one in gc.get_objects() if isinstance(one, Secret)}
    raise RuntimeError(f"{len(found)} secrets were blurted out: {' '.join(found)}")


def install(folder: Path) -> None:
    """Have the engine's loop watched, its names looked up in the hosts file first, its encodes counted."""
    import uvloop

    class Loop(uvloop.Loop):
        """uvloop with a hosts file."""

        async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
            host = json.loads((folder / HOSTS).read_text()).get(host, host)
            return await super().getaddrinfo(host, port, **options)

    def made() -> Any:
        loop = Loop()
        if threading.current_thread() is threading.main_thread():
            loop.call_soon(StallWatch, loop, folder / STALLS.format(pid=os.getpid()))
            loop.call_soon(loop.add_signal_handler, signal.SIGUSR1, blurt)
            count_encodes(folder / ENCODES.format(pid=os.getpid()))
        return loop

    uvloop.new_event_loop = made


if os.environ.get(FOLDER) and "engine" in sys.orig_argv:
    install(Path(os.environ[FOLDER]))
