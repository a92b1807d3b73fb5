"""Tests of the program's alarms in the window: banner with the time, acknowledged but never hidden, beep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import AlarmKind, ProgramAlarm, SessionState
from tests.ui.fake_engine import now_ms
from tests.ui.rig import Rig
from ui.alarms import Alarm, alarms_now
from ui.observations import Observations
from ui.panels.alarm_banner import AlarmBanner

Session = Callable[..., Rig]
BEGUN_MS = 1_760_000_000_000


def raise_alarm(rig: Rig, *kinds: str) -> None:
    for kind in kinds:
        rig.fake.tell(f.ProgramAlarmRaised(alarm=kind, since_ms=BEGUN_MS))
    rig.fake.observe(alarms={kind: {"since_ms": BEGUN_MS} for kind in kinds})
    rig.settle(0.1)


def banner(rig: Rig) -> AlarmBanner:
    return rig.window.console.alarms


def test_what_was_journaled_goes_before_what_was_measured() -> None:
    state = SessionState(alarms={"silent": ProgramAlarm(since_ms=5, acknowledged=True)})
    seen = Observations({"alarms": {"silent": {"since_ms": 6}, "black": {"since_ms": 7}, "odd": 1}})
    assert alarms_now(state, seen) == [
        Alarm(AlarmKind.BLACK, 7, out=False),
        Alarm(AlarmKind.SILENT, 5, out=True, acknowledged=True),
    ]


def test_an_alarm_says_what_since_when_and_what_to_do(session: Session) -> None:
    rig = session(4)
    assert not banner(rig).isVisible()
    raise_alarm(rig, "silent", "black")
    assert banner(rig).isVisible()
    assert banner(rig)._title.text() == "PROGRAM BLACK · PROGRAM SILENT"
    clock = rig.context.formats.clock(BEGUN_MS)
    assert banner(rig)._detail.text().startswith(f"Since {clock}. Check the camera")
    assert clock in banner(rig).accessibleName()
    assert rig.window.status._program._text.text() == f"Program black, silent since {clock}"
    rig.fake.tell(f.ProgramAlarmCleared(alarm="silent"), f.ProgramAlarmCleared(alarm="black"))
    rig.fake.observe(alarms={})
    rig.until(lambda: not banner(rig).isVisible() and not rig.window.status._program.isVisible())


def test_acknowledged_the_banner_goes_and_the_chip_stays(session: Session) -> None:
    rig = session(4)
    raise_alarm(rig, "frozen")
    rig.click(banner(rig).button)
    rig.until(lambda: not banner(rig).isVisible())
    assert rig.asked(p.AcknowledgeAlarm) == [p.AcknowledgeAlarm(alarm="frozen")]
    assert rig.window.status._program.isVisible()
    raise_alarm(rig, "black")  # another one is news again
    rig.until(banner(rig).isVisible)
    assert banner(rig)._title.text() == "PROGRAM BLACK"
    rig.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    rig.until(lambda: not banner(rig).isVisible())


def test_where_nobody_gets_the_program_there_is_only_the_chip(session: Session) -> None:
    rig = session(4, busy=False)
    rig.fake.observe(alarms={"silent": {"since_ms": BEGUN_MS}})
    rig.until(rig.window.status._program.isVisible)
    assert not banner(rig).isVisible()
    assert rig.window.status._program._text.property("role") == "warn"


def test_it_beeps_only_where_that_is_set_and_until_it_is_seen(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    beeps: list[int] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(now_ms()))
    rig = session(4)
    raise_alarm(rig, "silent")
    assert not banner(rig).beeps and not beeps
    rig.fake.tell(f.ProgramAlarmCleared(alarm="silent"))
    rig.context.settings = replace(rig.context.settings, alarm_sound=True)
    raise_alarm(rig, "black")
    rig.until(lambda: banner(rig).beeps)
    assert len(beeps) == 1
    banner(rig).acknowledge()
    rig.until(lambda: not banner(rig).beeps)


def test_without_an_engine_no_alarm_is_claimed(session: Session) -> None:
    rig = session(4)
    raise_alarm(rig, "silent")
    rig.stop_engine()
    rig.until(lambda: not rig.context.replica.connected)
    rig.settle(0.1)
    assert not banner(rig).isVisible() and not rig.window.status._program.isVisible()


def test_two_things_that_are_wrong_move_the_window_no_more_than_one(session: Session) -> None:
    rig = session(4, width_px=1366, height_px=768)
    console = rig.window.console
    raise_alarm(rig, "silent")
    place = console.transitions.mapTo(rig.window, console.transitions.rect().topLeft())
    rig.fake.observe(journal={"state": "failed", "code": "unwritable"})
    rig.until(lambda: console.journal.up)
    rig.settle(0.2)
    assert console.alarms.isVisible() and not console.journal.isVisible()
    assert console.transitions.mapTo(rig.window, console.transitions.rect().topLeft()) == place
    assert console.alarms._count.text() == "2 warnings:"
    assert "The journal cannot be written" in console.alarms._count.toolTip()
    rig.click(console.alarms._count)
    rig.until(console.journal.isVisible)
    assert not console.alarms.isVisible()
    rig.fake.tell(f.ProgramAlarmCleared(alarm="silent"))
    rig.fake.observe(alarms={}, journal={"state": "ok"})
    rig.until(lambda: not console.bands.isVisible())
