"""How facts change what is known of isolated recordings and of the disks that recordings stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from operator_console.session import facts as f
from operator_console.session.model import IsoRecording, OutputPhase, SessionState


def _changed(state: SessionState, participant_id: str, **changes: Any) -> SessionState:
    iso = state.isos.get(participant_id)
    if iso is None:
        return state
    return replace(state, isos={**state.isos, participant_id: replace(iso, **changes)})


def started(state: SessionState, fact: f.IsoRecordingStarted, at_ms: int) -> SessionState:
    """It is wanted from now on."""
    iso = IsoRecording(
        participant_id=fact.participant_id, folder=fact.folder, stem=fact.stem, started_at_ms=at_ms
    )
    return replace(state, isos={**state.isos, fact.participant_id: iso})


def file_started(state: SessionState, fact: f.IsoFileStarted, at_ms: int) -> SessionState:
    """A file is written; what went wrong before is over."""
    iso = state.isos.get(fact.participant_id)
    if iso is None:
        return state
    changes: dict[str, Any] = {"path": fact.path, "files": iso.files + 1, "phase": OutputPhase.STOPPING}
    if iso.wanted:
        changes |= {"phase": OutputPhase.STARTED, "reason": "", "code": "", "args": {}}
    return _changed(state, iso.participant_id, **changes)


def damaged(state: SessionState, fact: f.IsoFileDamaged, at_ms: int) -> SessionState:
    """Pictures are missing in it."""
    iso = state.isos.get(fact.participant_id)
    if iso is None:
        return state
    marks, lost_ms = iso.marks + fact.count, iso.lost_ms + fact.lost_ms
    return _changed(state, iso.participant_id, marks=marks, lost_ms=lost_ms)


def file_finished(state: SessionState, fact: f.IsoFileFinished, at_ms: int) -> SessionState:
    """A file is whole; where it is still wanted the next one begins by itself."""
    iso = state.isos.get(fact.participant_id)
    if iso is None or iso.path != fact.path:
        return state
    phase = OutputPhase.STARTING if iso.wanted else OutputPhase.STOPPED
    return _changed(state, iso.participant_id, phase=phase)


def file_failed(state: SessionState, fact: f.IsoFileFailed, at_ms: int) -> SessionState:
    """A file ended against our will; while it is wanted it is tried again."""
    why = {"reason": fact.reason, "code": fact.code, "args": fact.args}
    return _changed(state, fact.participant_id, phase=OutputPhase.FAILED, **why)


def stopped(state: SessionState, fact: f.IsoRecordingStopped, at_ms: int) -> SessionState:
    """It is no longer wanted; a file that is written is still to be finished."""
    iso = state.isos.get(fact.participant_id)
    if iso is None or not iso.wanted:
        return state
    writing = iso.phase is OutputPhase.STARTED
    phase = OutputPhase.STOPPING if writing else OutputPhase.STOPPED
    why = {"reason": fact.reason, "code": fact.code, "args": fact.args}
    return _changed(state, fact.participant_id, wanted=False, phase=phase, **why)


def disk_ran_low(state: SessionState, fact: f.DiskRanLow, at_ms: int) -> SessionState:
    """A disk stands at a level."""
    return replace(state, disk_low={**state.disk_low, fact.folder: fact.level})


def disk_eased(state: SessionState, fact: f.DiskEased, at_ms: int) -> SessionState:
    """A disk stands at a better level, or at none."""
    rest = {folder: level for folder, level in state.disk_low.items() if folder != fact.folder}
    return replace(state, disk_low={**rest, fact.folder: fact.level} if fact.level else rest)


HANDLERS: dict[Any, Callable[[SessionState, Any, int], SessionState]] = {
    f.IsoRecordingStarted: started,
    f.IsoFileStarted: file_started,
    f.IsoFileDamaged: damaged,
    f.IsoFileFinished: file_finished,
    f.IsoFileFailed: file_failed,
    f.IsoRecordingStopped: stopped,
    f.DiskRanLow: disk_ran_low,
    f.DiskEased: disk_eased,
}
