"""Tests of stopping outputs: by a key that is held, each destination by itself, and what the chip says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from operator_console import protocol as p
from operator_console.session import facts as f
from tests.ui.fake_engine import now_ms
from tests.ui.rig import Rig
from ui.dialogs.live_dialog import LiveDialog
from ui.panels import bottom_bar, outputs_popup
from ui.panels.outputs_popup import OutputsPopup

Session = Callable[..., Rig]
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
HOLD_MS = 250


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds are a long time for a test."""
    for module in (bottom_bar, outputs_popup):
        monkeypatch.setattr(module, "HOLD_MS", HOLD_MS)


@pytest.fixture
def held(session: Session, quick: None) -> Rig:
    """A session that is recorded and live."""
    rig = session(4)
    rig.do(rig.window.activateWindow)
    rig.until(rig.window.isActiveWindow)
    rig.window.console.bar._show()
    return rig


def press(rig: Rig, key: Qt.Key, widget: QWidget | None = None) -> None:
    target = widget or rig.app.focusWidget() or rig.window
    modifier = Qt.KeyboardModifier.NoModifier if key == Qt.Key.Key_Space else CTRL_SHIFT
    rig.do(lambda: QTest.keyPress(target, key, modifier))


def let_go(rig: Rig, key: Qt.Key, widget: QWidget | None = None) -> None:
    target = widget or rig.app.focusWidget() or rig.window
    modifier = Qt.KeyboardModifier.NoModifier if key == Qt.Key.Key_Space else CTRL_SHIFT
    rig.do(lambda: QTest.keyRelease(target, key, modifier))
    rig.settle()


@pytest.mark.parametrize(("key", "kind"), [(Qt.Key.Key_R, p.StopRecording), (Qt.Key.Key_L, p.StopLivestream)])
def test_a_key_stops_only_when_it_is_held(held: Rig, key: Qt.Key, kind: type[p.Command]) -> None:
    press(held, key)
    held.settle(0.05)
    let_go(held, key)
    held.settle(HOLD_MS / 1000 + 0.1)
    assert not held.asked(kind)
    assert held.window.toaster.texts == ["Nothing was stopped: hold the button for 2 seconds."]
    press(held, key)
    held.until(lambda: held.asked(kind))
    let_go(held, key)
    assert len(held.asked(kind)) == 1


def test_letting_go_of_control_lets_go(held: Rig) -> None:
    press(held, Qt.Key.Key_L)
    held.settle(0.05)
    let_go(held, Qt.Key.Key_Control)
    held.settle(HOLD_MS / 1000 + 0.1)
    assert not held.asked(p.StopLivestream)
    assert held.window.console.bar.live.progress == 0.0


def test_a_key_that_is_still_held_does_not_go_live_again(held: Rig) -> None:
    press(held, Qt.Key.Key_L)
    held.until(lambda: not held.context.actions.streaming)
    press(held, Qt.Key.Key_L)  # what a keyboard repeats while it is held is no shortcut of its own
    held.settle(0.1)
    let_go(held, Qt.Key.Key_L)
    assert len(held.asked(p.StopLivestream)) == 1


def test_without_the_question_a_key_stops_at_once(held: Rig) -> None:
    held.context.settings = replace(held.context.settings, confirm_stop_output=False)
    held.window.console.bar._show()
    press(held, Qt.Key.Key_R)
    held.until(lambda: held.asked(p.StopRecording))
    let_go(held, Qt.Key.Key_R)


def test_a_button_reached_by_tab_is_held_by_space(held: Rig) -> None:
    button = held.window.console.bar.record
    held.do(lambda: button.setFocus(Qt.FocusReason.TabFocusReason))
    press(held, Qt.Key.Key_Space, button)
    held.until(lambda: held.asked(p.StopRecording))
    let_go(held, Qt.Key.Key_Space, button)


def second(rig: Rig, **seen: Any) -> None:
    """Another destination beside YouTube."""
    rig.fake.tell(
        f.LivestreamStarted(destination_id="TV", name="TV Banjar", url="rtmp://10.20.30.40/live"),
        f.LivestreamConfirmed(destination_id="TV"),
    )
    value = {"phase": "started", "on_air": True, "line": "live", "since_ms": now_ms(), "kbps": 4000}
    rig.fake.observe_all({"stream.TV": value | seen})
    rig.settle(0.1)


def popup(rig: Rig) -> OutputsPopup:
    console = rig.window.console
    rig.click(console.strip.livestream)
    rig.until(console.outputs.isVisible)
    return console.outputs


def test_one_of_several_destinations_stops_by_itself(held: Rig) -> None:
    second(held)
    assert held.window.console.bar.live.text() == "Stop 2 livestreams"
    row = popup(held).streams["TV"]
    held.do(lambda: QTest.mousePress(row.stop, Qt.MouseButton.LeftButton))
    held.until(lambda: held.asked(p.StopLivestream))
    assert [one.destination_id for one in held.asked(p.StopLivestream)] == ["TV"]
    held.until(lambda: held.context.actions.streaming == ["YouTube"])


