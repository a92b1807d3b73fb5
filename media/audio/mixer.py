"""The mixer: one tick makes PROGRAM, HALL and the mix-minuses from the blocks of the feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.audio.jitter import PROGRAM_DELAY_US, SILENT_DB, BlockSource, JitterBuffer
from media.audio.limiter import Limiter
from media.audio.mixplan import RINGS, SPEECH_DB, MixPlan, PlanFeed, Role, plan_mix
from media.bus.layout import BLOCK_SAMPLES

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]

RAMP_SAMPLES = 480
"""A gain changes over 10 ms: short enough for a mute, long enough not to click."""
OPEN_HOLD_US = 100_000
"""A microphone that opens is mixed this much later, when its owner has been given his mix-minus: else he
would hear himself in SHARED until then."""

_RAMP = (np.arange(RAMP_SAMPLES, dtype=np.float32) + 1) / RAMP_SAMPLES


@dataclass(frozen=True, slots=True)
class MixInput:
    """A feed as the engine wants it mixed."""

    segment: str
    """Bus segment of its sound."""
    slot: int
    gain: float = 1.0
    audible: bool = True
    """Open and not muted."""
    role: Role = "participant"


@dataclass(frozen=True, slots=True)
class MixBlocks:
    """What one tick made; all blocks are int16 of shape (960,) and limited."""

    stamp_us: int
    """Capture time on the bus clock of the first sample of every block."""
    program: I16
    hall: I16
    minus: dict[int, I16]
    """Ring number -> PROGRAM without the ring's owner. SHARED is the same as PROGRAM."""
    plan: MixPlan


class _Feed:
    """One input with its playout, its gain and when it was last heard to speak."""

    def __init__(self, wanted: MixInput, source: BlockSource) -> None:
        self.wanted = wanted
        self.buffer = JitterBuffer(source)
        self.gain = 0.0
        self.open_us: int | None = None
        self.spoke_us = 0
        self.leaving = False

    def pull(self, now_us: int, target: float) -> F32 | None:
        """The feed's block with its gain, ramped where that changes; None for silence."""
        block = self.buffer.pull(now_us)
        if self.buffer.level_db > SPEECH_DB:
            self.spoke_us = now_us
        before, self.gain = self.gain, target
        if block is None or before == target == 0.0:
            return None
        if before == target:
            return block if target == 1.0 else block * np.float32(target)
        gains = np.full(BLOCK_SAMPLES, target, np.float32)
        gains[:RAMP_SAMPLES] = before + (target - before) * _RAMP
        ramped: F32 = block * gains
        return ramped

    @property
    def open(self) -> bool:
        """Whether it is to be heard."""
        return self.wanted.audible and self.wanted.gain > 0.0 and not self.leaving

    def note_open(self, now_us: int) -> None:
        """Remember since when it is open."""
        if not self.open:
            self.open_us = None
        elif self.open_us is None:
            self.open_us = now_us

    def held(self, now_us: int) -> bool:
        """Whether it opened too lately to be mixed yet."""
        if self.wanted.role != "participant":
            return False
        return self.open_us is None or now_us - self.open_us < OPEN_HOLD_US


class Mixer:
    """Mixes what `set_inputs` names; not thread-safe (`MixerThread` is). Pure but for its block sources.

    ``open_source(segment, slot)`` gives the blocks of a ring.
    """

    def __init__(self, open_source: Callable[[str, int], BlockSource]) -> None:
        self._open_source = open_source
        self._feeds: dict[str, _Feed] = {}
        self._live: dict[str, _Feed] = {}
        """Those that are open or still fading out: the only ones a tick has to look at."""
        self._hall_muted = False
        self._program, self._hall = Limiter(), Limiter()
        self._minus = [Limiter() for _ in range(RINGS)]
        self.plan = MixPlan()

    def set_inputs(self, inputs: Mapping[str, MixInput], hall_muted: bool = False) -> None:
        """Declare the whole set of inputs; who is not in it any more is faded out and dropped."""
        self._hall_muted = hall_muted
        for name, wanted in inputs.items():
            feed = self._feeds.get(name)
            if feed is None or (feed.wanted.segment, feed.wanted.slot) != (wanted.segment, wanted.slot):
                self._feeds[name] = _Feed(wanted, self._open_source(wanted.segment, wanted.slot))
            else:
                feed.wanted, feed.leaving = wanted, False
        for name, feed in self._feeds.items():
            feed.leaving = name not in inputs
        self._live = {name: feed for name, feed in self._feeds.items() if feed.open or feed.gain}
        for name in [name for name, feed in self._feeds.items() if feed.leaving and not feed.gain]:
            del self._feeds[name]

    def tick(self, now_us: int) -> MixBlocks:
        """Mix the 20 ms that are due at bus time ``now_us``; once for each tick of a regular schedule."""
        self.plan = plan = plan_mix(self._plan_feeds(now_us), self._hall_muted, self.plan, now_us)
        blocks = self._pull(plan, now_us)
        program, hall = np.zeros(BLOCK_SAMPLES, np.float32), np.zeros(BLOCK_SAMPLES, np.float32)
        for name, block in blocks.items():
            program += block
            if self._feeds[name].wanted.role != "hall":
                hall += block
        self._drop_closed()
        return MixBlocks(
            stamp_us=now_us - PROGRAM_DELAY_US,
            program=self._program.limit(program),
            hall=self._hall.limit(hall),
            minus={ring: self._without(ring, name, program, blocks) for ring, name in plan.minus.items()},
            plan=plan,
        )

    def _without(self, ring: int, name: str, program: F32, blocks: Mapping[str, F32]) -> I16:
        own = blocks.get(name)
        return self._minus[ring].limit(program if own is None else program - own)

    def _plan_feeds(self, now_us: int) -> dict[str, PlanFeed]:
        for feed in self._live.values():
            feed.note_open(now_us)
        return {
            name: PlanFeed(feed.wanted.role, feed.open, feed.spoke_us) for name, feed in self._live.items()
        }

    def _pull(self, plan: MixPlan, now_us: int) -> dict[str, F32]:
        blocks = {}
        for name, feed in self._live.items():
            heard = name in plan.program and not feed.held(now_us)
            block = feed.pull(now_us, feed.wanted.gain if heard else 0.0)
            if block is not None:
                blocks[name] = block
        return blocks

    def _drop_closed(self) -> None:
        closed = [name for name, feed in self._live.items() if not feed.open and not feed.gain]
        for name in closed:
            feed = self._live.pop(name)
            feed.buffer.rest()
            if feed.leaving:
                del self._feeds[name]

    def figures(self) -> dict[str, dict[str, float | int]]:
        """Counters of each feed: level, delay, blocks, concealed, late, skipped, splices, restarts."""
        return {name: _feed_figures(feed) for name, feed in self._feeds.items()}


def _feed_figures(feed: _Feed) -> dict[str, float | int]:
    counted = feed.buffer.figures
    return {
        "level_db": round(feed.buffer.level_db, 1) if feed.gain else SILENT_DB,
        "delay_ms": feed.buffer.delay_us // 1000,
        "blocks": counted.blocks,
        "concealed": counted.concealed,
        "late": counted.late,
        "skipped": counted.skipped,
        "splices": counted.splices,
        "restarts": counted.restarts,
    }
