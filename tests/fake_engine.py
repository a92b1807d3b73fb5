"""A stand-in for the engine towards a room worker: a real WebSocket server with a hand-made roster."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from aiohttp import WSMsgType, web

from operator_console import protocol as p

Heard = TypeVar("Heard", bound=p.Message)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class FakeEngine:
    """Knows invites and a roster, redeems, marks who is connected, and remembers all it hears."""

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        self.heard: list[p.AnyFromWorker] = []
        self.errors: dict[str, str] = {}
        """Token hash -> what a redemption of it is answered with."""
        self.uses: dict[str, int] = {}
        """Token hash -> how often it may still be redeemed."""
        self.roster: dict[str, p.RosterEntry] = {}
        self.lobby = False
        self.answering = True
        self.open = True
        self.title = "Musrenbang Kecamatan"
        self.wants: dict[str, p.Want] = {}
        self.plan = p.AudioPlan(shared=p.RING_SHARED)
        self.hellos = 0
        self.on_keyframe: Callable[[], None] = lambda: None
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()
        self._socket: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None

    # -- life

    async def start(self) -> None:
        """Listen on a new port with a new token, as a restarted engine does."""
        token = secrets.token_urlsafe(16)
        app = web.Application()

        async def serve(request: web.Request) -> web.StreamResponse:
            assert request.headers["Authorization"] == f"Bearer {token}"
            return await self._serve(request)

        app.router.add_get("/worker", serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self.runtime.mkdir(parents=True, exist_ok=True)
        (self.runtime / "endpoint.json").write_text(json.dumps({"port": port, "token": token}))

    async def stop(self) -> None:
        """Die; what was decided stays, as in the journal."""
        if self._socket is not None:
            await self._socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = self._socket = None

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self._socket = socket = web.WebSocketResponse(max_msg_size=p.MAX_MESSAGE_BYTES)
        await socket.prepare(request)
        async for frame in socket:
            assert frame.type is WSMsgType.TEXT
            message = p.decode_from_worker(frame.data)
            self.heard.append(message)
            await self._react(message)
            self._news.set()
        return socket

    async def _react(self, message: p.AnyFromWorker) -> None:
        if isinstance(message, p.WorkerHello):
            self.hellos += 1
            await self.set_up()
            await self.send(p.Wants(wants=self.wants))
            await self.send(self.plan)
        elif isinstance(message, p.RedeemInvite) and self.answering:
            await self._redeem(message)
        elif isinstance(message, p.KeyframeRequest):
            self.on_keyframe()
        elif isinstance(message, p.PeerUp):
            await self._move(message.participant_id, "connected")
        elif isinstance(message, p.PeerDown):
            await self._move(message.participant_id, "left" if message.final else "lost")
        elif isinstance(message, p.PeerReport) and message.hand is not None:
            await self.change(message.participant_id, hand=message.hand)

    async def _move(self, participant_id: str, presence: str) -> None:
        """As the engine does: nobody who is gone comes back by a late report."""
        known = self.roster.get(participant_id)
        if known is not None and known.presence not in ("left", "refused", "removed"):
            await self.change(participant_id, presence=presence)

    async def _redeem(self, message: p.RedeemInvite) -> None:
        error = self.errors.get(message.token_hash, "")
        left = self.uses.get(message.token_hash)
        if not error and left is None:
            error = "unknown_invite"
        if not error and left is not None and left < 1:
            error = "used_up"
        if error:
            await self.send(p.RedeemAnswer(request=message.request, error=error))
            return
        self.uses[message.token_hash] -= 1
        entry = p.RosterEntry(
            participant_id=f"p{next(self._numbers)}",
            session_hash=message.session_hash,
            name=message.name,
            office=message.office,
            presence="knocking" if self.lobby else "admitted",
            consent=message.consent,
        )
        self.roster[entry.participant_id] = entry
        await self.send(p.RosterChanged(entries=(entry,)))
        await self.send(p.RedeemAnswer(request=message.request, participant_id=entry.participant_id))

    # -- what tests do

    def invite(self, uses: int = 1, error: str = "") -> str:
        """Make a token."""
        token = secrets.token_urlsafe(16)
        self.uses[token_hash(token)] = uses
        if error:
            self.errors[token_hash(token)] = error
        return token

    async def send(self, message: p.Message) -> None:
        if self._socket is not None and not self._socket.closed:
            await self._socket.send_str(p.encode(message).decode())

    async def set_up(self) -> None:
        setup = p.RoomSetup(
            title=self.title,
            office="Kabupaten Banjar",
            session_id="s1",
            open=self.open,
            roster=tuple(self.roster.values()),
        )
        await self.send(setup)

    async def change(self, participant_id: str, **fields: object) -> None:
        """Change a participant and tell the worker."""
        entry = msgspec.structs.replace(self.roster[participant_id], **fields)
        self.roster[participant_id] = entry
        await self.send(p.RosterChanged(entries=(entry,)))

    async def want(self, **wants: p.Want) -> None:
        """Set the whole set of wants."""
        self.wants = wants
        await self.send(p.Wants(wants=wants))

    async def ask(self, participant_id: str, action: str) -> None:
        await self.send(p.AskPage(participant_id=participant_id, action=action))

    async def wait_for(
        self, kind: type[Heard], fits: Callable[[Heard], bool] = lambda _: True, timeout_s: float = 10.0
    ) -> Heard:
        """The first message of a kind that fits, heard already or to come."""
        deadline = time.monotonic() + timeout_s
        while True:
            for message in self.heard:
                if isinstance(message, kind) and fits(message):
                    return message
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), deadline - time.monotonic())

    async def wait_for_report(self, fits: Callable[[p.SourceReport], bool]) -> p.SourceReport:
        """A report on the join server that fits; a worker that begins beside other work takes its time."""
        return await self.wait_for(p.SourceReport, fits, timeout_s=30.0)

    def heard_kinds(self, name: str) -> int:
        """How many messages of a kind were heard."""
        return sum(type(message).__name__ == name for message in self.heard)

    def forget(self) -> None:
        """Forget what was heard so far."""
        self.heard.clear()


TILE = p.Want(
    width_px=320,
    height_px=180,
    fps=15,
    bitrate_bps=150_000,
    tile_width_px=320,
    tile_height_px=180,
)
SPOTLIGHT = p.Want(
    width_px=1280,
    height_px=720,
    fps=30,
    bitrate_bps=1_500_000,
    tile_width_px=320,
    tile_height_px=180,
    picture=True,
)
