"""Keys that stop recording or livestream count only when they are held as long as the buttons are."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from ui.widgets.hold_button import HoldButton

_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Meta)


class StopKeys(QObject):
    """Holds a button down for a key of the window until a key is let go or the window is left."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._button: HoldButton | None = None
        self._key = Qt.Key.Key_unknown

    def press(self, button: HoldButton, key: Qt.Key) -> None:
        """The key's shortcut was pressed."""
        if self._button is None and button.begin_hold():
            self._button, self._key = button, key
            _app().installEventFilter(self)  # only while held: it sees every event of the window

    def release(self) -> None:
        """The key was let go."""
        button, self._button = self._button, None
        _app().removeEventFilter(self)
        if button is not None and shiboken6.isValid(button):  # another language builds the window anew
            button.end_hold()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let go with the key or a modifier of it, or where the window loses the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyRelease:
            if not event.isAutoRepeat() and event.key() in (self._key, *_MODIFIERS):
                self.release()
        elif event.type() is QEvent.Type.WindowDeactivate and watched is self._window:
            self.release()
        return False


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app
