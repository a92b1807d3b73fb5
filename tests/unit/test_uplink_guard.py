"""The uplink guard on a real session state: what it moves, whom it spares, what it tells the window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.engine.uplinkguard import Levers, UplinkGuard
from operator_console.journal import Journal
from operator_console.protocol import Link
from operator_console.session import facts as f
from operator_console.settings import Settings
from tests.unit.session_kit import opened

PEOPLE = 10


@dataclass
class Moved:
    """What the guard moved, in order."""

    tiles: list[float] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    without: list[frozenset[str]] = field(default_factory=list)
    air: list[int] = field(default_factory=list)


class Hall:
    """A session of ten with a guard."""

    def __init__(self, folder: Path) -> None:
        self.store = SessionStore(Journal(folder / "journal.db"))
        story = opened(PEOPLE)
        self.store.state = story.tell(f.HandRaised(participant_id="p10"))
        self.observations, self.moved = Observations(), Moved()
        moved = self.moved
        levers = Levers(moved.tiles.append, moved.back.append, moved.without.append, moved.air.append)
        self.guard = UplinkGuard(Settings(), self.store, self.observations, levers)
        self.observations.set("stream.d", {"on_air": True})
        self.losses(0.0)

    def losses(self, percent: float) -> None:
        for number in range(1, PEOPLE + 1):
            self.observations.set(f"link.p{number}", Link(out_loss_percent=percent))

    def budget(self, bps: int) -> dict[str, object]:
        self.guard.take_settings(Settings(uplink_bps=bps))
        self.guard.step(0.0)
        seen: dict[str, object] = self.observations.values["uplink"]
        return seen


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    one = Hall(tmp_path)
    yield one
    await one.store.close()


async def test_a_wide_line_moves_nothing_after_the_first_look(hall: Hall) -> None:
    seen = hall.budget(50_000_000)
    assert (seen["level"], seen["pictures"], seen["receivers"]) == (0, PEOPLE, PEOPLE)
    hall.budget(60_000_000)
    assert (hall.moved.tiles, hall.moved.back, hall.moved.air) == ([1.0], [500_000], [4_000_000])
    assert hall.moved.without == []


async def test_a_narrow_line_is_kept_to_and_who_asked_for_the_floor_keeps_the_picture(hall: Hall) -> None:
    seen = hall.budget(6_900_000)
    assert seen["measure"] == "budget" and seen["tiles_lowered"] and seen["return_lowered"]
    assert not seen["air_lowered"]
    assert int(str(seen["need_kbps"])) <= 6_210
    pictures = int(str(seen["pictures"]))
    assert 5 <= pictures < PEOPLE
    assert len(hall.moved.without[-1]) == PEOPLE - pictures and "p10" not in hall.moved.without[-1]
    wide = hall.budget(50_000_000)
    assert hall.moved.without[-1] == frozenset() and wide["pictures"] == PEOPLE


async def test_the_stream_gives_way_down_to_the_floor_of_the_recording(hall: Hall) -> None:
    seen = hall.budget(1_000_000)
    assert seen["level"] == 6 and seen["air_lowered"] and seen["pictures"] == 0
    assert hall.moved.air[-1] == Settings().air_min_bitrate_bps
    assert int(str(seen["need_kbps"])) > 1000, "and the window can say that it is not enough"


async def test_without_a_budget_losses_of_many_lead_down_and_their_end_back(hall: Hall) -> None:
    hall.losses(12.0)
    for second in range(10):
        hall.guard.step(100.0 + second)
    seen = hall.observations.values["uplink"]
    assert seen["level"] >= 2 and seen["measure"] == "loss"
    hall.losses(0.0)
    for second in range(200):
        hall.guard.step(120.0 + second)
    assert hall.observations.values["uplink"]["level"] == 0
    assert hall.moved.tiles[-1] == 1.0 and hall.moved.back[-1] == 500_000
