"""Sound lands on the grid of 20 ms blocks by its time stamp, so that what was lost is missing."""

from __future__ import annotations

import numpy as np

from operator_console.room.blocks import BlockGrid

STAMP_US = 5_000_000


def samples(count: int, value: int = 7) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.full(count, value, np.int16)


def indices(grid: BlockGrid, rtp_ts: int, count: int = 960, stamp_us: int = STAMP_US) -> list[int]:
    return [index for index, _, _ in grid.blocks(samples(count), rtp_ts, stamp_us)]


def test_packets_in_order_with_a_gap_and_a_late_one() -> None:
    grid = BlockGrid()
    first = indices(grid, 1000)[0]
    assert first >= 0
    assert indices(grid, 1000 + 960) == [first + 1]
    assert indices(grid, 1000 + 3 * 960) == [first + 3]
    assert indices(grid, 1000 + 2 * 960) == [first + 2]


def test_wrap_of_the_time_stamp() -> None:
    grid = BlockGrid()
    near = 2**32 - 960
    first = indices(grid, near)[0]
    assert indices(grid, 0) == [first + 1]
    assert indices(grid, 960) == [first + 2]


def test_long_packets_are_split_and_stamped() -> None:
    grid = BlockGrid()
    found = list(grid.blocks(samples(2880), 0, STAMP_US))
    first = found[0][0]
    assert [(i - first, len(s), t - STAMP_US) for i, s, t in found] == [
        (0, 960, 0),
        (1, 960, 20_000),
        (2, 960, 40_000),
    ]


def test_short_packets_are_joined() -> None:
    grid = BlockGrid()
    assert indices(grid, 0, 480) == []
    [(_, whole, stamp)] = list(grid.blocks(samples(480, 9), 480, STAMP_US + 10_000))
    assert stamp == STAMP_US
    assert list(whole[[0, 479, 480, 959]]) == [7, 7, 9, 9]


def test_short_packet_after_a_loss_leaves_silence() -> None:
    grid = BlockGrid()
    grid_start = indices(grid, 0)[0]
    [(index, whole, _)] = list(grid.blocks(samples(480, 9), 960 + 480, STAMP_US))
    assert index == grid_start + 1
    assert list(whole[[0, 479, 480]]) == [0, 0, 9]


def test_new_stream_goes_on_behind_the_old_one() -> None:
    grid = BlockGrid()
    last = indices(grid, 10 * 960)[0]
    grid.restart()
    again = indices(grid, 12345, stamp_us=STAMP_US + 2_000_000)[0]
    assert again == last + 100
    assert indices(grid, 12345 + 960) == [again + 1]


def test_a_leap_of_the_time_stamp_does_not_leap_the_grid() -> None:
    grid = BlockGrid()
    last = indices(grid, 0)[0]
    leapt = indices(grid, 0x40000000, stamp_us=STAMP_US + 20_000)[0]
    assert last < leapt <= last + 2


def test_half_a_day_without_a_wrap_of_the_index() -> None:
    grid = BlockGrid()
    before, rtp_ts = indices(grid, 0)[0], 0
    for _ in range(5000):
        rtp_ts += 900 * 960
        now = indices(grid, rtp_ts & 0xFFFFFFFF)[0]
        assert now == before + 900
        before = now
