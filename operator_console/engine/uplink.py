"""What is given up where the office's line cannot carry everything: a fixed order, decided without any I/O.

First the tiles that offices send (in most offices one line carries both ways), then the program that goes
back to them: a lower rate, then sound alone for some, but for no more than half; then the livestream's rate,
down to the floor that the recording keeps; at last sound alone for all. Never sound, never the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

SPARE = 0.9
"""Of the line: the rest is for everything else in the office."""
SOUND_BPS = 45_000
"""To one participant, with all headers."""
OVERHEAD = 1.08
"""RTP, UDP and IP headers on top of RETURN."""
RETURN_SHARES = (0.6, 0.4)
RETURN_LEAST_BPS = 150_000
TILE_SHARE = 0.5
LOSSY_PERCENT = 5.0
LOSSY_SHARE = 0.5
"""Of the participants: one lossy link is his own line, half of them are ours."""
LOSSY_LEAST = 3
WORSE_S, BETTER_S = 4.0, 30.0


@dataclass(frozen=True, slots=True)
class Demand:
    """What would be sent if the line carried everything."""

    receivers: int
    streams: int
    return_bps: int
    air_bps: int
    floor_bps: int
    air_sound_bps: int = 128_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent."""

    level: int
    """How far down the order: 0 nothing is given up."""
    tile_share: float
    return_bps: int
    pictures: int
    """So many participants get the program's picture, the others its sound."""
    air_bps: int

    def need_bps(self, demand: Demand) -> int:
        """What this sends."""
        back = demand.receivers * SOUND_BPS + round(self.pictures * self.return_bps * OVERHEAD)
        return back + demand.streams * (self.air_bps + demand.air_sound_bps)


def whole(demand: Demand) -> Plan:
    """Nothing is given up."""
    return Plan(0, 1.0, demand.return_bps, demand.receivers, demand.air_bps)


def ladder(demand: Demand) -> list[Plan]:
    """The steps in their order, each with all those before it."""
    plans = [whole(demand)]
    plans.append(replace(plans[-1], level=1, tile_share=TILE_SHARE))
    for share in RETURN_SHARES:
        least = min(demand.return_bps, RETURN_LEAST_BPS)
        rate = max(least, round(demand.return_bps * share))
        plans.append(replace(plans[-1], level=len(plans), return_bps=rate))
    half = -(-demand.receivers // 2)
    plans.append(replace(plans[-1], level=4, pictures=half))
    # Without a stream the program's rate is the recording's alone: less of it saves nothing on the line.
    floor = min(demand.floor_bps, demand.air_bps) if demand.streams else demand.air_bps
    plans.append(replace(plans[-1], level=5, air_bps=floor))
    plans.append(replace(plans[-1], level=6, pictures=0))
    return plans


def for_budget(demand: Demand, budget_bps: int) -> Plan:
    """The least that has to be given up for a line of this rate; within a step as little of it as fits."""
    room_bps = round(budget_bps * SPARE)
    before = whole(demand)
    for plan in ladder(demand):
        if plan.need_bps(demand) <= room_bps:
            return _finer(before, plan, demand, room_bps)
        before = plan
    return before


def _finer(before: Plan, plan: Plan, demand: Demand, room_bps: int) -> Plan:
    """As many pictures, or as much of the stream's rate, as fit between two steps."""
    left_bps = room_bps - plan.need_bps(demand)
    if before.pictures > plan.pictures:
        more = int(left_bps / (plan.return_bps * OVERHEAD))
        return replace(plan, pictures=min(before.pictures, plan.pictures + more))
    if before.air_bps > plan.air_bps and demand.streams:
        return replace(plan, air_bps=min(before.air_bps, plan.air_bps + left_bps // demand.streams))
    return plan


@dataclass(frozen=True, slots=True)
class LossWatch:
    """Where nobody has said what the line carries: how far down the order losses have led, and since when."""

    level: int = 0
    since_s: float = 0.0
    lossy_s: float = -1e9
    """When it was lossy last."""


def lossy(loss_percents: list[float]) -> bool:
    """Whether so many participants lose what we send that it must be our own line."""
    bad = sum(percent > LOSSY_PERCENT for percent in loss_percents)
    return bad >= LOSSY_LEAST and bad >= LOSSY_SHARE * len(loss_percents)


def watch(state: LossWatch, is_lossy: bool, levels: int, at_s: float) -> LossWatch:
    """Take a look, about once a second: a step down the order soon, a step back up late."""
    if is_lossy:
        state = replace(state, lossy_s=at_s)
        if state.level + 1 < levels and at_s - state.since_s >= WORSE_S:
            return replace(state, level=state.level + 1, since_s=at_s)
        return state
    if state.level and at_s - max(state.since_s, state.lossy_s) >= BETTER_S:
        return replace(state, level=state.level - 1, since_s=at_s)
    return state


def without_picture(order: list[str], pictures: int, kept: set[str]) -> set[str]:
    """Who gets sound alone: of those in the order of their seats the last ones, `kept` after them."""
    first = sorted(order, key=lambda one: one not in kept)
    return set(first[max(0, pictures) :])
