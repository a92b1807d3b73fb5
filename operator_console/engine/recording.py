"""Recording of the session: its file, facts and observation, its next segment after a failure or a crash."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import re
import secrets
import time
import unicodedata
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from media.clock import now_us
from media.outputs.aac import AudioProfile
from media.outputs.mp4file import Chapter
from media.outputs.recorder import Recorder, RecorderStatus, disk_reason
from media.outputs.state import OutputState
from media.outputs.tail import drop_without_data
from media.packet import EncodedPacket
from media.reason import Reason, fields_of
from media.video.encoder import VideoProfile
from operator_console import paths
from operator_console.engine.observations import Observations
from operator_console.engine.rules import MAX_TITLE_CHARS
from operator_console.engine.store import JOURNAL_UNWRITABLE, SessionStore
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.codes import RecordingCode
from operator_console.session.model import OutputPhase, SessionState
from operator_console.settings import Settings, SettingsError, time_zone

_log = logging.getLogger(__name__)

ACTOR = "recorder"
FACT_RETRY_S = 2.0
CLOSE_S = 10.0
START_S = 5.0
LOOK_S = 0.02
RETRY_S = 3.0
RETRY_MAX_S = 30.0
PHASE = {
    OutputState.STARTING: OutputPhase.STARTING,
    OutputState.STARTED: OutputPhase.STARTED,
    OutputState.STOPPING: OutputPhase.STOPPING,
    OutputState.STOPPED: OutputPhase.STOPPED,
    OutputState.FAILED: OutputPhase.FAILED,
}


def file_name(state: SessionState, segment: int, at: datetime.datetime) -> str:
    """Name of a recording: date, time, title, segment; only letters, digits, dots and hyphens.

    A title of any length that a session may have is whole: its end often tells one from another.
    """
    title = re.sub(r"[^A-Za-z0-9]+", "-", plain_letters(state.title)).strip("-")[:MAX_TITLE_CHARS].strip("-")
    return f"{at:%Y-%m-%d_%H%M%S}_{title or 'rapat'}_{segment:02d}.mp4"


def plain_letters(text: str) -> str:
    """A text without the marks of its letters: é is e."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def local_time(state: SessionState) -> datetime.datetime:
    """Now in the session's zone; in the machine's where that is not known."""
    try:
        return datetime.datetime.now(time_zone(state.timezone))
    except SettingsError:
        return datetime.datetime.now().astimezone()


def chapters_of(state: SessionState) -> list[Chapter]:
    """The chapters that were marked since the running segment began, on the bus clock of now."""
    offset_us = now_us() - time.time_ns() // 1000
    begun_ms = state.recording.started_at_ms if state.recording is not None else 0
    mine = (chapter for chapter in state.chapters if chapter.at_ms >= begun_ms)
    return [Chapter(chapter.title, chapter.at_ms * 1000 + offset_us) for chapter in mine]


