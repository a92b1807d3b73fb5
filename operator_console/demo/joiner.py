"""Joins a room as a join page does, without a browser: for the demo, the tests and the load generator.

    session = await join_session(base_url, token, "Ani", "Desa Aluh-Aluh", True, ssl_context)
    async with session:                                # its WebSocket is open, `session.state` is known
        client = RtcClient(signal=session.signal, feed=feed, addresses=["127.0.0.1"])
        await session.until(lambda state: state.phase == "seat")
        await client.connect()
        await session.report(mic_on=True, camera_on=True)
        session.on_state = lambda state: client.set_mode(video_mode(state))

The WebSocket comes back by itself after a restart of the room worker (`session.attached` counts), as a page's
does; a state whose `peer` is not `session.peer` asks for a new connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
import ssl
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import aiohttp
import msgspec

from media.rtc.client import VideoMode
from operator_console.room import messages as m

_log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 20.0
RETRY_S = 0.3
_GONE = frozenset({"refused", "removed", "left", "unknown", "closed", "replaced"})


class JoinRefusedError(Exception):
    """The room did not let us in; `code` is the one a page shows a sentence for."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


class OfferRefusedError(Exception):
    """The room did not take an offer: sdp, or busy (try again)."""


def video_mode(state: m.State) -> VideoMode | None:
    """What to send of the picture, as `RtcClient.set_mode` takes it."""
    send = state.send
    if send.mode == "off" or state.phase != "seat":
        return None
    return VideoMode(send.width_px, send.height_px, send.fps, send.bitrate_bps)


async def join_session(
    base_url: str,
    token: str,
    name: str,
    office: str = "",
    consent: bool = False,
    ssl_context: ssl.SSLContext | None = None,
) -> JoinSession:
    """Redeem an invite token at ``https://host:port`` and open the session; raises JoinRefusedError."""
    base_url = base_url.rstrip("/")
    http = aiohttp.ClientSession(headers={"Origin": base_url, "User-Agent": "operator-console joiner"})
    try:
        body = {
            "token": token,
            "name": name,
            "office": office,
            "consent": consent,
            "attempt": secrets.token_urlsafe(16),
        }
        async with http.post(f"{base_url}/api/join", json=body, ssl=ssl_context or True) as response:
            said = await response.json()
            if response.status != 200:
                raise JoinRefusedError(response.status, str(said.get("error", "")))
        session = JoinSession(http, base_url, str(said["session"]), str(said["participant_id"]), ssl_context)
        await session.open()
    except BaseException:
        await http.close()
        raise
    return session


class JoinSession:
    """One participant's session: its secret, its WebSocket, and the newest state it was told."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        secret: str,
        participant_id: str,
        ssl_context: ssl.SSLContext | None,
    ) -> None:
        self.participant_id = participant_id
        self.secret = secret
        self.state = m.State(phase="waiting")
        self.peer = ""
        """Name that the room gave to the connection made by the last `signal`."""
        self.attached = 0
        """How many times the WebSocket was opened."""
        self.on_state: Callable[[m.State], None] | None = None
        self._http = http
        self._base_url = base_url
        self._ssl = ssl_context
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[m.Answer]] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> None:
        """Keep the WebSocket open from now on; returns with the first state."""
        self._task = asyncio.create_task(self._stay(), name="joiner")
        await self.until(lambda state: state.phase != "waiting")

    async def _stay(self) -> None:
        url = f"wss{self._base_url.removeprefix('https')}/api/session"
        while self.state.phase not in _GONE:
            try:
                async with self._http.ws_connect(url, ssl=self._ssl or True, heartbeat=10.0) as socket:
                    self._socket = socket
                    self.attached += 1
                    await self._converse(socket)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                _log.debug("No room: %s", type(error).__name__)
            finally:
                self._socket = None
                self._fail_answers()
            await asyncio.sleep(RETRY_S)

    async def _converse(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await self._say(m.Hello(session=self.secret))
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                self._take(m.decode_to_page(frame.data))
            except msgspec.MsgspecError as error:
                _log.error("The room said something that cannot be read: %s", error)

    def _take(self, message: m.AnyToPage) -> None:
        if isinstance(message, m.State):
            self.state = message
            self._changed.set()
            if self.on_state is not None:
                self.on_state(message)
        elif isinstance(message, m.Answer):
            self.peer = message.peer
            self._settle(message.id, message)
        elif isinstance(message, m.Refused):
            self._settle(message.id, OfferRefusedError(message.reason))

    def _settle(self, number: int, result: m.Answer | Exception) -> None:
        waiting = self._answers.pop(number, None)
        if waiting is None or waiting.done():
            return
        if isinstance(result, Exception):
            waiting.set_exception(result)
        else:
            waiting.set_result(result)

    def _fail_answers(self) -> None:
        for number in list(self._answers):
            self._settle(number, OfferRefusedError("the room went away"))

    async def _say(self, message: m.FromPage) -> bool:
        if self._socket is None:
            return False
        with contextlib.suppress(OSError, aiohttp.ClientError):
            await self._socket.send_str(m.encode(message).decode())
            return True
        return False

    async def signal(self, offer_sdp: str) -> str:
        """Send an offer and return the answer, as `RtcClient` wants it; raises OfferRefusedError."""
        number = next(self._numbers)
        answer: asyncio.Future[m.Answer] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        if not await self._say(m.Offer(id=number, sdp=offer_sdp)):
            self._settle(number, OfferRefusedError("no connection to the room"))
        try:
            return (await asyncio.wait_for(answer, ANSWER_TIMEOUT_S)).sdp
        finally:
            self._answers.pop(number, None)

    async def report(
        self, mic_on: bool | None = None, camera_on: bool | None = None, consent: bool | None = None
    ) -> bool:
        """Say what we send now; False while there is no connection."""
        return await self._say(m.Report(mic_on=mic_on, camera_on=camera_on, consent=consent))

    async def raise_hand(self, up: bool) -> bool:
        """Raise or lower the hand."""
        return await self._say(m.Hand(up=up))

    async def answered(self, ask_id: int) -> bool:
        """Say that the operator's question has been answered."""
        return await self._say(m.Asked(id=ask_id))

    async def leave(self) -> bool:
        """Say good-bye for good."""
        return await self._say(m.Leave())

    async def until(self, fits: Callable[[m.State], bool], timeout_s: float = 30.0) -> m.State:
        """Wait for a state; TimeoutError where it does not come."""
        deadline = time.monotonic() + timeout_s
        while not fits(self.state):
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), max(0.0, deadline - time.monotonic()))
        return self.state

    async def close(self) -> None:
        """Close the WebSocket without a good-bye (the seat is kept, as when a page is reloaded)."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._http.close()
