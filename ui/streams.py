"""What a livestream does right now, from what was decided and what its publisher measured."""

from __future__ import annotations

from operator_console.session.model import Livestream
from ui.causes import Family, Wording, worded
from ui.observations import CauseSeen, StreamSeen

STALLED = "stalled"
"""Both the line of a livestream that stands still and the code of that cause."""
NARROW = "narrow"
"""Both the line of a livestream whose pictures do not get through and the code of that cause."""


SLOW_SHARE, STUTTER_SHARE = 0.9, 0.7
"""Of the pictures a second that are asked for: fewer is late, far fewer is seen by everybody."""


def pace(fps: float, wanted_fps: int) -> str:
    """How the encoder keeps up: empty, warn or bad. Zero is before the first picture."""
    if not 0 < fps < SLOW_SHARE * wanted_fps:
        return ""
    return "warn" if fps >= STUTTER_SHARE * wanted_fps else "bad"


FLOWING = ("", "live")
"""Lines on which a stream that is on air flows; nothing where no publisher measures it."""


def flows(stream: Livestream, seen: StreamSeen | None) -> bool:
    """Whether the destination takes the stream at this moment.

    The fact that it was lost comes later than the observation, by as long as the journal takes.
    """
    return stream.on_air and (seen is None or seen.line in FLOWING)


def stalls(stream: Livestream, seen: StreamSeen | None) -> bool:
    """Whether its connection stands but nothing, or no picture, gets through."""
    return seen is not None and (seen.line == NARROW or (stream.on_air and seen.line == STALLED))


def why(stream: Livestream, seen: StreamSeen | None) -> Wording:
    """Why it does not flow, in words; empty where it does, or where it has only begun."""
    if flows(stream, seen):
        return Wording()
    if seen is not None and stalls(stream, seen):
        return worded(Family.LIVESTREAM, CauseSeen(code=NARROW if seen.code == NARROW else STALLED))
    return worded(Family.LIVESTREAM, seen, stream)
