"""From the frames of a capture device to blocks of the bus: without echo, on the capture's own clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from media.audio.channels import RATE_HZ, Resampler, down_mixed, to_int16
from media.audio.meter import Meter
from media.audio.pacing import SampleClock, Steering
from media.audio.streams import SoundStream
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from media.bus.writer import AudioWriter

if TYPE_CHECKING:
    from media.audio.echo.canceller import EchoCanceller

F32 = npt.NDArray[np.float32]
OnBlock = Callable[[F32, F32, F32], None]

WAIT_SAMPLES = 3 * BLOCK_SAMPLES
"""So much of the microphone waits for the reference of its time before it goes on without."""
STEER_S = 200.0
SETTLE_SAMPLES = 2 * RATE_HZ
"""Over this much the level of the reference is measured before it is held there."""
MOVE_SAMPLES = 240
STRAY_SAMPLES = RATE_HZ // 10
SLACK_MAX_SAMPLES = RATE_HZ * 30 // 1000

_SILENCE = np.zeros(BLOCK_SAMPLES, np.float32)
_SILENT = np.zeros(BLOCK_SAMPLES, np.int16)
_NOTHING = np.zeros(0, np.float32)


class Queue:
    """Samples that wait, oldest first; as many are taken as were put."""

    def __init__(self) -> None:
        self._parts = _NOTHING

    def __len__(self) -> int:
        return len(self._parts)

    def put(self, samples: F32) -> None:
        """Add at the end."""
        if len(samples):
            self._parts = np.concatenate((self._parts, samples)) if len(self._parts) else samples

    def take(self, count: int) -> F32:
        """The oldest `count`, filled up with silence where there are fewer."""
        out, self._parts = self._parts[:count], self._parts[count:]
        return out if len(out) == count else np.concatenate((out, np.zeros(count - len(out), np.float32)))

    def resize(self, count: int) -> None:
        """Have exactly so many: the oldest go, or silence comes before them."""
        missing = count - len(self._parts)
        self._parts = (
            self._parts[-missing:]
            if missing < 0
            else np.concatenate((np.zeros(missing, np.float32), self._parts))
        )


class NoReference:
    """There is no loudspeaker: nothing to take out."""

    ppm = 0.0

    def pull(self, frames: int, waiting: int, called_us: int) -> None:
        """Nothing comes."""

    def take(self, waiting: int) -> F32 | None:
        """Silence."""
        return _SILENCE


class SameStream:
    """The reference of a duplex stream: what was played in the same callbacks, frame for frame."""

    ppm = 0.0

    def __init__(self, stream: SoundStream) -> None:
        self._stream = stream
        self._resampler = Resampler(stream.rate_hz, RATE_HZ)
        self._queue = Queue()

    def pull(self, frames: int, waiting: int, called_us: int) -> None:
        """As many frames of the microphone have been taken."""
        played = self._stream.played
        self._queue.put(self._resampler.push(down_mixed(played.take(frames))))
        if played.level > self._stream.rate_hz // 10:  # the capture dropped blocks: stay together
            played.drop(played.level)

    def take(self, waiting: int) -> F32 | None:
        """The reference of the oldest block of the microphone."""
        return self._queue.take(BLOCK_SAMPLES)


class OtherStream:
    """The reference from an output with a clock of its own, resampled to the clock of the microphone.

    Paired is what was handed over at the same time, less half of the output's own delay: then the reference
    is there when its microphone block is, and still comes before its echo.
    """

    def __init__(self, stream: SoundStream) -> None:
        self._stream = stream
        self._resampler = Resampler(stream.rate_hz, RATE_HZ, steered=True)
        self._queue = Queue()
        self._owed = 0
        self._seen = 0
        self._sum = 0.0
        self._steps = 0
        self._steering: Steering | None = None
        self._aligned = False

    @property
    def ppm(self) -> float:
        """By how much the output's clock is found faster than the microphone's."""
        return self._steering.ppm if self._steering else 0.0

    def pull(self, frames: int, waiting: int, called_us: int) -> None:
        """Take what was played meanwhile; `waiting`: samples of the microphone that wait, the last of which
        came with its callback at `called_us`.
        """
        apart_us = called_us - self._stream.called_us
        played = self._stream.played
        fresh = self._resampler.push(down_mixed(played.take(played.level)))
        late = min(self._owed, len(fresh))
        self._owed -= late
        self._queue.put(fresh[late:])
        if not self._aligned:
            self._align(waiting)
        elif frames:
            self._follow(frames, waiting, apart_us)

    def _align(self, waiting: int) -> None:
        if waiting and len(self._queue):
            self._queue.resize(waiting + self._slack())
            self._aligned, self._owed = True, 0
            self._seen, self._sum, self._steps, self._steering = 0, 0.0, 0, None

    def _slack(self) -> int:
        return min(SLACK_MAX_SAMPLES, self._stream.out_delay_us * RATE_HZ // 2_000_000)

    def _follow(self, frames: int, waiting: int, apart_us: int) -> None:
        # Callbacks bring whole blocks: the time between them says how much of the next one is there already.
        level = len(self._queue) - waiting - self._owed + apart_us * RATE_HZ / 1e6
        if self._steering is None:
            self._settle(frames, level)
            return
        if abs(level - self._steering.goal) > STRAY_SAMPLES:
            self._aligned = False  # one of the two stood still for a while
            return
        self._resampler.steer(self._steering.observe(level))

    def _settle(self, frames: int, level: float) -> None:
        """Callbacks come in bursts: only their mean says where the level is."""
        self._seen += frames
        self._sum, self._steps = self._sum + level, self._steps + 1
        if self._seen < SETTLE_SAMPLES:
            return
        mean, goal = self._sum / self._steps, float(self._slack())
        if abs(mean - goal) > MOVE_SAMPLES:
            self._queue.resize(max(0, len(self._queue) + round(goal - mean)))
        else:
            goal = mean
        self._steering = Steering(goal, RATE_HZ, STEER_S, 0.001)

    def take(self, waiting: int) -> F32 | None:
        """The reference of the oldest block, None while it is worth waiting for."""
        missing = BLOCK_SAMPLES - len(self._queue)
        if missing <= 0:
            return self._queue.take(BLOCK_SAMPLES)
        if waiting < BLOCK_SAMPLES + WAIT_SAMPLES:
            return None
        self._owed += missing
        return self._queue.take(BLOCK_SAMPLES)


Reference = NoReference | SameStream | OtherStream


def reference_of(mic: SoundStream, out: SoundStream | None) -> Reference:
    """Where the reference of a microphone comes from."""
    if out is None:
        return NoReference()
    return SameStream(out) if out is mic else OtherStream(out)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done with a microphone."""

    canceller: EchoCanceller | None = None
    """None: nothing is done."""
    delay_samples: int = 0
    """By how much the canceller is late in its mode."""


