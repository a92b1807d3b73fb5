"""The recording in the window: each path with when it was verified, a path that fails, a pause, a repair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt

from operator_console import protocol as p
from operator_console.session import facts as f
from tests.ui.rig import Rig

Session = Callable[..., Rig]


def two_paths(rig: Rig, second: dict[str, Any] | None = None) -> None:
    """Let the engine tell of a recording in two folders."""
    started = f.RecordingStarted(recording_id="r2", path="/net/a.mp4", track=1)
    rig.fake.tell(started, f.RecordingConfirmed(recording_id="r2"))
    first = {"phase": "started", "path": recording_path(rig), "seconds": 61.5, "bytes": 9_000_000}
    first |= {"verified_ago_s": 2, "track": 0}
    other = {**first, "path": "/net/a.mp4", "verified_ago_s": 3, "track": 1, **(second or {})}
    rig.fake.observe(recorder={**first, "paths": [first, other]})


def recording_path(rig: Rig) -> str:
    recording = rig.fake.state.recording
    assert recording is not None
    return recording.path


def test_both_copies_are_said_to_be_verified_and_the_tip_says_when(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    two_paths(rig)
    rig.until(lambda: "2 copies verified" in chip._detail.text())
    assert chip.property("tone") == "plain"
    assert f"{recording_path(rig)}: " in chip.toolTip() and "/net/a.mp4: " in chip.toolTip()
    assert "verified 3 s ago" in chip.toolTip()


def test_a_second_path_that_fails_or_hangs_is_amber_and_the_recording_goes_on(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    two_paths(rig, {"code": "disk_stuck", "reason": "stuck"})
    rig.until(lambda: chip.property("tone") == "warn")
    assert chip._title.text() == "REC 00:01:01" and "The disk does not answer" in chip.toolTip()
    failed = f.RecordingFailed(recording_id="r2", reason="ENOSPC", code="disk_full", retrying=True)
    rig.fake.tell(failed)
    rig.until(lambda: "one of 2 folders fails" in chip._detail.text())
    assert chip._title.text() == "REC 00:01:01" and "/net/a.mp4" in chip.toolTip()
    assert rig.window.console.bar.record.text() == "Stop recording"


def test_two_copies_on_one_disk_are_amber_and_said(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    two_paths(rig)
    rig.fake.observe(disk={"disks": [], "unknown": ["/mnt/backup"], "one_disk": True})
    rig.until(lambda: "both copies on one disk" in chip._detail.text())
    assert chip.property("tone") == "warn" and "Both copies are on one disk" in chip.toolTip()
    assert "How much room /mnt/backup has is not known" in chip.toolTip()
    rig.fake.observe(disk={"disks": [], "unknown": [], "one_disk": False})
    rig.until(lambda: chip.property("tone") == "plain" and "one disk" not in chip.toolTip())


def test_a_file_that_was_never_verified_is_sure_for_its_first_seconds_only(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    two_paths(rig, {"verified_ago_s": None})
    rig.until(lambda: "not verified" in chip._detail.text())
    assert chip.property("tone") == "warn"
    two_paths(rig, {"verified_ago_s": None, "seconds": 3.0})
    rig.until(lambda: chip.property("tone") == "plain")


def test_a_disk_that_confirms_nothing_is_said(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    two_paths(rig, {"code": "not_synced", "reason": "EIO"})
    rig.until(lambda: "not verified" in chip._detail.text())
    assert "does not confirm what is written" in chip.toolTip()


def test_where_the_first_path_fails_the_time_is_that_of_the_second(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    two_paths(rig, {"seconds": 3725.0})
    rig.fake.tell(f.RecordingFailed(recording_id="r1", reason="ENOSPC", code="disk_full", retrying=True))
    rig.until(lambda: chip._title.text() == "REC 01:02:05")
    assert chip.property("tone") == "warn" and "The disk is full" in chip.toolTip()


def test_the_recording_is_paused_and_goes_on_by_key(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    rig.key(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    rig.until(lambda: rig.asked(p.PauseRecording))
    rig.fake.tell(f.RecordingPaused(), f.RecordingStopped(recording_id="r1", size_bytes=1))
    rig.until(lambda: chip._title.text() == "RECORDING PAUSED")
    assert "since" in chip._detail.text()
    assert rig.window.console.bar.record.text() == "Stop recording", "it can still be ended"
    assert not any("kept in" in text for text in rig.window.toaster.texts)
    rig.key(Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    rig.until(lambda: rig.asked(p.ResumeRecording))


def test_after_a_pause_the_part_is_said_as_its_time_begins_anew(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    rig.fake.tell(f.RecordingPaused(), f.RecordingStopped(recording_id="r1", size_bytes=1))
    rig.fake.tell(f.RecordingStarted(recording_id="r3", path="/videos/rapat_02.mp4", segment=2))
    rig.fake.tell(f.RecordingConfirmed(recording_id="r3"))
    first = {"phase": "started", "path": "/videos/rapat_02.mp4", "seconds": 5.2, "bytes": 9_000}
    rig.fake.observe(recorder={**first, "paths": [first]})
    rig.until(lambda: chip._title.text() == "REC part 2 · 00:00:05")


def test_what_the_repair_did_is_told_once(session: Session) -> None:
    rig = session(2)
    done = {"id": "r0", "path": "/videos/rapat_01.mp4", "ok": True}
    done |= {"duration_ms": 3_725_000, "chapters": 4, "lost_ms": 2_100}
    left = {"id": "rx", "path": "/videos/rapat_00.mp4", "ok": False, "code": "no_room", "reason": "full"}
    rig.fake.observe(repair={"state": "done", "path": "", "left": 0, "files": [done, left]})
    rig.until(lambda: len(rig.window.toaster.texts) == 2)
    told, stays = rig.window.toaster.texts
    assert "rapat_01.mp4" in told and "01:02:05" in told and "4 chapters" in told and "2.1 s" in told
    assert "rapat_00.mp4" in stays and "no room for a copy" in stays
    rig.window.toaster._drop(rig.window.toaster._toasts[0])
    rig.fake.observe(repair={"state": "running", "path": "/x", "left": 1, "files": [done, left]})
    rig.settle(0.2)
    assert len(rig.window.toaster.texts) == 1
    alone = {"id": "/videos/iso_01.mkv", "path": "/videos/iso_01.mkv", "ok": True, "iso": True}
    rig.fake.observe(repair={"state": "done", "path": "", "left": 0, "files": [done, left, alone]})
    rig.until(lambda: any("single participant" in text for text in rig.window.toaster.texts))


def test_the_chips_stay_in_their_places_whatever_they_say(session: Session) -> None:
    rig = session(2, width_px=1366, height_px=768)
    strip = rig.window.console.strip
    chips = (strip.recording, strip.livestream, strip.network)
    places = [chip.geometry() for chip in chips]
    two_paths(rig, {"code": "disk_stuck", "reason": "stuck"})
    live = {
        "phase": "started",
        "on_air": True,
        "line": "live",
        "kbps": 104_100,
        "delay_s": 10,
        "dropped": 12_345,
    }
    rig.fake.observe(stream__YouTube=live)
    rig.until(lambda: "delayed" in strip.livestream._detail.text())
    rig.settle(0.1)
    assert [chip.geometry() for chip in chips] == places
    assert strip.livestream._detail.text() in strip.livestream.toolTip(), "what is cut is in the tool tip"
