"""Adds a local source: camera, screen, media file, network camera or test card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from operator_console.protocol import AddSource
from operator_console.session.model import SourceKind
from ui.context import Context
from ui.dialogs.base import Dialog, form_of
from ui.notices import notice_text
from ui.replica import Notice
from ui.widgets.buttons import Button

KINDS = (
    SourceKind.CAMERA,
    SourceKind.MICROPHONE,
    SourceKind.SCREEN,
    SourceKind.FILE,
    SourceKind.RTSP,
    SourceKind.TESTCARD,
)
NEEDS_ADDRESS = (SourceKind.FILE, SourceKind.RTSP)
"""The others have a default: the first camera and microphone, the whole screen, the hall's card."""
_MOST_CAMERAS = 10


def cameras() -> list[str]:
    """Addresses of cameras that this machine may have: device files on Linux, else the first numbers."""
    found = sorted(path.name.removeprefix("video") for path in Path("/dev").glob("video[0-9]*"))
    return sorted(found, key=int)[:_MOST_CAMERAS] or ["0", "1"]


class SourceDialog(Dialog):
    """Kind, name and address; the engine says whether it works."""

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent)
        self._context = context
        self.set_words(self.tr("Add source"), self.tr("Cancel"), self.tr("Add"))
        self.kind = QComboBox()
        for kind in KINDS:
            self.kind.addItem(self._kind_text(kind), kind)
        self.name = QLineEdit()
        self.name.setMaxLength(80)
        self.address = QComboBox()
        self.address.setEditable(True)
        self._browse = Button(self.tr("Browse…"))
        self._browse.clicked.connect(self._on_browse)
        place = QWidget()
        line = QHBoxLayout(place)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.address, 1)
        line.addWidget(self._browse)
        self.hall = QCheckBox(self.tr("Belongs to the hall: its own picture or sound"))
        self.body.addLayout(
            form_of((self.tr("Kind"), self.kind), (self.tr("Name"), self.name), (self.tr("Address"), place))
        )
        for field in (self.address, self.address.lineEdit()):
            if field is not None:
                field.setAccessibleName(self.tr("Address"))
        self.body.addWidget(self.hall)
        self.kind.currentIndexChanged.connect(lambda _index: self._on_kind())
        self.yes.clicked.connect(self._on_add)
        self._on_kind()

    def _kind_text(self, kind: SourceKind) -> str:
        return {
            SourceKind.CAMERA: self.tr("Camera"),
            SourceKind.MICROPHONE: self.tr("Microphone"),
            SourceKind.SCREEN: self.tr("Screen"),
            SourceKind.FILE: self.tr("Media file"),
            SourceKind.RTSP: self.tr("Network camera (RTSP)"),
            SourceKind.TESTCARD: self.tr("Test card"),
        }[kind]

    def _hint(self, kind: SourceKind) -> str:
        if kind is SourceKind.RTSP:
            return "rtsp://192.168.1.20/stream"
        if kind is SourceKind.SCREEN:
            return self.tr("Empty: the whole screen")
        if kind is SourceKind.FILE:
            return self.tr("Path of the file")
        return self.tr("Empty: the usual device")

    def _on_kind(self) -> None:
        kind = SourceKind(self.kind.currentData())
        self.address.clear()
        if kind is SourceKind.CAMERA:
            self.address.addItems(cameras())
        elif kind is SourceKind.TESTCARD:
            self.address.addItems(["hall", "flash"])
        else:
            self.address.setEditText("")
        field = self.address.lineEdit()
        if field is not None:
            field.setPlaceholderText(self._hint(kind))
        self._browse.setVisible(kind is SourceKind.FILE)
        self.name.setText(self._kind_text(kind))
        self.show_trouble("")

    def _on_browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Media file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._on_file)
        dialog.open()

    def _on_file(self, path: str) -> None:
        self.address.setEditText(path)
        self.name.setText(Path(path).stem[:80])

    def _on_add(self) -> None:
        kind, name = SourceKind(self.kind.currentData()), self.name.text().strip()
        address = self.address.currentText().strip()
        if not name or (kind in NEEDS_ADDRESS and not address):
            self.show_trouble(self.tr("A source needs a name and an address."))
            return
        self._context.replica.send(
            AddSource(kind=kind, name=name, address=address, hall=self.hall.isChecked()),
            self._on_added,
            self._on_refused,
        )

    def _on_added(self, _result: dict[str, Any]) -> None:
        self.accept()

    def _on_refused(self, notice: Notice) -> None:
        self.show_trouble(notice_text(notice, self._context.settings.language))
