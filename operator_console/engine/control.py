"""The engine's local API: a WebSocket server on 127.0.0.1 for consoles and workers (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from operator_console import protocol as p
from operator_console.engine.endpoint import Endpoint, new_endpoint, remove_endpoint, write_endpoint
from operator_console.engine.observations import Observations
from operator_console.engine.requests import reply_to_bad_request
from operator_console.engine.store import SessionStore
from operator_console.session.facts import FactRecord
from operator_console.session.model import SessionState

_log = logging.getLogger(__name__)

QUEUE_MAX = 256
"""Messages that wait for a slow client before it is disconnected."""
COMMANDS_AT_ONCE = 32
"""Commands of one client that are under way at the same time."""
HELLO_S = 5.0
HEARTBEAT_S = 2.0
CLOSE_NO_TEXT = 1003
"""Of RFC 6455: a frame of a kind that is not taken here."""
CLOSE_VERSION = 4400
CLOSE_SLOW = 4408
CLOSE_S = 1.0
"""How long a client that does not read is given to take the close frame."""

Execute = Callable[[str, p.AnyCommand, "ControlClient"], Awaitable[dict[str, Any]]]


class Connection:
    """One WebSocket with its own bounded queue; sending never blocks the sender."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.socket = socket
        self._transport = transport
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_MAX)
        self._overflowed = False
        self._dropping: asyncio.Task[None] | None = None

    def send(self, message: p.Message) -> None:
        """Queue a message; a client that does not keep up is disconnected and attaches anew."""
        self.send_encoded(p.encode(message))

    def send_encoded(self, data: bytes) -> None:
        """Queue a message that is encoded already."""
        if self._overflowed:
            return
        try:
            self._queue.put_nowait(data)
        except asyncio.QueueFull:
            self._overflowed = True
            self._dropping = asyncio.get_running_loop().create_task(self._drop())

    async def _drop(self) -> None:
        """Disconnect who does not read: neither close frame nor orderly end would ever get through to him."""
        _log.info("a client that does not keep up is disconnected")
        try:
            await asyncio.wait_for(self.socket.close(code=CLOSE_SLOW), CLOSE_S)
        except TimeoutError:
            pass
        if self._transport is not None:
            self._transport.abort()

    async def pump(self) -> None:
        """Write what is queued until cancelled or the peer is gone."""
        while True:
            data = await self._queue.get()
            try:
                await self.socket.send_str(data.decode())
            except ConnectionError:
                return


class ControlClient(Connection):
    """A console, deck or test; what it shows is kept here."""

    wants = p.SetWants()
    name = "console"


class WorkerHandler:
    """What the server needs of whoever handles workers."""

    def worker_attached(self, hello: p.WorkerHello, connection: Connection) -> None:
        """A worker said hello."""
        raise NotImplementedError

    def worker_detached(self, hello: p.WorkerHello, connection: Connection) -> None:
        """A worker's connection ended."""
        raise NotImplementedError

    def worker_message(self, hello: p.WorkerHello, message: p.AnyFromWorker) -> None:
        """A worker sent something."""
        raise NotImplementedError


