"""A small picture of one feed, straight from the bus."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.icons import pixmap
from ui.theme import colour
from ui.wall.painter import draw_fitted


class Thumbnail(QWidget):
    """Shows the tile of `source_id`, scaled."""

    def __init__(self, context: Context, width_px: int, height_px: int) -> None:
        super().__init__()
        self._context = context
        self._source = ""
        self._mark = (0, 0)
        self.setFixedSize(width_px, height_px)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Picture of the selected feed"))
        context.pictures.polled.connect(self._on_polled)

    def show_source(self, source_id: str) -> None:
        """Show another feed."""
        if source_id != self._source:
            self._source = source_id
            self.update()

    def _on_polled(self, _turn: int) -> None:
        if not self._source or not self.isVisible():
            return
        place = self._context.replica.seen.place(self._source)
        mark = self._context.pictures.mark(place.tile if place else None)
        if mark != self._mark:
            self._mark = mark
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the newest picture."""
        painter = QPainter(self)
        place = self._context.replica.seen.place(self._source)
        found = self._context.pictures.picture(place.tile if place else None)
        area = QRect(0, 0, self.width(), self.height())
        if found is None:
            painter.fillRect(area, colour("raised"))
            painter.drawPixmap(
                area.center().x() - 11, area.center().y() - 11, pixmap("video-off", "text_faint", 22)
            )
        else:
            draw_fitted(painter, area, found[0], self.devicePixelRatioF())
        painter.end()
