"""A control client for tests: the session's state by the facts, the observations, commands and replies.

It reads all the time (the engine's heartbeat ends a client that does not) and attaches again by itself when
the engine was started anew, as the window does.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from operator_console import protocol as p
from operator_console.session.facts import FactRecord
from operator_console.session.fold import apply
from operator_console.session.model import Participant, Presence, SessionState
from operator_console.worker_link import read_endpoint

RETRY_S = 0.1
T = TypeVar("T")


class RefusedError(Exception):
    """The engine refused a command; `code` says why."""

    def __init__(self, refusal: p.Refusal) -> None:
        super().__init__(f"{refusal.code}: {refusal.text_en}")
        self.code = refusal.code


class EngineLostError(Exception):
    """The engine went away before it had answered."""


class Console:
    """One attached client."""

    def __init__(self, runtime: Path, name: str = "test") -> None:
        self._runtime, self._name = runtime, name
        self.state = SessionState()
        self.observed: dict[str, Any] = {}
        self.records: list[FactRecord] = []
        """All facts told since the first attachment."""
        self.epoch = ""
        self.bus = Path()
        self.attachments = 0
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[p.Reply]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._stay(), name="console")
        await self.until("the engine answers", lambda: self.attached, 20)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Detach."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def attached(self) -> bool:
        """Whether the snapshot of a living engine has come."""
        return self._socket is not None

    # ---- reading

    async def _stay(self) -> None:
        async with aiohttp.ClientSession() as http:
            while True:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                    await self._attach(http)
                await asyncio.sleep(RETRY_S)

    async def _attach(self, http: aiohttp.ClientSession) -> None:
        endpoint = read_endpoint(self._runtime)
        if endpoint is None:
            return
        headers = {"Authorization": f"Bearer {endpoint.token}"}
        url = f"http://127.0.0.1:{endpoint.port}/control"
        async with http.ws_connect(url, headers=headers, max_msg_size=p.MAX_MESSAGE_BYTES) as socket:
            await socket.send_str(p.encode(p.Hello(client=self._name)).decode())
            try:
                async for frame in socket:
                    self._take(p.decode_server(frame.data), socket)
            finally:
                self._lost()

    def _take(self, message: p.AnyServerMessage, socket: aiohttp.ClientWebSocketResponse) -> None:
        match message:
            case p.Snapshot():
                self.state, self.observed = message.state, dict(message.observations)
                self.epoch, self.bus = message.epoch, Path(message.bus_dir)
                self._socket = socket
                self.attachments += 1
            case p.Told():
                record = message.record
                assert record.seq == self.state.rev + 1, f"fact {record.seq} after {self.state.rev}"
                self.state = apply(self.state, record)
                self.records.append(record)
            case p.Observed():
                self.observed.update(message.values)
                self.observed = {key: value for key, value in self.observed.items() if value is not None}
            case p.Reply():
                waiting = self._waiting.pop(message.id, None)
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)

    def _lost(self) -> None:
        self._socket = None
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(EngineLostError())
        self._waiting.clear()

    # ---- acting

    async def do(self, command: p.AnyCommand, timeout_s: float = 20.0) -> dict[str, Any]:
        """Have a command carried out and return its result; raises RefusedError or EngineLostError."""
        if self._socket is None:
            raise EngineLostError
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(p.encode(p.Request(id=number, command=command)).decode())
        reply = await asyncio.wait_for(self._waiting[number], timeout_s)
        if reply.refusal is not None:
            raise RefusedError(reply.refusal)
        return reply.result

    async def until(self, what: str, fits: Callable[[], T], timeout_s: float = 20.0) -> T:
        """Wait until `fits` returns something true and return that; TimeoutError says what never happened."""
        deadline = time.monotonic() + timeout_s
        while True:
            if found := fits():
                return found
            if self._task is not None and self._task.done():
                await self._task
            if time.monotonic() > deadline:
                raise TimeoutError(f"never came: {what}; {self.told()}")
            await asyncio.sleep(0.01)

    def told(self) -> str:
        """The newest of what we know, for the message of a failed test."""
        facts = ", ".join(type(record.body).__name__ for record in self.records[-12:])
        people = {one.name: str(one.presence) for one in self.state.participants.values()}
        links = [value for key, value in self.observed.items() if key.startswith("link.")]
        return f"facts {facts}; people {people}; room {self.observed.get('room')}; links {links}"

    # ---- looking

    def person(self, participant_id: str) -> Participant:
        """A participant as he is now."""
        return self.state.participants[participant_id]

    def connected(self) -> list[Participant]:
        """Those whose media arrive, in the order of their numbers."""
        return [one for one in self.state.seated if one.presence is Presence.CONNECTED]

    def link(self, participant_id: str) -> p.Link:
        """What is measured of a participant's connection."""
        return p.Link(**self.observed.get(f"link.{participant_id}", {}))

    def place(self, source_id: str) -> p.MediaPlace:
        """Where a source stands on the bus."""
        found = self.observed.get(f"media.{source_id}", {})
        return p.MediaPlace(**{kind: (segment, slot) for kind, (segment, slot) in found.items()})
