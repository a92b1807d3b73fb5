"""A join page's WebSocket: proves who it is, hears requests, is told the state; bounded."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from typing import Protocol

import msgspec
from aiohttp import WSMsgType, web

from operator_console.room.guard import Guard, HttpError, address_key
from operator_console.room.limits import RateLimit
from operator_console.room.messages import (
    MAX_PAGE_MESSAGE_BYTES,
    AnyFromPage,
    AnyToPage,
    Hello,
    Ping,
    Pong,
    State,
    decode_from_page,
    encode,
)
from operator_console.room.tokens import hash_secret, well_formed

_log = logging.getLogger(__name__)

HELLO_TIMEOUT_S = 5.0
HEARTBEAT_S = 10.0
SEND_TIMEOUT_S = 10.0
MAX_STRANGERS = 256
"""Sockets that have not said who they are; a room of 150 pages that come back at once fits."""
MAX_STRANGERS_OF_ONE = 128
"""Of one address: it must not take all places, but a whole office may hide behind it."""
MAX_QUEUED = 32

CLOSE_UNKNOWN = 4401
CLOSE_ENDED = 4410
CLOSE_REPLACED = 4409
CLOSE_PROTOCOL = 4400


class Desk(Protocol):
    """Who serves pages."""

    def state_of(self, page: Page) -> State:
        """The state to tell a page now."""

    def page_came(self, page: Page) -> None:
        """A page has proved its session."""

    def page_said(self, page: Page, message: AnyFromPage) -> None:
        """A page of somebody known said something."""

    def page_went(self, page: Page) -> None:
        """A page's socket is closed."""


class Page:
    """One connected page. `participant_id` is empty until the roster knows its session."""

    def __init__(self, socket: web.WebSocketResponse, session_hash: str, remote: str, agent: str) -> None:
        self.session_hash = session_hash
        self.remote = remote
        self.agent = agent
        self.participant_id = ""
        self.close_code = 0
        self._socket = socket
        self._queue: deque[AnyToPage] = deque(maxlen=MAX_QUEUED)
        self._told: State | None = None
        self._wake = asyncio.Event()
        self._dirty = True

    def push(self, message: AnyToPage) -> None:
        """Queue an answer; of more than 32 the oldest are forgotten (the page asks again)."""
        self._queue.append(message)
        self._wake.set()

    def refresh(self) -> None:
        """Tell the whole state again if it has changed; many changes at once become one message."""
        self._dirty = True
        self._wake.set()

    def close(self, code: int) -> None:
        """Close after the last state has gone out."""
        self.close_code = code
        self.refresh()

    async def write(self, desk: Desk) -> None:
        """Send what is due until the page is closed."""
        while True:
            if self._dirty:
                self._dirty = False
                state = desk.state_of(self)
                if state != self._told:
                    self._told = state
                    await self._send(state)
            while self._queue:
                await self._send(self._queue.popleft())
            if self.close_code:
                await self._socket.close(code=self.close_code)
                return
            if not self._dirty:
                await self._wake.wait()
                self._wake.clear()

    async def _send(self, message: AnyToPage) -> None:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await self._socket.send_str(encode(message).decode())


class Sockets:
    """Handler of ``/api/session``."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard = guard
        self._desk = desk
        self._strangers: Counter[str] = Counter()
        """By address; only those above 0 are kept."""
        self._open: set[web.WebSocketResponse] = set()
        self.malformed = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one page until it goes."""
        mine = self._strangers[address_key(request.remote)]
        if mine >= MAX_STRANGERS_OF_ONE or self._strangers.total() >= MAX_STRANGERS:
            raise HttpError(503, "busy", 1)
        socket = web.WebSocketResponse(
            max_msg_size=MAX_PAGE_MESSAGE_BYTES, heartbeat=HEARTBEAT_S, compress=False, timeout=1.0
        )
        self._guard.secured(request, socket)
        await socket.prepare(request)
        self._open.add(socket)
        try:
            page = await self._introduce(request, socket)
            if page is not None:
                await self._serve(socket, page)
        finally:
            self._open.discard(socket)
            if not socket.closed:
                await socket.close()
        return socket

    async def _introduce(self, request: web.Request, socket: web.WebSocketResponse) -> Page | None:
        """The page behind a socket, or None where it did not say who it is in time."""
        key = address_key(request.remote)
        self._strangers[key] += 1
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                frame = await socket.receive()
        except TimeoutError:
            await socket.close(code=CLOSE_PROTOCOL)
            return None
        finally:
            self._strangers -= Counter((key,))
        hello = self._read(frame.data) if frame.type is WSMsgType.TEXT else None
        if not isinstance(hello, Hello) or not well_formed(hello.session):
            if not socket.closed:
                await socket.close(code=CLOSE_PROTOCOL)
            return None
        agent = request.headers.get("User-Agent", "")[:256]
        return Page(socket, hash_secret(hello.session), request.remote or "", agent)

    async def _serve(self, socket: web.WebSocketResponse, page: Page) -> None:
        self._desk.page_came(page)
        writing = asyncio.create_task(page.write(self._desk), name="page-write")
        listening = asyncio.create_task(self._listen(socket, page), name="page-listen")
        tasks = {writing, listening}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._desk.page_went(page)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception) and not isinstance(error, (OSError, TimeoutError)):
                _log.error("A page's connection ended with an error", exc_info=error)

    async def _listen(self, socket: web.WebSocketResponse, page: Page) -> None:
        limit = RateLimit(per_minute=240, burst=60)
        async for frame in socket:
            message = self._read(frame.data) if frame.type is WSMsgType.TEXT else None
            if message is None or not limit.take(""):
                await socket.close(code=CLOSE_PROTOCOL)
                return
            if isinstance(message, Ping):
                page.push(Pong(n=message.n))
            elif page.participant_id and not page.close_code:
                self._desk.page_said(page, message)

    def _read(self, data: str) -> AnyFromPage | None:
        try:
            message: AnyFromPage = decode_from_page(data)
        except msgspec.MsgspecError:
            self.malformed += 1
            return None
        return message

    async def close(self) -> None:
        """Close all sockets: the pages come back by themselves."""
        for socket in list(self._open):
            await socket.close(code=1012)
