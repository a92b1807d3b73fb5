"""Keeps the engine's watches going: what one look throws is logged and what it observed dropped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import TracebackType

from operator_console.protocol import OperatorError


def nothing() -> None:
    """Drop nothing."""


class Guarded:
    """``with`` around one look of a watch, the named top of its task: only a cancellation leaves it.

    `lost` drops what was observed last and may be true no more; a fault that repeats is logged once.
    """

    def __init__(self, name: str, log: logging.Logger, lost: Callable[[], None] = nothing) -> None:
        self._name, self._log, self._lost = name, log, lost
        self._told = ""

    def __enter__(self) -> None:
        """Begin a look."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Take what the look threw."""
        if error is None:
            self._told = ""
            return False
        if not isinstance(error, Exception):
            return False
        self._lost()
        self._tell(error)
        return True

    def _tell(self, error: Exception) -> None:
        told, self._told = self._told, repr(error)
        if told == self._told:
            return
        if isinstance(error, OperatorError):
            self._log.error("%s could not do all: %s", self._name, error.refusal.text_en)
        else:
            self._log.error("%s failed and looks again", self._name, exc_info=error)
