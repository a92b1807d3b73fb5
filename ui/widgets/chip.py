"""A chip of the status strip: a coloured dot, a strong line and a soft one."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.theme import colour
from ui.widgets.labels import PlainLabel, set_tip
from ui.widgets.styled import set_property

MOST_CHARS = 60
"""Longer details would push the clock off a small screen."""


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
    """Shows one state in two lines; `tone` is plain, air, warn or bad."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName("chip")
        self._name = name
        self._dot = Dot()
        self._title = PlainLabel("", "strong")
        self._detail = PlainLabel("", "soft")
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
        """Show a state; what did not change costs nothing. A long detail is cut, the tool tip has it all."""
        short = detail if len(detail) <= MOST_CHARS else detail[: MOST_CHARS - 1].rstrip() + "…"
        self._title.setText(title)
        self._detail.setText(short)
        set_tip(self, tip or (detail if short != detail else ""))
        self._detail.setVisible(bool(detail))
        self._dot.set_colour(dot)
        set_property(self, "tone", tone)
        spoken = ". ".join(part for part in (self._name, title, detail, tip) if part)
        if spoken != self.accessibleName():
            self.setAccessibleName(spoken)
