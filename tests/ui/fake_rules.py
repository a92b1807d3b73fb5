"""The fake engine's decisions: a command becomes facts and a result, or is refused in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import (
    Invite,
    Layout,
    LayoutKind,
    LowerThird,
    OutputPhase,
    SessionState,
    Source,
)

Decision = tuple[list[Any], dict[str, Any]]


class RefusedError(Exception):
    """A command that cannot be carried out."""

    def __init__(self, code: str, text_id: str, text_en: str) -> None:
        super().__init__(text_en)
        self.refusal = p.Refusal(code=code, text_id=text_id, text_en=text_en)


def decide(state: SessionState, command: Any) -> Decision:
    """Facts and result of a command."""
    rule = _RULES.get(type(command))
    found = rule(state, command) if rule else []
    return found if isinstance(found, tuple) else (found, {})


def _open(state: SessionState, command: p.OpenSession) -> list[Any]:
    if state.session_id and not state.closed_at_ms:
        raise RefusedError("session_open", "Rapat masih berlangsung.", "A session is still open.")
    return [
        f.SessionOpened(
            session_id="s-new",
            title=command.title,
            office=command.office,
            timezone=command.timezone or "Asia/Jakarta",
        )
    ]


def _invite(state: SessionState, command: p.CreateInvite) -> Decision:
    number = len(state.invites) + 1
    invite = Invite(
        id=f"i{number}",
        label=command.label,
        token_hash="0" * 64,
        max_uses=command.max_uses,
        auto_admit=command.auto_admit,
        expires_at_ms=2_000_000_000_000,
    )
    url = f"https://192.168.10.5:8443/#t=fake-invite-{number}-4Yk0zLqVwB9s"
    return [f.InviteCreated(invite=invite)], {"invite_id": invite.id, "url": url}


def _taken(state: SessionState, layout: Layout, *others: Any, **fields: Any) -> Decision:
    """A layout on program, behind the slate where it is on."""
    slate = state.program.slate
    taken = f.LayoutTaken(layout=layout, behind_slate=slate, **fields)
    return [taken, *others], {"behind_slate": True} if slate else {}


def _spotlight(state: SessionState, command: p.SetSpotlight) -> Decision:
    if not command.source_id:
        everybody = Layout(kind=LayoutKind.GRID_3, sources=tuple(x.id for x in state.seated)[:9])
        return _taken(state, everybody, f.LowerThirdShown())
    person = state.participants.get(command.source_id)
    if person is None and command.source_id not in state.sources:
        raise RefusedError("unknown_source", "Sumber itu tidak ada lagi.", "That source is no longer there.")
    layout = Layout(kind=LayoutKind.SINGLE, sources=(command.source_id,))
    caption = LowerThird(title=person.name, subtitle=person.office) if person else None
    return _taken(state, layout, f.LowerThirdShown(lower_third=caption), spotlight=command.source_id)


def _take(state: SessionState, command: p.Take) -> Decision:
    swapped = f.LayoutPreviewed(layout=state.program.on_air)
    return _taken(state, state.program.preview, swapped, transition=command.transition)


def _mute(_state: SessionState, command: p.SetParticipantMuted) -> list[Any]:
    if command.muted:
        return [f.ParticipantMuted(participant_id=command.participant_id)]
    return [
        f.ParticipantUnmuted(participant_id=command.participant_id),
        f.MicrophoneReported(participant_id=command.participant_id, on=True),
    ]


def _record(state: SessionState, _command: p.StartRecording) -> list[Any]:
    if state.recording and state.recording.phase in (OutputPhase.STARTING, OutputPhase.STARTED):
        return []
    return [
        f.RecordingStarted(recording_id="r1", path="2027-03-12 Musrenbang.mp4"),
        f.RecordingConfirmed(recording_id="r1"),
    ]


def _stop_recording(state: SessionState, _command: p.StopRecording) -> list[Any]:
    return [f.RecordingStopped(recording_id=state.recording.id)] if state.recording else []


def _iso(_state: SessionState, command: p.StartIsoRecording) -> list[Any]:
    return [f.IsoRecordingStarted(participant_id=command.participant_id, folder="/srv/rekaman", stem="a")]


def _stop_iso(_state: SessionState, command: p.StopIsoRecording) -> list[Any]:
    return [f.IsoRecordingStopped(participant_id=command.participant_id)]


def _live(_state: SessionState, command: p.StartLivestream) -> list[Any]:
    return [
        f.LivestreamStarted(
            destination_id=command.destination_id,
            name=command.name or command.destination_id,
            url=command.url,
        ),
        f.LivestreamConfirmed(destination_id=command.destination_id),
    ]


def _lobby(state: SessionState) -> list[Any]:
    return [f.ParticipantAdmitted(participant_id=person.id) for person in state.lobby]


def _add_source(state: SessionState, command: p.AddSource) -> Decision:
    source = Source(
        id=f"src{len(state.sources) + 50}",
        kind=command.kind,
        name=command.name,
        address=command.address,
        hall=command.hall,
    )
    return [f.SourceAdded(source=source)], {"source_id": source.id}


def _hall_sound(state: SessionState, command: p.SetHallSound) -> list[Any]:
    named = ((name, getattr(command, name)) for name in command.__struct_fields__)
    hall = msgspec.structs.replace(
        state.hall_sound, **{name: value for name, value in named if value is not None}
    )
    return [f.HallSoundSet(hall=hall)] if hall != state.hall_sound else []


def _hold(state: SessionState, command: p.HoldHallKey) -> list[Any]:
    held = state.mixing.talk_held if command.key == "talk" else state.mixing.cough_held
    return [f.HallKeyHeld(key=command.key, held=command.held)] if held != command.held else []


def _fader(state: SessionState, command: p.SetFader) -> list[Any]:
    if not -60.0 <= command.gain_db <= 12.0:
        raise RefusedError("bad_gain", "Nilai fader tidak benar.", "That is no gain of a fader.")
    same = state.mixing.faders_db.get(command.target, 0.0) == command.gain_db
    return [] if same else [f.FaderSet(target=command.target, gain_db=command.gain_db)]


def _audio_test(state: SessionState, command: p.RunAudioTest) -> list[Any]:
    if not state.hall_sound.on and command.test != "devices":
        raise RefusedError("hall_off", "Suara aula belum dinyalakan.", "The hall's sound is off.")
    return []


_RULES: dict[type, Callable[[SessionState, Any], list[Any] | Decision]] = {
    p.OpenSession: _open,
    p.CloseSession: lambda s, c: [f.SessionClosed()],
    p.SignInYoutube: lambda s, c: ([], {"url": "https://accounts.example/sign-in"}),
    p.CreateInvite: _invite,
    p.RevokeInvite: lambda s, c: [f.InviteRevoked(invite_id=c.invite_id)],
    p.AdmitParticipant: lambda s, c: [f.ParticipantAdmitted(participant_id=c.participant_id)],
    p.AdmitAll: lambda s, c: _lobby(s),
    p.RefuseParticipant: lambda s, c: [f.ParticipantRefused(participant_id=c.participant_id)],
    p.RemoveParticipant: lambda s, c: [f.ParticipantRemoved(participant_id=c.participant_id, ban=c.ban)],
    p.SetRoomLocked: lambda s, c: [f.RoomLocked(locked=c.locked)],
    p.SetParticipantMuted: _mute,
    p.MuteAll: lambda s, c: [f.EverybodyMuted(except_ids=c.except_ids)],
    p.SetHallMuted: lambda s, c: [f.HallMuted(muted=c.muted)],
    p.SetHallSound: _hall_sound,
    p.HoldHallKey: _hold,
    p.SetFader: _fader,
    p.SetBusMuted: lambda s, c: [f.BusMuted(bus=c.bus, muted=c.muted)],
    p.SetParticipantDucked: lambda s, c: [
        f.ParticipantDucked(participant_id=c.participant_id, ducked=c.ducked)
    ],
    p.SetDuckInactive: lambda s, c: [f.DuckInactiveSet(on=c.on)],
    p.SetTestTone: lambda s, c: [f.TestToneSet(on=c.on)],
    p.SetTalkback: lambda s, c: [f.TalkbackSet(participant_id=c.participant_id)],
    p.RunAudioTest: _audio_test,
    p.SetSourceMuted: lambda s, c: [f.SourceMuted(source_id=c.source_id, muted=c.muted)],
    p.LowerHand: lambda s, c: [f.HandLowered(participant_id=c.participant_id)],
    p.AddSource: _add_source,
    p.RemoveSource: lambda s, c: [f.SourceRemoved(source_id=c.source_id)],
    p.SetPreview: lambda s, c: [f.LayoutPreviewed(layout=c.layout)],
    p.Take: _take,
    p.CutTo: lambda s, c: _taken(s, c.layout, transition=c.transition),
    p.SetSpotlight: _spotlight,
    p.SetSlate: lambda s, c: [f.SlateShown(shown=c.shown, text=c.text)],
    p.SetLowerThird: lambda s, c: [f.LowerThirdShown(lower_third=c.lower_third)],
    p.SetNamesShown: lambda s, c: [f.NamesShown(shown=c.shown)],
    p.StartRecording: _record,
    p.StopRecording: _stop_recording,
    p.StartIsoRecording: _iso,
    p.StopIsoRecording: _stop_iso,
    p.StartLivestream: _live,
    p.StopLivestream: lambda s, c: [f.LivestreamStopped(destination_id=c.destination_id)],
    p.AcknowledgeAlarm: lambda s, c: [f.ProgramAlarmAcknowledged(alarm=c.alarm)],
    p.MarkChapter: lambda s, c: [f.ChapterMarked(title=c.title)],
    p.VerifyJournal: lambda s, c: ([], {"facts": s.rev, "ok": True, "broken_at": None}),
}
