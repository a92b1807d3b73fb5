"""Places a livestream goes to, to be killed, frozen and replaced: nginx-rtmp, a black hole, a TLS front."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from operator_console.demo.ingest import find_nginx, quoted
from tests.media.tls_front import Front
from tests.ports import free_port

START_S = 5.0
APPLICATION = "live"
KEPT_BYTES = 65_536


class Doorman:
    """nginx asks it whether somebody may publish (on_publish); it counts those it turned away."""

    def __init__(self) -> None:
        self.refusing = False
        self.refused = self.let_in = 0
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Begin to answer."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.refused += self.refusing
            self.let_in += not self.refusing
            line = "403 Forbidden" if self.refusing else "200 OK"
            writer.write(f"HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # a server that was killed while it asked
        finally:
            writer.close()

    async def stop(self) -> None:
        """Answer nobody any more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


class NginxPlace:
    """nginx-rtmp, master and worker, always on one port; it records each connection to a file of its own."""

    def __init__(self, folder: Path, doorman_port: int = 0) -> None:
        self.folder, self._doorman_port = folder, doorman_port
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "received").mkdir(parents=True)

    @property
    def url(self) -> str:
        """Address without key."""
        return f"rtmp://127.0.0.1:{self.port}/{APPLICATION}"

    def _configuration(self, module: str) -> str:
        ask = f"on_publish http://127.0.0.1:{self._doorman_port}/;" if self._doorman_port else ""
        return f"""
{"user root;" if os.geteuid() == 0 else ""}
load_module {quoted(Path(module))};
worker_processes 1;
daemon off;
pid {quoted(self.folder / "nginx.pid")};
error_log {quoted(self.folder / "error.log")} info;
events {{ worker_connections 64; }}
rtmp {{ access_log off; server {{
  listen 127.0.0.1:{self.port};
  chunk_size 4096;
  application {APPLICATION} {{
    live on; record all; record_path {quoted(self.folder / "received")}; record_unique on; {ask}
  }}
}} }}
"""

    def start(self) -> None:
        """Start it and wait until it listens."""
        found = find_nginx()
        assert found, "nginx with its RTMP module is not installed; ./run test installs it"
        program, module = found
        config = self.folder / "nginx.conf"
        config.write_text(self._configuration(module))
        options = ["-p", str(self.folder), "-c", str(config), "-e", str(self.folder / "error.log")]
        self._process = subprocess.Popen([program, *options], start_new_session=True)
        deadline = time.monotonic() + START_S
        while not listens(self.port):
            assert self._process.poll() is None, (self.folder / "error.log").read_text()
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.01)

    def _family(self) -> list[psutil.Process]:
        assert self._process is not None
        master = psutil.Process(self._process.pid)
        return [master, *master.children(recursive=True)]

    def _signal(self, number: int) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, number)

    def kill(self) -> float:
        """kill -9 of master and worker, seen gone; returns when it was done (monotonic)."""
        family = self._family()
        assert len(family) == 2, "a master and a worker"
        struck_s = time.monotonic()
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(5)
        self._process = None
        _, left = psutil.wait_procs(family, 5)
        assert not left and not listens(self.port), "it was not killed: no fault, no test"
        return struck_s

    def freeze(self) -> float:
        """SIGSTOP of both, seen standing; returns when it was done (monotonic)."""
        family = self._family()
        struck_s = time.monotonic()
        self._signal(signal.SIGSTOP)
        deadline = time.monotonic() + START_S
        while not all(one.status() == psutil.STATUS_STOPPED for one in family):
            assert time.monotonic() < deadline, "it was not stopped: no fault, no test"
            time.sleep(0.001)
        return struck_s

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def received(self) -> Sequence[Path]:
        """The files of all connections that brought anything, in the order in which they were begun."""
        files = [
            path for path in (self.folder / "received").glob("*.flv") if path.stat().st_size > KEPT_BYTES
        ]
        return sorted(files, key=lambda path: int(path.stem.rpartition("-")[2]))

    def received_bytes(self) -> int:
        """Size of all that was received."""
        return sum(path.stat().st_size for path in (self.folder / "received").glob("*.flv"))

    def stop(self) -> None:
        """End it, in an orderly way where that works."""
        process = self._process
        if process is None:
            return
        self.thaw()
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            process.wait(5)
        self._process = None

    def remove(self) -> None:
        """Take its files away."""
        self.stop()
        shutil.rmtree(self.folder)


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class BlackHole:
    """Accepts connections and reads what comes, but never says a word."""

    def __init__(self) -> None:
        self.accepted = self.swallowed_bytes = 0
        self._server: asyncio.Server | None = None

    async def open(self, port: int) -> None:
        """Begin."""
        self._server = await asyncio.start_server(self._swallow, "127.0.0.1", port)

    async def _swallow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            while data := await reader.read(65_536):
                self.swallowed_bytes += len(data)
        except OSError:
            pass  # given up
        finally:
            writer.close()

    async def close(self) -> None:
        """End."""
        if self._server is not None:
            self._server.close()
            self._server.close_clients() if hasattr(self._server, "close_clients") else None
            self._server = None


class SwitchFront(Front):
    """A TLS front whose certificate can be replaced while it listens; it counts who saw which."""

    def __init__(self, target_port: int, contexts: dict[str, ssl.SSLContext]) -> None:
        self._contexts, self.shown = contexts, "right"
        self.hellos = dict.fromkeys(contexts, 0)
        first = contexts[self.shown]
        first.sni_callback = self._choose  # asked at each hello, with a name or without
        super().__init__(target_port, first)

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _first: ssl.SSLContext) -> None:
        self.hellos[self.shown] += 1
        connection.context = self._contexts[self.shown]

    async def drop(self) -> float:
        """Cut every connection; returns when it was done (monotonic)."""
        tasks, struck_s = list(self._tasks), time.monotonic()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return struck_s
