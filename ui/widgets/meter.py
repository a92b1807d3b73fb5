"""Level meters of the buses: segments, peak hold, and the -18 dBFS mark of EBU R 68."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import colour, font

FLOOR_DB, ALIGN_DB, HOT_DB = -60.0, -18.0, -6.0
SEGMENTS = 36
PEAK_HOLD_TURNS = 45
_BAR_PX = 12
_SCALE_PX = 19
"""Figures and ticks beside the bar."""


def segment_of(level_db: float) -> int:
    """How many of SEGMENTS are lit at a level."""
    return max(0, min(SEGMENTS, round((level_db - FLOOR_DB) / -FLOOR_DB * SEGMENTS)))


@lru_cache(maxsize=16)
def segments(height_px: int, lit: bool, ratio: float) -> QPixmap:
    """All segments of a bar, lit or dark, drawn once."""
    made = QPixmap(QSize(_BAR_PX, height_px) * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(colour("panel"))
    painter = QPainter(made)
    high = height_px / SEGMENTS
    for number in range(SEGMENTS):
        top = height_px - round((number + 1) * high)
        level_db = FLOOR_DB + (number + 1) * -FLOOR_DB / SEGMENTS
        tone = "red" if level_db > HOT_DB else "amber" if level_db > ALIGN_DB else "green"
        tall = max(1, round(high) - 1)
        painter.fillRect(QRect(0, top, _BAR_PX, tall), colour(tone, 255 if lit else 46))
    painter.end()
    return made


class Meter(QWidget):
    """One bus; `set_level` is called on the poll clock and repaints only what changed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._lit, self._peak, self._held = 0, 0, 0
        self._text = "−∞"
        self.setMinimumSize(QSize(_SCALE_PX + _BAR_PX, 48))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def set_level(self, level_db: float) -> None:
        """Show a level in dBFS."""
        lit = segment_of(level_db)
        peak, held = self._peak, self._held + 1
        if lit >= peak:
            peak, held = lit, 0
        elif held > PEAK_HOLD_TURNS:
            peak = max(lit, peak - 1)
        self._held = held
        if (lit, peak) != (self._lit, self._peak):
            self._lit, self._peak = lit, peak
            self.update(self._bar_rect())

    def show_figure(self, level_db: float) -> None:
        """Write the level as a number; called a few times a second, for a reader's eye."""
        text = "−∞" if level_db <= FLOOR_DB else f"{level_db:.0f}".replace("-", "−")
        if text != self._text:
            self._text = text
            self.setAccessibleDescription(f"{text} dBFS")
            self.update()

    def _bar_rect(self) -> QRect:
        left = _SCALE_PX + (self.width() - _SCALE_PX - _BAR_PX) // 2
        return QRect(left, 7, _BAR_PX, self.height() - 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw segments, scale and figure."""
        painter = QPainter(self)
        bar, ratio = self._bar_rect(), self.devicePixelRatioF()
        painter.drawPixmap(bar.topLeft(), segments(bar.height(), False, ratio))
        lit = segments(bar.height(), True, ratio)
        self._paint_part(painter, bar, lit, 0, self._lit)
        if self._peak > self._lit:
            self._paint_part(painter, bar, lit, self._peak - 1, self._peak)
        if not bar.contains(event.rect()):
            for edge in (
                QRect(0, 0, bar.left(), self.height()),
                QRect(bar.right() + 1, 0, self.width() - bar.right(), self.height()),
                QRect(bar.left(), 0, bar.width(), bar.top()),
                QRect(bar.left(), bar.bottom() + 1, bar.width(), self.height() - bar.bottom()),
            ):
                painter.fillRect(edge, colour("panel"))
            self._paint_scale(painter, bar)
        painter.end()

    def _paint_part(self, painter: QPainter, bar: QRect, lit: QPixmap, low: int, high: int) -> None:
        top = bar.height() - round(high * bar.height() / SEGMENTS)
        tall = bar.height() - round(low * bar.height() / SEGMENTS) - top
        ratio = lit.devicePixelRatio()
        source = QRect(0, round(top * ratio), round(bar.width() * ratio), round(tall * ratio))
        painter.drawPixmap(QRect(bar.left(), bar.top() + top, bar.width(), tall), lit, source)

    def _paint_scale(self, painter: QPainter, bar: QRect) -> None:
        painter.setFont(font(9))
        for level_db in (0, -6, -18, -30, -45, -60):
            y = bar.bottom() - round((level_db - FLOOR_DB) / -FLOOR_DB * bar.height())
            align = level_db == ALIGN_DB
            painter.fillRect(QRect(bar.left() - 6, y, 4, 1), colour("text" if align else "line_strong"))
            if bar.height() > 90 or level_db in (0, -18, -60):
                painter.setPen(colour("text" if align else "text_faint"))
                box = QRect(bar.left() - 33, y - 7, 26, 14)
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, flags, str(abs(level_db)))
        painter.setFont(font(11))
        painter.setPen(colour("text_soft"))
        painter.drawText(
            QRect(bar.center().x() - 30, self.height() - 16, 60, 16), Qt.AlignmentFlag.AlignCenter, self._text
        )
