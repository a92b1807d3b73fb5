"""What all dialogs share: margins, a headline, a row of buttons; opened without blocking."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel


class Dialog(QDialog):
    """A dialog with `body` for its content; `yes` accepts, `no` rejects."""

    def __init__(self, parent: QWidget, *, width_px: int = 480) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(width_px)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        self.trouble = PlainLabel("", "error")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self._head = PlainLabel("", "headline")
        self.no = Button("")
        self.no.clicked.connect(self.reject)
        self.yes = Button("", kind="primary")
        self._keys = QHBoxLayout()
        self._keys.addStretch(1)
        self._keys.addWidget(self.no)
        self._keys.addWidget(self.yes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 18)
        layout.setSpacing(14)
        layout.addWidget(self._head)
        layout.addLayout(self.body, 1)
        layout.addWidget(self.trouble)
        layout.addLayout(self._keys)

    def set_words(self, title: str, no: str, yes: str = "") -> None:
        """Title and words of the buttons; without `yes` there is only one to close."""
        self.setWindowTitle(title)
        self._head.setText(title)
        self.no.set_text(no)
        self.no.setAccessibleName(no)
        self.name_yes(yes)

    def name_yes(self, yes: str) -> None:
        """Another word on the button that does it."""
        self.yes.set_text(yes)
        self.yes.setAccessibleName(yes)
        self.yes.setVisible(bool(yes))

    def show_trouble(self, text: str) -> None:
        """Say what is wrong with the input."""
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))


def form_of(*rows: tuple[str, QWidget]) -> QFormLayout:
    """Labels above their fields; each field is named by its label."""
    form = QFormLayout()
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
    form.setSpacing(8)
    for text, field in rows:
        label = PlainLabel(text, "soft")
        label.setBuddy(field)
        field.setAccessibleName(text)
        form.addRow(label, field)
    return form
