"""Watches that meet an unexpected exception: logged once, what they observed is dropped, they look again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from operator_console.engine import alarms, machine, outputs, uplinkguard
from operator_console.engine.alarms import AlarmWatch
from operator_console.engine.diskguard import DiskGuard
from operator_console.engine.guarded import Guarded
from operator_console.engine.machine import MachineWatch
from operator_console.engine.observations import Observations
from operator_console.engine.outputs import Outputs
from operator_console.engine.planner import Planner
from operator_console.engine.store import SessionStore
from operator_console.engine.supervisor import Supervisor
from operator_console.engine.uplinkguard import Levers, UplinkGuard
from operator_console.engine.vault import Vault
from operator_console.journal import Journal
from operator_console.settings import Settings
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import VIDEO

ExpectLog = Callable[[str], None]


class Broken:
    """Raises as long as it is broken; counts how often it was asked."""

    def __init__(self) -> None:
        self.broken, self.asked = False, 0

    def __call__(self, *_given: object) -> None:
        self.asked += 1
        if self.broken:
            raise ZeroDivisionError("of a fault nobody thought of")

    async def is_asked_again(self) -> None:
        before = self.asked
        await eventually(lambda: self.asked > before + 2)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SessionStore]:
    one = SessionStore(Journal(tmp_path / "journal.db"))
    yield one
    await one.close()


@asynccontextmanager
async def running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def breaks_and_recovers(part: Broken, observations: Observations, key: str) -> None:
    await eventually(lambda: key in observations.values)
    part.broken = True
    await eventually(lambda: key not in observations.values)
    await part.is_asked_again()
    part.broken = False
    await eventually(lambda: key in observations.values)


def test_only_faults_are_taken(expect_log: ExpectLog) -> None:
    expect_log("the watch failed and looks again")
    lost: list[int] = []
    guarded = Guarded("the watch", logging.getLogger("guarded-test"), lambda: lost.append(1))
    for _ in range(3):
        with guarded:
            raise ZeroDivisionError
    assert lost == [1, 1, 1]
    for kind in (asyncio.CancelledError, KeyboardInterrupt):
        with pytest.raises(kind), guarded:
            raise kind
    assert lost == [1, 1, 1]


def test_a_repeated_fault_is_logged_once_and_again_after_a_good_look() -> None:
    told: list[logging.LogRecord] = []

    class Log(logging.Logger):
        def handle(self, record: logging.LogRecord) -> None:
            told.append(record)

    log = Log("guarded-test")
    guarded = Guarded("the watch", log)
    for good in (False, False, True, False):
        with guarded:
            if not good:
                raise ZeroDivisionError
    assert len(told) == 2 and told[0].exc_info


async def test_the_watch_over_the_program_goes_on(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("the watch over the program failed and looks again")
    monkeypatch.setattr(alarms, "PERIOD_S", 0.01)
    observations, part = Observations(), Broken()
    watch = AlarmWatch(Settings(), store, observations, lambda: None)

    async def tell() -> None:
        part()
        observations.set("alarms", {})

    monkeypatch.setattr(watch, "_tell", tell)
    async with running(watch.run()):
        await breaks_and_recovers(part, observations, "alarms")


async def test_the_uplink_guard_goes_on(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("the uplink guard failed and looks again")
    monkeypatch.setattr(uplinkguard, "PERIOD_S", 0.01)
    observations, part = Observations(), Broken()
    guard = UplinkGuard(Settings(), store, observations, Levers(*([lambda value: None] * 4)))
    carry_out = guard._carry_out

    def carried_out(*given: Any) -> None:
        part()
        carry_out(*given)

    monkeypatch.setattr(guard, "_carry_out", carried_out)
    async with running(guard.run()):
        await breaks_and_recovers(part, observations, "uplink")


async def test_the_watch_over_the_machine_goes_on_and_one_part_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("the watch over the machine failed and looks again")
    expect_log("the watch over the mixer failed and looks again")
    monkeypatch.setattr(machine, "PERIOD_S", 0.01)
    observations, part, replan = Observations(), Broken(), Broken()

    def figures() -> dict[str, int]:
        part()
        return {"late": 0}

    planner = SimpleNamespace(sound=SimpleNamespace(figures=figures), replan=replan)
    supervisor, guard = SimpleNamespace(workers={}), SimpleNamespace(least=part)
    watch = MachineWatch(
        observations, cast(Supervisor, supervisor), cast(Planner, planner), cast(DiskGuard, guard)
    )
    monkeypatch.setattr(watch, "_program", lambda: {"fps": 30.0})
    async with running(watch.run()):
        await breaks_and_recovers(part, observations, "machine")
        part.broken = True
        await eventually(lambda: "mixer" not in observations.values)
        assert observations.values["program"] == {"fps": 30.0}
        await replan.is_asked_again()


async def test_the_watch_over_outputs_goes_on(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog
) -> None:
    expect_log("the watch over the recording failed and looks again")
    monkeypatch.setattr(outputs, "OBSERVE_S", 0.01)
    observations, part, streams = Observations(), Broken(), Broken()
    program = SimpleNamespace(request_air_key=lambda: None, set_air_bit_rate=lambda rate: None)
    planner = SimpleNamespace(air=VIDEO, program=program, set_air_wanted=lambda wanted: None)
    one = Outputs(Settings(), store, observations, cast(Planner, planner), lambda work: work.close(), Vault())
    monkeypatch.setattr(Outputs, "_wanted", True)

    def observe() -> None:
        part()
        observations.set("recorder", {"phase": "started"})

    monkeypatch.setattr(one.recording, "observe", observe)
    monkeypatch.setattr(one.livestreams, "observe", streams)
    async with running(one._watch()):
        await breaks_and_recovers(part, observations, "recorder")
        await streams.is_asked_again()