def test_held_in_the_bar_all_destinations_stop(held: Rig) -> None:
    second(held)
    press(held, Qt.Key.Key_L)
    held.until(lambda: len(held.asked(p.StopLivestream)) == 2)
    let_go(held, Qt.Key.Key_L)
    held.until(lambda: not held.context.actions.streaming)


def test_each_destination_has_its_own_truth(held: Rig) -> None:
    lost_ms = now_ms() - 30_000
    second(held, line="waiting", on_air=False, since_ms=lost_ms, kbps=0)
    held.fake.tell(f.LivestreamLost(destination_id="TV", reason="refused", code="refused"))
    held.settle(0.1)
    strip = held.window.console.strip
    assert strip.livestream._title.text() == "LIVE 1 of 2"
    clock = held.context.formats.clock(lost_ms)
    assert strip.livestream._detail.text().startswith(f"TV Banjar reconnecting since {clock}")
    assert strip.livestream.property("tone") == "warn"
    rows = popup(held).streams
    assert rows["TV"].texts[1] == f"reconnecting since {clock}" and rows["TV"].texts[2]
    assert rows["YouTube"].texts[1].endswith("4.5 Mb/s") and not rows["YouTube"].texts[2]
    assert list(rows) == ["TV", "YouTube"], "what does not flow comes first"


def test_what_a_delay_holds_back_can_be_cut_off(held: Rig) -> None:
    held.fake.tell(f.LivestreamStopping(destination_id="YouTube", rest_s=20))
    row = popup(held).streams["YouTube"]
    assert row.stop.text() == "Cut off now" and row.texts[1].startswith("ends at")
    assert "is not sent" in held.window.console.outputs._hint.text()
    bar = held.window.console.bar
    assert bar.live.text() == "Cut off now" and bar.live.property("tone") == "warn"
    assert "not sent" in bar._hint.text()
    assert "LIVE" not in held.window.console.monitors.program._detail
    held.do(lambda: QTest.mousePress(row.stop, Qt.MouseButton.LeftButton))
    held.until(lambda: held.asked(p.StopLivestream))
    assert held.asked(p.StopLivestream) == [p.StopLivestream(destination_id="YouTube", now=True)]


def test_a_recording_pauses_and_goes_on_from_its_row_and_from_the_menu(held: Rig) -> None:
    outputs = popup(held)
    assert outputs.pause.text() == "Pause recording"
    held.click(outputs.pause)
    held.until(lambda: held.asked(p.PauseRecording))
    held.fake.tell(f.RecordingPaused())
    held.until(lambda: outputs.pause.text() == "Resume recording")
    menu = held.window.console.strip.menu_button.menu()
    assert menu is not None
    held.do(menu.aboutToShow.emit)
    assert "Resume recording" in [action.text() for action in menu.actions()]
    held.click(outputs.pause)
    held.until(lambda: held.asked(p.ResumeRecording))


def test_own_recordings_have_a_row_and_say_where_they_are_kept(held: Rig) -> None:
    held.fake.tell(f.IsoRecordingStarted(participant_id="p2", folder="/video", stem="a"))
    rows = popup(held).isos
    assert list(rows) == ["p2"] and rows["p2"].texts[1] == "waits for a picture"
    held.fake.tell(f.IsoFileStarted(participant_id="p2", path="/video/a_01.mkv", starts_at_us=1))
    held.fake.observe(iso__p2={"path": "/video/a_01.mkv", "seconds": 62.0, "bytes": 2_000_000})
    held.until(lambda: "00:01:02" in rows["p2"].texts[1])
    assert rows["p2"].texts[2] == "/video/a_01.mkv"
    held.do(lambda: QTest.mousePress(rows["p2"].stop, Qt.MouseButton.LeftButton))
    held.until(lambda: held.asked(p.StopIsoRecording))
    held.until(lambda: not held.window.console.outputs.isos)
    held.fake.tell(f.IsoFileFinished(participant_id="p2", path="/video/a_01.mkv"))
    held.until(lambda: any("is kept in /video: a_01.mkv" in text for text in held.window.toaster.texts))


def test_the_list_opens_by_keys_and_leads_to_another_destination(held: Rig) -> None:
    chip = held.window.console.strip.livestream
    held.do(lambda: chip.setFocus(Qt.FocusReason.TabFocusReason))
    held.do(lambda: QTest.keyClick(chip, Qt.Key.Key_Space))
    outputs = held.window.console.outputs
    held.until(outputs.isVisible)
    assert not held.asked(p.Take), "Space on the chip is no cut"
    held.click(outputs.more)
    assert not outputs.isVisible()
    held.dialog(LiveDialog)


def test_the_list_goes_by_escape_by_its_chip_and_by_a_press_beside_it(held: Rig) -> None:
    outputs, strip = popup(held), held.window.console.strip
    focus = held.app.focusWidget()
    assert focus is outputs.recording.stop
    held.do(lambda: QTest.keyClick(outputs.recording.stop, Qt.Key.Key_Escape))
    assert not outputs.isVisible() and held.app.focusWidget() is strip.livestream
    popup(held)
    held.click(strip.livestream)
    assert not outputs.isVisible()
    popup(held)
    held.click(held.window.console.wall)
    assert not outputs.isVisible()
