"""Playout of one feed: takes blocks from its ring and gives 20 ms of sound for each tick of the mixer.

How time is kept. A ring block has an index (its place in the sender's own sample count) and a stamp (when
it was captured, in bus time). The difference of the two, smoothed, maps sender samples to bus time, so a
sender whose clock is 100 ppm off moves slowly against us. A tick at bus time t wants the sound captured
at ``t - delay``:

* ``delay`` = base + max(`PROGRAM_DELAY_US`, need). *base* is the quickest way a block took lately (about
  zero, as the room stamps by its quickest packet), found anew where all come too late; *need* is 60 to
  120 ms, grown at once when blocks come later than that, shrunk when none did for ten seconds.
* The mixed block is stamped ``t - PROGRAM_DELAY_US``, one offset for all feeds, so the program sound has
  a regular sample clock and the picture, which is shown as it comes, need not wait for it. A feed that
  needs more than the 80 ms is late against its picture by what it needs more, 40 ms at most.
* Where the position strays by more than `SPLICE_SAMPLES` from what is wanted (drift, a changed delay),
  one to two pitch periods are left out or repeated under a cross-fade; beyond `JUMP_SAMPLES`, or while
  nothing is to be heard, it moves at once.

What was lost comes 20 ms and more late, recovered from the packet behind it or concealed by Opus; a feed
waits for the first (it counts as an arrival), not for the second. A block that is missing all the same is
concealed here by repeating the last pitch period, faded to nothing in 60 ms; its successor is faded in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from media.bus.layout import (
    AUDIO_CONCEALED,
    AUDIO_RECOVERED,
    BLOCK_SAMPLES,
    BLOCK_US,
    SILENCE_CDB,
    AudioBlock,
)

F32 = npt.NDArray[np.float32]

PROGRAM_DELAY_US = 80_000
"""Age of the sound in a mixed block: its stamp is the tick's time less this."""
NEED_MIN_US = 60_000
NEED_MAX_US = 120_000
NEED_SLACK_US = 40_000
"""What a feed needs beyond the spread of its arrivals: one block, and one tick until it is looked for."""
EARLY_US = 25_000
WINDOW_S = 10
"""Arrivals of this many seconds decide on the delay."""
LATE_RUN = 10
"""So many blocks in a row that come too late: the way has become longer, and the quick ones of the last
seconds say nothing any more."""
LATE_BLOCKS = 8
"""So far behind the position a missing block is still looked for, to count it as late."""
SPLICE_SAMPLES = 480
"""A position that is off by this much is corrected by a splice..."""
JUMP_SAMPLES = 2880
"""...and by this much at once."""
SPLICE_PAUSE_TICKS = 5
RESTAMP_US = 100_000
"""Stamps that leave the mapping by more than this, three times in a row, start a new one."""
ORIGIN_STEP = 0.02
"""Smoothing of the mapping: one second of blocks."""
SLOTS = 32
"""Blocks kept here: 640 ms."""
FADE_SAMPLES = 240
LAG_MIN, LAG_MAX = 240, 960
"""A pitch period, or a few: 5 to 20 ms."""
CONCEAL_SAMPLES = 3 * BLOCK_SAMPLES
QUIET_DB = -55.0
"""A gap after a block below this is a pause of the sender (DTX), not a loss."""
SILENT_DB = SILENCE_CDB / 100.0

_SCALE = np.float32(1.0 / 32768.0)


class BlockSource(Protocol):
    """Where blocks come from: one ring of a bus segment."""

    @property
    def generation(self) -> int:
        """Changes when a new writer took over."""
        ...

    def head(self) -> int:
        """Index after the newest block."""
        ...

    def read(self, index: int) -> AudioBlock | None:
        """One block, or None where there is none."""
        ...


@dataclass(slots=True)
class FeedFigures:
    """Counters of one feed since it began."""

    blocks: int = 0
    concealed: int = 0
    late: int = 0
    skipped: int = 0
    splices: int = 0
    restarts: int = 0
    recovered: int = 0
    """Lost, and had back from the packet behind it."""
    filled: int = 0
    """Lost, and concealed by the decoder."""


