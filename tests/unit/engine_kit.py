"""An engine without media for the tests: real journal, store, handlers and API; the rest only notes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp

from operator_console import protocol as p
from operator_console.engine import desk, hall, isos, onair, people, studio
from operator_console.engine.context import HANDLERS, EngineContext
from operator_console.engine.control import Connection, ControlClient, ControlServer, WorkerHandler
from operator_console.engine.endpoint import Endpoint
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.settings import Settings

HANDLER_MODULES = (people, onair, desk, hall, isos, studio)
DEADLINE_S = 10.0


async def eventually(true: Callable[[], bool], within_s: float = DEADLINE_S) -> None:
    """Wait until something is true; fail after a while."""
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until, "did not happen in time"
        await asyncio.sleep(0.01)


def drop_task(work: Coroutine[Any, Any, None]) -> None:
    """Where nothing is expected to be spawned."""
    work.close()


class NotedRoom:
    """Notes what the room would be told."""

    attached_now = False
    on_iso: Any = None

    def set_iso_plan(self, plan: p.IsoPlan) -> None:
        self.iso_plan = plan

    def __init__(self) -> None:
        self.iso_plan = p.IsoPlan()
        self.set_ups = 0
        self.asked: list[tuple[str, str]] = []

    def set_up(self) -> None:
        self.set_ups += 1

    def ask_page(self, participant_id: str, action: str) -> None:
        self.asked.append((participant_id, action))

    reachable = True

    def invite_url(self, token: str) -> str:
        return f"https://host:8443/#t={token}"


class NotedAudio:
    """Notes which tests of the hall's sound were asked for."""

    def __init__(self) -> None:
        self.attached = True
        self.tests: list[tuple[str, str]] = []

    def run_test(self, test: str, target: str) -> None:
        self.tests.append((test, target))

    def look_for_devices(self) -> None:
        self.tests.append(("devices", ""))


class NotedOutputs:
    """Notes which outputs were started and stopped."""

    def __init__(self) -> None:
        self.recording = False
        self.tested = ""
        self.live: set[str] = set()

    async def start_recording(self, actor: str) -> str:
        self.recording = True
        return "/videos/a.mp4"

    async def stop_recording(self, actor: str) -> None:
        self.recording = False

    async def pause_recording(self, actor: str) -> None:
        self.recording = False

    async def resume_recording(self, actor: str) -> str:
        self.recording = True
        return "/videos/b.mp4"

    async def split_recording(self, actor: str) -> bool:
        return self.recording

    async def test_line(self, command: p.RunLineTest) -> None:
        self.tested = command.destination_id

    async def stop_line_test(self) -> None:
        self.tested = ""

    async def start_livestream(self, actor: str, command: p.StartLivestream) -> None:
        self.live.add(command.destination_id)

    async def stop_livestream(self, actor: str, destination_id: str, *, now: bool) -> None:
        self.live.discard(destination_id)

    def when_ended(self, act: Callable[[], None]) -> None:
        act()

    async def stop_all(self, actor: str) -> None:
        self.recording = False
        self.live.clear()


class NotedYoutube:
    """Notes what was asked of the YouTube account."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def sign_in(self, *, for_run: bool) -> str:
        return "https://accounts.example/sign-in"

    async def cancel_sign_in(self) -> None:
        self.asked.append("cancel")

    async def sign_out(self) -> None:
        self.asked.append("sign out")

    async def look(self) -> None:
        self.asked.append("look")

    async def schedule(self, command: p.ScheduleBroadcast) -> None:
        self.asked.append(command.title)

    async def remove(self, broadcast_id: str) -> None:
        self.asked.append(broadcast_id)

    async def go_live(self, actor: str, command: p.StartBroadcast) -> None:
        self.asked.append(command.title)

    async def ending(self, actor: str) -> None:
        self.asked.append("ending")

    async def ended(self) -> None:
        self.asked.append("ended")

    def stream_stopped(self) -> None:
        self.asked.append("stopped")


class NotedWorkers(WorkerHandler):
    """Keeps what workers say."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []
        self.connections: dict[str, Connection] = {}

    def worker_attached(self, hello: p.WorkerHello, connection: Connection) -> None:
        self.connections[hello.name] = connection

    def worker_detached(self, hello: p.WorkerHello, connection: Connection) -> None:
        self.connections.pop(hello.name, None)

    def worker_message(self, hello: p.WorkerHello, message: p.AnyFromWorker) -> None:
        self.heard.append((hello.name, message))


