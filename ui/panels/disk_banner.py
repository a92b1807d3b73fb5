"""Says that a disk has only its reserve left and nothing is recorded there, until there is room again."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from operator_console.session.codes import RecordingCode
from operator_console.session.model import DiskLevel, SessionState
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

    def _words(self, state: SessionState, folder: str) -> tuple[str, str]:
        """A reserve on a full disk ends nothing: only a path that the guard ended is said to have ended."""
        seen, formats = self._context.replica.seen, self._context.formats
        paths = [path for path in (state.recording, state.second_recording) if path is not None]
        text = level_sentence(DiskLevel.STOP, folder, seen, formats)
        if not any(path.wanted for path in paths):
            return self.tr("DISK FULL · NOT RECORDING"), text
        if any(not path.wanted and path.code == RecordingCode.DISK_LOW for path in paths):
            return self.tr("DISK FULL · one copy ended"), text
        disk = seen.disk(folder)
        free = formats.size(disk.free_bytes) if disk else "…"
        reserve = self.tr(
            "Nothing can be recorded in {folder}: only {free} are free. Make room there. "
            "The recording goes on in its own folder."
        )
        return self.tr("DISK FULL · the recording goes on"), reserve.format(folder=folder, free=free)

    def _show(self) -> None:
        replica, was = self._context.replica, self.isVisible()
        state = replica.state
        full = [folder for folder, level in state.disk_low.items() if level == DiskLevel.STOP]
        shown = bool(full) and replica.connected and replica.session_open
        self.setVisible(shown)
        if not shown:
            return
        title, text = self._words(state, full[0])
        self._title.setText(title)
        self._detail.setText(text)
        set_tip(self, text)
        self._name()
        if not was:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
