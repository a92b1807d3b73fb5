"""When a soak does what, from its length alone, so that a short one goes through everything too. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from operator_console.session.model import Layout, LayoutKind


class Leave(StrEnum):
    """How a visitor goes."""

    POLITE = "polite"
    KILLED = "killed"
    """The process dies: the network says so at once."""
    SILENT = "silent"
    """The process stops: nothing comes any more and nobody says so."""


class Restart(StrEnum):
    """What happens to the livestream."""

    SERVER_KILLED = "server killed"
    STOPPED = "stopped and started"


class Floor(StrEnum):
    """What the operator puts on program."""

    FLASH = "flash"
    """The office that flashes and beeps: what the skew is judged by."""
    OFFICE = "office"
    GRID = "grid"


FLOORS = (Floor.FLASH, Floor.OFFICE, Floor.FLASH, Floor.GRID)
LEAVES = (Leave.POLITE, Leave.KILLED, Leave.POLITE, Leave.SILENT)
RESTARTS = (Restart.SERVER_KILLED, Restart.STOPPED)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The times of a soak of so many seconds."""

    seconds: float

    @property
    def floor_s(self) -> float:
        """From one change of the program to the next."""
        return min(60.0, max(8.0, self.seconds / 8))

    @property
    def restart_s(self) -> float:
        """From one restart of the stream to the next."""
        return min(600.0, max(30.0, self.seconds / 3))

    def until_next_visit_s(self, chance: random.Random) -> float:
        """From one join to the next."""
        return min(chance.uniform(30, 60), max(8.0, self.seconds / 6))

    def stay_s(self, chance: random.Random) -> float:
        """How long a visitor stays."""
        return min(chance.uniform(20, 80), max(6.0, self.seconds / 8))


def grid(sources: Sequence[str]) -> Layout:
    """A grid of as many of these as fit."""
    kind = LayoutKind.GRID_2 if len(sources) <= 4 else LayoutKind.GRID_3
    return Layout(kind=kind, sources=tuple(sources[:9]))
