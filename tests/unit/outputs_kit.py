"""Recording and livestreams of an engine with a real small program pushed from a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from media.clock import now_us
from media.packet import EncodedPacket
from operator_console.engine.livestreams import Livestreams
from operator_console.engine.observations import Observations
from operator_console.engine.recording import Recording
from operator_console.engine.store import SessionStore
from operator_console.engine.untold import Untold
from operator_console.engine.vault import Vault
from operator_console.journal import Journal
from operator_console.session import facts as f
from operator_console.settings import Destination, Settings
from tests.media.program_signal import SMALL, SOUND, ProgramSignal

VIDEO = replace(SMALL, bit_rate_bps=1_000_000)
PROFILES = (VIDEO, SOUND)


class PushedProgram:
    """Encodes a program in real time and hands its packets to whoever wants them."""

    def __init__(self) -> None:
        self._begun_us = now_us()
        self.signal = ProgramSignal(VIDEO, self._begun_us)
        self.takers: list[Callable[[EncodedPacket], None]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        # By the clock of the stamps: a program that lags behind it would put chapters into the next file.
        while not self._stopping.wait(
            max(0.0, (self._begun_us - now_us()) / 1e6 + self.signal.tick / VIDEO.fps)
        ):
            for packet in self.signal.packets(1 / VIDEO.fps):
                for take in self.takers:
                    take(packet)

    @contextlib.contextmanager
    def running(self) -> Iterator[PushedProgram]:
        self._thread.start()
        yield self
        self._stopping.set()
        self._thread.join()


class Deck:
    """A session with recording and livestreams."""

    def __init__(self, top: Path, program: PushedProgram, vault: Vault | None = None) -> None:
        self.folder = top / "recordings"
        self.settings = Settings(
            data_dir=str(top),
            recording_dir=str(self.folder),
            destinations=(Destination("dinas", "rtmp://127.0.0.1:9/live"),),
            air_min_bitrate_bps=200_000,
        )
        self.program = program
        self.store = SessionStore(Journal(top / "journal.db"))
        self.store.untold = Untold(top / "untold.json")
        self.observations = Observations()
        self.vault = vault or Vault()
        self.demands = 0
        self._tasks: set[asyncio.Task[None]] = set()
        key = program.signal.request_key
        store, seen = self.store, self.observations
        self.recording = Recording(self.settings, store, seen, PROFILES, key, self._spawn, self._demand)
        self.livestreams = Livestreams(self.settings, store, seen, PROFILES, key, self._spawn, self.vault)
        program.takers += [self.recording.push, self.livestreams.push]

    def _demand(self) -> None:
        self.demands += 1

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def open(self) -> None:
        fact = f.SessionOpened(session_id="s", title="Rapat Kerja")
        await self.store.decide("t", lambda _state: [fact], session_id="s")

    async def facts(self) -> list[f.AnyFact]:
        """Everything that was journaled of the session."""
        return [record.body for record in self.store._journal.facts("s")]

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.mp4"))

    async def end(self) -> None:
        """Stop the outputs and let the store go."""
        await self.recording.stop("t")
        await self.livestreams.stop_all("t")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.store.close()

    async def crash(self) -> None:
        """Go away as a killed engine does: nothing is journaled any more, files stay as they are."""
        for task in self._tasks:
            task.cancel()
        for lane in self.recording.lanes:
            running, lane._now = lane._now, None
            if running is not None and running.recorder is not None:
                running.recorder.stop()
                await asyncio.to_thread(running.recorder.join, 5.0)
        for stream in self.livestreams._streams.values():
            await stream.stop(0.1)
        self.livestreams._streams.clear()
        await self.store.close()


@asynccontextmanager
async def deck(top: Path) -> AsyncIterator[Deck]:
    with PushedProgram().running() as program:
        one = Deck(top, program)
        await one.open()
        yield one
        await one.end()
