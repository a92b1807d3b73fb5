"""Is a livestream really flowing? Decided from byte counts alone, without any network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STALL_S = 3.0
DEAD_S = 6.0
PROGRESS_BYTES = 4096
"""Less growth than this is no progress: pings and retransmissions must not pass for a stream."""
ACK_SLACK_BYTES = 196_608
"""Unacknowledged bytes that are normal: two acknowledgement windows and a send buffer's worth under way."""


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