class BareEngine(EngineContext):
    """What command handlers need, with the session for real."""

    needed_by_others = False

    def __init__(self, journal: Journal) -> None:
        self.settings = replace(Settings(), office_name="Banjar")
        self.store = SessionStore(journal)
        self.observations = Observations()
        self.noted_room, self.noted_outputs, self.noted_audio = NotedRoom(), NotedOutputs(), NotedAudio()
        self.room: Any = self.noted_room
        self.outputs: Any = self.noted_outputs
        self.audio: Any = self.noted_audio
        self.youtube: Any = NotedYoutube()
        room: Any = self.noted_room
        self.isos = isos.IsoHub(self.settings, self.store, self.observations, room, drop_task)
        self.stop_requested = asyncio.Event()
        self.changed: dict[str, object] = {}
        self.overridden: set[str] = set()

    def overrides_setting(self, name: str) -> bool:
        return name in self.overridden

    async def change_setting(self, name: str, value: object) -> None:
        self.changed[name] = value

    async def do(self, command: p.AnyCommand) -> dict[str, Any]:
        return await HANDLERS[type(command)](self, "siti", command)

    async def execute(self, actor: str, command: p.AnyCommand, client: ControlClient) -> dict[str, Any]:
        return await HANDLERS[type(command)](self, actor, command)


@asynccontextmanager
async def bare_engine(folder: Path) -> AsyncIterator[BareEngine]:
    engine = BareEngine(Journal(folder / "journal.db"))
    yield engine
    await engine.store.close()


class Console:
    """A control client over a real WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._number = 0
        self.told: list[p.Told] = []
        self.observed: dict[str, Any] = {}
        self.snapshot: p.Snapshot | None = None

    async def hello(self) -> p.Snapshot:
        await self.socket.send_str(p.encode(p.Hello(client="test")).decode())
        while self.snapshot is None:
            await self.hear()
        return self.snapshot

    async def hear(self) -> p.AnyServerMessage:
        message: p.AnyServerMessage = p.decode_server(await self.socket.receive_str(timeout=DEADLINE_S))
        if isinstance(message, p.Told):
            self.told.append(message)
        elif isinstance(message, p.Observed):
            self.observed |= message.values
        elif isinstance(message, p.Snapshot):
            self.snapshot = message
        return message

    async def send(self, command: p.AnyCommand) -> int:
        self._number += 1
        await self.socket.send_str(p.encode(p.Request(id=self._number, command=command)).decode())
        return self._number

    async def do(self, command: p.AnyCommand) -> p.Reply:
        number = await self.send(command)
        while True:
            message = await self.hear()
            if isinstance(message, p.Reply) and message.id == number:
                return message

    async def hear_until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self.hear()


class Served:
    """The API of a bare engine, and clients for it."""

    def __init__(self, engine: BareEngine, runtime: Path) -> None:
        self.engine, self.runtime = engine, runtime
        self.workers = NotedWorkers()
        self.server = ControlServer(
            runtime, runtime / "bus", engine.store, engine.observations, engine.execute, self.workers
        )
        self.endpoint: Endpoint
        self.http: aiohttp.ClientSession

    def url(self, path: str = "/control") -> str:
        return f"http://127.0.0.1:{self.endpoint.port}{path}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.endpoint.token}"}

    async def socket(self, path: str = "/control") -> aiohttp.ClientWebSocketResponse:
        return await self.http.ws_connect(self.url(path), headers=self.bearer)

    async def console(self) -> Console:
        return Console(await self.socket())

    async def attached(self) -> Console:
        console = await self.console()
        await console.hello()
        return console


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    async with bare_engine(folder) as engine:
        one = Served(engine, folder)
        one.endpoint = await one.server.start()
        async with aiohttp.ClientSession() as one.http:
            yield one
        await one.server.stop()
