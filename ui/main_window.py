"""The operator's window: which page it shows, its menu, keys, dialogs and messages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from operator_console.protocol import CloseSession, SetSetting, SetWants, VerifyJournal
from operator_console.settings import Destination
from ui import i18n
from ui.console_page import ConsolePage
from ui.context import Context
from ui.dialogs.confirm import confirm
from ui.dialogs.hall_dialog import HallDialog
from ui.dialogs.hall_wizard import HallWizard
from ui.dialogs.help import HelpDialog, open_log_folder
from ui.dialogs.invite_dialog import InviteDialog
from ui.dialogs.live_dialog import LiveDialog
from ui.dialogs.mixer_dialog import MixerDialog
from ui.dialogs.settings_dialog import SettingsDialog
from ui.dialogs.source_dialog import SourceDialog
from ui.disk import DiskWatch
from ui.engine_end import ask_before_closing, ask_to_stop, offer_restart
from ui.hold_keys import HoldKeys
from ui.icons import icon
from ui.keys import KEYS, hold_keys, make_shortcuts
from ui.keystore import KeyStore
from ui.layouts import LAYOUT_KEYS
from ui.link import Loss
from ui.notices import notice_text
from ui.panels.open_page import OpenPage, WaitingPage
from ui.panels.outputs_popup import pause_text
from ui.panels.status_line import StatusLine
from ui.recording_kept import RecordingKept
from ui.repairs import RepairWatch
from ui.replica import Changed, Kind, Notice, NoticeKind
from ui.sound.echo_watch import EchoWatch
from ui.stop_keys import StopKeys
from ui.wants import WantsSender
from ui.widgets.toast import Toaster
from ui.youtube.dialog import YoutubeDialog

LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 1280, 700


class MainWindow(QMainWindow):
    """Signals: closed() when the operator has closed the window."""

    closed = Signal()

    def __init__(self, context: Context, keys: KeyStore) -> None:
        super().__init__()
        self.context = context
        self._keys = keys
        self._shortcuts: list[QShortcut] = []
        self._may_close = False
        self.engine_stays = True
        """Whether the engine goes on without the window; the demo takes its own along."""
        self.setMinimumSize(LEAST_WIDTH_PX, LEAST_HEIGHT_PX)
        self.holds = HoldKeys(self, context.actions)
        self.stops = StopKeys(self)
        self._build()
        self._echoes = EchoWatch(context, lambda text: self.toaster.show_text(text, "refused"), self)
        self._disk = DiskWatch(context, self._on_disk, self)
        self._kept = RecordingKept(context, self._on_kept, self)
        self._repairs = RepairWatch(context, self._on_kept, self)
        self.wants = WantsSender(context.replica, self._wanted)
        context.replica.changed.connect(self._on_changed)
        context.replica.noticed.connect(self._on_notice)
        context.desk.changed.connect(self._on_desk)
        self._show_page()

    # ---- build, and build again in another language

    def _build(self) -> None:
        context = self.context
        self.console = ConsolePage(context)
        self.open_page, self.waiting = OpenPage(context), WaitingPage(context)
        self.pages = QStackedWidget()
        for shown in (self.waiting, self.open_page, self.console):
            self.pages.addWidget(shown)
        self.status = StatusLine(context)
        page = QWidget()
        page.setObjectName("page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 8, 12, 4)
        layout.setSpacing(6)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(page)
        self.toaster = Toaster(page)
        self._wire()
        self._title()

    def _wire(self) -> None:
        console = self.console
        console.strip.menu_button.setMenu(self._menu())
        console.bar.live_wanted.connect(self.go_live)
        console.outputs.live_wanted.connect(self.go_live)
        for button in (console.bar.record, console.bar.live):
            button.let_go.connect(self._on_let_go)
        console.bar.source_wanted.connect(lambda: self._open(SourceDialog(self, self.context)))
        console.side.sites.invite_wanted.connect(self.show_invitations)
        console.wall.empty.invite_wanted.connect(self.show_invitations)
        for lobby in (console.wall.empty.lobby_wanted, console.strip.lobby.clicked):
            lobby.connect(console.side.show_lobby)
        self.open_page.settings_wanted.connect(self.show_settings)
        console.audio.mixer_wanted.connect(self.show_mixer)
        console.audio.setup_wanted.connect(self.show_hall_setup)
        console.bar.setup_wanted.connect(self.show_hall_setup)
        console.broadcast.details_wanted.connect(self.show_youtube)
        for part in (console.audio, console.hall_trouble):
            part.devices_wanted.connect(self.show_hall_sound)
        console.monitors.resized.connect(self._touch_wants)
        self.status.help_wanted.connect(self.show_help)
        self.status.language_wanted.connect(self.set_language)
        for shortcut in self._shortcuts:
            shortcut.setParent(None)
            shortcut.deleteLater()
        self._shortcuts = make_shortcuts(self, self._key_actions())

    def _touch_wants(self) -> None:
        if hasattr(self, "wants"):
            self.wants.touch()

    def _key_actions(self) -> dict[str, Any]:
        actions, wall = self.context.actions, self.console.wall
        session: dict[str, Any] = {
            "cut": actions.cut,
            "fade": actions.fade,
            "spotlight": actions.spotlight_selected,
            "names": actions.toggle_names,
            "slate": actions.toggle_slate,
            "next_speaker": actions.next_speaker,
            "mute": actions.mute_selected,
            "mute_all": actions.mute_all,
            "hall": self.console.bar.press_hall,
            "talkback_stays": actions.toggle_talkback,
            "duck": actions.duck_echo,
            "mixer": self.show_mixer,
            "hall_sound": self.show_hall_sound,
            "hall_setup": self.show_hall_setup,
            "record": self._toggle_recording,
            "pause": actions.toggle_pause,
            "live": self._toggle_live,
            "chapter": actions.mark_chapter,
            "alarm": self.console.alarms.acknowledge,
            "key_lock": self.context.key_lock.toggle,
            "lobby": self.console.side.show_lobby,
            "find": self._find,
            "wall": self._to_wall,
            "page_back": lambda: wall.turn_page(-1),
            "page_next": lambda: wall.turn_page(1),
        }
        for number, kind in enumerate(LAYOUT_KEYS, 1):
            session[f"layout_{number}"] = lambda kind=kind: actions.layout(kind)
        for name in hold_keys().values():
            session[name] = lambda name=name: self.holds.press(name)
        for key in KEYS:
            if key.locked:
                session[key.name] = lambda act=session[key.name]: self._if_unlocked(act)
        # Keys of a session do nothing on the pages before it.
        guarded = {name: lambda act=act: self._in_session(act) for name, act in session.items()}
        return guarded | {"settings": self.show_settings, "help": self.show_help}

    def _if_unlocked(self, act: Any) -> None:
        if self.context.key_lock.unlocked:
            act()
        else:
            self.context.actions.say_keys_locked()

    def _in_session(self, act: Any) -> None:
        if self.pages.currentWidget() is self.console:
            act()

    def _menu(self) -> QMenu:
        menu = QMenu(self.console)
        for icon_name, text, act in (
            ("settings", self.tr("Settings…"), self.show_settings),
            ("link", self.tr("Invitations…"), self.show_invitations),
            ("sliders-vertical", self.tr("Mixer…"), self.show_mixer),
            ("volume-2", self.tr("Sound of the hall…"), self.show_hall_sound),
            ("video", self.tr("Set up camera and sound of the hall…"), self.show_hall_setup),
            ("circle-stop", pause_text(False), self.context.actions.toggle_pause),
            ("radio", self.tr("YouTube account…"), self.show_youtube),
            ("check", self.tr("Verify the record"), self.verify_record),
            ("circle-help", self.tr("Keys"), self.show_help),
            ("hard-drive", self.tr("Open the folder of the logs"), open_log_folder),
            ("log-out", self.tr("End the session…"), self.end_session),
            ("circle-stop", self.tr("Stop the engine…"), self.stop_engine),
        ):
            if icon_name == "log-out":
                menu.addSeparator()
            entry = menu.addAction(icon(icon_name), text)
            entry.triggered.connect(lambda _=False, act=act: act())
            if text == pause_text(False):
                menu.aboutToShow.connect(lambda entry=entry: self._show_pause(entry))
        return menu

    def _show_pause(self, entry: QAction) -> None:
        """What the menu does with the recording now."""
        state = self.context.replica.state
        entry.setText(pause_text(bool(state.recording_paused_at_ms)))
        entry.setEnabled(state.recording_wanted or bool(state.recording_paused_at_ms))

    def changeEvent(self, event: QEvent) -> None:
        """Another language: the whole content is built again, so that no old word stays."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange and hasattr(self, "wants"):
            for dialog in self.findChildren(QDialog):
                dialog.reject()
            typed = self.open_page.typed()
            self._build()
            self.open_page.type_again(typed)
            self._show_page()
            self.console.fit(self.size())

    # ---- events

    def _on_changed(self, changed: Changed) -> None:
        if Kind.LINK in changed and not self.context.replica.connected:
            self.holds.forget()
        if Kind.OUTPUTS in changed and self.context.replica.state.recording_wanted:
            self.toaster.take_away("disk_low")
        if changed.any_of(Kind.SESSION, Kind.LINK):
            self.context.pictures.set_folder(self.context.replica.bus_dir)
            self._title()
            self._show_page()

    def _on_desk(self, _view: object) -> None:
        self.wants.touch()

    def _on_notice(self, notice: Notice) -> None:
        text, about = notice_text(notice, self.context.settings.language), ""
        if notice.refusal is not None:
            about = notice.refusal.code
        self.toaster.show_text(text, notice.kind.value, about=about)

    def _on_disk(self, text: str, tone: str) -> None:
        self.toaster.show_text(text, tone)

    def _on_kept(self, text: str, tone: str, act: tuple[str, Callable[[], None]]) -> None:
        self.toaster.show_text(text, tone, act)

    def _show_page(self) -> None:
        replica = self.context.replica
        if not replica.attached_once or replica.loss is Loss.ENDED:
            page: QWidget = self.waiting
        elif replica.session_open:
            page = self.console
        else:
            page = self.open_page
        before = self.pages.currentWidget()
        if page is not self.console:
            self.holds.forget()
        if before is not page:
            self.pages.setCurrentWidget(page)
            if page is self.open_page:
                self.open_page.name.setFocus()
                self.open_page.name.selectAll()
            elif page is self.console:
                self._to_wall()
                if before is self.open_page and self.open_page.take_setup_wish():
                    self.show_hall_setup()
        self._touch_wants()

    def _title(self) -> None:
        title = self.context.replica.state.title if self.context.replica.session_open else ""
        self.setWindowTitle(f"{title} – Operator Console" if title else "Operator Console")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the panels."""
        super().resizeEvent(event)
        self.console.fit(event.size())
        self.wants.touch()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close; while a session is open, say first that it goes on."""
        asks = self.engine_stays and self.context.replica.session_open and not self._may_close
        if asks and event.spontaneous():
            event.ignore()
            ask_before_closing(self, self.context, self.close_now)
            return
        super().closeEvent(event)
        self.closed.emit()

    def close_now(self) -> None:
        """Close without a question."""
        self._may_close = True
        self.close()

    def stop(self) -> None:
        """Send nothing any more; the window is about to go."""
        self.wants.stop()

    def _wanted(self) -> SetWants:
        if self.pages.currentWidget() is not self.console or self.isMinimized():
            return SetWants()
        return self.console.wanted()

    # ---- what menu and keys do

    def _open(self, dialog: QDialog) -> None:
        dialog.open()

    def show_help(self) -> None:
        """F1."""
        self._open(HelpDialog(self))

    def show_invitations(self) -> None:
        """Make and see invitations."""
        if self.context.replica.session_open:
            self._open(InviteDialog(self, self.context))

    def show_mixer(self) -> None:
        """F2: the whole mixer, beside the console; the one that is open comes to the front."""
        for dialog in self.findChildren(MixerDialog):
            if dialog.isVisible():
                dialog.raise_()
                dialog.activateWindow()
                return
        dialog = MixerDialog(self, self.context)
        dialog.devices_wanted.connect(self.show_hall_sound)
        self.holds.watch(dialog)
        dialog.show()

    def show_hall_sound(self) -> None:
        """F3: the hall's sound devices."""
        dialog = HallDialog(self, self.context)
        dialog.setup_wanted.connect(self.show_hall_setup)
        self._open(dialog)

    def show_hall_setup(self) -> None:
        """F4: camera and sound of the hall, step by step."""
        if self.context.replica.session_open:
            self._open(HallWizard(self, self.context))

    def show_youtube(self) -> None:
        """The YouTube account and its broadcast."""
        self._open(YoutubeDialog(self, self.context))

    def show_settings(self, *, destinations: bool = False) -> None:
        """The settings, at the livestream destinations if asked."""
        dialog = SettingsDialog(self, self.context, self._keys, self._on_setting_saved)
        if destinations:
            dialog.show_destinations()
        self._open(dialog)

    def go_live(self) -> None:
        """Ask where to and start; at once where there is one destination, no question is wanted and no check
        is bad.
        """
        settings = self.context.settings
        dialog = LiveDialog(self, self.context, self._keys)
        dialog.settings_wanted.connect(lambda: self.show_settings(destinations=True))
        dialog.remembered.connect(self._on_live_remembered)
        one = not settings.confirm_go_live and len(settings.destinations) == 1
        if not (one and dialog.start_at_once()):
            self._open(dialog)

    def _on_live_remembered(self, names: list[str]) -> None:
        self.context.settings = replace(self.context.settings, live_destinations=tuple(names))

    def end_session(self) -> None:
        """End the session after a question."""
        confirm(
            self,
            self.context.settings.confirm_end_session,
            self.tr("End the session?"),
            self.tr("Everybody leaves, recording and livestream are finished."),
            self.tr("End the session"),
            self._close_session,
        )

    def _close_session(self) -> None:
        self.context.replica.send(CloseSession())

    def stop_engine(self) -> None:
        """Stop the engine after a question and close the window; refused in a session, with the reason."""
        ask_to_stop(self, self.context, self.close_now)

    def verify_record(self) -> None:
        """Ask the engine whether the journal is complete."""
        self.context.replica.send(VerifyJournal(), self._on_verified)

    def _on_verified(self, result: dict[str, Any]) -> None:
        count = self.context.formats.number(int(result.get("facts", 0)))
        if result.get("ok"):
            self.toaster.show_text(self.tr("The record is complete: {n} facts.").format(n=count), "info")
        else:
            place = result.get("broken_at")
            text = self.tr("The record is broken at fact {n}.").format(n=place)
            self.toaster.show_text(text, NoticeKind.ERROR.value)

    def set_language(self, language: str) -> None:
        """Ask the engine to keep the language; it is shown when it has."""
        self.context.replica.send(
            SetSetting(name="language", value=language),
            lambda _result: self._on_setting_saved("language", language),
        )

    def _on_setting_saved(self, name: str, value: Any) -> None:
        if name == "destinations":
            value = tuple(Destination(**entry) for entry in value)
        self.context.settings = replace(self.context.settings, **{name: value})
        offer_restart(self, self.context, name)
        if name == "language":
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            i18n.install(app, value)

    def _toggle_recording(self) -> None:
        actions = self.context.actions
        if actions.recording:
            self.stops.press(self.console.bar.record, Qt.Key.Key_R)
        else:
            actions.start_recording()

    def _toggle_live(self) -> None:
        if self.context.actions.streaming:
            self.stops.press(self.console.bar.live, Qt.Key.Key_L)
        else:
            self.go_live()

    def _on_let_go(self) -> None:
        text = self.tr("Nothing was stopped: hold the button for 2 seconds.")
        self.toaster.show_text(text, NoticeKind.INFO.value)

    def _find(self) -> None:
        self.console.wall.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.console.wall.search.selectAll()

    def _to_wall(self) -> None:
        self.context.desk.set(search="")
        self.console.wall.search.clear()
        wall = self.console.wall.view
        (wall if wall.isVisible() else self).setFocus(Qt.FocusReason.ShortcutFocusReason)
