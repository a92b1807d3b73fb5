"""The keeper: a tiny process that starts the engine and starts it again whenever it dies, ui or no ui.

It also holds the stream keys that were typed for this run (see `vault`). Should the keeper itself be killed,
the engine goes on and starts another one, which waits beside it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from types import FrameType

from operator_console import paths
from operator_console.engine.endpoint import (
    ENDPOINT_FILE,
    LOCK_FILE,
    AlreadyRunningError,
    is_locked,
    take_lock,
)
from operator_console.engine.exits import EXIT_RUNNING
from operator_console.engine.vault import FD_VARIABLE, VaultHolder, disable_core_dumps
from operator_console.log import setup_logging

_log = logging.getLogger(__name__)

KEEPER_LOCK = "keeper.lock"
QUICK_S = 5.0
FIRST_WAIT_S = 0.25
MAX_WAIT_S = 5.0
LOOK_S = 0.05


def next_wait_s(lived_s: float, previous_wait_s: float) -> float:
    """Wait before the engine is started again: none, but ever longer for one that dies at birth."""
    if lived_s >= QUICK_S:
        return 0.0
    return min(MAX_WAIT_S, max(FIRST_WAIT_S, previous_wait_s * 2))


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Keep an engine running until it ends by itself (exit code 0) or this process is told to end."""
    setup_logging("keeper")
    disable_core_dumps()
    try:
        lock = take_lock(paths.runtime_dir() / KEEPER_LOCK)
    except AlreadyRunningError:
        return EXIT_RUNNING
    with lock:
        vault = VaultHolder()
        link = os.environ.pop(FD_VARIABLE, "")
        if link:
            vault.attend(socket.socket(fileno=int(link)))
        keeper = Keeper(paths.self_command("engine", *settings_arguments(overrides)), vault)
        signal.signal(signal.SIGTERM, keeper.on_signal)
        signal.signal(signal.SIGINT, keeper.on_signal)
        if link and not keeper.outlived():
            return 0
        return keeper.run()


class Keeper:
    """Starts one command again and again."""

    def __init__(self, command: list[str], vault: VaultHolder) -> None:
        self._command, self._vault = command, vault
        self._child: subprocess.Popen[bytes] | None = None
        self._ending = False

    def on_signal(self, signum: int, frame: FrameType | None) -> None:
        """End, and let the engine end in an orderly way."""
        self._ending = True
        if self._child is not None:
            self._child.terminate()

    def run(self) -> int:
        """Keep the engine running; returns its last exit code."""
        wait_s, code = 0.0, 0
        while not self._ending:
            started_s = time.monotonic()
            code = self._run_once()
            if code in (0, EXIT_RUNNING) or self._ending:
                break
            wait_s = next_wait_s(time.monotonic() - started_s, wait_s)
            _log.warning("the engine ended with %d; it is started again in %.2f s", code, wait_s)
            self._sleep_while(lambda: True, wait_s)
        return code

    def _run_once(self) -> int:
        environment, descriptors = self._vault.lend()
        self._child = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, **environment},
            pass_fds=descriptors,
        )
        self._vault.lent()
        if self._ending:  # the signal came before there was a child
            self._child.terminate()
        code = self._child.wait()
        self._vault.collect()
        return code

    def outlived(self) -> bool:
        """Wait beside an engine that another keeper started; True where it died and is to be started anew.

        An engine that ends in an orderly way takes its endpoint file away.
        """
        runtime = paths.runtime_dir()
        self._sleep_while(lambda: is_locked(runtime / LOCK_FILE))
        self._vault.collect()
        return not self._ending and (runtime / ENDPOINT_FILE).exists()

    def _sleep_while(self, true: Callable[[], bool], at_most_s: float = float("inf")) -> None:
        until = time.monotonic() + at_most_s
        while not self._ending and time.monotonic() < until and true():
            time.sleep(LOOK_S)


def settings_arguments(overrides: Mapping[str, str]) -> list[str]:
    """Settings given on the command line, for the command line of a child."""
    return [f"--set={name}={value}" for name, value in overrides.items()]


_started: list[subprocess.Popen[bytes]] = []
"""Held, so that Python does not complain of a child that is meant to outlive us."""


def start_detached(overrides: Mapping[str, str], link: socket.socket | None = None) -> None:
    """Start a keeper that outlives the caller; does nothing visible where one runs already.

    `link` is given by an engine whose keeper has died: the new one waits beside it.
    """
    environment = dict(os.environ)
    if link is not None:
        environment[FD_VARIABLE] = str(link.fileno())
    _started[:] = [one for one in _started if one.poll() is None]
    keeper = subprocess.Popen(
        paths.self_command("keeper", *settings_arguments(overrides)),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
        pass_fds=(link.fileno(),) if link is not None else (),
    )
    _started.append(keeper)
