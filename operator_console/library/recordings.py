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


def recorded_files(records: Iterable[tuple[str, FactRecord]]) -> list[RecordedFile]:
    """The files in the order in which they were begun, from the facts of `KINDS` with their sessions."""
    found: dict[tuple[str, str], RecordedFile] = {}
    chapters: list[tuple[str, str, int]] = []
    for session_id, record in records:
        body = record.body
        if isinstance(body, f.RecordingStarted):
            found[session_id, body.recording_id] = RecordedFile(
                session_id,
                body.recording_id,
                body.path,
                body.segment,
                body.track,
                body.split,
                record.at_ms,
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
        one.first_at_ms = body.first_at_ms or at_ms
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
    """How much of the program stands in no file between this one's end and the next of the same path.

    0 where there is no next one: nobody knows then when the program ended.
    """
    later = [
        other.first_at_ms
        for other in files
        if (other.session_id, other.track, other.segment) == (one.session_id, one.track, one.segment + 1)
        and other.first_at_ms > one.begins_ms
    ]
    return max(0, min(later) - one.begins_ms - duration_ms) if later else 0
