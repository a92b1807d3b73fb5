"""A level lying down, for dialogs: one line of segments with the -18 dBFS mark."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.pictures import SILENCE_DB, Place
from ui.theme import colour
from ui.widgets.meter import ALIGN_DB, HOT_DB, SEGMENTS, segment_of

_EVERY = 2


class LevelBar(QWidget):
    """Follows a ring of the bus while it is visible; `show_level` is for levels that come otherwise."""

    def __init__(self, context: Context, name: str) -> None:
        super().__init__()
        self._context = context
        self._place: Place | None = None
        self._lit = 0
        self.setFixedHeight(14)
        self.setMinimumWidth(120)
        self.setAccessibleName(name)
        context.pictures.polled.connect(self._on_polled)

    @property
    def lit(self) -> int:
        """How many segments are lit."""
        return self._lit

    def show_place(self, place: Place | None) -> None:
        """Follow another ring, or none."""
        self._place = place
        if place is None:
            self.show_level(SILENCE_DB)

    def show_level(self, level_db: float) -> None:
        """Show a level in dBFS."""
        lit = segment_of(level_db)
        if lit != self._lit:
            self._lit = lit
            self.setAccessibleDescription(f"{level_db:.0f} dBFS".replace("-", "−"))
            self.update()

    def _on_polled(self, turn: int) -> None:
        if turn % _EVERY == 0 and self._place is not None and self.isVisible():
            self.show_level(self._context.pictures.level_db(self._place))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the segments."""
        painter = QPainter(self)
        wide = self.width() / SEGMENTS
        for number in range(SEGMENTS):
            level_db = -60.0 + (number + 1) * 60.0 / SEGMENTS
            tone = "red" if level_db > HOT_DB else "amber" if level_db > ALIGN_DB else "green"
            left, right = round(number * wide), round((number + 1) * wide) - 1
            ink = colour(tone, 255 if number < self._lit else 46)
            painter.fillRect(QRect(left, 0, max(1, right - left), 10), ink)
        painter.setPen(Qt.PenStyle.NoPen)
        mark = round(segment_of(ALIGN_DB) * wide) - 1
        painter.fillRect(QRect(mark, 0, 1, 14), colour("text"))
        painter.end()
