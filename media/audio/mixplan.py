"""Decides who is in which mix and who gets a mix-minus of his own; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["participant", "hall", "media"]

RINGS = 8
"""Mix-minus renditions made at most: each costs an Opus encoder (note audio, section 9)."""
SPEECH_DB = -45.0
"""A block louder than this counts as speech when rings are short."""
SPEAKING_US = 1_000_000
"""Somebody without a ring who spoke within this time may take one..."""
SILENT_US = 3_000_000
"""...from somebody who has been silent for this long."""


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

    ``program``: PROGRAM and SHARED (participants, hall microphones, media). ``hall``: the loudspeakers of the
    hall (all but its own microphones). ``minus``: ring number -> the feed that does not hear himself there.
    """

    program: frozenset[str] = frozenset()
    hall: frozenset[str] = frozenset()
    minus: Mapping[int, str] = field(default_factory=dict)

    @property
    def own(self) -> dict[str, int]:
        """Feed -> the number of the ring that is made for him; who is not in it hears SHARED."""
        return {feed: ring for ring, feed in self.minus.items()}


def plan_mix(feeds: Mapping[str, PlanFeed], hall_muted: bool, previous: MixPlan, now_us: int) -> MixPlan:
    """Return the plan for the next tick; a participant keeps his ring for as long as he is open.

    With more than `RINGS` open microphones those who spoke last have the rings; a ring changes hands only
    from somebody long silent to somebody who speaks, the others hear SHARED.
    """
    heard = {
        name for name, feed in feeds.items() if feed.audible and not (hall_muted and feed.role == "hall")
    }
    hall = {name for name in heard if feeds[name].role != "hall"}
    speakers = {name for name in heard if feeds[name].role == "participant"}
    minus = {ring: name for ring, name in previous.minus.items() if name in speakers}
    waiting = sorted(speakers - set(minus.values()), key=lambda name: (-feeds[name].spoke_us, name))
    free = [ring for ring in range(RINGS) if ring not in minus]
    minus |= dict(zip(free, waiting, strict=False))
    for name in waiting[len(free) :]:
        ring_taken = _ring_to_take(name, minus, feeds, now_us)
        if ring_taken is None:
            break
        minus[ring_taken] = name
    return MixPlan(frozenset(heard), frozenset(hall), minus)


def _ring_to_take(
    name: str, minus: Mapping[int, str], feeds: Mapping[str, PlanFeed], now_us: int
) -> int | None:
    if now_us - feeds[name].spoke_us > SPEAKING_US:
        return None
    ring = min(minus, key=lambda r: feeds[minus[r]].spoke_us)
    return ring if now_us - feeds[minus[ring]].spoke_us > SILENT_US else None
