"""The supervisor with real processes: the dead are started again, the living adopted, the stuck killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from operator_console.engine import supervisor as module
from operator_console.engine.supervisor import Supervisor, Worker, restart_delay_s
from operator_console.worker_link import WorkerLock, worker_running
from tests.unit.engine_kit import eventually

WORKER = """
import sys, time
from operator_console.worker_link import WorkerLock
with WorkerLock(sys.argv[1]):
    if len(sys.argv) > 2:
        sys.exit(int(sys.argv[2]))
    time.sleep(60)
"""


def command(*args: str) -> list[str]:
    return [sys.executable, "-c", WORKER, *args]


class Watched:
    """A supervisor with what it told."""

    def __init__(self) -> None:
        self.started: list[tuple[str, int]] = []
        self.lost: list[tuple[str, int | None]] = []
        self.supervisor = Supervisor(
            lambda name, pid: self.started.append((name, pid)),
            lambda name, status: self.lost.append((name, status)),
            [],
            command,
        )

    def worker(self, name: str = "w") -> Worker:
        return self.supervisor.workers[name]

    def pid(self, name: str = "w") -> int:
        process = self.worker(name).process
        return process.pid if process is not None else 0

    async def attached(self, name: str = "w") -> int:
        """Wait until the worker runs, then say hello for it."""
        await eventually(lambda: self.pid(name) > 0 and worker_running(name))
        self.supervisor.attached(name, self.pid(name))
        return self.pid(name)


@pytest.fixture
async def watched(tmp_runtime: Path) -> AsyncIterator[Watched]:
    one = Watched()
    running = asyncio.create_task(one.supervisor.run())
    yield one
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    for worker in one.supervisor.workers.values():
        worker.attached = False
    await one.supervisor.stop()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_restarts_come_at_once_then_later_and_calm_down() -> None:
    assert restart_delay_s([100.0], 100.0) == 0.0
    assert [restart_delay_s([100.0] * count, 100.0) for count in (2, 3, 4, 9)] == [0.5, 2.0, 5.0, 5.0]
    assert restart_delay_s([1.0, 2.0, 100.0], 100.0) == 0.0, "deaths of long ago do not count"


async def test_a_worker_is_started_and_told_when_it_has_attached(watched: Watched) -> None:
    watched.supervisor.keep("w", "w")
    watched.supervisor.keep("w", "w")
    pid = await watched.attached()
    assert watched.started == [("w", pid)] and watched.lost == []
    watched.supervisor.detached("w")
    watched.supervisor.attached("w", pid)
    assert watched.started == [("w", pid)], "coming back is no start"


async def test_a_killed_worker_is_told_lost_and_started_again(watched: Watched) -> None:
    watched.supervisor.keep("w", "w")
    first = await watched.attached()
    kill(first)
    await eventually(lambda: watched.lost == [("w", -9)])
    second = await watched.attached()
    assert second != first
    assert [pid for _, pid in watched.started] == [first, second]


async def test_one_that_dies_at_birth_is_started_ever_later(watched: Watched) -> None:
    watched.supervisor.keep("w", "w", "7")
    await eventually(lambda: len(watched.lost) == 3)
    assert {status for _, status in watched.lost} == {7}
    _, second, third = watched.worker().deaths_s
    assert third - second >= 0.5
    assert watched.worker().start_at_s - third == 2.0


async def test_a_program_that_cannot_be_started_is_tried_again_and_others_run(
    tmp_runtime: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("worker broken cannot be started")
    one = Watched()
    one.supervisor = Supervisor(
        lambda name, pid: None,
        lambda name, reason: None,
        [],
        lambda *args: ["/no/such/program"] if args[0] == "broken" else command(*args),
    )
    one.supervisor.keep("broken", "broken")
    one.supervisor.keep("w", "w")
    running = asyncio.create_task(one.supervisor.run())
    await one.attached()
    assert one.worker("broken").start_at_s > 0 and not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    one.worker().attached = False
    await one.supervisor.stop()


def orphan(name: str) -> subprocess.Popen[bytes]:
    """A worker of an engine that is gone."""
    return subprocess.Popen(command(name))


async def test_a_worker_of_the_last_engine_is_adopted_with_its_pid(watched: Watched) -> None:
    child = orphan("w")
    await eventually(lambda: worker_running("w"))
    watched.supervisor.keep("w", "w")
    assert watched.worker().adopted
    watched.supervisor.attached("w", child.pid)
    await asyncio.sleep(3 * module.CHECK_S)
    assert watched.started == [("w", child.pid)]
    assert watched.worker().process is None and child.poll() is None
    kill(child.pid)
    child.wait()
    await eventually(lambda: watched.lost == [("w", None)])
    assert await watched.attached() != child.pid


async def test_a_worker_of_the_last_engine_that_dies_before_it_attached_is_replaced_at_once(
    watched: Watched,
) -> None:
    child = orphan("w")
    await eventually(lambda: worker_running("w"))
    watched.supervisor.keep("w", "w")
    kill(child.pid)
    child.wait()
    await eventually(lambda: watched.lost == [("w", None)])
    await watched.attached()


async def test_one_that_holds_its_lock_but_never_attaches_is_killed_and_replaced(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("worker w runs but does not answer; it is killed")
    monkeypatch.setattr(module, "ADOPT_S", 0.3)
    child = orphan("w")
    await eventually(lambda: worker_running("w"))
    os.kill(child.pid, signal.SIGSTOP)
    watched.supervisor.keep("w", "w")
    await eventually(lambda: child.poll() is not None)
    assert child.returncode == -signal.SIGKILL
    assert await watched.attached() != child.pid


async def test_one_that_freezes_after_it_attached_is_killed_and_replaced(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("worker w runs but does not answer; it is killed")
    monkeypatch.setattr(module, "SILENT_S", 0.3)
    watched.supervisor.keep("w", "w")
    first = await watched.attached()
    os.kill(first, signal.SIGSTOP)
    watched.supervisor.detached("w")  # the missing pong
    await eventually(lambda: watched.lost == [("w", -9)])
    assert await watched.attached() != first


async def test_a_released_worker_is_forgotten_when_it_has_ended(watched: Watched) -> None:
    watched.supervisor.keep("w", "w")
    pid = await watched.attached()
    watched.supervisor.release("w")
    kill(pid)
    await eventually(lambda: not watched.supervisor.workers)
    assert watched.lost == []


async def test_one_that_is_wanted_again_while_it_ends_is_started_anew(watched: Watched) -> None:
    watched.supervisor.keep("w", "w")
    first = await watched.attached()
    watched.supervisor.release("w")
    watched.supervisor.keep("w", "w")
    assert watched.pid() == first, "it still ends"
    kill(first)
    await eventually(lambda: watched.pid() not in (0, first))
    second = await watched.attached()
    assert watched.lost == [] and watched.started == [("w", first), ("w", second)]
    watched.supervisor.release("w")
    watched.supervisor.keep("w", "w")
    watched.supervisor.release("w")
    kill(second)
    await eventually(lambda: not watched.supervisor.workers)


async def test_one_that_was_never_told_to_end_and_is_wanted_again_goes_on(watched: Watched) -> None:
    watched.supervisor.keep("w", "w")
    await eventually(lambda: watched.pid() > 0)
    watched.supervisor.release("w")
    watched.supervisor.keep("w", "w")
    await watched.attached()
    assert not watched.worker().ending and watched.worker().again is None


async def test_a_released_worker_that_does_not_end_is_killed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("worker w runs but does not answer; it is killed")
    monkeypatch.setattr(module, "END_S", 0.3)
    watched.supervisor.keep("w", "w")
    pid = await watched.attached()
    watched.supervisor.release("w")
    await eventually(lambda: not watched.supervisor.workers)
    assert not psutil.pid_exists(pid) and watched.lost == []


async def test_stop_kills_who_does_not_end(tmp_runtime: Path, expect_log: Callable[[str], None]) -> None:
    expect_log("worker w did not end in time and is killed")
    one = Watched()
    one.supervisor.keep("w", "w")
    running = asyncio.create_task(one.supervisor.run())
    pid = await one.attached()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await one.supervisor.stop(deadline_s=0.2)
    assert not psutil.pid_exists(pid)


DIES_AFTER_STARTING = """
import os, signal, sys
from pathlib import Path
from operator_console.engine.supervisor import _spawn
Path(sys.argv[1]).write_text(str(_spawn(sys.argv[2:]).pid))
os.kill(os.getpid(), signal.SIGKILL)
"""


def dying_engine(note: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", DIES_AFTER_STARTING, str(note), *command("w")])


async def test_a_worker_outlives_the_process_that_started_it(tmp_runtime: Path) -> None:
    note = tmp_runtime / "pid"
    engine = dying_engine(note)
    await eventually(lambda: engine.poll() == -signal.SIGKILL)
    await eventually(lambda: worker_running("w"))
    kill(int(note.read_text()))
    await eventually(lambda: not worker_running("w"))


def test_the_lock_is_free_again_when_its_holder_was_killed(tmp_runtime: Path) -> None:
    assert not worker_running("w")
    with WorkerLock("w"):
        assert worker_running("w")
    assert not worker_running("w")
