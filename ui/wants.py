"""Tells the engine what this window shows, after it has stopped changing for a moment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from operator_console.protocol import SetWants
from ui.replica import Changed, Kind, Replica

DEBOUNCE_MS = 150
CHECK_MS = 500


class WantsSender(QObject):
    """Sends `SetWants` when what `look` returns has changed; repeats it after every attach."""

    def __init__(self, replica: Replica, look: Callable[[], SetWants]) -> None:
        super().__init__()
        self._replica = replica
        self._look = look
        self._sent: SetWants | None = None
        self._timer = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._timer.timeout.connect(self._send)
        self._check = QTimer(self, interval=CHECK_MS)
        self._check.timeout.connect(self._compare)
        self._check.start()
        replica.changed.connect(self._on_changed)

    def touch(self) -> None:
        """Something that is shown may have changed."""
        self._timer.start()

    def stop(self) -> None:
        """Send nothing any more."""
        self._timer.stop()
        self._check.stop()

    def _compare(self) -> None:
        if self._replica.connected and self._look() != self._sent and not self._timer.isActive():
            self._timer.start()

    def _on_changed(self, changed: Changed) -> None:
        if Kind.LINK in changed:
            self._sent = None
        if changed.any_of(Kind.LINK, Kind.PEOPLE, Kind.SOURCES):
            self.touch()

    def _send(self) -> None:
        wants = self._look()
        if wants != self._sent and self._replica.send(wants):
            self._sent = wants
