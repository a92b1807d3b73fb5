"""Observations: what is measured, not decided; the newest value by key, told to clients in small batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Observations:
    """Holds the newest value of each key and hands out what changed since the last flush."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self._changed: dict[str, Any] = {}
        self._wake: Callable[[], None] = lambda: None

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call `wake` when something waits to be flushed."""
        self._wake = wake

    def set(self, key: str, value: Any) -> None:
        """Store a whole new value; an equal one is not told again."""
        if self.values.get(key) == value:
            return
        self.values[key] = value
        self._changed[key] = value
        self._wake()

    def drop(self, key: str) -> None:
        """Forget a key; clients are told null."""
        if self.values.pop(key, None) is not None:
            self._changed[key] = None
            self._wake()

    def flush(self) -> dict[str, Any]:
        """What changed since the last call."""
        changed, self._changed = self._changed, {}
        return changed
