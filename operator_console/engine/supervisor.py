"""The supervisor: starts workers, adopts those that outlived the last engine, restarts those that die."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from operator_console import paths
from operator_console.worker_link import worker_running

_log = logging.getLogger(__name__)

CHECK_S = 0.1
RESTART_DELAYS_S = (0.0, 0.5, 2.0, 5.0)
"""Waits before the first, second, ... restart within a minute."""
CALM_S = 60.0
ADOPT_S = 3.0
"""How long a running worker of the last engine may take to attach before it counts as stuck."""


def restart_delay_s(deaths_s: list[float], now_s: float) -> float:
    """How long to wait before the next restart, from the times of the deaths so far. Pure."""
    recent = sum(1 for at in deaths_s if now_s - at < CALM_S)
    return RESTART_DELAYS_S[min(max(recent - 1, 0), len(RESTART_DELAYS_S) - 1)]


@dataclass(slots=True)
class Worker:
    """A worker process as the supervisor knows it."""

    name: str
    argv: list[str]
    process: subprocess.Popen[bytes] | None = None
    pid: int = 0
    attached: bool = False
    adopted_s: float = 0.0
    start_at_s: float = 0.0
    deaths_s: list[float] = field(default_factory=list)
    ending: bool = False


class Supervisor:
    """Keeps workers alive; `on_lost(name, reason)` and `on_started(name, pid)` are called on the loop."""

    def __init__(
        self, on_started: Callable[[str, int], None], on_lost: Callable[[str, str], None], extra: list[str]
    ) -> None:
        self._on_started, self._on_lost = on_started, on_lost
        self._extra = extra
        self.workers: dict[str, Worker] = {}

    def keep(self, name: str, *args: str) -> None:
        """Keep a worker with this name and command line running."""
        if name in self.workers:
            return
        worker = Worker(name, paths.self_command(*args, *self._extra))
        if worker_running(name):
            worker.adopted_s = time.monotonic()
        self.workers[name] = worker

    def release(self, name: str) -> None:
        """Keep a worker no longer; it has been told to end."""
        worker = self.workers.get(name)
        if worker is not None:
            worker.ending = True

    def attached(self, name: str, pid: int) -> None:
        """A worker said hello."""
        worker = self.workers.get(name)
        if worker is not None:
            worker.attached, worker.pid, worker.adopted_s = True, pid, 0.0
            self._on_started(name, pid)

    def detached(self, name: str) -> None:
        """A worker's connection ended; if its process lives it will come back by itself."""
        worker = self.workers.get(name)
        if worker is not None:
            worker.attached = False

    async def run(self) -> None:
        """Watch over the workers until cancelled."""
        while True:
            for worker in list(self.workers.values()):
                await self._check(worker)
            await asyncio.sleep(CHECK_S)

    async def _check(self, worker: Worker) -> None:
        now = time.monotonic()
        if worker.process is not None and worker.process.poll() is not None:
            code, worker.process = worker.process.returncode, None
            self._died(worker, f"exit code {code}", now)
        elif worker.process is None and worker.pid and not _alive(worker.pid):
            self._died(worker, "gone", now)
        elif worker.adopted_s and now - worker.adopted_s > ADOPT_S:
            worker.adopted_s = 0.0
            await asyncio.to_thread(_kill_holder, worker.name)
        idle = worker.process is None and not worker.pid and not worker.adopted_s
        if worker.ending and idle:
            self.workers.pop(worker.name, None)
        elif idle and now >= worker.start_at_s:
            worker.process = await asyncio.to_thread(_spawn, worker.argv)

    def _died(self, worker: Worker, reason: str, now: float) -> None:
        worker.pid, worker.attached = 0, False
        if worker.ending:
            return
        worker.deaths_s = [*worker.deaths_s[-8:], now]
        worker.start_at_s = now + restart_delay_s(worker.deaths_s, now)
        self._on_lost(worker.name, reason)

    async def stop(self, deadline_s: float = 5.0) -> None:
        """Wait for the workers, who have been told to end, then kill who is left."""
        until = time.monotonic() + deadline_s
        waiting = [w for w in self.workers.values() if w.process is not None or w.pid]
        while waiting and time.monotonic() < until:
            await asyncio.sleep(0.05)
            waiting = [w for w in waiting if not _ended(w)]
        for worker in waiting:
            _log.warning("worker %s did not end in time and is killed", worker.name)
            await asyncio.to_thread(_kill, worker)
        self.workers.clear()


def _ended(worker: Worker) -> bool:
    if worker.process is not None:
        return worker.process.poll() is not None
    return not _alive(worker.pid)


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def child_environment() -> dict[str, str]:
    """The environment of our processes: without the Qt paths that cv2 may have set (note wall, section 3)."""
    return {key: value for key, value in os.environ.items() if not key.startswith("QT_QPA_PLATFORM_PLUGIN")}


def _spawn(argv: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own: a worker must outlive a killed engine.
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, start_new_session=True, env=child_environment(), close_fds=True
    )


def _kill(worker: Worker) -> None:
    if worker.process is not None:
        worker.process.kill()
        worker.process.wait(2.0)
    elif worker.pid:
        _kill_pid(worker.pid)


def _kill_pid(pid: int) -> None:
    try:
        psutil.Process(pid).kill()
    except psutil.NoSuchProcess:
        return


def _kill_holder(name: str) -> None:
    """Kill a worker that holds its lock but never attached; the lock file has its pid."""
    try:
        pid = int((paths.runtime_dir() / f"worker-{name}.lock").read_text(encoding="ascii") or "0")
    except (OSError, ValueError):
        return
    if pid and worker_running(name):
        _log.warning("worker %s (pid %d) runs but does not attach; it is killed", name, pid)
        _kill_pid(pid)
