"""Recording of the session: its file, facts and observation, its next segment after a failure or a crash."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from media.clock import now_us
from media.outputs.aac import AudioProfile
from media.outputs.mp4file import Chapter
from media.outputs.recorder import Recorder, RecorderStatus
from media.outputs.state import OutputState
from media.packet import EncodedPacket
from media.video.encoder import VideoProfile
from operator_console import paths
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import OutputPhase, SessionState
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

ACTOR = "recorder"
CLOSE_S = 10.0
START_S = 5.0
RETRY_S = 3.0
PHASE = {
    OutputState.STARTING: OutputPhase.STARTING,
    OutputState.STARTED: OutputPhase.STARTED,
    OutputState.STOPPING: OutputPhase.STOPPING,
    OutputState.STOPPED: OutputPhase.STOPPED,
    OutputState.FAILED: OutputPhase.FAILED,
}


def file_name(state: SessionState, segment: int, at: time.struct_time) -> str:
    """Name of a recording: date, time, title, segment; only letters, digits, dots and hyphens."""
    title = re.sub(r"[^A-Za-z0-9]+", "-", state.title).strip("-")[:60] or "rapat"
    return f"{time.strftime('%Y-%m-%d_%H%M%S', at)}_{title}_{segment:02d}.mp4"


def chapters_of(state: SessionState) -> list[Chapter]:
    """The session's chapters on the bus clock of now."""
    offset_us = now_us() - time.time_ns() // 1000
    return [Chapter(chapter.title, chapter.at_ms * 1000 + offset_us) for chapter in state.chapters]


def active(state: SessionState) -> bool:
    """Whether the state says that a recording runs."""
    recording = state.recording
    return recording is not None and recording.phase in (OutputPhase.STARTING, OutputPhase.STARTED)


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
    ) -> None:
        self._settings, self._store, self._observations = settings, store, observations
        self._video, self._audio = profiles
        self._request_key, self._spawn = request_key, spawn
        self._recorder: Recorder | None = None
        self._id = ""
        self._lock = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether a recorder takes packets."""
        return self._recorder is not None

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
            path = await self._begin(actor, segment=1)
        await self._confirmed(path)
        return str(path)

    async def resume(self) -> None:
        """Begin the next segment of a recording that the last engine did not finish."""
        recording = self._store.state.recording
        if recording is None or not active(self._store.state):
            return
        _log.warning("recording %s was cut off; the next segment begins", recording.id)
        async with self._lock:
            await self._store.record(
                ACTOR, f.RecordingFailed(recording_id=recording.id, reason="engine ended unexpectedly")
            )
            await self._begin(ACTOR, segment=recording.segment + 1)

    async def _begin(self, actor: str, segment: int) -> Path:
        folder = paths.recordings_dir(self._settings)
        path = folder / file_name(self._store.state, segment, time.localtime())
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise folder_refusal(folder, error.strerror or "") from error
        self._id = "r" + secrets.token_hex(4)
        # The row stands before the first byte: a crash in between never leaves a file that nobody knows.
        await self._store.record(
            actor, f.RecordingStarted(recording_id=self._id, path=str(path), segment=segment)
        )
        loop = asyncio.get_running_loop()

        def told() -> None:
            loop.call_soon_threadsafe(self._changed)

        self._recorder = Recorder(
            path,
            self._video,
            self._audio,
            self._request_key,
            on_change=told,
        )
        return path

    async def _confirmed(self, path: Path) -> None:
        """Wait until the recording has really begun."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            recorder = self._recorder
            if recorder is None or recorder.path != path or recorder.state is not OutputState.STARTING:
                break
            await asyncio.sleep(0.02)
        recorded = self._store.state.recording
        if recorded is not None and recorded.path == str(path) and recorded.phase is OutputPhase.FAILED:
            raise folder_refusal(path.parent, recorded.reason)

    def _changed(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        status = recorder.status()
        if status.state is OutputState.STARTED:
            self._spawn(self._record(f.RecordingConfirmed(recording_id=self._id)))
        elif status.state is OutputState.FAILED:
            self._recorder = None
            self._spawn(self._failed(status))
        self.observe(status)

    async def _failed(self, status: RecorderStatus) -> None:
        """A file ended against our will: say so, and go on in a new one if there was anything in it."""
        reason = status.reason.text if status.reason else ""
        had_begun = status.first_us is not None
        segment = self._store.state.recording.segment if self._store.state.recording else 1
        await self._record(f.RecordingFailed(recording_id=self._id, reason=reason))
        while had_begun and not self._store.state.closed_at_ms:
            await asyncio.sleep(RETRY_S)
            async with self._lock:
                if self._recorder is not None:
                    return
                try:
                    await self._begin(ACTOR, segment + 1)
                except OperatorError as error:
                    _log.error("next segment: %s", error.refusal.text_en)
                    continue
            return

    async def stop(self, actor: str) -> None:
        """Finalise the recording; returns when the file is whole on the disk, or after a deadline."""
        async with self._lock:
            recorder, self._recorder = self._recorder, None
            if recorder is None:
                return
            recorder.stop(chapters_of(self._store.state))
            self.observe(recorder.status())
            await asyncio.to_thread(recorder.join, CLOSE_S)
            status = recorder.status()
            self.observe(status)
            if status.state is OutputState.STOPPED:
                await self._store.record(
                    actor,
                    f.RecordingStopped(
                        recording_id=self._id,
                        duration_ms=status.duration_us // 1000,
                        size_bytes=status.written_bytes,
                    ),
                )
                return
            reason = status.reason.text if status.reason else "did not finish in time"
            await self._store.record(actor, f.RecordingFailed(recording_id=self._id, reason=reason))

    async def _record(self, fact: f.AnyFact) -> None:
        try:
            await self._store.record(ACTOR, fact)
        except OperatorError as error:
            _log.error("the recording's fact could not be journaled: %s", error.refusal.text_en)

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
            "reason": status.reason.text if status.reason else "",
        }
        self._observations.set("recorder", value)


def folder_refusal(folder: Path, reason: str) -> OperatorError:
    """What the operator is told when a recording cannot be written."""
    return OperatorError(
        "recording_folder",
        f"Rekaman tidak dapat ditulis ke folder {folder} ({reason}). Periksa ruang diska dan izin folder, "
        "atau pilih folder lain di Setelan.",
        f"The recording cannot be written to {folder} ({reason}). Check disk space and the folder's rights, "
        "or choose another folder in the settings.",
    )
