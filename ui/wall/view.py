"""The wall itself: a list view of one page of tiles that repaints only what changed on the bus."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QItemSelectionModel,
    QMargins,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ui.context import Context
from ui.feeds import GAP_PX, Feed, Grid
from ui.keys import LIST_KEYS, KeepKeys
from ui.pictures import Place
from ui.theme import colour
from ui.wall.menu import tile_menu
from ui.wall.model import Index, WallModel
from ui.wall.painter import Look, Parts, keep_walls_of, level_rect, level_step, overlay, paint_tile

SPARE_PX = 2
"""A list view wraps a row that fits exactly: it is left this much."""


class _Sizes(QStyledItemDelegate):
    """All cells of the wall have one size; the view paints them itself."""

    cell = QSize(216, 124)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return self.cell


@dataclass(slots=True)
class _Tile:
    """What is kept of a tile between two paints."""

    rect: QRect
    look: Look
    parts: Parts
    place: Place | None
    sound: Place | None
    mark: tuple[int, int] = (0, 0)
    step: int = 0


class WallView(QListView):
    """Shows one page of feeds.

    Signals: resized() when its area changed; chosen(str) and opened(str) with a feed's id on a click and on a
    double click or Enter; turned(int) with -1 or +1 for PageUp and PageDown.
    """

    resized = Signal()
    chosen = Signal(str)
    opened = Signal(str)
    turned = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.wall = WallModel(self)
        self.tile = QSize(208, 116)
        self._sizes = _Sizes(self)
        self._tiles: list[_Tile] | None = None
        self._covered = QRegion()
        self.setModel(self.wall)
        self.setItemDelegate(self._sizes)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Wall of feeds"))
        # Else Qt paints the rounded, styled panels behind it again for every tile.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        KeepKeys(self, LIST_KEYS)
        self.clicked.connect(lambda index: self._tell(self.chosen, index))
        self.doubleClicked.connect(lambda index: self._tell(self.opened, index))
        context.pictures.polled.connect(self._on_polled)

    # ---- what is shown

    def show_page(self, feeds: tuple[Feed, ...], grid: Grid) -> None:
        """Show these feeds in this grid."""
        self._set_grid(grid)
        self.wall.show(feeds)
        row = self.wall.row_of(self._context.desk.view.selected)
        if row >= 0 and self.currentIndex().row() != row:
            self.selectionModel().setCurrentIndex(
                self.wall.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        self.show_again()

    def show_again(self) -> None:
        """Paint everything anew: feeds, selection, connection or places may be others."""
        self._tiles = None
        self.viewport().update()

    def area(self) -> QSize:
        """What the wall may use, whatever its margins are now."""
        return self.contentsRect().size()

    def _set_grid(self, grid: Grid) -> None:
        tile = QSize(grid.tile_width_px, grid.tile_height_px)
        area = self.area() - QSize(SPARE_PX, 0)
        cell = QSize(
            min(area.width() // grid.columns, tile.width() + 2 * GAP_PX),
            min(area.height() // grid.rows, tile.height() + 2 * GAP_PX),
        )
        left = (area.width() - grid.columns * cell.width()) // 2
        top = (area.height() - grid.rows * cell.height()) // 2
        wanted = QMargins(left, min(top, 3 * GAP_PX), left, 0)
        if wanted != self.viewportMargins():
            self.setViewportMargins(wanted)
        if tile != self.tile or cell != self.gridSize():
            self.tile, self._sizes.cell = tile, cell
            self.setGridSize(cell)
            self.scheduleDelayedItemsLayout()

    def tile_rect(self, row: int) -> QRect:
        """Where a row's tile stands in the viewport."""
        return QRect(self.visualRect(self.wall.index(row)).topLeft(), self.tile)

    def _prepared(self) -> list[_Tile]:
        """Rectangles and overlays of all tiles, made once per change."""
        if self._tiles is None:
            self._tiles = [self._prepare(row, feed) for row, feed in enumerate(self.wall.feeds)]
            self._covered = QRegion()
            for tile in self._tiles:
                self._covered = self._covered.united(tile.rect)
        return self._tiles

    def _prepare(self, row: int, feed: Feed) -> _Tile:
        selected = self._context.desk.view.selected == feed.id
        look = Look(
            feed=feed,
            width_px=self.tile.width(),
            height_px=self.tile.height(),
            ratio=self.devicePixelRatioF(),
            selected=selected,
            focused=selected and self.hasFocus(),
            stale=not self._context.replica.connected,
            language=self._context.settings.language,
        )
        media = self._context.replica.seen.place(feed.id)
        place, sound = (media.tile, media.audio) if media else (None, None)
        return _Tile(self.tile_rect(row), look, overlay(look), place, sound if feed.audible else None)

    # ---- paint

    def _on_polled(self, turn: int) -> None:
        """Ask the bus what is new and repaint just that."""
        if not self.isVisible() or self._tiles is None:
            return
        viewport, pictures = self.viewport(), self._context.pictures
        for tile in self._tiles:
            mark = pictures.mark(tile.place)
            if mark != tile.mark:
                tile.mark = mark
                viewport.update(tile.rect)
            if turn % 2 == 0 and tile.sound:
                step = level_step(pictures.level_db(tile.sound))
                if step != tile.step:
                    tile.step = step
                    viewport.update(level_rect(tile.rect))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tiles that were asked for; those that the writer overtook meanwhile once more."""
        painter = QPainter(self.viewport())
        region, pictures = event.region(), self._context.pictures
        tiles = self._prepared()
        self._paint_gaps(painter, region)
        for tile in tiles:
            if not region.intersects(tile.rect):
                continue
            place = tile.place
            found = pictures.picture(place)
            paint_tile(painter, tile.rect, tile.look, found[0] if found else None, tile.step)
            for x, y, part in tile.parts:
                painter.drawPixmap(tile.rect.x() + x, tile.rect.y() + y, part)
            if found and place and pictures.torn(place, found[1]):
                self.viewport().update(tile.rect)
        painter.end()

    def _paint_gaps(self, painter: QPainter, region: QRegion) -> None:
        """Fill what is between the tiles, if any of it was asked for."""
        region = region.subtracted(self._covered)
        if region.isEmpty():
            return
        painter.save()
        painter.setClipRegion(region)
        painter.fillRect(region.boundingRect(), colour("panel"))
        painter.restore()

    # ---- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell who divides the wall."""
        super().resizeEvent(event)
        keep_walls_of(self.area(), self.devicePixelRatioF())
        self._tiles = None
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self.show_again()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go elsewhere."""
        super().focusOutEvent(event)
        self.show_again()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, PageUp and PageDown turn the page, arrows move and choose."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._context.key_lock.unlocked:
                self._tell(self.opened, self.currentIndex())
            else:
                self._context.actions.say_keys_locked()
            return
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(-1 if key == Qt.Key.Key_PageUp else 1)
            return
        super().keyPressEvent(event)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            row = self.currentIndex().row()
            if 0 <= row < len(self.wall.feeds):
                self._context.desk.set(selected=self.wall.feeds[row].id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the tile under the mouse, or of the current one by the menu key."""
        mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if mouse else self.currentIndex()
        if not index.isValid() or index.row() >= len(self.wall.feeds):
            return
        menu = tile_menu(self.wall.feeds[index.row()], self._context.actions, self)
        menu.setEnabled(self._context.replica.connected)
        place = (
            event.globalPos() if mouse else self.viewport().mapToGlobal(self.tile_rect(index.row()).center())
        )
        menu.popup(place)

    def _tell(self, signal: SignalInstance, index: QModelIndex) -> None:
        if index.isValid() and index.row() < len(self.wall.feeds):
            signal.emit(self.wall.feeds[index.row()].id)
