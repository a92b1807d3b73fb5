"""Commands about the session and its people."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Any

from operator_console import protocol as p
from operator_console.engine import hall, rules, soundrules
from operator_console.engine.context import EngineContext, handles
from operator_console.engine.words import word
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import Invite, Presence

TOKEN_BYTES = 16
"""128-bit invite tokens (threat table, leaked or brute-forced invite)."""


@handles(p.OpenSession)
async def open_session(engine: EngineContext, actor: str, command: p.OpenSession) -> dict[str, Any]:
    """Begin a session and let the room open its doors."""
    session_id = time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(3)
    if not command.timezone:
        command = p.OpenSession(title=command.title, office=command.office, timezone=engine.settings.timezone)
    remembered = soundrules.at_opening(duck_inactive=engine.settings.duck_inactive)
    remembered += hall.opening_facts(engine.settings)
    await engine.store.decide(
        actor,
        lambda state: [*rules.open_session(state, command, session_id), *remembered],
        session_id=session_id,
    )
    engine.room.set_up()
    return {"session_id": session_id}


@handles(p.CloseSession)
async def close_session(engine: EngineContext, actor: str, command: p.CloseSession) -> dict[str, Any]:
    """End the session: outputs first, so that nothing of it is lost."""
    if not engine.store.state.closed_at_ms:
        rules.require_open(engine.store.state)
    await engine.youtube.ending(actor)
    try:
        await engine.isos.stop_all(actor)
    finally:
        # The one that cannot be journaled keeps none of the others on air, nor YouTube from being told.
        try:
            await engine.outputs.stop_all(actor)
        finally:
            engine.youtube.stream_stopped()
    await engine.youtube.ended()
    await engine.store.decide(actor, rules.close_session)
    engine.room.set_up()
    return {}


@handles(p.CreateInvite)
async def create_invite(engine: EngineContext, actor: str, command: p.CreateInvite) -> dict[str, Any]:
    """Make an invite; its token leaves here once and is then only known as a hash."""
    rules.require_open(engine.store.state)
    if not 1 <= command.max_uses <= 10_000 or not 1 <= command.valid_minutes <= 60 * 24 * 90:
        raise OperatorError(
            "invite_limits",
            "Undangan berlaku untuk 1 sampai 10.000 orang dan paling lama 90 hari.",
            "An invite is good for 1 to 10,000 people and 90 days at most.",
        )
    if not engine.room.reachable or not engine.room.invite_url(""):
        raise OperatorError(
            "no_join_page",
            "Halaman gabung tidak dapat dijangkau. Coba lagi sebentar, atau ganti Port halaman bergabung di "
            "Pengaturan dan hidupkan ulang mesin.",
            "The join page cannot be reached. Try again in a moment, or change the port of the join page in "
            "the settings and restart the engine.",
        )
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invite = Invite(
        id="i" + secrets.token_hex(4),
        label=command.label.strip()[:64],
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        expires_at_ms=time.time_ns() // 1_000_000 + command.valid_minutes * 60_000,
        max_uses=command.max_uses,
        auto_admit=command.auto_admit,
    )
    await engine.store.record(actor, f.InviteCreated(invite=invite))
    return {"invite_id": invite.id, "token": token, "url": engine.room.invite_url(token)}


@handles(p.RevokeInvite)
async def revoke_invite(engine: EngineContext, actor: str, command: p.RevokeInvite) -> dict[str, Any]:
    """Make an invite worthless."""
    invite = engine.store.state.invites.get(command.invite_id)
    if invite is not None and not invite.revoked:
        await engine.store.record(actor, f.InviteRevoked(invite_id=invite.id))
    return {}


@handles(p.AdmitParticipant)
async def admit(engine: EngineContext, actor: str, command: p.AdmitParticipant) -> dict[str, Any]:
    """Give somebody in the lobby a seat."""
    await engine.store.decide(actor, lambda state: rules.admit(state, command.participant_id))
    return {}


@handles(p.AdmitAll)
async def admit_all(engine: EngineContext, actor: str, command: p.AdmitAll) -> dict[str, Any]:
    """Give everybody in the lobby a seat."""
    await engine.store.decide(
        actor, lambda state: [f.ParticipantAdmitted(participant_id=one.id) for one in state.lobby]
    )
    return {}


@handles(p.RefuseParticipant)
async def refuse(engine: EngineContext, actor: str, command: p.RefuseParticipant) -> dict[str, Any]:
    """Refuse somebody in the lobby."""
    await engine.store.decide(actor, lambda state: rules.refuse(state, command.participant_id))
    return {}


@handles(p.RemoveParticipant)
async def remove(engine: EngineContext, actor: str, command: p.RemoveParticipant) -> dict[str, Any]:
    """Take somebody's seat away."""
    await engine.store.decide(actor, lambda state: rules.remove(state, command))
    return {}


@handles(p.SetRoomLocked)
async def lock(engine: EngineContext, actor: str, command: p.SetRoomLocked) -> dict[str, Any]:
    """Lock or unlock the room."""
    await engine.store.decide(
        actor,
        lambda state: [] if state.locked == command.locked else [f.RoomLocked(locked=command.locked)],
    )
    return {}


@handles(p.SetParticipantMuted)
async def set_muted(engine: EngineContext, actor: str, command: p.SetParticipantMuted) -> dict[str, Any]:
    """Mute at once; lifting the mute opens the microphone with standing consent and asks without."""
    await engine.store.decide(actor, lambda state: rules.mute(state, command.participant_id, command.muted))
    someone = engine.store.state.participants[command.participant_id]
    if command.muted or someone.mic_on or someone.presence is not Presence.CONNECTED:
        return {"asked": False}
    engine.room.ask_page(someone.id, "open_mic" if someone.consent else "ask_mic")
    return {"asked": not someone.consent}


@handles(p.MuteAll)
async def mute_all(engine: EngineContext, actor: str, command: p.MuteAll) -> dict[str, Any]:
    """Mute everybody."""
    await engine.store.decide(actor, lambda state: rules.mute_all(state, command.except_ids))
    return {}


@handles(p.SetHallMuted)
async def set_hall_muted(engine: EngineContext, actor: str, command: p.SetHallMuted) -> dict[str, Any]:
    """Take the hall's microphones off, or put them back."""
    await engine.store.decide(
        actor,
        lambda state: [] if state.hall_muted == command.muted else [f.HallMuted(muted=command.muted)],
    )
    return {}


@handles(p.LowerHand)
async def lower_hand(engine: EngineContext, actor: str, command: p.LowerHand) -> dict[str, Any]:
    """Lower somebody's hand."""
    if rules.person(engine.store.state, command.participant_id).hand_at_ms:
        await engine.store.record(actor, f.HandLowered(participant_id=command.participant_id))
    return {}


@handles(p.MarkChapter)
async def mark_chapter(engine: EngineContext, actor: str, command: p.MarkChapter) -> dict[str, Any]:
    """Mark a chapter at this moment."""
    rules.require_open(engine.store.state)
    title = command.title.strip()[: rules.MAX_TITLE_CHARS]
    number = len(engine.store.state.chapters) + 1
    await engine.store.record(
        actor, f.ChapterMarked(title=title or f"{word('chapter', engine.settings.language)} {number}")
    )
    return {}


@handles(p.VerifyJournal)
async def verify_journal(engine: EngineContext, actor: str, command: p.VerifyJournal) -> dict[str, Any]:
    """Walk the hash chain of this session."""
    found = await engine.store.verify()
    return {"facts": found.facts, "ok": found.ok, "broken_at": found.broken_at}
