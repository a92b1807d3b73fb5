"""The operator's window."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from operator_console.protocol import SetWants
from ui.context import Context
from ui.panels.monitor_row import MonitorRow
from ui.wall.panel import WallPanel
from ui.wants import WantsSender
from ui.widgets.styled import Panel


class MainWindow(QMainWindow):
    """Signals: closed() when the operator has closed the window."""

    closed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.setWindowTitle("Operator Console")
        self.wall = WallPanel(context)
        self.monitors = MonitorRow(context, Panel(), Panel())
        self.monitors.set_limits(340, 130, 240)
        page = QWidget()
        page.setObjectName("page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(10)
        layout.addWidget(self.monitors)
        layout.addWidget(self.wall, 1)
        self.setCentralWidget(page)
        self.wants = WantsSender(context.replica, self._wanted)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell who runs the window."""
        super().closeEvent(event)
        self.closed.emit()

    def stop(self) -> None:
        """Send nothing any more; the window is about to go."""
        self.wants.stop()

    def _wanted(self) -> SetWants:
        monitors = {
            "program": self.monitors.program.wanted_size(),
            "preview": self.monitors.preview.wanted_size(),
        }
        return SetWants(tiles=self.wall.wanted_tiles(), monitors=monitors)
