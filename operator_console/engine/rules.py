"""The rules of a session: pure functions from the state and a command to the facts that follow, or a refusal.

A command that would change nothing yields no facts: that is what makes repeating it safe.
"""

from __future__ import annotations

import re
import unicodedata

from operator_console import protocol as p
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import (
    LAYOUT_CAPACITY,
    PRESENT,
    YOUTUBE_ACCOUNT,
    Invite,
    Layout,
    LayoutKind,
    LowerThird,
    Participant,
    Presence,
    SessionState,
)
from operator_console.settings import SettingsError, key_in_address, time_zone

TRANSITIONS = ("cut", "fade")
MAX_TITLE_CHARS = 120
MAX_ADDRESS_CHARS = 1000
MAX_ZONE_CHARS = 64
MAX_NAME_CHARS = 64
"""The room cleans and cuts names; this holds also where the room is not what it was."""


def require_open(state: SessionState) -> None:
    """Refuse where no session is open."""
    if not state.is_open:
        raise OperatorError(
            "no_session", "Belum ada rapat. Buka rapat lebih dulu.", "There is no session. Open one first."
        )


def person(state: SessionState, participant_id: str) -> Participant:
    """A participant by id, or a refusal."""
    found = state.participants.get(participant_id)
    if found is None:
        raise OperatorError(
            "unknown_participant",
            "Peserta itu tidak ada lagi di rapat ini.",
            "That participant is no longer in this session.",
        )
    return found


def plain(text: str, most_chars: int) -> str:
    """A text of the operator as it may be shown and stored: one line, no control or direction characters."""
    kept = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", text))
    return " ".join(kept.split())[:most_chars]


def check_source_address(address: str) -> None:
    """Refuse an address that no worker can be started with, or whose password others could read."""
    if len(address) > MAX_ADDRESS_CHARS or not address.isprintable():
        raise OperatorError(
            "bad_address",
            "Alamat sumber tidak benar: terlalu panjang atau berisi karakter yang tidak dapat dicetak.",
            "The source's address is not right: too long, or with characters that cannot be printed.",
        )
    if re.match(r"\w+://[^/@]*:[^/@]*@", address):
        raise OperatorError(
            "address_password",
            "Kata sandi dalam alamat kamera dapat terbaca orang lain. Buat aliran tanpa kata sandi.",
            "Others could read a password in a camera's address. Set up a stream without one.",
        )


def check_destination(destination_id: str) -> None:
    """Refuse an id that no destination can have: it is journaled, shown, and the name of its key."""
    if not destination_id.strip() or len(destination_id) > MAX_NAME_CHARS or not destination_id.isprintable():
        raise OperatorError(
            "bad_destination",
            f"Nama tujuan siaran tidak benar: harus 1 sampai {MAX_NAME_CHARS} karakter yang dapat dicetak.",
            f"The destination's name is not right: 1 to {MAX_NAME_CHARS} characters that can be printed.",
        )


def check_own_destination(destination_id: str) -> None:
    """Refuse also the destination of the YouTube account, whose stream belongs to a broadcast."""
    check_destination(destination_id)
    if destination_id == YOUTUBE_ACCOUNT:
        raise OperatorError(
            "reserved_destination",
            "Siaran lewat akun YouTube dimulai sebagai siaran YouTube, bukan sebagai tujuan biasa.",
            "The stream of the YouTube account is started as a YouTube broadcast, not as a destination.",
        )


def check_stream_addresses(*addresses: str) -> None:
    """Refuse a livestream address that has its key in it: the address is journaled and shown."""
    if any(key_in_address(address) for address in addresses):
        raise OperatorError(
            "key_in_address",
            "Kunci siaran ada di dalam alamat. Hapus dari alamat, lalu isi sebagai kunci siaran.",
            "The stream key is in the address. Take it out there and enter it as the stream key.",
        )


def check_zone(name: str) -> None:
    """Refuse a time zone that the session's times could not be shown in."""
    try:
        if len(name) > MAX_ZONE_CHARS:
            raise SettingsError("too long for a time zone")
        time_zone(name)
    except SettingsError as error:
        raise OperatorError(
            "bad_zone",
            "Zona waktu tidak dikenal. Pilih WIB (Asia/Jakarta), WITA (Asia/Makassar), atau "
            "WIT (Asia/Jayapura).",
            "Unknown time zone. Choose WIB (Asia/Jakarta), WITA (Asia/Makassar) or WIT (Asia/Jayapura).",
        ) from error


