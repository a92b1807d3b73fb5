"""The rules of the mixer: pure functions from the state and a command to facts, or a refusal."""

from __future__ import annotations

import math

from operator_console import protocol as p
from operator_console.engine import rules
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import HALL, OPERATOR, PRESENT, MixBus, Presence, SessionState

FADER_MIN_DB, FADER_MAX_DB = -60.0, 12.0
KEYS = ("talk", "cough")


def at_opening(*, duck_inactive: bool) -> list[f.AnyFact]:
    """What is remembered from the session before, as set by the user."""
    return [f.DuckInactiveSet(on=True)] if duck_inactive else []


def hold_key(state: SessionState, command: p.HoldHallKey) -> list[f.AnyFact]:
    """Press or let go one of the hall's keys."""
    if command.key not in KEYS:
        raise OperatorError("unknown_key", "Tombol itu tidak dikenal.", "There is no such key.")
    held = state.mixing.talk_held if command.key == "talk" else state.mixing.cough_held
    return [] if held == command.held else [f.HallKeyHeld(key=command.key, held=command.held)]


def set_fader(state: SessionState, command: p.SetFader) -> list[f.AnyFact]:
    """Set the gain of a source, a participant, the hall, the operator or a bus."""
    if not math.isfinite(command.gain_db) or not FADER_MIN_DB <= command.gain_db <= FADER_MAX_DB:
        raise OperatorError(
            "fader_range",
            "Fader bergerak antara -60 dan +12 dB.",
            "A fader moves between -60 and +12 dB.",
        )
    if not _has_fader(state, command.target):
        raise OperatorError(
            "unknown_fader",
            "Sumber dari fader itu tidak ada lagi.",
            "What that fader belongs to is not there any more.",
        )
    gain_db = round(command.gain_db, 1) + 0.0  # no minus nought
    if state.mixing.faders_db.get(command.target, 0.0) == gain_db:
        return []
    return [f.FaderSet(target=command.target, gain_db=gain_db)]


def _has_fader(state: SessionState, target: str) -> bool:
    if target in (HALL, OPERATOR, *MixBus) or target in state.sources:
        return True
    someone = state.participants.get(target)
    return someone is not None and someone.presence in PRESENT


def set_bus_muted(state: SessionState, command: p.SetBusMuted) -> list[f.AnyFact]:
    """Silence a bus or open it again."""
    if command.bus not in [*MixBus]:
        raise OperatorError("unknown_bus", "Bus suara itu tidak dikenal.", "There is no such bus.")
    muted = command.bus in state.mixing.muted_buses
    return [] if muted == command.muted else [f.BusMuted(bus=command.bus, muted=command.muted)]


def set_ducked(state: SessionState, command: p.SetParticipantDucked) -> list[f.AnyFact]:
    """Turn down somebody whose room returns sound, or bring him back."""
    someone = rules.person(state, command.participant_id)
    if (someone.id in state.mixing.ducked) == command.ducked:
        return []
    if command.ducked and someone.presence not in PRESENT:
        return []
    return [f.ParticipantDucked(participant_id=someone.id, ducked=command.ducked)]


def set_duck_inactive(state: SessionState, on: bool) -> list[f.AnyFact]:
    """Turn open microphones that nobody speaks into down softly, or no longer."""
    return [] if state.mixing.duck_inactive == on else [f.DuckInactiveSet(on=on)]


def set_test_tone(state: SessionState, on: bool) -> list[f.AnyFact]:
    """Put the test tone on program, or take it off."""
    return [] if state.mixing.test_tone == on else [f.TestToneSet(on=on)]


def set_talkback(state: SessionState, participant_id: str, *, microphone: bool) -> list[f.AnyFact]:
    """Speak to one participant, or to nobody any more; `microphone`: whether the operator has one."""
    if participant_id:
        someone = rules.person(state, participant_id)
        if someone.presence is not Presence.CONNECTED:
            raise OperatorError(
                "not_connected",
                f"{someone.name} sedang tidak tersambung dan tidak dapat mendengar Anda.",
                f"{someone.name} is not connected and cannot hear you.",
            )
        if not microphone:
            raise OperatorError(
                "no_operator_microphone",
                "Mikrofon operator belum ada. Pilih dulu di Pengaturan suara.",
                "There is no operator's microphone. Choose one in the sound settings first.",
            )
    if state.mixing.talkback == participant_id:
        return []
    return [f.TalkbackSet(participant_id=participant_id)]


def let_go(state: SessionState) -> list[f.AnyFact]:
    """What nobody can be holding any more: an engine that begins anew has no clients."""
    facts: list[f.AnyFact] = []
    for key, held in (("talk", state.mixing.talk_held), ("cough", state.mixing.cough_held)):
        if held:
            facts.append(f.HallKeyHeld(key=key, held=False))
    if state.mixing.talkback:
        facts.append(f.TalkbackSet())
    return facts
