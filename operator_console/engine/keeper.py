"""The keeper: a tiny process that starts the engine and starts it again whenever it dies, ui or no ui."""

from __future__ import annotations

import logging
import signal
import subprocess
import time
from types import FrameType

from operator_console import paths
from operator_console.engine.endpoint import AlreadyRunningError, take_lock
from operator_console.engine.exits import EXIT_RUNNING

_log = logging.getLogger(__name__)

KEEPER_LOCK = "keeper.lock"
QUICK_S = 5.0
MAX_WAIT_S = 5.0


def next_wait_s(lived_s: float, previous_wait_s: float) -> float:
    """Wait before the engine is started again: none, but ever longer for one that dies at birth."""
    if lived_s >= QUICK_S:
        return 0.0
    return min(MAX_WAIT_S, max(0.25, previous_wait_s * 2))


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Keep an engine running until it ends by itself (exit code 0) or this process is told to end."""
    logging.basicConfig(level=logging.INFO, format="keeper: %(message)s")
    try:
        lock = take_lock(paths.runtime_dir() / KEEPER_LOCK)
    except AlreadyRunningError:
        return EXIT_RUNNING
    with lock:
        return _keep(overrides)


def _keep(overrides: dict[str, str]) -> int:
    extra = [f"--set={name}={value}" for name, value in overrides.items()]
    child: subprocess.Popen[bytes] | None = None
    ending = False

    def end(signum: int, frame: FrameType | None) -> None:
        nonlocal ending
        ending = True
        if child is not None:
            child.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    wait_s = 0.0
    while not ending:
        started_s = time.monotonic()
        child = subprocess.Popen(
            paths.self_command("engine", *extra), stdin=subprocess.DEVNULL, start_new_session=True
        )
        code = child.wait()
        if code in (0, EXIT_RUNNING) or ending:
            return 0 if code == 0 else code
        wait_s = next_wait_s(time.monotonic() - started_s, wait_s)
        _log.info("the engine ended with %d; it is started again in %.2f s", code, wait_s)
        time.sleep(wait_s)
    return 0


def start_detached(overrides: dict[str, str]) -> None:
    """Start a keeper that outlives the caller; does nothing visible where one runs already."""
    extra = [f"--set={name}={value}" for name, value in overrides.items()]
    subprocess.Popen(
        paths.self_command("keeper", *extra),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=True,
    )
