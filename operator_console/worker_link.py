"""A worker's link to the engine: finds it by endpoint.json, stays attached, ends when there is none for long.

Used by the room and the source workers. The engine may die and come back at any moment; the worker goes on
with its work, attaches again and tells in its hello what it feeds. `WorkerLock` makes a worker's name unique
on this machine, so that a new engine can adopt it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import aiohttp
import msgspec

from operator_console import paths, protocol
from operator_console.locks import is_locked, open_locked
from operator_console.processes import birth_of, same_process

_log = logging.getLogger(__name__)

RETRY_S = 0.1
ORPHAN_S = 30.0
"""A worker that finds no engine for this long ends itself."""
WRONG_VERSION = 4400
"""WebSocket close code of the engine for a hello of another protocol version."""
_ENDPOINT_MAX_BYTES = 4096
_OUTGOING_MAX = 1024
_HEARTBEAT_S = 5.0
_FLUSH_S = 1.0
_LOCK_RETRY_S = 2.0


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Content of endpoint.json: where the engine listens and the token that opens it."""

    port: int
    token: str
    pid: int = 0
    epoch: str = ""


def read_endpoint(runtime: Path) -> Endpoint | None:
    """The endpoint that the running (or last) engine wrote, or None where there is none that can be used."""
    try:
        with (runtime / "endpoint.json").open("rb") as handle:
            return msgspec.json.decode(handle.read(_ENDPOINT_MAX_BYTES), type=Endpoint)
    except (OSError, msgspec.MsgspecError):
        return None


class WorkerBusyError(Exception):
    """Another process with this worker name holds the lock."""


def _lock_path(name: str, runtime: Path | None) -> Path:
    return (runtime or paths.runtime_dir()) / f"worker-{name}.lock"


class WorkerLock:
    """The lock file ``<runtime>/worker-<name>.lock``, held for the worker's life, freed by the system."""

    def __init__(self, name: str, runtime: Path | None = None) -> None:
        self._path = _lock_path(name, runtime)
        self._handle: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take the lock; waits 2 s for a dying predecessor: not on an event loop. Raises WorkerBusyError."""
        handle = open_locked(self._path, _LOCK_RETRY_S)
        if handle is None:
            raise WorkerBusyError(f"A worker called {self._path.stem} runs already.")
        self._handle = handle
        handle.seek(0)
        handle.truncate()
        handle.write(f"{os.getpid()} {birth_of(os.getpid())}".encode())
        handle.flush()

    def release(self) -> None:
        """Free the lock; the file stays, its content is of no meaning then."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def worker_running(name: str, runtime: Path | None = None) -> bool:
    """Whether some process holds the lock of this worker name (the supervisor asks before it starts one)."""
    return is_locked(_lock_path(name, runtime))


def lock_holder(name: str, runtime: Path | None = None) -> tuple[int, str]:
    """Number and birth (`processes.birth_of`) of the process that runs this worker; (0, "") where none does.

    A holder that has only just begun may not have written itself down yet: then it is not known either.
    """
    path = _lock_path(name, runtime)
    try:
        pid, _, birth = path.read_text(encoding="ascii").partition(" ")
        return (int(pid), birth) if is_locked(path) and same_process(int(pid), birth) else (0, "")
    except (OSError, ValueError):
        return 0, ""


class End(StrEnum):
    """Why a link ended."""

    ENDED = "the engine ended this worker"
    STOPPED = "this worker was stopped"
    ORPHANED = "there was no engine for 30 s"
    REFUSED = "the engine is of another version"