class BusMicrophone:
    """Writes a microphone into a ring; one thread calls `step` every few milliseconds.

    A block's stamp is when its first sample was captured: the delay of the canceller is taken off, so that
    lips and voice stay together. `treatment` and `silenced` may be set from any thread.
    """

    def __init__(
        self,
        stream: SoundStream,
        reference: Reference,
        writer: AudioWriter,
        slot: int,
        last_index: int = -1,
        off_program: threading.Event | None = None,
    ) -> None:
        """`last_index`: of the ring's newest block so far; `off_program`: silence is written while it is set
        (a room test; it outlives this microphone).
        """
        self._stream, self._reference, self._writer, self._slot = stream, reference, writer, slot
        self._clock = SampleClock(stream.rate_hz)
        self._resampler = Resampler(stream.rate_hz, RATE_HZ)
        self._queue = Queue()
        self._frames_per_sample = stream.rate_hz / RATE_HZ
        self._taken = 0
        self._mark = (0, 0)
        self.index = last_index
        self._begun = False
        self.treatment = Treatment()
        self.silenced = False
        """Whether silence is written in its stead: no canceller yet, or the route is no microphone's."""
        self.off_program = off_program or threading.Event()
        self.on_block: OnBlock | None = None
        """Gets each block of microphone, reference and result, on the thread of `step`."""
        self.meter = Meter()

    @property
    def drift_ppm(self) -> float:
        """What the pairing of two clocks has found and taken away already."""
        return self._reference.ppm

    def step(self) -> None:
        """Write what is whole."""
        mark = self._stream.mark
        if mark != self._mark:
            self._mark = mark
            self._clock.mark(*mark)
        captured = self._stream.captured
        frames = captured.take(captured.level)
        if len(frames):
            self._queue.put(self._resampler.push(down_mixed(frames)))
        self._reference.pull(len(frames), len(self._queue), self._stream.called_us)
        while len(self._queue) >= BLOCK_SAMPLES:
            far = self._reference.take(len(self._queue))
            if far is None:
                return
            self._write(self._queue.take(BLOCK_SAMPLES), far)

    def _write(self, mic: F32, far: F32) -> None:
        self.meter.push(mic)
        treatment = self.treatment
        out = mic if treatment.canceller is None else treatment.canceller.process(mic, far)
        stamp_us = self._clock.at_us((self._taken - treatment.delay_samples) * self._frames_per_sample)
        self._taken += BLOCK_SAMPLES
        if self.on_block is not None:
            self.on_block(mic, far, out)
        if stamp_us is None:
            return
        if not self._begun:
            self._begun = True
            self.index = max(self.index, stamp_us // BLOCK_US)
        self.index += 1
        silent = self.silenced or self.off_program.is_set()
        self._writer.write(self._slot, self.index, _SILENT if silent else to_int16(out), stamp_us)
