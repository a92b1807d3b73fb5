"""What every part of the window is given: replica, local state, pictures, actions, settings and the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal

from operator_console.settings import Settings
from ui.actions import Actions
from ui.desk import Desk
from ui.formats import Formats
from ui.key_lock import KeyLock
from ui.pictures import Pictures
from ui.replica import Replica


def wall_clock_ms() -> int:
    """Milliseconds since 1970, for what is shown; never for media."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Tick:
    """Payload of `Ticker.ticked`: the time to show."""

    now_ms: int


class Ticker(QObject):
    """Beats once a second, shortly after the full second, for clocks and running times.

    Signals: ticked(Tick).
    """

    ticked = Signal(object)

    def __init__(self, now_ms: Callable[[], int] = wall_clock_ms) -> None:
        super().__init__()
        self.now_ms = now_ms
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin to beat."""
        self._timer.start(1000 - self.now_ms() % 1000 + 5)

    def stop(self) -> None:
        """Stop."""
        self._timer.stop()

    def _beat(self) -> None:
        self.start()
        self.ticked.emit(Tick(self.now_ms()))


@dataclass
class Context:
    """The parts that the widgets share."""

    settings: Settings
    replica: Replica
    desk: Desk
    pictures: Pictures
    actions: Actions
    ticker: Ticker = field(default_factory=Ticker)
    key_lock: KeyLock = field(default_factory=KeyLock)

    @property
    def formats(self) -> Formats:
        """Formats of the console's language and the session's time zone."""
        zone = self.replica.state.timezone if self.replica.session_open else self.settings.timezone
        return Formats(self.settings.language, zone or self.settings.timezone)
