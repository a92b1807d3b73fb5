"""A damaged journal: kept under another name, the session saved where it can be, and always said."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from operator_console import journal as module
from operator_console.engine.store import SessionStore
from operator_console.journal import Damage, Journal, JournalDamagedError, JournalError, open_whole
from operator_console.session import facts as f
from operator_console.session.fold import apply

SESSION = "s1"
Expect = Callable[[str], None]


def written(path: Path, *, old_sessions: int = 0) -> None:
    """A journal with an open session, after many others that were closed."""
    journal = Journal(path)
    for number in range(old_sessions):
        name = f"old{number}"
        chapters = [f.ChapterMarked(title="x" * 500) for _ in range(20)]
        journal.append(
            name, "a", [f.SessionOpened(session_id=name, title="Rapat"), *chapters, f.SessionClosed()]
        )
    journal.append(SESSION, "a", [f.SessionOpened(session_id=SESSION, title="Rapat")])
    journal.append(SESSION, "a", [f.ChapterMarked(title="Satu"), f.ChapterMarked(title="Dua")])
    journal.close()


def asides(folder: Path) -> list[Path]:
    return sorted(folder.glob("journal.damaged-*.db"))


def overwrite_a_page_of_old_chapters(path: Path) -> None:
    content, size = path.read_bytes(), 4096
    pages = [content[at : at + size] for at in range(0, len(content), size)]
    number = next(n for n, page in enumerate(pages) if b"x" * 400 in page and b"session_" not in page)
    with path.open("r+b") as file:
        file.seek(number * size)
        file.write(b"\xff" * size)


def change(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def test_what_is_no_database_is_set_aside_whole_and_a_fresh_one_begun(
    tmp_path: Path, expect_log: Expect
) -> None:
    expect_log(r"It is set aside as journal\.damaged-\d{8}-\d{6}\.db")
    path = tmp_path / "journal.db"
    path.write_bytes(b"not a database at all " * 100)
    with pytest.raises(JournalDamagedError):
        Journal(path)
    (tmp_path / "journal.db-wal").write_bytes(b"log")
    journal, damage = open_whole(path)
    (aside,) = asides(tmp_path)
    assert damage == Damage("journal_damaged", {"file": aside.name, "session": ""})
    assert aside.read_bytes() == b"not a database at all " * 100
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"log"
    journal.append("new", "a", [f.SessionOpened(session_id="new", title="Rapat")])
    assert journal.verify("new").ok
    journal.close()


def test_a_file_damaged_in_an_old_session_gives_the_open_one_to_the_fresh_file(
    tmp_path: Path, expect_log: Expect
) -> None:
    expect_log("It is set aside")
    path = tmp_path / "journal.db"
    written(path, old_sessions=20)
    before = Journal(path)
    facts = list(before.facts(SESSION))
    before.close()
    overwrite_a_page_of_old_chapters(path)
    broken = Journal(path)
    with pytest.raises(JournalDamagedError):
        broken.check()
    broken.close()
    journal, damage = open_whole(path)
    assert damage is not None and damage.args["session"] == SESSION
    assert list(journal.facts(SESSION)) == facts and journal.verify(SESSION).ok
    assert journal.append(SESSION, "a", [f.SessionClosed()])[0].seq == 4
    assert len(asides(tmp_path)) == 1
    journal.close()


def test_a_journal_whose_table_is_gone_is_damaged(tmp_path: Path, expect_log: Expect) -> None:
    expect_log("has no table of facts")
    path = tmp_path / "journal.db"
    written(path)
    change(path, "DROP TABLE facts")
    journal, damage = open_whole(path)
    assert damage is not None and len(asides(tmp_path)) == 1
    journal.close()


def test_two_in_one_second_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    for content in (b"one", b"two"):
        path.write_bytes(content)
        module.set_aside(path)
    assert sorted(one.read_bytes() for one in asides(tmp_path)) == [b"one", b"two"]


def test_a_whole_journal_is_left_where_it_is(tmp_path: Path) -> None:
    written(tmp_path / "journal.db")
    journal, damage = open_whole(tmp_path / "journal.db")
    assert damage is None and asides(tmp_path) == []
    journal.close()


def test_what_is_no_damage_stays_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    written(path)
    change(path, "PRAGMA user_version=99")
    with pytest.raises(JournalError, match="newer version"):
        open_whole(path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(JournalError, match="cannot be opened"):
        open_whole(tmp_path / "folder")
    assert asides(tmp_path) == [] and path.exists()


def test_a_full_disk_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    journal = Journal(path)
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(JournalError, match="full") as caught:
        journal.append(SESSION, "a", [f.ChapterMarked(title="x" * 9000)])
    assert not isinstance(caught.value, JournalDamagedError)
    journal.close()


@pytest.mark.parametrize(
    "body",
    [
        '\'{"fact":"of_the_future"}\'',
        "'{'",
        "CAST(x'ff00fe' AS TEXT)",
        '\'{"fact":"participant_admitted","participant_id":["p"]}\'',
    ],
)
async def test_a_fact_that_cannot_be_read_leaves_its_session_and_says_which(
    tmp_path: Path, expect_log: Expect, body: str
) -> None:
    expect_log("The session is not taken up")
    path = tmp_path / "journal.db"
    written(path)
    change(path, f"UPDATE facts SET body={body} WHERE seq=2")
    journal, damage = open_whole(path)
    assert damage is None, "the file is whole"
    store = SessionStore(journal)
    assert not await store.resume()
    assert store.damage == Damage("session_unreadable", {"session": SESSION, "fact": "2"})
    # The next session has a journal to stand in.
    await store.decide(
        "a", lambda _state: [f.SessionOpened(session_id="new", title="Rapat")], session_id="new"
    )
    assert (await store.verify()).ok
    await store.close()


async def test_a_fact_that_cannot_be_folded_leaves_its_session(
    tmp_path: Path, expect_log: Expect, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("cannot be folded, fact 3")
    path = tmp_path / "journal.db"
    written(path)

    def foldless(state: object, record: f.FactRecord) -> object:
        if record.seq == 3:
            raise KeyError("nobody")
        return apply(state, record)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "apply", foldless)
    store = SessionStore(Journal(path))
    assert not await store.resume()
    assert store.damage == Damage("session_unreadable", {"session": SESSION, "fact": "3"})
    await store.close()


async def test_a_broken_chain_keeps_the_people_in_their_session_and_is_said(
    tmp_path: Path, expect_log: Expect
) -> None:
    expect_log("chain of hashes is broken at fact 2")
    path = tmp_path / "journal.db"
    written(path)
    change(path, "UPDATE facts SET body=replace(body, 'Satu', 'Tiga') WHERE seq=2")
    store = SessionStore(Journal(path))
    assert await store.resume()
    assert store.state.chapters[0].title == "Tiga"
    assert store.damage == Damage("chain_broken", {"session": SESSION, "fact": "2"})
    await store.close()


def test_the_file_and_its_log_are_for_their_owner_alone(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        journal = Journal(tmp_path / "journal.db")
        journal.append(SESSION, "a", [f.SessionOpened(session_id=SESSION, title="Rapat")])
        found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(umask)
    assert "journal.db-wal" in found and set(found.values()) == {0o600}
    journal.close()


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    written(tmp_path / "journal.db")
    (tmp_path / "journal.db").chmod(0o644)
    Journal(tmp_path / "journal.db").close()
    assert stat.S_IMODE((tmp_path / "journal.db").stat().st_mode) == 0o600
