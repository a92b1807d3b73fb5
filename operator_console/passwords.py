"""The machine's keyring, asked on a thread of its own: its daemon may wait for somebody, or for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from operator_console.slow import FolderThread

ANSWER_S = 60.0
"""Somebody may have to type the password that opens it."""
T = TypeVar("T")


class KeyringSilentError(Exception):
    """The keyring did not answer in time, or still does not."""


class Keyring:
    """One question at a time. The loop's own executor has few threads, and recordings need them."""

    def __init__(self) -> None:
        self._thread, self._lock = FolderThread(), asyncio.Lock()

    @property
    def busy(self) -> bool:
        """Whether a question is not answered yet."""
        return self._thread.busy

    async def ask(self, question: Callable[[], T]) -> T:
        """Ask something that blocks; raises what it raises, and KeyringSilentError."""
        async with self._lock:
            try:
                return await self._thread.run(question, ANSWER_S)
            except OSError as error:
                raise KeyringSilentError(f"the keyring does not answer: {error.strerror}") from error
