"""Whose echo and twins: watches what comes back from the rooms, twice a second and beside everything else."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from media.audio.mixplan import MixPlan
from media.audio.whose_echo import (
    LAG_MAX_S,
    SPEECH_MIN_S,
    WINDOW_S,
    EchoJudge,
    Track,
    compare,
    return_level_db,
    speech_s,
)
from media.bus.layout import BLOCK_US
from media.bus.reader import AudioReader
from media.clock import now_us
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.engine.twins import find_twins, judged
from operator_console.session.model import SessionState

_log = logging.getLogger(__name__)

PERIOD_S = 0.5
"""So often what came is taken off the bus, whose rings hold 1.28 s."""
JUDGE_EVERY_US, SUSPECT_EVERY_US = 6_000_000, 2_000_000
"""So often each open microphone is judged, and one that is under suspicion."""
JUDGE_AT_ONCE = 3
AFTER_ERROR_S = 30.0
LATE_US = 300_000
"""What is younger than this may still be on its way."""
LAG_MIN_MS = 60.0
"""No echo can be back before the round trip and this much of buffers and blocks; what comes earlier is a
voice that two microphones hear."""
MIX_TICKS = 256
ORIGIN_JUMP_US = 100_000
ORIGIN_STEP = 0.1
ALIKE_REACH_S = 1.0
ALIKE_STRENGTH = 30.0


class Mixed(Protocol):
    """What the watch needs of a tick of the mixer (`media.audio.mixer.MixBlocks`)."""

    @property
    def shared(self) -> npt.NDArray[np.int16]:
        """What those without a mix of their own hear."""

    @property
    def minus(self) -> Mapping[int, npt.NDArray[np.int16]]:
        """Ring number -> what its owner hears."""

    @property
    def plan(self) -> MixPlan:
        """Who owns which ring."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody with an open microphone, as the watch needs to know him."""

    segment: str
    ring: int
    rtt_ms: float = 0.0


def open_microphones(state: SessionState, observed: Mapping[str, Any]) -> dict[str, Heard]:
    """Whom to listen to: participants who are heard, with their places on the bus. Pure."""
    found: dict[str, Heard] = {}
    for one in state.seated:
        place = observed.get(f"media.{one.id}")
        if one.audible and place is not None and place.audio is not None:
            segment, ring = place.audio
            rtt_ms = float(getattr(observed.get(f"link.{one.id}"), "rtt_ms", 0.0))
            found[one.id] = Heard(segment, ring, rtt_ms)
    return found