def free_path(folder: Path, name: str, *, shared: bool = False) -> Path:
    """A path in a folder that no file has yet; others may enter the folder only where it is `shared`.

    Blocks; raises OSError where the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not shared:
        with contextlib.suppress(PermissionError):  # made by somebody else, who lets us write
            folder.chmod(0o700)
    path, number = folder / name, 2
    while path.exists():
        path = folder / f"{Path(name).stem}-{number}.mp4"
        number += 1
    return path


def retry_delay_s(attempt: int) -> float:
    """Wait before the next segment is tried, by the number of attempts that failed in a row."""
    return float(min(RETRY_MAX_S, RETRY_S * 2**attempt))


class Recording:
    """Runs one recorder at a time and tells the journal what became of it."""

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
        self._video, self._audio = profiles
        self._request_key, self._spawn, self._demand = request_key, spawn, demand
        self._recorder: Recorder | None = None
        self._id = ""
        self._attempts = 0
        self._lock = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether a recorder takes packets."""
        return self._recorder is not None

    @property
    def _segment(self) -> int:
        recording = self._store.state.recording
        return recording.segment if recording is not None else 0

    @property
    def _wanted(self) -> bool:
        state = self._store.state
        return state.recording is not None and state.recording.wanted and not state.closed_at_ms

    def take_settings(self, settings: Settings) -> None:
        """The next file stands where these say."""
        self._settings = settings

    def push(self, packet: EncodedPacket) -> None:
        """Hand a packet over; called from the program's and the mixer's thread, never blocks."""
        recorder = self._recorder
        if recorder is not None:
            (recorder.push_video if packet.is_video else recorder.push_audio)(packet)

    async def start(self, actor: str) -> str:
        """Begin a recording; returns its path. Raises OperatorError where the disk refuses."""
        async with self._lock:
            if self._recorder is not None:
                return str(self._recorder.path)
            segment = self._segment + 1 if self._wanted else 1
            recorder = await self._begin(actor, segment)
        await self._begun(recorder)
        return str(recorder.path)

    async def resume(self) -> None:
        """Begin the next segment of a recording that the last engine did not finish."""
        recording = self._store.state.recording
        if recording is None or not self._wanted:
            return
        _log.warning("recording %s was cut off; the next segment begins", recording.id)
        why: dict[str, Any] = {"reason": recording.reason, "code": recording.code, "args": recording.args}
        if not recording.reason:
            why = fields_of(Reason(RecordingCode.ENGINE_ENDED, "The engine ended unexpectedly."))
        await self._record(f.RecordingFailed(recording_id=recording.id, retrying=True, **why))
        await self._drop_empty(Path(recording.path))
        if not await self._try_next():
            self._spawn(self._go_on())

    async def _drop_empty(self, path: Path) -> None:
        try:
            if await asyncio.to_thread(drop_without_data, path):
                _log.info("recording %s had nothing in it yet and is taken away", path.name)
        except OSError as error:
            _log.warning("recording %s cannot be looked at: %s", path.name, error.strerror)

    async def _try_next(self) -> bool:
        """Begin the next segment if it is still wanted; False where the disk refuses."""
        async with self._lock:
            if self._recorder is not None or not self._wanted:
                return True
            try:
                await self._begin(ACTOR, self._segment + 1)
            except OperatorError as error:
                _log.error("next segment: %s", error.refusal.text_en)
                return False
            return True

    async def _go_on(self) -> None:
        """Try until the next segment has begun or nobody wants it any more."""
        while self._wanted and self._recorder is None:
            await asyncio.sleep(retry_delay_s(self._attempts))
            self._attempts += 1
            if await self._try_next():
                return

    async def _begin(self, actor: str, segment: int) -> Recorder:
        folder = paths.recordings_dir(self._settings)
        name = file_name(self._store.state, segment, local_time(self._store.state))
        try:
            # A folder that the operator named is his: a network folder may be there for others.
            shared = bool(self._settings.recording_dir)
            path = await asyncio.to_thread(free_path, folder, name, shared=shared)
        except OSError as error:
            raise folder_refusal(folder, disk_reason(error)) from error
        recording_id = "r" + secrets.token_hex(4)
        # The row stands before the first byte: a crash in between never leaves a file that nobody knows.
        await self._store.record(
            actor, f.RecordingStarted(recording_id=recording_id, path=str(path), segment=segment)
        )
        loop = asyncio.get_running_loop()

        def told() -> None:
            loop.call_soon_threadsafe(self._changed)

        self._id = recording_id
        self._recorder = Recorder(path, self._video, self._audio, self._request_key, on_change=told)
        self._demand()
        return self._recorder

    async def _begun(self, recorder: Recorder) -> None:
        """Wait until a recording has really begun; raises OperatorError where it could not."""
        for _ in range(round(START_S / LOOK_S)):
            if recorder.state is not OutputState.STARTING:
                break
            await asyncio.sleep(LOOK_S)
        status = recorder.status()
        if status.state is OutputState.FAILED and status.first_us is None:
            raise folder_refusal(recorder.path.parent, status.reason)

    def _changed(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        status = recorder.status()
        if status.state is OutputState.STARTED:
            self._attempts = 0
            self._spawn(self._record(f.RecordingConfirmed(recording_id=self._id)))
        elif status.state is OutputState.FAILED:
            self._recorder = None
            self._demand()
            self._spawn(self._failed(self._id, status))
        self.observe(status)

    async def _failed(self, recording_id: str, status: RecorderStatus) -> None:
        """A file ended against our will: say so, and go on in a new one unless this was the first try."""
        why = fields_of(status.reason)
        again = status.first_us is not None or self._segment > 1
        # Whether it is wanted is asked when the fact is written: the operator may be stopping it right now.
        await self._record_as(
            lambda: f.RecordingFailed(recording_id=recording_id, retrying=again and self._wanted, **why)
        )
        await self._go_on()

    async def stop(self, actor: str) -> None:
        """Finalise the recording; returns when the file is whole on the disk, or after a deadline."""
        async with self._lock:
            recorder, self._recorder = self._recorder, None
            if recorder is not None:
                await self._finish(actor, recorder)
            elif self._wanted:  # between two segments
                await self._store.record(actor, f.RecordingStopped(recording_id=self._recorded_id()))

    def _recorded_id(self) -> str:
        recording = self._store.state.recording
        return recording.id if recording is not None else ""

    async def _finish(self, actor: str, recorder: Recorder) -> None:
        recorder.stop(chapters_of(self._store.state))
        self.observe(recorder.status())
        await asyncio.to_thread(recorder.join, CLOSE_S)
        status = recorder.status()
        self.observe(status)
        fact: f.AnyFact = f.RecordingStopped(
            recording_id=self._id,
            duration_ms=status.duration_us // 1000,
            size_bytes=status.written_bytes,
        )
        if status.state is not OutputState.STOPPED:
            late = Reason(RecordingCode.UNFINISHED, "The file was not finished in time.")
            fact = f.RecordingFailed(recording_id=self._id, **fields_of(status.reason or late))
        try:
            await self._store.record(actor, fact)
        except OperatorError:
            self._spawn(self._record(fact))  # the file is whole; the fact follows when the disk takes it
            raise

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

    def observe(self, status: RecorderStatus | None = None) -> None:
        """Tell what is known of the recording now."""
        if status is None:
            if self._recorder is None:
                return
            status = self._recorder.status()
        verified = None if status.verified_us is None else (now_us() - status.verified_us) // 1_000_000
        value = {
            "phase": str(PHASE[status.state]),
            "path": str(status.path),
            "seconds": round(status.duration_us / 1e6, 1),
            "bytes": status.written_bytes,
            "dropped": status.dropped_video + status.dropped_audio,
            "verified_ago_s": verified,
            **fields_of(status.reason),
        }
        self._observations.set("recorder", value)


def folder_refusal(folder: Path, reason: Reason | None) -> OperatorError:
    """What the operator is told when a recording cannot be written; `cause` is the recorder's own code."""
    return OperatorError(
        "recording_folder",
        f"Rekaman tidak dapat ditulis ke folder {folder}. Periksa ruang diska dan izin folder, "
        "atau pilih folder lain di Pengaturan.",
        f"The recording cannot be written to {folder}. Check disk space and the folder's rights, "
        "or choose another folder in the settings.",
        folder=str(folder),
        cause=str(reason.code) if reason else "",
    )
