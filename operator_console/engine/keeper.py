"""The keeper: a tiny process that starts the engine and starts it again whenever it dies, ui or no ui.

A second engine waits beside the running one with everything imported: importing takes a second of CPU, more
on a busy machine, and the program should not stand that long. The keeper also holds the stream keys that were
typed for this run (see `vault`). Should the keeper itself be killed, the engine goes on and starts another
one, which waits beside it.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType

from operator_console import paths
from operator_console.engine.endpoint import (
    ENDPOINT_FILE,
    LOCK_FILE,
    AlreadyRunningError,
    take_lock,
)
from operator_console.engine.exits import EXIT_NOT_STARTED, EXIT_RUNNING
from operator_console.engine.vault import FD_VARIABLE, Loan, VaultHolder, disable_core_dumps
from operator_console.locks import is_locked
from operator_console.log import setup_logging
from operator_console.processes import owner_lives

_log = logging.getLogger(__name__)

KEEPER_LOCK = "keeper.lock"
FOR_WINDOW = "OPERATOR_CONSOLE_STARTED_FOR_WINDOW"
"""Environment of an engine that a window asked for: "1", so that the last window may end it again."""
QUICK_S = 5.0
FIRST_WAIT_S = 0.25
MAX_WAIT_S = 5.0
LOOK_S = 0.05
STANDBY_AFTER_S = 8.0
"""How long an engine runs before the next one is made ready: its own start has the processor first."""
END_S = 5.0


def next_wait_s(lived_s: float, previous_wait_s: float) -> float:
    """Wait before the engine is started again: none, but ever longer for one that dies at birth."""
    if lived_s >= QUICK_S:
        return 0.0
    return min(MAX_WAIT_S, max(FIRST_WAIT_S, previous_wait_s * 2))


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Keep an engine running until it ends by itself (exit code 0) or this process is told to end."""
    argparse.ArgumentParser(
        prog="operator-console keeper",
        description="Keep an engine running without a window: recording, livestream and join page go on.",
    ).parse_args(argv)
    setup_logging("keeper")
    disable_core_dumps()
    try:
        lock = take_lock(paths.runtime_dir() / KEEPER_LOCK)
    except AlreadyRunningError:
        _log.info("a keeper runs already")
        return EXIT_RUNNING
    with lock:
        vault = VaultHolder()
        link = os.environ.pop(FD_VARIABLE, "")
        if link:
            vault.attend(socket.socket(fileno=int(link)))
        keeper = Keeper(paths.self_command("engine", *settings_arguments(overrides)), vault)
        signal.signal(signal.SIGTERM, keeper.on_signal)
        signal.signal(signal.SIGINT, keeper.on_signal)
        return keeper.run(beside=bool(link))


@dataclass(slots=True)
class Prepared:
    """An engine that was started and waits for the word to begin."""

    process: subprocess.Popen[bytes]
    loan: Loan


class Keeper:
    """Starts one command again and again, one ahead."""

    def __init__(self, command: list[str], vault: VaultHolder) -> None:
        self._command, self._vault = command, vault
        self._active: subprocess.Popen[bytes] | None = None
        self._standby: Prepared | None = None
        self._ending = False

    def on_signal(self, signum: int, frame: FrameType | None) -> None:
        """End, and let the engine end in an orderly way."""
        self._ending = True
        if self._active is not None:
            self._active.terminate()

    def run(self, *, beside: bool = False) -> int:
        """Keep the engine running; returns its last exit code. With `beside` one runs already."""
        try:
            if beside and not self._outlived():
                return 0
            return self._keep()
        finally:
            self._dismiss()

    def _keep(self) -> int:
        wait_s, code = 0.0, 0
        while not self._ending and owner_lives():
            started_s = time.monotonic()
            code = self._run_once()
            if code in (0, EXIT_RUNNING) or self._ending:
                break
            wait_s = next_wait_s(time.monotonic() - started_s, wait_s)
            _log.warning("the engine ended with %d; it is started again in %.2f s", code, wait_s)
            self._pause(wait_s)
        return code

    def _pause(self, wait_s: float) -> None:
        until_s = time.monotonic() + wait_s
        while not self._ending and time.monotonic() < until_s:
            time.sleep(LOOK_S)

    def _run_once(self) -> int:
        if self._standby is not None and self._standby.process.poll() is not None:
            self._dismiss()
        try:
            engine, self._standby = self._standby or self._prepared(), None
        except OSError as error:
            _log.error("an engine cannot be started: %s", error)
            return EXIT_NOT_STARTED
        self._active = engine.process
        self._vault.begin(engine.loan)
        if self._ending:  # the signal came before there was an engine
            engine.process.terminate()
        try:
            code = engine.process.wait(STANDBY_AFTER_S)
        except subprocess.TimeoutExpired:
            self._make_ready()
            code = engine.process.wait()
        self._active = None
        self._vault.collect()
        return code

    def _prepared(self) -> Prepared:
        """Start an engine that waits; raises OSError where the machine gives no process (memory, limits)."""
        loan = Loan()
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, **loan.environment},
                pass_fds=loan.descriptors,
            )
        except OSError:
            loan.withdraw()
            raise
        loan.passed()
        return Prepared(process, loan)

    def _make_ready(self) -> None:
        """Have the next engine wait; not on Windows, where it could not be told when to begin."""
        if sys.platform != "win32" and not self._ending:
            try:
                self._standby = self._prepared()
            except OSError as error:  # the next one is then only started when it is needed
                _log.warning("no engine can be made ready beside the running one: %s", error)

    def _dismiss(self) -> None:
        """Let the engine that waits go."""
        standby, self._standby = self._standby, None
        if standby is None:
            return
        standby.loan.withdraw()
        try:
            standby.process.wait(END_S)
        except subprocess.TimeoutExpired:
            standby.process.kill()
            standby.process.wait(END_S)

    def _outlived(self) -> bool:
        """Wait beside an engine that another keeper started; True where it died and is to be started anew.

        An engine that ends in an orderly way takes its endpoint file away.
        """
        runtime = paths.runtime_dir()
        ready_at_s = time.monotonic() + STANDBY_AFTER_S
        while not self._ending and is_locked(runtime / LOCK_FILE):
            if self._standby is None and time.monotonic() > ready_at_s:
                self._make_ready()
            time.sleep(LOOK_S)
        self._vault.collect()
        return not self._ending and (runtime / ENDPOINT_FILE).exists()


def settings_arguments(overrides: Mapping[str, str]) -> list[str]:
    """Settings given on the command line, for the command line of a child."""
    return [f"--set={name}={value}" for name, value in overrides.items()]


_started: list[subprocess.Popen[bytes]] = []
"""Held, so that Python does not complain of a child that is meant to outlive us."""


def start_detached(overrides: Mapping[str, str], link: socket.socket | None = None) -> None:
    """Start a keeper that outlives the caller; does nothing where one runs, or begins, already.

    `link` is given by an engine whose keeper has died: the new one waits beside it. A window asks again while
    no engine answers, which on a slow machine takes longer than until it asks.
    """
    _started[:] = [one for one in _started if one.poll() is None]
    if link is None and (_started or is_locked(paths.runtime_dir() / KEEPER_LOCK)):
        return
    environment = dict(os.environ)
    if link is not None:
        environment[FD_VARIABLE] = str(link.fileno())
    else:
        environment[FOR_WINDOW] = "1"
    keeper = subprocess.Popen(
        paths.self_command("keeper", *settings_arguments(overrides)),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
        pass_fds=(link.fileno(),) if link is not None else (),
    )
    _started.append(keeper)
