"""Short messages over the window: refusals of the engine as sentences, gone by themselves or by a click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.icons import pixmap
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import PlainLabel

SHOWN_MS = 8000
PER_CHAR_MS = 70
"""An unhurried reader takes in about 14 letters a second; long sentences say what to do and stay for it."""
MOST_TOASTS = 3
WIDTH_PX = 460
_ICONS = {
    "info": ("info", "blue"),
    "refused": ("triangle-alert", "amber"),
    "error": ("triangle-alert", "red_text"),
}


class Toast(QFrame):
    """One message."""

    def __init__(self, text: str, tone: str) -> None:
        super().__init__()
        self.about = ""
        self.setObjectName("toast")
        self.setProperty("tone", tone)
        self.setAccessibleName(text)
        icon_name, ink = _ICONS[tone]
        picture = PlainLabel()
        picture.setPixmap(pixmap(icon_name, ink, 20, self.devicePixelRatioF()))
        self.label = PlainLabel()
        self.label.setWordWrap(True)
        self.label.setText(text)
        self.close_button = IconButton(self.tr("Close message"), "x")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 8, 10)
        layout.setSpacing(10)
        layout.addWidget(picture)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._beside_px = 14 + 8 + 2 * 10 + 20 + self.close_button.width() + 2

    def add_button(self, words: str, do: Callable[[], None]) -> None:
        """A button at the end of the message."""
        button = Button(words)
        button.clicked.connect(do)
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(2, button, 0, Qt.AlignmentFlag.AlignTop)
        self._beside_px += button.sizeHint().width() + 10

    def needed_height(self) -> int:
        """Height in which the whole sentence is read."""
        self.label.ensurePolished()  # before it is shown it has not the font of the style sheet yet
        text = self.label.heightForWidth(WIDTH_PX - self._beside_px)
        return max(text, self.close_button.height()) + 22


class Toaster(QWidget):
    """Stacks toasts at the lower middle of its parent, above everything."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH_PX)
        self._toasts: list[Toast] = []
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(8)
        parent.installEventFilter(self)
        self.hide()

    @property
    def texts(self) -> list[str]:
        """What is shown, oldest first."""
        return [toast.label.text() for toast in self._toasts]

    def show_text(
        self,
        text: str,
        tone: str = "info",
        act: tuple[str, Callable[[], None]] | None = None,
        about: str = "",
    ) -> None:
        """Show a message; the same one again only stays longer. `act`: words and deed of a button in it.

        `about`: what `take_away` takes it away by.
        """
        for toast in self._toasts:
            if toast.label.text() == text:
                self._drop(toast)
                break
        if len(self._toasts) >= MOST_TOASTS:
            self._drop(self._toasts[0])
        toast = Toast(text, tone)
        toast.about = about
        toast.setParent(self)
        if act is not None:
            toast.add_button(*act)
        toast.close_button.clicked.connect(lambda: self._drop(toast))
        timer = QTimer(toast, singleShot=True, interval=SHOWN_MS + PER_CHAR_MS * len(text))
        timer.timeout.connect(lambda: self._drop(toast))
        timer.start()
        self._toasts.append(toast)
        self._stack.addWidget(toast)
        self._place()
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))

    def take_away(self, about: str) -> None:
        """Drop what is said about something that is no longer so."""
        for toast in [one for one in self._toasts if one.about == about]:
            self._drop(toast)

    def _drop(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
            self._stack.removeWidget(toast)
            toast.hide()
            toast.deleteLater()
            self._place()

    def _place(self) -> None:
        self.setVisible(bool(self._toasts))
        parent = self.parentWidget()
        if not self._toasts or parent is None:
            return
        high = 0
        for toast in self._toasts:  # a wrapped label asks a layout for less than it needs
            toast.setFixedHeight(toast.needed_height())
            high += toast.height()
        self.setFixedHeight(high + self._stack.spacing() * (len(self._toasts) - 1))
        self._stack.activate()
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - 130)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the parent's size."""
        if event.type() is QEvent.Type.Resize:
            self._place()
        return False
