"""The worker's link finds the engine, comes back after its death, and ends when it should."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import WSMsgType, web

from operator_console import protocol
from operator_console.worker_link import (
    End,
    WorkerBusyError,
    WorkerLink,
    WorkerLock,
    read_endpoint,
    worker_running,
)


class FakeEngine:
    """A real WebSocket server on /worker that keeps what it hears."""

    def __init__(self, runtime: Path) -> None:
        self.runtime = runtime
        self.heard: asyncio.Queue[object] = asyncio.Queue()
        self.socket: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, token: str = "sesame") -> None:
        app = web.Application()
        app.router.add_get("/worker", self._serve)
        self.token = token
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        (self.runtime / "endpoint.json").write_text(json.dumps({"port": port, "token": token, "pid": 1}))

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise web.HTTPUnauthorized
        self.socket = socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            assert frame.type is WSMsgType.TEXT
            self.heard.put_nowait(protocol.decode_from_worker(frame.data))
        return socket

    async def send(self, message: protocol.Message) -> None:
        assert self.socket is not None
        await self.socket.send_str(protocol.encode(message).decode())

    async def stop(self) -> None:
        if self.socket is not None:
            await self.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def next(self) -> object:
        return await asyncio.wait_for(self.heard.get(), 5)


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[FakeEngine]:
    fake = FakeEngine(tmp_path)
    yield fake
    await fake.stop()


def make_link(runtime: Path, got: list[object], orphan_s: float = 5.0) -> WorkerLink:
    return WorkerLink(
        lambda: protocol.WorkerHello(role="source", name="s1", pid=7),
        got.append,
        runtime=runtime,
        orphan_s=orphan_s,
    )


async def test_hello_messages_and_orderly_end(engine: FakeEngine, tmp_path: Path) -> None:
    got: list[object] = []
    link = make_link(tmp_path, got)
    running = asyncio.create_task(link.run())
    await asyncio.sleep(0.15)
    assert not link.send(protocol.PeerDown(participant_id="p", reason="x"))
    await engine.start()
    hello = await engine.next()
    assert isinstance(hello, protocol.WorkerHello)
    assert hello.name == "s1"
    assert link.send(protocol.SourceReport(source_id="s1", state="running"))
    assert isinstance(await engine.next(), protocol.SourceReport)
    await engine.send(protocol.Wants(wants={"s1": protocol.Want(width_px=320)}))
    await engine.send(protocol.EndWorker())
    assert await asyncio.wait_for(running, 5) is End.ENDED
    assert got == [protocol.Wants(wants={"s1": protocol.Want(width_px=320)})]


async def test_attaches_again_to_a_new_engine_with_a_new_token(engine: FakeEngine, tmp_path: Path) -> None:
    await engine.start("first")
    link = make_link(tmp_path, [])
    running = asyncio.create_task(link.run())
    await engine.next()
    await engine.stop()
    await engine.start("second")
    assert isinstance(await engine.next(), protocol.WorkerHello)
    link.stop()
    assert await asyncio.wait_for(running, 5) is End.STOPPED


async def test_ends_when_no_engine_comes(tmp_path: Path) -> None:
    link = make_link(tmp_path, [], orphan_s=0.3)
    assert await asyncio.wait_for(link.run(), 5) is End.ORPHANED


async def test_what_is_queued_goes_out_before_a_stop(engine: FakeEngine, tmp_path: Path) -> None:
    await engine.start()
    link = make_link(tmp_path, [])
    running = asyncio.create_task(link.run())
    await engine.next()
    link.send(protocol.SourceReport(source_id="s1", state="failed", reason="gone"))
    link.stop()
    assert await asyncio.wait_for(running, 5) is End.STOPPED
    report = await engine.next()
    assert isinstance(report, protocol.SourceReport)
    assert report.reason == "gone"


async def test_wrong_version_ends_it(engine: FakeEngine, tmp_path: Path) -> None:
    await engine.start()
    link = make_link(tmp_path, [])
    running = asyncio.create_task(link.run())
    await engine.next()
    assert engine.socket is not None
    await engine.socket.close(code=4400)
    assert await asyncio.wait_for(running, 5) is End.REFUSED


def test_only_one_worker_of_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operator_console.worker_link._LOCK_RETRY_S", 0.1)
    assert not worker_running("room1", tmp_path)
    with WorkerLock("room1", tmp_path):
        assert worker_running("room1", tmp_path)
        with pytest.raises(WorkerBusyError):
            WorkerLock("room1", tmp_path).acquire()
    assert not worker_running("room1", tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"port":"x","token":"t"}', b"\xff" * 9000])
def test_a_damaged_endpoint_file_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "endpoint.json").write_bytes(content)
    assert read_endpoint(tmp_path) is None
