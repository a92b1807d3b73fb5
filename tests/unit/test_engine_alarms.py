"""Tests of the program's alarms: when they are raised and cleared, and what the journal gets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from media.video.glance import Glance
from operator_console.engine import alarmrules as rules
from operator_console.engine import alarms
from operator_console.engine.alarmrules import Latch
from operator_console.engine.alarms import AlarmWatch
from operator_console.engine.observations import Observations
from operator_console.engine.sound import SoundBlock
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.session import facts as f
from operator_console.session.fold import apply
from operator_console.session.model import (
    AlarmKind,
    Layout,
    LayoutKind,
    SessionState,
    Source,
    SourceKind,
)
from operator_console.settings import Settings
from tests.unit.engine_kit import eventually

S = 1_000_000


def folded(*bodies: f.AnyFact) -> SessionState:
    state = SessionState()
    for number, body in enumerate(bodies, 1):
        state = apply(state, f.FactRecord(seq=number, at_ms=number, actor="t", body=body))
    return state


OPEN = f.SessionOpened(session_id="s", title="Rapat")
RECORDING = f.RecordingStarted(recording_id="r", path="/v/a.mp4", segment=1)


def glance(**values: object) -> Glance:
    made = {"number": 1, "dark_share": 0.1, "watched": 1, "still": False, "moved_us": 0}
    return Glance(**(made | values))  # type: ignore[arg-type]


def test_a_latch_waits_and_forgives_only_what_is_good_for_a_second() -> None:
    latch = Latch()
    for at in range(10):
        latch = latch.step(True, at * S, 10 * S)
        assert not latch.raised
    latch = latch.step(True, 10 * S, 10 * S)
    assert latch.raised and latch.bad_us == 0
    latch = latch.step(False, 11 * S, 10 * S)
    latch = latch.step(True, 11 * S + 500_000, 10 * S)
    latch = latch.step(False, 12 * S, 10 * S)
    latch = latch.step(False, 12 * S + 500_000, 10 * S)
    assert latch.raised and latch.bad_us == 0
    assert latch.step(False, 13 * S, 10 * S) == Latch()


def test_what_was_not_raised_begins_anew_and_zero_is_never() -> None:
    latch = Latch().step(True, 0, 5 * S).step(False, 4 * S, 5 * S).step(True, 4 * S, 5 * S)
    assert not latch.step(True, 8 * S, 5 * S).raised
    assert latch.step(True, 9 * S, 5 * S).raised
    assert Latch(0, None, True).step(True, 99 * S, 0) == Latch()


def test_limits_have_a_step_between_on_and_off() -> None:
    assert rules.is_black(glance(dark_share=0.985), raised=False)
    assert not rules.is_black(glance(dark_share=0.96), raised=False)
    assert rules.is_black(glance(dark_share=0.96), raised=True)
    assert rules.silent_limit_db(Settings(), False) < rules.silent_limit_db(Settings(), True)
    assert rules.is_silent(25, 2) and not rules.is_silent(25, 3)
    assert rules.is_silent(0, 0)


def test_frozen_is_only_what_should_move() -> None:
    assert rules.is_frozen(glance(still=True), age_us=0)
    assert not rules.is_frozen(glance(still=True, watched=0), age_us=0)
    assert not rules.is_frozen(glance(), age_us=0)
    assert not rules.is_frozen(glance(), age_us=900_000), "a slow machine looks more seldom"
    assert rules.is_frozen(glance(), age_us=2_100_000), "the program itself stands"


def test_slides_and_cameras_that_are_off_may_stand() -> None:
    layout = Layout(kind=LayoutKind.GRID_2, sources=("p1", "p2", "p3", "cam", "slides"))
    who = [
        body
        for name in ("p1", "p2", "p3")
        for body in (
            f.ParticipantKnocked(participant_id=name, name=name, office=""),
            f.ParticipantAdmitted(participant_id=name),
            f.ParticipantConnected(participant_id=name),
        )
    ]
    state = folded(
        OPEN,
        *who,
        f.CameraReported(participant_id="p1", on=True),
        f.CameraReported(participant_id="p3", on=True),
        f.ParticipantLost(participant_id="p3"),
        f.SourceAdded(source=Source(id="cam", kind=SourceKind.CAMERA, name="Aula")),
        f.SourceAdded(source=Source(id="slides", kind=SourceKind.SCREEN, name="Paparan")),
        f.LayoutTaken(layout=layout),
    )
    assert rules.moving_sources(state) == {"p1", "p3", "cam"}


def test_the_journal_hears_only_of_what_goes_out() -> None:
    raised = {AlarmKind.BLACK: 5_000}
    assert rules.alarm_facts(folded(OPEN), raised, 9_000) == []
    state = folded(OPEN, RECORDING)
    told = rules.alarm_facts(state, raised, 9_000)
    assert told == [f.ProgramAlarmRaised(alarm="black", since_ms=5_000)]
    state = folded(OPEN, RECORDING, *told)
    assert rules.alarm_facts(state, raised, 9_500) == []
    assert rules.alarm_facts(state, {}, 12_000) == [f.ProgramAlarmCleared(alarm="black", lasted_ms=7_000)]
    ended = folded(OPEN, RECORDING, *told, f.RecordingStopped(recording_id="r"))
    assert rules.alarm_facts(ended, raised, 8_000) == [f.ProgramAlarmCleared(alarm="black", lasted_ms=3_000)]


def test_an_alarm_is_acknowledged_once_and_stays() -> None:
    state = folded(OPEN, RECORDING, f.ProgramAlarmRaised(alarm="silent", since_ms=1))
    seen = rules.acknowledge(state, "silent")
    assert seen == [f.ProgramAlarmAcknowledged(alarm="silent")]
    state = folded(OPEN, RECORDING, f.ProgramAlarmRaised(alarm="silent", since_ms=1), *seen)
    assert state.alarms["silent"].acknowledged
    assert rules.acknowledge(state, "silent") == rules.acknowledge(state, "black") == []
    state = folded(OPEN, RECORDING, *[f.ProgramAlarmRaised(alarm="silent", since_ms=n) for n in (1, 2)])
    assert not state.alarms["silent"].acknowledged


async def test_the_watch_tells_journal_and_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "PERIOD_S", 0.01)
    store, observations = SessionStore(Journal(tmp_path / "j.db")), Observations()
    seen = [glance(number=1)]
    settings = replace(Settings(), alarm_silent_s=0, alarm_black_s=1, alarm_frozen_s=0)
    await store.decide("t", lambda _state: [OPEN, RECORDING], session_id="s")
    watch = AlarmWatch(settings, store, observations, lambda: seen[-1])
    task = asyncio.create_task(watch.run())
    block = SoundBlock(np.zeros(960, np.int16), 0)
    watch.push_sound(block)
    try:
        seen.append(glance(number=2, dark_share=1.0))
        await eventually(lambda: "black" in store.state.alarms)
        assert observations.values["alarms"] == {"black": {"since_ms": store.state.alarms["black"].since_ms}}
        seen.append(glance(number=3))
        await eventually(lambda: not store.state.alarms)
        assert observations.values["alarms"] == {}
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()
