"""Delegate of the wall's list view: one painter for all tiles, pictures straight from the bus."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.context import Context
from ui.feeds import Feed
from ui.wall.model import FEED_ROLE, Index
from ui.wall.painter import Look, level_step, paint_tile


class TileDelegate(QStyledItemDelegate):
    """Draws tiles of one size; `torn` rows are to be drawn again."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.tile = QSize(208, 116)
        self.cell = QSize(216, 124)
        self.ratio = 1.0
        self.torn: list[int] = []

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All cells have one size."""
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one tile from the newest picture on the bus."""
        feed = index.data(FEED_ROLE)
        if not isinstance(feed, Feed):
            return
        context = self._context
        rect: QRect = option.rect
        state = option.state
        tile = QRect(rect.topLeft(), self.tile)
        selected = context.desk.view.selected == feed.id
        look = Look(
            feed=feed,
            width_px=tile.width(),
            height_px=tile.height(),
            ratio=self.ratio,
            selected=selected,
            focused=bool(state & QStyle.StateFlag.State_HasFocus) and selected,
            stale=not context.replica.connected,
            language=context.settings.language,
        )
        media = context.replica.seen.place(feed.id)
        place = media.tile if media else None
        found = context.pictures.picture(place)
        step = level_step(context.pictures.level_db(media.audio if media else None)) if feed.audible else 0
        paint_tile(painter, tile, look, found[0] if found else None, step)
        if found and place and context.pictures.torn(place, found[1]):
            self.torn.append(index.row())
