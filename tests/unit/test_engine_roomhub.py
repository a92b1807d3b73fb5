"""The engine's side of the room worker: what it is told, what its words become, its comings and goings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from operator_console import protocol as p
from operator_console.engine import roomhub as module
from operator_console.engine.control import Connection
from operator_console.engine.lost import room_reason
from operator_console.engine.observations import Observations
from operator_console.engine.roomhub import RoomHub
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.session import facts as f
from operator_console.session.model import Layout, LayoutKind, Presence
from operator_console.settings import Settings
from tests.unit.engine_kit import eventually
from tests.unit.session_kit import invite, joined

PLACE = p.MediaPlace(video=("video-room0", 0), tile=("video-room0", 1), audio=("audio-room0", 0))


class Line:
    """A worker's connection that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[p.Message] = []

    def send(self, message: p.Message) -> None:
        self.sent.append(message)

    def take(self) -> list[p.Message]:
        sent, self.sent = self.sent, []
        return sent


class Hub:
    """A room hub over a real journal."""

    def __init__(self, folder: Path) -> None:
        self.store = SessionStore(Journal(folder / "journal.db"))
        self.observations = Observations()
        self.keyframes: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.hub = RoomHub(
            Settings(max_participants=5), self.store, self.observations, self.keyframes.append, self._spawn
        )
        self.line = Line()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def say(self, message: p.AnyFromWorker) -> list[f.AnyFact]:
        """Let the worker say something; returns the facts that follow."""
        before = self.store.state.rev
        self.hub.receive(message)
        await self.settled()
        session = self.store.state.session_id
        return [record.body for record in self.store._journal.facts(session, after_seq=before)]

    def attach(self, **media: p.MediaPlace) -> list[p.Message]:
        hello = p.WorkerHello(
            role="room", name="room0", pid=7, info={"url": "https://h:8443", "port": 8443}, media=media
        )
        self.hub.attached(hello, cast(Connection, self.line))
        return self.line.take()

    def presence(self, who: str) -> Presence:
        return self.store.state.participants[who].presence


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Hub]:
    made = Hub(tmp_path)
    opened = f.SessionOpened(session_id="s", title="Rapat", office="Banjar")
    await made.store.decide("t", lambda _s: [opened], session_id="s")
    knocked = f.ParticipantKnocked(participant_id="k1", name="Tamu", invite_id="i1")
    people = [fact for who in ("p1", "p2") for fact in joined(who)]
    await made.store.record("t", f.InviteCreated(invite=invite(max_uses=100)), *people, knocked)
    yield made
    made.hub.end()
    await made.settled()
    await made.store.close()


async def test_on_attach_it_is_told_everything(room: Hub) -> None:
    setup, wants, audio, pictures, isos = room.attach()
    assert isinstance(setup, p.RoomSetup)
    assert (setup.title, setup.open, setup.session_id) == ("Rapat", True, "s")
    assert [entry.participant_id for entry in setup.roster] == ["p1", "p2", "k1"]
    assert isinstance(wants, p.Wants) and isinstance(audio, p.AudioPlan)
    assert pictures == p.PicturePlan() and isos == p.IsoPlan()
    observed = room.observations.values["room"]
    assert (observed["state"], observed["url"], observed["port"]) == ("running", "https://h:8443", 8443)
    assert room.hub.invite_url("T") == "https://h:8443/#t=T"


async def test_a_room_that_cannot_listen_says_why(room: Hub) -> None:
    reason = "Port 8443 is in use."
    hello = p.WorkerHello(role="room", name="room0", pid=7, info={"reason": reason, "code": "port_taken"})
    room.hub.attached(hello, cast(Connection, room.line))
    assert room.observations.values["room"]["state"] == "failed"
    assert room.observations.values["room"]["code"] == "port_taken"
    assert room.hub.invite_url("T") == ""


async def test_nothing_is_sent_to_a_worker_that_is_not_there(room: Hub) -> None:
    room.hub.set_wants({"p1": p.Want(width_px=320)})
    room.hub.ask_page("p1", "ask_mic")
    assert room.line.sent == []
    sent = room.attach()
    assert p.Wants(wants={"p1": p.Want(width_px=320)}) in sent, "but it is told the newest on attach"


