"""Ends of outputs that no journal took yet: the next engine must not take up what the operator has ended."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import msgspec

from operator_console.session import facts as f
from operator_console.session.model import OutputPhase, SessionState
from operator_console.whole_files import write_private

_log = logging.getLogger(__name__)

FILE = "untold.json"
End = f.RecordingStopped | f.RecordingFailed | f.LivestreamStopping | f.LivestreamStopped | f.BroadcastEnding
MAX_BYTES = 256 * 1024


class UntoldEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An end, whose it is, and when what it ended was begun: only files of recordings have a name."""

    session_id: str
    actor: str
    fact: End
    begun_ms: int = 0

    def due(self, state: SessionState) -> list[f.AnyFact]:
        """The fact, if it is still true and not known: what was begun later goes on."""
        if state.session_id != self.session_id:
            return []
        if begun_ms(state, self.fact) != self.begun_ms:
            return []
        if isinstance(self.fact, f.BroadcastEnding):
            return [self.fact] if state.broadcast is not None and state.broadcast.running else []
        if isinstance(self.fact, f.LivestreamStopping | f.LivestreamStopped):
            stream = state.livestreams.get(self.fact.destination_id)
            return [self.fact] if stream is not None and stream.phase is not OutputPhase.STOPPED else []
        entries = [one for one in (state.recording, state.second_recording) if one is not None]
        mine = [one for one in entries if self.fact.recording_id in (one.id, one.next.id if one.next else "")]
        return [self.fact] if any(one.phase is not OutputPhase.STOPPED for one in mine) else []


def begun_ms(state: SessionState, fact: End) -> int:
    """When the livestream or broadcast was begun that has ended; 0 for a recording."""
    if isinstance(fact, f.BroadcastEnding):
        return state.broadcast.asked_at_ms if state.broadcast is not None else 0
    stream = state.livestreams.get(getattr(fact, "destination_id", ""))
    return stream.started_at_ms if stream is not None else 0


def _key(fact: End) -> str:
    if isinstance(fact, f.BroadcastEnding):
        return "broadcast"
    return getattr(fact, "recording_id", "") or "stream:" + getattr(fact, "destination_id", "")


class Untold:
    """Keeps them in a file of the runtime folder: the disk of the journal is the one that is full."""

    def __init__(self, file: Path | None = None) -> None:
        """Without a file they are kept for this engine only."""
        self._file = file
        self._ends: dict[str, UntoldEnd] = {}
        self._writing = asyncio.Lock()

    async def load(self) -> list[UntoldEnd]:
        """What the last engine left; nothing from a file that is torn or foreign."""
        for one in await asyncio.to_thread(self._read):
            self._ends.setdefault(_key(one.fact), one)
        return list(self._ends.values())

    async def keep(self, end: UntoldEnd) -> None:
        """Keep one until it is told."""
        if self._ends.get(_key(end.fact)) != end:
            await self._change({**self._ends, _key(end.fact): end})

    async def told(self, fact: End) -> None:
        """The journal has it, or what came after it."""
        if _key(fact) in self._ends:
            await self._change({key: end for key, end in self._ends.items() if key != _key(fact)})

    async def _change(self, ends: dict[str, UntoldEnd]) -> None:
        self._ends = ends
        async with self._writing:
            try:
                await asyncio.to_thread(self._write, list(self._ends.values()))
            except OSError as error:
                _log.error("the end of an output can be kept nowhere: %s", error)

    def _read(self) -> list[UntoldEnd]:
        if self._file is None:
            return []
        try:
            with self._file.open("rb") as file:
                return msgspec.json.decode(file.read(MAX_BYTES), type=list[UntoldEnd])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError) as error:
            _log.error("the ends that the last engine could not journal are lost: %s", error)
            return []

    def _write(self, ends: list[UntoldEnd]) -> None:
        if self._file is None:
            return
        if not ends:
            self._file.unlink(missing_ok=True)
            return
        write_private(self._file, msgspec.json.encode(ends))
