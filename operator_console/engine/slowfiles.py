"""Files of the YouTube account, which may lie in a folder that answers no more."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TypeVar

from operator_console.session.codes import YoutubeCode
from operator_console.slow import FolderThread
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.project import Client, read_client
from operator_console.youtube.thumbnail import Thumbnail, read_thumbnail

FILE_S = 5.0
HELD_MAX = 8
"""So many files may hold a thread each at the same time; no other one is read then."""
T = TypeVar("T")


class SlowFiles:
    """Reads each file on a thread of its own: a dead folder holds that one, and neither the engine's other
    work nor its end.
    """

    def __init__(self) -> None:
        self._threads: dict[str, FolderThread] = {}

    async def client(self, file: str) -> Client:
        """`read_client`, for a few seconds. Raises YoutubeError(NO_CLIENT)."""
        try:
            return await self._read(file, lambda: read_client(file))
        except OSError as error:
            text = f"the file of the Cloud project does not answer: {error.strerror}"
            raise YoutubeError(YoutubeCode.NO_CLIENT, text, file=file[:200]) from None

    async def thumbnail(self, file: str) -> Thumbnail:
        """`read_thumbnail`, for a few seconds. Raises YoutubeError THUMBNAIL_*."""
        try:
            return await self._read(file, lambda: read_thumbnail(file))
        except OSError as error:
            text = f"the thumbnail does not answer: {error.strerror}"
            raise YoutubeError(YoutubeCode.THUMBNAIL_MISSING, text, file=file[-120:]) from None

    async def _read(self, file: str, work: Callable[[], T]) -> T:
        self._threads = {one: thread for one, thread in self._threads.items() if thread.busy}
        if file not in self._threads and len(self._threads) >= HELD_MAX:
            raise OSError(errno.ETIMEDOUT, "too many files do not answer")
        return await self._threads.setdefault(file, FolderThread()).run(work, FILE_S)
