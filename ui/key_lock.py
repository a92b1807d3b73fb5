"""The lock of the plain keys: what a word typed by mistake could do to the program needs them unlocked."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.geometry import memory

_KEY = "keys/unlocked"


class KeyLock(QObject):
    """Whether plain keys may change what is on air; locked at first, then as this machine remembers it.

    Signals: changed() when it was locked or unlocked.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.unlocked = memory().value(_KEY) == "yes"

    def toggle(self) -> None:
        """Lock, or unlock."""
        self.set_unlocked(not self.unlocked)

    def set_unlocked(self, unlocked: bool) -> None:
        """Lock or unlock, and remember it."""
        if unlocked == self.unlocked:
            return
        self.unlocked = unlocked
        kept = memory()
        kept.setValue(_KEY, "yes" if unlocked else "no")
        kept.sync()
        self.changed.emit()
