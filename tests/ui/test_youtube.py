"""YouTube with an account in the window: sign-in, the form, what YouTube says beside what we send."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QDateTime
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import Broadcast, BroadcastPhase
from tests.ui.rig import Rig
from ui.observations import BroadcastSeen, IssueSeen
from ui.panels.livestream_chip import stream_lines
from ui.youtube.account import AccountBox, open_in_browser
from ui.youtube.dialog import YoutubeDialog
from ui.youtube.form import BroadcastForm, broadcast_offered
from ui.youtube.texts import ARRIVAL, HEALTH, ISSUES
from ui.youtube.words import issue_text, tone, youtube_says

Session = Callable[..., Rig]
SIGNED_IN = {"state": "signed_in", "channel": "Pemkab Banjar", "kept": "keyring", "upcoming": []}
PLANNED = {
    "id": "v1",
    "title": "Musrenbang",
    "description": "Isi",
    "privacy": "public",
    "scheduled_at_ms": 4_000_000_000_000,
    "watch_url": "https://www.youtube.com/watch?v=v1",
}
WATCH = "https://www.youtube.com/watch?v=abc"
LIVE = {"stream": "active", "health": "good", "sending": True, "public": True, "viewers": 1234}


def seen(rig: Rig, **values: Any) -> None:
    """The engine observes something; waits until the window has it."""
    rig.fake.observe(**values)
    rig.until(lambda: all(rig.context.replica.seen.values.get(key) == value for key, value in values.items()))
    rig.settle()


def shown(rig: Rig, make: Callable[[], QWidget]) -> Any:
    """A widget on the screen, owned by the window."""
    made: list[QWidget] = []

    def show() -> None:
        widget = make()
        widget.setParent(rig.window)
        widget.resize(560, 500)
        widget.show()
        made.append(widget)

    rig.do(show)
    return made[0]


def live_now(rig: Rig) -> None:
    made = f.BroadcastMade(broadcast_id="abc", stream_id="s", watch_url=WATCH)
    rig.fake.tell(f.BroadcastAsked(title="Rapat"), made, f.BroadcastWentLive(broadcast_id="abc"))
    seen(rig, broadcast={**LIVE, "asked_ms": rig.context.ticker.now_ms()})


def test_a_broadcast_that_cannot_be_sent_says_so_and_why(session: Session) -> None:
    rig = session(2, busy=False)
    rig.fake.tell(f.BroadcastAsked(title="Rapat"))
    rig.until(lambda: [one.state for one in stream_lines(rig.context)] == ["being made at YouTube…"])
    rig.fake.tell(f.BroadcastMade(broadcast_id="abc", stream_id="s", watch_url=WATCH))
    seen(rig, broadcast={"step": "sending", "trouble": {"code": "sends_before"}})
    (line,) = stream_lines(rig.context)
    assert line.state == "is not sent yet" and "still sends what it held back" in line.why
    assert "still sends what it held back" in rig.window.console.broadcast.accessibleName()


def test_one_that_youtube_was_not_told_the_end_of_is_said_until_it_is_closed(session: Session) -> None:
    rig = session(2)
    bar = rig.window.console.broadcast
    seen(rig, youtube={**SIGNED_IN, "not_ended": "Rapat lama"})
    rig.until(bar.isVisible)
    assert "Rapat lama" in bar.accessibleName() and "YouTube Studio" in bar.accessibleName()
    rig.click(bar.close_key)
    rig.until(lambda: not bar.isVisible())
    seen(rig, youtube={**SIGNED_IN, "not_ended": "Rapat lama", "units_used": 3})
    assert not bar.isVisible()


# ---- account


def test_without_a_cloud_project_there_is_no_such_destination(session: Session) -> None:
    rig = session(2)
    assert not broadcast_offered(rig.context)
    seen(rig, youtube={"state": "signed_out"})
    assert broadcast_offered(rig.context)


def test_signing_in_opens_the_browser_and_shows_the_channel(session: Session) -> None:
    rig = session(2)
    opened: list[str] = []

    def browse(url: str) -> bool:
        opened.append(url)
        return True

    seen(rig, youtube={"state": "signed_out"})
    box: AccountBox = shown(rig, lambda: AccountBox(rig.context, browse))
    rig.click(box.enter)
    rig.until(lambda: opened == ["https://accounts.example/sign-in"])
    seen(rig, youtube={"state": "signing_in"})
    assert box.cancel.isVisible() and not box.enter.isVisible()
    rig.click(box.cancel)
    assert rig.asked(p.CancelYoutubeSignIn)
    seen(rig, youtube=SIGNED_IN)
    assert "Pemkab Banjar" in box.who.text() and not box.enter.isVisible()
    rig.click(box.leave)
    assert rig.asked(p.SignOutYoutube)


def test_without_a_password_store_the_operator_is_told_and_chooses(session: Session) -> None:
    rig = session(2)
    seen(rig, youtube={"state": "signed_out"})
    box: AccountBox = shown(rig, lambda: AccountBox(rig.context, lambda url: True))
    assert not box.for_run.isVisible()
    args = {"cause": "no_keyring"}
    rig.fake.refuse = p.Refusal(code="youtube", text_id="Tidak.", text_en="No.", args=args)
    rig.click(box.enter)
    rig.until(box.for_run.isVisible)
    assert "no password store" in box.hint.text() and not box.enter.isVisible()
    rig.click(box.for_run)
    assert rig.asked(p.SignInYoutube) == [p.SignInYoutube(), p.SignInYoutube(for_run=True)]
    seen(rig, youtube={**SIGNED_IN, "kept": "run"})
    assert "this run only" in box.who.text() and not box.for_run.isVisible()


def test_an_account_that_is_refused_asks_to_sign_in_again(session: Session) -> None:
    rig = session(2)
    seen(rig, youtube={"state": "sign_in_again", "code": "sign_in_again", "reason": "x"})
    box: AccountBox = shown(rig, lambda: AccountBox(rig.context, lambda url: True))
    assert box.enter.isVisible() and "Sign in again" in box.hint.text()


def test_the_browser_opens_web_pages_only() -> None:
    assert not open_in_browser("file:///etc/passwd")
    assert not open_in_browser("javascript:alert(1)")


# ---- the form


def test_the_form_says_what_is_missing_and_makes_the_order(session: Session, tmp_path: Path) -> None:
    rig = session(2)
    seen(rig, youtube={"state": "signed_out"})
    form: BroadcastForm = shown(rig, lambda: BroadcastForm(rig.context))
    assert "Sign in" in form.problem() and not form.title.isEnabled()
    seen(rig, youtube=SIGNED_IN)
    assert form.title.text() == rig.context.replica.state.title
    assert "who may watch" in form.problem(), "nobody's choice is made for him"
    rig.do(lambda: form.privacy.setCurrentIndex(1))
    assert form.problem() == ""
    rig.do(lambda: form.picture.setText(str(tmp_path / "none.png")))
    assert "picture" in form.problem()
    rig.do(form.picture.clear)
    rig.do(lambda: form.title.setText("a < b"))
    assert "<" in form.problem()
    rig.do(lambda: form.title.setText(" Rapat "))
    rig.do(lambda: form.description.setPlainText("Agenda"))
    assert form.command() == p.StartBroadcast(title="Rapat", description="Agenda", privacy="unlisted")


def test_a_planned_broadcast_brings_its_texts(session: Session) -> None:
    rig = session(2)
    seen(rig, youtube={**SIGNED_IN, "upcoming": [PLANNED]})
    form: BroadcastForm = shown(rig, lambda: BroadcastForm(rig.context))
    rig.do(lambda: form.which.setCurrentIndex(1))
    assert form.title.text() == "Musrenbang" and form.problem() == "" and not form.later.isEnabled()
    wanted = p.StartBroadcast(title="Musrenbang", description="Isi", privacy="public", broadcast_id="v1")
    assert form.command() == wanted


def test_planning_for_later_in_the_time_zone_of_the_session(session: Session) -> None:
    rig = session(2)
    seen(rig, youtube=SIGNED_IN)
    form: BroadcastForm = shown(rig, lambda: BroadcastForm(rig.context))
    rig.do(lambda: form.privacy.setCurrentIndex(0))
    rig.do(lambda: form.later.setChecked(True))
    assert form.yes_text() == "Plan the broadcast" and form.time.isVisible()
    rig.do(lambda: form.time.setDateTime(QDateTime(2099, 3, 12, 9, 30, 0)))
    command = form.command()
    assert isinstance(command, p.ScheduleBroadcast)
    moment = datetime.datetime.fromtimestamp(command.scheduled_at_ms / 1000, datetime.UTC)
    assert f"{moment:%d/%m/%Y %H:%M}" == "12/03/2099 01:30", "09:30 in Makassar"
    rig.do(lambda: form.time.setDateTime(QDateTime(2020, 1, 1, 0, 0, 0)))
    assert "passed" in form.problem()


# ---- what YouTube says


def test_the_bar_shows_both_sides_and_copies_the_address(session: Session) -> None:
    rig = session(2)
    bar = rig.window.console.broadcast
    assert not bar.isVisible()
    live_now(rig)
    rig.until(bar.isVisible)
    assert "public" in bar._title.text()
    assert "the stream is good" in bar._detail.text() and "1,234 viewers" in bar._detail.text()
    rig.click(bar.copy)
    assert QGuiApplication.clipboard().text() == WATCH


def test_a_difference_of_fifteen_seconds_is_shown_in_red_until_it_is_over(session: Session) -> None:
    rig = session(2)
    live_now(rig)
    bar = rig.window.console.broadcast
    rig.fake.tell(f.BroadcastDisputed(code="not_arriving", ours="live", theirs="inactive noData"))
    rig.until(lambda: bar.property("tone") == "bad")
    assert "YOUTUBE" in bar._title.text() and "gets nothing" in bar._detail.text()
    rig.fake.tell(f.BroadcastAgreed())
    rig.until(lambda: bar.property("tone") == "plain")
    assert "public" in bar._title.text()


def test_why_there_is_no_broadcast_stays_until_it_is_closed(session: Session) -> None:
    rig = session(2)
    rig.fake.tell(f.BroadcastAsked(title="Rapat"), f.BroadcastFailed(code="quota", reason="x"))
    bar = rig.window.console.broadcast
    rig.until(bar.isVisible)
    assert "quota" in bar._detail.text() and "stream key" in bar._detail.text()
    rig.click(bar.close_key)
    rig.settle()
    assert not bar.isVisible()


def test_an_end_as_wanted_leaves_nothing(session: Session) -> None:
    rig = session(2)
    live_now(rig)
    rig.fake.tell(f.BroadcastEnding(), f.BroadcastEnded(broadcast_id="abc"))
    rig.until(lambda: not rig.window.console.broadcast.isVisible())


def test_the_dialog_has_account_faults_and_address(session: Session) -> None:
    rig = session(2)
    seen(rig, youtube={**SIGNED_IN, "units_used": 212, "units_of_day": 10_000})
    live_now(rig)
    issues = [{"type": "gopSizeLong", "severity": "warning"}, {"type": "newThing", "severity": "info"}]
    seen(rig, broadcast={**LIVE, "health": "ok", "issues": issues, "asked_ms": rig.context.ticker.now_ms()})
    rig.do(rig.window.show_youtube)
    dialog = rig.dialog(YoutubeDialog)
    assert "212" in dialog.account.hint.text() and "10,000" in dialog.account.hint.text()
    assert "Key pictures" in dialog.status.detail.text() and "newThing" in dialog.status.detail.text()
    assert dialog.status.address.text() == WATCH
    rig.click(dialog.status.copy)
    assert QGuiApplication.clipboard().text() == WATCH
    rig.do(dialog.reject)


# ---- words


def test_every_word_of_youtube_is_said(qapp: QApplication) -> None:
    assert len(ISSUES) == 34
    for name in ISSUES:
        assert issue_text(IssueSeen(type=name)).endswith(".")
    for health in HEALTH:
        assert youtube_says(BroadcastSeen(stream="active", health=health), 0).startswith("YouTube")
    for stream in ARRIVAL:
        assert youtube_says(BroadcastSeen(stream=stream), 0).startswith("YouTube")
    assert youtube_says(BroadcastSeen(), 0) == ""
    old = youtube_says(BroadcastSeen(stream="active", health="good", asked_ms=1), 125_001)
    assert "02:05" in old, "what was said long ago is shown with its age"


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        ({}, "good"),
        ({"health": "ok"}, "warn"),
        ({"differs": "not_arriving"}, "warn"),
        ({"dispute": "not_arriving"}, "bad"),
        ({"phase": BroadcastPhase.FAILED}, "bad"),
    ],
)
def test_how_bad_it_is(changes: dict[str, Any], how: str) -> None:
    ours = {key: value for key, value in changes.items() if key in ("dispute", "phase")}
    theirs = {key: value for key, value in changes.items() if key not in ours}
    broadcast = Broadcast(**{"title": "Rapat", "phase": BroadcastPhase.LIVE, **ours})
    assert tone(broadcast, BroadcastSeen(**{"health": "good", **theirs})) == how