async def test_only_what_changed_is_sent(room: Hub) -> None:
    room.attach()
    await room.store.record("t", f.ParticipantMuted(participant_id="p1"))
    (changed,) = room.line.take()
    assert isinstance(changed, p.RosterChanged)
    assert [(entry.participant_id, entry.muted) for entry in changed.entries] == [("p1", True)]
    await room.store.record("t", f.ChapterMarked(title="x"))
    assert room.line.take() == []
    await room.store.record("t", f.RoomLocked(locked=True))
    assert room.line.take() == [p.RosterChanged(locked=True)]
    await room.store.record("t", f.LayoutTaken(layout=Layout(kind=LayoutKind.SINGLE, sources=("p2",))))
    (changed,) = room.line.take()
    assert isinstance(changed, p.RosterChanged) and changed.entries[0].on_air
    await room.store.record("t", f.RecordingStarted(recording_id="r1", path="/v/a.mp4", segment=1))
    assert room.line.take() == [p.RosterChanged(recording=True)]
    await room.store.record("t", f.RecordingConfirmed(recording_id="r1"))
    assert room.line.take() == []
    await room.store.record("t", f.RecordingStopped(recording_id="r1"))
    assert room.line.take() == [p.RosterChanged(recording=False)]
    for _ in range(2):
        room.hub.set_wants({"p1": p.Want(width_px=320)})
        room.hub.set_audio_plan(p.AudioPlan(shared="packets-shared", own={"p1": "packets-minus-0"}))
    assert [type(message) for message in room.line.take()] == [p.Wants, p.AudioPlan]


# ---- invites


async def test_a_good_invite_is_answered_with_a_new_participant(room: Hub) -> None:
    room.attach()
    request = p.RedeemInvite(
        request=4, token_hash="hash-i1", name="Siti", office="A", consent=True, session_hash="h"
    )
    (knocked,) = await room.say(request)
    assert isinstance(knocked, f.ParticipantKnocked)
    answer = room.line.take()[-1]
    assert answer == p.RedeemAnswer(request=4, participant_id=knocked.participant_id)


@pytest.mark.parametrize(("token_hash", "error"), [("guess", "unknown_invite"), ("hash-i1", "locked")])
async def test_a_bad_invite_is_answered_with_the_reason(room: Hub, token_hash: str, error: str) -> None:
    room.attach()
    await room.store.record("t", f.RoomLocked(locked=True))
    request = p.RedeemInvite(
        request=5, token_hash=token_hash, name="X", office="", consent=False, session_hash="h"
    )
    assert await room.say(request) == []
    assert room.line.take()[-1] == p.RedeemAnswer(request=5, error=error)


async def test_many_at_once_do_not_get_in_beyond_the_limit(room: Hub) -> None:
    room.attach()
    for number in range(6):
        room.hub.receive(
            p.RedeemInvite(
                request=number, token_hash="hash-i1", name="X", office="", consent=False, session_hash="h"
            )
        )
    await room.settled()
    answers = [message for message in room.line.take() if isinstance(message, p.RedeemAnswer)]
    assert sorted(answer.error for answer in answers) == ["", "", "full", "full", "full", "full"]


# ---- peers


async def test_a_peer_that_is_up_is_seen_and_connected(room: Hub) -> None:
    room.attach()
    await room.store.record("t", f.ParticipantLost(participant_id="p1"))
    assert await room.say(p.PeerUp(participant_id="p1", place=PLACE)) == [
        f.ParticipantConnected(participant_id="p1")
    ]
    assert room.observations.values["media.p1"] == PLACE
    assert await room.say(p.PeerUp(participant_id="p1", place=PLACE)) == []


async def test_a_peer_that_is_down_is_lost_or_has_left(room: Hub) -> None:
    room.attach(p1=PLACE)
    facts = await room.say(p.PeerDown(participant_id="p1", reason="silent"))
    assert facts == [f.ParticipantLost(participant_id="p1", reason="silent")]
    assert "media.p1" not in room.observations.values
    assert await room.say(p.PeerDown(participant_id="p1", reason="silent")) == []
    facts = await room.say(p.PeerDown(participant_id="p2", reason="bye", final=True))
    assert facts == [f.ParticipantLeft(participant_id="p2", reason="bye")]


@pytest.mark.parametrize("who", ["nobody", "k1"])
async def test_who_has_no_seat_is_not_seen_whatever_the_room_says(room: Hub, who: str) -> None:
    room.attach()
    link = p.Link(fps=15)
    for message in (
        p.PeerUp(participant_id=who, place=PLACE),
        p.PeerReport(participant_id=who, mic_on=True, hand=True),
        p.LinkReport(links={who: link}),
        p.PeerDown(participant_id=who, reason="x", final=True),
    ):
        assert await room.say(message) == []
    assert not [key for key in room.observations.values if key.endswith(who)]


async def test_of_a_pages_report_only_what_is_new_becomes_a_fact(room: Hub) -> None:
    room.attach()
    report = p.PeerReport(participant_id="p1", mic_on=True, camera_on=True, consent=True, hand=True)
    facts = await room.say(report)
    assert [type(fact) for fact in facts] == [
        f.MicrophoneReported,
        f.CameraReported,
        f.ConsentChanged,
        f.HandRaised,
    ]
    assert await room.say(report) == []
    assert await room.say(p.PeerReport(participant_id="p1", hand=False)) == [
        f.HandLowered(participant_id="p1")
    ]


