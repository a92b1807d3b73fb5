"""Broadcasts of sessions that are over whose end YouTube was never told, found in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from operator_console.session import facts as f
from operator_console.session.codes import YoutubeCode

KINDS = ("broadcast_asked", "broadcast_made", "broadcast_ended", "broadcast_failed")


@dataclass(frozen=True, slots=True)
class Unended:
    """A broadcast that may still run at YouTube; without an id it is not known whether it was made."""

    session_id: str
    title: str
    channel: str
    broadcast_id: str


def unended(records: Iterable[tuple[str, f.FactRecord]], open_session: str = "") -> list[Unended]:
    """All of them, the newest first, from the facts of `KINDS` of all sessions. Pure.

    What runs in the open session is not among them: that is ended in its own time.
    """
    running: dict[str, Unended] = {}
    refused: dict[tuple[str, str], Unended] = {}
    for session_id, record in sorted(records, key=lambda one: one[1].at_ms):
        body, known = record.body, running.get(session_id)
        if isinstance(body, f.BroadcastAsked):
            running[session_id] = Unended(session_id, body.title, body.channel, body.picked_id)
        elif isinstance(body, f.BroadcastMade) and known is not None:
            running[session_id] = replace(known, broadcast_id=body.broadcast_id)
        elif isinstance(body, (f.BroadcastEnded, f.BroadcastFailed)):
            running.pop(session_id, None)
        if isinstance(body, f.BroadcastEnded):
            key = session_id, body.broadcast_id
            refused.pop(key, None)
            if body.code == YoutubeCode.NOT_ENDED and known is not None:
                refused[key] = known
    left = [one for one in running.values() if one.session_id != open_session]
    return [*reversed(left), *reversed(refused.values())]
