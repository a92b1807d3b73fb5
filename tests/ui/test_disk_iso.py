"""Tests of recordings of single feeds and of a disk that gets full, as the operator sees and does them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import DiskLevel
from tests.ui.rig import Rig
from ui.disk import left_text
from ui.formats import Formats

pytestmark = pytest.mark.qt_log_ignore(  # the offscreen platform has no windows that could be raised
    r"This plugin does not support (raise\(\)|grabbing the keyboard|propagateSizeHints)"
)
Session = Callable[..., Rig]
FOLDER = "/srv/rekaman"


def disks(level: str, free_bytes: int, seconds: int, **more: bool) -> dict[str, object]:
    disk = {"folder": FOLDER, "free_bytes": free_bytes, "seconds_left": seconds, "level": level}
    return {"disks": [{**disk, "reserve_bytes": 2_000_000_000, **more}]}


def low(rig: Rig, level: DiskLevel, free_bytes: int, seconds: int, **more: bool) -> None:
    rig.fake.observe(disk=disks(str(level), free_bytes, seconds, **more))
    rig.fake.tell(f.DiskRanLow(folder=FOLDER, level=str(level), free_bytes=free_bytes, seconds_left=seconds))
    rig.settle(0.2)


def open_menu(rig: Rig, row: int) -> QMenu:
    view = rig.window.console.wall.view
    place = view.tile_rect(row).center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.viewport().mapToGlobal(place))
    rig.do(lambda: QApplication.sendEvent(view.viewport(), event))
    rig.settle()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def choose(rig: Rig, row: int, words: str) -> None:
    menu = open_menu(rig, row)
    (action,) = [one for one in menu.actions() if one.text() == words]
    rig.do(action.trigger)
    rig.do(menu.close)
    rig.settle()


def test_a_tile_s_menu_records_that_feed_by_itself_and_stops_it(session: Session) -> None:
    rig = session(4, busy=False)
    choose(rig, 1, "Record by itself")
    rig.until(lambda: rig.window.console.wall.view.wall.feeds[1].iso == "waiting")
    assert [one.participant_id for one in rig.asked(p.StartIsoRecording)] == ["p2"]
    rig.fake.tell(f.IsoFileStarted(participant_id="p2", path=f"{FOLDER}/a_01.mkv", starts_at_us=1))
    rig.until(lambda: rig.window.console.wall.view.wall.feeds[1].iso == "recording")
    spoken = QAccessible.queryAccessibleInterface(rig.window.console.wall.view)
    names = [spoken.child(n).text(QAccessible.Text.Name) for n in range(spoken.childCount())]
    assert [name for name in names if "recorded by itself" in name] != []
    choose(rig, 1, "Stop recording by itself")
    rig.until(lambda: rig.window.console.wall.view.wall.feeds[1].iso == "")
    assert [one.participant_id for one in rig.asked(p.StopIsoRecording)] == ["p2"]


def test_the_inspector_records_the_selected_feed_and_has_its_figures(session: Session) -> None:
    rig = session(4, busy=False)
    rig.context.desk.set(selected="p3")
    rig.settle()
    button = rig.window.console.inspector._iso
    assert button.accessibleName() == "Record by itself"
    rig.click(button)
    rig.until(lambda: rig.fake.state.isos["p3"].wanted)
    rig.until(lambda: button.accessibleName() == "Stop recording by itself")
    figures = {"path": f"{FOLDER}/a_01.mkv", "seconds": 724.0, "bytes": 45_000_000, "marks": 2}
    rig.fake.observe(iso__p3=figures)
    rig.until(lambda: "00:12:04" in button.toolTip() and "2 gaps" in button.toolTip())
    rig.click(button)
    rig.until(lambda: not rig.fake.state.isos["p3"].wanted)
    rig.context.desk.set(selected="")
    rig.settle()


def test_each_step_of_a_full_disk_is_told_once_and_the_end_is_an_alarm(session: Session) -> None:
    rig = session(4, busy=False)
    banner = rig.window.console.disk

    def texts() -> list[str]:
        return rig.window.toaster.texts

    low(rig, DiskLevel.WATCH, 9_000_000_000, 14_000)
    assert any("about 3 h 53 min" in text and FOLDER in text for text in texts())
    low(rig, DiskLevel.SOON, 3_500_000_000, 3500)
    assert any("58 min only" in text for text in texts())
    assert not banner.isVisible()
    low(rig, DiskLevel.STOP, 1_990_000_000, 0)
    assert banner.isVisible() and "NOT RECORDING" in banner.accessibleName()
    assert "2.0 GB" in banner.accessibleName() and "Session and livestream go on" in banner.accessibleName()
    shown = rig.window.status._disk_low
    assert shown.isVisible() and "Disk almost full" in shown.accessibleName()
    rig.fake.tell(f.DiskEased(folder=FOLDER, free_bytes=90_000_000_000))
    rig.until(lambda: not banner.isVisible())
    assert any("can be started again" in text for text in texts())
    assert not shown.isVisible()


def test_a_full_reserve_ends_no_copy_and_a_second_path_that_ended_does(session: Session) -> None:
    rig = session(4)
    banner = rig.window.console.disk
    low(rig, DiskLevel.STOP, 1_990_000_000, 0)
    assert banner.isVisible() and "the recording goes on" in banner.accessibleName()
    assert "ended" not in banner.accessibleName() and "2.0 GB" in banner.accessibleName()
    started = f.RecordingStarted(recording_id="r2", path=f"{FOLDER}/a.mp4", track=1)
    rig.fake.tell(started, f.RecordingConfirmed(recording_id="r2"))
    rig.fake.tell(f.RecordingStopped(recording_id="r2", size_bytes=1, code="disk_low"))
    rig.until(lambda: "one copy ended" in banner.accessibleName())


def test_a_second_folder_that_is_full_ends_nothing(session: Session) -> None:
    rig = session(4, busy=False)
    banner = rig.window.console.disk
    low(rig, DiskLevel.STOP, 0, 0, first=False)
    assert "second folder" in banner.accessibleName() and "NOT RECORDING" not in banner.accessibleName()
    rig.fake.observe(disk={"disks": []})
    rig.until(lambda: not banner.isVisible())
    assert not rig.window.status._disk_low.isVisible(), "a folder that is set no more is not spoken of"


def test_a_disk_that_is_written_again_is_almost_full_and_the_old_refusal_goes(session: Session) -> None:
    rig = session(4, busy=False)
    banner = rig.window.console.disk
    low(rig, DiskLevel.STOP, 1_990_000_000, 0)
    assert "NOT RECORDING" in banner.accessibleName()
    toaster = rig.window.toaster
    rig.do(lambda: toaster.show_text("The recording is not begun", "refused", about="disk_low"))
    started = f.RecordingStarted(recording_id="r9", path=f"{FOLDER}/b.mp4")
    rig.fake.tell(started, f.RecordingConfirmed(recording_id="r9"))
    rig.fake.observe(disk=disks("stop", 2_400_000_000, 600, program=True))
    rig.until(lambda: "DISK ALMOST FULL" in banner.accessibleName())
    assert "2.4 GB" in banner.accessibleName() and "2.0 GB" in banner.accessibleName()
    rig.until(lambda: "The recording is not begun" not in toaster.texts)


def test_what_the_guard_ended_is_named(session: Session) -> None:
    rig = session(4, busy=False)
    rig.fake.tell(f.IsoRecordingStarted(participant_id="p2", folder=FOLDER, stem="a"))
    rig.settle(0.2)
    rig.fake.tell(f.IsoRecordingStopped(participant_id="p2", code="disk_low"))
    rig.settle(0.2)
    title = rig.window.console.wall.view.wall.feeds[1].title
    assert any(title in text and "disk is nearly full" in text for text in rig.window.toaster.texts)
    rig.context.desk.set(selected="p2")
    rig.settle()
    assert "nearly full" in rig.window.console.inspector._trouble.text()


def test_the_room_left_is_always_shown(session: Session) -> None:
    rig = session(4, busy=False)
    machine = {"engine_pid": 1, "disk_free_bytes": 5_400_000_000, "disk_hours": 1.85}
    rig.fake.observe(machine=machine)
    rig.until(lambda: "5.4 GB free ≈ 1 h 51 min" in rig.window.status._disk.accessibleName())
    rig.fake.observe(machine={**machine, "disk_hours": 0.0})
    rig.until(lambda: "≈ 0 min" in rig.window.status._disk.accessibleName())


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 min"), (899, "14 min"), (3600, "1 h 0 min"), (36_000, "10 hours")]
)
def test_time_left_is_as_exact_as_it_is_useful(seconds: int, text: str) -> None:
    assert left_text(seconds, Formats("en", "Asia/Makassar")) == text


def test_the_menu_key_opens_the_menu_of_the_chosen_tile(session: Session) -> None:
    rig = session(4, busy=False)
    view = rig.window.console.wall.view
    view.setFocus()
    rig.key(Qt.Key.Key_Right)
    place = view.viewport().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, view.mapToGlobal(place))
    rig.do(lambda: QApplication.sendEvent(view.viewport(), event))
    rig.settle()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and menu.accessibleName()
    rig.do(menu.close)
    rig.settle()
