"""The engine's side of the source workers: one process a source, told what is wanted, ended with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from operator_console import protocol as p
from operator_console.engine.control import Connection
from operator_console.engine.lost import worker_reason
from operator_console.engine.observations import Observations
from operator_console.engine.sound import audio_plan, mix_inputs
from operator_console.engine.sourcehub import SourceHub
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.session import facts as f
from operator_console.session.model import Source, SourceKind
from tests.unit.session_kit import opened

PLACE = p.MediaPlace(video=("video-s1", 0), audio=("audio-s1", 0))


class NotedSupervisor:
    """Notes which workers are to be kept."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, ...]] = {}

    def keep(self, name: str, *args: str) -> None:
        self.kept[name] = args

    def release(self, name: str) -> None:
        self.kept.pop(name, None)


class Line:
    """A worker's connection that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[p.Message] = []

    def send(self, message: p.Message) -> None:
        self.sent.append(message)


class Hub:
    """A source hub over a real journal."""

    def __init__(self, folder: Path) -> None:
        self.store = SessionStore(Journal(folder / "journal.db"))
        self.observations, self.supervisor = Observations(), NotedSupervisor()
        self.hub = SourceHub(self.store, self.observations, cast(Any, self.supervisor))
        self.line = Line()

    async def add(self, name: str = "Aula", address: str = "") -> None:
        source = Source(id="s1", kind=SourceKind.CAMERA, name=name, address=address)
        await self.store.record("t", f.SourceAdded(source=source))

    def attach(self, name: str = "s1") -> None:
        hello = p.WorkerHello(role="source", name=name, pid=7, media={name: PLACE})
        self.hub.attached(hello, cast(Connection, self.line))


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Hub]:
    one = Hub(tmp_path)
    fact = f.SessionOpened(session_id="s", title="Rapat")
    await one.store.decide("t", lambda _state: [fact], session_id="s")
    yield one
    await one.store.close()


async def test_a_source_that_is_added_gets_a_worker(made: Hub) -> None:
    await made.add(address="/dev/video0")
    assert made.supervisor.kept["s1"] == (
        "source",
        "--id",
        "s1",
        "--kind",
        "camera",
        "--name=Aula",
        "--address=/dev/video0",
    )
    assert made.observations.values["source.s1"]["state"] == "starting"


async def test_a_name_like_an_option_is_only_a_name(made: Hub) -> None:
    await made.add(name="--kind=file")
    assert made.supervisor.kept["s1"][-1] == "--name=--kind=file"


async def test_the_workers_of_a_resumed_session_are_kept(made: Hub) -> None:
    await made.add()
    made.supervisor.kept.clear()
    made.hub.start_all()
    assert list(made.supervisor.kept) == ["s1"]


async def test_a_worker_is_told_what_is_wanted_and_only_what_changed(made: Hub) -> None:
    await made.add()
    want = p.Want(width_px=1280, height_px=720, picture=True)
    made.hub.set_wants({"s1": want})
    made.attach()
    assert made.line.sent == [p.Wants(wants={"s1": want})]
    assert made.observations.values["media.s1"] == PLACE
    made.hub.set_wants({"s1": want})
    made.hub.set_wants({})
    assert made.line.sent[1:] == [p.Wants()]


async def test_a_worker_of_no_source_is_ended(made: Hub) -> None:
    made.attach("s9")
    assert made.line.sent == [p.EndWorker()]


async def test_what_a_worker_reports_is_observed(made: Hub) -> None:
    await made.add()
    made.attach()
    made.hub.receive(p.SourceReport(source_id="s1", state="running", place=PLACE))
    assert made.observations.values["media.s1"] == PLACE
    made.hub.receive(p.SourceReport(source_id="s1", state="failed", reason="No.", code="camera_closed"))
    seen = {"state": "failed", "reason": "No.", "code": "camera_closed", "args": {}}
    assert made.observations.values["source.s1"] == seen
    assert "media.s1" not in made.observations.values
    made.hub.receive(p.SourceReport(source_id="s9", state="running", place=PLACE))
    assert "media.s9" not in made.observations.values


@pytest.mark.parametrize("fact", [f.SourceRemoved(source_id="s1"), f.SessionClosed()])
async def test_a_worker_ends_with_its_source_and_with_the_session(made: Hub, fact: f.AnyFact) -> None:
    await made.add()
    made.attach()
    await made.store.record("t", fact)
    assert made.line.sent[-1] == p.EndWorker() and made.supervisor.kept == {}
    assert not [key for key in made.observations.values if key.endswith(".s1")]


async def test_the_worker_of_a_source_that_is_added_again_is_no_longer_listened_to(made: Hub) -> None:
    await made.add()
    made.attach()
    await made.store.record("t", f.SourceRemoved(source_id="s1"))
    await made.add()
    made.hub.receive(p.SourceReport(source_id="s1", state="running", place=PLACE))
    assert made.observations.values["source.s1"]["state"] == "starting"
    assert list(made.supervisor.kept) == ["s1"]


async def test_a_lost_worker_starts_again(made: Hub) -> None:
    await made.add()
    made.attach()
    made.hub.detached("s1", cast(Connection, made.line))
    made.hub.worker_lost("s1", worker_reason(-9))
    seen = made.observations.values["source.s1"]
    assert (seen["state"], seen["code"], seen["args"]) == ("starting", "killed", {"signal": "9"})
    made.hub.set_wants({"s1": p.Want(width_px=320)})
    await asyncio.sleep(0)
    assert len(made.line.sent) == 1, "nothing is sent to a worker that is gone"


def test_what_is_mixed_follows_the_state() -> None:
    story = opened(2)
    story.tell(f.MicrophoneReported(participant_id="p1", on=True), f.SourceMuted(source_id="s1", muted=True))
    places = {"p1": PLACE, "p2": PLACE, "s1": PLACE, "gone": PLACE, "k1": p.MediaPlace()}
    inputs = mix_inputs(story.state, places)
    assert {key: (one.audible, one.role) for key, one in inputs.items()} == {
        "p1": (True, "participant"),
        "p2": (False, "participant"),
        "s1": (False, "hall"),
    }
    plan = audio_plan({"p2": 1, "p1": 0})
    assert plan.own == {"p1": "packets-minus-0", "p2": "packets-minus-1"}
