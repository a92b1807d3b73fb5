"""Tests of going live: destinations, keys, checks that ask again but never forbid, what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.settings import Destination, Settings
from tests.fakes import MemoryKeyring
from tests.ui.fake_session import fill, observe_machine
from tests.ui.rig import Rig
from ui.dialogs import live_dialog
from ui.dialogs.live_dialog import LiveDialog
from ui.live.checks import CheckState

YOUTUBE = Destination("YouTube", "rtmps://a.rtmps.youtube.com/live2")
TV = Destination("TV Banjar", "rtmp://10.20.30.40/live", "rtmp://10.20.30.41/live")
SETTINGS = Settings(language="en", timezone="Asia/Makassar", destinations=(YOUTUBE, TV))
Open = Callable[..., tuple[Rig, LiveDialog]]


@pytest.fixture
def opened(rig: Rig) -> Open:
    """The dialog on a session whose checks are good but for what the test changes."""

    def open_dialog(settings: Settings = SETTINGS, *, recording: bool = True) -> tuple[Rig, LiveDialog]:
        engine = rig.start_engine()
        fill(engine, 2, busy=False)
        if recording:
            engine.tell(f.RecordingStarted(recording_id="r1", path="a.mp4"))
            engine.tell(f.RecordingConfirmed(recording_id="r1"))
        observe_machine(engine)
        rig.open_window(settings=settings)
        rig.do(rig.window.go_live)
        return rig, rig.dialog(LiveDialog)

    return open_dialog


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second press counts at once."""
    monkeypatch.setattr(live_dialog, "AGAIN_S", 0.0)


def keep(keyring: MemoryKeyring, *names: str) -> None:
    for name in names:
        keyring.passwords["operator-console", f"stream:{name}"] = "abcd-efgh"


def state_of(dialog: LiveDialog, name: str) -> CheckState | None:
    check = dialog.rows[name].check
    return check.state if check else None


def press_yes(rig: Rig, dialog: LiveDialog) -> None:
    """Go, and say yes to the second question where there is one."""
    rig.click(dialog.yes)
    if dialog._confirmed:
        rig.click(dialog.yes)


def test_a_typed_key_is_for_this_time_and_leaves_the_field(opened: Open) -> None:
    rig, dialog = opened()
    row = dialog.targets.rows[0]
    rig.until(row.key.isVisible)
    assert "no password store" in row._note.text()
    assert state_of(dialog, "key") is CheckState.BAD
    row.key.setText("abcd-efgh-ijkl")
    rig.settle()
    assert state_of(dialog, "key") is CheckState.OK
    press_yes(rig, dialog)
    rig.until(lambda: rig.asked(p.StartLivestream))
    sent = rig.asked(p.StartLivestream)[0]
    assert (sent.destination_id, sent.url, sent.key) == ("YouTube", YOUTUBE.url, "abcd-efgh-ijkl")
    rig.until(lambda: rig.context.actions.streaming == ["YouTube"])


def test_several_destinations_at_once_and_remembered(opened: Open, memory_keyring: MemoryKeyring) -> None:
    keep(memory_keyring, "YouTube", "TV Banjar")
    rig, dialog = opened()
    rig.click(dialog.targets.rows[1].tick)
    rig.until(lambda: not dialog.targets.asking)
    press_yes(rig, dialog)
    rig.until(lambda: len(rig.asked(p.StartLivestream)) == 2)
    assert {one.destination_id for one in rig.asked(p.StartLivestream)} == {"YouTube", "TV Banjar"}
    assert rig.asked(p.StartLivestream)[1].backup_url == TV.backup_url
    names = ["YouTube", "TV Banjar"]
    assert rig.asked(p.SetSetting) == [p.SetSetting(name="live_destinations", value=names)]
    rig.until(lambda: rig.context.settings.live_destinations == tuple(names))
    rig.until(lambda: not rig.window.findChildren(LiveDialog))


