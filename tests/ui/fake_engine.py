"""A stand-in for the engine: speaks docs/protocol.md over a real WebSocket and feeds real bus segments.

It folds real facts and keeps the rules that a window can see; it has no journal, no workers and no encoders.
`python -m tests.ui.fake_engine RUNTIME --feeds 28` runs it for looking at the window.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.fold import apply
from operator_console.session.model import SessionState
from tests.ui.fake_media import FakeMedia
from tests.ui.fake_rules import RefusedError, decide


def now_ms() -> int:
    """Wall clock of facts."""
    return time.time_ns() // 1_000_000


class FakeEngine:
    """One engine run: state, clients, bus."""

    def __init__(self, runtime: Path, *, media: bool = True) -> None:
        self.runtime = runtime
        self.bus_dir = runtime / "bus"
        self.epoch = secrets.token_hex(4)
        self.token = secrets.token_urlsafe(24)
        self.state = SessionState()
        self.observations: dict[str, Any] = {}
        self.commands: list[Any] = []
        self.clients: list[web.WebSocketResponse] = []
        self.silent = False
        """Take commands without answering (to see a window wait)."""
        self.refuse: p.Refusal | None = None
        self.refuse_settings: dict[str, p.Refusal] = {}
        """Refuse the next command with this."""
        self.wants = p.SetWants()
        self._media = FakeMedia(self.bus_dir) if media else None
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    # ---- life

    async def start(self) -> None:
        """Listen, publish endpoint.json, begin to draw."""
        self._loop = asyncio.get_running_loop()
        app = web.Application()
        app.router.add_get("/control", self._control)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
        endpoint = {"port": port, "token": self.token, "pid": os.getpid(), "epoch": self.epoch}
        temporary = self.runtime / "endpoint.tmp"
        temporary.write_text(json.dumps(endpoint))
        temporary.chmod(0o600)
        temporary.replace(self.runtime / "endpoint.json")
        if self._media:
            self._tasks.append(asyncio.create_task(self._media.run(self)))

    async def stop(self) -> None:
        """Drop everybody, as a killed engine would."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in list(self.clients):
            with contextlib.suppress(ConnectionError):
                await socket.close()
        if self._runner:
            await self._runner.cleanup()
        if self._media:
            self._media.close()
        (self.runtime / "endpoint.json").unlink(missing_ok=True)

    # ---- facts and observations

    def tell(self, *bodies: Any, actor: str = "engine", at_ms: int = 0) -> None:
        """Fold facts and tell everybody."""
        for body in bodies:
            record = f.FactRecord(
                seq=self.state.rev + 1, at_ms=at_ms or now_ms(), actor=actor, body=body, hash="0" * 64
            )
            self.state = apply(self.state, record)
            self._broadcast(p.Told(record=record))

    def skip_fact(self, body: Any) -> None:
        """Lose a fact on the way to the clients, as a full queue would."""
        clients, self.clients = self.clients, []
        self.tell(body)
        self.clients = clients

    def observe(self, **values: Any) -> None:
        """Publish observations; double underscores stand for dots."""
        values = {key.replace("__", "."): value for key, value in values.items()}
        self.observe_all(values)

    def observe_all(self, values: dict[str, Any]) -> None:
        """Publish observations by their keys."""
        plain = {key: None if value is None else msgspec.to_builtins(value) for key, value in values.items()}
        for key, value in plain.items():
            if value is None:
                self.observations.pop(key, None)
            else:
                self.observations[key] = value
        self._broadcast(p.Observed(values=plain))

    def _broadcast(self, message: p.Message) -> None:
        text = p.encode(message).decode()
        for socket in self.clients:
            assert self._loop is not None
            task = self._loop.create_task(socket.send_str(text))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    # ---- control

    async def _control(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.Response(status=401)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        hello = p.decode_client(await socket.receive_str(timeout=5))
        if not isinstance(hello, p.Hello) or hello.version != p.PROTOCOL_VERSION:
            await socket.close(code=4400)
            return socket
        snapshot = p.Snapshot(
            epoch=self.epoch, state=self.state, observations=self.observations, bus_dir=str(self.bus_dir)
        )
        await socket.send_str(p.encode(snapshot).decode())
        self.clients.append(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._request(socket, p.decode_client(message.data))
        finally:
            if socket in self.clients:
                self.clients.remove(socket)
        return socket

    async def _request(self, socket: web.WebSocketResponse, request: Any) -> None:
        command = request.command
        self.commands.append(command)
        if self.silent:
            return
        if self.refuse:
            refusal, self.refuse = self.refuse, None
            reply = p.Reply(id=request.id, ok=False, rev=self.state.rev, refusal=refusal)
            await socket.send_str(p.encode(reply).decode())
            return
        if isinstance(command, p.SetSetting) and command.name in self.refuse_settings:
            refusal = self.refuse_settings[command.name]
            reply = p.Reply(id=request.id, ok=False, rev=self.state.rev, refusal=refusal)
            await socket.send_str(p.encode(reply).decode())
            return
        if isinstance(command, p.SetWants):
            self.wants = command
        try:
            bodies, result = decide(self.state, command)
        except RefusedError as error:
            reply = p.Reply(id=request.id, ok=False, rev=self.state.rev, refusal=error.refusal)
        else:
            self.tell(*bodies, actor="operator")
            if isinstance(command, (p.RunAudioTest, p.StopAudioTest)):
                self._test(command)
            reply = p.Reply(id=request.id, rev=self.state.rev, result=result)
        await socket.send_str(p.encode(reply).decode())

    def _test(self, command: p.RunAudioTest | p.StopAudioTest) -> None:
        """Begin a test of the hall's sound, or take it away; the test itself says how it goes on."""
        if isinstance(command, p.StopAudioTest):
            self.observe(audio_test=None)
        elif command.test != "devices":
            self.observe(audio_test={"test": command.test, "target": command.target, "state": "running"})

    def asked(self, kind: type[p.Command]) -> list[Any]:
        """Commands of a kind that came, oldest first."""
        return [command for command in self.commands if isinstance(command, kind)]


@contextlib.asynccontextmanager
async def running(runtime: Path, *, media: bool = True) -> AsyncIterator[FakeEngine]:
    """A fake engine on the running loop."""
    engine = FakeEngine(runtime, media=media)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime", type=Path)
    parser.add_argument("--feeds", type=int, default=28)
    parser.add_argument("--calm", action="store_true")
    parser.add_argument("--hall", action="store_true")
    parser.add_argument("--no-session", action="store_true")
    options = parser.parse_args()
    from tests.ui.fake_session import fill, hall_on, observe_machine

    async with running(options.runtime) as engine:
        if not options.no_session:
            fill(engine, options.feeds, busy=not options.calm)
        if options.hall:
            hall_on(engine)
        turn = 0
        while not engine.asked(p.ShutDown):
            if turn % 20 == 0 and not options.no_session:
                observe_machine(engine)
            turn += 1
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
