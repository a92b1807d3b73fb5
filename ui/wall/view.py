"""The wall itself: a list view of one page of tiles that repaints only what changed on the bus."""

from __future__ import annotations

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
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from ui.context import Context
from ui.feeds import GAP_PX, Feed, Grid
from ui.keys import LIST_KEYS, KeepKeys
from ui.wall.delegate import TileDelegate
from ui.wall.model import WallModel
from ui.wall.painter import level_rect, level_step

SPARE_PX = 2
"""A list view wraps a row that fits exactly: it is left this much."""


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
        self.tiles = TileDelegate(context)
        self.tiles.setParent(self)
        self._marks: list[tuple[int, int]] = []
        self._steps: list[int] = []
        self.setModel(self.wall)
        self.setItemDelegate(self.tiles)
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
        KeepKeys(self, LIST_KEYS)
        self.clicked.connect(lambda index: self._tell(self.chosen, index))
        self.doubleClicked.connect(lambda index: self._tell(self.opened, index))
        context.pictures.polled.connect(self._on_polled)

    def show_page(self, feeds: tuple[Feed, ...], grid: Grid) -> None:
        """Show these feeds in this grid."""
        self._set_grid(grid)
        self.wall.show(feeds)
        if len(self._marks) != len(feeds):
            self._marks = [(0, 0)] * len(feeds)
            self._steps = [0] * len(feeds)
        row = self.wall.row_of(self._context.desk.view.selected)
        if row >= 0 and self.currentIndex().row() != row:
            self.selectionModel().setCurrentIndex(
                self.wall.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

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
        self.tiles.ratio = self.devicePixelRatioF()
        if tile != self.tiles.tile or cell != self.gridSize():
            self.tiles.tile, self.tiles.cell = tile, cell
            self.setGridSize(cell)
            self.scheduleDelayedItemsLayout()

    def tile_rect(self, row: int) -> QRect:
        """Where a row's tile stands in the viewport."""
        return QRect(self.visualRect(self.wall.index(row)).topLeft(), self.tiles.tile)

    def _on_polled(self, turn: int) -> None:
        """Ask the bus what is new and repaint just that."""
        if not self.isVisible():
            return
        context, viewport = self._context, self.viewport()
        seen, pictures = context.replica.seen, context.pictures
        for row, feed in enumerate(self.wall.feeds):
            media = seen.place(feed.id)
            mark = pictures.mark(media.tile if media else None)
            if mark != self._marks[row]:
                self._marks[row] = mark
                viewport.update(self.tile_rect(row))
                continue
            if turn % 2 == 0 and feed.audible and media:
                step = level_step(pictures.level_db(media.audio))
                if step != self._steps[row]:
                    self._steps[row] = step
                    viewport.update(level_rect(self.tile_rect(row)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, then ask again for tiles that the writer overtook."""
        super().paintEvent(event)
        torn, self.tiles.torn = self.tiles.torn, []
        for row in torn:
            self.viewport().update(self.tile_rect(row))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell who divides the wall."""
        super().resizeEvent(event)
        self.resized.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, PageUp and PageDown turn the page, arrows move and choose."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tell(self.opened, self.currentIndex())
            return
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(-1 if key == Qt.Key.Key_PageUp else 1)
            return
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        if self.currentIndex().row() != before:
            self._context.desk.set(selected=self.wall.feeds[self.currentIndex().row()].id)

    def _tell(self, signal: SignalInstance, index: QModelIndex) -> None:
        if index.isValid() and index.row() < len(self.wall.feeds):
            signal.emit(self.wall.feeds[index.row()].id)
