"""Python's search for garbage cycles, on the window's own thread only.

Python looks for cycles in whatever thread happens to allocate, also in the one that asks the keyring or looks
up a name. Qt objects in such a cycle would be deleted there, and Qt crashes at its next event (Qt, "Threads
and QObjects": an object is deleted in the thread it lives in).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_MS = 500


class GarbageCollector(QObject):
    """Takes the search over from Python for the rest of the process; lives on the window's thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(collect_due)
        self._timer.start()

    def stop(self) -> None:
        """Search no more; Python does not begin again either, as the last windows are garbage soon."""
        self._timer.stop()


def collect_due() -> None:
    """Search the oldest generation whose turn it is; Python's own limits say when."""
    counts, limits = gc.get_count(), gc.get_threshold()
    for generation in (2, 1, 0):
        if counts[generation] > limits[generation]:
            gc.collect(generation)
            return
