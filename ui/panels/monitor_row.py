"""The row of preview, transition keys, program and speaker card; divides its width among them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from operator_console.protocol import ENGINE_VIDEO
from ui.context import Context
from ui.panels.monitor import Monitor

SPACING_PX = 10


def monitor_width(width_px: int, fixed_px: int, most_height_px: int) -> int:
    """Width of each monitor in a row, so that neither width nor height is exceeded; a multiple of four."""
    by_width = (width_px - fixed_px) // 2
    by_height = int((most_height_px - 30) * 16 / 9) + 8
    return max(200, min(by_width, by_height)) // 4 * 4


class MonitorRow(QWidget):
    """Signals: resized() when the monitors have another size."""

    resized = Signal()

    def __init__(self, context: Context, middle: QWidget, right: QWidget) -> None:
        super().__init__()
        self.preview = Monitor(context, (ENGINE_VIDEO, 1), self.tr("PREVIEW"), "green", safe=True)
        self.program = Monitor(context, (ENGINE_VIDEO, 0), self.tr("PROGRAM"), "red")
        self._middle, self._right = middle, right
        self._most_height_px = 340
        self._least_right_px = 200
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX)
        layout.addWidget(self.preview)
        layout.addWidget(middle)
        layout.addWidget(self.program)
        layout.addWidget(right, 1)

    def set_limits(self, most_height_px: int, middle_px: int, least_right_px: int) -> None:
        """How high the row may be and what the panels between and beside the monitors need."""
        self._most_height_px = most_height_px
        self._middle.setFixedWidth(middle_px)
        self._least_right_px = least_right_px
        self._divide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide again."""
        super().resizeEvent(event)
        self._divide()

    def _divide(self) -> None:
        fixed = self._middle.width() + self._least_right_px + 3 * SPACING_PX
        width = monitor_width(self.width(), fixed, self._most_height_px)
        if width != self.preview.width() or self.height() != self.preview.height():
            for monitor in (self.preview, self.program):
                monitor.set_width(width)
            self.setFixedHeight(self.preview.height())
            self.resized.emit()
