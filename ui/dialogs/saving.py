"""Saves settings one after the other and tells which of them the engine has not taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from operator_console.protocol import SetSetting
from ui.replica import Notice, Replica


class Saving(QObject):
    """One press of Save; lives on without its dialog, so that what the engine has taken counts here too.

    Signals: settled(str, object) with a setting's name and None, or the `Notice` of why it was not taken;
    finished() after the last.
    """

    settled = Signal(str, object)
    finished = Signal()

    def __init__(self, parent: QObject, replica: Replica, on_saved: Callable[[str, Any], None]) -> None:
        super().__init__(parent)
        self._replica, self._on_saved = replica, on_saved
        self._left: list[tuple[str, Any]] = []
        self._name: str = ""
        self._value: Any = None

    def start(self, changes: dict[str, Any]) -> None:
        """Send the first; the others follow as the answers come."""
        self._left = list(changes.items())
        self._next()

    def _next(self) -> None:
        if not self._left:
            self.finished.emit()
            self.deleteLater()
            return
        self._name, self._value = self._left.pop(0)
        command = SetSetting(name=self._name, value=self._value)
        self._replica.send(command, self._on_taken, self._on_failed)

    def _on_taken(self, _result: dict[str, Any]) -> None:
        self.settled.emit(self._name, None)
        self._on_saved(self._name, self._value)
        self._next()

    def _on_failed(self, notice: Notice) -> None:
        self.settled.emit(self._name, notice)
        self._next()
