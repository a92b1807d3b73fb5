"""A bar button that starts by a click and stops only by being held, with a ring that shows how long still."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from ui.theme import colour
from ui.widgets.buttons import BarButton

HOLD_MS = 2000
_FRAME_MS = 33
LOW_PX = 44
"""A button lower than this has its text beside the icon: a bar at its foot instead of the ring."""


class HoldButton(BarButton):
    """Signals: started() on a click while not armed; held() when held long enough; let_go() too early."""

    started = Signal()
    held = Signal()
    let_go = Signal()

    def __init__(self, text: str, icon_name: str, *, tip: str, key: str, kind: str) -> None:
        super().__init__(text, icon_name, tip=tip, key=key, kind=kind)
        self._armed = self._stopping = False
        self._hold_ms = HOLD_MS
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self, interval=_FRAME_MS)
        self._timer.timeout.connect(self._on_frame)
        self.pressed.connect(self._on_pressed)
        self.released.connect(self._on_released)
        self.clicked.connect(self._on_clicked)

    def arm(self, armed: bool, hold_ms: int = HOLD_MS) -> None:
        """Whether a press begins to stop something (after being held) or to start it."""
        self._hold_ms = hold_ms
        if armed != self._armed:
            self._armed = armed
            self._timer.stop()
            self.update()

    @property
    def progress(self) -> float:
        """How much of the hold has passed, 0..1."""
        if not self._timer.isActive():
            return 0.0
        return min(1.0, self._elapsed.elapsed() / max(1, self._hold_ms))

    def begin_hold(self) -> bool:
        """Hold it for a key; False where a press would start something, or is under way already."""
        if not self._armed or self._timer.isActive() or not self.isEnabled():
            return False
        self.setDown(True)
        self._on_pressed()
        return True

    def end_hold(self) -> None:
        """The key was let go."""
        self.setDown(False)
        self._on_released()

    def _on_pressed(self) -> None:
        self._stopping = self._armed
        if not self._stopping:
            return
        self._elapsed.start()
        self._timer.start()

    def _on_released(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self.update()
            self.let_go.emit()

    def _on_clicked(self) -> None:
        # A press that began as a stop never ends as a start, whatever became known in between.
        if not self._stopping:
            self.started.emit()

    def _on_frame(self) -> None:
        self.update()
        if self._elapsed.elapsed() >= self._hold_ms:
            self._timer.stop()
            self.setDown(False)
            self.held.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring over the button while it is held."""
        super().paintEvent(event)
        progress = self.progress
        if progress <= 0.0:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.height() < LOW_PX:
            self._draw_bar(painter, progress)
            return
        size = 30.0
        ring = QRectF((self.width() - size) / 2, 3, size, size)
        painter.setPen(QPen(colour("on_colour", 70), 3))
        painter.drawEllipse(ring)
        pen = QPen(colour("on_colour"), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(ring, 90 * 16, round(-360 * 16 * progress))
        painter.end()

    def _draw_bar(self, painter: QPainter, progress: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("on_colour"))
        painter.drawRoundedRect(QRectF(3, self.height() - 6, (self.width() - 6) * progress, 3), 1.5, 1.5)
        painter.end()
