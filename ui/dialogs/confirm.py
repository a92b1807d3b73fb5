"""A question before something that cannot be taken back; never blocks the event loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel


class ConfirmDialog(QDialog):
    """Title, one sentence, one button that does it and one that does not."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        text: str,
        yes: str,
        on_yes: Callable[[], None],
        *,
        kind: str = "danger",
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        head = PlainLabel(title, "headline")
        body = PlainLabel()
        body.setWordWrap(True)
        body.setText(text)
        self.yes = Button(yes, kind=kind)
        self.no = Button(self.tr("Cancel"))
        self.no.setDefault(True)
        self.yes.clicked.connect(self.accept)
        self.no.clicked.connect(self.reject)
        self.accepted.connect(on_yes)
        keys = QHBoxLayout()
        keys.addStretch(1)
        keys.addWidget(self.no)
        keys.addWidget(self.yes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(12)
        layout.addWidget(head)
        layout.addWidget(body)
        layout.addSpacing(6)
        layout.addLayout(keys)
        self.no.setFocus()


def confirm(
    parent: QWidget,
    needed: bool,
    title: str,
    text: str,
    yes: str,
    on_yes: Callable[[], None],
    *,
    kind: str = "danger",
) -> ConfirmDialog | None:
    """Ask where the setting wants it, else do it at once."""
    if not needed:
        on_yes()
        return None
    dialog = ConfirmDialog(parent, title, text, yes, on_yes, kind=kind)
    dialog.open()
    return dialog
