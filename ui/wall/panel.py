"""The wall with its head: count, filters, search, order, pages."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from ui.context import Context
from ui.feeds import Feed, Filter, Sort, choose, count, device_size, feeds, grid_for, page_count
from ui.icons import icon
from ui.keys import PRESS_KEYS, KeepKeys
from ui.replica import Changed, Kind
from ui.wall.empty import EmptyWall
from ui.wall.view import SPARE_PX, WallView
from ui.widgets.buttons import FOCUS, Button, IconButton
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import Panel

_WIDEST_PX = 400
_SEARCH_PX = (150, 110, 90, 80)


def filter_text(which: Filter) -> str:
    """Name of a filter."""
    return {
        Filter.ALL: QCoreApplication.translate("Wall", "All"),
        Filter.HANDS: QCoreApplication.translate("Wall", "Raised hands"),
        Filter.AUDIBLE: QCoreApplication.translate("Wall", "Audible"),
        Filter.LOCAL: QCoreApplication.translate("Wall", "Own sources"),
        Filter.TROUBLE: QCoreApplication.translate("Wall", "In trouble"),
    }[which]


def sort_text(sort: Sort) -> str:
    """Name of an order."""
    return {
        Sort.NUMBER: QCoreApplication.translate("Wall", "Order: number"),
        Sort.HANDS_FIRST: QCoreApplication.translate("Wall", "Order: raised hands first"),
        Sort.NAME: QCoreApplication.translate("Wall", "Order: name"),
        Sort.AUDIBLE_FIRST: QCoreApplication.translate("Wall", "Order: audible first"),
        Sort.TROUBLE_FIRST: QCoreApplication.translate("Wall", "Order: trouble first"),
    }[sort]


class WallPanel(Panel):
    """Head and wall; knows which feeds are on the visible page."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.view = WallView(context)
        self.empty = EmptyWall(context)
        self._all: tuple[Feed, ...] = ()
        self._chosen: tuple[Feed, ...] = ()
        self._capacity = 1
        self._compact = False
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 4, 4)
        layout.setSpacing(8)
        self._row = self._head()
        self._fitted: tuple[object, ...] = ()
        layout.addLayout(self._row)
        layout.addWidget(self._stack, 1)
        self.view.resized.connect(self._refresh)
        self.view.chosen.connect(self._on_chosen)
        self.view.opened.connect(context.actions.spotlight)
        self.view.turned.connect(self.turn_page)
        context.desk.changed.connect(self._on_desk)
        context.replica.changed.connect(self._on_changed)
        self._refresh()

    # ---- build

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        self._title = PlainLabel(self.tr("Participants"), "strong")
        self._range = PlainLabel("", "soft")
        row.addWidget(self._title)
        row.addWidget(self._range)
        row.addSpacing(6)
        self._filters: dict[Filter, Button] = {}
        for which in Filter:
            button = Button(filter_text(which), kind="chipkey")
            button.clicked.connect(lambda _=False, w=which: self._context.desk.set(filter=w))
            self._filters[which] = button
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._search_field(), 2)
        row.addWidget(self._sort_field())
        self._back = IconButton(self.tr("Previous page"), "chevron-left", key="PgUp")
        self._next = IconButton(self.tr("Next page"), "chevron-right", key="PgDn")
        self._page = PlainLabel("", "soft")
        self._page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._page.setMinimumWidth(40)
        self._back.clicked.connect(lambda: self.turn_page(-1))
        self._next.clicked.connect(lambda: self.turn_page(1))
        for widget in (self._back, self._page, self._next):
            row.addWidget(widget)
        return row

    def _search_field(self) -> QLineEdit:
        self.search = QLineEdit(self._context.desk.view.search)
        self.search.setPlaceholderText(self.tr("Find…  (Ctrl+F)"))
        self.search.setAccessibleName(self.tr("Find participant"))
        self.search.setMaxLength(80)
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            QAction(icon("search", "text_faint"), "", self.search), QLineEdit.ActionPosition.LeadingPosition
        )
        for button in self.search.findChildren(QWidget):
            button.setAccessibleName(self.tr("Clear the search"))
        self.search.setMinimumWidth(150)
        self.search.setMaximumWidth(240)
        self.search.textChanged.connect(lambda text: self._context.desk.set(search=text))
        return self.search

    def _sort_field(self) -> QComboBox:
        self._sort = QComboBox()
        self._sort.setFocusPolicy(FOCUS)
        KeepKeys(self._sort, PRESS_KEYS)
        self._sort.setAccessibleName(self.tr("Order of the wall"))
        for sort in Sort:
            self._sort.addItem(sort_text(sort), sort)
        self._sort.setCurrentIndex(list(Sort).index(self._context.desk.view.sort))
        self._sort.currentIndexChanged.connect(lambda i: self._context.desk.set(sort=list(Sort)[i]))
        return self._sort

    def set_compact(self, compact: bool) -> None:
        """Leave words out where the head is narrow."""
        self._compact = compact
        self._refresh()

    # ---- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow head says less, so that nothing in it is cut off."""
        super().resizeEvent(event)
        self._fit_head()

    def _fit_head(self) -> None:
        """Leave out what can be missed best, one thing after the other, until the rest is whole."""
        paged = self._page.text() != "1 / 1"
        texts = tuple(button.text() for button in self._filters.values() if not button.isHidden())
        now = (self.width(), paged, self._sort.currentText(), self._range.text(), texts)
        if now == self._fitted:
            return
        self._fitted = now
        margins = self._row.contentsMargins()
        room = self.contentsRect().width() - 12 - 4 - margins.left() - margins.right()
        for level, search_px in enumerate(_SEARCH_PX):
            self._range.setVisible(level < 1)
            self._title.setVisible(level < 2)
            for widget in (self._back, self._page, self._next):
                widget.setVisible(level < 3 or paged)
            self.search.setMinimumWidth(search_px)
            self.search.setPlaceholderText(self.tr("Find…") if level else self.tr("Find…  (Ctrl+F)"))
            chosen_px = self._sort.fontMetrics().horizontalAdvance(self._sort.currentText()) + 48
            self._sort.setMinimumWidth(chosen_px if level else 0)
            self._sort.setMaximumWidth(chosen_px if level else _WIDEST_PX)
            self._row.invalidate()
            if self._row.minimumSize().width() <= room:
                return

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(
            Kind.PEOPLE,
            Kind.SOURCES,
            Kind.PROGRAM,
            Kind.LINKS,
            Kind.MEDIA,
            Kind.SESSION,
            Kind.LINK,
            Kind.ECHO,
        ):
            self._refresh()

    def _on_desk(self, _view: object) -> None:
        self._refresh()

    def _on_chosen(self, source_id: str) -> None:
        self._context.desk.set(selected=source_id)
        self._context.actions.preview(source_id)

    def turn_page(self, by: int) -> None:
        """Show another page; stays at the first and last."""
        pages = page_count(len(self._chosen), self._capacity)
        page = max(0, min(pages - 1, self._context.desk.view.page + by))
        self._context.desk.set(page=page)

    # ---- show

    def _refresh(self) -> None:
        context, desk = self._context, self._context.desk.view
        self._all = feeds(context.replica.state, context.replica.seen)
        self._chosen = choose(self._all, desk.filter, desk.sort, desk.search)
        # First, for it may resize the view, which refreshes again.
        self._stack.setCurrentWidget(self.view if self._chosen else self.empty)
        area = self.view.area()
        grid = grid_for(
            len(self._chosen), area.width() - SPARE_PX, area.height(), self.view.devicePixelRatioF()
        )
        self._capacity = grid.capacity
        pages = page_count(len(self._chosen), grid.capacity)
        page = min(desk.page, pages - 1)
        first = page * grid.capacity
        shown = self._chosen[first : first + grid.capacity]
        self.view.show_page(shown, grid)
        self.empty.show_for(bool(self._all))
        self._show_head(first, len(shown), page, pages)

    def _show_head(self, first: int, shown: int, page: int, pages: int) -> None:
        total = len(self._chosen)
        self._range.setText(
            self.tr("{a}–{b} of {n}").format(a=first + 1, b=first + shown, n=total) if total else ""
        )
        for which, button in self._filters.items():
            number = count(self._all, which)
            counted = which in (Filter.HANDS, Filter.AUDIBLE, Filter.TROUBLE)
            button.set_text(filter_text(which) + (f" {number}" if counted else ""))
            button.set_on(self._context.desk.view.filter is which)
            button.setVisible(which is not Filter.LOCAL or number > 0)
        self._page.setText(f"{page + 1} / {pages}")
        self._back.setEnabled(page > 0)
        self._next.setEnabled(page < pages - 1)
        self._fit_head()

    def wanted_tiles(self) -> dict[str, tuple[int, int]]:
        """Device pixel sizes of the tiles on the visible page, by source."""
        if not self.isVisible() or self._stack.currentWidget() is not self.view:
            return {}
        tile = self.view.tile
        size = device_size(tile.width(), tile.height(), self.view.devicePixelRatioF())
        return {feed.id: size for feed in self.view.wall.feeds}
