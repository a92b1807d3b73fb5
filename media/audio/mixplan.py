"""Decides who is in which mix and who gets a mix-minus of his own; pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["participant", "hall", "media", "operator"]

RINGS = 8
"""Mix-minus renditions made at most: each costs an Opus encoder (about 130 us of a core in each 20 ms)."""
SPEECH_DB = -45.0
"""A block louder than this counts as speech when rings are short."""
SPEAKING_US = 1_000_000
"""Somebody without a ring who spoke within this time may take one..."""
SILENT_US = 3_000_000
"""...from somebody who has been silent for this long."""
REST_US = 200_000
"""A ring that carried the operator's voice is given to nobody for this long: who is given it next may be told
so before the last of that voice has been sent."""


@dataclass(frozen=True, slots=True)
class PlanFeed:
    """What the plan has to know of one feed."""

    role: Role
    audible: bool
    """Open and not muted."""
    spoke_us: int = 0
    """Bus time of his last block above `SPEECH_DB`."""


@dataclass(frozen=True, slots=True)
class MixPlan:
    """Who is summed into what.

    ``program``: PROGRAM and SHARED (participants, hall microphones, media); the hall's loudspeakers get the
    same without the hall's own microphones. ``minus``: ring number -> the feed that does not hear himself
    there. ``talkback``: the participant whose ring, and nobody else's, carries the operator's voice.
    ``resting``: ring number -> bus time before which nobody is given it.
    """

    program: frozenset[str] = frozenset()
    minus: Mapping[int, str] = field(default_factory=dict)
    talkback: str = ""
    resting: Mapping[int, int] = field(default_factory=dict)

    @property
    def own(self) -> dict[str, int]:
        """Feed -> the number of the ring that is made for him; who is not in it hears SHARED."""
        return {feed: ring for ring, feed in self.minus.items()}


def plan_mix(feeds: Mapping[str, PlanFeed], previous: MixPlan, now_us: int, talkback: str = "") -> MixPlan:
    """Return the plan for the next tick; a participant keeps his ring for as long as he is open.

    With more than `RINGS` open microphones those who spoke last have the rings; a ring changes hands only
    from somebody long silent to somebody who speaks, the others hear SHARED. Whom the operator speaks to
    (``talkback``) has a ring in any case, open or not.
    """
    heard = {name for name, feed in feeds.items() if feed.audible and feed.role != "operator"}
    speakers = {name for name in heard if feeds[name].role == "participant"}
    wanted = speakers | ({talkback} if talkback else set())
    resting = _resting(previous, wanted, now_us)
    minus = {ring: name for ring, name in previous.minus.items() if name in wanted}
    free = [ring for ring in range(RINGS) if ring not in minus and ring not in resting]
    waiting = sorted(
        wanted - set(minus.values()),
        key=lambda name: (name != talkback, -_spoke_us(feeds, name), name),
    )
    minus |= dict(zip(free, waiting, strict=False))
    for name in waiting[len(free) :]:
        ring_taken = _ring_to_take(name, minus, feeds, now_us, talkback)
        if ring_taken is None:
            break
        minus[ring_taken] = name
    return MixPlan(frozenset(heard), minus, talkback, resting)


def _resting(previous: MixPlan, wanted: Set[str], now_us: int) -> dict[int, int]:
    resting = {ring: until_us for ring, until_us in previous.resting.items() if until_us > now_us}
    ring = previous.own.get(previous.talkback)
    if ring is not None and previous.talkback not in wanted:
        resting[ring] = now_us + REST_US
    return resting


def _spoke_us(feeds: Mapping[str, PlanFeed], name: str) -> int:
    feed = feeds.get(name)
    return feed.spoke_us if feed is not None else 0


def _ring_to_take(
    name: str, minus: Mapping[int, str], feeds: Mapping[str, PlanFeed], now_us: int, talkback: str
) -> int | None:
    if name != talkback and now_us - feeds[name].spoke_us > SPEAKING_US:
        return None
    takeable = [ring for ring, owner in minus.items() if owner != talkback]
    if not takeable:
        return None
    ring = min(takeable, key=lambda r: _spoke_us(feeds, minus[r]))
    silent = now_us - _spoke_us(feeds, minus[ring]) > SILENT_US
    return ring if silent or name == talkback else None
