"""Tests of the console's panels: each control sends its command, its look comes from the fact."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import Layout, LayoutKind, OutputPhase, SourceKind
from tests.ui.fake_engine import now_ms
from tests.ui.fake_session import hall_on, observe_machine
from tests.ui.rig import Rig
from ui.panels.floor_tab import FloorRow
from ui.panels.lobby_tab import LobbyRow
from ui.widgets import hold_button

Session = Callable[..., Rig]


def test_cut_and_fade_take_the_preview(session: Session) -> None:
    rig = session(9)
    panel = rig.window.console.transitions
    preview = rig.context.replica.state.program.preview
    rig.click(panel.cut)
    rig.until(lambda: rig.context.replica.state.program.on_air == preview)
    assert rig.asked(p.Take)[-1] == p.Take(transition="cut", layout=preview)
    rig.click(panel.fade)
    rig.until(lambda: rig.context.replica.state.program.transition == "fade")


def test_there_is_nothing_to_cut_to_without_a_preview(session: Session) -> None:
    rig = session(4, busy=False)
    assert not rig.window.console.transitions.cut.isEnabled()


def test_layout_keys(session: Session) -> None:
    rig = session(9)
    keys = rig.window.console.transitions.keys
    assert keys[LayoutKind.SIDE_BY_SIDE].property("on")
    rig.click(keys[LayoutKind.PICTURE_IN_PICTURE])
    rig.until(lambda: keys[LayoutKind.PICTURE_IN_PICTURE].property("on"))
    assert not keys[LayoutKind.SIDE_BY_SIDE].property("on")
    rig.click(keys[None])
    rig.until(lambda: rig.fake.state.program.preview.kind is LayoutKind.GRID_3)
    assert len(rig.fake.state.program.preview.sources) == 9


def test_the_queue_gives_the_floor(session: Session) -> None:
    rig = session(28)
    rows = rig.window.console.side.floor.rows
    first = rows.row("p6")
    assert isinstance(first, FloorRow)
    assert first._give.isVisible()
    rig.click(first._give)
    rig.until(lambda: rig.fake.state.program.spotlight == "p6")
    rig.until(lambda: rows.row("p6") is None)
    assert rig.fake.state.participants["p6"].audible
    assert rig.asked(p.LowerHand)[-1].participant_id == "p6"
    second = rows.row("p13")
    assert isinstance(second, FloorRow)
    rig.click(second._lower)
    rig.until(lambda: rows.row("p13") is None)


def test_the_next_speaker_is_named_and_called(session: Session) -> None:
    rig = session(28)
    card = rig.window.console.speaker
    assert "Desa Sungai Alang" in card._next.accessibleName()
    rig.click(card._next)
    rig.until(lambda: card._name.text() == "Pak Suryadi")
    assert "Dinas Pendidikan" in card._next.accessibleName()


def test_the_speaker_card_mutes_and_ends(session: Session) -> None:
    rig = session(9)
    card = rig.window.console.speaker
    assert (card._name.text(), card._timer.text()[:3]) == ("Hj. Rahmawati", "02:")
    rig.click(card._mute)
    rig.until(lambda: rig.fake.state.participants["p1"].muted)
    rig.until(lambda: card._mute.text() == "Open mic")
    rig.click(card._end)
    rig.until(lambda: not card._end.isVisible())
    assert rig.fake.state.program.spotlight == ""


def test_the_lobby(session: Session) -> None:
    rig = session(9)
    side = rig.window.console.side
    assert side.tabs.tabText(1) == "Lobby  3"
    rig.do(lambda: side.tabs.setCurrentIndex(1))
    row = side.lobby.rows.row("l0")
    assert isinstance(row, LobbyRow)
    rig.click(row._admit)
    rig.until(lambda: side.lobby.rows.row("l0") is None)
    row = side.lobby.rows.row("l1")
    assert isinstance(row, LobbyRow)
    rig.click(row._refuse)
    rig.until(lambda: side.tabs.tabText(1) == "Lobby  1")
    rig.click(side.lobby._all)
    rig.until(lambda: side.tabs.tabText(1) == "Lobby")
    assert rig.asked(p.AdmitAll)


def test_the_site_list_mutes_and_removes_after_a_question(session: Session) -> None:
    from ui.dialogs.confirm import ConfirmDialog

    rig = session(9)
    side = rig.window.console.side
    rig.do(lambda: side.tabs.setCurrentIndex(2))
    rig.settle()
    sites = side.sites
    assert sites.count() == 9
    index = sites._model.index(3)
    rig.click(sites.list.viewport(), sites.list.visualRect(index).center())
    assert rig.context.desk.view.selected == "p4"
    rig.click(sites._mute)
    rig.until(lambda: rig.fake.state.participants["p4"].muted)
    rig.click(sites._remove)
    dialog = rig.dialog(ConfirmDialog)
    assert not rig.asked(p.RemoveParticipant)
    rig.click(dialog.yes)
    rig.until(lambda: sites.count() == 8)


def test_mute_all_and_lock(session: Session) -> None:
    rig = session(9)
    side = rig.window.console.side
    rig.click(side._mute_all)
    rig.until(lambda: not any(person.audible for person in rig.fake.state.seated))
    rig.click(side._lock)
    rig.until(lambda: side._lock.text() == "Unlock room")
    assert rig.fake.state.locked


def test_the_inspector_shows_figures_and_acts(session: Session) -> None:
    rig = session(9)
    inspector = rig.window.console.inspector
    rig.context.desk.set(selected="p5")
    rig.settle()
    assert inspector._head.text() == "Selected · no. 5"
    assert "RTT 210 ms" in inspector._lines[2].text()
    assert "320×180 · 15 fps" in inspector._lines[1].text()
    rig.click(inspector._mute)
    rig.until(lambda: inspector._mute.text() == "Mute")
    assert rig.fake.state.participants["p5"].audible
    rig.click(inspector._preview)
    rig.until(lambda: inspector._preview.property("on"))
    rig.click(inspector._spotlight)
    rig.until(lambda: inspector._spotlight.property("on"))
    assert not inspector._lower.isEnabled()
    rig.fake.tell(f.HandRaised(participant_id="p5"))
    rig.until(inspector._lower.isEnabled)
    rig.click(inspector._lower)
    rig.until(lambda: not inspector._lower.isEnabled())


def test_hall_names_slate_chapter(session: Session) -> None:
    rig = session(4)
    hall_on(rig.fake)
    bar = rig.window.console.bar
    rig.until(lambda: bar.hall.property("on"))
    for button, true in (
        (bar.hall, lambda: rig.fake.state.hall_muted),
        (bar.names, lambda: not rig.fake.state.program.names),
        (bar.slate, lambda: rig.fake.state.program.slate),
        (bar.chapter, lambda: len(rig.fake.state.chapters) == 4),
    ):
        rig.click(button)
        rig.until(true)
    rig.until(lambda: bar.slate.property("on") and not bar.hall.property("on"))
    assert rig.window.console.monitors.program._detail.startswith("SLATE · behind it: ")


def test_what_is_taken_behind_the_slate_is_said(session: Session) -> None:
    rig = session(4)
    rig.fake.tell(f.SlateShown(shown=True))
    rig.until(lambda: rig.window.console.bar.slate.property("on"))
    rig.do(lambda: rig.context.actions.spotlight("p2"))
    rig.until(lambda: any("still covers the program" in text for text in rig.window.toaster.texts))
    assert rig.fake.state.program.spotlight == "p2" and rig.fake.state.program.slate
    assert "behind it" in rig.window.console.monitors.program._detail


def test_recording_starts_by_a_click_and_stops_only_when_held(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.panels.bottom_bar.HOLD_MS", 300)
    rig = session(4, busy=False)
    button = rig.window.console.bar.record
    rig.click(button)
    rig.until(lambda: button.property("on"))
    assert rig.fake.state.recording is not None
    rig.click(button)
    rig.settle(0.4)
    assert not rig.asked(p.StopRecording), "a click does not stop it"
    hold(rig, button)
    rig.until(lambda: rig.fake.state.recording and rig.fake.state.recording.phase is OutputPhase.STOPPED)
    release(rig, button)
    rig.until(lambda: not button.property("on"))
    assert not rig.asked(p.StartRecording)[1:], "letting go does not start it again"


def hold(rig: Rig, button: QWidget) -> None:
    plain = Qt.KeyboardModifier.NoModifier
    rig.do(lambda: QTest.mousePress(button, Qt.MouseButton.LeftButton, plain, button.rect().center()))


def release(rig: Rig, button: QWidget) -> None:
    plain = Qt.KeyboardModifier.NoModifier
    rig.do(lambda: QTest.mouseRelease(button, Qt.MouseButton.LeftButton, plain, button.rect().center()))


def test_the_ring_grows_while_held(session: Session) -> None:
    rig = session(4)
    button = rig.window.console.bar.live
    hold(rig, button)
    rig.settle(0.3)
    early = button.progress
    rig.settle(0.3)
    assert 0.0 < early < button.progress < 1.0
    release(rig, button)
    assert button.progress == 0.0
    assert not rig.asked(p.StopLivestream)
    assert hold_button.HOLD_MS == 2000


def test_the_live_chip_is_red_only_on_air_and_amber_when_reconnecting(session: Session) -> None:
    rig = session(4)
    chip = rig.window.console.strip.livestream
    assert chip.property("tone") == "air"
    assert chip._title.text().startswith("LIVE 01:")
    rig.fake.tell(f.LivestreamLost(destination_id="YouTube", reason="closed"))
    rig.fake.observe(stream__YouTube={"phase": "started", "on_air": False, "since_ms": now_ms()})
    rig.until(lambda: chip.property("tone") == "warn")
    rig.until(lambda: "since" in chip._detail.text())
    assert chip._title.text() == "RECONNECTING"
    rig.fake.tell(f.LivestreamConfirmed(destination_id="YouTube"))
    rig.until(lambda: chip.property("tone") == "air")
    rig.fake.tell(f.LivestreamStopped(destination_id="YouTube"))
    rig.until(lambda: chip.property("tone") == "plain")
    assert chip._title.text() == "Not live"


def test_a_stream_that_stalls_is_not_shown_as_healthy(session: Session) -> None:
    rig = session(4)
    chip = rig.window.console.strip.livestream
    stalled = {"phase": "started", "on_air": False, "line": "stalled", "since_ms": now_ms()}
    rig.fake.observe(stream__YouTube=stalled)
    rig.until(lambda: chip._title.text() == "STALLED")
    since = rig.context.formats.clock(stalled["since_ms"])  # type: ignore[arg-type]
    assert chip.property("tone") == "warn" and f"since {since}" in chip._detail.text()
    assert "LIVE" not in rig.window.console.monitors.program._detail
    rig.fake.observe(stream__YouTube=stalled | {"on_air": True, "line": "live"})
    rig.until(lambda: chip.property("tone") == "air")


@pytest.mark.parametrize("line", ["stalled", "narrow"])
def test_a_stream_whose_pictures_do_not_get_through_says_so(session: Session, line: str) -> None:
    rig = session(4)
    chip = rig.window.console.strip.livestream
    narrow = {"phase": "started", "on_air": False, "line": line, "code": "narrow", "since_ms": now_ms()}
    rig.fake.observe(stream__YouTube=narrow)
    if line == "narrow":
        rig.fake.tell(f.LivestreamLost(destination_id="YouTube", reason="", code="narrow"))
    rig.until(lambda: chip._title.text() == "STALLED")  # nobody connects anew
    rig.until(lambda: "too narrow" in rig.window.status._trouble.text())
    assert chip.property("tone") == "warn"


@pytest.mark.parametrize("line", ["waiting", "connecting", "closed"])
def test_a_stream_that_was_lost_is_not_shown_as_live_until_its_fact_is_journaled(
    session: Session, line: str
) -> None:
    rig = session(4)
    chip = rig.window.console.strip.livestream
    assert chip.property("tone") == "air"
    rig.fake.observe(
        stream__YouTube={"phase": "started", "line": line, "code": "stalled", "since_ms": now_ms()}
    )
    rig.until(lambda: chip.property("tone") == "warn")
    assert rig.fake.state.livestreams["YouTube"].on_air
    assert chip._title.text() == "RECONNECTING"
    assert "does not get through" in rig.window.status._trouble.text()
    assert "LIVE" not in rig.window.console.monitors.program._detail


def test_a_stream_that_never_came_on_air_says_why(session: Session) -> None:
    rig = session(4)
    chip = rig.window.console.strip.livestream
    rig.fake.tell(f.LivestreamStarted(destination_id="YouTube", name="YouTube", url="rtmp://a/b"))
    rig.until(lambda: chip._title.text() == "Going live…")
    seen = {"phase": "starting", "line": "waiting", "code": "closed_at_once", "reason": "closed"}
    rig.fake.observe(stream__YouTube=seen)
    rig.until(lambda: chip._title.text() == "RECONNECTING")
    assert "Check the stream key" in rig.window.status._trouble.text()
    assert "lies with the destination" in chip.toolTip()


def test_a_stream_that_could_not_be_resumed_is_failed_and_says_why(session: Session) -> None:
    rig = session(4)
    chip = rig.window.console.strip.livestream
    rig.fake.tell(f.LivestreamFailed(destination_id="YouTube", code="no_stream_key", reason="no key"))
    rig.until(lambda: chip._title.text() == "LIVESTREAM FAILED")
    assert "key was not kept" in chip.accessibleName() + chip.toolTip()
    rig.until(lambda: "enter the key" in rig.window.status._trouble.text())
    assert not rig.window.console.bar.live.property("on"), "it can be started again"


def test_a_failed_recording_is_shown_with_its_reason(session: Session) -> None:
    rig = session(4)
    chip = rig.window.console.strip.recording
    assert chip._title.text().startswith("REC 01:")
    rig.fake.tell(f.RecordingFailed(recording_id="r1", reason="ENOSPC", code="disk_full"))
    rig.until(lambda: chip.property("tone") == "bad")
    assert "The disk is full." in chip.accessibleName()
    assert "ENOSPC" in chip.toolTip()
    rig.until(lambda: "choose another folder" in rig.window.status._trouble.text())
    assert not rig.window.console.bar.record.property("on"), "it can be started again"


def recorder(rig: Rig, **changes: object) -> None:
    """Let the recorder report on the recording that runs."""
    recording = rig.fake.state.recording
    assert recording is not None
    seen = {
        "phase": "started",
        "path": recording.path,
        "seconds": 61.5,
        "bytes": 9_000_000,
        "verified_ago_s": 2,
    }
    rig.fake.observe(recorder=seen | changes)


def test_the_recording_time_is_the_files_and_amber_while_nobody_has_read_it_back(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    recorder(rig)
    rig.until(lambda: chip._title.text() == "REC 00:01:01")
    assert chip.property("tone") == "plain"
    recorder(rig, verified_ago_s=16)
    rig.until(lambda: chip.property("tone") == "warn")
    assert "not verified" in chip._detail.text()
    recorder(rig)
    rig.until(lambda: chip.property("tone") == "plain")
    rig.stop_engine()
    rig.until(lambda: chip.property("tone") == "warn")
    rig.settle(1.2)
    assert chip._title.text() == "REC 00:01:01", "what cannot be seen is not counted on"


def test_a_failure_that_could_not_be_journaled_is_shown(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.recording
    recorder(rig, phase="failed", reason="No space left on device", code="disk_full")
    rig.until(lambda: chip._title.text() == "RECORDING FAILED")
    assert chip._detail.text() == "The disk is full"
    recorder(rig, phase="stopped")
    rig.until(lambda: chip._title.text() == "Not recording")
    recorder(rig, phase="failed", path="another.mp4")
    rig.until(
        lambda: chip._title.text() == "Recording starts…", "another file's end says nothing of this one"
    )


def test_a_recording_that_is_tried_again_says_so_and_can_be_stopped(session: Session) -> None:
    rig = session(2)
    chip, button = rig.window.console.strip.recording, rig.window.console.bar.record
    rig.fake.tell(f.RecordingFailed(recording_id="r1", reason="disk full", retrying=True))
    rig.until(lambda: chip._title.text() == "Recording failed, trying again")
    assert button.text() == "Stop recording"
    rig.do(rig.context.actions.stop_recording)
    rig.until(lambda: rig.asked(p.StopRecording))
    rig.until(lambda: chip._title.text() == "Not recording")


def test_a_journal_that_cannot_be_written_is_said_until_it_can(session: Session) -> None:
    rig = session(2)
    banner = rig.window.console.journal
    assert not banner.isVisible()
    rig.fake.observe(journal={"state": "failed", "code": "unwritable", "reason": "<b>disk full</b>"})
    rig.until(banner.isVisible)
    assert "Check disk space" in banner._detail.text()
    assert "&lt;b&gt;disk full&lt;/b&gt;" in banner.toolTip(), "shown as it is written"
    rig.fake.observe(journal=None)
    rig.until(lambda: not banner.isVisible())


def test_a_journal_whose_file_is_gone_is_said_until_it_is_back(session: Session) -> None:
    rig = session(2)
    banner = rig.window.console.journal
    args = {"file": "journal.rescued-1.db"}
    rig.fake.observe(journal={"state": "lost", "code": "file_gone", "args": args, "reason": "/data/journal"})
    rig.until(banner.isVisible)
    assert banner._title.text() == "The journal's file was deleted or replaced"
    assert "journal.rescued-1.db" in banner._detail.text()
    rig.fake.observe(journal={"state": "running"})
    rig.until(lambda: not banner.isVisible())


def test_a_damaged_record_is_said(session: Session) -> None:
    rig = session(2)
    rig.fake.observe(journal_damage={"code": "journal_damaged", "args": {"file": "journal-rusak.db"}})
    rig.until(rig.window.console.journal.isVisible)
    assert rig.window.console.journal._title.text() == "The record is damaged"
    assert "journal-rusak.db" in rig.window.console.journal._detail.text()


def test_the_rooms_reason_is_in_the_consoles_language(session: Session) -> None:
    rig = session(2)
    chip = rig.window.console.strip.network
    rig.fake.observe(room={"state": "failed", "code": "port_taken", "args": {"port": "8443"}, "reason": "x"})
    rig.until(lambda: chip._detail.text() == "Another program uses port 8443")
    rig.window.status.language_wanted.emit("id")
    rig.until(lambda: rig.window.console.strip.network._detail.text() == "Port 8443 dipakai program lain")


def test_the_network_chip_counts_links(session: Session) -> None:
    rig = session(9)
    chip = rig.window.console.strip.network
    assert chip._detail.text() == "8 good · 1 fair · 0 poor"
    for number in (2, 3, 4):
        rig.fake.tell(f.ParticipantLost(participant_id=f"p{number}"))
    rig.until(lambda: chip.property("tone") == "bad")
    rig.fake.observe(room={"state": "failed", "code": "port_taken", "args": {"port": "8443"}})
    rig.until(lambda: "port 8443" in chip._detail.text())


def test_the_status_line(session: Session) -> None:
    rig = session(4)
    rig.do(lambda: observe_machine(rig.fake))
    line = rig.window.status
    rig.until(lambda: "412 GB" in line._disk._text.text())
    assert "30.0 fps" in line._encoder._text.text()
    rig.fake.observe(recorder={"dropped": 12})
    rig.until(lambda: "12 packets" in line._trouble.text())


def test_a_failed_program_and_a_bad_certificate_stand_in_the_status_line(session: Session) -> None:
    rig = session(2)
    line = rig.window.status
    assert not line._picture_failed.isVisible()
    failure = {"code": "encoder", "reason": "OSError: <b>no encoder</b>"}
    problem = {"code": "expired", "args": {"certificate": "kantor.pem"}, "reason": "It has expired."}
    rig.fake.observe(program={"fps": 0.0, "failure": failure})
    rig.fake.observe(room={"state": "running", "certificate_problem": problem})
    rig.until(lambda: line._picture_failed.isVisible() and line._certificate.isVisible())
    assert "&lt;b&gt;no encoder" in line._picture_failed.toolTip(), "shown as it is written"
    assert "kantor.pem is not valid today" in line._certificate.toolTip()
    rig.fake.observe(program={"fps": 30.0, "failure": {"code": ""}}, room={"state": "running"})
    rig.until(lambda: not line._picture_failed.isVisible() and not line._certificate.isVisible())


def test_a_mixer_that_stands_still_is_said(session: Session) -> None:
    rig = session(2)
    line = rig.window.status
    assert not line._sound_stands.isVisible()
    rig.until(line._sound_stands.isVisible)
    rig.do(lambda: observe_machine(rig.fake))
    rig.until(lambda: not line._sound_stands.isVisible())


def test_meters_follow_the_bus(session: Session) -> None:
    rig = session(4, media=True, width_px=1920, height_px=1080)
    audio = rig.window.console.audio
    strips = audio.strips.strips
    rig.until(lambda: all(strip.meter._lit > 5 for strip in strips.values()))
    rig.until(lambda: strips["bus:program"].meter.accessibleDescription().startswith("−"))


def test_an_own_source_with_sound_gets_a_meter_and_a_switch(session: Session) -> None:
    rig = session(4, media=True)
    audio = rig.window.console.audio
    rig.do(
        lambda: rig.context.replica.send(p.AddSource(kind=SourceKind.FILE, name="Lagu", address="lagu.mp4"))
    )
    rig.until(lambda: rig.fake.state.sources)
    source_id = next(iter(rig.fake.state.sources))
    rig.fake.observe_all({f"media.{source_id}": p.MediaPlace(audio=("audio-engine", 0))})
    rig.until(lambda: source_id in audio.strips.strips)
    rig.until(lambda: audio.strips.strips[source_id].meter._lit > 5)
    rig.click(audio.strips.strips[source_id].mute)
    rig.until(lambda: rig.fake.state.sources[source_id].muted)
    rig.fake.tell(f.SourceRemoved(source_id=source_id))
    rig.until(lambda: source_id not in audio.strips.strips)


def test_the_monitors_show_pictures_and_what_they_are(session: Session) -> None:
    rig = session(4, media=True)
    monitors = rig.window.console.monitors
    rig.until(lambda: monitors.program._mark[1] > 2)
    shown = monitors.program.grab().toImage()
    colours = {shown.pixel(x, monitors.program.height() // 2) for x in range(20, shown.width() - 20, 7)}
    assert len(colours) > 4, "a picture is not one colour"
    assert monitors.program._detail.startswith("LIVE")
    assert monitors.preview._detail == "Side by side"
    rig.fake.tell(f.LayoutPreviewed(layout=Layout(kind=LayoutKind.SINGLE, sources=("p2",))))
    rig.until(lambda: monitors.preview.accessibleDescription() == "Single")
