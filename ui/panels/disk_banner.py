"""Says that a disk has only its reserve left and nothing is recorded there, until there is room again."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from operator_console.session.codes import RecordingCode
from operator_console.session.model import DiskLevel, Recording, SessionState
from ui.context import Context
from ui.disk import level_sentence, low_disks
from ui.observations import DiskSeen
from ui.replica import Changed, Kind
from ui.widgets.banner import Banner
from ui.widgets.labels import set_tip


def ended_on(path: Recording, folder: str) -> bool:
    """Whether the guard ended a path of the recording in a folder."""
    low = not path.wanted and path.code == RecordingCode.DISK_LOW
    return low and PurePath(path.path).is_relative_to(folder)


class DiskBanner(Banner):
    """An alarm: what the operator believes to be recorded may not be."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, "hard-drive", "red_text")
        self.setProperty("tone", "bad")
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.OUTPUTS, Kind.LINK, Kind.SESSION, Kind.FIGURES):
            self._show()

    def _words(self, state: SessionState, disk: DiskSeen) -> tuple[str, str]:
        """Only a path that the guard ended in this folder is said to have ended."""
        values = {
            "folder": disk.folder,
            "free": self._context.formats.size(disk.free_bytes),
            "reserve": self._context.formats.size(disk.reserve_bytes),
        }
        if disk.program:
            text = self.tr(
                "{folder} has only {free} left. Make room now: the recording there ends at {reserve}."
            )
            return self.tr("DISK ALMOST FULL"), text.format(**values)
        paths = [path for path in (state.recording, state.second_recording) if path is not None]
        ended = any(ended_on(path, disk.folder) for path in paths)
        full = level_sentence(DiskLevel.STOP, disk, self._context.formats)
        if not any(path.wanted for path in paths):
            if disk.first or ended:
                return self.tr("DISK FULL · NOT RECORDING"), full
            text = self.tr(
                "Nothing can be recorded in {folder}: only {free} are free. Make room there, or choose "
                "another folder in the settings."
            )
            return self.tr("DISK FULL · second folder"), text.format(**values)
        if ended:
            return self.tr("DISK FULL · one copy ended"), full
        reserve = self.tr(
            "Nothing can be recorded in {folder}: only {free} are free. Make room there. "
            "The recording goes on in its own folder."
        )
        return self.tr("DISK FULL · the recording goes on"), reserve.format(**values)

    def _show(self) -> None:
        replica, was = self._context.replica, self.up
        state = replica.state
        full = [disk for level, disk in low_disks(state, replica.seen) if level is DiskLevel.STOP]
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
