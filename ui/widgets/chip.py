"""A chip of the status strip: a coloured dot, a strong line and a soft one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.keys import PRESS_KEYS
from ui.theme import colour
from ui.widgets.buttons import FOCUS
from ui.widgets.labels import ElidedLabel, set_tip
from ui.widgets.styled import set_property


class Line(ElidedLabel):
    """A line of a chip, shortened where it has to be; the chip's tool tip has the whole."""

    def _tip(self) -> None:
        """None of its own, which would hide the chip's."""


class Dot(QWidget):
    """A round light."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = "text_faint"
        self.setFixedSize(QSize(12, 12))

    def set_colour(self, name: str) -> None:
        """Take a colour of the theme."""
        if name != self._colour:
            self._colour = name
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the light."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._colour))
        painter.drawEllipse(self.rect().adjusted(0, 0, 0, 0))
        painter.end()


class Chip(QFrame):
    """Shows one state in two lines of a fixed width, for what is clicked must not wander with its figures.

    `tone` is plain, air, warn or bad.

    Signals: activated() by a click, Space or Enter, where it can be pressed.
    """

    activated = Signal()

    def __init__(self, name: str, *, width_px: int, key: bool = False) -> None:
        """`key`: it can be pressed."""
        super().__init__()
        self.setFixedWidth(width_px)
        self._key = key
        if key:
            self.setFocusPolicy(FOCUS)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setObjectName("chip")
        self._name = name
        self._dot = Dot()
        self._title = Line("", "strong")
        self._detail = Line("", "soft")
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(self._title)
        text.addWidget(self._detail)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 14, 4)
        layout.setSpacing(10)
        layout.addWidget(self._dot)
        layout.addLayout(text)

    def show_state(self, title: str, detail: str, dot: str, tone: str = "plain", tip: str = "") -> None:
        """Show a state; what did not change costs nothing. What is cut is in the tool tip."""
        self._title.setText(title)
        self._detail.setText(detail)
        cut = [one.text() for one in (self._title, self._detail) if one.text() != one.shown_text]
        set_tip(self, ". ".join([*cut, tip] if tip else cut))
        self._detail.setVisible(bool(detail))
        self._dot.set_colour(dot)
        set_property(self, "tone", tone)
        spoken = ". ".join(part for part in (self._name, title, detail, tip) if part)
        if spoken != self.accessibleName():
            self.setAccessibleName(spoken)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that press it from the window's shortcuts."""
        claims = self._key and isinstance(event, QKeyEvent) and event.key() in PRESS_KEYS
        if claims and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and Enter press it."""
        if self._key and event.key() in PRESS_KEYS and not event.isAutoRepeat():
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click presses it."""
        super().mouseReleaseEvent(event)
        if self._key and event.button() is Qt.MouseButton.LeftButton:
            self.activated.emit()
