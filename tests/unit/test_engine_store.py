"""The store: facts are journaled before anybody is told, told in order, and to everybody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest

from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import SessionState

OPENED = f.SessionOpened(session_id="s", title="Rapat")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SessionStore]:
    made = SessionStore(Journal(tmp_path / "journal.db"))
    yield made
    await made.close()


async def open_session(store: SessionStore) -> None:
    await store.decide("a", lambda _state: [OPENED], session_id="s")


async def test_a_fact_is_in_the_journal_when_a_listener_hears_of_it(
    store: SessionStore, tmp_path: Path
) -> None:
    seen: list[int] = []

    def listen(before: SessionState, after: SessionState, record: f.FactRecord) -> None:
        other = Journal(tmp_path / "journal.db")
        seen.append(sum(1 for _ in other.facts("s")))
        other.close()
        assert (before.rev, after.rev) == (record.seq - 1, record.seq)

    store.listen(listen)
    await open_session(store)
    await store.record("a", f.ChapterMarked(title="1"), f.ChapterMarked(title="2"))
    assert seen == [1, 3, 3], "the two facts of one decision are one transaction"


async def test_many_at_once_are_numbered_without_gaps(store: SessionStore) -> None:
    await open_session(store)
    told: list[int] = []
    store.listen(lambda before, after, record: told.append(record.seq))
    await asyncio.gather(*(store.record("a", f.ChapterMarked(title=str(n))) for n in range(20)))
    assert told == list(range(2, 22))
    assert (await store.verify()).ok


async def test_a_decision_sees_what_was_decided_before_it(store: SessionStore) -> None:
    await open_session(store)

    def lock_once(state: SessionState) -> list[f.AnyFact]:
        return [] if state.locked else [f.RoomLocked(locked=True)]

    found = await asyncio.gather(*(store.decide("a", lock_once) for _ in range(10)))
    assert sum(len(records) for records in found) == 1


async def test_a_listener_that_fails_leaves_nobody_else_without_the_facts(
    store: SessionStore, expect_log: Callable[[str], None]
) -> None:
    expect_log("a listener failed at fact")
    told: list[int] = []

    def broken(before: SessionState, after: SessionState, record: f.FactRecord) -> None:
        raise ValueError("broken widget")

    store.listen(broken)
    store.listen(lambda before, after, record: told.append(record.seq))
    await open_session(store)
    await store.record("a", f.ChapterMarked(title="1"), f.RoomLocked(locked=True))
    assert told == [1, 2, 3]
    assert store.state.locked and store.state.rev == 3


async def test_without_a_session_and_after_it_nothing_is_recorded(store: SessionStore) -> None:
    for _ in range(2):
        with pytest.raises(OperatorError) as caught:
            await store.record("a", f.ChapterMarked(title="x"))
        assert caught.value.refusal.code == "no_session"
        if not store.state.session_id:
            await open_session(store)
            await store.record("a", f.SessionClosed())
    assert store.state.rev == 2


async def test_what_the_disk_refuses_did_not_happen(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("journal refused facts: .*full")
    journal = Journal(tmp_path / "journal.db")
    store = SessionStore(journal)
    await open_session(store)
    told: list[int] = []
    store.listen(lambda before, after, record: told.append(record.seq))
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(OperatorError) as caught:
        await store.record("a", *(f.ChapterMarked(title="x" * 5000) for _ in range(4)))
    refusal = caught.value.refusal
    assert refusal.code == "journal_unwritable" and "diska" in refusal.text_id and "disk" in refusal.text_en
    assert (told, store.state.rev) == ([], 1)
    journal._connection.execute("PRAGMA max_page_count=100000")
    assert (await store.record("a", f.ChapterMarked(title="y")))[0].seq == 2
    await store.close()


class HeldJournal(Journal):
    """A journal on a disk that takes its time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.entered, self.free = threading.Event(), threading.Event()
        self.free.set()

    def append(self, session_id: str, actor: str, bodies: Sequence[f.AnyFact]) -> list[f.FactRecord]:
        self.entered.set()
        assert self.free.wait(10)
        return super().append(session_id, actor, bodies)


@pytest.mark.parametrize("into", ["", "s"])
async def test_what_is_written_is_told_although_whoever_asked_is_cancelled(tmp_path: Path, into: str) -> None:
    journal = HeldJournal(tmp_path / "journal.db")
    store = SessionStore(journal)
    await open_session(store)
    told: list[int] = []
    store.listen(lambda before, after, record: told.append(record.seq))
    journal.entered.clear()
    journal.free.clear()
    fact = f.ChapterMarked(title="1")
    asking = asyncio.create_task(store.record_in(into, "a", fact) if into else store.record("a", fact))
    assert await asyncio.to_thread(journal.entered.wait, 10)
    for _ in range(2):
        asking.cancel()
        await asyncio.sleep(0)
    next_one = asyncio.create_task(store.record("a", f.ChapterMarked(title="2")))
    journal.free.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (await next_one)[0].seq == 3
    assert told == [2, 3] and store.state.rev == 3
    assert [record.seq for record in journal.facts("s")] == [1, 2, 3]
    assert journal.fold("s") == store.state
    await store.close()


async def test_a_refusal_is_logged_although_whoever_asked_is_cancelled(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("journal refused facts")
    journal = HeldJournal(tmp_path / "journal.db")
    store = SessionStore(journal)
    await open_session(store)
    journal._connection.execute("PRAGMA query_only=1")
    journal.entered.clear()
    journal.free.clear()
    asking = asyncio.create_task(store.record("a", f.ChapterMarked(title="1")))
    assert await asyncio.to_thread(journal.entered.wait, 10)
    asking.cancel()
    await asyncio.sleep(0)
    journal.free.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert store.state.rev == 1
    await store.close()


async def test_a_session_that_was_not_closed_is_resumed_whole(tmp_path: Path) -> None:
    first = SessionStore(Journal(tmp_path / "journal.db"))
    await open_session(first)
    await first.record("a", f.RoomLocked(locked=True))
    await first.close()
    second = SessionStore(Journal(tmp_path / "journal.db"))
    assert await second.resume()
    assert second.state == first.state
    assert (await second.record("a", f.SessionClosed()))[0].seq == 3
    await second.close()
    third = SessionStore(Journal(tmp_path / "journal.db"))
    assert not await third.resume() and third.state == SessionState()
    await third.close()


async def test_no_facts_decided_nothing_written(store: SessionStore) -> None:
    assert await store.decide("a", lambda _state: []) == []
    assert store.state.rev == 0
