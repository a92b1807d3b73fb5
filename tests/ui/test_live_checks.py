"""Tests of the last checks before going live: how each stands, from what the engine decided and measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from operator_console.session.model import Layout, OutputPhase, Program, Recording, SessionState
from operator_console.settings import Settings
from ui.formats import Formats
from ui.live import checks
from ui.live.checks import Check, CheckState, Heard, View
from ui.observations import Observations

OK, WARN, BAD, RUNNING = CheckState.OK, CheckState.WARN, CheckState.BAD, CheckState.RUNNING
SINCE = 1_760_000_000_000
ON_AIR = Program(on_air=Layout(sources=("p1",)))


def view(state: SessionState | None = None, **observed: Any) -> View:
    state = state or SessionState(session_id="s", program=ON_AIR)
    settings = Settings(language="en", timezone="Asia/Makassar")
    return View(state, Observations(observed), settings, Formats("en", "Asia/Makassar"))


def test_the_encoder_runs_slows_fails_or_is_not_known() -> None:
    assert checks.encoder_check(view()).state is RUNNING
    assert checks.encoder_check(view(program={"fps": 29.9, "air_kbps": 4000})).state is OK
    begins = checks.encoder_check(view(program={"fps": 29.9}))
    assert begins.state is OK and "begins with" in begins.todo
    assert checks.encoder_check(view(program={"fps": 24.0})).state is WARN
    slow = checks.encoder_check(view(program={"fps": 12.0}))
    assert slow.state is BAD and slow.todo
    failed = view(program={"fps": 12.0, "failure": {"code": "encoder", "reason": "x"}})
    assert checks.encoder_check(failed).state is BAD


def test_sound_is_what_was_heard_lately() -> None:
    assert checks.sound_check(view(), Heard(-20.0, -18.0, 0)).state is RUNNING
    assert checks.sound_check(view(), Heard(-60.0, -18.0, 10)).state is OK
    assert checks.sound_check(view(), Heard(-60.0, -52.0, 10)).state is WARN
    silent = checks.sound_check(view(alarms={"silent": {"since_ms": SINCE}}), Heard(-120, -120, 10))
    assert silent.state is BAD and "since 16:53:20" in silent.text and silent.todo


@pytest.mark.parametrize("kind", ["black", "frozen"])
def test_a_black_or_frozen_picture_is_bad(kind: str) -> None:
    found = checks.picture_check(view(alarms={kind: {"since_ms": SINCE}}))
    assert found.state is BAD and "16:53:20" in found.text and found.todo
    assert checks.picture_check(view()).state is OK


def test_an_empty_program_and_a_slate_are_to_be_looked_at() -> None:
    empty = view(SessionState(session_id="s"))
    assert checks.picture_check(empty).state is checks.slate_check(empty).state is WARN
    covered = view(SessionState(session_id="s", program=structs.replace(ON_AIR, slate=True)))
    assert checks.slate_check(covered).state is WARN
    assert checks.slate_check(view()).state is OK


@pytest.mark.parametrize(("hours", "state"), [(171.0, OK), (3.9, WARN), (0.2, BAD)])
def test_the_disk_needs_room_for_the_recording(hours: float, state: CheckState) -> None:
    machine = {"disk_free_bytes": 5_000_000_000, "disk_hours": hours}
    assert checks.disk_check(view(machine=machine)).state is state
    assert checks.disk_check(view()).state is RUNNING


def recorded(**values: Any) -> SessionState:
    recording = Recording(id="r", path="/v/a.mp4", **values)
    return SessionState(session_id="s", program=ON_AIR, recording=recording)


def test_the_recording_runs_fails_pauses_or_is_offered() -> None:
    seen = {"phase": "started", "path": "/v/a.mp4", "verified_ago_s": 2}
    assert checks.recording_check(view()).state is WARN
    assert checks.recording_check(view(recorded())).state is RUNNING
    runs = view(recorded(phase=OutputPhase.STARTED), recorder=seen)
    assert checks.recording_check(runs) == Check(OK, "Running, file verified 2 s ago")
    for unsure in ({"verified_ago_s": 16}, {"verified_ago_s": None, "seconds": 16.0}, {"code": "not_synced"}):
        check = checks.recording_check(view(recorded(phase=OutputPhase.STARTED), recorder={**seen, **unsure}))
        assert check.state is WARN and check.todo
    second = {**seen, "path": "/net/a.mp4", "verified_ago_s": 60}
    both = structs.replace(
        recorded(phase=OutputPhase.STARTED),
        second_recording=Recording(id="r2", path="/net/a.mp4", phase=OutputPhase.STARTED),
    )
    found = checks.recording_check(view(both, recorder={**seen, "paths": [seen, second]}))
    assert found.state is WARN, "as sure as the least sure of its files"
    failed = view(recorded(phase=OutputPhase.FAILED, code="disk_full", reason="ENOSPC"))
    assert checks.recording_check(failed).state is BAD
    assert checks.recording_check(view(recorded(phase=OutputPhase.STOPPED))).state is WARN
    paused = checks.recording_check(view(recorded(paused_at_ms=SINCE)))
    assert paused.state is WARN and "16:53:20" in paused.text


def test_the_line_and_the_keys() -> None:
    assert checks.line_check(True, None).state is RUNNING
    states = [checks.line_check(False, passed).state for passed in (None, True, False)]
    assert states == [WARN, OK, BAD]
    assert checks.key_check(False, [], False).state is BAD
    assert checks.key_check(True, ["TV"], False).state is BAD
    assert checks.key_check(True, [], True).state is RUNNING
    both = checks.key_check(True, ["TV", "Radio", "Web"], False, "Choose who may watch.")
    assert both.state is BAD and "Choose who may watch." in both.todo
    assert [line.partition(":")[0] for line in both.more] == ["TV", "Radio, Web"]
    assert checks.key_check(True, [], False).state is OK


def test_only_bad_checks_ask_again() -> None:
    found = {"a": Check(BAD, ""), "b": Check(WARN, ""), "c": Check(RUNNING, ""), "d": Check(BAD, "")}
    assert checks.bad_names(found) == ("a", "d")


def test_every_view_is_of_its_own_settings() -> None:
    slower = replace(view(program={"fps": 24.5}), settings=Settings(air_fps=25))
    assert checks.encoder_check(slower).state is OK
