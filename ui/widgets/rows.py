"""A scrolling list of rows with buttons in them; rows are kept by id, so a change moves no focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme import colour, font
from ui.widgets.labels import ElidedLabel
from ui.widgets.styled import set_property

LEAST_PX = 40
"""One row: a low window takes the height from lists, never from keys and faders."""
MOST_ROWS = 100
"""More rows than this are not built; who is further back comes up when the first ones go."""


@dataclass(frozen=True, slots=True)
class RowData:
    """What a row shows."""

    id: str
    number: int
    title: str
    detail: str = ""


class NumberBadge(QWidget):
    """A round number, amber for the first."""

    def __init__(self) -> None:
        super().__init__()
        self._number, self._first = 0, False
        self.setFixedSize(26, 26)

    def show_number(self, number: int, first: bool) -> None:
        """Show a number."""
        if (number, first) != (self._number, self._first):
            self._number, self._first = number, first
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("amber" if self._first else "line"))
        painter.drawEllipse(QRectF(1, 1, 24, 24))
        painter.setFont(font(12, QFont.Weight.DemiBold))
        painter.setPen(colour("window" if self._first else "text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()


class Row(QFrame):
    """Number, two lines, and whatever controls the list's maker puts behind them."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("row")
        self._badge = NumberBadge()
        self._title = ElidedLabel("", "strong")
        self._detail = ElidedLabel("", "soft")
        text = QVBoxLayout()
        text.setSpacing(1)
        text.addWidget(self._title)
        text.addWidget(self._detail)
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(8, 6, 6, 6)
        self.line.setSpacing(8)
        self.line.addWidget(self._badge)
        self.line.addLayout(text, 1)

    def show_row(self, data: RowData, first: bool) -> None:
        """Show a row's data."""
        self._badge.show_number(data.number, first)
        self._title.setText(data.title)
        self._detail.setText(data.detail)
        set_property(self, "first", first)
        self.show_controls(data, first)

    def show_controls(self, data: RowData, first: bool) -> None:
        """For subclasses: bring the controls in line."""


class RowList(QScrollArea):
    """Shows rows in order; `make` builds the row of an id."""

    def __init__(self, make: Callable[[str], Row], name: str) -> None:
        super().__init__()
        self._make = make
        self._rows: dict[str, Row] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self.setMinimumHeight(LEAST_PX)
        self._page = QWidget()
        self._lines = QVBoxLayout(self._page)
        self._lines.setContentsMargins(0, 0, 4, 0)
        self._lines.setSpacing(4)
        self._lines.addStretch(1)
        self.setWidget(self._page)

    def show_rows(self, rows: Sequence[RowData]) -> None:
        """Show these rows in this order."""
        rows = rows[:MOST_ROWS]
        wanted = {row.id for row in rows}
        for key in [key for key in self._rows if key not in wanted]:
            gone = self._rows.pop(key)
            self._lines.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, data in enumerate(rows):
            row = self._rows.get(data.id)
            if row is None:
                row = self._rows[data.id] = self._make(data.id)
            if self._lines.indexOf(row) != place:
                self._lines.removeWidget(row)
                self._lines.insertWidget(place, row)
            row.show_row(data, place == 0)

    def row(self, row_id: str) -> Row | None:
        """The row of an id."""
        return self._rows.get(row_id)
