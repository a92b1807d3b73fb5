"""Threads of their own for what may never answer: a dead folder, a keyring that waits for somebody."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import threading
from collections.abc import Callable
from typing import TypeVar

FOLDER_S = 5.0
T = TypeVar("T")


class FolderThread:
    """Blocking work in one folder. A dead network folder holds this thread and nobody else.

    Not the loop's own executor: its threads are few, and the end of the engine waits for them.
    """

    def __init__(self) -> None:
        self._busy = False

    @property
    def busy(self) -> bool:
        """Whether some work still holds the thread."""
        return self._busy

    async def run(self, work: Callable[[], T], timeout_s: float = FOLDER_S) -> T:
        """Do it; raises what it raises, and OSError where the folder does not answer (now, or still).

        OSError too where no thread can be begun.
        """
        if self._busy:
            raise OSError(errno.ETIMEDOUT, "it still does not answer")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[T | None, Exception | None]] = loop.create_future()

        def tell(result: T | None, error: Exception | None) -> None:
            if not future.done():
                future.set_result((result, error))

        def act() -> None:
            result: T | None = None
            error: Exception | None = None
            try:
                result = work()
            except Exception as refused:  # noqa: BLE001  the top of the thread: who waits gets it
                error = refused
            finally:
                self._busy = False
            with contextlib.suppress(RuntimeError):  # the engine ended in the meantime
                loop.call_soon_threadsafe(tell, result, error)

        self._busy = True
        try:
            threading.Thread(target=act, name="recording-folder", daemon=True).start()
        except RuntimeError as refused:  # the system gives no thread now
            self._busy = False
            raise OSError(errno.EAGAIN, str(refused)) from refused
        # Not wait_for: that of Python 3.11 swallows a cancellation which comes together with the answer.
        done, _ = await asyncio.wait({future}, timeout=timeout_s)
        if not done:
            future.cancel()
            raise OSError(errno.ETIMEDOUT, "it does not answer")
        result, error = future.result()
        if error is not None:
            raise error
        return result  # type: ignore[return-value]
