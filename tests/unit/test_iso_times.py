"""Stamps and marks of isolated recordings, without any file."""

from __future__ import annotations

import itertools

from media.outputs.isofile import chapter_list
from media.outputs.isotime import MARKS_MAX, MarkKind, MarkList, SteadyTime, gap_kind


def test_a_jittery_clock_leaves_the_senders_own_steps() -> None:
    time = SteadyTime(48_000)
    at = [time.at_us(960 * n, 5_000_000 + 20_000 * n + (n * 7919) % 15_000) for n in range(100)]
    assert {b - a for a, b in itertools.pairwise(at)} == {20_000}


def test_a_drifting_sender_is_kept_within_40_ms_of_the_clock() -> None:
    time = SteadyTime(90_000)
    # An hour at 30 pictures a second; the sender's clock is 200 ppm slow.
    strays = []
    for n in range(0, 108_000, 30):
        stamp_us = round(n * 33_333.333 * 1.0002)
        strays.append(abs(time.at_us((n * 3000) & 0xFFFFFFFF, stamp_us) - stamp_us))
    assert max(strays) <= 40_000


def test_a_wrap_of_the_time_stamp_is_no_jump_and_time_never_stands_still() -> None:
    time = SteadyTime(90_000)
    at = [time.at_us((0xFFFFF000 + 3000 * n) & 0xFFFFFFFF, 33_333 * n) for n in range(10)]
    assert all(33_000 <= b - a <= 34_000 for a, b in itertools.pairwise(at))
    assert time.at_us(5, at[-1] - 500_000) > at[-1], "a clock that is set back"


def test_a_sender_ahead_of_the_clock_is_slowed_down_and_not_stopped() -> None:
    time = SteadyTime(48_000)
    # A jam: ten packets come at once, later their true times are known.
    at = [time.at_us(960 * n, 1_000_000 if n < 10 else 800_000 + 20_000 * n) for n in range(200)]
    assert all(17_000 <= b - a <= 20_000 for a, b in itertools.pairwise(at))
    assert abs(at[-1] - (800_000 + 20_000 * 199)) <= 40_000


def test_why_pictures_are_missing() -> None:
    assert gap_kind(False, False, 70_000) is None
    assert gap_kind(True, False, 70_000) is MarkKind.LOST
    assert gap_kind(True, True, 70_000) is MarkKind.DROPPED
    assert gap_kind(False, False, 3_000_000) is MarkKind.PAUSE


def test_marks_close_to_each_other_are_one_and_never_too_many() -> None:
    marks = MarkList()
    marks.add(MarkKind.LOST, 1_000_000, 1_400_000)
    marks.add(MarkKind.LOST, 2_000_000, 2_100_000)
    marks.add(MarkKind.PAUSE, 3_000_000, 9_000_000)
    assert [(mark.kind, mark.at_us, mark.lost_us, mark.count) for mark in marks.marks] == [
        (MarkKind.LOST, 1_000_000, 500_000, 2),
        (MarkKind.PAUSE, 3_000_000, 6_000_000, 1),
    ]
    for number in range(2 * MARKS_MAX):
        marks.add(MarkKind.LOST, number * 10_000_000, number * 10_000_000 + 1000)
    assert len(marks.marks) == MARKS_MAX and marks.count == 2 * MARKS_MAX + 3


def test_a_secretary_finds_the_damage_and_where_it_goes_on() -> None:
    marks = MarkList()
    marks.add(MarkKind.LOST, 60_000_000, 60_800_000)
    marks.add(MarkKind.PAUSE, 90_000_000, 95_000_000)
    chapters = chapter_list(marks.marks, 120_000_000, "id")
    assert [(one["start"], one["metadata"]["title"]) for one in chapters] == [
        (0, "Awal"),
        (60_000, "Gambar hilang di jaringan 0,8 dtk"),
        (60_800, "Berlanjut"),
        (90_000, "Tidak ada gambar 5,0 dtk"),
        (95_000, "Berlanjut"),
    ]
    assert all(one["end"] > one["start"] for one in chapters) and chapters[-1]["end"] == 120_000
    assert chapter_list([], 120_000_000, "id") == []
