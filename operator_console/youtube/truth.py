"""Whether YouTube says what we say: a pure decision, asked at least once a second."""

from __future__ import annotations

from dataclasses import dataclass

from operator_console.session.codes import TruthCode

ALARM_US = 15_000_000
START_ALARM_US = 30_000_000
"""Until a broadcast was live for the first time: YouTube takes 5 to 20 s to see a new stream."""
FRESH_US = 60_000_000
"""What YouTube said longer ago says nothing about now."""

ARRIVING = frozenset({"active"})
NO_STREAM = frozenset({"inactive", "error", "ready", "created"})
NO_DATA = frozenset({"noData", "revoked"})


@dataclass(frozen=True, slots=True)
class Said:
    """What YouTube answered last, and when (bus clock)."""

    stream: str
    health: str
    public: bool
    at_us: int


@dataclass(frozen=True, slots=True)
class Truth:
    """Whether both agree; `alarm` once they have not for too long."""

    code: TruthCode | None = None
    since_us: int = 0
    alarm: bool = False


def difference(sending: bool, said: Said) -> TruthCode | None:
    """How YouTube's words differ from ours: `sending` is whether the line takes our stream right now."""
    if not sending:
        arrives = said.stream in ARRIVING and said.health not in NO_DATA
        return TruthCode.STILL_ARRIVING if arrives else None
    if said.stream in NO_STREAM or said.health in NO_DATA:
        return TruthCode.NOT_ARRIVING
    if said.health == "bad":
        return TruthCode.BAD_HEALTH
    return None if said.public else TruthCode.NOT_PUBLIC


def judge(before: Truth, sending: bool, said: Said | None, now_us: int, *, limit_us: int) -> Truth:
    """Follow a difference from its first moment, to the alarm after `limit_us`.

    One that began with us raises none before YouTube has been heard again.
    Without a fresh word of YouTube nothing new is claimed: what was known stays.
    """
    if said is None or now_us - said.at_us > FRESH_US:
        return before
    code = difference(sending, said)
    if code is None:
        return Truth()
    since_us = before.since_us if before.code is not None else now_us
    heard_again = said.at_us >= since_us
    alarm = before.alarm or (heard_again and now_us - since_us >= limit_us)
    return Truth(code, since_us, alarm)
