"""Tests of link and replica: attach, gaps, kills, refusals, what is under way, foreign endpoints."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import SessionState
from tests.ui.fake_session import fill, hall_on
from tests.ui.rig import Rig
from ui.link import Loss, read_endpoint
from ui.observations import Observations
from ui.replica import Kind, Notice, NoticeKind, Trouble, kinds_of_observed, kinds_of_state

Session = Callable[..., Rig]


def notices(rig: Rig) -> list[Notice]:
    seen: list[Notice] = []
    rig.context.replica.noticed.connect(seen.append)
    return seen


def test_attaches_to_a_running_engine(session: Session) -> None:
    rig = session(9)
    assert rig.context.replica.state == rig.fake.state
    assert rig.starts == 0, "an engine that runs is not started again"


def test_starts_an_engine_where_none_runs(rig: Rig) -> None:
    rig.open_window()
    rig.until(lambda: rig.starts == 1)
    rig.settle(0.5)
    assert rig.starts == 1, "it is given time to come up"
    assert rig.context.replica.loss is Loss.NO_ENGINE
    rig.start_engine()
    rig.until(lambda: rig.context.replica.connected)


def test_facts_are_folded_and_told_by_kind(session: Session) -> None:
    rig = session(4)
    kinds: set[Kind] = set()
    rig.context.replica.changed.connect(lambda changed: kinds.update(changed.kinds))
    rig.fake.tell(f.HallMuted(muted=True))
    rig.until(lambda: rig.context.replica.state.hall_muted)
    rig.settle()
    assert kinds == {Kind.SESSION}


def test_all_commands_that_one_fact_settles_are_done(session: Session) -> None:
    rig = session(4)
    replica = rig.context.replica
    rig.fake.silent = True
    replica.send(p.SetHallMuted(muted=True))
    replica.send(p.SetNamesShown(shown=True))
    rig.until(lambda: replica.pending(p.SetHallMuted) and replica.pending(p.SetNamesShown))
    for number in list(replica._pending):
        replica.replied(p.Reply(id=number, rev=replica.state.rev + 1))
    rig.fake.tell(f.HallMuted(muted=True))
    rig.until(lambda: replica.state.hall_muted)
    assert not replica._pending


@pytest.mark.parametrize("why", ["unsaved", "overridden"])
def test_what_was_done_but_could_not_be_saved_is_said(session: Session, why: str) -> None:
    rig = session(feeds=1)
    replica, heard = rig.context.replica, notices(rig)
    rig.fake.silent = True
    replica.send(p.SetHallMuted(muted=True))
    refusal = {"code": "setting", "text_id": "tidak disimpan", "text_en": "not saved", "args": {"name": "x"}}
    for number in list(replica._pending):
        replica.replied(p.Reply(id=number, rev=replica.state.rev, result={why: refusal}))
    assert [notice.refusal.text_en for notice in heard if notice.refusal] == ["not saved"]


def test_a_missing_fact_attaches_again(session: Session) -> None:
    rig = session(4)
    rig.fake.skip_fact(f.HallMuted(muted=True))
    rig.fake.tell(f.RoomLocked(locked=True))
    rig.until(lambda: rig.context.replica.state == rig.fake.state)
    assert rig.context.replica.state.hall_muted


def test_a_killed_engine_freezes_the_window_until_the_next_one(session: Session) -> None:
    rig = session(4)
    state = rig.fake.state
    rig.stop_engine()
    rig.until(lambda: not rig.context.replica.connected)
    rig.settle()
    banner = rig.window.console.banner
    assert banner.isVisible()
    assert "not connected" in banner.accessibleName()
    assert not rig.window.console.bar.isEnabled()
    assert rig.window.console.wall.view._prepared()[0].look.stale
    rig.start_engine(state=state)
    rig.until(lambda: rig.context.replica.connected)
    rig.settle()
    assert not banner.isVisible()
    assert rig.window.console.bar.isEnabled()
    assert rig.context.replica.epoch == rig.fake.epoch
    rig.until(lambda: rig.fake.wants.tiles, "the new engine is told what is shown")


def test_commands_without_an_engine_are_refused_at_once(session: Session) -> None:
    rig = session(4)
    seen = notices(rig)
    rig.stop_engine()
    rig.until(lambda: not rig.context.replica.connected)
    seen.clear()
    assert not rig.context.replica.send(p.MuteAll())
    assert [notice.trouble for notice in seen] == [Trouble.NOT_CONNECTED]


def test_a_command_that_a_kill_interrupts_is_said(session: Session) -> None:
    rig = session(4)
    seen = notices(rig)
    rig.fake.silent = True
    rig.context.actions.mute_all()
    rig.settle()
    rig.stop_engine()
    rig.until(lambda: seen)
    assert seen[0].trouble is Trouble.INTERRUPTED


def test_a_refusal_is_shown_in_the_consoles_language(session: Session) -> None:
    rig = session(4)
    rig.fake.refuse = p.Refusal(code="disk_full", text_id="Diska penuh.", text_en="The disk is full.")
    rig.context.actions.start_recording()
    rig.until(lambda: rig.window.toaster.texts)
    assert rig.window.toaster.texts == ["The disk is full."]
    rig.click(rig.window.toaster._toasts[0].close_button)
    assert rig.window.toaster.texts == []


def test_what_takes_long_is_shown_as_pending_until_the_fact(session: Session) -> None:
    rig = session(4, busy=False)
    hall_on(rig.fake)
    button = rig.window.console.bar.hall
    rig.until(lambda: button.property("on"))
    rig.fake.silent = True
    rig.click(button)
    assert not button.property("pending"), "a normal answer is too quick to be shown"
    rig.until(lambda: button.property("pending"))
    assert button.property("on") is True, "it keeps its look until the fact"
    rig.fake.silent = False
    rig.context.actions.toggle_hall()
    rig.until(lambda: button.property("on") is False)


def test_no_answer_is_said_after_a_while(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.replica.REPLY_WITHIN_S", 0.3)
    rig = session(4)
    seen = notices(rig)
    rig.fake.silent = True
    rig.context.actions.mute_all()
    rig.until(lambda: seen)
    assert seen[0] == Notice(NoticeKind.ERROR, trouble=Trouble.NO_ANSWER)
    assert not rig.context.replica.pending(p.MuteAll)


def test_another_version_is_said(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.start_engine()
    monkeypatch.setattr("ui.link.PROTOCOL_VERSION", 99)
    rig.engine, engine = None, rig.fake
    rig.open_window()
    rig.until(lambda: rig.context.replica.loss is Loss.OTHER_VERSION)
    rig.settle()
    assert "version" in rig.window.waiting._title.text()
    rig.engine = engine


def test_a_wrong_token_is_refused_and_tried_again(rig: Rig) -> None:
    engine = rig.start_engine()
    file = rig.runtime / "endpoint.json"
    right = file.read_text()
    file.write_text(json.dumps(json.loads(right) | {"token": "wrong"}))
    rig.engine = None
    rig.open_window()
    rig.until(lambda: rig.context.replica.loss is Loss.REFUSED)
    file.write_text(right)
    rig.until(lambda: rig.context.replica.connected)
    rig.engine = engine


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"port": 0, "token": "x"}', '{"port": "80", "token": "x"}', '{"port": 80}']
)
def test_a_torn_endpoint_counts_as_none(tmp_path: Any, text: str) -> None:
    file = tmp_path / "endpoint.json"
    file.write_text(text)
    assert read_endpoint(file) is None
    assert read_endpoint(tmp_path / "missing.json") is None


def test_garbage_from_the_server_ends_the_connection_only(rig: Rig, expect_log: Any) -> None:
    engine = rig.start_engine()
    fill(engine, 2, busy=False)
    rig.open_window()
    expect_log("cannot be read")
    rig.run(engine.clients[0].send_str('{"t": "told", "record": 7}'))
    rig.until(lambda: not rig.context.replica.connected)
    rig.until(lambda: rig.context.replica.connected)


def test_kinds_come_from_what_differs() -> None:
    before = SessionState()
    after = SessionState(participants={}, locked=True)
    assert Kind.SESSION in kinds_of_state(before, after)
    assert kinds_of_state(before, before) == frozenset()
    assert kinds_of_observed({"link.p1": None, "machine": {}, "unknown": 1}) == {Kind.LINKS, Kind.FIGURES}


def test_malformed_observations_count_as_absent() -> None:
    seen = Observations({"link.p1": {"quality": 7, "fps": "x"}, "machine": [], "media.p1": {"tile": ["a"]}})
    assert seen.link("p1") is None
    assert seen.machine is None
    assert seen.place("p1") is None
    seen.update({"link.p1": {"quality": "weak", "rtt_ms": 12, "new_field": 1}})
    link = seen.link("p1")
    assert link is not None
    assert link.quality == "weak"
    seen.update({"link.p1": None})
    assert seen.link("p1") is None


def test_two_windows_see_the_same(session: Session) -> None:
    rig = session(4)

    async def other_console() -> None:
        rig.fake.tell(f.EverybodyMuted())
        await asyncio.sleep(0)

    rig.run(other_console())
    rig.until(lambda: all(person.muted for person in rig.context.replica.state.seated))
