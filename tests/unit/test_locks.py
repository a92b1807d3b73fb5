"""Locks and processes: looking never gets in the way, and a number that is used again is not mistaken."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from operator_console import processes
from operator_console.engine.endpoint import take_lock
from operator_console.engine.supervisor import Supervisor, Worker, _gone, _kill
from operator_console.locks import is_locked, open_locked, try_lock
from operator_console.worker_link import WorkerLock, lock_holder

LOOKERS = 4


def test_a_lock_is_taken_while_others_look_and_they_never_see_each_other(tmp_path: Path) -> None:
    path, ended = tmp_path / "x.lock", threading.Event()
    path.touch()

    def look() -> int:
        seen = 0
        while not ended.is_set():
            seen += is_locked(path)
        return seen

    with ThreadPoolExecutor(LOOKERS) as pool:
        looking = [pool.submit(look) for _ in range(LOOKERS)]
        try:
            threading.Event().wait(0.3)  # nobody holds it: nobody may see it held
        finally:
            ended.set()
        assert [one.result() for one in looking] == [0] * LOOKERS
        ended.clear()
        looking = [pool.submit(look) for _ in range(LOOKERS)]
        try:
            for _ in range(50):
                take_lock(path).close()  # raises where somebody's look would have kept it away
        finally:
            ended.set()


def test_a_look_keeps_the_lock_for_its_moment_only(tmp_path: Path) -> None:
    """The fault itself: somebody looks at the very moment of an attempt."""
    path = tmp_path / "x.lock"
    looker = open_locked(path, 0)
    assert looker is not None
    timer = threading.Timer(0.05, looker.close)
    timer.start()
    with path.open("r+b") as attempt:
        assert not try_lock(attempt), "the fault happened"
    take_lock(path).close()
    timer.join()


def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_the_dead_and_the_waiting_to_be_collected_have_no_birth() -> None:
    one = child()
    birth = processes.birth_of(one.pid)
    assert birth and processes.same_process(one.pid, birth)
    one.kill()
    os.waitid(os.P_PID, one.pid, os.WEXITED | os.WNOWAIT)
    assert processes.birth_of(one.pid) == ""
    one.wait()
    assert not processes.same_process(one.pid, birth)
    assert not processes.kill_process(one.pid, birth)


def test_a_number_that_another_process_has_now_is_neither_our_worker_nor_killed() -> None:
    stranger = child()
    worker = Worker("w", [], pid=stranger.pid, birth="1")
    assert _gone(worker)
    _kill(worker)
    assert not processes.kill_process(stranger.pid, "1") and stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_the_same_number_with_another_birth_is_a_new_worker() -> None:
    started: list[int] = []
    supervisor = Supervisor(lambda name, pid: started.append(pid), lambda name, reason: None, [])
    supervisor.workers["w"] = Worker("w", [], pid=os.getpid(), birth="1")
    supervisor.attached("w", os.getpid())
    supervisor.attached("w", os.getpid())
    assert started == [os.getpid()]
    assert supervisor.workers["w"].birth == processes.birth_of(os.getpid())


def test_the_holder_of_a_worker_lock_is_known_by_number_and_birth(tmp_path: Path) -> None:
    assert lock_holder("w", tmp_path) == (0, "")
    with WorkerLock("w", tmp_path):
        assert lock_holder("w", tmp_path) == (os.getpid(), processes.birth_of(os.getpid()))
        (tmp_path / "worker-w.lock").write_text("1 1")  # what a dead one left, its number is used again
        assert lock_holder("w", tmp_path) == (0, "")
    assert lock_holder("w", tmp_path) == (0, "")
