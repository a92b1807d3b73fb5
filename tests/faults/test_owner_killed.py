"""kill -9 of the demo: what it started ends in an orderly way; the engine of a real console goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from operator_console import paths
from operator_console.demo.ingest import tie
from operator_console.engine.endpoint import ENDPOINT_FILE, LOCK_FILE
from operator_console.engine.keeper import KEEPER_LOCK
from operator_console.locks import is_locked
from operator_console.processes import OWNER_VARIABLE, birth_of
from tests.faults.fault_kit import has_ended, kill9

DEADLINE_S = 30.0
STARTS_NGINX = """
import sys, time
from pathlib import Path
from operator_console.demo.ingest import NginxIngest
ingest = NginxIngest(Path(sys.argv[1]), tied=True)
ingest.start()
print(ingest.pid, flush=True)
time.sleep(60)
"""


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[bytes]]:
    """A process that stands for the demo."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
    yield process
    process.kill()
    process.wait()


def mark_of(owner: subprocess.Popen[bytes]) -> str:
    return f"{owner.pid} {birth_of(owner.pid)}"


def keeper_with(mark: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        paths.self_command("keeper"),
        stderr=subprocess.DEVNULL,
        env={**os.environ, OWNER_VARIABLE: mark, "OPERATOR_CONSOLE_JOIN_HOST": "127.0.0.1"},
    )


def test_keeper_engine_and_workers_end_with_their_owner(
    tmp_runtime: Path, owner: subprocess.Popen[bytes]
) -> None:
    keeper = keeper_with(mark_of(owner))
    try:
        runtime = paths.runtime_dir()
        until(lambda: (runtime / ENDPOINT_FILE).exists() and is_locked(runtime / "worker-room0.lock"))
        family = psutil.Process(keeper.pid).children(recursive=True)
        assert family and keeper.poll() is None
        kill9(owner.pid)
        assert keeper.wait(DEADLINE_S) == 0, "in an orderly way"
        until(lambda: all(has_ended(one.pid) for one in family))
        assert not any(is_locked(runtime / name) for name in (LOCK_FILE, KEEPER_LOCK, "worker-room0.lock"))
        assert not (runtime / ENDPOINT_FILE).exists()
    finally:
        keeper.kill()
        keeper.wait()


def test_nothing_is_started_for_an_owner_that_is_gone(
    tmp_runtime: Path, owner: subprocess.Popen[bytes]
) -> None:
    mark = mark_of(owner)
    owner.send_signal(signal.SIGKILL)
    until(lambda: has_ended(owner.pid))
    keeper = keeper_with(mark)
    assert keeper.wait(DEADLINE_S) == 0
    assert not (paths.runtime_dir() / ENDPOINT_FILE).exists()


def test_the_demos_nginx_ends_with_it(tmp_path: Path) -> None:
    assert tie(), "util-linux is on every Debian"
    demo = subprocess.Popen(
        [sys.executable, "-c", STARTS_NGINX, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    master = int(demo.stdout.readline())
    workers = psutil.Process(master).children()
    assert psutil.Process(master).name() == "nginx" and workers
    kill9(demo.pid)
    until(lambda: has_ended(master) and all(has_ended(one.pid) for one in workers))
    demo.stdout.close()
    demo.wait()
