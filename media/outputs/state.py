"""States of an output, which only move forward, and why it failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum

from media.clock import now_us
from media.reason import Reason


class OutputState(StrEnum):
    """Life of an output."""

    STARTING = "starting"
    STARTED = "started"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


_ORDER = {state: place for place, state in enumerate(OutputState)}
FINAL = frozenset({OutputState.STOPPED, OutputState.FAILED})


def may_follow(old: OutputState, new: OutputState) -> bool:
    """Whether ``new`` is a step forward from ``old``; nothing follows stopped or failed."""
    return old not in FINAL and _ORDER[new] > _ORDER[old]


class StateLine:
    """The state of one output with the time of its last change; any thread may read or advance it."""

    def __init__(self, clock: Callable[[], int] = now_us) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._state = OutputState.STARTING
        self._reason: Reason | None = None
        self._since_us = clock()

    @property
    def state(self) -> OutputState:
        """The state now."""
        return self._state

    @property
    def since_us(self) -> int:
        """When it was entered."""
        return self._since_us

    @property
    def reason(self) -> Reason | None:
        """Why it failed."""
        return self._reason

    def advance(self, new: OutputState, reason: Reason | None = None) -> bool:
        """Step forward; False (and no change) where that would be a step back."""
        with self._lock:
            if not may_follow(self._state, new):
                return False
            self._state, self._since_us = new, self._clock()
            self._reason = reason or self._reason
            return True
