"""Says that a disk has only its reserve left and nothing is recorded there, until there is room again."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from operator_console.session.model import DiskLevel
from ui.context import Context
from ui.disk import level_sentence
from ui.replica import Changed, Kind
from ui.widgets.banner import Banner
from ui.widgets.labels import set_tip


class DiskBanner(Banner):
    """An alarm: what the operator believes to be recorded may not be."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, "hard-drive", "red_text")
        self.setProperty("tone", "bad")
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.OUTPUTS, Kind.LINK, Kind.SESSION):
            self._show()

    def _show(self) -> None:
        replica, was = self._context.replica, self.isVisible()
        state = replica.state
        full = [folder for folder, level in state.disk_low.items() if level == DiskLevel.STOP]
        shown = bool(full) and replica.connected and replica.session_open
        self.setVisible(shown)
        if not shown:
            return
        recorded = any(entry and entry.wanted for entry in (state.recording, state.second_recording))
        title = self.tr("DISK FULL · one copy ended") if recorded else self.tr("DISK FULL · NOT RECORDING")
        self._title.setText(title)
        text = level_sentence(DiskLevel.STOP, full[0], replica.seen, self._context.formats)
        self._detail.setText(text)
        set_tip(self, text)
        self._name()
        if not was:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