def test_what_was_ticked_last_is_ticked_again(opened: Open) -> None:
    _rig, dialog = opened(replace(SETTINGS, live_destinations=("TV Banjar", "gone")))
    assert [row.tick.isChecked() for row in dialog.targets.rows] == [False, True]


def test_a_bad_check_asks_once_more_and_never_forbids(opened: Open, memory_keyring: MemoryKeyring) -> None:
    keep(memory_keyring, "YouTube")
    rig, dialog = opened()
    rig.until(lambda: not dialog.targets.asking)
    rig.fake.observe(alarms={"silent": {"since_ms": 1_760_000_000_000}})
    rig.until(lambda: dialog.rows["sound"].check and dialog.rows["sound"].check.state is CheckState.BAD)
    rig.click(dialog.yes)
    assert not rig.asked(p.StartLivestream)
    assert dialog.yes.text() == "Go live all the same"
    assert "Sound" in dialog.trouble.text()
    rig.fake.observe(alarms={"silent": {"since_ms": 1}, "black": {"since_ms": 1}})
    rig.until(lambda: dialog.yes.text() == "Go live now")  # another one went bad: that was not confirmed
    rig.click(dialog.yes)
    assert not rig.asked(p.StartLivestream)
    rig.click(dialog.yes)
    rig.until(lambda: rig.asked(p.StartLivestream))


def test_a_double_click_does_not_answer_the_question(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_dialog, "AGAIN_S", 60.0)
    rig, dialog = opened()
    rig.until(dialog.targets.rows[0].key.isVisible)
    rig.click(dialog.yes)
    rig.click(dialog.yes)
    assert dialog.yes.text() == "Go live all the same" and not rig.asked(p.StartLivestream)
    monkeypatch.setattr(live_dialog, "AGAIN_S", 0.0)
    rig.click(dialog.yes)
    rig.until(lambda: rig.asked(p.StartLivestream))


def test_a_grey_key_says_why(opened: Open) -> None:
    rig, dialog = opened()
    assert dialog.yes.isEnabled() and not dialog.reason.text()
    rig.click(dialog.targets.rows[0].tick)
    assert not dialog.yes.isEnabled() and dialog.reason.text() == "Tick a destination first."


def test_it_tests_the_line_by_itself_and_shows_how_it_ended(
    opened: Open, memory_keyring: MemoryKeyring
) -> None:
    keep(memory_keyring, "YouTube")
    rig, dialog = opened()
    rig.until(lambda: rig.asked(p.RunLineTest))
    test = rig.asked(p.RunLineTest)[0]
    assert (test.destination_id, test.publish) == ("YouTube", False)
    line = dialog.rows["line"]
    rig.fake.observe(line_test={"destination_id": "YouTube", "state": "running", "step": "knock"})
    rig.until(lambda: line.check and line.check.state is CheckState.RUNNING)
    answer = {"url": YOUTUBE.url, "ok": True, "secure": True, "rtt_ms": 41.0}
    rig.fake.observe(line_test={"destination_id": "YouTube", "state": "done", "addresses": [answer]})
    rig.until(lambda: line.check and line.check.state is CheckState.OK)
    rig.click(dialog.targets.rows[0].tick)
    rig.click(dialog.targets.rows[1].tick)
    assert line.check and line.check.state is CheckState.WARN, "another destination was not tested"


def test_the_recording_can_be_started_from_here(opened: Open) -> None:
    rig, dialog = opened(recording=False)
    rig.click(dialog.record)
    rig.until(lambda: rig.asked(p.StartRecording))
    rig.until(lambda: not dialog.record.isVisible())


def test_what_is_live_already_cannot_be_started_again(opened: Open, memory_keyring: MemoryKeyring) -> None:
    keep(memory_keyring, "YouTube", "TV Banjar")
    rig, dialog = opened()
    rig.fake.tell(f.LivestreamStarted(destination_id="YouTube", name="YouTube", url=YOUTUBE.url))
    row = dialog.targets.rows[0]
    rig.until(lambda: not row.tick.isEnabled())
    assert row.tick.isChecked() and row._note.text() == "Live already"
    assert not dialog.yes.isEnabled()
    rig.click(dialog.targets.rows[1].tick)
    press_yes(rig, dialog)
    rig.until(lambda: rig.asked(p.StartLivestream))
    assert [one.destination_id for one in rig.asked(p.StartLivestream)] == ["TV Banjar"]