class WorkerLink:
    """Keeps a worker attached to the engine.

    ``hello()`` makes the first message of each attachment (with the places that the worker feeds right now).
    ``receive(message)`` is called on the event loop for each message of the engine but `EndWorker`, which
    ends `run`. ``changed(attached)`` is called after each hello and each loss of the engine. None may block.
    """

    def __init__(
        self,
        hello: Callable[[], protocol.WorkerHello],
        receive: Callable[[protocol.AnyToWorker], None],
        changed: Callable[[bool], None] | None = None,
        runtime: Path | None = None,
        orphan_s: float = ORPHAN_S,
    ) -> None:
        self._hello = hello
        self._receive = receive
        self._changed = changed
        self._runtime = runtime or paths.runtime_dir()
        self._orphan_s = orphan_s
        self._outgoing: asyncio.Queue[bytes] | None = None
        self._stopping = asyncio.Event()
        self._overflow = asyncio.Event()

    @property
    def attached(self) -> bool:
        """Whether the engine listens at this moment."""
        return self._outgoing is not None

    def send(self, message: protocol.AnyFromWorker) -> bool:
        """Queue a message, in order; False (and nothing sent) while there is no engine."""
        if self._outgoing is None:
            return False
        try:
            self._outgoing.put_nowait(protocol.encode(message))
        except asyncio.QueueFull:
            self._overflow.set()  # the engine hangs: attach again and say everything anew in the hello
            return False
        return True

    def stop(self) -> None:
        """Let `run` end after what is queued has gone out (at most 1 s)."""
        self._stopping.set()

    async def run(self) -> End:
        """Stay attached until something ends the worker; returns what."""
        staying = asyncio.create_task(self._stay(), name="worker-link")
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({staying, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if staying.done():
                return staying.result()
            await self._flush()
            return End.STOPPED
        finally:
            staying.cancel()
            stopping.cancel()
            await asyncio.gather(staying, stopping, return_exceptions=True)

    async def _flush(self) -> None:
        if self._outgoing is None:
            return
        try:
            await asyncio.wait_for(self._outgoing.join(), _FLUSH_S)
        except TimeoutError:
            _log.info("The engine did not take the last messages")

    async def _stay(self) -> End:
        alone_since = time.monotonic()
        async with aiohttp.ClientSession() as http:
            while time.monotonic() - alone_since < self._orphan_s:
                socket = await self._connect(http)
                if socket is not None:
                    async with socket:
                        end = await self._converse(socket)
                    if end is not None:
                        return end
                    alone_since = time.monotonic()
                await asyncio.sleep(RETRY_S)
        return End.ORPHANED

    async def _connect(self, http: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse | None:
        endpoint = read_endpoint(self._runtime)
        if endpoint is None:
            return None
        try:
            return await http.ws_connect(
                f"http://127.0.0.1:{endpoint.port}/worker",
                headers={"Authorization": f"Bearer {endpoint.token}"},
                max_msg_size=protocol.MAX_MESSAGE_BYTES,
                heartbeat=_HEARTBEAT_S,
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.debug("No engine: %s", type(error).__name__)
            return None

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> End | None:
        self._overflow.clear()
        outgoing: asyncio.Queue[bytes] = asyncio.Queue(_OUTGOING_MAX)
        outgoing.put_nowait(protocol.encode(self._hello()))
        self._outgoing = outgoing
        sending = asyncio.create_task(_send_all(socket, outgoing), name="worker-link-send")
        listening = asyncio.create_task(self._listen(socket), name="worker-link-listen")
        overflowing = asyncio.create_task(self._overflow.wait())
        tasks = {sending, listening, overflowing}
        try:
            self._tell(True)
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return listening.result() if listening.done() else None
        finally:
            self._outgoing = None
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._tell(False)

    def _tell(self, attached: bool) -> None:
        if self._changed is not None:
            self._changed(attached)

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> End | None:
        async for frame in socket:
            if frame.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                continue
            try:
                message = protocol.decode_to_worker(frame.data)
            except msgspec.MsgspecError as error:
                _log.error("The engine sent a message that cannot be read: %s", error)
                continue
            if isinstance(message, protocol.EndWorker):
                return End.ENDED
            self._receive(message)
        return End.REFUSED if socket.close_code == WRONG_VERSION else None


async def _send_all(socket: aiohttp.ClientWebSocketResponse, outgoing: asyncio.Queue[bytes]) -> None:
    while True:
        data = await outgoing.get()
        try:
            await socket.send_str(data.decode())
        finally:
            outgoing.task_done()
