"""Says where a recording lies once its file is whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from operator_console.session.model import IsoRecording, OutputPhase, Recording
from ui.context import Context
from ui.feeds import title_of
from ui.replica import Changed, Kind

Show = Callable[[str, str, tuple[str, Callable[[], None]]], None]


class RecordingKept(QObject):
    """Watches the recording; `show` gets the sentence, its tone and the button that opens the folder."""

    def __init__(self, context: Context, show: Show, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._show = context, show
        self._running = ""
        """Id of the recording that this window has seen running."""
        self._isos: set[str] = set()
        """Participants whose own recording this window has seen running."""
        context.replica.changed.connect(self._on_changed)

    def _on_changed(self, changed: Changed) -> None:
        if not changed.any_of(Kind.OUTPUTS, Kind.SESSION, Kind.LINK):
            return
        self._look_at_isos()
        recording = self._context.replica.state.recording
        if recording is None:
            return
        if recording.wanted:
            self._running = recording.id
        elif recording.paused_at_ms:
            return
        elif recording.id == self._running and recording.phase is OutputPhase.STOPPED:
            self._running = ""
            self._tell(recording)

    def _look_at_isos(self) -> None:
        for who, iso in self._context.replica.state.isos.items():
            if iso.wanted:
                self._isos.add(who)
            elif who in self._isos and iso.phase in (OutputPhase.STOPPED, OutputPhase.FAILED):
                self._isos.discard(who)
                if iso.files and iso.phase is OutputPhase.STOPPED:
                    self._tell_iso(iso)

    def _tell_iso(self, iso: IsoRecording) -> None:
        person = self._context.replica.state.participants.get(iso.participant_id)
        path = Path(iso.path)
        text = self.tr("The recording of {name} is kept in {folder}: {file}").format(
            name=title_of(person) if person is not None else iso.stem,
            folder=path.parent,
            file=path.name if iso.files == 1 else f"{iso.stem}_*.mkv ({iso.files})",
        )
        self._show(text, "info", (self.tr("Open folder"), lambda: open_folder(path.parent)))

    def _tell(self, recording: Recording) -> None:
        path = Path(recording.path)
        text = self.tr("The recording is kept in {folder}: {file}").format(folder=path.parent, file=path.name)
        self._show(text, "info", (self.tr("Open folder"), lambda: open_folder(path.parent)))


def open_folder(folder: Path) -> None:
    """Show a folder in the computer's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