def test_a_refusal_stays_in_the_dialog(opened: Open, memory_keyring: MemoryKeyring) -> None:
    keep(memory_keyring, "YouTube")
    rig, dialog = opened(replace(SETTINGS, live_destinations=("YouTube",)))
    rig.until(lambda: not dialog.targets.asking)
    rig.settle(0.2)
    rig.fake.refuse = p.Refusal(code="bad_address", text_id="Alamat salah.", text_en="A wrong address.")
    press_yes(rig, dialog)
    rig.until(lambda: "address" in dialog.trouble.text())
    assert dialog.isVisible() and dialog.yes.isEnabled()


def test_it_works_by_keys_alone(opened: Open, memory_keyring: MemoryKeyring) -> None:
    keep(memory_keyring, "YouTube")
    rig, dialog = opened()
    rig.until(lambda: not dialog.targets.asking)
    rig.do(dialog.activateWindow)
    rig.until(dialog.isActiveWindow)
    assert rig.app.focusWidget() is dialog.targets.rows[0].tick
    rig.key(Qt.Key.Key_Space)
    assert not dialog.targets.ticked
    rig.key(Qt.Key.Key_Space)
    rig.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    if dialog._confirmed:
        rig.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    rig.until(lambda: rig.asked(p.StartLivestream))


def test_every_check_is_spoken_and_every_key_field_named(opened: Open) -> None:
    rig, dialog = opened(recording=False)
    rig.until(dialog.targets.rows[0].key.isVisible)
    for row in dialog.rows.values():
        assert row.accessibleName().startswith(row.name)
    assert "to be looked at" in dialog.rows["recording"].accessibleName()
    names = [field.accessibleName() for field in dialog.targets.findChildren(QLineEdit)]
    assert names == ["Stream key of YouTube", "Stream key of TV Banjar"]


def test_the_youtube_account_is_a_destination_with_its_form(opened: Open) -> None:
    rig, dialog = opened()
    assert dialog.targets.youtube is None
    rig.do(dialog.reject)
    rig.fake.observe(youtube={"state": "signed_in", "channel": "Pemkab Banjar", "upcoming": []})
    rig.until(lambda: rig.context.replica.seen.youtube.state == "signed_in")
    rig.do(rig.window.go_live)
    dialog = rig.dialog(LiveDialog)
    target = dialog.targets.youtube
    assert target is not None
    rig.click(dialog.targets.rows[0].tick)
    rig.click(target.tick)
    form = target.form
    assert form is not None and form.isVisible()
    key = dialog.rows["key"].check
    assert key is not None and key.todo == "Choose who may watch." and not dialog.yes.isEnabled()
    assert dialog.reason.text() == "Choose who may watch."
    rig.click(dialog.targets.rows[1].tick)
    rig.until(lambda: dialog.rows["key"].check and dialog.rows["key"].check.more)
    key = dialog.rows["key"].check
    assert key is not None and key.todo == "YouTube (account): Choose who may watch."
    assert key.more == ("TV Banjar: no stream key, type it at the left",)
    assert key.more[0] in dialog.rows["key"].accessibleName()
    rig.click(dialog.targets.rows[1].tick)
    rig.do(lambda: form.privacy.setCurrentIndex(1))
    rig.until(dialog.yes.isEnabled)
    press_yes(rig, dialog)
    rig.until(lambda: rig.asked(p.StartBroadcast))
    sent = rig.asked(p.StartBroadcast)[0]
    assert (sent.title, sent.privacy) == (rig.context.replica.state.title, "unlisted")
    assert not rig.asked(p.StartLivestream)
    assert rig.asked(p.SetSetting)[-1].value == ["youtube:account"]
