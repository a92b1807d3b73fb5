"""The control connection: finds the engine, attaches, and attaches again for as long as the window lives."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import aiohttp
import msgspec

from operator_console.protocol import (
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
    Hello,
    Observed,
    Reply,
    Request,
    Snapshot,
    Told,
    decode_server,
    encode,
)
from operator_console.session.facts import FactRecord

_log = logging.getLogger(__name__)

RETRY_FIRST_S, RETRY_MOST_S = 0.1, 1.0
START_EVERY_S = 3.0
HEARTBEAT_S = 5.0
SNAPSHOT_WITHIN_S = 5.0
CLOSE_OTHER_VERSION = 4400
CLOSE_GOING_AWAY = 1001
"""With it the engine takes leave of its clients when it ends in an orderly way; a crash says nothing."""


class Loss(StrEnum):
    """Why there is no connection to the engine."""

    NO_ENGINE = "no_engine"
    REFUSED = "refused"
    OTHER_VERSION = "other_version"
    BROKEN = "broken"
    ENDED = "ended"


class Sink(Protocol):
    """Who takes what the engine says; called on the event loop."""

    def attached(self, snapshot: Snapshot) -> None:
        """A connection stands, this is the whole state."""

    def told(self, record: FactRecord) -> bool:
        """A fact came; False when one is missing before it and the link has to attach again."""

    def observed(self, message: Observed) -> None:
        """Observations changed."""

    def replied(self, reply: Reply) -> None:
        """A request was answered."""

    def detached(self, loss: Loss) -> None:
        """The connection ended, or could not be made."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the engine listens, from endpoint.json."""

    port: int
    token: str


def read_endpoint(file: Path) -> Endpoint | None:
    """What endpoint.json says, or None where there is none or it is not whole."""
    try:
        found = json.loads(file.read_bytes())
        port, token = found["port"], found["token"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(port, int) or not isinstance(token, str) or not 0 < port < 65536:
        return None
    return Endpoint(port, token)


class Link:
    """Keeps one WebSocket to the engine; `run` never ends by itself."""

    def __init__(self, runtime: Path, sink: Sink, start_engine: Callable[[], None] | None = None) -> None:
        self._file = runtime / "endpoint.json"
        self._sink = sink
        self._start_engine = start_engine
        self._outbox: asyncio.Queue[Request] = asyncio.Queue()
        self.up = False
        self.ended = False
        """Whether the engine was stopped on purpose: it is not started again unasked."""
        self.wanted_again = False
        self._start_after_s = 0.0

    def post(self, request: Request) -> None:
        """Send a request; may be called from any Qt slot. It is dropped when the connection breaks first."""
        self._outbox.put_nowait(request)

    async def run(self) -> None:
        """Attach, serve, and attach again until cancelled."""
        wait_s = RETRY_FIRST_S
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=2.0)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            while True:
                loss, was_up = await self._once(session), self.up
                if loss is Loss.ENDED:
                    self.ended = not self.wanted_again
                elif self.ended:
                    loss = Loss.ENDED
                self._drop_outbox()
                self.up = False
                self._sink.detached(loss)
                wait_s = RETRY_FIRST_S if was_up else min(RETRY_MOST_S, wait_s * 1.5)
                await asyncio.sleep(wait_s)

    def _drop_outbox(self) -> None:
        while not self._outbox.empty():
            self._outbox.get_nowait()

    async def _once(self, session: aiohttp.ClientSession) -> Loss:
        endpoint = read_endpoint(self._file)
        if endpoint is None:
            self._ask_for_engine()
            return Loss.NO_ENGINE
        headers = {"Authorization": f"Bearer {endpoint.token}"}
        url = f"http://127.0.0.1:{endpoint.port}/control"
        try:
            async with session.ws_connect(
                url, headers=headers, heartbeat=HEARTBEAT_S, compress=0, max_msg_size=MAX_MESSAGE_BYTES
            ) as socket:
                return await self._serve(socket)
        except aiohttp.WSServerHandshakeError as error:
            _log.info("the engine refused the connection: %s", error.status)
            return Loss.REFUSED
        except aiohttp.ClientConnectorError:
            self._ask_for_engine()
            return Loss.NO_ENGINE
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.info("the connection to the engine broke: %s", error)
            return Loss.BROKEN

    def _ask_for_engine(self) -> None:
        now_s = asyncio.get_running_loop().time()
        if self._start_engine is None or self.ended or now_s < self._start_after_s:
            return
        self._start_after_s = now_s + START_EVERY_S
        self._start_engine()

    def want_engine(self) -> None:
        """Start an engine that was stopped on purpose again, now or as soon as it has ended."""
        self.ended, self.wanted_again, self._start_after_s = False, True, 0.0

    async def _serve(self, socket: aiohttp.ClientWebSocketResponse) -> Loss:
        await socket.send_str(encode(Hello(version=PROTOCOL_VERSION, client="console")).decode())
        first = await socket.receive(SNAPSHOT_WITHIN_S)
        if first.type is not aiohttp.WSMsgType.TEXT and first.type is not aiohttp.WSMsgType.BINARY:
            return Loss.OTHER_VERSION if socket.close_code == CLOSE_OTHER_VERSION else Loss.BROKEN
        try:
            snapshot = decode_server(first.data)
        except msgspec.DecodeError as error:
            _log.warning("the engine's snapshot cannot be read: %s", error)
            return Loss.OTHER_VERSION
        if not isinstance(snapshot, Snapshot) or snapshot.version != PROTOCOL_VERSION:
            return Loss.OTHER_VERSION
        self.up, self.ended, self.wanted_again = True, False, False
        self._sink.attached(snapshot)
        sender = asyncio.create_task(self._send(socket), name="link sender")
        try:
            return await self._receive(socket)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_str(encode(await self._outbox.get()).decode())

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> Loss:
        async for message in socket:
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                break
            try:
                said = decode_server(message.data)
            except msgspec.DecodeError as error:
                _log.warning("a message of the engine cannot be read: %s", error)
                return Loss.BROKEN
            if not self._hand_on(said):
                _log.info("a fact is missing; attaching again")
                return Loss.BROKEN
        return Loss.ENDED if socket.close_code == CLOSE_GOING_AWAY else Loss.BROKEN

    def _hand_on(self, said: Snapshot | Told | Observed | Reply) -> bool:
        if isinstance(said, Told):
            return self._sink.told(said.record)
        if isinstance(said, Observed):
            self._sink.observed(said)
        elif isinstance(said, Reply):
            self._sink.replied(said)
        return True
