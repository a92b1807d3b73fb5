"""The keeper: starts its command again when it dies, later and later at birth, and knows when to stop."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from operator_console import paths
from operator_console.engine import keeper as module
from operator_console.engine.endpoint import ENDPOINT_FILE, LOCK_FILE, take_lock
from operator_console.engine.exits import EXIT_JOURNAL, EXIT_RUNNING
from operator_console.engine.keeper import KEEPER_LOCK, Keeper, next_wait_s
from operator_console.engine.vault import FD_VARIABLE, VaultHolder
from operator_console.locks import is_locked

DEADLINE_S = 20.0
RUNS_THEN_EXITS = """
import os, sys, time
from pathlib import Path
runs = Path(sys.argv[1])
runs.write_text(runs.read_text() + f"{os.getpid()} {time.monotonic()}\\n")
codes = sys.argv[2].split(",")
code = codes[min(len(runs.read_text().splitlines()), len(codes)) - 1]
if code == "stay":
    time.sleep(60)
sys.exit(int(code))
"""


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


class Kept:
    """A keeper in a thread, with a command that exits as it is told."""

    def __init__(self, runs: Path, codes: str) -> None:
        self.runs = runs
        runs.touch()
        self.keeper = Keeper([sys.executable, "-c", RUNS_THEN_EXITS, str(runs), codes], VaultHolder())
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.code = self.keeper.run()

    def pids(self) -> list[int]:
        return [int(line.split()[0]) for line in self.runs.read_text().splitlines()]

    def times_s(self) -> list[float]:
        return [float(line.split()[1]) for line in self.runs.read_text().splitlines()]

    def finish(self) -> None:
        self.keeper.on_signal(signal.SIGTERM, None)
        self.thread.join(DEADLINE_S)
        assert not self.thread.is_alive()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Callable[[str], Kept]]:
    made: list[Kept] = []

    def make(codes: str) -> Kept:
        made.append(Kept(tmp_path / "runs", codes))
        return made[-1]

    yield make
    for one in made:
        one.finish()


def test_the_wait_grows_for_one_that_dies_at_birth_and_is_none_for_one_that_lived() -> None:
    assert next_wait_s(60.0, 4.0) == 0.0
    waits = [next_wait_s(0.1, 0.0)]
    for _ in range(6):
        waits.append(next_wait_s(0.1, waits[-1]))
    assert waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]


@pytest.mark.parametrize("code", [0, EXIT_RUNNING])
def test_it_gives_up_where_the_engine_ended_itself_or_another_runs(
    kept: Callable[[str], Kept], code: int
) -> None:
    one = kept(str(code))
    one.thread.join(DEADLINE_S)
    assert one.code == code
    assert len(one.pids()) == 1


def test_it_starts_again_what_died_with_growing_waits(
    kept: Callable[[str], Kept], expect_log: Callable[[str], None]
) -> None:
    expect_log(f"ended with {EXIT_JOURNAL}")
    expect_log("ended with 1")
    one = kept(f"1,{EXIT_JOURNAL},1,0")
    one.thread.join(DEADLINE_S)
    assert one.code == 0
    first, second, third, fourth = one.times_s()
    assert second - first >= 0.25 and third - second >= 0.5 and fourth - third >= 1.0


def test_a_killed_engine_is_started_again(
    kept: Callable[[str], Kept], expect_log: Callable[[str], None]
) -> None:
    expect_log("ended with -9")
    one = kept("stay")
    until(lambda: len(one.pids()) == 1)
    os.kill(one.pids()[0], signal.SIGKILL)
    until(lambda: len(one.pids()) == 2)
    assert not psutil.pid_exists(one.pids()[0]) and psutil.pid_exists(one.pids()[1])


def test_told_to_end_it_ends_its_engine(kept: Callable[[str], Kept]) -> None:
    one = kept("stay")
    until(lambda: len(one.pids()) == 1)
    one.finish()
    assert one.code == -signal.SIGTERM
    assert not psutil.pid_exists(one.pids()[0])


WAITS = """
import sys, time
from pathlib import Path
from operator_console.engine.vault import KeeperGoneError, Vault
log = Path(sys.argv[1])
def note(word):
    with log.open("a") as opened:
        opened.write(word + "\\n")
import os
note(f"ready {os.getpid()}")
try:
    vault = Vault.from_environment()
except KeeperGoneError:
    note(f"dismissed {os.getpid()}")
    sys.exit(0)