def open_session(state: SessionState, command: p.OpenSession, session_id: str) -> list[f.AnyFact]:
    """Begin a session, unless one is open."""
    if state.is_open:
        raise OperatorError(
            "session_open",
            "Sebuah rapat masih berlangsung. Akhiri dulu sebelum membuka yang baru.",
            "A session is still open. End it before you open a new one.",
        )
    title = plain(command.title, MAX_TITLE_CHARS)
    if not title:
        raise OperatorError("no_title", "Tuliskan judul rapat.", "Give the session a title.")
    if command.timezone:
        check_zone(command.timezone)
    return [
        f.SessionOpened(
            session_id=session_id,
            title=title,
            office=plain(command.office, MAX_TITLE_CHARS),
            timezone=command.timezone,
        )
    ]


def close_session(state: SessionState) -> list[f.AnyFact]:
    """End the session: everybody leaves, then it is closed."""
    if not state.is_open:
        return []
    reason = "session closed"
    leaving = [f.ParticipantLeft(participant_id=one.id, reason=reason) for one in state.seated]
    refused = [f.ParticipantRefused(participant_id=one.id) for one in state.lobby]
    return [*leaving, *refused, f.SessionClosed()]


def redeem(
    state: SessionState,
    message: p.RedeemInvite,
    *,
    participant_id: str,
    now_ms: int,
    lobby: bool,
    max_participants: int,
) -> tuple[list[f.AnyFact], str]:
    """Facts of somebody coming with an invite token, and an error code (empty when he may knock)."""
    if not state.is_open:
        return [], "closed"
    invite = next((i for i in state.invites.values() if i.token_hash == message.token_hash), None)
    error = invite_error(state, invite, now_ms, max_participants)
    if error or invite is None:
        return [], error
    facts: list[f.AnyFact] = [
        f.ParticipantKnocked(
            participant_id=participant_id,
            name=message.name[:MAX_NAME_CHARS],
            office=message.office[:MAX_NAME_CHARS],
            invite_id=invite.id,
            session_hash=message.session_hash,
            consent=message.consent,
        )
    ]
    if invite.auto_admit or not lobby:
        facts.append(f.ParticipantAdmitted(participant_id=participant_id))
    return facts, ""


def invite_error(state: SessionState, invite: Invite | None, now_ms: int, max_participants: int) -> str:
    """Why an invite is not good now: unknown_invite | revoked | expired | used_up | locked | full, or
    empty.
    """
    if invite is None:
        return "unknown_invite"
    if invite.revoked:
        return "revoked"
    if invite.expires_at_ms and now_ms > invite.expires_at_ms:
        return "expired"
    if invite.uses >= invite.max_uses:
        return "used_up"
    if state.locked:
        return "locked"
    inside = sum(1 for one in state.participants.values() if one.presence in (*PRESENT, Presence.KNOCKING))
    return "full" if inside >= max_participants else ""


def admit(state: SessionState, participant_id: str) -> list[f.AnyFact]:
    """Give a seat to somebody in the lobby."""
    if person(state, participant_id).presence is not Presence.KNOCKING:
        return []
    return [f.ParticipantAdmitted(participant_id=participant_id)]


def refuse(state: SessionState, participant_id: str) -> list[f.AnyFact]:
    """Refuse somebody in the lobby."""
    if person(state, participant_id).presence is not Presence.KNOCKING:
        return []
    return [f.ParticipantRefused(participant_id=participant_id)]


def remove(state: SessionState, command: p.RemoveParticipant) -> list[f.AnyFact]:
    """Take a seat away."""
    if person(state, command.participant_id).presence not in (*PRESENT, Presence.KNOCKING):
        return []
    return [f.ParticipantRemoved(participant_id=command.participant_id, ban=command.ban)]


def mute(state: SessionState, participant_id: str, muted: bool) -> list[f.AnyFact]:
    """Mute somebody or lift the mute."""
    if person(state, participant_id).muted == muted:
        return []
    kind = f.ParticipantMuted if muted else f.ParticipantUnmuted
    return [kind(participant_id=participant_id)]


def mute_all(state: SessionState, except_ids: tuple[str, ...]) -> list[f.AnyFact]:
    """Mute everybody who is not yet."""
    open_ids = [one.id for one in state.seated if not one.muted and one.id not in except_ids]
    return [f.EverybodyMuted(except_ids=except_ids)] if open_ids else []


