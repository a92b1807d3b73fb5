"""A vertical fader from -60 (off) to +12 dB: its handle stands where the engine is, a blue line where to."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider

from ui.keys import KeepKeys
from ui.theme import colour, font

LEAST_DB, MOST_DB = -60.0, 12.0
STEP_DB, PAGE_DB = 1.0, 6.0
_LAW: tuple[tuple[float, float], ...] = (
    (-60.0, 0.0),
    (-40.0, 0.12),
    (-20.0, 0.38),
    (-10.0, 0.56),
    (0.0, 0.76),
    (12.0, 1.0),
)
"""Gain and place on the way of the handle: most of the way is where one works, as on a mixing desk."""
_HANDLE_PX, _TOP_PX, _FOOT_PX = 11, 7, 19
_WHEEL_STEP = 120
_FORGET_MS = 800
"""A wish that the engine has not confirmed by then is no longer drawn."""


def place_of(gain_db: float) -> float:
    """Place of a gain on the way of the handle, 0 (lowest) to 1."""
    gain_db = max(LEAST_DB, min(MOST_DB, gain_db))
    for (low_db, low), (high_db, high) in pairwise(_LAW):
        if gain_db <= high_db:
            return low + (gain_db - low_db) / (high_db - low_db) * (high - low)
    return 1.0


def gain_at(place: float) -> float:
    """Gain in whole dB at a place of the handle."""
    place = max(0.0, min(1.0, place))
    for (low_db, low), (high_db, high) in pairwise(_LAW):
        if place <= high:
            return float(round(low_db + (place - low) / (high - low) * (high_db - low_db)))
    return MOST_DB


def gain_text(gain_db: float) -> str:
    """A gain as it stands on a fader: +3, 0, −12, −∞."""
    if gain_db <= LEAST_DB:
        return "−∞"
    return f"{gain_db:+.0f}".replace("-", "−") if round(gain_db) else "0"


class Fader(QSlider):
    """Asks for a gain by drag, wheel or keys; `show_gain` shows what the engine has confirmed.

    Signals: asked(float) with the gain in dB that the operator wants.
    """

    asked = Signal(float)

    def __init__(self, name: str) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setRange(round(LEAST_DB * 10), round(MOST_DB * 10))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFixedWidth(26)
        self.setMinimumHeight(48)
        KeepKeys(self, (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown))
        self._confirmed_db = 0.0
        self._wanted: float | None = None
        self._grip: tuple[float, float] | None = None
        self._showing = False
        self._turned = 0
        self._forget = QTimer(self, singleShot=True, interval=_FORGET_MS)
        self._forget.timeout.connect(self._on_forget)
        self.valueChanged.connect(self._on_value)
        self.set_name(name)
        self.show_gain(0.0)

    @property
    def gain_db(self) -> float:
        """What the engine has confirmed."""
        return self._confirmed_db

    def set_name(self, name: str) -> None:
        """What a screen reader calls it."""
        self.setAccessibleName(name)

    def show_gain(self, gain_db: float) -> None:
        """Show what the engine has confirmed."""
        self._confirmed_db = gain_db
        self._set_value(gain_db)
        if self._wanted is not None and self._grip is None and gain_db == self._wanted:
            self._wanted = None
        self.setAccessibleDescription(f"{gain_text(self.gain_db)} dB")
        self.update()

    def _set_value(self, gain_db: float) -> None:
        self._showing = True
        self.setValue(round(gain_db * 10))
        self._showing = False

    def sizeHint(self) -> QSize:
        """Narrow and as high as it gets."""
        return QSize(26, 100)

    # ---- wishes

    def _ask(self, gain_db: float) -> None:
        gain_db = max(LEAST_DB, min(MOST_DB, gain_db))
        if gain_db == (self.gain_db if self._wanted is None else self._wanted):
            return
        self._wanted = gain_db
        self._forget.start()
        self.update()
        self.asked.emit(gain_db)

    def _step(self, by_db: float) -> None:
        self._ask((self.gain_db if self._wanted is None else self._wanted) + by_db)

    def _on_value(self, value: int) -> None:
        """A screen reader sets the value itself: take it as a wish."""
        if not self._showing:
            self._set_value(self._confirmed_db)
            self._ask(value / 10)

    def _on_forget(self) -> None:
        if self._grip is None:
            self._wanted = None
            self.update()

    # ---- hands

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the handle where it is: a press alone changes nothing."""
        if event.button() is Qt.MouseButton.LeftButton:
            now_db = self.gain_db if self._wanted is None else self._wanted
            self._grip = (event.position().y(), place_of(now_db))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Ask for the gain under the hand."""
        if self._grip is not None:
            start_y, start = self._grip
            self._ask(gain_at(start + (start_y - event.position().y()) / max(1, self._way_px)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None
        self._forget.start()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to 0 dB."""
        self._grip = None
        self._ask(0.0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """1 dB a notch."""
        self._turned += event.angleDelta().y()
        notches = int(self._turned / _WHEEL_STEP)
        self._turned -= notches * _WHEEL_STEP
        if notches:
            self._step(STEP_DB * notches)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows 1 dB, page keys 6 dB, Home 0 dB, End off."""
        steps = {
            Qt.Key.Key_Up: STEP_DB,
            Qt.Key.Key_Down: -STEP_DB,
            Qt.Key.Key_PageUp: PAGE_DB,
            Qt.Key.Key_PageDown: -PAGE_DB,
        }
        targets = {Qt.Key.Key_Home: 0.0, Qt.Key.Key_End: LEAST_DB}
        key = Qt.Key(event.key())
        if key in steps:
            self._step(steps[key])
        elif key in targets:
            self._ask(targets[key])
        else:
            event.ignore()

    # ---- paint

    @property
    def _way_px(self) -> int:
        return self.height() - _TOP_PX - _FOOT_PX - _HANDLE_PX

    def _y_of(self, gain_db: float) -> int:
        """Middle of the handle at a gain."""
        return _TOP_PX + _HANDLE_PX // 2 + round((1.0 - place_of(gain_db)) * self._way_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw groove, marks, handle, wish and value."""
        painter = QPainter(self)
        middle, enabled = self.width() // 2, self.isEnabled()
        painter.fillRect(QRect(middle - 2, _TOP_PX, 4, self._way_px + _HANDLE_PX), colour("field"))
        for mark_db in (MOST_DB, 0.0, -10.0, -20.0, -40.0, LEAST_DB):
            wide = 16 if mark_db == 0.0 else 8
            tone = "text_soft" if mark_db == 0.0 else "line_strong"
            painter.fillRect(QRect(middle - wide // 2, self._y_of(mark_db), wide, 1), colour(tone))
        handle = QRect(middle - 9, self._y_of(self.gain_db) - _HANDLE_PX // 2, 18, _HANDLE_PX)
        painter.setPen(colour("blue" if self.hasFocus() else "window"))
        painter.setBrush(colour("text" if enabled else "line_strong"))
        painter.drawRoundedRect(handle, 2, 2)
        painter.fillRect(QRect(handle.left() + 2, handle.center().y(), 15, 1), colour("text_off"))
        if self._wanted is not None and self._wanted != self.gain_db:
            painter.fillRect(QRect(middle - 11, self._y_of(self._wanted) - 1, 22, 2), colour("blue"))
        painter.setFont(font(11, QFont.Weight.DemiBold if self.gain_db else QFont.Weight.Normal))
        painter.setPen(colour("text" if enabled and self.gain_db else "text_soft"))
        foot = QRect(0, self.height() - 16, self.width(), 16)
        painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, gain_text(self.gain_db))
        painter.end()
