"""Tests of pages and dialogs: opening and ending a session, invitations, sources, going live, stream keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QMenu, QSpinBox

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import SourceKind
from operator_console.settings import Destination, Settings
from tests.fakes import MemoryKeyring
from tests.ui.fake_session import fill
from tests.ui.rig import Rig
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.destinations_tab import DestinationFields
from ui.dialogs.invite_dialog import InviteDialog, InviteRow
from ui.dialogs.live_dialog import LiveDialog
from ui.dialogs.settings_dialog import SettingsDialog
from ui.dialogs.source_dialog import SourceDialog
from ui.engine_end import farewell
from ui.keystore import KeyStore

Session = Callable[..., Rig]
YOUTUBE = Destination("YouTube", "rtmps://a.rtmps.youtube.com/live2")


def test_from_waiting_to_a_session_and_back(rig: Rig) -> None:
    window = rig.open_window()
    assert window.pages.currentWidget() is window.waiting
    rig.start_engine()
    rig.until(lambda: window.pages.currentWidget() is window.open_page)
    assert not window.open_page.open.isEnabled(), "a session needs a title"
    window.open_page.name.setText("  Rapat koordinasi ")
    window.open_page.office.setText("Ruang Kendali")
    rig.click(window.open_page.open)
    rig.until(lambda: window.pages.currentWidget() is window.console)
    assert rig.asked(p.OpenSession) == [
        p.OpenSession(title="Rapat koordinasi", office="Ruang Kendali", timezone="Asia/Makassar")
    ]
    assert window.windowTitle().startswith("Rapat koordinasi")
    assert window.console.wall.empty.isVisible(), "nobody is there: it says how to invite"
    rig.do(window.end_session)
    rig.click(rig.dialog(ConfirmDialog).yes)
    rig.until(lambda: window.pages.currentWidget() is window.open_page)
    assert "Rapat koordinasi" in window.open_page._last.text()


def test_ending_is_not_done_when_the_question_is_declined(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.end_session)
    rig.click(rig.dialog(ConfirmDialog).no)
    assert not rig.asked(p.CloseSession)


def test_an_invitation_link_is_made_copied_and_revoked(session: Session) -> None:
    rig = session(2, busy=False)
    rig.do(rig.window.show_invitations)
    dialog = rig.dialog(InviteDialog)
    dialog.label.setText("Kecamatan")
    dialog.uses.setValue(20)
    dialog.auto.setChecked(True)
    rig.click(dialog.make)
    rig.until(lambda: dialog.url.text().startswith("https://"))
    assert rig.asked(p.CreateInvite) == [
        p.CreateInvite(label="Kecamatan", max_uses=20, valid_minutes=1440, auto_admit=True)
    ]
    rig.click(dialog.copy)
    assert QGuiApplication.clipboard().text() == dialog.url.text()
    rig.until(lambda: dialog.rows.row("i1") is not None)
    row = dialog.rows.row("i1")
    assert isinstance(row, InviteRow)
    rig.click(row._revoke)
    rig.until(lambda: dialog.rows.row("i1") is None)


def test_guests_are_told_where_the_certificate_is_and_how_to_compare_it(session: Session) -> None:
    rig = session(2, busy=False)
    rig.do(rig.window.show_invitations)
    dialog = rig.dialog(InviteDialog)
    assert dialog.certificate.isHidden(), "an official certificate needs no words"
    fingerprint = " ".join(f"{number:04X}" for number in range(16))
    seen = {"state": "running", "ca_url": "https://10.0.0.5:8443/ca", "ca_fingerprint": fingerprint}
    rig.fake.observe(room=seen)
    rig.until(dialog.certificate.isVisible)
    assert dialog.certificate.address.text() == "https://10.0.0.5:8443/ca"
    assert "0000 0001" in dialog.certificate.fingerprint.text()
    rig.click(dialog.certificate.copy)
    copied = QGuiApplication.clipboard().text()
    assert "https://10.0.0.5:8443/ca" in copied and fingerprint in copied


def test_no_link_is_made_that_nobody_can_reach(session: Session) -> None:
    rig = session(2, busy=False)
    rig.do(rig.window.show_invitations)
    dialog = rig.dialog(InviteDialog)
    assert dialog.make.isEnabled()
    rig.fake.observe(room={"state": "failed", "code": "port_taken", "args": {"port": "8443"}})
    rig.until(lambda: not dialog.make.isEnabled())
    assert "8443" in dialog.trouble.text() and dialog.trouble.isVisible()
    rig.fake.observe(room={"state": "running"})
    rig.until(dialog.make.isEnabled)
    assert dialog.trouble.isHidden()


def test_after_a_recording_it_is_said_where_it_lies(session: Session) -> None:
    rig = session(2, busy=False)
    rig.fake.tell(f.RecordingStarted(recording_id="r9", path="/video/rapat_01.mp4", segment=1))
    rig.until(lambda: rig.context.actions.recording)
    assert not rig.window.toaster.texts
    rig.fake.tell(f.RecordingStopped(recording_id="r9"))
    rig.until(lambda: bool(rig.window.toaster.texts))
    assert rig.window.toaster.texts == ["The recording is kept in /video: rapat_01.mp4"]


def test_the_engine_is_not_stopped_while_a_session_is_open(session: Session) -> None:
    rig = session(2, busy=False)
    rig.do(rig.window.stop_engine)
    assert rig.dialog(ConfirmDialog).yes.isHidden()
    rig.click(rig.dialog(ConfirmDialog).no)
    assert not rig.asked(p.ShutDown)
    assert "the session goes on in the background" in farewell(rig.context)
    rig.fake.tell(f.RecordingStarted(recording_id="r9", path="/video/rapat_01.mp4", segment=1))
    rig.until(lambda: rig.context.actions.recording)
    assert "the session and the recording go on" in farewell(rig.context)


def test_the_empty_wall_leads_to_an_invitation(session: Session) -> None:
    rig = session(0, busy=False)
    rig.click(rig.window.console.wall.empty._invite)
    rig.dialog(InviteDialog)


@pytest.mark.parametrize(
    ("kind", "address", "accepted"),
    [
        (SourceKind.CAMERA, "", True),
        (SourceKind.SCREEN, "", True),
        (SourceKind.FILE, "", False),
        (SourceKind.FILE, "video.mp4", True),
        (SourceKind.RTSP, "", False),
        (SourceKind.TESTCARD, "hall", True),
    ],
)
def test_a_source_is_added(session: Session, kind: SourceKind, address: str, accepted: bool) -> None:
    rig = session(0, busy=False)
    rig.do(rig.window.console.bar.source_wanted.emit)
    dialog = rig.dialog(SourceDialog)
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    dialog.address.setEditText(address)
    dialog.name.setText("Sumber")
    rig.click(dialog.yes)
    if accepted:
        rig.until(lambda: rig.asked(p.AddSource))
        assert rig.asked(p.AddSource) == [p.AddSource(kind=kind, name="Sumber", address=address)]
        rig.until(lambda: len(rig.window.console.wall.view.wall.feeds) == 1)
    else:
        assert dialog.trouble.isVisible()
        assert not rig.asked(p.AddSource)


def test_the_source_menu_lists_what_runs(session: Session) -> None:
    rig = session(0, busy=False)
    rig.context.replica.send(p.AddSource(kind=SourceKind.CAMERA, name="Kamera & ruang"))
    rig.until(lambda: rig.context.replica.state.sources)
    source_id = next(iter(rig.context.replica.state.sources))
    failed = {"state": "failed", "code": "camera_closed", "reason": "no 0"}
    rig.fake.observe_all({f"source.{source_id}": failed})
    menu = rig.window.console.bar.sources.menu()
    rig.settle()
    rig.do(menu.aboutToShow.emit)
    (submenu,) = menu.findChildren(QMenu)
    assert submenu.title() == "Kamera && ruang"
    texts = [action.text() for action in submenu.actions()]
    assert texts[0].startswith("The camera cannot be opened.")
    assert "no 0" in submenu.actions()[0].toolTip()
    rig.do(submenu.actions()[-1].trigger)
    rig.until(lambda: not rig.context.replica.state.sources)


def live_rig(rig: Rig, *, ask: bool = True) -> Rig:
    fill(rig.start_engine(), 2, busy=False)
    settings = Settings(language="en", timezone="Asia/Makassar", destinations=(YOUTUBE,), confirm_go_live=ask)
    rig.open_window(settings=settings)
    return rig


def test_going_live_without_a_question_where_the_setting_says_so(rig: Rig) -> None:
    live_rig(rig, ask=False)
    rig.click(rig.window.console.bar.live)
    rig.until(lambda: rig.asked(p.StartLivestream))


def test_without_a_destination_it_leads_to_the_settings(session: Session) -> None:
    rig = session(2, busy=False)
    rig.click(rig.window.console.bar.live)
    rig.click(rig.dialog(LiveDialog).yes)
    dialog = rig.dialog(SettingsDialog)
    assert dialog.tabs.currentWidget() is dialog.destinations


def test_a_destination_goes_to_the_settings_and_its_key_to_the_keyring(
    session: Session, memory_keyring: MemoryKeyring, caplog: pytest.LogCaptureFixture
) -> None:
    rig = session(2, busy=False)
    rig.do(lambda: rig.window.show_settings(destinations=True))
    dialog = rig.dialog(SettingsDialog)
    row = dialog.destinations.add_row()
    row.name.setText("YouTube")
    row.url.setText(YOUTUBE.url)
    row.key.setText("abcd-efgh-ijkl")
    rig.click(dialog.yes)
    rig.until(lambda: memory_keyring.passwords)
    assert memory_keyring.passwords == {("operator-console", "stream:YouTube"): "abcd-efgh-ijkl"}
    rig.until(lambda: rig.asked(p.SetSetting))
    assert rig.asked(p.SetSetting)[0].value == [{"name": "YouTube", "url": YOUTUBE.url}]
    rig.until(lambda: rig.context.settings.destinations == (YOUTUBE,))
    assert "abcd" not in caplog.text


def test_a_machine_without_a_keyring_says_so(session: Session) -> None:
    rig = session(2, busy=False)
    rig.do(lambda: rig.window.show_settings(destinations=True))
    dialog = rig.dialog(SettingsDialog)
    row = dialog.destinations.add_row("X", YOUTUBE.url)
    row.key.setText("secret-key")
    rig.click(dialog.yes)
    rig.until(dialog.destinations.wrong.isVisible)
    assert "password store" in dialog.destinations.wrong.text()
    assert row.key.text() == "secret-key", "what was typed is still there"
    row.key.clear()
    closed: list[int] = []
    dialog.finished.connect(closed.append)
    rig.click(dialog.yes)
    rig.until(lambda: closed)
    assert not rig.window.toaster.texts


def test_a_tab_says_which_settings_count_later_and_rates_are_typed_in_megabits(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.show_settings)
    dialog = rig.dialog(SettingsDialog)
    assert dialog.note.text().startswith("Counts from the next start") and "Time zone" in dialog.note.text()
    rig.do(lambda: dialog._go_to("air_fps"))
    assert dialog.note.text().startswith("Everything in this tab")
    rig.do(lambda: dialog._go_to("uplink_bps"))
    assert dialog.note.text() == ""
    lowest, line = dialog.fields["air_min_bitrate_bps"][0], dialog.fields["uplink_bps"][0]
    assert isinstance(lowest, QSpinBox) and isinstance(line, QSpinBox)
    assert lowest.text() == "1.5 Mb/s" and line.lineEdit().textMargins().left() > 0
    rig.do(lambda: line.lineEdit().setText("22.5 Mb/s"))
    args = {"name": "uplink_bps", "cause": "range", "low": "200000", "high": "20000000"}
    rig.fake.refuse_settings["uplink_bps"] = p.Refusal(code="setting", text_id="", text_en="", args=args)
    rig.click(dialog.yes)
    rig.until(dialog.wrong["uplink_bps"].isVisible)
    assert "from 0.2 Mb to 20 Mb" in dialog.wrong["uplink_bps"].text()
    del rig.fake.refuse_settings["uplink_bps"]
    rig.click(dialog.yes)
    rig.until(lambda: rig.context.settings.uplink_bps == 22_500_000)


def test_a_setting_that_is_refused_keeps_the_dialog_open_and_is_marked(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.show_settings)
    dialog = rig.dialog(SettingsDialog)
    office, port = dialog.fields["office_name"][0], dialog.fields["join_port"][0]
    assert isinstance(office, QLineEdit) and isinstance(port, QSpinBox)
    office.setText("Diskominfo")
    port.setValue(99999)
    args = {"name": "join_port", "cause": "range", "low": "1", "high": "65535"}
    rig.fake.refuse_settings["join_port"] = p.Refusal(code="setting", text_id="", text_en="", args=args)
    rig.click(dialog.yes)
    rig.until(dialog.wrong["join_port"].isVisible)
    assert dialog.wrong["join_port"].text() == "Port of the join page: enter a number from 1 to 65535."
    assert port.property("wrong") and not office.property("wrong")
    assert port.value() == 99999
    rig.until(lambda: rig.context.settings.office_name == "Diskominfo")
    port.setValue(8443)
    del rig.fake.refuse_settings["join_port"]
    rig.click(dialog.yes)
    rig.until(lambda: rig.context.settings.join_port == 8443)
    assert [c.name for c in rig.asked(p.SetSetting)].count("office_name") == 1
    assert not rig.window.toaster.texts


def test_a_destination_that_is_refused_is_marked(session: Session) -> None:
    rig = session(2, busy=False)
    rig.do(lambda: rig.window.show_settings(destinations=True))
    dialog = rig.dialog(SettingsDialog)
    row = dialog.destinations.add_row("YouTube", "youtube.com")
    args = {"name": "destinations", "cause": "stream_url", "destination": "YouTube"}
    rig.fake.refuse_settings["destinations"] = p.Refusal(code="setting", text_id="", text_en="", args=args)
    rig.click(dialog.yes)
    rig.until(dialog.destinations.wrong.isVisible)
    assert "rtmps://host/app" in dialog.destinations.wrong.text()
    assert row.url.property("wrong") and not row.name.property("wrong")
    args["field"] = "backup_url"
    rig.fake.refuse_settings["destinations"] = p.Refusal(code="setting", text_id="", text_en="", args=args)
    rig.click(dialog.yes)
    rig.until(lambda: row.backup_url.property("wrong"))
    assert not row.url.property("wrong")


def test_tab_leads_from_the_address_to_its_key(session: Session) -> None:
    rig = session(2, busy=False)
    rig.do(lambda: rig.window.show_settings(destinations=True))
    dialog = rig.dialog(SettingsDialog)
    made: list[DestinationFields] = []
    rig.do(lambda: made.append(dialog.destinations.add_row()))
    row = made[0]
    rig.do(dialog.activateWindow)
    rig.until(dialog.isActiveWindow)
    rig.do(row.name.setFocus)
    for field in (row.url, row.key, row.backup_url):
        rig.key(Qt.Key.Key_Tab)
        assert rig.app.focusWidget() is field


def test_long_messages_are_shown_whole(session: Session) -> None:
    rig = session(2)
    toaster = rig.window.toaster
    texts = [
        f"{n} " + "The recording cannot be written in this folder. Choose another one. " * 3 for n in "ab"
    ]
    for text in (*texts, "short"):
        rig.do(lambda text=text: toaster.show_text(text, "error"))  # type: ignore[misc]
    rig.settle(0.1)
    for toast in toaster._toasts:
        assert toast.label.height() >= toast.label.heightForWidth(toast.label.width())
        assert toaster.rect().contains(toast.geometry())


def test_the_keyring_answers_only_to_who_still_lives(rig: Rig, memory_keyring: MemoryKeyring) -> None:
    store, answers = KeyStore(rig.loop), list[object]()
    memory_keyring.passwords["operator-console", "stream:A"] = "x"
    rig.open_window()
    store.has("A", rig.window, answers.append)
    rig.until(lambda: answers == [True])
    store.has("B", rig.window, answers.append)
    rig.until(lambda: answers == [True, False])
    store.set("A", "", rig.window, answers.append)
    rig.until(lambda: answers == [True, False, True])
    assert not memory_keyring.passwords


def test_the_record_is_verified_from_the_menu(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.verify_record)
    rig.until(lambda: any("complete" in text for text in rig.window.toaster.texts))


def test_outputs_that_fail_are_not_hidden_by_the_next_fact(session: Session) -> None:
    rig = session(2)
    rig.fake.tell(f.RecordingFailed(recording_id="r1", reason="x", code="disk_full"), f.HallMuted(muted=True))
    chip = rig.window.console.strip.recording
    rig.until(lambda: chip.property("tone") == "bad")
    rig.click(rig.window.console.bar.record)
    rig.until(lambda: chip.property("tone") == "plain")
