"""Before going live: where to, what goes out, the last checks; a bad one asks again, but never forbids."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from operator_console.protocol import ENGINE_AUDIO, AnyCommand, RunLineTest, SetSetting, StartRecording
from ui.context import Context, Tick
from ui.dialogs.base import Dialog
from ui.keystore import KeyStore
from ui.line_test import LineTestBox
from ui.live import checks
from ui.live.check_rows import CheckRow, column_of
from ui.live.checks import Check, Heard, View
from ui.live.targets import Targets
from ui.notices import notice_text
from ui.replica import Changed, Kind, Notice
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import set_property
from ui.youtube.form import broadcast_offered

WIDTH_PX, HEIGHT_PX, LEFT_PX = 1040, 580, 500
PROGRAM_RING = 0
POLLS_PER_LEVEL = 3
"""Ten levels a second are enough to know the loudest of ten seconds."""
AGAIN_S = 0.7
"""The question's key stands where the first was: the second press of a double click does not answer it."""
LEVELS = checks.HEARD_S * 10


class LiveDialog(Dialog):
    """Signals: settings_wanted() to set up destinations; remembered(list[str]) with the destinations that the
    engine keeps for the next time.
    """

    settings_wanted = Signal()
    remembered = Signal(object)

    def __init__(self, parent: QWidget, context: Context, keys: KeyStore) -> None:
        ready = bool(context.settings.destinations) or broadcast_offered(context)
        super().__init__(parent, width_px=WIDTH_PX if ready else 480)
        self._context, self._ready = context, ready
        yes = self.tr("Go live now") if ready else self.tr("Open settings")
        self.set_words(self.tr("Go live"), self.tr("Cancel"), yes)
        self._levels: deque[float] = deque(maxlen=LEVELS)
        self._confirmed: tuple[str, ...] = ()
        """Bad checks that the operator has been asked about."""
        self._asked_s = 0.0
        self._waiting, self._tested = 0, False
        self.rows: dict[str, CheckRow] = {}
        if ready:
            self._fill(keys)
        else:
            self._fill_empty()

    # ---- build

    def _fill_empty(self) -> None:
        text = PlainLabel()
        text.setWordWrap(True)
        text.setText(self.tr("There is no livestream destination yet. Add one in the settings."))
        self.body.addWidget(text)
        self.yes.clicked.connect(self._on_settings)

    def _fill(self, keys: KeyStore) -> None:
        self.setFixedHeight(HEIGHT_PX)
        context = self._context
        self.targets = Targets(context, keys)
        self.line = LineTestBox(context, self._line_target)
        self.record = Button(self.tr("Start recording"), "circle-dot")
        self.record.clicked.connect(context.actions.start_recording)
        self.rows = self._make_rows()
        columns = QHBoxLayout()
        columns.setSpacing(18)
        columns.addWidget(self._left())
        columns.addWidget(self._right(), 1)
        self.body.addLayout(columns)
        keep = self.trouble.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.trouble.setSizePolicy(keep)
        self.settings = Button(self.tr("Destinations…"), "settings", "flat")
        self.settings.clicked.connect(self._on_settings)
        self._keys.insertWidget(0, self.settings)
        self.reason = ElidedLabel("", "warn")
        self.reason.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._keys.insertWidget(1, self.reason, 100)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self.yes.click)
        self.yes.clicked.connect(self._on_yes)
        self.targets.changed.connect(self._on_targets)
        self.finished.connect(lambda _result: self.line.end())
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        context.pictures.polled.connect(self._on_polled)
        self._show()
        first = self.targets.rows[0] if self.targets.rows else self.targets.youtube
        if first is not None:
            first.tick.setFocus(Qt.FocusReason.OtherFocusReason)

    def _make_rows(self) -> dict[str, CheckRow]:
        return {
            "key": CheckRow(self.tr("Stream key")),
            "line": CheckRow(self.tr("Line")),
            "encoder": CheckRow(self.tr("Encoder")),
            "picture": CheckRow(self.tr("Picture")),
            "slate": CheckRow(self.tr("Slate")),
            "sound": CheckRow(self.tr("Sound")),
            "recording": CheckRow(self.tr("Recording"), self.record),
            "disk": CheckRow(self.tr("Disk")),
        }

    def _left(self) -> QWidget:
        page = QWidget()
        self._slots = QVBoxLayout(page)
        self._slots.setContentsMargins(0, 0, 8, 0)
        self._slots.setSpacing(8)
        title = ElidedLabel(self._context.replica.state.title, "strong")
        self._slots.addWidget(PlainLabel(self.tr("Title"), "caps"))
        self._slots.addWidget(title)
        self._slots.addWidget(PlainLabel(self.tr("Where to"), "caps"))
        self._slots.addWidget(self.targets)
        if delay_s := self._context.settings.livestream_delay_s:
            text = self.tr("The stream goes out {n} s later than the program (settings).")
            self._slots.addWidget(self._note(text.format(n=delay_s)))
        self._slots.addWidget(PlainLabel(self.tr("Line"), "caps"))
        self._slots.addWidget(self.line)
        self._slots.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedWidth(LEFT_PX)
        area.setWidget(page)
        return area

    def _note(self, text: str) -> PlainLabel:
        label = PlainLabel("", "soft")
        label.setWordWrap(True)
        label.setText(text)
        return label

    def _right(self) -> QWidget:
        side = QWidget()
        lines = QVBoxLayout(side)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(6)
        lines.addWidget(PlainLabel(self.tr("Last checks"), "caps"))
        lines.addWidget(column_of(list(self.rows.values())), 1)
        return side

    # ---- events

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the line: it takes longest."""
        super().showEvent(event)
        if self._ready:
            self._test_line_once()

    def _line_target(self) -> RunLineTest | None:
        return self.targets.line_test()

    def _on_targets(self) -> None:
        if not self.line.running:
            target = self._line_target()
            if target is None or target.destination_id != self.line.destination_id:
                self.line.forget()
        self._test_line_once()
        self._show()

    def _test_line_once(self) -> None:
        """Knock at the destination by itself: nothing is sent, and nobody forgets it."""
        if self._tested or not self.isVisible() or not self.targets.any_ticked:
            return
        self._tested = True
        self.line.button.click()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.OUTPUTS, Kind.LINK, Kind.PENDING):
            self.targets.follow(self._context.actions.streaming)
        if changed.any_of(
            Kind.OUTPUTS, Kind.FIGURES, Kind.PROGRAM, Kind.TEST, Kind.LINK, Kind.PENDING, Kind.SESSION
        ):
            self._show()

    def _on_tick(self, _tick: Tick) -> None:
        self._show()

    def _on_polled(self, turn: int) -> None:
        if turn % POLLS_PER_LEVEL == 0:
            self._levels.append(self._context.pictures.level_db((ENGINE_AUDIO, PROGRAM_RING)))

    def _on_settings(self) -> None:
        self.reject()
        self.settings_wanted.emit()

    # ---- show

    def _heard(self) -> Heard:
        levels = self._levels
        if not levels:
            return Heard(-120.0, -120.0, 0)
        return Heard(levels[-1], max(levels), len(levels) // 10)

    def checks(self) -> dict[str, Check]:
        """All checks as they stand now."""
        context = self._context
        view = View(context.replica.state, context.replica.seen, context.settings, context.formats)
        targets = self.targets
        return {
            "key": checks.key_check(targets.any_ticked, targets.without_key, targets.asking, targets.problem),
            "line": checks.line_check(self.line.running, self.line.passed),
            "encoder": checks.encoder_check(view),
            "picture": checks.picture_check(view),
            "slate": checks.slate_check(view),
            "sound": checks.sound_check(view, self._heard()),
            "recording": checks.recording_check(view),
            "disk": checks.disk_check(view),
        }

    def _show(self) -> None:
        found = self.checks()
        for name, check in found.items():
            self.rows[name].show_check(check)
        replica = self._context.replica
        self.record.setVisible(not self._context.actions.recording)
        self.record.setEnabled(replica.connected)
        self.record.set_pending(replica.pending(StartRecording))
        why_not = self._why_not()
        self.reason.setText(why_not)
        self.yes.setAccessibleDescription(why_not)
        self.yes.setEnabled(not why_not and not self._waiting)
        self._name_yes()
        if self._confirmed and set(checks.bad_names(found)) - set(self._confirmed):
            self._ask_again(())

    def _why_not(self) -> str:
        """Why it cannot go live at all now; empty where it can."""
        if not self._context.replica.connected:
            return self.tr("The engine is not connected.")
        if self.targets.problem:
            return self.targets.problem
        return "" if self.targets.any_ticked else self.tr("Tick a destination first.")

    def _ask_again(self, bad: tuple[str, ...]) -> None:
        """Ask once more because of these checks; with none the first question stands again."""
        self._confirmed, self._asked_s = bad, time.monotonic()
        self._name_yes()
        set_property(self.yes, "kind", "cut" if bad else "primary")
        names = ", ".join(self.rows[name].name for name in bad)
        text = self.tr("Bad: {names}. Go live all the same? Press once more.")
        self.show_trouble(text.format(names=names) if bad else "")

    def _name_yes(self) -> None:
        """What the key does; with only the YouTube account ticked its form says it, which may plan too."""
        text = self.tr("Go live all the same") if self._confirmed else self.tr("Go live now")
        broadcast = self.targets.broadcast
        if broadcast is not None and not self.targets.ticked and not self._confirmed:
            text = broadcast.yes_text
        if text != self.yes.accessibleName():
            self.name_yes(text)

    # ---- go

    def start_at_once(self) -> bool:
        """Go live without showing the dialog; False where a check is bad and somebody has to be asked."""
        bad = [name for name in checks.bad_names(self.checks()) if name != "key"]
        if bad or len(self.targets.ticked) != 1 or self.targets.broadcast is not None:
            return False
        self._start()
        return True

    def _on_yes(self) -> None:
        bad = checks.bad_names(self.checks())
        if set(bad) - set(self._confirmed):
            self._ask_again(bad)
            return
        if not self._confirmed or time.monotonic() - self._asked_s >= AGAIN_S:
            self._start()

    def _start(self) -> None:
        self._ask_again(())
        self._remember()
        commands: list[AnyCommand] = [target.command() for target in self.targets.ticked]
        broadcast = self.targets.broadcast.command() if self.targets.broadcast is not None else None
        commands += [broadcast] if broadcast is not None else []
        self._waiting = len(commands)
        for command in commands:
            self._context.replica.send(command, self._on_started, self._on_refused)
        self._show()

    def _remember(self) -> None:
        names = self.targets.names
        if tuple(names) != self._context.settings.live_destinations:
            self._context.replica.send(SetSetting(name="live_destinations", value=names), self._on_kept)

    def _on_kept(self, _result: dict[str, Any]) -> None:
        self.remembered.emit(self.targets.names)

    def _on_started(self, _result: dict[str, Any]) -> None:
        self._waiting -= 1
        if self._waiting > 0:
            return
        if not self.isVisible():
            self.deleteLater()
        elif self.trouble.isHidden():
            self.accept()
        else:
            self._show()

    def _on_refused(self, notice: Notice) -> None:
        self._waiting -= 1
        if not self.isVisible():
            self._context.replica.noticed.emit(notice)
            self.deleteLater()
            return
        self.show_trouble(notice_text(notice, self._context.settings.language))
        self._show()
