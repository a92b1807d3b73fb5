"""What the room worker is told of participants: entries of the state, and which changed. Pure."""

from __future__ import annotations

from operator_console.protocol import RosterEntry
from operator_console.session.model import OutputPhase, Participant, SessionState


def entry(person: Participant, on_air: set[str], on_preview: set[str]) -> RosterEntry:
    """What the room has to know of one participant."""
    return RosterEntry(
        participant_id=person.id,
        session_hash=person.session_hash,
        name=person.name,
        office=person.office,
        presence=str(person.presence),
        muted=person.muted,
        consent=person.consent,
        hand=person.hand_at_ms > 0,
        on_air=person.id in on_air,
        on_preview=person.id in on_preview,
    )


def recording(state: SessionState) -> bool:
    """Whether people are to know that they are recorded: from the start on, also between two segments."""
    return state.recording_wanted or any(iso.wanted for iso in state.isos.values())


def streaming(state: SessionState) -> bool:
    """Whether people are to know that they are live: from the start on, also while a stream stalls."""
    ended = (OutputPhase.STOPPED, OutputPhase.FAILED)
    return any(stream.phase not in ended for stream in state.livestreams.values())


def entries(state: SessionState) -> dict[str, RosterEntry]:
    """The entries of all participants by id."""
    on_air: set[str] = set() if state.program.slate else set(state.program.on_air.sources)
    on_preview = set(state.program.preview.sources)
    return {key: entry(person, on_air, on_preview) for key, person in state.participants.items()}


def changed(before: dict[str, RosterEntry], after: dict[str, RosterEntry]) -> tuple[RosterEntry, ...]:
    """The entries that are new or differ."""
    return tuple(one for key, one in after.items() if before.get(key) != one)