class ArrivalWindow:
    """Quickest and slowest way of the blocks of the last `WINDOW_S` seconds."""

    def __init__(self) -> None:
        self._seconds: deque[tuple[int, int, int]] = deque()

    def add(self, now_us: int, transit_us: int) -> None:
        """Take one arrival."""
        second = now_us // 1_000_000
        low = high = transit_us
        if self._seconds and self._seconds[-1][0] == second:
            _, low, high = self._seconds.pop()
            low, high = min(low, transit_us), max(high, transit_us)
        self._seconds.append((second, low, high))
        while self._seconds[0][0] < second - WINDOW_S:
            self._seconds.popleft()

    def delay_us(self) -> int:
        """The delay that the arrivals ask for (see the module's text)."""
        if not self._seconds:
            return PROGRAM_DELAY_US
        low = min(second[1] for second in self._seconds)
        high = max(second[2] for second in self._seconds)
        # An arrival is seen up to one tick after it happened, and stamps are the quickest packet's arrival,
        # so that a block may seem to come before its end: neither is the network's doing.
        base = max(0, low - BLOCK_US) + min(0, low + EARLY_US)
        need = min(NEED_MAX_US, max(NEED_MIN_US, high - base + NEED_SLACK_US))
        return base + max(PROGRAM_DELAY_US, need)


