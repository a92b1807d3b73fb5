"""Tests of the hall's sound: a chime, a recording played back, a sweep that measures the room."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from media.audio import roomtest
from media.audio.microphone import BusMicrophone
from media.audio.playout import BusPlayout
from operator_console.audio.ends import EndName
from operator_console.audio.rig import Rig

_log = logging.getLogger(__name__)

F32 = npt.NDArray[np.float32]

RECORD_S = 3.0
SETTLE_S = 1.0
"""What was played last is on its way for less than this."""
LATE_S = 4.0
"""A test that takes so much longer than its sound has lost its device."""
POLL_S = 0.05
PLAUSIBLE_PPM = 450.0


class TestError(Exception):
    """A test came to nothing; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Played:
    """A sound laid over, or put in place of, what an end plays."""

    def __init__(self, sound: F32, *, alone: bool) -> None:
        self._sound, self._alone, self._at = sound, alone, 0

    @property
    def share(self) -> float:
        """How much of it has been handed on."""
        return min(1.0, self._at / max(1, len(self._sound)))

    def __call__(self, block: F32) -> F32:
        """The block as it is to be played."""
        piece = self._sound[self._at : self._at + len(block)]
        self._at += len(block)
        out = np.zeros_like(block) if self._alone else block.copy()
        out[: len(piece)] += piece
        return out


class Recorded:
    """Collects what a microphone hears, with its reference and its result."""

    def __init__(self) -> None:
        self._blocks: list[tuple[F32, F32, F32]] = []

    def __call__(self, mic: F32, far: F32, out: F32) -> None:
        """Take a block (they may be used again)."""
        self._blocks.append((mic.copy(), far.copy(), out.copy()))

    @property
    def seconds(self) -> float:
        """How much there is."""
        return 0.02 * len(self._blocks)

    def joined(self) -> tuple[F32, F32, F32]:
        """(microphone, reference, result). TestError where the microphone gave nothing."""
        if not self._blocks:
            raise TestError("no_input")
        mic, far, out = zip(*self._blocks, strict=True)
        return np.concatenate(mic), np.concatenate(far), np.concatenate(out)


class SoundTests:
    """Runs one test at a time, on the event loop; a new one ends the one before."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._task: asyncio.Task[None] | None = None
        self._told: dict[str, Any] | None = None
        self._share: Callable[[], float] = lambda: 0.0

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._task is not None and not self._task.done()

    def told(self) -> dict[str, Any] | None:
        """The observation `audio_test`, None before the first."""
        if self._told is not None and self._told["state"] == "running":
            return {**self._told, "progress": round(self._share(), 2)}
        return self._told

    def begin(self, test: str, target: str) -> None:
        """Begin `test`; an empty one ends the one that runs."""
        if self._task is not None:
            self._task.cancel()
        if not test:
            return
        self._task = asyncio.get_running_loop().create_task(self._run(test, target), name="sound-test")

    async def _run(self, test: str, target: str) -> None:
        self._share = lambda: 0.0
        base: dict[str, Any] = {"test": test, "target": target}
        self._told = {**base, "state": "running", "code": ""}
        try:
            found = await self._carried_out(test, target)
        except TestError as error:
            self._told = {**base, "state": "failed", "code": error.code}
        except asyncio.CancelledError:
            self._told = {**base, "state": "failed", "code": "stopped"}
        except Exception:  # noqa: BLE001 (top of this task: a test that fails must not seem to run for ever)
            _log.exception("The test of the hall's sound failed")
            self._told = {**base, "state": "failed", "code": "internal"}
        else:
            self._told = {**base, "state": "done", "code": "", "progress": 1.0, **found}

    async def _carried_out(self, test: str, target: str) -> dict[str, Any]:
        if test == "chime":
            await self._play(target, roomtest.chime())
            return {}
        if test == "playback":
            sound = await self._record(self._microphone(target))
            await self._play(target, sound)
            return {}
        return await self._measure_room()

    def _playout(self, target: str) -> BusPlayout:
        name: EndName = "output" if target == "hall" else "monitor"
        playout = self._rig.playout(name)
        if playout is None:
            raise TestError("no_output")
        return playout

    def _microphone(self, target: str) -> BusMicrophone:
        own = self._rig.ends["operator"].now.part
        if target != "hall" and isinstance(own, BusMicrophone):
            return own
        microphone = self._rig.microphone
        if microphone is None:
            raise TestError("no_input")
        return microphone

    async def _play(
        self, target: str, sound: F32, *, alone: bool = False, still: Callable[[], bool] = lambda: True
    ) -> None:
        """Play a sound whole; TestError as soon as the loudspeaker, or what `still` asks for, is another."""
        playout, overlay = self._playout(target), Played(sound, alone=alone)
        name: EndName = "output" if target == "hall" else "monitor"
        self._share = lambda: overlay.share
        playout.overlay = overlay
        try:
            await _until(
                lambda: overlay.share >= 1.0,
                len(sound) / roomtest.RATE_HZ,
                lambda: self._rig.playout(name) is playout and still(),
            )
        finally:
            playout.overlay = None

    async def _record(self, microphone: BusMicrophone) -> F32:
        tape = Recorded()
        self._share = lambda: tape.seconds / RECORD_S
        microphone.on_block = tape
        try:
            await _until(lambda: tape.seconds >= RECORD_S, RECORD_S, lambda: self._open(microphone))
        finally:
            microphone.on_block = None
        return tape.joined()[0]

    def _open(self, microphone: BusMicrophone) -> bool:
        return microphone in (self._rig.microphone, self._rig.ends["operator"].now.part)

    async def _measure_room(self) -> dict[str, Any]:
        """The hall is off program meanwhile: nobody else is to hear a sweep."""
        microphone, tape = self._microphone("hall"), Recorded()
        self._playout("hall")
        self._rig.off_program.set()
        microphone.on_block = tape
        try:
            programme = roomtest.programme()
            await self._play("hall", programme, alone=True, still=lambda: self._rig.microphone is microphone)
            await asyncio.sleep(SETTLE_S)
        finally:
            microphone.on_block = None
            self._rig.off_program.clear()
        if self._rig.microphone is not microphone:
            raise TestError("dead")  # it was opened anew meanwhile
        mic, far, out = tape.joined()
        try:
            found = await asyncio.to_thread(roomtest.measured, far, mic, out)
        except roomtest.NotHeardError:
            raise TestError("not_heard") from None
        drift_ppm = found.drift_ppm
        if abs(drift_ppm) > PLAUSIBLE_PPM:  # no clock is so far off: the sound system lost a block between
            canceller = microphone.treatment.canceller
            drift_ppm = canceller.status().drift_ppm if canceller is not None else 0.0
        return {**asdict(found), "drift_ppm": round(drift_ppm + microphone.drift_ppm, 1)}


async def _until(true: Callable[[], bool], usual_s: float, still: Callable[[], bool]) -> None:
    """Wait for something; TestError where it takes too long or its devices were opened anew."""
    deadline = time.monotonic() + usual_s + LATE_S
    while not true():
        if time.monotonic() > deadline or not still():
            raise TestError("dead")
        await asyncio.sleep(POLL_S)
