"""F1: all keys, from the key table."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from operator_console import paths
from ui.dialogs.base import Dialog
from ui.keys import FLOOR, KEYS, OUTPUTS, PICTURE, WINDOW, group_text, key_text, shown_sequence
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel

_COLUMNS = ((PICTURE,), (FLOOR,), (OUTPUTS, WINDOW))


def open_log_folder() -> None:
    """Show the logs in the computer's file manager; who asks for help is asked for them."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_dir())))


class HelpDialog(Dialog):
    """Three columns of keys."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, width_px=1200)
        self.set_words(self.tr("Keys"), self.tr("Close"))
        columns = QHBoxLayout()
        columns.setSpacing(36)
        for groups in _COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(10)
            for group in groups:
                column.addWidget(PlainLabel(group_text(group), "strong"))
                column.addLayout(self._keys_of(group))
                column.addSpacing(8)
            column.addStretch(1)
            columns.addLayout(column, 1)
        self.body.addLayout(columns)
        hint = PlainLabel("", "soft")
        hint.setWordWrap(True)
        hint.setText(
            self.tr("A click on a tile puts it into the preview, a double click on program. ")
            + self.tr("Buttons that stop recording or livestream are held for two seconds.")
        )
        self.body.addWidget(hint)
        lock = self.tr(
            "Plain letters, digits, Space and Enter change the program only while keys are unlocked."
        )
        self.body.addWidget(PlainLabel(lock, "soft"))
        self.logs = Button(self.tr("Open the folder of the logs"), "hard-drive")
        self.logs.clicked.connect(open_log_folder)
        self.body.addWidget(self.logs, 0, Qt.AlignmentFlag.AlignLeft)

    def _keys_of(self, group: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for row, key in enumerate(key for key in KEYS if key.group == group):
            face = PlainLabel(shown_sequence(key.sequences[0]))
            face.setObjectName("key")
            grid.addWidget(face, row, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(PlainLabel(key_text(key)), row, 1)
        return grid
