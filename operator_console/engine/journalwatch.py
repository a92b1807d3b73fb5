"""Whether the journal takes facts, and whether its file still stands where the next engine looks for it."""

from __future__ import annotations

import asyncio
import logging
import time

from media.reason import Reason, fields_of
from operator_console.engine.guarded import Guarded
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal, JournalError
from operator_console.session.codes import JournalCode
from operator_console.slow import FolderThread

_log = logging.getLogger(__name__)

PERIOD_S = 3.0


class JournalWatch:
    """Observes `journal`.

    SQLite writes on into a file that was deleted or replaced, and says nothing: all of that is gone with the
    engine. So everything is copied beside the old place, and again whenever there is more.
    """

    def __init__(self, journal: Journal, store: SessionStore, observations: Observations) -> None:
        self._journal, self._store, self._observations = journal, store, observations
        self._thread = FolderThread()
        self._refused: Reason | None = None
        self._lost: Reason | None = None
        self._copied = -1
        name = f"{journal.path.stem}.rescued-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.db"
        self._copy = journal.path.with_name(name)

    def trouble(self, reason: str) -> None:
        """The journal refused facts for this reason; with none it took some."""
        self._refused = Reason(JournalCode.UNWRITABLE, reason) if reason else None
        self._tell()

    async def run(self) -> None:
        """Look until cancelled."""
        watch = Guarded("the watch over the journal's file", _log)
        while True:
            with watch:
                await self.look()
            await asyncio.sleep(PERIOD_S)

    async def look(self) -> None:
        """See whether the file is in its place; copy what is in it where it is not."""
        try:
            in_place = await self._thread.run(self._journal.in_place)
        except OSError:
            return  # a disk that does not answer says neither
        if not in_place:
            await self._rescue()
        elif self._lost is not None:
            _log.info("the journal's file is in its place again")
            self._lost, self._copied = None, -1
        self._tell()

    async def close(self) -> None:
        """Copy the last facts of an engine that ends."""
        if self._lost is not None:
            await self.look()

    async def _rescue(self) -> None:
        if self._lost is None:
            _log.critical(
                "The journal %s was deleted or replaced; it is copied to %s",
                self._journal.path,
                self._copy.name,
            )
        changes = self._journal.changes
        if changes == self._copied:
            return
        try:
            await self._store.copy_to(self._copy)
        except JournalError as error:
            self._lost = Reason(JournalCode.NO_COPY, str(error))
            return
        self._copied = changes
        text = f"The journal's file was deleted or replaced; its copy is {self._copy}."
        self._lost = Reason(JournalCode.FILE_GONE, text, {"file": self._copy.name})

    def _tell(self) -> None:
        state = "failed" if self._refused else "lost" if self._lost else "running"
        self._observations.set("journal", {"state": state, **fields_of(self._refused or self._lost)})
