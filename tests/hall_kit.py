"""An engine of nothing but sound for the tests of the audio worker: real API, hub, supervisor and mixer.

One office speaks (`say`), its voice goes to the hall's loudspeakers by the mixer's HALL; what the hall's
microphones give goes into PROGRAM and into the office's own mix.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np
import numpy.typing as npt
from av.audio.codeccontext import AudioCodecContext

from media.audio.mixer import MixInput
from media.audio.mixplan import RINGS
from media.audio.thread import MixerNames, MixerThread
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from media.bus.reader import AudioReader, PacketReader
from media.bus.writer import AudioWriter
from media.clock import now_us
from operator_console import paths
from operator_console import protocol as p
from operator_console.engine.audiohub import AUDIO, AudioHub
from operator_console.engine.control import Connection, ControlClient, ControlServer, WorkerHandler
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.engine.supervisor import Supervisor
from operator_console.journal import Journal
from operator_console.session import facts as f
from operator_console.session.model import HALL, HallSound

I16 = npt.NDArray[np.int16]
F32 = npt.NDArray[np.float32]
T = TypeVar("T")

WITHIN_S = 12.0
FAR_SEGMENT = "audio-office"


class HallEngine(WorkerHandler):
    """Keeps the audio worker as an engine does."""

    def __init__(self, folder: Path) -> None:
        self.bus = paths.bus_dir()
        self._journal = folder / "journal.db"
        self.supervisor = Supervisor(self._started, self._lost, [])
        self._make()
        self.pids: list[int] = []
        self.losses = 0
        self._office = AudioWriter(self.bus, FAR_SEGMENT, 1)
        self._voice: I16 = np.zeros(0, np.int16)
        self._tasks: set[asyncio.Task[None]] = set()

    async def renew(self) -> None:
        """Put a next engine in place of one whose API and mixer have ended: it knows what the journal knows.

        Only the supervisor stays, whose children are this process's.
        """
        await self.store.close()
        self._make()
        assert await self.store.resume()
        self.audio.start()
        await self.server.start()
        self.mixer.start()

    def _make(self) -> None:
        self.store = SessionStore(Journal(self._journal))
        self.observations = Observations()
        self.audio = AudioHub(self.store, self.observations, self.supervisor, self._spawn)
        self.server = ControlServer(
            paths.runtime_dir(), self.bus, self.store, self.observations, self._execute, self
        )
        names = MixerNames(p.ENGINE_AUDIO, p.RING_SHARED, [p.ring_minus(ring) for ring in range(RINGS)])
        self.mixer = MixerThread(self.bus, names)
        self.mixer.set_inputs(
            {
                "office": MixInput(FAR_SEGMENT, 0, role="participant"),
                HALL: MixInput(p.HALL_AUDIO, 0, role="hall"),
            }
        )

    # ---- what an engine does with workers

    def worker_attached(self, hello: p.WorkerHello, connection: Connection) -> None:
        self.audio.worker_attached(hello, connection)
        self.supervisor.attached(hello.name, hello.pid)

    def worker_detached(self, hello: p.WorkerHello, connection: Connection) -> None:
        self.supervisor.detached(hello.name)
        self.audio.worker_detached(connection)

    def worker_message(self, hello: p.WorkerHello, message: p.AnyFromWorker) -> None:
        self.audio.receive(message)

    def _started(self, name: str, pid: int) -> None:
        self.pids.append(pid)

    def _lost(self, name: str, status: object) -> None:
        assert name == AUDIO
        self.losses += 1
        self.audio.worker_lost()

    async def _execute(self, actor: str, command: p.AnyCommand, client: ControlClient) -> dict[str, Any]:
        raise AssertionError("nobody gives commands here")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- life

    async def start(self, hall: HallSound) -> None:
        """Open a session with this hall."""
        await self.server.start()
        self.mixer.start()
        self._spawn(self.supervisor.run())
        self._spawn(self._speak())
        opened = f.SessionOpened(session_id="s", title="Rapat")
        await self.store.decide("t", lambda _state: [opened], session_id="s")
        await self.want(hall)

    async def stop(self) -> None:
        """End everything."""
        self.audio.end_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.supervisor.stop()
        await asyncio.to_thread(self.mixer.stop)
        await self.server.stop()
        await self.store.close()
        self._office.close()

    async def want(self, hall: HallSound) -> None:
        """Choose the hall's sound."""
        await self.store.record("t", f.HallSoundSet(hall=hall))

    # ---- the office

    def say(self, voice: I16) -> None:
        """Let the office say this from now on, again and again; empty: nothing."""
        self._voice = voice

    async def _speak(self) -> None:
        index, at = now_us() // BLOCK_US, 0
        while True:
            index += 1
            await asyncio.sleep(max(0.0, (index * BLOCK_US - now_us()) / 1e6))
            voice = self._voice
            at = at if at + BLOCK_SAMPLES <= len(voice) else 0
            block = voice[at : at + BLOCK_SAMPLES]
            at += BLOCK_SAMPLES
            if len(block) < BLOCK_SAMPLES:
                block = np.zeros(BLOCK_SAMPLES, np.int16)
            self._office.write(0, index, block, index * BLOCK_US - BLOCK_US)
            self._office.beat()

    # ---- looking

    @property
    def hall(self) -> dict[str, Any]:
        """The observation `hall_sound`."""
        found: dict[str, Any] = self.observations.values.get("hall_sound", {})
        return found

    async def until(self, what: str, true: Callable[[], T], within_s: float = WITHIN_S) -> T:
        """Wait for something; returns it."""
        deadline = time.monotonic() + within_s
        while not (found := true()):
            assert time.monotonic() < deadline, f"never came: {what}; {self.hall}"
            await asyncio.sleep(0.02)
        return found

    async def running(self, within_s: float = WITHIN_S) -> None:
        """Wait until the hall's sound runs and is treated."""
        await self.until("the hall's sound", lambda: self.hall.get("state") == "running", within_s)
        await self.until("the canceller", lambda: self.hall.get("echo"), within_s)

    async def recorded(self, seconds: float, segment: str = p.HALL_AUDIO, ring: int = 0) -> F32:
        """What stands in a ring of the bus from now on; silence where a block is missing."""
        reader = AudioReader(self.bus, segment)
        first = reader.head(ring)
        blocks: dict[int, I16] = {}
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline:
                await asyncio.sleep(0.1)
                head = reader.head(ring)
                fresh = [reader.read(ring, index) for index in range(max(first, head - 20), head)]
                blocks |= {block.index: block.samples for block in fresh if block is not None}
        finally:
            reader.close()
        silence = np.zeros(BLOCK_SAMPLES, np.int16)
        span = range(min(blocks, default=0), max(blocks, default=0) + 1)
        joined = np.concatenate([blocks.get(index, silence) for index in span])
        return joined.astype(np.float32) / np.float32(32768)

    async def heard_by_office(self, seconds: float) -> F32:
        """What the office is sent meanwhile, decoded."""
        reader = PacketReader(self.bus, p.ring_minus(0))
        context = av.CodecContext.create("opus", "r")
        assert isinstance(context, AudioCodecContext)
        context.sample_rate, context.layout = 48_000, "mono"
        deadline, sound = time.monotonic() + seconds, []
        try:
            while time.monotonic() < deadline:
                for packet in reader.read():
                    frames = context.decode(av.Packet(packet.data))
                    sound += [frame.to_ndarray()[0].astype(np.float32) for frame in frames]
                await asyncio.sleep(0.02)
        finally:
            reader.close()
        return np.concatenate(sound)


def level_db(sound: F32) -> float:
    """Level in dBFS."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12))


@asynccontextmanager
async def hall_engine(folder: Path, hall: HallSound) -> AsyncIterator[HallEngine]:
    """An engine with an open session and this hall."""
    engine = HallEngine(folder)
    try:
        await engine.start(hall)
        yield engine
    finally:
        await engine.stop()
