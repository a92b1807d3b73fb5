"""Keys that count while they are held: the hall's talk and cough keys, and talkback to the selected office.

The press comes as a shortcut of the window, so that text fields and dialogs keep their letters; the release
as a key event, or because window or engine go away: nothing stays open that nobody holds.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from ui.actions import Actions
from ui.keys import hold_keys

_WATCH_MS = 100


class HoldKeys(QObject):
    """Follows the window's keys; `press` is what the shortcuts call."""

    def __init__(self, window: QWidget, actions: Actions) -> None:
        super().__init__(window)
        self._windows, self._actions = [window], actions
        self._held: set[str] = set()
        self._keys = hold_keys()
        self._watch = QTimer(self, interval=_WATCH_MS)
        self._watch.timeout.connect(self._check)
        window.installEventFilter(self)

    def watch(self, window: QWidget) -> None:
        """Follow the keys of another window too, until it is gone."""
        self._windows.append(window)
        window.installEventFilter(self)
        window.destroyed.connect(lambda: self._windows.remove(window))

    def press(self, name: str) -> None:
        """A key of the table went down; held already, nothing happens."""
        if name not in self._held and self._actions.hold(name, True):
            self._held.add(name)
            self._watch.start()

    def release(self, name: str) -> None:
        """A key was let go."""
        if name in self._held:
            self._held.discard(name)
            self._actions.hold(name, False)

    def release_all(self) -> None:
        """Let go of everything: the window is left, or the session ended."""
        for name in sorted(self._held):
            self.release(name)

    def forget(self) -> None:
        """The engine is away; it lets go by itself what this window held."""
        self._held.clear()

    def _check(self) -> None:
        """A menu takes the release for itself, and some platforms tell nobody that a window was left."""
        if not self._held:
            self._watch.stop()
        elif QApplication.activePopupWidget() is not None or not self._active():
            self.release_all()

    def _active(self) -> bool:
        return any(window.isActiveWindow() for window in self._windows)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let go on the key's release, or when the window loses the keyboard."""
        if event.type() in (QEvent.Type.WindowDeactivate, QEvent.Type.Hide):
            self.release_all()
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyRelease:
            name = self._keys.get(Qt.Key(event.key()))
            if name and not event.isAutoRepeat():
                self.release(name)
        return False
