"""The session as the engine holds it: one writer of facts, listeners told after the journal has them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from operator_console.engine.untold import End, Untold, UntoldEnd, begun_ms
from operator_console.engine.whole import wholly
from operator_console.journal import Damage, FactUnreadableError, Journal, JournalError, Verification
from operator_console.protocol import OperatorError
from operator_console.session.facts import AnyFact, FactRecord
from operator_console.session.fold import apply
from operator_console.session.model import SessionState

_log = logging.getLogger(__name__)
JOURNAL_UNWRITABLE = "journal_unwritable"
UNTOLD_RETRY_S = 2.0
T = TypeVar("T")
Listener = Callable[[SessionState, SessionState, FactRecord], None]
Decide = Callable[[SessionState], list[AnyFact]]


def _unwritable() -> OperatorError:
    return OperatorError(
        JOURNAL_UNWRITABLE,
        "Catatan rapat tidak dapat ditulis. Periksa ruang diska dan izin folder data.",
        "The journal cannot be written. Check disk space and the rights of the data folder.",
    )


class SessionStore:
    """Holds the state, appends facts one transaction after another, tells listeners in order.

    The journal is only ever touched on one thread of its own, so that its disk writes never hold up the
    event loop.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._lock = asyncio.Lock()
        self._listeners: list[Listener] = []
        self.state = SessionState()
        self.damage: Damage | None = None
        """What `resume` found wrong with the record of the open session."""
        self.untold = Untold()
        """Ends of outputs that the journal refused."""
        self.on_trouble: Callable[[str], None] = lambda reason: None
        """Called with why the journal refused facts, and with nothing after it took some."""

    async def _on_journal(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def listen(self, listener: Listener) -> None:
        """Call `listener(before, after, record)` after every fact, on the loop, in order; it must not
        block.
        """
        self._listeners.append(listener)

    async def resume(self) -> bool:
        """Take up the session that was never closed. True if there is one that can be taken up.

        One whose facts can be read but not proven is taken up, and `damage` says so: people are in it.
        """
        session_id = await self._on_journal(self._journal.open_session)
        if session_id is None:
            return False
        try:
            self.state = await self._on_journal(lambda: self._journal.fold(session_id))
        except FactUnreadableError as error:
            _log.critical("%s The session is not taken up.", error)
            self.damage = Damage("session_unreadable", {"session": session_id, "fact": str(error.seq)})
            return False
        found = await self.verify()
        if not found.ok:
            _log.critical("session %s: the chain of hashes is broken at fact %d", session_id, found.broken_at)
            self.damage = Damage("chain_broken", {"session": session_id, "fact": str(found.broken_at)})
        return True

    async def decide(self, actor: str, decide: Decide, *, session_id: str = "") -> list[FactRecord]:
        """Ask `decide` for facts against the newest state and commit them; nothing comes in between.

        `session_id` is only given by whoever opens a new session. Raises OperatorError from `decide`, or
        where no session is open or the disk refuses.
        """
        async with self._lock:
            bodies = decide(self.state)
            if not bodies:
                return []
            target = session_id or ("" if self.state.closed_at_ms else self.state.session_id)
            if not target:
                raise OperatorError(
                    "no_session",
                    "Belum ada rapat. Buka rapat lebih dulu.",
                    "There is no session. Open one first.",
                )
            return await wholly(self._commit(target, actor, bodies, tell=True))

    async def _commit(
        self, session_id: str, actor: str, bodies: Sequence[AnyFact], *, tell: bool
    ) -> list[FactRecord]:
        """Append facts and tell them: never the one without the other, so it is not cancelled in between."""
        try:
            records = await self._on_journal(lambda: self._journal.append(session_id, actor, bodies))
        except JournalError as error:
            _log.error("journal refused facts: %s", error)
            self.on_trouble(str(error))
            raise _unwritable() from error
        self.on_trouble("")
        for record in records if tell else ():
            self._tell(record)
        return records

    async def record(self, actor: str, *bodies: AnyFact) -> list[FactRecord]:
        """Commit facts that need no decision."""
        return await self.decide(actor, lambda _state: list(bodies))

    async def record_in(self, session_id: str, actor: str, *bodies: AnyFact) -> None:
        """Commit facts about a session that may be over by now: a file was repaired or sealed.

        Raises OperatorError where the disk refuses.
        """
        async with self._lock:
            tell = session_id == self.state.session_id
            await wholly(self._commit(session_id, actor, bodies, tell=tell))

    async def record_end(self, actor: str, fact: End, session_id: str = "") -> None:
        """Commit the end of an output, into its own session where that may be over by now.

        Raises OperatorError where the disk refuses: it is kept then, and the next engine hears of it.
        """
        begun = begun_ms(self.state, fact)
        end = UntoldEnd(session_id or self.state.session_id, actor, fact, begun)
        try:
            if session_id:
                await self.record_in(session_id, actor, fact)
            else:
                await self.record(actor, fact)
        except OperatorError as error:
            if error.refusal.code == JOURNAL_UNWRITABLE:
                await self.untold.keep(end)
            raise
        await self.untold.told(fact)

    async def tell_untold(self) -> None:
        """Journal the ends that the last engine could not; waits for as long as the disk refuses."""
        for end in await self.untold.load():
            await self._tell_end(end)
            await self.untold.told(end.fact)

    async def _tell_end(self, end: UntoldEnd) -> None:
        while True:
            try:
                await self.decide(end.actor, end.due)
            except OperatorError as error:
                if error.refusal.code == JOURNAL_UNWRITABLE:
                    await asyncio.sleep(UNTOLD_RETRY_S)
                    continue
            return

    async def of_kinds(self, kinds: Sequence[str]) -> list[tuple[str, FactRecord]]:
        """The facts of these kinds in all sessions. Raises JournalError where they cannot be read."""
        return await self._on_journal(lambda: list(self._journal.of_kinds(kinds)))

    def _tell(self, record: FactRecord) -> None:
        before = self.state
        self.state = apply(before, record)
        for listener in self._listeners:
            try:
                listener(before, self.state, record)
            except Exception:  # noqa: BLE001 it stands in the journal: all others must still hear of it
                _log.exception("a listener failed at fact %d", record.seq)

    async def verify(self) -> Verification:
        """Walk the hash chain of the session."""
        session_id = self.state.session_id
        return await self._on_journal(lambda: self._journal.verify(session_id))

    async def copy_to(self, target: Path) -> None:
        """Copy the whole journal. Raises JournalError."""
        await self._on_journal(lambda: self._journal.copy_to(target))

    async def close(self) -> None:
        """Close the journal and its thread."""
        async with self._lock:
            await self._on_journal(self._journal.close)
            await asyncio.get_running_loop().run_in_executor(None, self._executor.shutdown)
