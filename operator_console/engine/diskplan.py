"""What the disk guard decides: time left, the level of warning with its hysteresis, what has to end. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from operator_console.session.model import DiskLevel

LEVELS = tuple(DiskLevel)
EASE = 1.25
"""A level is left when there is so much more than where it began, else a warning would flap."""
WINDOW_S = 300.0
ENOUGH_S = 30.0
"""Less than that measures nothing."""
MARGIN_S = 2.0
"""A disk may be looked at so much too late."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When what happens."""

    warn_s: tuple[float, float, float] = (4 * 3600.0, 3600.0, 900.0)
    reserve_bytes: int = 2_000_000_000
    """Left free by the program's recording; 0: it ends when the disk is full."""
    iso_reserve_bytes: int = 4_000_000_000
    """Left free by isolated recordings."""


def seconds_left(limits: Limits, free_bytes: int, rate_bps: float) -> float:
    """How long there can be recorded on until only the reserve is left."""
    return max(0, free_bytes - limits.reserve_bytes) * 8 / max(rate_bps, 1.0)


def plain_level(limits: Limits, free_bytes: int, left_s: float) -> DiskLevel | None:
    """The level of a disk without any memory; None where there is room."""
    if limits.reserve_bytes and free_bytes <= limits.reserve_bytes:
        return DiskLevel.STOP
    found = [level for level, warn_s in zip(LEVELS, limits.warn_s, strict=False) if left_s < warn_s]
    return found[-1] if found else None


def rank(level: DiskLevel | None) -> int:
    """Levels by how serious they are; lowest where there is none."""
    return -1 if level is None else LEVELS.index(level)


def next_level(before: DiskLevel | None, limits: Limits, free_bytes: int, left_s: float) -> DiskLevel | None:
    """The level now: a worse one at once, a better one only where there is a good deal more than it needs."""
    now = plain_level(limits, free_bytes, left_s)
    if rank(now) >= rank(before):
        return now
    eased = plain_level(limits, int(free_bytes / EASE), left_s / EASE)
    return eased if rank(eased) < rank(before) else before


class Act(StrEnum):
    """What has to be done on a disk."""

    NOTHING = "nothing"
    SHED = "shed"
    """End the isolated recordings there."""
    STOP = "stop"
    """Finish what the program writes there."""


def sheds(limits: Limits, level: DiskLevel | None, free_bytes: int) -> bool:
    """Whether isolated recordings may not be written there."""
    return level in (DiskLevel.LAST, DiskLevel.STOP) or free_bytes < limits.iso_reserve_bytes


def act_on(
    limits: Limits, level: DiskLevel | None, free_bytes: int, *, isos: bool, program: bool, shed_for_s: float
) -> Act:
    """What to do now: isolated recordings go first, and the program waits a moment for what that frees.

    `shed_for_s`: since when they have been told to end, while their files are still written.
    """
    if isos and sheds(limits, level, free_bytes):
        return Act.SHED
    if not program or level is not DiskLevel.STOP or free_bytes > limits.reserve_bytes:
        return Act.NOTHING
    waits = 0 < shed_for_s < MARGIN_S and free_bytes > limits.reserve_bytes // 2
    return Act.NOTHING if waits else Act.STOP


class Growth:
    """The rate at which files grow together, measured over the last minutes."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._total = 0
        self._points: deque[tuple[float, int]] = deque()

    def note(self, at_s: float, sizes: Mapping[str, int]) -> None:
        """Take the sizes of the files that are written now, by name; none at all begins anew.

        What a file held when it was first seen is no growth: after a crash it may be gigabytes.
        """
        if not sizes:
            self._known, self._total = {}, 0
            self._points.clear()
            return
        self._total += sum(max(0, size - self._known.get(name, size)) for name, size in sizes.items())
        self._known = dict(sizes)
        self._points.append((at_s, self._total))
        while len(self._points) > 2 and at_s - self._points[1][0] >= WINDOW_S:
            self._points.popleft()

    def rate_bps(self, set_bps: float) -> float:
        """The larger of rate as set and as measured: a still picture says nothing of the next hour."""
        if not self._points:
            return set_bps
        (first_s, first), (last_s, last) = self._points[0], self._points[-1]
        if last_s - first_s < ENOUGH_S:
            return set_bps
        return max((last - first) * 8 / (last_s - first_s), set_bps)
