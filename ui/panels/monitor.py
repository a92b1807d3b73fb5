"""The preview and program monitors: one painted widget each, straight from the bus."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.context import Context
from ui.feeds import device_size
from ui.pictures import Place
from ui.theme import colour, font
from ui.wall.painter import draw_fitted
from ui.widgets.labels import clean

HEAD_PX = 26
EDGE_PX = 4
SAFE_MARGIN = 0.05
"""Action safe area: 90 % of each side (EBU R 95 has 3.5 % to 5 %)."""


@lru_cache(maxsize=16)
def dashes(width_px: int, height_px: int, ratio: float) -> QPixmap:
    """A dashed line, drawn once: a dashed pen costs as much as the whole picture."""
    made = QPixmap(QSize(width_px, height_px) * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    for start in range(0, max(width_px, height_px), 7):
        dash = QRect(start, 0, 4, 1) if width_px > height_px else QRect(0, start, 1, 4)
        painter.fillRect(dash, colour("text", 110))
    painter.end()
    return made


class Monitor(QWidget):
    """A framed picture with a title bar; `tone` is its colour, `safe` draws the safe area."""

    def __init__(self, context: Context, place: Place, title: str, tone: str, *, safe: bool = False) -> None:
        super().__init__()
        self._context = context
        self._place = place
        self._title, self._detail = title, ""
        self._tone, self._safe = tone, safe
        self._note = ""
        self._mark = (0, 0)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        context.pictures.polled.connect(self._on_polled)

    def set_width(self, width_px: int) -> None:
        """Take a width; the height follows so that the picture is 16:9 and even."""
        inner = (width_px - 2 * EDGE_PX) // 4 * 4
        self.setFixedSize(width_px, HEAD_PX + EDGE_PX + round(inner * 9 / 16 / 2) * 2)

    def set_detail(self, detail: str) -> None:
        """Text on the right of the title bar."""
        if detail != self._detail:
            self._detail = detail
            self.setAccessibleDescription(clean(detail))
            self.update(0, 0, self.width(), HEAD_PX)

    def set_note(self, note: str) -> None:
        """Text across the picture (the slate covers the program, the connection is lost)."""
        if note != self._note:
            self._note = note
            self.update()

    @property
    def picture_rect(self) -> QRect:
        """Where the picture stands."""
        height = self.height() - HEAD_PX - EDGE_PX
        return QRect(EDGE_PX, HEAD_PX, self.width() - 2 * EDGE_PX, height)

    def wanted_size(self) -> tuple[int, int]:
        """Device pixel size of the picture."""
        area = self.picture_rect
        return device_size(area.width(), area.height(), self.devicePixelRatioF())

    def _on_polled(self, _turn: int) -> None:
        if not self.isVisible():
            return
        mark = self._context.pictures.mark(self._place)
        if mark != self._mark:
            self._mark = mark
            self.update(self.picture_rect)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what changed: picture, title bar or all."""
        painter = QPainter(self)
        area = self.picture_rect
        if not area.contains(event.rect()):
            self._paint_frame(painter)
        if event.rect().intersects(area):
            self._paint_picture(painter, area)
        painter.end()

    def _paint_picture(self, painter: QPainter, area: QRect) -> None:
        pictures = self._context.pictures
        found = pictures.picture(self._place)
        if found is None:
            painter.fillRect(area, colour("picture"))
        else:
            draw_fitted(painter, area, found[0], self.devicePixelRatioF())
            if pictures.torn(self._place, found[1]):
                self.update(area)
        if self._safe:
            self._paint_safe_area(painter, area)
        stale = not self._context.replica.connected
        if stale and found:
            painter.fillRect(area, colour("window", 165))
        note = self._note or ("" if found else self.tr("No picture"))
        if note:
            painter.setFont(font(14, QFont.Weight.DemiBold))
            painter.setPen(colour("text_soft"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, note)

    def _paint_safe_area(self, painter: QPainter, area: QRect) -> None:
        dx, dy = round(area.width() * SAFE_MARGIN), round(area.height() * SAFE_MARGIN)
        safe = area.adjusted(dx, dy, -dx, -dy)
        across = dashes(safe.width(), 1, self.devicePixelRatioF())
        down = dashes(1, safe.height(), self.devicePixelRatioF())
        painter.drawPixmap(safe.topLeft(), across)
        painter.drawPixmap(safe.bottomLeft(), across)
        painter.drawPixmap(safe.topLeft(), down)
        painter.drawPixmap(safe.topRight(), down)

    def _paint_frame(self, painter: QPainter) -> None:
        tone = colour(self._tone)
        width, height = self.width(), self.height()
        area = self.picture_rect
        for edge in (
            QRect(0, 0, width, area.top()),
            QRect(0, area.bottom() + 1, width, height - area.bottom() - 1),
            QRect(0, 0, area.left(), height),
            QRect(area.right() + 1, 0, width - area.right() - 1, height),
        ):
            painter.fillRect(edge, tone)
        painter.setPen(colour("on_colour"))
        strong = font(13, QFont.Weight.Bold)
        painter.setFont(strong)
        head = QRect(EDGE_PX + 8, 0, width - 2 * EDGE_PX - 16, HEAD_PX)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self._title)
        used = QFontMetrics(strong).horizontalAdvance(self._title) + 16
        face = font(12, QFont.Weight.DemiBold)
        painter.setFont(face)
        text = QFontMetrics(face).elidedText(
            clean(self._detail), Qt.TextElideMode.ElideRight, head.width() - used
        )
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
