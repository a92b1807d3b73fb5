"""A check box that shows what the engine has confirmed, and only asks when it is pressed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox

from ui.keys import PRESS_KEYS, KeepKeys
from ui.widgets.styled import set_property


class ConfirmedCheck(QCheckBox):
    """Signals: asked(bool) with what the operator wants."""

    asked = Signal(bool)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAccessibleName(text)
        KeepKeys(self, PRESS_KEYS)
        self.clicked.connect(lambda _checked=False: self.asked.emit(not self.isChecked()))

    def nextCheckState(self) -> None:
        """A press changes nothing by itself."""

    def set_pending(self, pending: bool) -> None:
        """Show that a command is under way."""
        set_property(self, "pending", pending)
