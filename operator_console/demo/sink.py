"""The demo's livestream destination where nginx-rtmp is not installed: the program's own RTMP file sink."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path

from media.outputs.filesink import RtmpFileSink

START_S = 5.0


class SinkIngest:
    """The file sink on a loop and a thread of its own; same use as `ingest.NginxIngest`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "received", 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._run, name="file-sink", daemon=True)

    @property
    def url(self) -> str:
        """Where to publish to; the stream key is the next path element."""
        return f"rtmp://127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        self._listening.wait(START_S)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        sink = RtmpFileSink(self.folder)
        self.port = await sink.start()
        self._listening.set()
        await self._stop.wait()
        await sink.stop()

    def received_files(self) -> Sequence[Path]:
        """What was received so far."""
        return sorted(self.folder.glob("*.flv"))

    def stop(self) -> None:
        """Finish the files and end the thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_S)
