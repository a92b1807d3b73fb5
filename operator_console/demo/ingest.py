"""The demo's livestream destination: a local nginx with its RTMP module, on a free port, ended by pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

MODULE_PLACES = (
    "/usr/lib/nginx/modules/ngx_rtmp_module.so",
    "/usr/lib64/nginx/modules/ngx_rtmp_module.so",
    "/usr/local/lib/nginx/modules/ngx_rtmp_module.so",
)
NGINX_PLACES = ("/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx")
START_S = 5.0


class IngestError(Exception):
    """The ingest server cannot be started; the text is a plain sentence."""


def find_nginx() -> tuple[str, str] | None:
    """Program and RTMP module of nginx, or None where one of them is not installed."""
    program = shutil.which("nginx") or next((p for p in NGINX_PLACES if os.access(p, os.X_OK)), None)
    module = next((m for m in MODULE_PLACES if os.path.exists(m)), None)
    return (program, module) if program and module else None


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def quoted(path: Path) -> str:
    """A path as nginx reads it, whatever characters a folder has in its name."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def configuration(folder: Path, module: str, port: int, record: bool) -> str:
    """A minimal nginx configuration: one worker, one RTMP application called live."""
    user = "user root;" if hasattr(os, "getuid") and os.getuid() == 0 else ""
    received = quoted(folder / "received")
    recording = f"record all; record_path {received}; record_unique off;" if record else "record off;"
    return f"""
{user}
load_module {quoted(Path(module))};
worker_processes 1;
daemon off;
pid {quoted(folder / "nginx.pid")};
error_log {quoted(folder / "error.log")} info;
events {{ worker_connections 64; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port};
    chunk_size 4096;
    application live {{ live on; {recording} }}
  }}
}}
"""


def tie() -> list[str]:
    """What is put before a command that is to end with its parent; empty where the system cannot do that.

    `setpriv` (util-linux) sets the wish and becomes the command: doing it in a forked child of a program with
    threads is not safe.
    """
    program = shutil.which("setpriv") if sys.platform == "linux" else None
    return [program, "--pdeathsig", "TERM"] if program else []


class NginxIngest:
    """A running nginx-rtmp; whatever is published to `url` is written to `received` as FLV."""

    def __init__(self, folder: Path, *, record: bool = True, port: int = 0, tied: bool = False) -> None:
        """With `tied` it ends with the thread that starts it, however that ends (Linux)."""
        self.folder, self._record, self._tied = folder, record, tied
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where to publish to; the stream key is the next path element."""
        return f"rtmp://127.0.0.1:{self.port}/live"

    @property
    def pid(self) -> int:
        """Process id of the master."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it and wait until it listens. Raises IngestError."""
        found = find_nginx()
        if found is None:
            raise IngestError("nginx with the RTMP module is not installed (nginx, libnginx-mod-rtmp).")
        program, module = found
        (self.folder / "received").mkdir(parents=True, exist_ok=True)
        config = self.folder / "nginx.conf"
        config.write_text(configuration(self.folder, module, self.port, self._record), encoding="utf-8")
        launcher = tie() if self._tied else []
        options = ["-p", str(self.folder), "-c", str(config), "-e", str(self.folder / "error.log")]
        self._process = subprocess.Popen(
            [*launcher, program, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_open()

    def _wait_until_open(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                time.sleep(0.05)
                continue
            return
        self.stop()
        raise IngestError(f"nginx did not start; see {self.folder / 'error.log'}.")

    def received_files(self) -> Sequence[Path]:
        """What was received so far."""
        return sorted((self.folder / "received").glob("*.flv"))

    def stop(self, number: int = signal.SIGQUIT) -> None:
        """End it, gracefully first (nginx finishes its files), then for good."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(3.0)
        except subprocess.TimeoutExpired:
            process.terminate()
            try:
                process.wait(2.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(2.0)
