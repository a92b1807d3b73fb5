"""The files of all recordings as the journal knows them: whole, repaired, sealed, or never closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from operator_console.session import facts as f
from operator_console.session.codes import RepairCode
from operator_console.session.facts import FactRecord

KINDS = (
    "recording_started",
    "recording_confirmed",
    "recording_stopped",
    "recording_failed",
    "recording_repaired",
    "recording_unrepaired",
    "recording_sealed",
    "chapter_marked",
)
"""The facts that this view is made of."""
ISO_KINDS = (
    "iso_file_started",
    "iso_file_finished",
    "iso_file_failed",
    "recording_repaired",
    "recording_unrepaired",
)
"""The facts that the view of isolated recordings is made of."""
NOTHING_MORE = (RepairCode.MISSING, RepairCode.EMPTY, RepairCode.DAMAGED)
"""Why a file is left as it is for good; everything else is tried again at the next start."""


@dataclass(slots=True)
class RecordedFile:
    """One file of a recording; times are Unix milliseconds."""

    session_id: str
    id: str
    path: str
    segment: int = 1
    track: int = 0
    split: bool = False
    started_at_ms: int = 0
    first_at_ms: int = 0
    """Time of its first picture; 0 where it was never confirmed."""
    first_us: int = 0
    """The same on the bus clock; 0 where that is not known."""
    take: int = 0
    """Which recording of its session and path it is part of: segments count from 1 in each."""
    duration_ms: int = 0
    size_bytes: int = 0
    closed: bool = False
    failed_code: str = ""
    repaired: bool = False
    left_code: str = ""
    """Why it was not repaired."""
    ended_at_ms: int = 0
    """When it was closed, repaired or given up, as journaled."""
    sha256: str = ""
    sealed_bytes: int = 0
    chapters: list[tuple[str, int]] = field(default_factory=list)
    """Title and time of those marked since it was begun, up to the end of the session."""

    @property
    def whole(self) -> bool:
        """Whether it is an ordinary file."""
        return self.closed or self.repaired

    @property
    def to_repair(self) -> bool:
        """Whether somebody should finish it."""
        return not self.whole and self.left_code not in NOTHING_MORE

    @property
    def begins_ms(self) -> int:
        """Time of the first picture as well as it is known."""
        return self.first_at_ms or self.started_at_ms

    @property
    def chapters_since_ms(self) -> int:
        """From when on a chapter is its own: after a split those before its first picture are not."""
        return self.begins_ms if self.split else self.started_at_ms


@dataclass(slots=True)
class IsoFile:
    """One file of an isolated recording; it is never sealed."""

    session_id: str
    path: str
    finished: bool = False
    failed: bool = False
    """It ended before it was finished; nobody writes to it any more."""
    repaired: bool = False
    left_code: str = ""
    """Why it was not repaired."""
    duration_ms: int = 0
    size_bytes: int = 0

    @property
    def to_repair(self) -> bool:
        """Whether somebody should finish it, once it is sure that nobody writes to it."""
        return not self.finished and self.left_code not in NOTHING_MORE


def iso_files(records: Iterable[tuple[str, FactRecord]]) -> list[IsoFile]:
    """The files of isolated recordings in order, from the facts of `ISO_KINDS` with their sessions."""
    found: dict[tuple[str, str], IsoFile] = {}
    for session_id, record in records:
        body = record.body
        if isinstance(body, f.IsoFileStarted):
            found[session_id, body.path] = IsoFile(session_id, body.path)
            continue
        one = found.get((session_id, getattr(body, "path", "")))
        if one is None:
            continue
        if isinstance(body, f.IsoFileFinished):
            one.finished, one.failed = True, False
            one.duration_ms, one.size_bytes = body.duration_ms, body.size_bytes
        elif isinstance(body, f.IsoFileFailed):
            one.failed = not one.finished
        elif isinstance(body, f.RecordingRepaired):
            one.finished, one.failed, one.repaired, one.left_code = True, False, True, ""
            one.duration_ms, one.size_bytes = body.duration_ms, body.size_bytes
        elif isinstance(body, f.RecordingUnrepaired):
            one.left_code = body.code
    return list(found.values())


def recorded_files(records: Iterable[tuple[str, FactRecord]]) -> list[RecordedFile]:
    """The files in the order in which they were begun, from the facts of `KINDS` with their sessions."""
    found: dict[tuple[str, str], RecordedFile] = {}
    chapters: list[tuple[str, str, int]] = []
    takes: dict[tuple[str, int], int] = {}
    for session_id, record in records:
        body = record.body
        if isinstance(body, f.RecordingStarted):
            takes[session_id, body.track] = takes.get((session_id, body.track), 0) + (body.segment <= 1)
            found[session_id, body.recording_id] = RecordedFile(
                session_id,
                body.recording_id,
                body.path,
                body.segment,
                body.track,
                body.split,
                record.at_ms,
                take=takes[session_id, body.track],
            )
        elif isinstance(body, f.ChapterMarked):
            chapters.append((session_id, body.title, record.at_ms))
        elif one := found.get((session_id, getattr(body, "recording_id", ""))):
            _note(one, body, record.at_ms)
    for one in found.values():
        since = one.chapters_since_ms
        mine = [(title, at) for session, title, at in chapters if session == one.session_id and at >= since]
        one.chapters.extend(mine)
    return sorted(found.values(), key=lambda one: one.started_at_ms)


def _note(one: RecordedFile, body: Any, at_ms: int) -> None:
    if isinstance(body, f.RecordingConfirmed):
        one.first_at_ms, one.first_us = body.first_at_ms or at_ms, body.first_us
    elif isinstance(body, f.RecordingStopped) and body.size_bytes > 0:
        one.closed, one.ended_at_ms = True, at_ms
        one.duration_ms, one.size_bytes = body.duration_ms, body.size_bytes
    elif isinstance(body, f.RecordingFailed):
        one.failed_code, one.ended_at_ms = body.code or "failed", at_ms
    elif isinstance(body, f.RecordingRepaired):
        one.repaired, one.ended_at_ms, one.left_code = True, at_ms, ""
        one.duration_ms, one.size_bytes = body.duration_ms, body.size_bytes
    elif isinstance(body, f.RecordingUnrepaired):
        one.left_code = body.code
    elif isinstance(body, f.RecordingSealed):
        one.sha256, one.sealed_bytes = body.sha256, body.size_bytes


def gap_after_ms(one: RecordedFile, files: Iterable[RecordedFile], duration_ms: int) -> int:
    """How much of the program stands in no file between this one's end and the next of the same recording.

    0 where there is no next one, or where that is not known: nobody knows then when the program ended.
    """
    mine = (one.session_id, one.track, one.take, one.segment + 1)
    later = [
        _passed_ms(one, other)
        for other in files
        if (other.session_id, other.track, other.take, other.segment) == mine and other.first_at_ms
    ]
    return max(0, min(later) - duration_ms) if later else 0


def _passed_ms(one: RecordedFile, other: RecordedFile) -> int:
    """Time between the first pictures of two files; the least that it can be where a clock was set."""
    wall_ms = other.first_at_ms - one.begins_ms
    bus_ms = (other.first_us - one.first_us) // 1000 if one.first_us and other.first_us else 0
    known = [passed_ms for passed_ms in (wall_ms, bus_ms) if passed_ms > 0]
    return min(known, default=0)
