"""The fold: `apply(state, record) -> state`, the one place where facts change the session's state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from operator_console.session import facts as f
from operator_console.session import iso_fold, recording_fold
from operator_console.session.model import (
    PRESENT,
    Broadcast,
    BroadcastPhase,
    Chapter,
    Layout,
    Livestream,
    Mixing,
    OutputPhase,
    Participant,
    Presence,
    ProgramAlarm,
    RoomFigures,
    SessionState,
)

Handler = Callable[[SessionState, Any, int], SessionState]
_handlers: dict[Any, Handler] = {}


def _on(*kinds: Any) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for kind in kinds:
            _handlers[kind] = handler
        return handler

    return register


def apply(state: SessionState, record: f.FactRecord) -> SessionState:
    """The state after a fact; unknown participants and sources are ignored, never an error (replay must not
    fail).
    """
    handler = _handlers.get(type(record.body))
    changed = handler(state, record.body, record.at_ms) if handler else state
    return replace(changed, rev=record.seq)


def _participant(state: SessionState, participant_id: str, **changes: Any) -> SessionState:
    person = state.participants.get(participant_id)
    if person is None:
        return state
    return replace(state, participants={**state.participants, participant_id: replace(person, **changes)})


@_on(f.SessionOpened)
def _opened(state: SessionState, fact: f.SessionOpened, at_ms: int) -> SessionState:
    return SessionState(
        session_id=fact.session_id,
        title=fact.title,
        office=fact.office,
        timezone=fact.timezone,
        opened_at_ms=at_ms,
    )


@_on(f.SessionClosed)
def _closed(state: SessionState, fact: f.SessionClosed, at_ms: int) -> SessionState:
    return replace(state, closed_at_ms=at_ms)


@_on(f.InviteCreated)
def _invited(state: SessionState, fact: f.InviteCreated, at_ms: int) -> SessionState:
    return replace(state, invites={**state.invites, fact.invite.id: fact.invite})


@_on(f.InviteRevoked)
def _revoked(state: SessionState, fact: f.InviteRevoked, at_ms: int) -> SessionState:
    invite = state.invites.get(fact.invite_id)
    if invite is None:
        return state
    return replace(state, invites={**state.invites, invite.id: replace(invite, revoked=True)})


@_on(f.ParticipantKnocked)
def _knocked(state: SessionState, fact: f.ParticipantKnocked, at_ms: int) -> SessionState:
    person = Participant(
        id=fact.participant_id,
        number=state.next_number,
        name=fact.name,
        office=fact.office,
        invite_id=fact.invite_id,
        session_hash=fact.session_hash,
        consent=fact.consent,
        knocked_at_ms=at_ms,
    )
    invites = dict(state.invites)
    if fact.invite_id in invites:
        invites[fact.invite_id] = replace(invites[fact.invite_id], uses=invites[fact.invite_id].uses + 1)
    people = {**state.participants, person.id: person}
    return replace(state, participants=people, invites=invites, next_number=state.next_number + 1)


@_on(f.ParticipantAdmitted)
def _admitted(state: SessionState, fact: f.ParticipantAdmitted, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, presence=Presence.ADMITTED)


@_on(f.ParticipantConnected)
def _connected(state: SessionState, fact: f.ParticipantConnected, at_ms: int) -> SessionState:
    person = state.participants.get(fact.participant_id)
    first = person.connected_at_ms or at_ms if person else at_ms
    return _participant(state, fact.participant_id, presence=Presence.CONNECTED, connected_at_ms=first)


@_on(f.ParticipantLost)
def _lost(state: SessionState, fact: f.ParticipantLost, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, presence=Presence.LOST)


_GONE: dict[Any, Presence] = {
    f.ParticipantRefused: Presence.REFUSED,
    f.ParticipantRemoved: Presence.REMOVED,
    f.ParticipantLeft: Presence.LEFT,
}


@_on(*_GONE)
def _gone(state: SessionState, fact: f.ParticipantFact, at_ms: int) -> SessionState:
    presence = _GONE[type(fact)]
    state = _participant(
        state, fact.participant_id, presence=presence, hand_at_ms=0, mic_on=False, camera_on=False
    )
    person = state.participants.get(fact.participant_id)
    if person and isinstance(fact, f.ParticipantRemoved) and fact.ban and person.invite_id in state.invites:
        state = _revoked(state, f.InviteRevoked(invite_id=person.invite_id), at_ms)
    state = iso_fold.stopped(state, f.IsoRecordingStopped(participant_id=fact.participant_id), at_ms)
    return _without_source(state, fact.participant_id)


def _without_source(state: SessionState, source_id: str) -> SessionState:
    def strip(layout: Layout) -> Layout:
        if source_id not in layout.sources:
            return layout
        return replace(layout, sources=tuple(s for s in layout.sources if s != source_id))

    program = state.program
    was_spotlight = program.spotlight == source_id
    spotlight = "" if was_spotlight else program.spotlight
    lower_third = None if was_spotlight else program.lower_third
    changed = replace(
        program,
        # Who stood in the spotlight and leaves gives way to what was there before him, not to the slate.
        on_air=strip(program.before_spotlight if was_spotlight else program.on_air),
        preview=strip(program.preview),
        before_spotlight=strip(program.before_spotlight),
        spotlight=spotlight,
        lower_third=lower_third,
    )
    return replace(state, program=changed, mixing=_mixing_without(state.mixing, source_id))


def _mixing_without(mixing: Mixing, source_id: str) -> Mixing:
    return replace(
        mixing,
        faders_db={key: gain for key, gain in mixing.faders_db.items() if key != source_id},
        ducked=_with_or_without(mixing.ducked, source_id, False),
        talkback="" if mixing.talkback == source_id else mixing.talkback,
    )


@_on(f.MicrophoneReported)
def _microphone(state: SessionState, fact: f.MicrophoneReported, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, mic_on=fact.on)


@_on(f.CameraReported)
def _camera(state: SessionState, fact: f.CameraReported, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, camera_on=fact.on)


@_on(f.ConsentChanged)
def _consent(state: SessionState, fact: f.ConsentChanged, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, consent=fact.consent)


@_on(f.HandRaised)
def _hand_up(state: SessionState, fact: f.HandRaised, at_ms: int) -> SessionState:
    person = state.participants.get(fact.participant_id)
    return _participant(state, fact.participant_id, hand_at_ms=person.hand_at_ms or at_ms if person else 0)


@_on(f.HandLowered)
def _hand_down(state: SessionState, fact: f.HandLowered, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, hand_at_ms=0)


@_on(f.ParticipantMuted)
def _muted(state: SessionState, fact: f.ParticipantMuted, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, muted=True)


@_on(f.ParticipantUnmuted)
def _unmuted(state: SessionState, fact: f.ParticipantUnmuted, at_ms: int) -> SessionState:
    return _participant(state, fact.participant_id, muted=False)


@_on(f.EverybodyMuted)
def _all_muted(state: SessionState, fact: f.EverybodyMuted, at_ms: int) -> SessionState:
    people = {
        key: replace(person, muted=True)
        if person.presence in PRESENT and key not in fact.except_ids
        else person
        for key, person in state.participants.items()
    }
    return replace(state, participants=people)


@_on(f.HallMuted)
def _hall(state: SessionState, fact: f.HallMuted, at_ms: int) -> SessionState:
    return replace(state, hall_muted=fact.muted)


@_on(f.HallSoundSet)
def _hall_sound(state: SessionState, fact: f.HallSoundSet, at_ms: int) -> SessionState:
    return replace(state, hall_sound=fact.hall)


@_on(f.RoomTested)
def _room_tested(state: SessionState, fact: f.RoomTested, at_ms: int) -> SessionState:
    found = RoomFigures(
        delay_ms=fact.delay_ms,
        coupling_db=fact.coupling_db,
        drift_ppm=fact.drift_ppm,
        erle_db=fact.erle_db,
    )
    return replace(state, room_tested=found)


def _mixing(state: SessionState, **changes: Any) -> SessionState:
    return replace(state, mixing=replace(state.mixing, **changes))


def _with_or_without(those: tuple[str, ...], one: str, member: bool) -> tuple[str, ...]:
    rest = tuple(other for other in those if other != one)
    return (*rest, one) if member else rest


@_on(f.HallKeyHeld)
def _hall_key(state: SessionState, fact: f.HallKeyHeld, at_ms: int) -> SessionState:
    return _mixing(state, **{"talk_held" if fact.key == "talk" else "cough_held": fact.held})


@_on(f.FaderSet)
def _fader(state: SessionState, fact: f.FaderSet, at_ms: int) -> SessionState:
    rest = {key: gain for key, gain in state.mixing.faders_db.items() if key != fact.target}
    return _mixing(state, faders_db={**rest, fact.target: fact.gain_db} if fact.gain_db else rest)


@_on(f.BusMuted)
def _bus_muted(state: SessionState, fact: f.BusMuted, at_ms: int) -> SessionState:
    return _mixing(state, muted_buses=_with_or_without(state.mixing.muted_buses, fact.bus, fact.muted))


@_on(f.ParticipantDucked)
def _ducked(state: SessionState, fact: f.ParticipantDucked, at_ms: int) -> SessionState:
    return _mixing(state, ducked=_with_or_without(state.mixing.ducked, fact.participant_id, fact.ducked))


@_on(f.DuckInactiveSet)
def _duck_inactive(state: SessionState, fact: f.DuckInactiveSet, at_ms: int) -> SessionState:
    return _mixing(state, duck_inactive=fact.on)


@_on(f.TestToneSet)
def _test_tone(state: SessionState, fact: f.TestToneSet, at_ms: int) -> SessionState:
    return _mixing(state, test_tone=fact.on)


@_on(f.TalkbackSet)
def _talkback(state: SessionState, fact: f.TalkbackSet, at_ms: int) -> SessionState:
    return _mixing(state, talkback=fact.participant_id)


@_on(f.RoomLocked)
def _locked(state: SessionState, fact: f.RoomLocked, at_ms: int) -> SessionState:
    return replace(state, locked=fact.locked)


@_on(f.SourceAdded)
def _source_added(state: SessionState, fact: f.SourceAdded, at_ms: int) -> SessionState:
    return replace(state, sources={**state.sources, fact.source.id: fact.source})


@_on(f.SourceRemoved)
def _source_removed(state: SessionState, fact: f.SourceRemoved, at_ms: int) -> SessionState:
    rest = {key: source for key, source in state.sources.items() if key != fact.source_id}
    return _without_source(replace(state, sources=rest), fact.source_id)


@_on(f.SourceMuted)
def _source_muted(state: SessionState, fact: f.SourceMuted, at_ms: int) -> SessionState:
    source = state.sources.get(fact.source_id)
    if source is None:
        return state
    return replace(state, sources={**state.sources, source.id: replace(source, muted=fact.muted)})


@_on(f.LayoutPreviewed)
def _previewed(state: SessionState, fact: f.LayoutPreviewed, at_ms: int) -> SessionState:
    return replace(state, program=replace(state.program, preview=fact.layout))


@_on(f.LayoutTaken)
def _taken(state: SessionState, fact: f.LayoutTaken, at_ms: int) -> SessionState:
    before = state.program.before_spotlight if state.program.spotlight else state.program.on_air
    program = replace(
        state.program,
        before_spotlight=before if fact.spotlight else Layout(),
        on_air=fact.layout,
        transition=fact.transition,
        spotlight=fact.spotlight,
        slate=state.program.slate and fact.behind_slate,
        taken_at_ms=at_ms,
    )
    return replace(state, program=program)


@_on(f.SlateShown)
def _slate(state: SessionState, fact: f.SlateShown, at_ms: int) -> SessionState:
    return replace(state, program=replace(state.program, slate=fact.shown, slate_text=fact.text))


@_on(f.LowerThirdShown)
def _lower_third(state: SessionState, fact: f.LowerThirdShown, at_ms: int) -> SessionState:
    return replace(state, program=replace(state.program, lower_third=fact.lower_third))


@_on(f.NamesShown)
def _names(state: SessionState, fact: f.NamesShown, at_ms: int) -> SessionState:
    return replace(state, program=replace(state.program, names=fact.shown))


_handlers.update(recording_fold.HANDLERS)


_handlers.update(iso_fold.HANDLERS)


@_on(f.LivestreamStarted)
def _stream(state: SessionState, fact: f.LivestreamStarted, at_ms: int) -> SessionState:
    stream = Livestream(
        destination_id=fact.destination_id,
        name=fact.name,
        url=fact.url,
        backup_url=fact.backup_url,
        delay_s=fact.delay_s,
        started_at_ms=at_ms,
    )
    return replace(state, livestreams={**state.livestreams, stream.destination_id: stream})


def _stream_changed(state: SessionState, destination_id: str, **changes: Any) -> SessionState:
    stream = state.livestreams.get(destination_id)
    if stream is None:
        return state
    return replace(state, livestreams={**state.livestreams, destination_id: replace(stream, **changes)})


@_on(f.LivestreamConfirmed)
def _stream_on_air(state: SessionState, fact: f.LivestreamConfirmed, at_ms: int) -> SessionState:
    changes = {"phase": OutputPhase.STARTED, "on_air": True, "reason": "", "code": "", "args": {}}
    return _stream_changed(state, fact.destination_id, **changes)


@_on(f.LivestreamLost)
def _stream_lost(state: SessionState, fact: f.LivestreamLost, at_ms: int) -> SessionState:
    return _stream_changed(
        state, fact.destination_id, on_air=False, reason=fact.reason, code=fact.code, args=fact.args
    )


@_on(f.LivestreamFailed)
def _stream_failed(state: SessionState, fact: f.LivestreamFailed, at_ms: int) -> SessionState:
    return _stream_changed(
        state,
        fact.destination_id,
        phase=OutputPhase.FAILED,
        on_air=False,
        reason=fact.reason,
        code=fact.code,
        args=fact.args,
    )


@_on(f.LivestreamStopping)
def _stream_stopping(state: SessionState, fact: f.LivestreamStopping, at_ms: int) -> SessionState:
    return _stream_changed(
        state, fact.destination_id, phase=OutputPhase.STOPPING, ends_at_ms=at_ms + fact.rest_s * 1000
    )


@_on(f.LivestreamStopped)
def _stream_stopped(state: SessionState, fact: f.LivestreamStopped, at_ms: int) -> SessionState:
    return _stream_changed(state, fact.destination_id, phase=OutputPhase.STOPPED, on_air=False)


@_on(f.BroadcastAsked)
def _broadcast(state: SessionState, fact: f.BroadcastAsked, at_ms: int) -> SessionState:
    broadcast = Broadcast(
        title=fact.title,
        description=fact.description,
        privacy=fact.privacy,
        thumbnail=fact.thumbnail,
        picked_id=fact.picked_id,
        channel=fact.channel,
        asked_at_ms=at_ms,
    )
    return replace(state, broadcast=broadcast)


def _broadcast_changed(state: SessionState, **changes: Any) -> SessionState:
    if state.broadcast is None:
        return state
    return replace(state, broadcast=replace(state.broadcast, **changes))


@_on(f.BroadcastMade)
def _broadcast_made(state: SessionState, fact: f.BroadcastMade, at_ms: int) -> SessionState:
    return _broadcast_changed(
        state,
        broadcast_id=fact.broadcast_id,
        stream_id=fact.stream_id,
        watch_url=fact.watch_url,
        phase=BroadcastPhase.MADE,
    )


@_on(f.BroadcastWentLive)
def _broadcast_live(state: SessionState, fact: f.BroadcastWentLive, at_ms: int) -> SessionState:
    return _broadcast_changed(state, phase=BroadcastPhase.LIVE)


@_on(f.BroadcastDisputed)
def _broadcast_disputed(state: SessionState, fact: f.BroadcastDisputed, at_ms: int) -> SessionState:
    return _broadcast_changed(state, dispute=fact.code, disputed_at_ms=at_ms)


@_on(f.BroadcastAgreed)
def _broadcast_agreed(state: SessionState, fact: f.BroadcastAgreed, at_ms: int) -> SessionState:
    return _broadcast_changed(state, dispute="", disputed_at_ms=0)


_BROADCAST_PHASE: dict[Any, BroadcastPhase] = {
    f.BroadcastEnding: BroadcastPhase.ENDING,
    f.BroadcastEnded: BroadcastPhase.ENDED,
    f.BroadcastFailed: BroadcastPhase.FAILED,
}


@_on(*_BROADCAST_PHASE)
def _broadcast_over(state: SessionState, fact: Any, at_ms: int) -> SessionState:
    return _broadcast_changed(
        state,
        phase=_BROADCAST_PHASE[type(fact)],
        dispute="",
        disputed_at_ms=0,
        reason=getattr(fact, "reason", ""),
        code=getattr(fact, "code", ""),
        args=getattr(fact, "args", {}),
    )


@_on(f.ChapterMarked)
def _chapter(state: SessionState, fact: f.ChapterMarked, at_ms: int) -> SessionState:
    return replace(state, chapters=(*state.chapters, Chapter(at_ms=at_ms, title=fact.title)))


@_on(f.ProgramAlarmRaised)
def _alarm(state: SessionState, fact: f.ProgramAlarmRaised, at_ms: int) -> SessionState:
    return replace(state, alarms={**state.alarms, fact.alarm: ProgramAlarm(since_ms=fact.since_ms)})


@_on(f.ProgramAlarmCleared)
def _alarm_over(state: SessionState, fact: f.ProgramAlarmCleared, at_ms: int) -> SessionState:
    return replace(state, alarms={k: alarm for k, alarm in state.alarms.items() if k != fact.alarm})


@_on(f.ProgramAlarmAcknowledged)
def _alarm_seen(state: SessionState, fact: f.ProgramAlarmAcknowledged, at_ms: int) -> SessionState:
    alarm = state.alarms.get(fact.alarm)
    if alarm is None:
        return state
    return replace(state, alarms={**state.alarms, fact.alarm: replace(alarm, acknowledged=True)})
