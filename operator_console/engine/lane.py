"""One path of the recording: one file after the other, tried again after a failure."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.clock import now_us
from media.outputs.aac import AudioProfile
from media.outputs.feed import Feed
from media.outputs.mp4file import Chapter
from media.outputs.recorder import Recorder, RecorderStatus, disk_reason
from media.outputs.state import OutputState
from media.outputs.tail import drop_without_data
from media.packet import EncodedPacket
from media.reason import Reason, RecorderCode, fields_of
from media.video.encoder import VideoProfile
from operator_console.engine.guarded import Guarded
from operator_console.engine.mounts import remember, require_mounted
from operator_console.engine.recordingfiles import (
    Place,
    file_name,
    folder_refusal,
    free_path,
    local_time,
    retry_delay_s,
    wall_ms,
)
from operator_console.engine.store import JOURNAL_UNWRITABLE, SessionStore
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session import model
from operator_console.session.codes import RecordingCode, RepairCode
from operator_console.session.recording_fold import TRACKS
from operator_console.slow import FolderThread

_log = logging.getLogger(__name__)

ACTOR = "recorder"
FACT_RETRY_S = 2.0
CLOSE_S = 10.0
START_S = 5.0
KEY_S = 10.0
"""How long a split waits for its key picture, which takes some milliseconds."""
LOOK_S = 0.02
RETRY_S = 3.0
STUCK_US = 10_000_000
"""A disk that takes nothing for so long is left where there is another (one that slept needs 5 to 8 s)."""
ENDED = (OutputState.STOPPED, OutputState.FAILED)
LOOK_BACK_US = 15_000_000
"""Longer than a split may take."""
OVERLAP_US = 1_500_000
"""So much of a lost file's end the next one has again: its last fragments may not be on the disk."""


