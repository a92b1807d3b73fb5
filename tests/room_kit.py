"""A room worker inside the test's own loop, with a fake engine and a client that trusts its authority."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from operator_console.paths import data_dir, runtime_dir
from operator_console.room.authority import Names
from operator_console.room.certificates import Certificates
from operator_console.room.limits import FdWatermark
from operator_console.room.main import Worker
from operator_console.room.relay import Relay
from operator_console.settings import Settings, load_settings
from tests.fake_engine import FakeEngine
from tests.ports import free_port

NAMES = Names(("localhost",), ("127.0.0.1", "::1"))


def room_settings(**more: Any) -> Settings:
    """Settings of a room on 127.0.0.1 with a free port."""
    values = {"join_host": "127.0.0.1", "join_port": str(free_port()), "max_participants": "8"}
    return load_settings({**values, **more})


class Kit:
    """A running room."""

    def __init__(self, settings: Settings, watermark: FdWatermark) -> None:
        self.settings = settings
        self.certificates = Certificates(settings, NAMES)
        self.worker = Worker(settings, "room0", self.certificates, Relay(), watermark)
        self.engine = FakeEngine(runtime_dir())
        self.base = f"https://127.0.0.1:{settings.join_port}"
        self.tls = ssl.create_default_context(cadata=self.certificates.authority_pem.decode())

    @property
    def data_dir(self) -> Path:
        return data_dir(self.settings)

    @property
    def bus_dir(self) -> Path:
        return runtime_dir() / "bus"

    async def listening(self, engine: bool = True) -> None:
        """Wait until the join server listens and the engine (if there is one) has spoken."""
        room = self.worker.room
        async with asyncio.timeout(10):
            while self.worker.server.state != "running" or (engine and room.roster.setup is None):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def http(self, **headers: str) -> aiohttp.ClientSession:
        """A client like a page of this origin; headers in place of its own."""
        connector = aiohttp.TCPConnector(ssl=self.tls)
        return aiohttp.ClientSession(self.base, connector=connector, headers={"Origin": self.base, **headers})


@asynccontextmanager
async def running_room(
    *, watermark: FdWatermark | None = None, wait: bool = True, engine: bool = True, **settings: Any
) -> AsyncIterator[Kit]:
    """Run engine and room for the length of a test; needs the fixture tmp_runtime."""
    kit = Kit(room_settings(**settings), watermark or FdWatermark(0))
    if engine:
        await kit.engine.start()
    running = asyncio.create_task(kit.worker.run())
    try:
        if wait:
            await kit.listening(engine)
        yield kit
    finally:
        kit.worker.link.stop()
        await asyncio.wait_for(running, 10)
        await kit.engine.stop()
