"""Finishes recordings that were never closed and seals those that are whole, one by one in a child."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import subprocess
import time
from pathlib import Path
from typing import Any

from operator_console import paths
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import JournalError
from operator_console.library.recordings import (
    ISO_KINDS,
    KINDS,
    IsoFile,
    RecordedFile,
    gap_after_ms,
    iso_files,
    recorded_files,
)
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.codes import RecordingCode, RepairCode
from operator_console.session.facts import FactRecord
from operator_console.session.model import SessionState
from operator_console.slow import FolderThread

_log = logging.getLogger(__name__)

ACTOR = "archive"
START_AFTER_S = 2.0
"""The engine has just started, maybe in the middle of a session: the program comes first."""
WORK_S = 4 * 3600.0
"""A child that takes longer hangs in a dead folder."""
START_S, END_S = 10.0, 3.0
SEAL_DAYS = 30
"""A seal made long after the end says little; older files are left as they are."""
ISO_QUIET_S = 60.0
"""Where nobody said that an isolated recording ended, a room worker may hold it: it writes each second."""
SHOWN = 20
"""So many finished files are told to clients."""
BUSY = "busy"
"""Somebody writes to it: it is looked at again by the next engine, and nothing is said."""
CUT_OFF = str(RecordingCode.ENGINE_ENDED)
HELD = ("disk_stuck", RecordingCode.UNFINISHED)
"""A disk that did not answer may still write to such a file as long as this engine lives."""


class Archive:
    """Looks for files to repair and to seal: at the start, when a file is closed, when a recording ends."""

    def __init__(self, store: SessionStore, observations: Observations, *, keep_free_bytes: int) -> None:
        """`keep_free_bytes`: how much must stay free beside the copy of a file."""
        self._store, self._observations = store, observations
        self.keep_free_bytes = keep_free_bytes
        self._wake = asyncio.Event()
        self._in_work: set[str] = set()
        """Files that this engine writes, or may still be writing."""
        self._held: set[str] = set()
        """Those of them whose disk held the recorder."""
        self._tried: set[str] = set()
        self._shown: list[dict[str, Any]] = []
        self._helper: subprocess.Popen[bytes] | None = None
        store.listen(self._heard)

    def _heard(self, before: SessionState, after: SessionState, record: FactRecord) -> None:
        body = record.body
        if isinstance(body, f.RecordingStarted):
            self._in_work.add(body.recording_id)
        elif isinstance(body, f.RecordingStopped):
            # One without a size ends the recording and says nothing of the file, which may be held still.
            if body.size_bytes or body.recording_id not in self._held:
                self._in_work.discard(body.recording_id)
            self._wake.set()
        elif isinstance(body, f.RecordingFailed) and body.code in HELD:
            self._held.add(body.recording_id)
        elif isinstance(body, f.RecordingFailed):
            self._in_work.discard(body.recording_id)
        if recorded_now(before) and not recorded_now(after):
            self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        await asyncio.sleep(START_AFTER_S)
        while True:
            self._wake.clear()
            try:
                await self._look()
            except (JournalError, OperatorError) as error:
                _log.error("recordings cannot be looked after: %s", error)
            finally:
                await self._dismiss()
            self._say("")
            await self._wake.wait()

    async def _files(self) -> list[RecordedFile]:
        found = recorded_files(await self._store.of_kinds(KINDS))
        return [one for one in found if one.id not in self._in_work]

    async def _look(self) -> None:
        while True:
            files = await self._files()
            # What failed in this session waits until its recording ends: its disk and this machine are busy.
            running = self._store.state.session_id if self._store.state.recording_wanted else ""
            waits = [one for one in files if one.to_repair and one.id not in self._tried]
            waits = [one for one in waits if one.session_id != running or one.failed_code in ("", CUT_OFF)]
            fresh_ms = time.time_ns() // 1_000_000 - SEAL_DAYS * 86_400_000
            unsealed = [one for one in files if one.whole and not one.sha256 and one.id not in self._tried]
            unsealed = [one for one in unsealed if one.ended_at_ms > fresh_ms]
            if waits:
                self._say(waits[0].path, left=len(waits))
                await self._repair(waits[0])
            elif unsealed:
                await self._seal(unsealed[0])
            elif isos := await self._isos():
                self._say(isos[0].path, left=len(isos))
                await self._repair_iso(isos[0])
            else:
                return

    # ---- repair

    async def _repair(self, one: RecordedFile) -> None:
        self._tried.add(one.id)
        order = {"path": one.path, "first_ms": one.begins_ms, "chapters": one.chapters}
        done = await self._child("mend", {**order, "keep_free_bytes": self.keep_free_bytes})
        if "duration_ms" not in done:
            await self._left(one, done)
            return
        # Looked up now: the next file may have got its first picture in the meantime.
        lost_ms = gap_after_ms(one, recorded_files(await self._store.of_kinds(KINDS)), done["duration_ms"])
        repaired = f.RecordingRepaired(
            recording_id=one.id,
            path=one.path,
            duration_ms=done["duration_ms"],
            size_bytes=done["size_bytes"],
            chapters=done["chapters"],
            lost_ms=lost_ms,
            cut_bytes=done["cut_bytes"],
        )
        await self._store.record_in(one.session_id, ACTOR, repaired)
        self._tried.discard(one.id)  # it is to be sealed
        _log.info("recording %s was finished: %d ms, %d lost", one.id, repaired.duration_ms, lost_ms)
        figures = {"duration_ms": repaired.duration_ms, "chapters": repaired.chapters, "lost_ms": lost_ms}
        self._show({"id": one.id, "path": one.path, "ok": True, **figures})

    async def _left(self, one: RecordedFile, done: dict[str, Any]) -> None:
        """It stays as it is: say why, in the journal once."""
        code = str(done.get("code", ""))
        if code == RepairCode.MISSING and not one.first_at_ms:  # it never had a picture
            code = str(RepairCode.EMPTY)
        why = {"reason": str(done.get("reason", "")), "code": code, "args": done.get("args", {})}
        _log.info("recording %s is left as it is: %s", one.id, why["reason"])
        if code == BUSY:
            return
        if one.left_code != code:
            left = f.RecordingUnrepaired(recording_id=one.id, path=one.path, **why)
            await self._store.record_in(one.session_id, ACTOR, left)
        if code == RepairCode.EMPTY:
            return
        self._show({"id": one.id, "path": one.path, "ok": False, **why})

    # ---- isolated recordings

    async def _isos(self) -> list[IsoFile]:
        """Those that were cut off; those of the session that is open wait until nothing is recorded."""
        state = self._store.state
        found = [one for one in iso_files(await self._store.of_kinds(ISO_KINDS)) if one.to_repair]
        found = [one for one in found if one.path not in self._tried]
        if recorded_now(state):
            found = [one for one in found if one.session_id != state.session_id]
        return [one for one in found if one.failed or not state.is_open or one.session_id != state.session_id]

    async def _repair_iso(self, one: IsoFile) -> None:
        self._tried.add(one.path)
        quiet_s = 0.0 if one.failed else ISO_QUIET_S
        order = {"path": one.path, "keep_free_bytes": self.keep_free_bytes, "quiet_s": quiet_s}
        done = await self._child("mend_iso", order)
        if "duration_ms" not in done:
            await self._iso_left(one, done)
            return
        figures = {"duration_ms": done["duration_ms"], "size_bytes": done["size_bytes"]}
        repaired = f.RecordingRepaired(recording_id="", path=one.path, **figures)
        await self._store.record_in(one.session_id, ACTOR, repaired)
        _log.info("isolated recording %s was finished", Path(one.path).name)
        if not done["was_whole"]:
            told = {"iso": True, "duration_ms": done["duration_ms"]}
            self._show({"id": one.path, "path": one.path, "ok": True, **told})

    async def _iso_left(self, one: IsoFile, done: dict[str, Any]) -> None:
        """Say why it stays as it is, in the journal once; a missing one was deleted or moved by somebody."""
        code = str(done.get("code", ""))
        why = {"reason": str(done.get("reason", "")), "code": code, "args": done.get("args", {})}
        _log.info("isolated recording %s is left as it is: %s", Path(one.path).name, why["reason"])
        if code not in (one.left_code, BUSY):
            left = f.RecordingUnrepaired(recording_id="", path=one.path, **why)
            await self._store.record_in(one.session_id, ACTOR, left)
        if code not in (RepairCode.EMPTY, RepairCode.MISSING, BUSY):
            self._show({"id": one.path, "path": one.path, "ok": False, **why})

    # ---- seal

    async def _seal(self, one: RecordedFile) -> None:
        self._tried.add(one.id)
        done = await self._child("seal", {"path": one.path, "size_bytes": one.size_bytes})
        if done.get("code") == RepairCode.CHANGED:
            await self._left(one, done)
        if "sha256" not in done:
            _log.warning("recording %s is not sealed: %s", one.id, done.get("reason"))
            return
        sealed = f.RecordingSealed(
            recording_id=one.id, path=one.path, sha256=done["sha256"], size_bytes=done["size_bytes"]
        )
        await self._store.record_in(one.session_id, ACTOR, sealed)

    # ---- the child

    async def _child(self, work: str, order: dict[str, Any]) -> dict[str, Any]:
        """Have the child do one thing; what went wrong is in its answer as code and reason."""
        try:
            await FolderThread().run(Path(order["path"]).exists)  # in a dead folder it could not be killed
            if self._helper is None:
                self._helper = await FolderThread().run(started_helper, START_S)
            line = json.dumps({"work": work, **order}).encode() + b"\n"
            helper = self._helper
            told = await FolderThread().run(lambda: asked(helper, line), WORK_S)
            result: dict[str, Any] = json.loads(told)
            return result
        except (OSError, ValueError) as error:
            await self._dismiss()
            return {"code": str(RepairCode.FOLDER), "reason": f"The helper gave no answer: {error}."}

    async def _dismiss(self) -> None:
        """End the child, also where it is not done; one that hangs in a dead folder is left to itself."""
        helper, self._helper = self._helper, None
        if helper is not None:
            with contextlib.suppress(OSError):
                await FolderThread().run(lambda: end(helper), 2 * END_S)

    # ---- what is told

    def _say(self, path: str, left: int = 0) -> None:
        if path or self._shown:
            state = "running" if path else "done"
            value = {"state": state, "path": path, "left": left, "files": list(self._shown)}
            self._observations.set("repair", value)

    def _show(self, entry: dict[str, Any]) -> None:
        self._shown = [*self._shown, entry][-SHOWN:]
        self._say(str(entry["path"]))


def recorded_now(state: SessionState) -> bool:
    """Whether anything of the open session is being recorded. Pure."""
    return state.is_open and (state.recording_wanted or any(iso.wanted for iso in state.isos.values()))


def started_helper() -> subprocess.Popen[bytes]:
    """A child that finishes and seals files, see `media.outputs.filework`; blocks."""
    pipe = subprocess.PIPE
    return subprocess.Popen(paths.self_command("file-work"), stdin=pipe, stdout=pipe)


def asked(helper: subprocess.Popen[bytes], line: bytes) -> bytes:
    """Give it an order and wait for the answer, maybe for minutes; empty where it died."""
    assert helper.stdin is not None
    assert helper.stdout is not None
    helper.stdin.write(line)
    helper.stdin.flush()
    return helper.stdout.readline()


def end(helper: subprocess.Popen[bytes]) -> None:
    """End it, in the middle of a file too: nothing is replaced before it is proven. Blocks END_S at most."""
    assert helper.stdin is not None
    assert helper.stdout is not None
    helper.kill()
    with contextlib.suppress(BrokenPipeError):
        helper.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):  # one that hangs in a dead folder
        helper.wait(END_S)
        helper.stdout.close()
