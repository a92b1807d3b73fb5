"""Values that change faster than anybody needs: at most ten a second are sent, and always the last."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 100


class Coalescer(QObject):
    """Hands each target's newest value to `send`: at once where it was quiet, else when its time has come."""

    def __init__(self, send: Callable[[str, float], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._send = send
        self._waiting: dict[str, float] = {}
        self._sent_s: dict[str, float] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._flush)

    def set(self, target: str, value: float) -> None:
        """Take a target's newest value."""
        self._waiting[target] = value
        self._flush()

    def _flush(self) -> None:
        now_s = time.monotonic()
        due_in_s = [
            self._sent_s.get(target, -1.0) + EVERY_MS / 1000 - now_s for target in list(self._waiting)
        ]
        for target, wait_s in zip(list(self._waiting), due_in_s, strict=True):
            if wait_s <= 0:
                self._sent_s[target] = now_s
                self._send(target, self._waiting.pop(target))
        later_s = [wait_s for wait_s in due_in_s if wait_s > 0]
        if later_s and not self._timer.isActive():
            self._timer.start(max(1, round(min(later_s) * 1000)))