class ControlServer:
    """Serves `/control` and `/worker` to whoever knows the token and is no web page."""

    def __init__(
        self,
        runtime: Path,
        bus: Path,
        store: SessionStore,
        observations: Observations,
        execute: Execute,
        workers: WorkerHandler,
    ) -> None:
        self._runtime, self._bus = runtime, bus
        self._store, self._observations = store, observations
        self._execute, self._workers = execute, workers
        self.clients: set[ControlClient] = set()
        self.on_wants: Callable[[], None] = lambda: None
        self.on_gone: Callable[[ControlClient], None] = lambda client: None
        self._endpoint: Endpoint | None = None
        self._runner: web.AppRunner | None = None
        self._flush_due = False
        self._commands: set[asyncio.Task[None]] = set()
        store.listen(self._tell)
        observations.on_change(self._schedule_flush)

    async def start(self) -> Endpoint:
        """Listen on a free port of 127.0.0.1 and publish the endpoint file."""
        app = web.Application()
        app.router.add_get("/control", self._control)
        app.router.add_get("/worker", self._worker)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self._endpoint = new_endpoint(port)
        await asyncio.to_thread(write_endpoint, self._runtime, self._endpoint)
        return self._endpoint

    async def stop(self) -> None:
        """Close all connections and take the endpoint file away."""
        if self._endpoint is not None:
            await asyncio.to_thread(remove_endpoint, self._runtime, self._endpoint)
        for client in list(self.clients):
            await client.socket.close(code=1001)
        if self._runner is not None:
            await self._runner.cleanup()

    def _tell(self, before: SessionState, after: SessionState, record: FactRecord) -> None:
        self._send_changed()  # observed before a fact, known before it
        data = p.encode(p.Told(record=record))
        for client in self.clients:
            client.send_encoded(data)

    def _schedule_flush(self) -> None:
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_later(0.02, self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        self._send_changed()

    def _send_changed(self) -> None:
        values = self._observations.flush()
        if values and self.clients:
            data = p.encode(p.Observed(values=values))
            for client in self.clients:
                client.send_encoded(data)

    def _refusal(self, request: web.Request) -> web.Response | None:
        """Why a request may not come in: a web page always has an Origin, and never our token."""
        if "Origin" in request.headers:
            return web.Response(status=403, text="no web pages here")
        given = request.headers.get("Authorization", "").encode()
        expected = f"Bearer {self._endpoint.token}".encode() if self._endpoint else b""
        if not expected or not hmac.compare_digest(given, expected):
            return web.Response(status=401, text="token missing or wrong")
        return None

    async def _open(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, compress=False, max_msg_size=p.MAX_MESSAGE_BYTES
        )
        await socket.prepare(request)
        return socket

    async def _control(self, request: web.Request) -> web.StreamResponse:
        if (refused := self._refusal(request)) is not None:
            return refused
        socket = await self._open(request)
        client = ControlClient(socket, request.transport)
        pump = asyncio.create_task(client.pump(), name="control-pump")
        try:
            if await self._greet(client):
                await self._serve(client)
        finally:
            if client in self.clients:
                self.clients.discard(client)
                self.on_wants()
                self.on_gone(client)
            await _cancelled(pump)
        return socket

    async def _greet(self, client: ControlClient) -> bool:
        try:
            hello = p.decode_client(await client.socket.receive_str(timeout=HELLO_S))
        except (TypeError, TimeoutError, msgspec.MsgspecError):
            await client.socket.close(code=CLOSE_VERSION)
            return False
        if not isinstance(hello, p.Hello) or hello.version != p.PROTOCOL_VERSION:
            await client.socket.close(code=CLOSE_VERSION)
            return False
        client.name = hello.client[:64] or "console"
        self._flush()
        snapshot = p.Snapshot(
            epoch=self._endpoint.epoch if self._endpoint else "",
            state=self._store.state,
            observations=self._observations.values,
            bus_dir=str(self._bus),
        )
        client.send(snapshot)
        self.clients.add(client)
        return True

    async def _serve(self, client: ControlClient) -> None:
        at_once = asyncio.Semaphore(COMMANDS_AT_ONCE)
        async for frame in client.socket:
            if frame.type is not WSMsgType.TEXT:
                await client.socket.close(code=CLOSE_NO_TEXT)
                return
            try:
                message = p.decode_client(frame.data)
            except msgspec.MsgspecError as error:
                _log.info("control client sent something that is no message: %s", error)
                reply = reply_to_bad_request(frame.data, str(error), self._store.state.rev)
                if reply is None:
                    await client.socket.close(code=CLOSE_NO_TEXT)
                    return
                client.send(reply)
                continue
            if isinstance(message, p.Request):
                await at_once.acquire()  # a client that floods us waits; the others do not
                task = asyncio.create_task(self._answer(client, message), name="command")
                self._commands.add(task)
                task.add_done_callback(self._commands.discard)
                task.add_done_callback(lambda _task: at_once.release())

    async def _answer(self, client: ControlClient, request: p.Request) -> None:
        refusal: p.Refusal | None = None
        result: dict[str, Any] = {}
        try:
            if isinstance(request.command, p.SetWants):
                client.wants = request.command
                self.on_wants()
            else:
                result = await self._execute(client.name, request.command, client)
        except p.OperatorError as error:
            refusal = error.refusal
        except Exception:  # noqa: BLE001 top of the command task
            _log.exception("command %s failed", type(request.command).__name__)
            refusal = p.Refusal(
                code="internal",
                text_id="Perintah gagal karena kesalahan di dalam program. Catatannya ada di log.",
                text_en="The command failed through a fault of the program. The log has the details.",
            )
        client.send(
            p.Reply(
                id=request.id, ok=refusal is None, rev=self._store.state.rev, result=result, refusal=refusal
            )
        )

    async def _worker(self, request: web.Request) -> web.StreamResponse:
        if (refused := self._refusal(request)) is not None:
            return refused
        socket = await self._open(request)
        connection = Connection(socket, request.transport)
        try:
            hello = p.decode_from_worker(await socket.receive_str(timeout=HELLO_S))
        except (TypeError, TimeoutError, msgspec.MsgspecError):
            await socket.close(code=CLOSE_VERSION)
            return socket
        if not isinstance(hello, p.WorkerHello) or hello.version != p.PROTOCOL_VERSION:
            await socket.close(code=CLOSE_VERSION)
            return socket
        pump = asyncio.create_task(connection.pump(), name="worker-pump")
        self._workers.worker_attached(hello, connection)
        try:
            await self._listen(hello, socket)
        finally:
            self._workers.worker_detached(hello, connection)
            await _cancelled(pump)
        return socket

    async def _listen(self, hello: p.WorkerHello, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                message = p.decode_from_worker(frame.data)
            except msgspec.MsgspecError as error:
                _log.warning("worker %s sent something that is no message: %s", hello.name, error)
                continue
            self._workers.worker_message(hello, message)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
