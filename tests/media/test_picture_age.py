"""The age of the program's pictures: finds it, moves slowly, is not misled by a picture that stands still."""

from __future__ import annotations

import itertools

from media.video.age import SOUND_STEP_US, START_US, STEP_US, PictureAge


def after(age: PictureAge, ages_us: list[int]) -> list[int]:
    used = []
    for age_us in ages_us:
        age.note(age_us)
        used.append(age.step())
    return used


def test_it_finds_the_mean_of_what_waits_for_the_tick() -> None:
    used = after(PictureAge(), [40_000, 73_000] * 120)
    assert abs(used[-1] - 56_500) < 2_000


def test_it_never_moves_by_more_than_a_step() -> None:
    used = after(PictureAge(), [20_000] * 60 + [120_000] * 300)
    assert max(abs(b - a) for a, b in itertools.pairwise(used)) <= STEP_US
    assert abs(used[-1] - 120_000) < 2_000


def test_a_picture_that_stands_still_says_nothing() -> None:
    assert after(PictureAge(), [300_000 + 33_000 * n for n in range(60)])[-1] == START_US


def test_late_ticks_show_newer_pictures() -> None:
    assert after(PictureAge(), [-10_000] * 300)[-1] < -8_000


def test_where_the_sound_needs_longer_the_picture_waits_for_it() -> None:
    age = PictureAge()
    after(age, [60_000] * 300)
    assert abs(age.skew_us) < 2_000
    first = age.step(sound_late_us=35_000)  # a jittery link
    assert age.skew_us < -30_000
    for _ in range(10):
        last = age.step(sound_late_us=35_000)
    assert first - last == 35_000 - SOUND_STEP_US
    assert abs(age.skew_us) < 2_000
