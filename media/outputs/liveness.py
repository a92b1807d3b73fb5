"""Is a livestream really flowing, and do its pictures? Decided from counts alone, without any network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STALL_S = 3.0
DEAD_S = 6.0
PROGRESS_BYTES = 4096
"""Less growth than this is no progress: pings and retransmissions must not pass for a stream."""
ACK_SLACK_BYTES = 196_608
"""Unacknowledged bytes that are normal: two acknowledgement windows and a send buffer's worth under way."""

SQUEEZED_S, SHUT_S = 8.0, 15.0
"""Without a picture for so long a line is too narrow for them, and after the second as good as lost. By the
drop rule, 4 Mb/s and a floor of 1.5, a line of 1 Mb/s takes none for up to 7.4 s now and then, one of 600
kb/s for 13.5 s each time, one of 100 kb/s none any more."""
CLEARED_SHARE, STEADY_S = 0.25, 30.0
"""It is wide enough again when only so much waits (of the drop rule's limit), or after so long without such a
gap. The rule opens at half: a line that takes pictures for some seconds only to stop again must not go to and
fro."""


class Liveness(StrEnum):
    """What the counters say."""

    FLOWING = "flowing"
    STALLED = "stalled"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class LineSample:
    """Counters of one connection at one time."""

    at_s: float
    written_bytes: int
    backlog_bytes: int
    acked_bytes: int = 0
    acks: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """The last times at which bytes were seen to get on."""

    sent_bytes: int
    sent_s: float
    acked_bytes: int
    acked_s: float


def first_progress(sample: LineSample) -> Progress:
    """The state of a connection that has just been made."""
    return Progress(sample.written_bytes - sample.backlog_bytes, sample.at_s, sample.acked_bytes, sample.at_s)


def follow(progress: Progress, sample: LineSample) -> Progress:
    """Take a new sample into account."""
    sent = sample.written_bytes - sample.backlog_bytes
    sent_s, acked_s = progress.sent_s, progress.acked_s
    # Nothing waiting means that the line took all there was, be it little.
    if sent - progress.sent_bytes > PROGRESS_BYTES or sample.backlog_bytes == 0:
        sent_s = sample.at_s
    else:
        sent = progress.sent_bytes
    if sample.acked_bytes > progress.acked_bytes or sent - sample.acked_bytes <= ACK_SLACK_BYTES:
        acked_s = sample.at_s
    return Progress(sent, sent_s, sample.acked_bytes, acked_s)


def evaluate(
    progress: Progress, sample: LineSample, stall_s: float = STALL_S, dead_s: float = DEAD_S
) -> Liveness:
    """Judge a connection by the server's acknowledgements, else by what leaves the buffer."""
    acknowledges = sample.acks >= 2
    idle_s = sample.at_s - (min(progress.acked_s, progress.sent_s) if acknowledges else progress.sent_s)
    if idle_s >= dead_s:
        return Liveness.DEAD
    return Liveness.STALLED if idle_s >= stall_s else Liveness.FLOWING


class Passage(StrEnum):
    """Whether a line takes the pictures that it is offered."""

    FREE = "free"
    SQUEEZED = "squeezed"
    SHUT = "shut"


def next_passage(before: Passage, *, closed: bool, idle_s: float, steady_s: float, waiting: float) -> Passage:
    """Look at a line's drop rule: whether it is `closed`, how long no picture was taken, since when there was
    no gap of SQUEEZED_S, and how much waits (share of its limit). For `evaluate` sound alone is enough.
    """
    if closed and idle_s > SHUT_S:
        return Passage.SHUT
    if closed and idle_s > SQUEEZED_S:
        return before if before is Passage.SHUT else Passage.SQUEEZED
    if steady_s > STEADY_S or (not closed and waiting <= CLEARED_SHARE):
        return Passage.FREE
    return before
