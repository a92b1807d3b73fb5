"""The supervisor: starts workers, adopts those that outlived the last engine, restarts those that die."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from operator_console import paths
from operator_console.processes import birth_of, kill_process, same_process
from operator_console.worker_link import lock_holder, worker_running

_log = logging.getLogger(__name__)

CHECK_S = 0.1
RESTART_DELAYS_S = (0.0, 0.5, 2.0, 5.0)
"""Waits before the first, second, ... restart within a minute."""
CALM_S = 60.0
BIRTH_S = 30.0
"""How long a new worker may take to attach (a loaded machine imports slowly)."""
ADOPT_S = 3.0
"""How long a running worker of the last engine may take to attach before it counts as stuck."""
SILENT_S = 10.0
"""How long a living worker may stay away after its connection ended."""
END_S = 5.0
"""How long a worker that was told to end may take."""
KILL_S = 2.0


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
    birth: str = ""
    """With the number of a process: numbers are used again."""
    attached: bool = False
    adopted: bool = False
    """Runs since an earlier engine and has not attached to this one yet."""
    patient_until_s: float = 0.0
    """When a worker that has not attached, or was told to end, counts as stuck."""
    start_at_s: float = 0.0
    deaths_s: list[float] = field(default_factory=list)
    ending: bool = False
    again: list[str] | None = None
    """The command line to begin anew with once the one that ends is gone."""

    @property
    def idle(self) -> bool:
        """Whether no process is known."""
        return self.process is None and not self.pid and not self.adopted


class Supervisor:
    """Keeps workers alive; `on_lost(name, status)` and `on_started(name, pid)` are called on the loop."""

    def __init__(
        self,
        on_started: Callable[[str, int], None],
        on_lost: Callable[[str, int | None], None],
        extra: list[str],
        command: Callable[..., list[str]] = paths.self_command,
    ) -> None:
        """`command(*arguments)` makes the command line of a worker; `extra` is added to each."""
        self._on_started, self._on_lost = on_started, on_lost
        self._extra, self._command = extra, command
        self.workers: dict[str, Worker] = {}

    def keep(self, name: str, *args: str) -> None:
        """Keep a worker with this name and command line running."""
        known, argv = self.workers.get(name), self._command(*args, *self._extra)
        if known is not None:
            if known.ending:
                known.again = argv
            return
        worker = Worker(name, argv)
        if worker_running(name):
            worker.adopted, worker.patient_until_s = True, time.monotonic() + ADOPT_S
        self.workers[name] = worker

    def release(self, name: str) -> None:
        """Keep a worker no longer; it has been told to end."""
        worker = self.workers.get(name)
        if worker is None:
            return
        worker.again = None
        if not worker.ending:
            worker.ending, worker.patient_until_s = True, time.monotonic() + END_S

    def attached(self, name: str, pid: int) -> None:
        """A worker said hello (again)."""
        worker = self.workers.get(name)
        if worker is None:
            return
        birth = birth_of(pid)
        new = (worker.pid, worker.birth) != (pid, birth)
        worker.attached, worker.adopted = True, False
        if worker.ending and worker.again == worker.argv:  # it came too late to be told to end
            worker.ending, worker.again = False, None
        worker.pid, worker.birth = pid, birth
        if new:
            self._on_started(name, pid)

    def detached(self, name: str) -> None:
        """A worker's connection ended; if its process lives it will come back by itself."""
        worker = self.workers.get(name)
        if worker is not None:
            worker.attached, worker.patient_until_s = False, time.monotonic() + SILENT_S

    async def run(self) -> None:
        """Watch over the workers until cancelled."""
        while True:
            for worker in list(self.workers.values()):
                try:
                    await self._check(worker)
                except Exception:  # noqa: BLE001 top of the watch: one worker's trouble must not end all others'
                    _log.exception("worker %s cannot be watched", worker.name)
            await asyncio.sleep(CHECK_S)

    async def _check(self, worker: Worker) -> None:
        now = time.monotonic()
        if worker.process is not None and worker.process.poll() is not None:
            code, worker.process = worker.process.returncode, None
            self._died(worker, code, now)
        elif worker.process is None and _gone(worker):
            self._died(worker, None, now)
        elif not worker.idle and (worker.ending or not worker.attached) and now > worker.patient_until_s:
            _log.warning("worker %s runs but does not answer; it is killed", worker.name)
            worker.patient_until_s = now + END_S
            await asyncio.to_thread(_kill, worker)
        if worker.idle:
            await self._start_or_forget(worker, now)

    async def _start_or_forget(self, worker: Worker, now: float) -> None:
        if worker.ending:
            self.workers.pop(worker.name, None)
            if worker.again is not None:
                self.workers[worker.name] = Worker(worker.name, worker.again)
        elif now >= worker.start_at_s:
            try:
                worker.process = await asyncio.to_thread(_spawn, worker.argv)
                worker.patient_until_s = now + BIRTH_S
            except (OSError, ValueError) as error:
                _log.error("worker %s cannot be started: %s", worker.name, error)
                worker.start_at_s = now + RESTART_DELAYS_S[-1]

    def _died(self, worker: Worker, status: int | None, now: float) -> None:
        worker.pid, worker.birth = 0, ""
        worker.attached, worker.adopted = False, False
        if worker.ending:
            return
        worker.deaths_s = [*worker.deaths_s[-8:], now]
        worker.start_at_s = now + restart_delay_s(worker.deaths_s, now)
        self._on_lost(worker.name, status)

    async def stop(self, deadline_s: float = END_S) -> None:
        """Wait for the workers, who have been told to end, then kill who is left."""
        until = time.monotonic() + deadline_s
        waiting = [worker for worker in self.workers.values() if not worker.idle]
        for worker in waiting:
            if not worker.attached:  # could not be told
                await asyncio.to_thread(_kill, worker)
        while waiting and time.monotonic() < until:
            await asyncio.sleep(0.05)
            waiting = [worker for worker in waiting if not _ended(worker)]
        for worker in waiting:
            _log.warning("worker %s did not end in time and is killed", worker.name)
            await asyncio.to_thread(_kill, worker, KILL_S)
        self.workers.clear()


def _ended(worker: Worker) -> bool:
    return worker.process.poll() is not None if worker.process is not None else _gone(worker)


def _gone(worker: Worker) -> bool:
    """Whether a worker that is no child of ours has died."""
    if worker.adopted:
        return not worker_running(worker.name)
    return bool(worker.pid) and not same_process(worker.pid, worker.birth)


def child_environment() -> dict[str, str]:
    """The environment of our processes: without the Qt paths that cv2 may have set."""
    return {key: value for key, value in os.environ.items() if not key.startswith("QT_QPA_PLATFORM_PLUGIN")}


def _spawn(argv: list[str]) -> subprocess.Popen[bytes]:
    # A session of its own: a worker must outlive a killed engine.
    return subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, start_new_session=True, env=child_environment(), close_fds=True
    )


def _kill(worker: Worker, wait_s: float = 0.0) -> None:
    if worker.process is not None:
        worker.process.kill()
        if wait_s:
            worker.process.wait(wait_s)
        return
    pid, birth = (worker.pid, worker.birth) if worker.pid else lock_holder(worker.name)
    kill_process(pid, birth)
