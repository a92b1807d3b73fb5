"""Which process is meant: its number together with its time of birth, since numbers are used again."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

_DEAD = (b"Z", b"X")


def birth_of(pid: int) -> str:
    """When a living process was born, good only to be compared; empty where there is none (any more)."""
    if sys.platform != "linux":
        import psutil

        try:
            process = psutil.Process(pid)
            return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.create_time())
        except (psutil.Error, ValueError):
            return ""
    return _birth_in_proc(pid)


def _birth_in_proc(pid: int) -> str:
    """Field 22 of /proc/PID/stat, in ticks since the machine's start: no change of the clock moves it."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    fields = told.rpartition(b")")[2].split()  # the name before it may contain anything
    return "" if len(fields) < 20 or fields[0] in _DEAD else fields[19].decode("ascii")


def same_process(pid: int, birth: str) -> bool:
    """Whether the process that had this number at this birth still lives."""
    return bool(birth) and birth_of(pid) == birth


def kill_process(pid: int, birth: str) -> bool:
    """Kill the process if it is still the one that is meant; False where it is not."""
    if not same_process(pid, birth):
        return False
    try:
        os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    except ProcessLookupError:
        return False
    return True


# ---- ending with another process

OWNER_VARIABLE = "OPERATOR_CONSOLE_OWNER"
"""In the environment of an engine and its keeper that are to end with one process, as number and birth."""


def own_mark() -> str:
    """What stands in `OWNER_VARIABLE` for children that are to end with this process."""
    return f"{os.getpid()} {birth_of(os.getpid())}"


def owner_lives() -> bool:
    """Whether the process that this one is to end with still lives; true where there is none such."""
    pid, _, birth = os.environ.get(OWNER_VARIABLE, "").partition(" ")
    return not pid.isdecimal() or not birth or same_process(int(pid), birth)
