"""A real nginx with its RTMP module on a free port; tests stop, freeze and kill it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.ports import free_port

MODULES = (
    "/usr/lib/nginx/modules/ngx_rtmp_module.so",
    "/usr/lib64/nginx/modules/ngx_rtmp_module.so",
    "/usr/share/nginx/modules/ngx_rtmp_module.so",
)
CONFIG = """
load_module {module};
{user}
worker_processes 1;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 64; }}
rtmp {{
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        chunk_size 4096;
        application live {{ live on; }}
        application rec {{ live on; record all; record_path {folder}/rec; record_unique off; }}
        application closed {{ live on; deny publish all; }}
    }}
}}
"""


def rtmp_module() -> str:
    """Path of the module; AssertionError where nginx-rtmp is not installed (the set-up installs it)."""
    found = next((path for path in MODULES if Path(path).exists()), None)
    assert found and nginx_command(), "nginx with libnginx-mod-rtmp is not installed; ./run test installs it"
    return found


def nginx_command() -> str | None:
    """The nginx program, also where sbin is not on the PATH."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class NginxRtmp:
    """The server; ``rec`` records to ``folder/rec/NAME.flv``, ``live`` does not, ``closed`` refuses."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "rec").mkdir(parents=True, exist_ok=True)

    def url(self, application: str = "rec") -> str:
        return f"rtmp://127.0.0.1:{self.port}/{application}"

    def recording(self, name: str) -> Path:
        return self.folder / "rec" / f"{name}.flv"

    def start(self) -> None:
        user = "user root;" if os.geteuid() == 0 else ""
        config = self.folder / "nginx.conf"
        config.write_text(CONFIG.format(module=rtmp_module(), user=user, folder=self.folder, port=self.port))
        command = [nginx_command() or "nginx", "-p", str(self.folder), "-c", str(config), "-e", "stderr"]
        with open(self.folder / "stderr.log", "ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 5
        while not self._listens():
            assert self._process.poll() is None, (self.folder / "stderr.log").read_text()
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.01)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(5)
        self._process = None

    def stop(self) -> None:
        """End it, also if it is frozen."""
        if self._process is None:
            return
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def __enter__(self) -> NginxRtmp:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
