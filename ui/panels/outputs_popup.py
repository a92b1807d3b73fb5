"""The list behind the chips on top: each output with its own truth, and its own stop that has to be held."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from operator_console.protocol import (
    PauseRecording,
    ResumeRecording,
    StopIsoRecording,
    StopLivestream,
    StopRecording,
)
from ui.context import Context, Tick
from ui.panels.iso_lines import IsoLine, iso_lines
from ui.panels.livestream_chip import StreamLine, stream_lines
from ui.panels.recording_chip import path_lines
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button
from ui.widgets.hold_button import HOLD_MS, HoldButton
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import set_property

WIDTH_PX, KEY_PX = 520, (150, 34)
ISO_ROWS = 4
"""More would not fit below the chip; the rest is counted, and is stopped at its tile."""
_ROLES = {"air": "air", "warn": "warn", "bad": "bad", "plain": "soft"}


class OutputRow(QFrame):
    """One output: name, how it stands, why not, and a key to hold."""

    def __init__(self, tip: str) -> None:
        super().__init__()
        self.setObjectName("row")
        self._name = ElidedLabel("", "strong")
        self._state = ElidedLabel("", "soft")
        self._why = PlainLabel("", "soft")
        self._why.setWordWrap(True)
        self.stop = HoldButton(self.tr("Stop"), "circle-stop", tip=tip, key="", kind="bar")
        self.stop.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.stop.setFixedSize(*KEY_PX)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        for label in (self._name, self._state, self._why):
            texts.addWidget(label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 6, 6)
        layout.setSpacing(10)
        layout.addLayout(texts, 1)
        self.keys = QVBoxLayout()
        self.keys.setSpacing(6)
        self.keys.addWidget(self.stop)
        layout.addLayout(self.keys)
        layout.setAlignment(self.keys, Qt.AlignmentFlag.AlignTop)

    def show_output(self, name: str, state: str, why: str, role: str) -> None:
        """Show how it stands."""
        self._name.setText(name)
        self._state.setText(state)
        self._state.setVisible(bool(state))
        set_property(self._state, "role", role)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self.setAccessibleName(". ".join(part for part in (name, state, why) if part))

    @property
    def texts(self) -> tuple[str, str, str]:
        """Name, state and reason, as they are shown."""
        return self._name.text(), self._state.text(), self._why.text()


class OutputsPopup(QFrame):
    """Signals: live_wanted() to go live to another destination."""

    live_wanted = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self.setObjectName("popup")
        self.setAccessibleName(self.tr("Recording and livestreams"))
        self.setFixedWidth(WIDTH_PX)
        self._context, self._page = context, parent
        self._anchor: QWidget | None = None
        self.recording = OutputRow(self.tr("Stop the recording"))
        self.recording.stop.held.connect(context.actions.stop_recording)
        self.pause = Button(pause_text(False))
        self.pause.setFixedWidth(KEY_PX[0])
        self.pause.clicked.connect(context.actions.toggle_pause)
        self.recording.keys.addWidget(self.pause)
        self.streams: dict[str, OutputRow] = {}
        self.isos: dict[str, OutputRow] = {}
        self._nothing = PlainLabel(self.tr("Nothing is recorded or live."), "soft")
        self._hint_stop = self.tr("To stop, hold the button for 2 seconds; the others go on.")
        self._hint_cut = self.tr("“Cut off now” held for 2 seconds: what is still held back is not sent.")
        self._hint = PlainLabel(self._hint_stop, "faint")
        self.more = Button(self.tr("Go live…"), "radio")
        self.more.clicked.connect(self._on_more)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(12, 12, 12, 12)
        self._lines.setSpacing(6)
        self._lines.addWidget(self._nothing)
        self._lines.addWidget(self.recording)
        self._after = self._lines.count()
        self._more_isos = PlainLabel("", "soft")
        self._lines.addWidget(self._more_isos)
        self._lines.addWidget(self._hint)
        self._lines.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)

    def toggle_below(self, widget: QWidget) -> None:
        """Show it below a chip, or take it away again."""
        if self.isVisible():
            self.hide()
            return
        page = self._page
        self._anchor = widget
        self._show()
        self.adjustSize()
        below = widget.mapTo(page, QPoint(0, widget.height() + 4))
        self.move(min(below.x(), page.width() - self.width()), below.y())
        self.show()
        self.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard begins at the first key; a press beside the list takes it away."""
        super().showEvent(event)
        _app().installEventFilter(self)
        first = next((row.stop for row in self._rows() if row.isVisible()), self.more)
        first.setFocus(Qt.FocusReason.PopupFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no longer at what is pressed."""
        super().hideEvent(event)
        _app().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go where something else is pressed; the chip itself takes it away."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonPress:
            at = event.globalPosition().toPoint()
            if not any(one.rect().contains(one.mapFromGlobal(at)) for one in (self, self._anchor) if one):
                self.hide()
        return False

    def event(self, event: QEvent) -> bool:
        """Escape closes it; in the window that key leads to the wall."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() is QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() is QEvent.Type.KeyPress:
                self.hide()
                if self._anchor is not None:
                    self._anchor.setFocus(Qt.FocusReason.PopupFocusReason)
                return True
        return super().event(event)

    def _rows(self) -> list[OutputRow]:
        return [self.recording, *self.streams.values(), *self.isos.values()]

    def _on_changed(self, changed: Changed) -> None:
        if self.isVisible() and changed.any_of(
            Kind.OUTPUTS, Kind.LINK, Kind.FIGURES, Kind.PENDING, Kind.YOUTUBE, Kind.ISO
        ):
            self._show()

    def _on_tick(self, _tick: Tick) -> None:
        if self.isVisible():
            self._show()

    def _on_more(self) -> None:
        self.hide()
        self.live_wanted.emit()

    # ---- show

    def _show(self) -> None:
        replica, actions = self._context.replica, self._context.actions
        hold_ms = HOLD_MS if self._context.settings.confirm_stop_output else 0
        self._show_recording(hold_ms)
        lines = stream_lines(self._context)
        self._keep_rows(lines)
        for line in lines:
            self._show_stream(line, hold_ms)
        isos = iso_lines(self._context)
        self._show_isos(isos, hold_ms)
        running = actions.recording or bool(actions.streaming) or bool(isos)
        self._nothing.setVisible(not running and not lines)
        self._hint.setVisible(running and bool(hold_ms))
        ending = any(line.stopping and self._cuts(line.id) for line in lines)
        self._hint.setText(self._hint_cut if ending else self._hint_stop)
        self.more.setEnabled(replica.connected)
        for row in self._rows():
            row.stop.setEnabled(replica.connected)
        if self.isVisible():
            self.adjustSize()

    def _show_recording(self, hold_ms: int) -> None:
        replica, row = self._context.replica, self.recording
        row.setVisible(self._context.actions.recording)
        paused_at_ms = replica.state.recording_paused_at_ms
        paused = self.tr("paused since {time}").format(time=self._context.formats.clock(paused_at_ms))
        lines = path_lines(self._context)
        first = paused if paused_at_ms else "" if lines else self.tr("starts…")
        more = "\n".join(lines)  # wrapped: one line would cut a path at the name of the file
        row.show_output(self.tr("Recording"), first, more, "warn" if paused_at_ms else "soft")
        row.stop.arm(True, hold_ms)
        row.stop.set_pending(replica.pending(StopRecording))
        text = pause_text(bool(paused_at_ms))
        if text != self.pause.accessibleName():
            self.pause.set_text(text)
            self.pause.setAccessibleName(text)
        self.pause.setEnabled(replica.connected and (replica.state.recording_wanted or bool(paused_at_ms)))
        self.pause.set_pending(replica.pending(PauseRecording) or replica.pending(ResumeRecording))

    def _show_isos(self, lines: list[IsoLine], hold_ms: int) -> None:
        shown = {line.id: line for line in lines[:ISO_ROWS]}
        for key in [key for key in self.isos if key not in shown]:
            self._drop(self.isos.pop(key))
        for line in shown.values():
            if line.id not in self.isos:
                row = OutputRow(self.tr("Stop recording {name} by itself").format(name=line.name))
                row.stop.held.connect(lambda key=line.id: self._context.actions.set_iso(key, False))
                self._lines.insertWidget(self._after + len(self.streams) + len(self.isos), row)
                self.isos[line.id] = row
            row = self.isos[line.id]
            row.show_output(line.name, line.state, line.why, _ROLES[line.tone])
            row.stop.arm(True, hold_ms)
            row.stop.set_pending(self._context.replica.pending(StopIsoRecording, participant_id=line.id))
        more = len(lines) - len(shown)
        self._more_isos.setVisible(more > 0)
        self._more_isos.setText(self.tr("Recorded by themselves besides: {n}").format(n=more))

    def _drop(self, row: OutputRow) -> None:
        self._lines.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _keep_rows(self, lines: list[StreamLine]) -> None:
        wanted = {line.id for line in lines}
        for key in [key for key in self.streams if key not in wanted]:
            self._drop(self.streams.pop(key))
        for line in lines:
            if line.id not in self.streams:
                row = OutputRow(self.tr("Stop the livestream to {name}").format(name=line.name))
                row.stop.held.connect(lambda key=line.id: self._on_held(key))
                self._lines.insertWidget(self._after + len(self.streams), row)
                self.streams[line.id] = row

    def _show_stream(self, line: StreamLine, hold_ms: int) -> None:
        row = self.streams[line.id]
        row.show_output(line.name, line.state, line.why, _ROLES[line.tone])
        row.stop.setVisible(line.id in self._context.actions.streaming)
        row.stop.arm(True, hold_ms)
        text = self.tr("Cut off now") if line.stopping and self._cuts(line.id) else self.tr("Stop")
        row.stop.set_look(text, "circle-stop")
        row.stop.set_pending(self._context.replica.pending(StopLivestream, destination_id=line.id))

    def _cuts(self, destination_id: str) -> bool:
        """Whether it only sends what it held back: to end it again cuts that off."""
        stream = self._context.replica.state.livestreams.get(destination_id)
        return stream is not None and bool(stream.ends_at_ms)

    def _on_held(self, destination_id: str) -> None:
        self._context.actions.stop_livestream(destination_id, now=self._cuts(destination_id))


def pause_text(paused: bool) -> str:
    """What the key of the pause does now."""
    if paused:
        return QCoreApplication.translate("OutputsPopup", "Resume recording")
    return QCoreApplication.translate("OutputsPopup", "Pause recording")


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
