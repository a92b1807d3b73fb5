"""The engine's side of the hall's sound: the worker is kept while it is on, heard, and commanded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from operator_console import protocol as p
from operator_console.engine import hall as commands
from operator_console.engine.audiohub import AUDIO, AudioHub
from operator_console.engine.changing import setting_refusal
from operator_console.engine.context import EngineContext
from operator_console.engine.control import Connection
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import EchoMode, HallSound
from operator_console.settings import SettingCode, Settings, SettingsError
from tests.unit.test_engine_sourcehub import Line, NotedSupervisor

PLACE = p.MediaPlace(audio=(p.HALL_AUDIO, 0))
RUNNING = p.AudioReport(hall={"state": "running", "code": "", "restarts": 1}, media={"hall": PLACE})


class Hub(EngineContext):
    """An audio hub over a real journal, and the context of its commands."""

    def __init__(self, folder: Path) -> None:
        self.store = SessionStore(Journal(folder / "journal.db"))
        self.observations, self.supervisor = Observations(), NotedSupervisor()
        self.tasks: list[asyncio.Task[None]] = []
        self.audio = AudioHub(self.store, self.observations, cast(Any, self.supervisor), self._spawn)
        self.line = Line()
        self.saved: dict[str, object] = {}
        self.locked: set[str] = set()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    async def change_setting(self, name: str, value: object) -> None:
        if name in self.locked:
            raise setting_refusal(name, SettingsError("It is locked.", SettingCode.LOCKED))
        self.saved[name] = value

    async def open(self) -> None:
        fact = f.SessionOpened(session_id="s", title="Rapat")
        await self.store.decide("t", lambda _state: [fact], session_id="s")

    async def turn_on(self, **fields: Any) -> None:
        await self.store.record("t", f.HallSoundSet(hall=HallSound(on=True, **fields)))

    def attach(self, **media: p.MediaPlace) -> None:
        hello = p.WorkerHello(role="audio", name=AUDIO, pid=7, media=media)
        self.audio.worker_attached(hello, cast(Connection, self.line))

    @property
    def seen(self) -> dict[str, Any]:
        return self.observations.values


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Hub]:
    one = Hub(tmp_path)
    await one.open()
    yield one
    await asyncio.gather(*one.tasks)
    await one.store.close()


async def test_the_worker_is_kept_while_the_hall_s_sound_is_on(made: Hub) -> None:
    assert made.supervisor.kept == {}
    await made.turn_on()
    assert made.supervisor.kept == {AUDIO: ("audio",)}
    assert made.seen["hall_sound"]["state"] == "starting"
    made.attach(hall=PLACE)
    assert made.seen["media.hall"] == PLACE
    assert made.line.sent == [p.AudioSetup(hall=HallSound(on=True))]
    await made.store.record("t", f.HallSoundSet(hall=HallSound()))
    assert made.supervisor.kept == {}
    assert made.line.sent[1:] == [p.EndWorker()]
    assert "media.hall" not in made.seen
    assert made.seen["hall_sound"]["state"] == "off"


async def test_the_worker_is_told_each_change_and_ended_with_the_session(made: Hub) -> None:
    await made.turn_on()
    made.attach()
    made.audio.receive(RUNNING)
    await made.turn_on(echo_mode=EchoMode.STRONG)
    assert made.line.sent[-1] == p.AudioSetup(hall=HallSound(on=True, echo_mode=EchoMode.STRONG), ran=True)
    await made.store.record("t", f.SessionClosed())
    assert made.line.sent[-1:] == [p.EndWorker()]
    assert made.supervisor.kept == {}


async def test_a_worker_that_nobody_wants_is_sent_away(made: Hub) -> None:
    made.attach()
    assert made.line.sent == [p.EndWorker()]
    assert not made.audio.attached


async def test_a_lost_worker_is_shown_and_counted_and_its_reason_kept(made: Hub) -> None:
    await made.turn_on()
    made.attach()
    made.audio.receive(RUNNING)
    made.audio.receive(p.AudioReport(hall={"state": "failed", "code": "dead", "restarts": 1}))
    assert "media.hall" not in made.seen
    made.audio.worker_detached(cast(Connection, made.line))
    made.audio.worker_lost()
    assert (made.seen["hall_sound"]["state"], made.seen["hall_sound"]["code"]) == ("starting", "dead")
    made.attach()
    made.audio.receive(RUNNING)
    assert made.seen["hall_sound"] == {"state": "running", "code": "", "restarts": 2}


async def test_after_a_loss_nothing_is_said_to_run_and_the_second_is_a_failure(made: Hub) -> None:
    await made.turn_on()
    made.attach()
    running = {"state": "running", "code": "silent", "args": {"name": "Meja"}, "input": {"state": "silent"}}
    for state in ("starting", "failed"):
        made.audio.receive(p.AudioReport(hall=running))
        made.audio.worker_detached(cast(Connection, made.line))
        made.audio.worker_lost()
        told = made.seen["hall_sound"]
        assert (told["state"], told["code"], told["args"]) == (state, "worker_lost", {})
        assert "input" not in told
        made.attach()
    made.audio.receive(p.AudioReport(hall={"state": "starting", "code": "", "args": {}}))
    assert made.seen["hall_sound"]["state"] == "failed", "it may die of this start too"
    made.audio.receive(RUNNING)
    assert made.seen["hall_sound"]["state"] == "running"


async def test_what_ends_is_no_longer_listened_to_when_the_sound_is_on_again(made: Hub) -> None:
    await made.turn_on()
    made.attach()
    await made.store.record("t", f.HallSoundSet(hall=HallSound()))
    await made.turn_on()
    made.audio.receive(RUNNING)
    assert made.seen["hall_sound"]["state"] == "starting"
    assert made.line.sent[-1] == p.EndWorker()
    made.attach()
    made.audio.receive(RUNNING)
    assert made.seen["hall_sound"]["state"] == "running"


async def test_an_engine_that_begins_anew_lists_devices_also_while_the_hall_is_off(made: Hub) -> None:
    await asyncio.gather(*made.tasks)
    made.observations.drop("devices")
    made.audio.start()
    await asyncio.gather(*made.tasks)
    assert "devices" in made.seen


async def test_a_finished_room_test_is_journaled_once(made: Hub) -> None:
    told: list[f.AnyFact] = []
    made.store.listen(lambda before, after, record: told.append(record.body))
    await made.turn_on()
    made.attach()
    test = {"test": "room", "target": "hall", "state": "running", "progress": 0.5}
    made.audio.receive(p.AudioReport(test=test))
    done = {**test, "state": "done", "delay_ms": 150, "coupling_db": -9.0, "drift_ppm": 2.0, "erle_db": 21.0}
    for _ in range(2):
        made.audio.receive(p.AudioReport(test=done))
    await asyncio.gather(*made.tasks)
    found = f.RoomTested(delay_ms=150.0, coupling_db=-9.0, drift_ppm=2.0, erle_db=21.0)
    assert [fact for fact in told if isinstance(fact, f.RoomTested)] == [found]
    next_engine = AudioHub(made.store, Observations(), cast(Any, made.supervisor), made._spawn)
    next_engine.start()
    hello = p.WorkerHello(role="audio", name=AUDIO, pid=7)
    next_engine.worker_attached(hello, cast(Connection, made.line))
    next_engine.receive(p.AudioReport(test=done))
    await asyncio.gather(*made.tasks)
    assert [fact for fact in told if isinstance(fact, f.RoomTested)] == [found], "nor by the next engine"
    for report in (test, done):
        next_engine.receive(p.AudioReport(test=report))
    await asyncio.gather(*made.tasks)
    assert len([fact for fact in told if isinstance(fact, f.RoomTested)]) == 2, "but another test is"


async def test_a_test_dies_with_its_worker(made: Hub) -> None:
    await made.turn_on()
    made.attach()
    made.audio.receive(p.AudioReport(test={"test": "chime", "target": "hall", "state": "running"}))
    made.audio.worker_lost()
    assert made.seen["audio_test"]["state"] == "failed"
    assert made.seen["audio_test"]["code"] == "dead"


# ---- commands


async def test_what_was_chosen_is_set_and_remembered_and_the_rest_stays(made: Hub) -> None:
    await commands.set_hall_sound(made, "siti", p.SetHallSound(on=True, input="Meja"))
    await commands.set_hall_sound(made, "siti", p.SetHallSound(echo_mode=EchoMode.OFF))
    assert made.store.state.hall_sound == HallSound(on=True, input="Meja", echo_mode=EchoMode.OFF)
    assert made.saved == {"hall_sound": True, "hall_input": "Meja", "echo_mode": "off"}


async def test_of_two_commands_at_once_the_last_is_remembered(made: Hub) -> None:
    both = [commands.set_hall_sound(made, "siti", p.SetHallSound(on=on)) for on in (True, False)]
    await asyncio.gather(*both)
    assert not made.store.state.hall_sound.on
    assert made.saved == {"hall_sound": False}


async def test_a_worker_that_is_not_heard_is_not_called_running(made: Hub) -> None:
    await made.turn_on()
    made.attach()
    made.audio.receive(p.AudioReport(hall={"state": "running", "code": ""}))
    assert made.seen["hall_sound"]["state"] == "running"
    made.audio.worker_detached(cast(Connection, made.line))
    assert (made.seen["hall_sound"]["state"], made.seen["hall_sound"]["code"]) == ("starting", "worker_lost")


async def test_what_cannot_be_remembered_holds_all_the_same_and_is_told(
    made: Hub, expect_log: Callable[[str], None]
) -> None:
    expect_log("It is locked.")
    made.locked.add("hall_input")
    told = await commands.set_hall_sound(made, "siti", p.SetHallSound(on=True, input="Meja"))
    assert made.store.state.hall_sound == HallSound(on=True, input="Meja")
    assert made.saved == {"hall_sound": True}
    assert (told["unsaved"]["code"], told["unsaved"]["args"]["cause"]) == ("setting", "locked")


async def test_what_the_journal_refuses_is_not_remembered(tmp_path: Path) -> None:
    one = Hub(tmp_path)
    with pytest.raises(OperatorError):
        await commands.set_hall_sound(one, "siti", p.SetHallSound(on=True))
    assert one.saved == {}
    await one.store.close()


async def test_the_same_again_changes_nothing(made: Hub) -> None:
    await commands.set_hall_sound(made, "siti", p.SetHallSound(on=True))
    seq = made.store.state.rev
    await commands.set_hall_sound(made, "siti", p.SetHallSound(on=True))
    assert made.store.state.rev == seq


@pytest.mark.parametrize("name", ["x" * 201, "dua\nbaris", "\u202e"])
async def test_a_name_that_no_device_can_have_is_refused(made: Hub, name: str) -> None:
    with pytest.raises(OperatorError) as caught:
        await commands.set_hall_sound(made, "siti", p.SetHallSound(output=name))
    assert caught.value.refusal.code == "bad_device"
    assert made.saved == {}


async def test_tests_need_sound_that_runs_and_a_known_name(made: Hub) -> None:
    for command, code in (
        (p.RunAudioTest(test="chime"), "hall_sound_off"),
        (p.RunAudioTest(test="explode"), "unknown_test"),
        (p.RunAudioTest(test="chime", target="street"), "unknown_test"),
    ):
        with pytest.raises(OperatorError) as caught:
            await commands.run_audio_test(made, "siti", command)
        assert caught.value.refusal.code == code
    await made.turn_on()
    made.attach()
    await commands.run_audio_test(made, "siti", p.RunAudioTest(test="room"))
    await commands.stop_audio_test(made, "siti", p.StopAudioTest())
    assert made.line.sent[-2:] == [p.AudioTest(test="room", target="hall"), p.AudioTest(target="")]


async def test_devices_are_listed_also_while_no_worker_runs(made: Hub) -> None:
    await commands.run_audio_test(made, "siti", p.RunAudioTest(test="devices"))
    await asyncio.gather(*made.tasks)
    assert isinstance(made.seen["devices"], tuple)


def test_a_session_begins_with_the_remembered_hall() -> None:
    assert commands.opening_facts(Settings()) == []
    settings = replace(Settings(), hall_sound=True, hall_input="Meja", monitor_output="", echo_mode="strong")
    hall = HallSound(on=True, input="Meja", monitor="", echo_mode=EchoMode.STRONG)
    assert commands.opening_facts(settings) == [f.HallSoundSet(hall=hall)]
