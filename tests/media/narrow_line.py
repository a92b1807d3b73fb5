"""A line that carries so much and no more: passes bytes on to 127.0.0.1 at a rate that can be changed."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

PIECE_BYTES = 4096
PERIOD_S = 0.02
SAVED_S = 0.4
"""What a busy machine keeps the line from passing on is passed on later, as far as this."""
RECEIVE_BYTES = 32_768
"""A small receive buffer, as a distant bottleneck leaves it: what is not read is soon the sender's."""


class NarrowLine:
    """A relay whose way to the server is `rate_bps` wide; the way back is free."""

    def __init__(self, target_port: int, rate_bps: float) -> None:
        self._target_port = target_port
        self.rate_bps = rate_bps
        self.passed_bytes = 0
        self.accepted = 0
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        listening.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._accept, sock=listening, limit=PIECE_BYTES)
        self.port = listening.getsockname()[1]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, away = await asyncio.open_connection("127.0.0.1", self._target_port)
        back = asyncio.create_task(self._back(there, writer))
        try:
            with suppress(OSError):
                await self._forth(reader, away)
        finally:
            back.cancel()
            away.transport.abort()
            writer.close()

    async def _forth(self, reader: asyncio.StreamReader, away: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        allowed, then_s = 0.0, loop.time()
        while True:
            await asyncio.sleep(PERIOD_S)
            now_s = loop.time()
            allowed = min(allowed + (now_s - then_s) * self.rate_bps / 8, self.rate_bps / 8 * SAVED_S)
            then_s = now_s
            while allowed > 0:
                try:
                    async with asyncio.timeout(PERIOD_S):
                        data = await reader.read(PIECE_BYTES)
                except TimeoutError:
                    break
                if not data:
                    return
                allowed -= len(data)
                self.passed_bytes += len(data)
                away.write(data)
                await away.drain()

    async def _back(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await there.read(PIECE_BYTES):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
