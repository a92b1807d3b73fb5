"""The mixer: one tick makes PROGRAM, SHARED, HALL and the mix-minuses from the blocks of the feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.audio.gains import Factor, Gain, SoftDuck, scaled
from media.audio.jitter import PROGRAM_DELAY_US, SILENT_DB, BlockSource, JitterBuffer
from media.audio.limiter import Limiter
from media.audio.mixplan import RINGS, SPEECH_DB, MixPlan, PlanFeed, Role, plan_mix
from media.audio.talkback import Talkback
from media.audio.tone import TestTone
from media.bus.layout import BLOCK_SAMPLES

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]

OPEN_HOLD_US = 100_000
"""A microphone that opens is mixed this much later, when its owner has been given his mix-minus: else he
would hear himself in SHARED until then."""
SAME_GAIN = 0.01
"""Limiters that differ by less than this may become one without a step that is heard."""


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
class MixDesk:
    """What is set at the mixer besides its inputs."""

    program: float = 1.0
    """Gains of the buses, 0 where muted."""
    shared: float = 1.0
    """Of the mix-minuses too."""
    hall: float = 1.0
    test_tone: bool = False
    duck_inactive: bool = False
    talkback: str = ""
    """Name of the participant to whom the inputs of role `operator` speak."""


@dataclass(frozen=True, slots=True)
class MixBlocks:
    """What one tick made; all blocks are int16 of shape (960,) and limited."""

    stamp_us: int
    """Capture time on the bus clock of the first sample of every block."""
    program: I16
    shared: I16
    """The same block as ``program`` where both buses stand alike."""
    hall: I16
    minus: dict[int, I16]
    """Ring number -> SHARED without the ring's owner."""
    plan: MixPlan


class _Feed:
    """One input with its playout, its gain and when it was last heard to speak."""

    def __init__(self, wanted: MixInput, source: BlockSource) -> None:
        self.wanted = wanted
        self.buffer = JitterBuffer(source)
        self.open_us: int | None = None
        self.spoke_us = 0
        self.leaving = False
        self._gain = Gain(0.0)
        self._duck = SoftDuck()

    @property
    def gain(self) -> float:
        """The gain that its last block ended with."""
        return self._gain.value

    def pull(self, now_us: int, target: float, duck_inactive: bool) -> F32 | None:
        """The feed's block with its gain, ramped where that changes; None for silence."""
        block = self.buffer.pull(now_us)
        if self.buffer.level_db > SPEECH_DB:
            self.spoke_us = now_us
        silent = self.gain == target == 0.0
        fader = self._gain.move(target)
        duck: Factor = 1.0
        if self.wanted.role in ("participant", "hall"):
            duck = self._duck.move(now_us, self.buffer.ahead_db(), duck_inactive)
        if block is None or silent:
            return None
        return scaled(scaled(block, fader), duck)

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


class _Bus:
    """A mixed bus: fader, then limiter."""

    def __init__(self) -> None:
        self.gain, self.limiter = Gain(), Limiter()

    def out(self, total: F32, target: float) -> I16:
        return self.limiter.limit(scaled(total, self.gain.move(target)))

    def stands_like(self, other: _Bus, own_target: float, other_target: float) -> bool:
        """Whether the same sound comes out of both."""
        gains = {self.gain.value, other.gain.value, own_target, other_target}
        return len(gains) == 1 and abs(self.limiter.gain - other.limiter.gain) < SAME_GAIN


class Mixer:
    """Mixes what `set_inputs` names; not thread-safe (`MixerThread` is). Pure but for its block sources.

    ``open_source(segment, slot)`` gives the blocks of a ring.
    """

    def __init__(self, open_source: Callable[[str, int], BlockSource]) -> None:
        self._open_source = open_source
        self._feeds: dict[str, _Feed] = {}
        self._live: dict[str, _Feed] = {}
        """Those that are open or still fading out: the only ones a tick has to look at."""
        self._desk = MixDesk()
        self._program, self._shared, self._hall = _Bus(), _Bus(), _Bus()
        self._minus = [Limiter() for _ in range(RINGS)]
        self._tone = TestTone()
        self._talkback = Talkback()
        self.plan = MixPlan()

    def set_inputs(self, inputs: Mapping[str, MixInput], desk: MixDesk | None = None) -> None:
        """Declare the whole set of inputs; who is not in it any more is faded out and dropped."""
        self._desk = desk or MixDesk()
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
        before, desk = self.plan, self._desk
        talkback = desk.talkback if desk.talkback in self._feeds else ""
        self.plan = plan = plan_mix(self._plan_feeds(now_us), before, now_us, talkback)
        self._talkback.plan(before, plan, now_us)
        blocks = self._pull(plan, now_us)
        total, hall = self._sums(blocks)
        alike = self._shared.stands_like(self._program, desk.shared, desk.program)
        program = self._program.out(total, desk.program)
        shared_factor = self._shared.gain.move(desk.shared)
        if alike:
            self._shared.limiter.gain = self._program.limiter.gain
            shared = program
        else:
            shared = self._shared.limiter.limit(scaled(total, shared_factor))
        minus = self._minuses(plan, blocks, total, shared_factor)
        self._drop_closed()
        return MixBlocks(
            stamp_us=now_us - PROGRAM_DELAY_US,
            program=program,
            shared=shared,
            hall=self._hall.out(hall, desk.hall),
            minus=minus,
            plan=plan,
        )

    def _sums(self, blocks: Mapping[str, F32]) -> tuple[F32, F32]:
        """All that is on program, and of that what the hall's loudspeakers are to play."""
        tone = self._tone.block(self._desk.test_tone)
        total = np.zeros(BLOCK_SAMPLES, np.float32) if tone is None else tone.copy()
        hall = total.copy()
        for name, block in blocks.items():
            role = self._feeds[name].wanted.role
            if role == "operator":
                continue
            total += block
            if role != "hall":
                hall += block
        return total, hall

    def _minuses(
        self, plan: MixPlan, blocks: Mapping[str, F32], total: F32, factor: Factor
    ) -> dict[int, I16]:
        operator = [name for name in blocks if self._feeds[name].wanted.role == "operator"]
        voice = blocks[operator[0]] if operator else None
        spoke_us = self._feeds[operator[0]].spoke_us if operator else 0
        made = {}
        for ring, name in plan.minus.items():
            own = blocks.get(name)
            mix = scaled(total if own is None else total - own, factor)
            mix = self._talkback.speak(name, mix, voice, spoke_us)
            made[ring] = self._minus[ring].limit(mix)
        return made

    def _plan_feeds(self, now_us: int) -> dict[str, PlanFeed]:
        for feed in self._live.values():
            feed.note_open(now_us)
        return {
            name: PlanFeed(feed.wanted.role, feed.open, feed.spoke_us) for name, feed in self._live.items()
        }

    def _pull(self, plan: MixPlan, now_us: int) -> dict[str, F32]:
        blocks = {}
        for name, feed in self._live.items():
            heard = feed.open and not feed.held(now_us)
            block = feed.pull(now_us, feed.wanted.gain if heard else 0.0, self._desk.duck_inactive)
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

    def late_us(self, name: str) -> int:
        """How much later than its stamps say a feed is heard now; 0 for one that is not open.

        Callable from any thread.
        """
        feed = self._live.get(name)
        return feed.buffer.sound_age_us - PROGRAM_DELAY_US if feed is not None else 0

    def figures(self) -> dict[str, dict[str, float | int]]:
        """Level, delay and counters (see `FeedFigures`) of each feed."""
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
        "recovered": counted.recovered,
        "filled": counted.filled,
    }
