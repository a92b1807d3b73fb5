"""The order in which a narrow uplink is served: what is given up first, what never, and the way back."""

from __future__ import annotations

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from operator_console.engine.uplink import (
    SOUND_BPS,
    SPARE,
    Demand,
    LossWatch,
    for_budget,
    ladder,
    lossy,
    watch,
    whole,
    without_picture,
)

HALL = Demand(receivers=122, streams=1, return_bps=500_000, air_bps=4_000_000, floor_bps=1_500_000)
MB = 1_000_000


def test_a_wide_line_gives_nothing_up() -> None:
    assert for_budget(HALL, 100 * MB) == whole(HALL)


def test_the_order_is_tiles_return_pictures_stream_and_at_last_all_pictures() -> None:
    steps = ladder(HALL)
    assert [plan.level for plan in steps] == list(range(7))
    assert [plan.tile_share for plan in steps] == [1.0] + [0.5] * 6
    assert [plan.return_bps for plan in steps[:4]] == [500_000, 500_000, 300_000, 200_000]
    assert [plan.pictures for plan in steps] == [122, 122, 122, 122, 61, 61, 0]
    assert [plan.air_bps for plan in steps] == [4 * MB] * 5 + [1_500_000] * 2


def test_a_line_of_thirty_megabits_shows_the_picture_to_some_and_lets_all_hear() -> None:
    plan = for_budget(HALL, 30 * MB)
    assert (plan.level, plan.return_bps, plan.air_bps) == (4, 200_000, 4 * MB)
    assert 61 < plan.pictures < 122
    assert plan.need_bps(HALL) <= 27 * MB


def test_the_stream_gives_way_only_when_half_of_the_pictures_are_gone() -> None:
    plan = for_budget(HALL, 24 * MB)
    assert plan.level == 5 and plan.pictures == 61 and 1_500_000 <= plan.air_bps < 4 * MB
    assert for_budget(HALL, 2 * MB).air_bps == 1_500_000, "the recording's floor"


@given(
    st.integers(0, 150),
    st.integers(0, 3),
    st.integers(100_000, MB),
    st.integers(MB, 200 * MB),
    st.integers(0, 60),
)
def test_what_is_planned_fits_or_nothing_more_can_be_given_up(
    receivers: int, streams: int, return_bps: int, budget: int, floor_part: int
) -> None:
    demand = Demand(receivers, streams, return_bps, 4 * MB, 300_000 + floor_part * 50_000)
    plan = for_budget(demand, budget)
    assert plan.need_bps(demand) <= round(budget * SPARE) or plan == ladder(demand)[-1]
    assert plan.need_bps(demand) >= receivers * SOUND_BPS, "sound is never given up"
    assert 0 <= plan.pictures <= receivers and plan.air_bps >= min(demand.floor_bps, 4 * MB)


def test_without_a_stream_the_recording_keeps_its_rate() -> None:
    for budget_bps in (0, MB, 4 * MB, 20 * MB):
        assert for_budget(replace(HALL, streams=0), budget_bps).air_bps == HALL.air_bps


def test_more_line_never_means_less() -> None:
    plans = [for_budget(HALL, step * MB) for step in range(1, 90)]
    assert [plan.level for plan in plans] == sorted((plan.level for plan in plans), reverse=True)
    assert all(b.need_bps(HALL) >= a.need_bps(HALL) for a, b in itertools.pairwise(plans))


def test_one_bad_line_is_not_ours_but_half_of_them_are() -> None:
    assert not lossy([40.0, 0.0, 0.0, 0.0])
    assert not lossy([40.0, 40.0]), "two can be chance"
    assert lossy([8.0, 9.0, 7.0, 0.0])


def test_losses_lead_down_soon_and_back_late() -> None:
    state = LossWatch()
    seen = []
    for second in range(60):
        state = watch(state, second < 10, 7, float(second))
        seen.append(state.level)
    assert seen[4] == 1 and seen[8] == 2 and max(seen) == 2
    assert seen[38] == 2 and seen[40] == 1, "half a minute without losses"
    assert watch(LossWatch(level=6), True, 7, 99.0).level == 6


def test_who_is_on_air_or_asks_for_the_floor_keeps_his_picture() -> None:
    order = [f"p{n}" for n in range(1, 6)]
    assert without_picture(order, 3, {"p5"}) == {"p3", "p4"}
    assert without_picture(order, 9, set()) == set()
    assert without_picture(order, 0, {"p1"}) == set(order)
