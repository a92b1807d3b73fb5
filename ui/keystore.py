"""Stream keys in the machine's keyring, asked off the event loop; a key is never logged or kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

import keyring
import keyring.errors
import shiboken6
from PySide6.QtCore import QObject

from operator_console.paths import KEYRING_SERVICE

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_WITHIN_S = 10.0


def _entry(name: str) -> str:
    """The engine looks for the key of a destination under this entry."""
    return f"stream:{name}"


def _read(name: str) -> bool | None:
    """Whether a key is there; None where there is no keyring."""
    try:
        return keyring.get_password(KEYRING_SERVICE, _entry(name)) is not None
    except keyring.errors.KeyringError as error:
        _log.info("the keyring does not answer: %s", type(error).__name__)
        return None


def _write(name: str, secret: str) -> bool:
    try:
        if secret:
            keyring.set_password(KEYRING_SERVICE, _entry(name), secret)
        else:
            keyring.delete_password(KEYRING_SERVICE, _entry(name))
    except keyring.errors.PasswordDeleteError:
        return True
    except keyring.errors.KeyringError as error:
        _log.info("the keyring does not take a key: %s", type(error).__name__)
        return False
    return True


class KeyStore:
    """Asks the keyring in a thread and hands the answer to a callback, if its owner still lives."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def has(self, name: str, owner: QObject, then: Callable[[bool | None], None]) -> None:
        """Whether there is a key of that name; None where this machine has no keyring."""
        self._run(lambda: _read(name), owner, then, None)

    def set(self, name: str, secret: str, owner: QObject, then: Callable[[bool], None]) -> None:
        """Keep a key, or forget it where it is empty; `then` gets whether it worked."""
        self._run(lambda: _write(name, secret), owner, then, False)

    def _run(self, work: Callable[[], _T], owner: QObject, then: Callable[[_T], None], late: _T) -> None:
        async def ask() -> None:
            try:
                found = await asyncio.wait_for(self._loop.run_in_executor(None, work), _WITHIN_S)
            except TimeoutError:
                found = late
            if shiboken6.isValid(owner):
                then(found)

        task = self._loop.create_task(ask(), name="keyring")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
