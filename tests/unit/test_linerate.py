"""The rate that follows a line: one on paper that narrows and widens, with its buffers; two at once."""

from __future__ import annotations

import itertools
from collections import deque
from dataclasses import dataclass, field

from media.outputs.linerate import LineLoad, LineRate, RateLimits, air_rate_bps, first_rate, next_rate

LIMITS = RateLimits(floor_bps=800_000, ceiling_bps=4_000_000)
STEP_S = 0.1
KERNEL_BYTES = 256 * 1024


@dataclass
class Line:
    """What leaves our buffer goes into the kernel's, which empties at the line's rate."""

    capacity_bps: float
    kernel: float = 0.0
    waiting: float = 0.0
    left: deque[float] = field(default_factory=lambda: deque([0.0] * 10, maxlen=10))

    def step(self, offered_bps: float) -> None:
        self.kernel = max(0.0, self.kernel - self.capacity_bps / 8 * STEP_S)
        self.waiting += offered_bps / 8 * STEP_S
        moved = min(self.waiting, KERNEL_BYTES - self.kernel)
        self.waiting -= moved
        self.kernel += moved
        self.left.append(moved)

    @property
    def load(self) -> LineLoad:
        return LineLoad(round(sum(self.left) * 8), round(self.waiting))


@dataclass
class Story:
    """A line, its limit, and an encoder that follows within a second."""

    line: Line
    limits: RateLimits = LIMITS
    busy: float = 1.0
    at_s: float = 0.0
    most_waiting: float = 0.0

    def __post_init__(self) -> None:
        self.rate = first_rate(self.limits, 0.0)
        self.encoded: deque[float] = deque([self.rate.rate_bps] * 10, maxlen=10)

    def run(self, seconds: float) -> list[LineRate]:
        seen = []
        for number in range(round(seconds / STEP_S)):
            self.encoded.append(self.rate.rate_bps)
            self.line.step(sum(self.encoded) / len(self.encoded) * self.busy + 128_000)
            self.at_s += STEP_S
            if number % 5 == 0:
                self.rate = next_rate(self.rate, self.line.load, self.limits, self.at_s)
                seen.append(self.rate)
            self.most_waiting = max(self.most_waiting, self.line.waiting)
        return seen


def test_a_wide_line_is_left_alone() -> None:
    story = Story(Line(8_000_000))
    assert {one.rate_bps for one in story.run(60)} == {4_000_000}


def test_a_line_that_narrows_is_followed_within_five_seconds_and_nothing_is_lost() -> None:
    story = Story(Line(8_000_000))
    story.run(5)
    story.line.capacity_bps = 1_500_000
    seen = story.run(5)
    assert 800_000 <= seen[-1].rate_bps <= 1_500_000
    settled = story.run(10)
    assert all(one.rate_bps <= 1_500_000 for one in settled)
    assert story.line.waiting < 0.3 * 1_500_000 / 8, "what had to wait is gone"
    assert story.most_waiting < 3 * 4_128_000 / 8, "pictures are left out from there on"


def test_it_comes_back_slowly_with_the_line_and_does_not_swing() -> None:
    story = Story(Line(1_500_000))
    story.run(20)
    low = story.run(60)
    assert sum(one.rate_bps for one in low) / len(low) > 1_000_000, "most of the line is used"
    falls = sum(b.rate_bps < a.rate_bps for a, b in itertools.pairwise(low))
    assert falls <= 12, "trials become rarer"
    story.line.capacity_bps = 8_000_000
    rising = story.run(90)
    rates = [one.rate_bps for one in rising]
    assert rates == sorted(rates), "nothing makes it fall on the way up"
    assert rates[-1] == 4_000_000
    assert rates[round(8 / 0.5)] < 3_000_000, "and it takes its time"


def test_it_never_falls_below_the_floor_and_says_that_the_line_is_too_slow() -> None:
    story = Story(Line(300_000))
    seen = story.run(20)
    assert min(one.rate_bps for one in seen) == 800_000
    assert seen[-1].too_slow


def test_a_line_that_stands_still_is_no_slow_line() -> None:
    story = Story(Line(8_000_000))
    story.run(5)
    story.line.capacity_bps = 0
    stopped = story.run(6)
    assert stopped[-1].rate_bps == 4_000_000, "a lower rate mends nothing while nothing gets through"


def test_a_quiet_picture_hides_a_narrow_line_only_until_it_moves() -> None:
    story = Story(Line(1_500_000), busy=0.2)
    assert story.run(20)[-1].rate_bps == 4_000_000
    story.busy = 1.0
    assert story.run(6)[-1].rate_bps <= 1_500_000


def test_a_delay_makes_it_wait_longer_with_each_step_up() -> None:
    late = RateLimits(floor_bps=800_000, ceiling_bps=4_000_000, delay_s=10.0)
    line = LineRate(1_000_000, 0.0)
    clear = LineLoad(1_000_000, 0)
    assert next_rate(line, clear, LIMITS, 5.0).rate_bps > 1_000_000
    assert next_rate(line, clear, late, 13.0).rate_bps == 1_000_000
    assert next_rate(line, clear, late, 14.5).rate_bps > 1_000_000


def test_the_slowest_line_on_air_decides_between_floor_and_ceiling() -> None:
    slow, wide = LineRate(1_200_000, 0.0), LineRate(4_000_000, 0.0)
    assert air_rate_bps([slow, wide], LIMITS) == 1_200_000
    assert air_rate_bps([wide], LIMITS) == 4_000_000
    assert air_rate_bps([], LIMITS) == 4_000_000
    assert air_rate_bps([LineRate(500_000, 0.0)], LIMITS) == 800_000


def test_a_ceiling_that_is_lowered_counts_at_once() -> None:
    lower = RateLimits(floor_bps=800_000, ceiling_bps=2_000_000)
    assert next_rate(LineRate(4_000_000, 0.0), LineLoad(4_000_000, 0), lower, 1.0).rate_bps == 2_000_000
