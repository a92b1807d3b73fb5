"""What rate a livestream's line allows: down at once with what it carried, up slowly, trying. Pure.

The picture is encoded once for the recording and all destinations. Each destination's line has its own
limit; the encoder is given the lowest of those that are on air, but never less than a floor: a line that does
not carry even that loses pictures (`DropGate`) instead of taking the recording's quality with it.

Judged by what waits in this program and by what left it meanwhile: while something waits the line is full,
and what leaves is what it carries. Acknowledgements are no measure: some servers send one in several seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

FULL_S, CLEAR_S = 0.5, 0.15
"""Waiting time (at the present rate) from which a line counts as full, and below which as free. A key picture
of the program alone makes up to 0.3 s."""
SHARE = 0.9
"""Of what a full line carried: what it is given afterwards."""
CLEAR_WITHIN_S = 4.0
"""What waits is to be gone after so long: the public sees the program that much late."""
LEAST_SHARE = 0.5
STANDSTILL = 0.05
"""Of the present rate: a line that carries less stands still, which a lower rate does not mend."""
UP = 1.15
KNOWN_UP_S, TRY_UP_S, TRY_UP_MAX_S = 1.0, 4.0, 32.0
"""Time between two steps up: within what the line is known to carry, and beyond, where each one is a trial. A
trial that fails doubles the second."""
TRIAL_S = 6.0
"""A line that is full so soon after a step up could not carry that step."""


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Between what a rate may move (picture alone), what is sent besides, and how late the line gets it."""

    floor_bps: int
    ceiling_bps: int
    sound_bps: int = 128_000
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class LineLoad:
    """What is seen of a line."""

    carried_bps: int
    """What left over the last second."""
    waiting_bytes: int


@dataclass(frozen=True, slots=True)
class LineRate:
    """The limit of one line and what has to be remembered about it."""

    rate_bps: int
    changed_s: float
    known_bps: int = 0
    """What the line carried when it was full last; 0: never seen full."""
    try_s: float = TRY_UP_S
    tried_s: float = -1e9
    full: bool = False
    before_bps: int = 0
    """The rate at which it became full."""
    too_slow: bool = False
    """Full even at the floor: pictures are being left out."""


def first_rate(limits: RateLimits, at_s: float) -> LineRate:
    """The limit of a line that nothing is known of: none."""
    return LineRate(limits.ceiling_bps, at_s)


def next_rate(line: LineRate, load: LineLoad, limits: RateLimits, at_s: float) -> LineRate:
    """Take a new look at a line that is on air; called about twice a second."""
    line = replace(line, rate_bps=_within(line.rate_bps, limits))
    sent_bps = line.rate_bps + limits.sound_bps
    waiting_s = load.waiting_bytes * 8 / sent_bps
    if waiting_s > FULL_S:
        if load.carried_bps < STANDSTILL * sent_bps:
            return replace(line, full=True, rate_bps=_within(line.before_bps or line.rate_bps, limits))
        return _down(line, load, limits, at_s)
    if waiting_s > CLEAR_S:
        return line
    return _up(replace(line, full=False, before_bps=0, too_slow=False), limits, at_s)


def _within(rate_bps: float, limits: RateLimits) -> int:
    return round(max(min(limits.floor_bps, limits.ceiling_bps), min(limits.ceiling_bps, rate_bps)))


def _down(line: LineRate, load: LineLoad, limits: RateLimits, at_s: float) -> LineRate:
    wanted_bps = SHARE * load.carried_bps
    if limits.delay_s < CLEAR_WITHIN_S:  # what a longer delay holds back was encoded before any step
        wanted_bps -= load.waiting_bytes * 8 / CLEAR_WITHIN_S
    wanted_bps = max(wanted_bps, LEAST_SHARE * load.carried_bps) - limits.sound_bps
    rate_bps = min(line.rate_bps, _within(wanted_bps, limits))
    failed = not line.full and at_s - line.tried_s < TRIAL_S + limits.delay_s
    return LineRate(
        rate_bps=rate_bps,
        changed_s=at_s,
        # A full send buffer empties in pieces of 128 kB: one second says 1, the next 2 Mb/s of a line of 1.5.
        known_bps=(line.known_bps + load.carried_bps) // 2 if line.full else load.carried_bps,
        try_s=min(TRY_UP_MAX_S, line.try_s * 2) if failed else line.try_s,
        tried_s=line.tried_s,
        full=True,
        before_bps=line.before_bps if line.full else line.rate_bps,
        too_slow=line.full and rate_bps <= limits.floor_bps and wanted_bps < limits.floor_bps,
    )


def _up(line: LineRate, limits: RateLimits, at_s: float) -> LineRate:
    if line.rate_bps >= limits.ceiling_bps:
        return line
    higher_bps = _within(line.rate_bps * UP, limits)
    known = higher_bps + limits.sound_bps <= SHARE * line.known_bps
    if at_s - line.changed_s < (KNOWN_UP_S if known else line.try_s) + limits.delay_s:
        return line
    held = not known and at_s - line.tried_s < 3 * line.try_s  # the trial before this one was good
    return replace(
        line,
        rate_bps=higher_bps,
        changed_s=at_s,
        tried_s=line.tried_s if known else at_s,
        try_s=max(TRY_UP_S, line.try_s / 2) if held else line.try_s,
    )


def air_rate_bps(lines: Iterable[LineRate], limits: RateLimits) -> int:
    """The encoder's rate for the lines that are on air."""
    return _within(min((line.rate_bps for line in lines), default=limits.ceiling_bps), limits)
