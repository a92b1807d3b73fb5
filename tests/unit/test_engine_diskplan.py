"""What the disk guard decides, without a disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from operator_console.engine.diskguard import existing_folder, limits_of
from operator_console.engine.diskplan import (
    Act,
    Growth,
    Limits,
    act_on,
    next_level,
    plain_level,
    seconds_left,
    sheds,
)
from operator_console.session.model import DiskLevel
from operator_console.settings import Settings

GB = 1_000_000_000
HOUR_S = 3600.0
LIMITS = Limits()


def test_hours_left_end_where_the_reserve_begins() -> None:
    assert seconds_left(LIMITS, 2 * GB + 1_857_600_000, 4_128_000) == pytest.approx(HOUR_S)
    assert seconds_left(LIMITS, GB, 4_128_000) == 0.0
    assert seconds_left(LIMITS, 10 * GB, 0.0) > 0


@pytest.mark.parametrize(
    ("free_bytes", "left_s", "level"),
    [
        (100 * GB, 40 * HOUR_S, None),
        (9 * GB, 4 * HOUR_S, None),
        (9 * GB, 4 * HOUR_S - 1, DiskLevel.WATCH),
        (5 * GB, HOUR_S - 1, DiskLevel.SOON),
        (3 * GB, 900 - 1, DiskLevel.LAST),
        (2 * GB, 0, DiskLevel.STOP),
        (2 * GB, 99 * HOUR_S, DiskLevel.STOP),
    ],
)
def test_levels(free_bytes: int, left_s: float, level: DiskLevel | None) -> None:
    assert plain_level(LIMITS, free_bytes, left_s) is level
    assert next_level(None, LIMITS, free_bytes, left_s) is level, "whatever is worse counts at once"


def test_a_rate_that_wavers_does_not_warn_again_and_again() -> None:
    level: DiskLevel | None = None
    told: list[DiskLevel | None] = []
    for step in range(400):
        left_s = HOUR_S * (1 + 0.1 * (-1) ** step)  # to and fro about one hour
        before, level = level, next_level(level, LIMITS, 5 * GB, left_s)
        told += [level] if level is not before else []
    assert told == [DiskLevel.WATCH, DiskLevel.SOON]
    assert next_level(level, LIMITS, 50 * GB, 1.3 * HOUR_S) is DiskLevel.WATCH, "really more"
    assert next_level(level, LIMITS, 200 * GB, 30 * HOUR_S) is None


def test_a_stopped_disk_eases_only_with_a_good_deal_more_than_the_reserve() -> None:
    assert next_level(DiskLevel.STOP, LIMITS, 2_100_000_000, 200.0) is DiskLevel.STOP
    assert next_level(DiskLevel.STOP, LIMITS, 2_600_000_000, 1200.0) is DiskLevel.SOON
    assert next_level(DiskLevel.STOP, LIMITS, 90 * GB, 40 * HOUR_S) is None


def test_isolated_recordings_go_first_and_the_program_last() -> None:
    def act(level: DiskLevel | None, free_bytes: int, **what: object) -> Act:
        given = {"isos": True, "program": True, "shed_for_s": 0.0, **what}
        return act_on(LIMITS, level, free_bytes, **given)  # type: ignore[arg-type]

    assert act(None, 50 * GB) is Act.NOTHING
    assert act(DiskLevel.SOON, 5 * GB) is Act.NOTHING
    assert act(DiskLevel.LAST, 5 * GB) is Act.SHED
    assert act(DiskLevel.WATCH, 3_900_000_000) is Act.SHED, "by bytes too"
    assert act(DiskLevel.STOP, 2 * GB) is Act.SHED, "even where both are due"
    assert act(DiskLevel.STOP, 2 * GB, isos=False, shed_for_s=0.5) is Act.NOTHING, "what is freed may do"
    assert act(DiskLevel.STOP, 2 * GB, isos=False, shed_for_s=5.0) is Act.STOP
    assert act(DiskLevel.STOP, GB // 2, isos=False, shed_for_s=0.5) is Act.STOP, "no time to wait"
    assert act(DiskLevel.STOP, 2 * GB, isos=False) is Act.STOP
    assert act(DiskLevel.STOP, 2_300_000_000, isos=False) is Act.NOTHING, "begun again, still easing"
    assert act(DiskLevel.STOP, GB, isos=False, program=False) is Act.NOTHING
    assert sheds(LIMITS, None, 4 * GB - 1) and not sheds(LIMITS, None, 5 * GB)


def test_without_a_reserve_the_disk_itself_is_the_limit() -> None:
    none = Limits((0.0, 0.0, 0.0), 0, 0)
    assert plain_level(none, 0, 0.0) is None
    assert act_on(none, None, 0, isos=True, program=True, shed_for_s=0.0) is Act.NOTHING


def test_the_rate_is_that_of_all_files_over_the_last_minutes() -> None:
    growth = Growth()
    assert growth.rate_bps(4_000_000) == 4_000_000
    for second in range(200):
        sizes = {"a": second * 500_000, "iso p1": second * 75_000}
        if second >= 100:  # a new file after a split
            sizes = {"b": (second - 100) * 500_000, "iso p1": second * 75_000}
        growth.note(float(second), sizes)
        if second == 3:
            assert growth.rate_bps(1_000_000) == 1_000_000, "too short to be believed"
    assert growth.rate_bps(1_000_000) == pytest.approx(8 * 575_000, rel=0.02)
    growth.note(201.0, {"b": 0})
    assert growth.rate_bps(1_000_000) >= 1_000_000
    growth.note(202.0, {})
    assert growth.rate_bps(4_000_000) == 4_000_000


def test_what_a_file_held_when_it_was_first_seen_is_no_growth() -> None:
    growth = Growth()
    for second in range(10):
        sizes = {"a": second * 500_000}
        if second >= 3:  # the engine was killed, its room worker went on
            sizes["iso p1"] = 2 * GB + second * 75_000
        growth.note(float(second), sizes)
    assert growth.rate_bps(1_000_000) < 5_000_000


def test_a_picture_that_stands_still_promises_no_days() -> None:
    growth = Growth()
    for second in range(60):
        growth.note(float(second), {"a": second * 1000})
    assert growth.rate_bps(4_000_000) == 4_000_000


def test_limits_are_settings() -> None:
    limits = limits_of(
        Settings(disk_warn_minutes=("30", "20", "10"), disk_reserve_mb=50, disk_iso_reserve_mb=20)
    )
    assert limits == Limits((1800.0, 1200.0, 600.0), 50_000_000, 50_000_000)


def test_a_folder_that_is_not_there_yet_stands_on_the_disk_above_it(tmp_path: Path) -> None:
    assert existing_folder(tmp_path / "not" / "yet") == tmp_path