def checked_layout(state: SessionState, layout: Layout) -> Layout:
    """A layout with only sources that exist, each once, as many as it can show."""
    known = {one.id for one in state.seated} | set(state.sources)
    sources = tuple(dict.fromkeys(s for s in layout.sources if s in known))
    return Layout(kind=layout.kind, sources=sources[: LAYOUT_CAPACITY[layout.kind]])


def checked_transition(transition: str) -> str:
    """A known transition, or a refusal."""
    if transition not in TRANSITIONS:
        raise OperatorError("unknown_transition", "Transisi tidak dikenal.", "Unknown transition.")
    return transition


def take(state: SessionState, command: p.Take) -> list[f.AnyFact]:
    """Put the preview on program; the old program becomes the preview. A slate that is on stays on."""
    program = state.program
    transition = checked_transition(command.transition)
    if command.layout is not None and command.layout != program.preview:
        if command.layout == program.on_air:
            return []
        raise OperatorError(
            "preview_changed",
            "Pratinjau baru saja berubah. Lihat dulu, lalu tekan lagi.",
            "The preview has just changed. Look at it, then press again.",
        )
    if not program.preview.sources:
        raise OperatorError(
            "preview_empty",
            "Pratinjau masih kosong. Pilih dulu yang akan disiarkan.",
            "The preview is empty. Choose first what is to go on program.",
        )
    if program.preview == program.on_air:
        return []
    return [
        f.LayoutTaken(layout=program.preview, transition=transition, behind_slate=program.slate),
        *_caption(state, None),
        f.LayoutPreviewed(layout=program.on_air),
    ]


def cut_to(state: SessionState, command: p.CutTo) -> list[f.AnyFact]:
    """Put a layout on program at once; a slate that is on stays on."""
    transition = checked_transition(command.transition)
    layout, slate = checked_layout(state, command.layout), state.program.slate
    if layout == state.program.on_air:
        return []
    return [f.LayoutTaken(layout=layout, transition=transition, behind_slate=slate), *_caption(state, None)]


def spotlight(state: SessionState, source_id: str) -> list[f.AnyFact]:
    """Put one source on program for all, with its name as caption; empty ends it. A slate stays on."""
    program = state.program
    if source_id == program.spotlight:
        return []
    if not source_id:
        before = layout_after_spotlight(state)
        return [f.LayoutTaken(layout=before, behind_slate=program.slate), *_caption(state, None)]
    caption = caption_of(state, source_id)
    if caption is None:
        raise OperatorError(
            "unknown_source", "Sumber itu tidak ada lagi.", "That source is not there any more."
        )
    layout = Layout(kind=LayoutKind.SINGLE, sources=(source_id,))
    taken = f.LayoutTaken(layout=layout, spotlight=source_id, behind_slate=program.slate)
    return [taken, *_caption(state, caption)]


def layout_after_spotlight(state: SessionState) -> Layout:
    """What was on program before the spotlight, or everybody where nothing of it is left."""
    before = checked_layout(state, state.program.before_spotlight)
    if before.sources:
        return before
    everybody = tuple(one.id for one in state.seated if one.presence is Presence.CONNECTED)
    return checked_layout(state, Layout(kind=grid_for(len(everybody)), sources=everybody))


def grid_for(count: int) -> LayoutKind:
    """The smallest layout that shows so many sources at once."""
    if count <= 1:
        return LayoutKind.SINGLE
    for side in range(2, 8):
        if count <= side * side:
            return LayoutKind(f"grid_{side}")
    return LayoutKind.GRID_7


def caption_of(state: SessionState, source_id: str) -> LowerThird | None:
    """Name and office of a source for the lower third, None for an unknown one."""
    someone = state.participants.get(source_id)
    if someone is not None and someone.presence in PRESENT:
        return LowerThird(title=someone.name, subtitle=someone.office)
    source = state.sources.get(source_id)
    return LowerThird(title=source.name, subtitle=state.office) if source else None


def checked_caption(caption: LowerThird | None) -> LowerThird | None:
    """A caption cut to what a picture can hold; None for one without text."""
    if caption is None:
        return None
    title, subtitle = caption.title.strip()[:MAX_TITLE_CHARS], caption.subtitle.strip()[:MAX_TITLE_CHARS]
    return LowerThird(title=title, subtitle=subtitle) if title or subtitle else None


def _caption(state: SessionState, caption: LowerThird | None) -> list[f.AnyFact]:
    if state.program.lower_third == caption:
        return []
    return [f.LowerThirdShown(lower_third=caption)]
