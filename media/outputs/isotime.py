"""Times and damage of an isolated recording: steady stamps true to the clock, and marks; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

STRAY_US = 40_000
"""Beyond this a sender's own count is put right by the clock: lips and voice would come apart."""
STEP_LEAST_US = 1000
"""The file counts milliseconds and must never stand still."""
SET_BACK_US = 1_000_000
"""A sender that is ahead by more began anew; by less he is slowed down, for sound cannot go back."""
MERGE_US = 5_000_000
MARKS_MAX = 500
PAUSE_US = 2_000_000
"""Nothing for so long without a loss: the camera was off or the connection away."""


class SteadyTime:
    """Bus time of the packets of one stream: spaced as their sender counted, never far from the clock.

    Capture stamps move by milliseconds whenever a quicker packet is found, which a player shows as jitter.
    """

    def __init__(self, clock_hz: int) -> None:
        self._clock_hz = clock_hz
        self._base: tuple[int, int] | None = None
        self._last_us = -(1 << 62)

    def at_us(self, rtp_ts: int, stamp_us: int) -> int:
        """Time of a packet with this RTP time stamp that was captured at `stamp_us`; always later."""
        at_us = self._counted_us(rtp_ts, stamp_us)
        self._last_us = max(at_us, self._last_us + STEP_LEAST_US)
        return self._last_us

    def _counted_us(self, rtp_ts: int, stamp_us: int) -> int:
        if self._base is not None:
            steps = ((rtp_ts - self._base[1] + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            at_us = self._base[0] + steps * 1_000_000 // self._clock_hz
            ahead_us = at_us - stamp_us
            if -STRAY_US <= ahead_us <= STRAY_US:
                if steps > 1 << 30:
                    self._base = (at_us, rtp_ts)
                return at_us
            if 0 < ahead_us < SET_BACK_US and at_us > self._last_us:
                at_us -= (at_us - self._last_us) // 8
                self._base = (at_us, rtp_ts)
                return at_us
        self._base = (stamp_us, rtp_ts)
        return stamp_us


class MarkKind(StrEnum):
    """Why pictures are missing."""

    LOST = "lost"
    """On the way from the sender."""
    DROPPED = "dropped"
    """Here: the disk was too slow."""
    PAUSE = "pause"
    """None came: camera off, or not connected."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file where pictures are missing, in file time."""

    kind: MarkKind
    at_us: int
    lost_us: int
    """How long no picture stands there."""
    count: int = 1
    end_us: int = 0


class MarkList:
    """The marks of one file: what follows within five seconds is one, and there are never too many."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.lost_us = 0
        self.count = 0

    def add(self, kind: MarkKind, begin_us: int, end_us: int) -> None:
        """Note that no picture stands between two times of the file; it may begin in the file before."""
        lost_us = max(0, end_us - begin_us)
        self.count += 1
        self.lost_us += lost_us
        last = self.marks[-1] if self.marks else None
        near = last is not None and last.kind is kind and begin_us - last.end_us < MERGE_US
        if last is not None and (near or len(self.marks) >= MARKS_MAX):
            self.marks[-1] = replace(
                last, lost_us=last.lost_us + lost_us, count=last.count + 1, end_us=max(last.end_us, end_us)
            )
            return
        self.marks.append(Mark(kind, max(0, begin_us), lost_us, 1, end_us))


def gap_kind(breaks: bool, drops: bool, gap_us: int) -> MarkKind | None:
    """What is to be marked before a picture: `breaks` a loss in the stream, `drops` one of ours."""
    if drops:
        return MarkKind.DROPPED
    if breaks:
        return MarkKind.LOST
    return MarkKind.PAUSE if gap_us > PAUSE_US else None


WORDS = {
    "id": {
        MarkKind.LOST: "Gambar hilang di jaringan {s} dtk",
        MarkKind.DROPPED: "Gambar hilang karena diska lambat {s} dtk",
        MarkKind.PAUSE: "Tidak ada gambar {s} dtk",
    },
    "en": {
        MarkKind.LOST: "Picture lost on the network {s} s",
        MarkKind.DROPPED: "Picture lost, disk too slow {s} s",
        MarkKind.PAUSE: "No picture {s} s",
    },
}
BEGIN_WORD = {"id": "Awal", "en": "Begin"}
GOES_ON_WORD = {"id": "Berlanjut", "en": "Goes on"}


def mark_title(mark: Mark, language: str) -> str:
    """What a player shows of a mark."""
    seconds = f"{mark.lost_us / 1e6:.1f}"
    if language == "id":
        seconds = seconds.replace(".", ",")
    return WORDS[language][mark.kind].format(s=seconds)
