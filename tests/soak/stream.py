"""The livestream of a soak: a local nginx that is killed and started again, and a stream that is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path

from operator_console import protocol as p
from operator_console.demo.ingest import IngestError, NginxIngest
from tests.end2end.console import Console, EngineLostError, RefusedError
from tests.soak.diary import Diary
from tests.soak.rhythm import RESTARTS, Restart, Rhythm

DESTINATION = "soak"
DOWN_S = 8.0
BACK_S = 60.0
"""Longer than this and it did not come back."""
GROWS_S = 10.0
GROWS_BYTES = 50_000
"""So much more must lie in the server's file before we believe that it receives."""


class Stream:
    """The livestream and its server."""

    def __init__(self, console: Console, diary: Diary, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._console, self._diary = console, diary
        self._ingest = NginxIngest(folder, tied=True)

    async def begin(self) -> None:
        """Start server and stream."""
        await asyncio.to_thread(self._ingest.start)
        await self._start()

    async def _start(self) -> None:
        await self._console.do(
            p.StartLivestream(destination_id=DESTINATION, name="nginx", url=self._ingest.url, key="soak")
        )

    async def end(self) -> None:
        """Stop stream and server."""
        await self._console.do(p.StopLivestream(destination_id=DESTINATION), 30)

    def close(self) -> None:
        """Stop the server, whatever state all is in."""
        self._ingest.stop()

    @property
    def on_air(self) -> bool:
        """Whether the product says that the destination takes the stream."""
        stream = self._console.state.livestreams.get(DESTINATION)
        return stream is not None and stream.on_air

    async def run(self, rhythm: Rhythm) -> None:
        """Restart it again and again until cancelled."""
        number = 0
        while True:
            await asyncio.sleep(rhythm.restart_s)
            how = RESTARTS[number % len(RESTARTS)]
            number += 1
            try:
                await self._restart(how)
            except (TimeoutError, RefusedError, EngineLostError, IngestError) as error:
                text = f"{type(error).__name__} {error}"[:300]
                self._diary.event("restart", False, how=how, error=text)
                await self._mended()

    async def _restart(self, how: Restart) -> None:
        if how is Restart.SERVER_KILLED:
            began_s = time.monotonic()
            await asyncio.to_thread(self._kill_server)
            await self._console.until("the loss of the stream", lambda: not self.on_air, BACK_S)
            noticed_s = time.monotonic() - began_s
            await asyncio.sleep(DOWN_S)
            await asyncio.to_thread(self._ingest.start)
        else:
            await self._console.do(p.StopLivestream(destination_id=DESTINATION), 30)
            await self._console.until("the end of the stream", lambda: not self.on_air, BACK_S)
            await asyncio.sleep(DOWN_S)
            noticed_s = 0.0
            await self._start()
        up_s = time.monotonic()
        await self._console.until("the stream again", lambda: self.on_air, BACK_S)
        back_s = time.monotonic() - up_s
        received = await self._received()
        self._diary.event(
            "restart",
            received >= GROWS_BYTES,
            how=how,
            noticed_s=round(noticed_s, 2),
            back_s=round(back_s, 2),
            received_bytes=received,
        )

    async def _mended(self) -> None:
        """Whatever failed: server and stream run again, as far as that is possible."""
        with contextlib.suppress(IngestError, TimeoutError, RefusedError, EngineLostError):
            if not self._ingest.pid:
                await asyncio.to_thread(self._ingest.start)
            await self._start()

    def _kill_server(self) -> None:
        # The workers of nginx do not die with their master.
        os.killpg(self._ingest.pid, signal.SIGKILL)
        self._ingest.stop(signal.SIGKILL)

    async def _received(self) -> int:
        """By how much what the server received grows within a while."""
        first, until = await asyncio.to_thread(self._received_bytes), time.monotonic() + GROWS_S
        while True:
            await asyncio.sleep(1.0)
            now = await asyncio.to_thread(self._received_bytes)
            first = min(first, now)  # a new publication begins its file anew
            if now - first >= GROWS_BYTES or time.monotonic() > until:
                return now - first

    def _received_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._ingest.received_files())
