"""A room worker process that can be killed, with a fake engine, a program and a Chromium before it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from media.bus.reader import VideoReader
from operator_console.paths import runtime_dir, self_command
from tests.end2end.browser import PHONE, Browser, Page, chromium, leaf_spki
from tests.fake_engine import FakeEngine
from tests.media.rtc_kit import until
from tests.ports import free_port
from tests.return_feed import ReturnFeed


class Outside:
    """A worker process that can be killed, its engine, and a browser."""

    def __init__(self, engine: FakeEngine, codec: str) -> None:
        self.engine = engine
        self.port = free_port()
        self.base = f"https://127.0.0.1:{self.port}"
        self.worker: subprocess.Popen[bytes] | None = None
        self.browser: Browser
        self._codec = codec

    async def start_worker(self) -> None:
        self.engine.forget()
        command = [
            *self_command("room", "--name", "room0"),
            f"--set=join_port={self.port}",
            "--set=join_host=127.0.0.1",
            "--set=max_participants=8",
            f"--set=prefer_codec={self._codec.lower()}",
        ]
        self.worker = await asyncio.to_thread(subprocess.Popen, command, stderr=subprocess.DEVNULL)
        await self.engine.wait_for_report(lambda report: report.state == "running")

    async def kill_worker(self) -> None:
        assert self.worker is not None
        os.kill(self.worker.pid, signal.SIGKILL)
        await asyncio.to_thread(self.worker.wait)

    async def guest(self, token: str = "") -> Page:
        page = await self.browser.page(PHONE, phone=True)
        await page.open(f"{self.base}/#t={token or self.engine.invite()}")
        await page.join("Hj. Rahmawati", "Camat Astambul")
        await page.until_phase("live")
        await page.until_connected()
        return page

    async def until_seen(self) -> None:
        """Wait until new tiles arrive on the bus of the worker that lives now."""
        reader = VideoReader(runtime_dir() / "bus", "video-room0")
        first = reader.seq(1)
        await until(lambda: reader.seq(1) > first + 5, 15)
        reader.close()


@asynccontextmanager
async def outside(codec: str = "H264") -> AsyncIterator[Outside]:
    async with AsyncExitStack() as stack:
        engine = FakeEngine(runtime_dir())
        await engine.start()
        stack.push_async_callback(engine.stop)
        feed = await stack.enter_async_context(ReturnFeed(runtime_dir() / "bus", codec))
        engine.on_keyframe = feed.request_key
        made = Outside(engine, codec)
        await made.start_worker()
        stack.push_async_callback(made.kill_worker)
        trusted = leaf_spki(Path(os.environ["OPERATOR_CONSOLE_DATA"]) / "tls")
        made.browser = await stack.enter_async_context(chromium(trusted))
        yield made
