"""Recording of the session: two paths at once or one with a reserve, pause, split, what is observed of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.clock import now_us
from media.outputs.aac import AudioProfile
from media.outputs.mp4file import Chapter
from media.outputs.recorder import RecorderStatus
from media.outputs.state import OutputState
from media.packet import EncodedPacket
from media.reason import Reason, RecorderCode, fields_of
from media.video.encoder import VideoProfile
from operator_console.engine.lane import ACTOR, START_S, Lane, LaneParts
from operator_console.engine.observations import Observations
from operator_console.engine.recordingfiles import Place, bus_us, first_place, second_place, wall_ms
from operator_console.engine.store import SessionStore
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.codes import RecordingCode
from operator_console.session.model import OutputPhase, SessionState
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

PHASE = {
    OutputState.STARTING: OutputPhase.STARTING,
    OutputState.STARTED: OutputPhase.STARTED,
    OutputState.STOPPING: OutputPhase.STOPPING,
    OutputState.STOPPED: OutputPhase.STOPPED,
    OutputState.FAILED: OutputPhase.FAILED,
}
BOTH = "both"
SPLIT_AGAIN_S = 60.0
PATIENCE_S = 3.0
"""The window shows a command as not answered after 5 s."""
STALL_SHOWN_US = 3_000_000
"""A disk that takes nothing for so long is said to be stuck."""


@dataclass(frozen=True, slots=True)
class PathStatus:
    """One path of the recording, as it is now."""

    track: int
    """0 for the first folder, 1 for the second."""
    folder: Path
    recorder: RecorderStatus
    wanted: bool
    """Whether it is to be written; false once it was stopped."""

    @property
    def rate_bps(self) -> float:
        """Measured rate of its file; 0 while nothing can be said."""
        return self.recorder.rate_bps

    @property
    def cause(self) -> Reason | None:
        """Why it failed, or what holds it up."""
        if self.recorder.stalled_us > STALL_SHOWN_US:
            return Reason(RecorderCode.DISK_STUCK, "The disk does not answer.")
        return self.recorder.reason or self.recorder.unsure


def observed_path(one: PathStatus) -> dict[str, Any]:
    """What clients are told of one path."""
    status = one.recorder
    verified = None if status.verified_us is None else (now_us() - status.verified_us) // 1_000_000
    return {
        "phase": str(PHASE[status.state]),
        "path": str(status.path),
        "seconds": round(status.duration_us / 1e6, 1),
        "bytes": status.written_bytes,
        "dropped": status.dropped_video + status.dropped_audio,
        "verified_ago_s": verified,
        "track": one.track,
        "since_ms": wall_ms(status.since_us),
        "rate_kbps": round(one.rate_bps / 1000),
        "waiting_bytes": status.waiting_bytes,
        **fields_of(one.cause),
    }


def split_due(status: RecorderStatus, settings: Settings) -> bool:
    """Whether a file is as long or as large as one may be."""
    minutes, megabytes = settings.recording_split_minutes, settings.recording_split_mb
    long = bool(minutes) and status.duration_us >= minutes * 60_000_000
    return long or (bool(megabytes) and status.written_bytes >= megabytes * 1_000_000)


class Recording:
    """Runs a recorder for each path and tells the journal what became of it."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        profiles: tuple[VideoProfile, AudioProfile],
        request_key: Callable[[], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        demand: Callable[[], None],
    ) -> None:
        """`request_key` asks the AIR encoder for a key picture; `demand` is called when `running` changed."""
        self._settings, self._store, self._observations = settings, store, observations
        self._spawn, self._demand = spawn, demand
        self._chapters: list[Chapter] = []
        store.listen(self._heard)
        parts = LaneParts(store, profiles, request_key, spawn, self._chapters, self._changed)
        self.first = Lane(0, parts, self._first_places)
        self.second = Lane(1, parts, self._second_places)
        self.lanes = (self.first, self.second)
        self._split_at_s = {lane.track: 0.0 for lane in self.lanes}
        self.second.persists = True
        self._refused: OperatorError | None = None
        """Why the second path could not begin, as long as nobody knows whether the first one does."""
        self._ending: set[asyncio.Task[None]] = set()

    def _heard(self, before: SessionState, after: SessionState, record: f.FactRecord) -> None:
        if isinstance(record.body, f.ChapterMarked):
            self._chapters.append(Chapter(record.body.title, bus_us(record.at_ms)))

    # ---- folders

    def _first_places(self) -> list[Place]:
        """The first folder, and the second one in reserve."""
        reserve = second_place(self._settings) if self._settings.second_recording != BOTH else None
        return [first_place(self._settings)] + ([reserve] if reserve else [])

    def _second_places(self) -> list[Place]:
        second = second_place(self._settings) if self._settings.second_recording == BOTH else None
        return [second] if second and second.folder != first_place(self._settings).folder else []

    def take_settings(self, settings: Settings) -> None:
        """The next file stands where these say; another second folder counts at once.

        Other settings begin no second path: the disk guard may have ended it.
        """
        before, self._settings = self._second_places(), settings
        after = self._second_places()
        if not self._store.state.recording_wanted:
            return
        if not after and self.second.wanted:
            self._spawn(self._stop_second(ACTOR))
        elif after and after != before:
            go_on = self.second.change_folder() if self.second.wanted else self._start_second(ACTOR)
            self._spawn(go_on)

    async def _stop_second(self, actor: str) -> None:
        try:
            await self.second.stop(actor)
        except OperatorError as error:
            _log.error("the second path: %s", error.refusal.text_en)

    # ---- packets

    @property
    def running(self) -> bool:
        """Whether a file takes packets."""
        return any(lane.running for lane in self.lanes)

    @property
    def needs_packets(self) -> bool:
        """Whether a file takes packets, or will begin with those of now."""
        return any(lane.needs_packets for lane in self.lanes)

    @property
    def paused(self) -> bool:
        """Whether the operator has it paused."""
        return any(lane.paused for lane in self.lanes)

    def push(self, packet: EncodedPacket) -> None:
        """Hand a packet over; called from the program's and the mixer's thread, never blocks."""
        for lane in self.lanes:
            lane.push(packet)

    # ---- what the operator asks

    async def start(self, actor: str) -> str:
        """Begin a recording, or go on after a pause; returns its path.

        Raises OperatorError where no folder takes it. The second path never holds up the first.
        """
        second = bool(self._second_places())
        self.first.persists, self._refused = second, None
        for lane in self.lanes:
            lane.last = lane.last if lane.running else None
        if second:
            self._spawn(self._start_second(actor))
        try:
            path = str(await self.first.start(actor))
            self._spawn(self._keep_second())
            return path
        except OperatorError as error:
            if not second or not await self._second_begins():
                await self._withdraw(actor)
                raise
            await self.first.keep_trying(error)
        return str(self.second.path or "")

    async def _start_second(self, actor: str) -> None:
        try:
            await self.second.start(actor)
        except OperatorError as error:
            _log.warning("the second path: %s", error.refusal.text_en)
            self._refused = error
            await self._keep_second()

    async def _keep_second(self) -> None:
        """Try the second path on where it was refused and there is a recording; either may be known first."""
        error = self._refused
        if error is not None and self.first.wanted:
            self._refused = None
            await self.second.keep_trying(error)

    async def _second_begins(self) -> bool:
        until_s = time.monotonic() + 2 * START_S
        while time.monotonic() < until_s:
            status = self.second.status() if self.second.running else None
            if status is not None and status.state is OutputState.STARTED:
                return True
            await asyncio.sleep(0.05)
        return False

    async def _withdraw(self, actor: str) -> None:
        """No folder takes the recording: nobody is promised one."""
        if self.second.wanted or self.second.running:
            await self.second.stop(actor)
            await self.first.stop(actor)

    async def stop(self, actor: str, *, patient: bool = True) -> None:
        """Finalise the recording; returns when the files are whole on the disk, or after a deadline.

        Without `patient` a second folder that does not answer is given little time; its end is told later.
        """
        second = asyncio.get_running_loop().create_task(self.second.stop(actor))
        self._ending.add(second)
        second.add_done_callback(self._ending.discard)
        second.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            await self.first.stop(actor)
        finally:
            ended, _ = await asyncio.wait({second}, timeout=None if patient else PATIENCE_S)
            self.observe()
        if ended:
            await second

    async def pause(self, actor: str) -> None:
        """Finish the files and begin no other; what is paused or not running stays as it is."""
        if self.paused or not any(lane.wanted for lane in self.lanes):
            return
        # The fact first: a crash in between must not begin a segment that nobody wants.
        await self._store.record(actor, f.RecordingPaused())
        await asyncio.gather(*(lane.pause(actor) for lane in self.lanes))
        self.observe()

    async def unpause(self, actor: str) -> str:
        """Go on in the next segment; returns its path, or that of the file that is written anyway."""
        if not self.paused:
            path = self.first.path or self.second.path
            return str(path) if path else ""
        return await self.start(actor)

    async def split(self) -> bool:
        """Go on in new files at the next key picture; False where none of them does."""
        return any(await asyncio.gather(*(lane.split() for lane in self.lanes)))

    async def end_path(self, track: int, reason: Reason | None = None) -> None:
        """Leave the disk of one path in good order (it is nearly full): for the reserve, or for nothing.

        The other path goes on.
        """
        low = reason or Reason(RecordingCode.DISK_LOW, "Ended before the disk is full.")
        if not await self.lanes[track].move():
            await self.lanes[track].stop(ACTOR, low)
        self.observe()

    async def resume(self) -> None:
        """Begin the next segments of a recording that the last engine did not finish."""
        self.first.persists = bool(self._second_places())
        self._spawn(self.second.take_up())  # a dead network folder must not hold up the first
        await self.first.take_up()

    # ---- what is known

    def paths(self) -> list[PathStatus]:
        """The paths that are written, or were last, as they are now; cheap."""
        found = []
        for lane in self.lanes:
            status = lane.status()
            if status is not None:
                found.append(PathStatus(lane.track, status.path.parent, status, lane.wanted))
        return found

    def observe(self) -> None:
        """Tell what is known of the recording now, and see to what is due."""
        told = [observed_path(one) for one in self.paths()]
        if not told:
            return
        entry = self.first.entry
        paused_since_ms = entry.paused_at_ms if entry is not None and self.first.paused else 0
        self._observations.set("recorder", {**told[0], "paths": told, "paused_since_ms": paused_since_ms})
        for lane in self.lanes:
            lane.watch()
            self._split_if_due(lane)

    def _split_if_due(self, lane: Lane) -> None:
        status, now_s = lane.status(), time.monotonic()
        due = lane.running and status is not None and split_due(status, self._settings)
        if due and now_s >= self._split_at_s[lane.track]:
            self._split_at_s[lane.track] = now_s + SPLIT_AGAIN_S
            self._spawn(self._split_one(lane))

    async def _split_one(self, lane: Lane) -> None:
        if await lane.split():
            self._split_at_s[lane.track] = 0.0

    def _changed(self) -> None:
        self._demand()
        self.observe()