class JitterBuffer:
    """Gives the sound of one feed to the mixer; one thread calls it."""

    def __init__(self, source: BlockSource) -> None:
        self._source = source
        self._generation = source.generation
        self.figures = FeedFigures()
        self._store: F32 = np.zeros((SLOTS, BLOCK_SAMPLES), np.float32)
        self._past: F32 = np.zeros(2 * BLOCK_SAMPLES, np.float32)
        self._hidden = CONCEAL_SAMPLES
        self._last_level_db = SILENT_DB
        self._period: F32 = np.zeros(LAG_MAX, np.float32)
        self._forget()

    def _forget(self) -> None:
        """Forget the sender's time; what was played last stays, for the fade."""
        self._have = [-1] * SLOTS
        self._levels = [SILENT_DB] * SLOTS
        self._head = self._first = 0
        self._origin_us: float | None = None
        self._strays = 0
        self._late_run = 0
        self._arrivals = ArrivalWindow()
        self._position: int | None = None
        self._pause_ticks = 0
        self.delay_us = self.sound_age_us = PROGRAM_DELAY_US
        """What is aimed at, and how old what was played last really was."""
        self.level_db = SILENT_DB

    def pull(self, now_us: int) -> F32 | None:
        """The 960 samples (full scale 1.0) of the tick at ``now_us``, or None for silence; once per tick.

        They may be a view of this buffer's store: read only, valid until the next call.
        """
        self._take(now_us)
        if self._origin_us is None:
            return self._sound(-BLOCK_SAMPLES, -BLOCK_SAMPLES)
        self.delay_us = self._arrivals.delay_us()
        wanted = round((now_us - self.delay_us - self._origin_us) * BLOCK_SAMPLES / BLOCK_US)
        here = wanted if self._position is None else self._position
        there = self._destination(here, wanted)
        out = self._sound(there, here)
        self.sound_age_us = now_us - round(self._origin_us + there * BLOCK_US / BLOCK_SAMPLES)
        self._position = there + BLOCK_SAMPLES
        if self._hidden == 0:
            self._last_level_db = self._levels[(self._position - 1) // BLOCK_SAMPLES % SLOTS]
        self.level_db = SILENT_DB if self._hidden else self._last_level_db
        return out

    def ahead_db(self) -> float:
        """Level of the loudest of the block that was just given and those behind it that have come already.

        It is heard within the next 40 to 100 ms: who turns a microphone up by it does so in time.
        """
        if self._position is None:
            return SILENT_DB
        first = max(0, (self._position - BLOCK_SAMPLES) // BLOCK_SAMPLES)
        slots = (index % SLOTS for index in range(first, self._head) if self._have[index % SLOTS] == index)
        return max((self._levels[slot] for slot in slots), default=SILENT_DB)

    def rest(self) -> None:
        """Do not listen for a while: what comes meanwhile is neither played nor counted."""
        self._head = 0
        self._have = [-1] * SLOTS
        self._hidden = CONCEAL_SAMPLES
        self.level_db = SILENT_DB

    # ---- what has come ------------------------------------------------------------------------------------

    def _take(self, now_us: int) -> None:
        """Copy what came into the ring since the last tick."""
        head = self._source.head()
        if self._source.generation != self._generation or head < self._head:
            self._generation = self._source.generation
            self.figures.restarts += 1
            self._forget()
        if self._head == 0:
            self._first = head
        playing = 0 if self._position is None else self._position // BLOCK_SAMPLES
        begin = max(0, head - SLOTS, min(self._head, playing - LATE_BLOCKS))
        for index in range(begin, head):
            if self._have[index % SLOTS] != index:
                self._store_block(index, now_us, playing)
        self._head = head

    def _store_block(self, index: int, now_us: int, playing: int) -> None:
        block = self._source.read(index)
        if block is None:
            return
        slot = index % SLOTS
        samples = block.samples if block.samples.ndim == 1 else block.samples[:, 0]
        np.multiply(samples, _SCALE, out=self._store[slot])
        self._have[slot], self._levels[slot] = index, block.level_db
        self.figures.blocks += 1
        self.figures.recovered += bool(block.flags & AUDIO_RECOVERED)
        if block.flags & AUDIO_CONCEALED:
            self.figures.filled += 1
            return  # how late it is says nothing of the network, and it is not worth waiting for
        self._map_time(block)
        # What lay there already when we came says nothing about its way.
        if index >= self._first and self._origin_us is not None and self._strays == 0:
            captured_us = index * BLOCK_US + self._origin_us
            late = index < playing
            self.figures.late += late
            self._late_run = self._late_run + 1 if late else 0
            if self._late_run == LATE_RUN:
                self._arrivals = ArrivalWindow()
            self._arrivals.add(now_us, round(now_us - captured_us) - BLOCK_US)

    def _map_time(self, block: AudioBlock) -> None:
        origin_us = float(block.stamp_us - block.index * BLOCK_US)
        if self._origin_us is None:
            self._origin_us = origin_us
            return
        stray_us = origin_us - self._origin_us
        if abs(stray_us) < RESTAMP_US:
            self._origin_us += stray_us * ORIGIN_STEP
            self._strays = 0
            return
        self._strays += 1
        if self._strays >= 3:
            self._origin_us, self._strays = origin_us, 0
            self._arrivals = ArrivalWindow()

    # ---- where to play ------------------------------------------------------------------------------------

    def _destination(self, here: int, wanted: int) -> int:
        """The position to play from at this tick: ``here``, or near ``wanted`` when we strayed from it."""
        stray = wanted - here
        if self._hidden > 0:
            return wanted
        if abs(stray) > JUMP_SAMPLES:
            self.figures.skipped += max(0, stray // BLOCK_SAMPLES)
            return wanted
        self._pause_ticks = max(0, self._pause_ticks - 1)
        if abs(stray) < SPLICE_SAMPLES or self._pause_ticks:
            return here
        lag = self._similar(here, stray)
        if lag == 0:
            return here
        self.figures.splices += 1
        self._pause_ticks = SPLICE_PAUSE_TICKS
        return here + lag

    def _similar(self, here: int, stray: int) -> int:
        """The shift towards ``stray`` under which the sound goes on most alike; 0 where none can be."""
        longest = min(LAG_MAX, abs(stray) + LAG_MIN)
        first = here + LAG_MIN if stray > 0 else here - longest
        now = self._stored(here, FADE_SAMPLES)
        then = self._stored(first, longest - LAG_MIN + FADE_SAMPLES)
        rest = self._stored(here + (longest if stray > 0 else 0), BLOCK_SAMPLES)
        if now is None or then is None or rest is None:
            return 0
        return int(np.argmax(_likeness(then, now))) + first - here

    def _stored(self, start: int, count: int) -> F32 | None:
        """``count`` samples from position ``start``, or None if one of their blocks is missing."""
        first, last = start // BLOCK_SAMPLES, (start + count - 1) // BLOCK_SAMPLES
        if start < 0 or any(self._have[index % SLOTS] != index for index in range(first, last + 1)):
            return None
        offset = start - first * BLOCK_SAMPLES
        parts = [self._store[index % SLOTS] for index in range(first, last + 1)]
        return (parts[0] if len(parts) == 1 else np.concatenate(parts))[offset : offset + count]

    # ---- what to play -------------------------------------------------------------------------------------

    def _sound(self, there: int, here: int) -> F32 | None:
        """One block from position ``there``; ``here`` is where the last one ended."""
        if self._hidden >= CONCEAL_SAMPLES and there >= self._head * BLOCK_SAMPLES:
            return None
        out = self._stored(there, BLOCK_SAMPLES)
        if out is None or self._hidden or there != here:
            out = self._joined(there, here)
        if out is not None:
            self._past = np.concatenate((self._past[BLOCK_SAMPLES:], out))
        return out

    def _joined(self, there: int, here: int) -> F32 | None:
        """A block with a seam in it: after a shift of the position, or where blocks are missing."""
        before: F32 | None = None
        if not self._hidden and there != here:
            before = self._stored(here, FADE_SAMPLES)
            if before is None:
                self._find_period(self._past)
                before = self._continued(FADE_SAMPLES)
        out = np.zeros(BLOCK_SAMPLES, np.float32)
        silent = self._hidden >= CONCEAL_SAMPLES
        for begin, end, real in self._parts(there):
            if real is None or (self._hidden and end - begin < FADE_SAMPLES):
                self._conceal(out, begin, end)
                continue
            silent = False
            if self._hidden:
                before = self._continued(FADE_SAMPLES)
            self._hidden = 0
            out[begin:end] = real
            if before is not None:
                _fade_over(out[begin:end], before)
                before = None
        return None if silent else out

    def _parts(self, there: int) -> list[tuple[int, int, F32 | None]]:
        """The one or two stretches of a block: (begin, end, its samples or None where missing)."""
        whole = self._stored(there, BLOCK_SAMPLES)
        split = -there % BLOCK_SAMPLES
        if whole is not None or split == 0:
            return [(0, BLOCK_SAMPLES, whole)]
        first, last = self._stored(there, split), self._stored(there + split, BLOCK_SAMPLES - split)
        if first is None and last is None:
            return [(0, BLOCK_SAMPLES, None)]
        return [(0, split, first), (split, BLOCK_SAMPLES, last)]

    def _conceal(self, out: F32, begin: int, end: int) -> None:
        """Fill a stretch with the last pitch period, repeated and fading."""
        if self._hidden == 0:
            self._find_period(np.concatenate((self._past, out[:begin])))
        out[begin:end] = self._continued(end - begin)
        if self._hidden < CONCEAL_SAMPLES and self._last_level_db > QUIET_DB:
            self.figures.concealed += 1
        self._hidden += end - begin

    def _find_period(self, past: F32) -> None:
        likeness = _likeness(past[-LAG_MAX - FADE_SAMPLES : -LAG_MIN], past[-FADE_SAMPLES:])
        self._period = past[int(np.argmax(likeness)) - LAG_MAX :].copy()

    def _continued(self, count: int) -> F32:
        """The next ``count`` samples of the concealment, without moving on."""
        at = np.arange(self._hidden, self._hidden + count)
        gain = np.maximum(0.0, 1.0 - at / CONCEAL_SAMPLES).astype(np.float32)
        return self._period[at % len(self._period)] * gain


def _fade_over(part: F32, before: F32) -> None:
    """Begin ``part`` as the sound ``before`` and end as itself, in place."""
    count = min(len(part), len(before))
    ramp = (np.arange(count, dtype=np.float32) + 0.5) / count
    part[:count] = part[:count] * ramp + before[:count] * (1.0 - ramp)


def _likeness(where: F32, what: F32) -> F32:
    """Normalised correlation of ``what`` with each place of ``where``: len(where) - len(what) + 1 values."""
    energy = np.concatenate(([0.0], np.cumsum(np.square(where, dtype=np.float64))))
    power = energy[len(what) :] - energy[: -len(what)]
    found: F32 = (np.correlate(where, what, "valid") / np.sqrt(power + 1e-9)).astype(np.float32)
    return found
