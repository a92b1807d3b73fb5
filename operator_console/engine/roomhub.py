"""The engine's side of the room worker: invites redeemed, seats taken and left, roster and wants sent."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from media.reason import Reason, fields_of
from operator_console import protocol as p
from operator_console.engine import roster, rules
from operator_console.engine.control import Connection
from operator_console.engine.observations import Observations
from operator_console.engine.store import JOURNAL_UNWRITABLE, Decide, SessionStore
from operator_console.session import facts as f
from operator_console.session.model import PRESENT, Participant, Presence, SessionState
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

ROOM = "room0"
ACTOR = "room"
AWAY = (Presence.ADMITTED, Presence.LOST)
RETRY_S = 2.0
RETURN_S = 8.0
"""How long after a room worker attached its participants may take to be there again."""


ANSWERED_S = 1.5
"""A page says first that the question was answered, then that the microphone is open."""


class RoomHub:
    """Speaks with the room worker; everything it learns becomes facts or observations."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        on_keyframe: Callable[[str], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """`on_keyframe(ring)` passes keyframe requests on; `spawn` runs a coroutine as a kept task."""
        self._settings, self._store, self._observations = settings, store, observations
        self._on_keyframe, self._spawn = on_keyframe, spawn
        self._connection: Connection | None = None
        self._url = ""
        self._entries: dict[str, p.RosterEntry] = {}
        self._wants = p.Wants()
        self._audio = p.AudioPlan(shared=p.RING_SHARED)
        self._pictures = p.PicturePlan()
        self._iso = p.IsoPlan()
        self.on_iso: Callable[[p.IsoReport | p.IsoStatus], None] = lambda message: None
        """Takes what the worker says of isolated recordings."""
        self._lost_check: asyncio.TimerHandle | None = None
        store.listen(self._on_fact)

    # ---- to the worker ----

    def _send(self, message: p.Message) -> None:
        if self._connection is not None:
            self._connection.send(message)

    def set_up(self) -> None:
        """Send the whole setup: on attach, and when a session opens or closes."""
        state = self._store.state
        self._entries = roster.entries(state)
        setup = p.RoomSetup(
            title=state.title,
            office=state.office,
            session_id=state.session_id,
            open=state.is_open,
            locked=state.locked,
            recording=roster.recording(state),
            streaming=roster.streaming(state),
            roster=tuple(self._entries.values()),
        )
        self._send(setup)

    def _on_fact(self, before: SessionState, after: SessionState, record: f.FactRecord) -> None:
        if (recording := roster.recording(after)) != roster.recording(before):
            self._send(p.RosterChanged(recording=recording))
        if (streaming := roster.streaming(after)) != roster.streaming(before):
            self._send(p.RosterChanged(streaming=streaming))
        if before.participants is after.participants and before.program is after.program:
            if before.locked != after.locked:
                self._send(p.RosterChanged(locked=after.locked))
            return
        self._settle_asks(after)
        entries = roster.entries(after)
        differing = roster.changed(self._entries, entries)
        self._entries = entries
        if differing:
            self._send(p.RosterChanged(entries=differing))
        if isinstance(record.body, f.ParticipantRefused | f.ParticipantRemoved | f.ParticipantLeft):
            self._forget(record.body.participant_id)

    def ask_page(self, participant_id: str, action: str) -> None:
        """Ask a page to open its microphone, or its owner whether he will."""
        self._send(p.AskPage(participant_id=participant_id, action=action))
        if action == "ask_mic":
            self._observations.set(f"mic_ask.{participant_id}", {"state": "asked"})

    def _not_opened(self, participant_id: str) -> None:
        """He answered, and his microphone is still closed."""
        if f"mic_ask.{participant_id}" in self._observations.values:
            self._observations.set(f"mic_ask.{participant_id}", {"state": "declined"})

    def _settle_asks(self, state: SessionState) -> None:
        """Forget questions whose microphone is open, that a mute took back, or whose page is gone."""
        for key in [key for key in self._observations.values if key.startswith("mic_ask.")]:
            person = state.participants.get(key.removeprefix("mic_ask."))
            if person is None or person.mic_on or person.muted or person.presence not in PRESENT:
                self._observations.drop(key)

    def set_wants(self, wants: dict[str, p.Want]) -> None:
        """Tell the worker the whole set of wants, if it changed."""
        message = p.Wants(wants=wants)
        if message != self._wants:
            self._wants = message
            self._send(message)

    def set_audio_plan(self, plan: p.AudioPlan) -> None:
        """Tell the worker which sound goes to whom, if it changed."""
        if plan != self._audio:
            self._audio = plan
            self._send(plan)

    def set_without_picture(self, participants: frozenset[str]) -> None:
        """Tell the worker who gets sound alone, if it changed."""
        plan = p.PicturePlan(without=tuple(sorted(participants)))
        if plan != self._pictures:
            self._pictures = plan
            self._send(plan)

    def set_iso_plan(self, plan: p.IsoPlan) -> None:
        """Tell the worker whom to record by himself, if it changed."""
        if plan != self._iso:
            self._iso = plan
            self._send(plan)

    @property
    def attached_now(self) -> bool:
        """Whether the worker hears us."""
        return self._connection is not None

    @property
    def reachable(self) -> bool:
        """False while the join server says that nobody can reach it, such as on a port that is taken."""
        return bool(self._observations.values.get("room", {}).get("state") != "failed")

    def invite_url(self, token: str) -> str:
        """The link of an invite; the token stands in the fragment, which no server ever sees."""
        return f"{self._url}/#t={token}" if self._url else ""

    def end(self) -> None:
        """Let the worker finish."""
        if self._lost_check is not None:
            self._lost_check.cancel()
        self._send(p.EndWorker())

    # ---- from the worker ----

    def attached(self, hello: p.WorkerHello, connection: Connection) -> None:
        """The room worker said hello: it gets everything, and we learn who is connected."""
        self._connection = connection
        self._url = str(hello.info.get("url", ""))
        self._observe_room(hello)
        self.set_up()
        self._send(self._wants)
        self._send(self._audio)
        self._send(self._pictures)
        self._send(self._iso)
        for one in self._store.state.participants:
            if one not in hello.media:
                self._forget(one)  # he may have gone while the worker was not attached
        for participant_id, place in hello.media.items():
            self._observations.set(f"media.{participant_id}", place)
        back = [one for one in hello.media if self._presence(one) in (Presence.ADMITTED, Presence.LOST)]
        if back:
            self._record(*(f.ParticipantConnected(participant_id=one) for one in back))
        if self._lost_check is not None:
            self._lost_check.cancel()
        self._lost_check = asyncio.get_running_loop().call_later(RETURN_S, self._mark_missing)

    def _observe_room(self, hello: p.WorkerHello) -> None:
        state = "failed" if hello.info.get("code") else "running"
        self._observations.set("room", {"state": state, **hello.info, "connected": len(hello.media)})

    def _mark_missing(self) -> None:
        self._lost_check = None
        missing = [
            one
            for one in self._store.state.seated
            if one.presence is Presence.CONNECTED and f"media.{one.id}" not in self._observations.values
        ]
        if missing:
            self._record(
                *(f.ParticipantLost(participant_id=one.id, reason="did not return") for one in missing)
            )

    def detached(self, connection: Connection) -> None:
        """The worker's connection ended (its process may live on)."""
        if self._connection is connection:
            self._connection = None
            room = self._observations.values.get("room", {})
            self._observations.set("room", {**room, "state": "starting"})

    def worker_lost(self, why: Reason) -> None:
        """The worker's process died: all its seats are empty until the pages are back."""
        room = self._observations.values.get("room", {})
        self._observations.set("room", {**room, "state": "failed", "connected": 0, **fields_of(why)})
        gone = [one for one in self._store.state.seated if one.presence is Presence.CONNECTED]
        for one in gone:
            self._forget(one.id)
        if gone:
            self._record(*(f.ParticipantLost(participant_id=one.id, reason="room worker") for one in gone))

    def receive(self, message: p.AnyFromWorker) -> None:
        """Handle one message of the worker."""
        match message:
            case p.RedeemInvite():
                self._spawn(self._redeem(message))
            case p.PeerUp():
                self._peer_up(message)
            case p.PeerDown():
                self._peer_down(message)
            case p.PeerReport():
                self._report(message)
            case p.LinkReport():
                self._links(message)
            case p.KeyframeRequest():
                self._on_keyframe(message.ring)
            case p.IsoReport() | p.IsoStatus():
                self.on_iso(message)
            case p.SourceReport():
                self._room_report(message)
            case _:
                _log.warning("room worker sent an unexpected %s", type(message).__name__)

    def _room_report(self, message: p.SourceReport) -> None:
        """The join server's own state: a port that is taken, a certificate that is not good."""
        room = self._observations.values.get("room", {})
        why = {"reason": message.reason, "code": message.code, "args": message.args}
        value = {**room, **message.figures, "state": message.state, **why}
        self._url = str(value.get("url", self._url))
        self._observations.set("room", value)

    async def _redeem(self, message: p.RedeemInvite) -> None:
        participant_id = "p" + secrets.token_hex(4)
        error = ""

        def decide(state: SessionState) -> list[f.AnyFact]:
            nonlocal error
            facts, error = rules.redeem(
                state,
                message,
                participant_id=participant_id,
                now_ms=time.time_ns() // 1_000_000,
                lobby=self._settings.lobby,
                max_participants=self._settings.max_participants,
            )
            return facts

        try:
            await self._store.decide(ACTOR, decide)
        except p.OperatorError:
            error = "closed"
        answer = p.RedeemAnswer(
            request=message.request, participant_id="" if error else participant_id, error=error
        )
        self._send(answer)

    def _person(self, participant_id: str) -> Participant | None:
        return self._store.state.participants.get(participant_id)

    def _presence(self, participant_id: str) -> Presence | None:
        person = self._person(participant_id)
        return person.presence if person else None

    def _peer_up(self, message: p.PeerUp) -> None:
        who = message.participant_id
        if self._presence(who) not in PRESENT:
            return
        self._observations.set(f"media.{who}", message.place)

        def decide(state: SessionState) -> list[f.AnyFact]:
            presence = _presence(state, who)
            return [f.ParticipantConnected(participant_id=who)] if presence in AWAY else []

        self._decide(decide)

    def _peer_down(self, message: p.PeerDown) -> None:
        who, reason = message.participant_id, message.reason
        self._forget(who)

        def decide(state: SessionState) -> list[f.AnyFact]:
            presence = _presence(state, who)
            if message.final and presence in PRESENT:
                return [f.ParticipantLeft(participant_id=who, reason=reason)]
            lost = presence is Presence.CONNECTED and not message.final
            return [f.ParticipantLost(participant_id=who, reason=reason)] if lost else []

        self._decide(decide)

    def _forget(self, participant_id: str) -> None:
        self._observations.drop(f"media.{participant_id}")
        self._observations.drop(f"link.{participant_id}")

    def _report(self, message: p.PeerReport) -> None:
        self._decide(lambda state: reported(state, message))
        if message.answered:
            loop = asyncio.get_running_loop()
            loop.call_later(ANSWERED_S, self._not_opened, message.participant_id)

    def _links(self, message: p.LinkReport) -> None:
        for participant_id, link in message.links.items():
            if self._presence(participant_id) in PRESENT:
                self._observations.set(f"link.{participant_id}", link)
        room = self._observations.values.get("room", {})
        figures = msgspec.structs.asdict(message.figures)
        self._observations.set("room", {**room, **figures, "connected": len(message.links)})

    def _record(self, *facts: f.AnyFact) -> None:
        self._decide(lambda _state: list(facts))

    def _decide(self, decide: Decide) -> None:
        """Commit what follows from the state then; tried again while the journal cannot be written."""

        async def commit() -> None:
            while True:
                try:
                    await self._store.decide(ACTOR, decide)
                except p.OperatorError as error:
                    if error.refusal.code == JOURNAL_UNWRITABLE:
                        await asyncio.sleep(RETRY_S)
                        continue
                    _log.info("the room's report came to nothing: %s", error.refusal.text_en)
                return

        self._spawn(commit())


def _presence(state: SessionState, participant_id: str) -> Presence | None:
    person = state.participants.get(participant_id)
    return person.presence if person else None


def reported(state: SessionState, message: p.PeerReport) -> list[f.AnyFact]:
    """What a page's report of itself changes. Pure."""
    who = message.participant_id
    person = state.participants.get(who)
    if person is None or person.presence not in PRESENT:
        return []
    facts: list[f.AnyFact] = []
    if message.mic_on is not None and message.mic_on != person.mic_on:
        facts.append(f.MicrophoneReported(participant_id=who, on=message.mic_on))
    if message.camera_on is not None and message.camera_on != person.camera_on:
        facts.append(f.CameraReported(participant_id=who, on=message.camera_on))
    if message.consent is not None and message.consent != person.consent:
        facts.append(f.ConsentChanged(participant_id=who, consent=message.consent))
    if message.hand is not None and message.hand != bool(person.hand_at_ms):
        facts.append((f.HandRaised if message.hand else f.HandLowered)(participant_id=who))
    return facts