note(f"begun {os.getpid()} {vault.get('k')}")
vault.put("k", "kept")
note(f"kept {os.getpid()}")
time.sleep(60)
"""


def test_the_next_engine_waits_ready_and_takes_over_at_once_with_what_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("ended with -9; it is started again in 0.00 s")
    monkeypatch.setattr(module, "STANDBY_AFTER_S", 0.3)
    monkeypatch.setattr(module, "QUICK_S", 0.0)
    log = tmp_path / "log"
    keeper = Keeper([sys.executable, "-c", WAITS, str(log)], VaultHolder())
    thread = threading.Thread(target=keeper.run)
    thread.start()
    until(lambda: log.exists() and log.read_text().count("ready") == 2 and "kept" in log.read_text())
    first, second = (int(line.split()[1]) for line in log.read_text().splitlines() if "ready" in line)
    os.kill(first, signal.SIGKILL)
    killed_s = time.monotonic()
    until(lambda: f"begun {second} kept" in log.read_text())
    assert time.monotonic() - killed_s < 1.0, "nothing has to be imported any more"
    until(lambda: log.read_text().count("ready") == 3)
    third = int([line for line in log.read_text().splitlines() if "ready" in line][-1].split()[1])
    keeper.on_signal(signal.SIGTERM, None)
    thread.join(DEADLINE_S)
    assert not thread.is_alive()
    assert f"dismissed {third}" in log.read_text()


def test_an_engine_that_died_while_it_waited_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("ended with -9")
    monkeypatch.setattr(module, "STANDBY_AFTER_S", 0.3)
    monkeypatch.setattr(module, "QUICK_S", 0.0)
    log = tmp_path / "log"
    keeper = Keeper([sys.executable, "-c", WAITS, str(log)], VaultHolder())
    thread = threading.Thread(target=keeper.run)
    thread.start()
    until(lambda: log.exists() and log.read_text().count("ready") == 2 and "kept" in log.read_text())
    first, second = (int(line.split()[1]) for line in log.read_text().splitlines() if "ready" in line)
    os.kill(second, signal.SIGKILL)
    os.kill(first, signal.SIGKILL)
    until(lambda: log.read_text().count("begun") == 2)
    keeper.on_signal(signal.SIGTERM, None)
    thread.join(DEADLINE_S)
    assert not thread.is_alive()


def test_a_machine_that_gives_no_process_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("an engine cannot be started: .*unavailable")
    expect_log("ended with 5; it is started again")
    refused: list[int] = []
    real = subprocess.Popen

    def out_of_processes(*args: Any, **more: Any) -> Any:
        if len(refused) < 2:
            refused.append(1)
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return real(*args, **more)

    monkeypatch.setattr(subprocess, "Popen", out_of_processes)
    runs = tmp_path / "runs"
    runs.touch()
    command = [sys.executable, "-c", RUNS_THEN_EXITS, str(runs), "0"]
    assert Keeper(command, VaultHolder()).run() == 0
    assert len(refused) == 2 and len(runs.read_text().splitlines()) == 1


# ---- the real command


def spawn(name: str, *args: str, **more: object) -> subprocess.Popen[bytes]:
    command = paths.self_command(name, *args)
    return subprocess.Popen(command, stderr=subprocess.PIPE, **more)  # type: ignore[call-overload,no-any-return]


def end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    code = process.wait(DEADLINE_S)
    if process.stderr is not None:
        process.stderr.close()
    return code


def test_there_is_only_one_keeper(tmp_runtime: Path) -> None:
    lock = take_lock(paths.runtime_dir() / KEEPER_LOCK)
    with lock:
        second = spawn("keeper")
        assert second.wait(DEADLINE_S) == EXIT_RUNNING
        assert second.stderr is not None
        second.stderr.close()


def test_beside_an_engine_that_ends_well_it_ends_too(tmp_runtime: Path) -> None:
    with take_lock(paths.runtime_dir() / LOCK_FILE):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            number = theirs.fileno()
            keeper = spawn("keeper", pass_fds=(number,), env={**os.environ, FD_VARIABLE: str(number)})
        until(lambda: is_locked(paths.runtime_dir() / KEEPER_LOCK))
        time.sleep(0.2)
        assert keeper.poll() is None
    assert keeper.wait(DEADLINE_S) == 0
    assert keeper.stderr is not None
    keeper.stderr.close()


def test_beside_an_engine_that_dies_it_starts_another(tmp_runtime: Path) -> None:
    runtime = paths.runtime_dir()
    first_endpoint = json.dumps({"port": 1, "token": "t", "pid": 1, "epoch": "dead"})
    with take_lock(runtime / LOCK_FILE):
        (runtime / ENDPOINT_FILE).write_text(first_endpoint)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            number = theirs.fileno()
            keeper = spawn("keeper", pass_fds=(number,), env={**os.environ, FD_VARIABLE: str(number)})
        until(lambda: is_locked(runtime / KEEPER_LOCK))
    until(lambda: (runtime / ENDPOINT_FILE).read_text() != first_endpoint)
    assert json.loads((runtime / ENDPOINT_FILE).read_text())["pid"] != 1
    end(keeper)
    assert not is_locked(runtime / LOCK_FILE)


def test_a_window_that_asks_again_starts_no_second_keeper(
    tmp_runtime: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, started = tmp_path / "runs", list[subprocess.Popen[bytes]]()
    runs.touch()
    command = [sys.executable, "-c", RUNS_THEN_EXITS, str(runs), "stay"]
    monkeypatch.setattr(paths, "self_command", lambda *_: command)
    monkeypatch.setattr(module, "_started", started)
    module.start_detached({})
    module.start_detached({})  # the first one still loads: it holds no lock yet
    (first,) = started
    first.kill()
    first.wait(DEADLINE_S)
    paths.runtime_dir().mkdir(parents=True, exist_ok=True)
    with take_lock(paths.runtime_dir() / KEEPER_LOCK):  # one that somebody else started
        module.start_detached({})
    assert started == [], "the dead one is forgotten, no other was started"
