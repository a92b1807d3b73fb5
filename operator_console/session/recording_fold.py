"""How facts change what is known of the recording: one entry for each path it is written to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from operator_console.session import facts as f
from operator_console.session.model import NextFile, OutputPhase, Recording, SessionState

TRACKS = ("recording", "second_recording")
"""Where in the state the entry of a path stands, by its number (`track`)."""
_RUNNING = (OutputPhase.STARTING, OutputPhase.STARTED)


def _place_of(state: SessionState, recording_id: str) -> str:
    """Field of the state whose entry is about this file, now or next; empty where there is none."""
    for name in TRACKS:
        entry: Recording | None = getattr(state, name)
        if entry is not None and recording_id in (entry.id, entry.next.id if entry.next else ""):
            return name
    return ""


def _put(state: SessionState, name: str, entry: Recording) -> SessionState:
    return replace(state, **{name: entry})


def started(state: SessionState, fact: f.RecordingStarted, at_ms: int) -> SessionState:
    """A file was begun; with `split` the one before goes on until this one has its first picture."""
    if not 0 <= fact.track < len(TRACKS):
        return state
    name = TRACKS[fact.track]
    entry: Recording | None = getattr(state, name)
    # A pause may be asked while a split is under way: only going on, which is no split, ends it.
    if fact.split and entry is not None and (entry.wanted or entry.paused_at_ms):
        following = NextFile(id=fact.recording_id, path=fact.path, segment=fact.segment, started_at_ms=at_ms)
        return _put(state, name, replace(entry, next=following))
    begun = Recording(
        id=fact.recording_id, path=fact.path, segment=fact.segment, started_at_ms=at_ms, track=fact.track
    )
    return _put(state, name, begun)


def confirmed(state: SessionState, fact: f.RecordingConfirmed, at_ms: int) -> SessionState:
    """The first picture is in the file; told late, after its end, it begins nothing."""
    name = _place_of(state, fact.recording_id)
    if not name:
        return state
    entry: Recording = getattr(state, name)
    follows = entry.next is not None and entry.next.id == fact.recording_id
    if not follows and entry.phase is not OutputPhase.STARTING:
        return state
    if follows and entry.next is not None:
        after = entry.next
        entry = Recording(
            id=after.id,
            path=after.path,
            segment=after.segment,
            started_at_ms=after.started_at_ms,
            track=entry.track,
            paused_at_ms=entry.paused_at_ms,
        )
    return _put(state, name, _ended(entry, OutputPhase.STARTED, fact))


def _ended(entry: Recording, phase: OutputPhase, fact: Any) -> Recording:
    return replace(
        entry,
        phase=phase,
        reason=getattr(fact, "reason", ""),
        code=getattr(fact, "code", ""),
        args=getattr(fact, "args", {}),
        retrying=getattr(fact, "retrying", False),
    )


def stopped(state: SessionState, fact: f.RecordingStopped, at_ms: int) -> SessionState:
    """A file is whole; where none was being written any more, the operator ended a pause."""
    name = _place_of(state, fact.recording_id)
    if not name:
        return state
    entry: Recording = getattr(state, name)
    if entry.id != fact.recording_id:
        return _put(state, name, replace(entry, next=None))
    paused_at_ms = entry.paused_at_ms if entry.phase in _RUNNING else 0
    return _put(state, name, replace(_ended(entry, OutputPhase.STOPPED, fact), paused_at_ms=paused_at_ms))


def failed(state: SessionState, fact: f.RecordingFailed, at_ms: int) -> SessionState:
    """A file ended against our will, or could not even be begun (then the fact names its place)."""
    name = _place_of(state, fact.recording_id)
    if name:
        entry: Recording = getattr(state, name)
        if entry.id != fact.recording_id:
            return _put(state, name, replace(entry, next=None))
        return _put(state, name, _ended(entry, OutputPhase.FAILED, fact))
    if not fact.path or not 0 <= fact.track < len(TRACKS):
        return state
    name = TRACKS[fact.track]
    before: Recording | None = getattr(state, name)
    segment = before.segment if before is not None and before.wanted else 0
    never = Recording(
        id=fact.recording_id, path=fact.path, segment=segment, started_at_ms=at_ms, track=fact.track
    )
    return _put(state, name, _ended(never, OutputPhase.FAILED, fact))


def paused(state: SessionState, fact: f.RecordingPaused, at_ms: int) -> SessionState:
    """The operator paused the recording: its files are finished, no other is begun until he goes on."""
    for name in TRACKS:
        entry: Recording | None = getattr(state, name)
        if entry is not None and entry.wanted:
            state = _put(state, name, replace(entry, paused_at_ms=at_ms, retrying=False))
    return state


HANDLERS: dict[Any, Callable[[SessionState, Any, int], SessionState]] = {
    f.RecordingStarted: started,
    f.RecordingConfirmed: confirmed,
    f.RecordingStopped: stopped,
    f.RecordingFailed: failed,
    f.RecordingPaused: paused,
}