@dataclass(frozen=True, slots=True)
class LaneParts:
    """What the lanes of a recording share."""

    store: SessionStore
    profiles: tuple[VideoProfile, AudioProfile]
    request_key: Callable[[], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    chapters: list[Chapter]
    """Those that were marked with this engine, on the bus clock: that of the wall may be set meanwhile."""
    changed: Callable[[], None]
    """Called when a file begins to take packets, or takes none any more."""


@dataclass(eq=False)
class Running:
    """A file that is being written."""

    id: str
    path: Path
    segment: int
    recorder: Recorder | None = None
    after_split: bool = False
    begun_us: int = field(default_factory=now_us)

    @property
    def status(self) -> RecorderStatus:
        """What is known of it now."""
        assert self.recorder is not None
        return self.recorder.status()


class NotWantedError(Exception):
    """The operator ended or paused it while a folder was waited for."""


class Lane:
    """Writes the recording to the first of its places that takes it; `track` is its number in the facts."""

    def __init__(self, track: int, parts: LaneParts, places: Callable[[], list[Place]]) -> None:
        self.track = track
        self._parts, self._places = parts, places
        self._store = parts.store
        self._feed = Feed()
        self._folders: dict[Path, FolderThread] = {}
        """One for each: a dead folder must not hold up the other."""
        self._now: Running | None = None
        self._attempts = 0
        self._place = 0
        self._from_us: int | None = None
        """What the next file must begin with, where one was lost."""
        self._lock = asyncio.Lock()
        self._finishing: set[asyncio.Task[None]] = set()
        self.last: RecorderStatus | None = None
        """The last that was known of the file that was written last."""
        self.persists = False
        """Whether it goes on trying even where its very first file could not be begun."""

    # ---- what is known

    @property
    def entry(self) -> model.Recording | None:
        """What the session knows of this path."""
        entry: model.Recording | None = getattr(self._store.state, TRACKS[self.track])
        return entry

    @property
    def running(self) -> bool:
        """Whether a file takes packets."""
        return self._now is not None

    @property
    def needs_packets(self) -> bool:
        """Whether a file takes packets, or the next one will begin with what comes now."""
        return self._now is not None or self._feed.wanted

    @property
    def wanted(self) -> bool:
        """Whether a file should be written."""
        entry = self.entry
        return entry is not None and entry.wanted and not self._store.state.closed_at_ms

    @property
    def paused(self) -> bool:
        """Whether the operator has it paused."""
        entry = self.entry
        return entry is not None and bool(entry.paused_at_ms) and not self._store.state.closed_at_ms

    @property
    def path(self) -> Path | None:
        """The file that is written now."""
        return self._now.path if self._now is not None else None

    def status(self) -> RecorderStatus | None:
        """What is known of the file that is written, or was last."""
        if self._now is not None:
            self.last = self._now.status
        return self.last

    @property
    def _segment(self) -> int:
        entry = self.entry
        if entry is None:
            return 0
        return max(entry.segment, entry.next.segment if entry.next else 0)

    def push(self, packet: EncodedPacket) -> None:
        """Hand a packet over; called from the program's and the mixer's thread, never blocks."""
        self._feed.push(packet)

    # ---- begin

    async def start(self, actor: str) -> Path:
        """Begin to write, or go on after a pause; returns the path. OperatorError where the disk refuses."""
        async with self._lock:
            if self._now is not None:
                return self._now.path
            self._attempts = self._place = 0
            segment = self._segment + 1 if self.wanted or self.paused else 1
            self._feed.wanted = True
            try:
                running = await self._begin(actor, segment, asked=True)
            except OperatorError:
                self._feed.end()
                raise
        await self._begun(running)
        return running.path

    async def keep_trying(self, error: OperatorError) -> None:
        """Its first file could not be begun: say so, and try until it can be, or nobody wants it any more."""
        if self._now is None and not self.wanted:  # else it was journaled, and is tried again already
            code, text = error.refusal.args.get("cause", ""), error.refusal.text_en
            never = f.RecordingFailed(
                recording_id=new_id(),
                track=self.track,
                path=error.refusal.args.get("folder", ""),
                reason=text,
                code=code,
                retrying=True,
            )
            await self._record(never)
            self._feed.wanted = True
            self._parts.spawn(self._go_on())

    async def take_up(self) -> None:
        """Begin the next segment of what the last engine did not finish."""
        entry = self.entry
        if entry is None or not self.wanted:
            return
        if not self._places():
            await self._record(f.RecordingStopped(recording_id=entry.id))
            return
        _log.warning("recording %s was cut off; the next segment begins", entry.id)
        why: dict[str, Any] = {"reason": entry.reason, "code": entry.code, "args": entry.args}
        if not entry.reason:
            why = fields_of(Reason(RecordingCode.ENGINE_ENDED, "The engine ended unexpectedly."))
        cut_off = [(entry.id, Path(entry.path))]
        cut_off += [(entry.next.id, Path(entry.next.path))] if entry.next else []
        self._feed.wanted = True
        begun = False
        with Guarded("taking up the recording", _log):
            await self._record(f.RecordingFailed(recording_id=entry.id, retrying=True, **why))
            for recording_id, path in cut_off:
                await self._drop_empty(recording_id, path)
            begun = await self._try_next()
        if not begun:
            self._parts.spawn(self._go_on())

    async def _drop_empty(self, recording_id: str, path: Path) -> None:
        try:
            if await self._folder_thread(path.parent).run(lambda: drop_without_data(path)):
                _log.info("recording %s had nothing in it yet and is taken away", path.name)
                nothing = fields_of(Reason(RepairCode.EMPTY, "It was cut off before its first picture."))
                await self._record(
                    f.RecordingUnrepaired(recording_id=recording_id, path=str(path), **nothing)
                )
        except (OSError, ValueError) as error:
            _log.warning("recording %s cannot be looked at: %s", path.name, error)

    async def _try_next(self) -> bool:
        """Begin the next segment if it is still wanted; False where the disk refuses."""
        async with self._lock:
            if self._now is not None or not self.wanted:
                return True
            try:
                await self._begin(ACTOR, self._segment + 1)
            except NotWantedError:
                return True
            except OperatorError as error:
                _log.error("next segment: %s", error.refusal.text_en)
                return False
            return True

    async def _go_on(self, *, at_once: bool = False) -> None:
        """Try until the next segment has begun or nobody wants it any more.

        `at_once`: the disk is well, so the first try is in the same folder and not waited for.
        """
        guarded = Guarded("the next segment", _log)
        while self.wanted and self._now is None:
            if not at_once:
                spare = len(self._places()) - 1
                if self._attempts >= spare:
                    await asyncio.sleep(retry_delay_s(self._attempts - max(0, spare), RETRY_S))
                self._attempts += 1
                self._place += 1  # the other folder, where there is one
            at_once = False
            with guarded:
                if await self._try_next():
                    return

    def _folder_thread(self, folder: Path) -> FolderThread:
        return self._folders.setdefault(folder, FolderThread())

    async def _begin(self, actor: str, segment: int, *, asked: bool = False) -> Running:
        running = await self._open(actor, segment, asked=asked)
        assert running.recorder is not None
        self._now = running
        self._feed.begin(running.recorder, self._from_us)
        self._parts.changed()
        return running

    async def _open(self, actor: str, segment: int, *, split: bool = False, asked: bool = False) -> Running:
        """Journal and open a file; nothing is written to it yet.

        One that the operator has not `asked` for raises NotWantedError where he wants none any more.
        """
        places = self._places()
        if not places:
            raise folder_refusal(Path(), None)
        place = places[self._place % len(places)]
        name = file_name(self._store.state, segment, local_time(self._store.state))
        try:
            thread = self._folder_thread(place.folder)
            path = await thread.run(lambda: entered(place, name))
        except OSError as error:
            raise folder_refusal(place.folder, disk_reason(error)) from error
        except ValueError as error:  # a name that no folder can have
            raise folder_refusal(place.folder, None) from error
        running = Running(new_id(), path, segment, after_split=split)
        # The row stands before the first byte: a crash in between never leaves a file that nobody knows.
        started = f.RecordingStarted(
            recording_id=running.id, path=str(path), segment=segment, track=self.track, split=split
        )
        again = self.wanted and not split
        # Asked now: in the seconds that a folder takes it may have been paused or ended.
        if not await self._store.decide(actor, lambda _state: [started] if asked or self.wanted else []):
            raise NotWantedError
        try:
            running.recorder = self._recorder(running)
        except RuntimeError as error:  # the system gives no thread now
            why = Reason(RecorderCode.INTERNAL, f"The recorder could not be begun ({error}).")
            retrying = again and self.wanted
            await self._record(
                f.RecordingFailed(recording_id=running.id, retrying=retrying, **fields_of(why))
            )
            raise folder_refusal(place.folder, why) from error
        return running

    def _recorder(self, running: Running) -> Recorder:
        loop = asyncio.get_running_loop()

        def told() -> None:
            with contextlib.suppress(RuntimeError):  # a disk that let go after the engine's end
                loop.call_soon_threadsafe(self._changed, running)

        video, audio = self._parts.profiles
        return Recorder(running.path, video, audio, self._parts.request_key, on_change=told)

    async def _begun(self, running: Running) -> None:
        """Wait until a recording has really begun; raises OperatorError where it could not."""
        await self._until(lambda: running.status.state is not OutputState.STARTING, START_S)
        status = running.status
        if status.state is OutputState.FAILED and status.first_us is None:
            raise folder_refusal(running.path.parent, status.reason)

    async def _until(self, fits: Callable[[], bool], timeout_s: float) -> bool:
        for _ in range(round(timeout_s / LOOK_S)):
            if fits():
                return True
            await asyncio.sleep(LOOK_S)
        return fits()

    # ---- what happens to a file

    def _changed(self, running: Running) -> None:
        status = running.status
        if status.state is OutputState.STARTED:
            self._attempts, self._from_us = 0, None
            first_us = status.first_us or 0
            confirmed = f.RecordingConfirmed(
                recording_id=running.id, first_at_ms=wall_ms(first_us), first_us=first_us
            )
            self._parts.spawn(self._record(confirmed))
            self._parts.changed()
        elif status.state is OutputState.FAILED:
            self._lost(running, status)

    def _lost(self, running: Running, status: RecorderStatus) -> None:
        """A file ended against our will."""
        assert running.recorder is not None
        self._feed.drop(running.recorder)
        if running is not self._now:
            return  # whoever finishes it, or waits for it, looks at its status
        self.last, self._now = status, None
        if status.first_us is not None:
            kept_us = 0 if is_gone(status) else max(0, status.duration_us - OVERLAP_US)
            self._from_us = status.first_us + kept_us
        self._parts.changed()
        self._parts.spawn(self._failed(running, status))

    async def _failed(self, running: Running, status: RecorderStatus) -> None:
        """Say so, and go on in a new file unless this was the first try."""
        why = fields_of(status.reason)
        again = status.first_us is not None or running.segment > 1 or self.persists
        with Guarded("the end of a lost file", _log):
            # Whether it is wanted is asked when the fact is written: the operator may be stopping it now.
            await self._record_as(
                lambda: f.RecordingFailed(recording_id=running.id, retrying=again and self.wanted, **why)
            )
            if not self.wanted and self._now is None:
                self._feed.end()
                self._parts.changed()
        await self._go_on(at_once=is_gone(status))

    def watch(self) -> None:
        """Leave a disk that does not answer where there is another place; called every now and then."""
        now = self._now
        if now is None or now.recorder is None or len(self._places()) < 2:
            return
        if now.status.stalled_us > STUCK_US:
            now.recorder.give_up(Reason(RecorderCode.DISK_STUCK, "The disk does not answer."))

    # ---- the next file

    async def split(self) -> bool:
        """Go on in a new file at the next key picture; False where the old one goes on."""
        async with self._lock:
            old = self._now
            if old is None or old.recorder is None or not self.wanted:
                return False
            try:
                after = await self._open(ACTOR, old.segment + 1, split=True)
            except NotWantedError:
                return False
            except OperatorError as error:
                _log.warning("a new file cannot be begun: %s", error.refusal.text_en)
                return False
            return await self._change_over(old, after)

    async def change_folder(self) -> None:
        """Go on in the folder that is set now, no frame lost; the old file goes on where that takes none."""
        if self._now is None:
            await self._try_next()
        else:
            await self.split()

    async def move(self) -> bool:
        """Go on in the other folder, no frame lost; False where there is none or it takes no file."""
        if len(self._places()) < 2 or self._now is None:
            return False
        self._place += 1
        moved = await self.split()
        self._place -= 0 if moved else 1
        return moved

    async def _change_over(self, old: Running, after: Running) -> bool:
        assert old.recorder is not None
        assert after.recorder is not None
        # Not before its file is there: a disk that refuses another file must not cost the one that runs.
        await self._until(lambda: after.status.opened or after.status.state in ENDED, START_S)
        if not after.status.opened:
            await self._never_begun(after)
            return False
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def passed() -> None:
            loop.call_soon_threadsafe(done.set)

        self._feed.hand_over(after.recorder, passed)
        self._parts.request_key()
        await self._until(lambda: done.is_set() or self._now is not old, KEY_S)
        if self._now is not old and self._feed.sink is not after.recorder:  # it failed while it waited
            self._feed.begin(after.recorder, self._from_us)
        elif self._feed.sink is not after.recorder and after.status.first_us is None:
            # What it has already, it passes over.
            self._feed.begin(old.recorder, now_us() - LOOK_BACK_US)
            await self._never_begun(after)
            return False
        switched_from, self._now = self._now, after
        if switched_from is old:
            self._finish_aside(ACTOR, old)
        if after.status.state is OutputState.FAILED:
            self._lost(after, after.status)
        return True

    async def _never_begun(self, after: Running) -> None:
        """The next file got no picture: end it without a trace but the fact; the old one goes on."""
        assert after.recorder is not None
        after.recorder.stop()
        await asyncio.to_thread(after.recorder.join, 1.0)
        missing = Reason(RecordingCode.SPLIT, "No key picture came for the next file.")
        why = fields_of(after.status.reason or missing)
        await self._record(f.RecordingFailed(recording_id=after.id, **why))

    def _finish_aside(self, actor: str, running: Running) -> None:
        """Finalise a file while the next one is written already."""

        async def finish() -> None:
            try:
                await self._finish(actor, running, aside=True)
            except OperatorError as error:
                _log.error("the end of %s is not journaled yet: %s", running.id, error.refusal.text_en)

        task = asyncio.get_running_loop().create_task(finish())
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    # ---- end

    async def stop(self, actor: str, reason: Reason | None = None) -> None:
        """End this path; returns when its file is whole on the disk, or after a deadline."""
        await self._halt(actor, reason)
        if self.wanted or self.paused:  # between two segments, or in a pause
            await self._store.record(actor, f.RecordingStopped(recording_id=self._recorded_id()))

    async def pause(self, actor: str) -> None:
        """Finish the file; the next one is begun by `start`."""
        await self._halt(actor, None)

    async def _halt(self, actor: str, reason: Reason | None) -> None:
        async with self._lock:
            running, self._now = self._now, None
            self._feed.end()
            self._from_us = None
            if running is not None:
                await self._finish(actor, running, reason)
        if self._finishing:
            await asyncio.gather(*self._finishing)

    def _recorded_id(self) -> str:
        entry = self.entry
        return entry.id if entry is not None else ""

    def _chapters(self, running: Running) -> list[Chapter]:
        """A chapter from before the first picture is at its beginning, but after a split in the old file."""
        first_us = running.status.first_us or running.begun_us
        since_us = first_us if running.after_split else min(first_us, running.begun_us)
        return [chapter for chapter in self._parts.chapters if chapter.stamp_us >= since_us]

    async def _finish(
        self, actor: str, running: Running, reason: Reason | None = None, *, aside: bool = False
    ) -> None:
        recorder = running.recorder
        assert recorder is not None
        recorder.stop(self._chapters(running))
        await asyncio.to_thread(recorder.join, CLOSE_S)
        status = recorder.status()
        if self._now is None:
            self.last = status
        fact: f.RecordingStopped | f.RecordingFailed = f.RecordingStopped(
            recording_id=running.id,
            duration_ms=status.duration_us // 1000,
            size_bytes=status.written_bytes,
            **fields_of(reason),
        )
        if status.state is not OutputState.STOPPED:
            late = Reason(RecordingCode.UNFINISHED, "The file was not finished in time.")
            fact = f.RecordingFailed(recording_id=running.id, **fields_of(status.reason or late))
        try:
            await (self._store.record(actor, fact) if aside else self._store.record_end(actor, fact))
        except OperatorError:
            self._parts.spawn(self._end_late(fact))
            raise

    async def _end_late(self, fact: f.RecordingStopped | f.RecordingFailed) -> None:
        """The file is whole; its fact follows when the disk takes it."""
        await self._record(fact)
        await self._store.untold.told(fact)

    # ---- facts

    async def _record(self, fact: f.AnyFact) -> None:
        await self._record_as(lambda: fact)

    async def _record_as(self, make: Callable[[], f.AnyFact]) -> None:
        """Journal a fact, tried again while the disk refuses and its recording is the newest."""
        about = make()
        while True:
            try:
                await self._store.decide(ACTOR, lambda _state: [make()])
            except OperatorError as error:
                _log.error("the recording's fact could not be journaled: %s", error.refusal.text_en)
                newest = getattr(about, "recording_id", "") == self._recorded_id()
                if error.refusal.code == JOURNAL_UNWRITABLE and newest:
                    await asyncio.sleep(FACT_RETRY_S)
                    continue
            return


def entered(place: Place, name: str) -> Path:
    """A free path in a place, whose disk is the one that it was on before. Blocks; raises OSError."""
    if place.memory is not None:
        require_mounted(place.folder, place.memory)
    path = free_path(place.folder, name, shared=place.shared)
    if place.memory is not None:
        remember(place.folder, place.memory)
    return path


def is_gone(status: RecorderStatus) -> bool:
    """Whether somebody took the file away."""
    return status.reason is not None and status.reason.code == RecorderCode.FILE_GONE


def new_id() -> str:
    """A name for a file in the journal."""
    return "r" + secrets.token_hex(4)
