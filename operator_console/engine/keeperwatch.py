"""The engine's eye on its keeper: when that one is killed, it starts another, which waits beside it."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping

from operator_console.engine import keeper
from operator_console.engine.vault import Vault

_log = logging.getLogger(__name__)

PAUSE_S = 0.5
"""Between the death of a keeper and the start of another: the lock of the dead one is free by then."""
AGAIN_S = 5.0


class KeeperWatch:
    """Sees the end of the vault's link; does nothing for an engine that was started without a keeper."""

    def __init__(self, vault: Vault, overrides: Mapping[str, str]) -> None:
        self._vault, self._overrides = vault, overrides
        self._loop = asyncio.get_running_loop()
        self._watched = -1
        self._due: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Watch from now on."""
        self._watched = self._vault.fileno()
        if self._watched >= 0:
            self._loop.add_reader(self._watched, self._gone)

    def stop(self) -> None:
        """Watch no longer."""
        if self._watched >= 0:
            self._loop.remove_reader(self._watched)
            self._watched = -1
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _gone(self) -> None:
        _log.warning("the keeper is gone; another one is started")
        self.stop()
        self._vault.close()
        self._due = self._loop.call_later(PAUSE_S, self._start_another)

    def _start_another(self) -> None:
        self._due = None
        try:
            ours = self._started()
        except OSError as error:
            _log.error("no keeper can be started, it is tried again: %s", error)
            self._due = self._loop.call_later(AGAIN_S, self._start_another)
            return
        self._vault.rekeep(ours)
        self.start()

    def _started(self) -> socket.socket:
        """Start a keeper and return our end of its link; raises OSError where that is not possible."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                keeper.start_detached(self._overrides, theirs)
            except OSError:
                ours.close()
                raise
        return ours