@dataclass(slots=True)
class _Feed:
    """One participant: what he was sent, what came back, and the verdict."""

    place: tuple[str, int]
    sent: Track = field(default_factory=lambda: Track(WINDOW_S + LAG_MAX_S + 1.0))
    heard: Track = field(default_factory=lambda: Track(WINDOW_S + LAG_MAX_S + 1.0))
    judge: EchoJudge = field(default_factory=EchoJudge)
    due_us: int = 0
    next_block: int = 0
    origin_us: float | None = None
    """Bus time of block 0 of his ring."""
    generation: int = 0
    since_ms: int = 0

    def take(self, reader: AudioReader) -> None:
        """Read what came into his ring."""
        ring, head = self.place[1], reader.head(self.place[1])
        if reader.generation != self.generation or head < self.next_block:
            self.generation, self.next_block, self.origin_us = reader.generation, 0, None
            self.heard = Track(WINDOW_S + LAG_MAX_S + 1.0)
        first = max(self.next_block, head - reader.geometry.blocks + 2) if head else 0
        self.next_block = head
        for index, stamp_us, samples in reader.stretches(ring, first, head):
            self.heard.put(index, samples)
            self._note_time(float(stamp_us - index * BLOCK_US))

    def _note_time(self, origin_us: float) -> None:
        if self.origin_us is None or abs(origin_us - self.origin_us) > ORIGIN_JUMP_US:
            self.origin_us = origin_us
        else:
            self.origin_us += (origin_us - self.origin_us) * ORIGIN_STEP

    def until(self, at_us: int) -> tuple[int, int, float] | None:
        """Newest block of his and of the mix to compare at a moment, and how much later his is, in ms."""
        if self.origin_us is None:
            return None
        own = int((at_us - self.origin_us) // BLOCK_US)
        mix, later_us = divmod(self.origin_us + own * BLOCK_US, BLOCK_US)
        return own, int(mix), later_us / 1000

    def listen(self, at_us: int, lag_min_ms: float) -> bool:
        """Compare the last seconds where he was sent speech; True where the verdict has changed."""
        until = self.until(at_us)
        if until is None:
            return False
        own, mix, later_ms = until
        sent = self.sent.last(mix, WINDOW_S + LAG_MAX_S)
        if speech_s(sent) < SPEECH_MIN_S:
            return False
        heard = self.heard.last(own, WINDOW_S)
        found = compare(sent, heard, lag_min_ms - later_ms)
        level_db = return_level_db(sent, heard, found.lag_ms)
        changed = self.judge.hear(replace(found, lag_ms=found.lag_ms + later_ms), level_db)
        if changed and self.judge.returns:
            self.since_ms = time.time_ns() // 1_000_000
        return changed


class EchoWatch:
    """Keeps the observations ``echo.<id>`` and ``twin.<id>`` true."""

    def __init__(self, bus: Path, store: SessionStore, observations: Observations) -> None:
        self._bus, self._store, self._observations = bus, store, observations
        self._mixes: deque[tuple[int, Mixed]] = deque(maxlen=MIX_TICKS)
        self._feeds: dict[str, _Feed] = {}
        self._readers: dict[str, AudioReader] = {}
        self._busy = threading.Lock()
        self.alike: set[frozenset[str]] = set()
        """Pairs of one office whose microphones carry the same sound."""

    def take_mix(self, mixed: Mixed, index: int) -> None:
        """One tick of the mixer; on the mixer's thread."""
        self._mixes.append((index, mixed))

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await asyncio.sleep(PERIOD_S)
            await self.look()

    def close(self) -> None:
        """Let the bus go. Not for an event loop: it waits for `listen`, whose thread outlives its task."""
        with self._busy:
            for reader in self._readers.values():
                reader.close()
            self._readers.clear()
            self._feeds.clear()

    async def look(self) -> None:
        """One round: listen, and tell what has changed."""
        state, observed = self._store.state, self._observations.values
        twins = find_twins(state.participants.values())
        self.alike = {pair for pair in self.alike if all(one in twins for one in pair)}
        people = open_microphones(state, observed)
        try:
            await asyncio.to_thread(self.listen, people, twins, now_us())
        except Exception:  # noqa: BLE001  (top of this watch: it only observes, the session goes on)
            _log.exception("the echoes cannot be watched")
            # Begin anew: the same input would fail again, and an old verdict would accuse for ever.
            await asyncio.to_thread(self.close)
            self._mixes.clear()
            self._tell({}, "echo.")
            await asyncio.sleep(AFTER_ERROR_S)
            return
        self._tell(self.verdicts(), "echo.")
        networks = {one: getattr(observed.get(f"link.{one}"), "network", "") for one in twins}
        near = judged(twins, networks, self.alike)
        self._tell({one: {"other": twin.other, "near": twin.near} for one, twin in near.items()}, "twin.")

    def verdicts(self) -> dict[str, dict[str, Any]]:
        """The observations ``echo.<id>`` by id."""
        return {
            one: {
                "score": round(feed.judge.score, 2),
                "returns": True,
                "delay_ms": round(feed.judge.delay_ms),
                "since_ms": feed.since_ms,
            }
            for one, feed in self._feeds.items()
            if feed.judge.returns
        }

    def _tell(self, values: Mapping[str, dict[str, Any]], prefix: str) -> None:
        for one, value in values.items():
            self._observations.set(prefix + one, value)
        for key in [key for key in self._observations.values if key.startswith(prefix)]:
            if key.removeprefix(prefix) not in values:
                self._observations.drop(key)

    def listen(self, people: Mapping[str, Heard], twins: Mapping[str, str], at_us: int) -> None:
        """Take what came since the last call and judge those who are due; in any thread."""
        with self._busy:
            self._listen(people, twins, at_us)

    def _listen(self, people: Mapping[str, Heard], twins: Mapping[str, str], at_us: int) -> None:
        self._keep(people)
        self._take_mixes()
        for reader in self._readers.values():
            reader.refresh()
        for feed in self._feeds.values():
            feed.take(self._readers[feed.place[0]])
        due = sorted(self._feeds, key=lambda one: self._feeds[one].due_us)
        for one in due[:JUDGE_AT_ONCE]:
            feed = self._feeds[one]
            if feed.due_us > at_us:
                break
            feed.listen(at_us - LATE_US, LAG_MIN_MS + people[one].rtt_ms)
            feed.due_us = at_us + (SUSPECT_EVERY_US if feed.judge.suspects else JUDGE_EVERY_US)
            if one in twins and twins[one] in self._feeds:
                self._compare_twins(one, twins[one], at_us - LATE_US)

    def _keep(self, people: Mapping[str, Heard]) -> None:
        """Begin with those who opened their microphones, forget those who closed them."""
        for one in self._feeds.keys() - people.keys():
            del self._feeds[one]
        for one, heard in people.items():
            place = (heard.segment, heard.ring)
            if one not in self._feeds or self._feeds[one].place != place:
                self._feeds[one] = _Feed(place)
            if heard.segment not in self._readers:
                self._readers[heard.segment] = AudioReader(self._bus, heard.segment)
        for name in self._readers.keys() - {feed.place[0] for feed in self._feeds.values()}:
            self._readers.pop(name).close()

    def _take_mixes(self) -> None:
        """Give everybody what he was sent: his mix-minus, or what all hear."""
        mixes = [self._mixes.popleft() for _ in range(len(self._mixes))]
        owns = [mixed.plan.own for _, mixed in mixes]
        begins = [n for n in range(len(mixes)) if n == 0 or mixes[n][0] != mixes[n - 1][0] + 1]
        for one, feed in self._feeds.items():
            sent = [
                mixed.minus.get(own.get(one, -1), mixed.shared)
                for own, (_, mixed) in zip(owns, mixes, strict=True)
            ]
            for begin, end in zip(begins, [*begins[1:], len(mixes)], strict=False):
                feed.sent.put(mixes[begin][0], np.concatenate(sent[begin:end]))

    def _compare_twins(self, one: str, other: str, at_us: int) -> None:
        """Whether two microphones of one office carry the same sound, half a second apart at most."""
        pair = frozenset((one, other))
        first, second = self._feeds[one].until(at_us), self._feeds[other].until(at_us - 500_000)
        if pair in self.alike or first is None or second is None:
            return
        longer = self._feeds[one].heard.last(first[0], WINDOW_S + ALIKE_REACH_S)
        shorter = self._feeds[other].heard.last(second[0], WINDOW_S)
        if speech_s(shorter) >= SPEECH_MIN_S and compare(longer, shorter).strength > ALIKE_STRENGTH:
            self.alike.add(pair)