async def test_a_question_for_a_microphone_is_followed_until_it_is_open(
    room: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operator_console.engine.roomhub.ANSWERED_S", 0.0)
    room.attach()
    seen = room.observations.values
    room.hub.ask_page("p1", "ask_mic")
    assert seen["mic_ask.p1"] == {"state": "asked"}
    await room.say(p.PeerReport(participant_id="p1", answered=True))
    await asyncio.sleep(0.01)
    assert seen["mic_ask.p1"] == {"state": "declined"}
    await room.say(p.PeerReport(participant_id="p1", mic_on=True))
    assert "mic_ask.p1" not in seen


async def test_links_and_figures_are_observed(room: Hub) -> None:
    room.attach()
    await room.say(p.LinkReport(links={"p1": p.Link(fps=14.9)}, figures=p.RoomFigures(out_kbps=900)))
    assert room.observations.values["link.p1"] == p.Link(fps=14.9)
    assert room.observations.values["room"]["out_kbps"] == 900
    assert room.observations.values["room"]["connected"] == 1


async def test_figures_are_figures_and_say_nothing_of_the_rooms_state(room: Hub) -> None:
    room.attach()
    hostile = b'{"t":"link_report","links":{},"figures":{"state":"failed","url":"https://x","pages":3}}'
    report = p.decode_from_worker(hostile)
    await room.say(report)
    seen = room.observations.values["room"]
    assert (seen["state"], seen["url"], seen["pages"]) == ("running", "https://h:8443", 3)
    for wrong in (b'"out_kbps":"x"', b'"pages":-1', b'"receivers":[1]', b'"loop_lag_ms":"x"'):
        with pytest.raises(msgspec.ValidationError):
            p.decode_from_worker(b'{"t":"link_report","links":{},"figures":{' + wrong + b"}}")


async def test_keyframe_requests_and_the_rooms_own_state_go_on(room: Hub) -> None:
    room.attach()
    await room.say(p.KeyframeRequest(ring="packets-return-h264"))
    assert room.keyframes == ["packets-return-h264"]
    report = p.SourceReport(source_id="room", state="failed", reason="The port is taken.", code="port_taken")
    await room.say(report)
    seen = room.observations.values["room"]
    assert (seen["state"], seen["code"]) == ("failed", "port_taken")


# ---- comings and goings of the worker


async def test_after_the_engines_restart_who_is_connected_stays_connected(room: Hub) -> None:
    room.attach(p1=PLACE, p2=PLACE)
    await room.settled()
    assert (room.presence("p1"), room.presence("p2")) == (Presence.CONNECTED, Presence.CONNECTED)
    assert room.observations.values["media.p2"] == PLACE


async def test_who_came_back_while_no_engine_was_there_is_connected_again(room: Hub) -> None:
    await room.store.record("t", f.ParticipantLost(participant_id="p1"))
    room.attach(p1=PLACE, p2=PLACE)
    await room.settled()
    assert room.presence("p1") is Presence.CONNECTED


async def test_who_went_while_no_engine_was_there_is_lost_after_a_while(
    room: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETURN_S", 0.1)
    room.attach(p1=PLACE, p2=PLACE)
    room.hub.detached(cast(Connection, room.line))
    assert room.observations.values["room"]["state"] == "starting"
    room.attach(p1=PLACE)
    assert "media.p2" not in room.observations.values
    await eventually(lambda: room.presence("p2") is Presence.LOST)
    assert room.presence("p1") is Presence.CONNECTED


async def test_when_the_worker_dies_all_are_lost_and_come_back_with_the_next(room: Hub) -> None:
    room.attach(p1=PLACE, p2=PLACE)
    room.hub.worker_lost(room_reason(1))
    assert room.observations.values["room"]["code"] == "worker_lost"
    await room.settled()
    assert {room.presence("p1"), room.presence("p2")} == {Presence.LOST}
    assert not [key for key in room.observations.values if key.startswith("media.")]
    assert [one.id for one in room.store.state.seated] == ["p1", "p2"], "their seats are kept"
    room.attach()
    await room.say(p.PeerUp(participant_id="p1", place=PLACE))
    assert room.presence("p1") is Presence.CONNECTED


async def test_the_end_of_an_old_connection_does_not_cut_the_new_one(room: Hub) -> None:
    room.attach()
    old, room.line = room.line, Line()
    room.attach()
    room.hub.detached(cast(Connection, old))
    room.hub.ask_page("p1", "open_mic")
    assert room.line.sent == [p.AskPage(participant_id="p1", action="open_mic")]


async def test_a_closed_session_empties_the_room(room: Hub) -> None:
    room.attach()
    await room.store.record("t", f.ParticipantLeft(participant_id="p1"), f.SessionClosed())
    room.line.take()
    room.hub.set_up()
    (setup,) = room.line.take()
    assert isinstance(setup, p.RoomSetup) and not setup.open
