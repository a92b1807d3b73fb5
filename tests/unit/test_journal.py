"""The journal: facts are there before anybody is told, whole or not at all, and tampering is found."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from operator_console.journal import Journal, JournalError
from operator_console.session import facts as f
from operator_console.session.model import SessionState

SESSION = "s1"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.db")
    yield made
    made.close()


def some_facts() -> list[f.AnyFact]:
    return [
        f.SessionOpened(session_id=SESSION, title="Rapat", office="Banjar"),
        f.ParticipantKnocked(participant_id="p1", name="Siti", office="Aluh-Aluh"),
        f.ParticipantAdmitted(participant_id="p1"),
        f.ChapterMarked(title="Pembukaan"),
    ]


def change(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


def test_facts_come_back_in_order_with_time_actor_and_hash(journal: Journal) -> None:
    written = journal.append(SESSION, "siti", some_facts()[:2])
    written += journal.append(SESSION, "engine", some_facts()[2:])
    found = list(journal.facts(SESSION))
    assert found == written
    assert [record.seq for record in found] == [1, 2, 3, 4]
    assert [record.actor for record in found] == ["siti"] * 2 + ["engine"] * 2
    assert len({record.hash for record in found}) == 4
    assert [record.seq for record in journal.facts(SESSION, after_seq=3)] == [4]


def test_another_process_reads_what_was_appended(journal: Journal) -> None:
    journal.append(SESSION, "siti", some_facts())
    script = (
        "import sys; from pathlib import Path; from operator_console.journal import Journal\n"
        f"j = Journal(Path(sys.argv[1])); print(len(list(j.facts('{SESSION}'))), j.verify('{SESSION}').ok)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, journal.path], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["4", "True"]


def test_a_journal_goes_on_where_it_was_closed(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal.db")
    first.append(SESSION, "a", some_facts()[:2])
    first.close()
    second = Journal(tmp_path / "journal.db")
    assert [record.seq for record in second.append(SESSION, "a", some_facts()[2:])] == [3, 4]
    assert second.verify(SESSION).ok
    second.close()


def test_sessions_do_not_mix_and_the_newest_open_one_is_found(journal: Journal) -> None:
    assert journal.open_session() is None
    journal.append("old", "a", [f.SessionOpened(session_id="old", title="Lama")])
    journal.append("new", "a", [f.SessionOpened(session_id="new", title="Baru")])
    assert journal.open_session() == "new"
    assert journal.fold("old").title == "Lama"
    journal.append("new", "a", [f.SessionClosed()])
    assert journal.open_session() == "old"
    journal.append("old", "a", [f.SessionClosed()])
    assert journal.open_session() is None


def test_the_state_is_the_fold_of_the_facts(journal: Journal) -> None:
    journal.append(SESSION, "a", some_facts())
    state = journal.fold(SESSION)
    assert (state.rev, state.title, [one.name for one in state.seated]) == (4, "Rapat", ["Siti"])
    assert journal.fold("nobody") == SessionState()


def test_an_untouched_journal_verifies(journal: Journal) -> None:
    assert journal.verify(SESSION).ok
    journal.append(SESSION, "a", some_facts())
    found = journal.verify(SESSION)
    assert (found.ok, found.facts, found.broken_at) == (True, 4, 0)


@pytest.mark.parametrize(
    ("statement", "values", "broken_at"),
    [
        ("UPDATE facts SET body=replace(body, 'Siti', 'Budi') WHERE seq=2", (), 2),
        ("UPDATE facts SET at_ms=at_ms+1 WHERE seq=3", (), 3),
        ("UPDATE facts SET actor='nobody' WHERE seq=1", (), 1),
        ("UPDATE facts SET kind='session_closed' WHERE seq=3", (), 3),
        ("UPDATE facts SET hash=? WHERE seq=4", ("0" * 64,), 4),
        ("DELETE FROM facts WHERE seq=2", (), 2),
        ("UPDATE facts SET seq=9 WHERE seq=3", (), 3),
        ('UPDATE facts SET body=\'{"fact":"no_such"}\' WHERE seq=2', (), 2),
    ],
)
def test_tampering_is_found_at_the_very_fact(
    journal: Journal, statement: str, values: tuple[object, ...], broken_at: int
) -> None:
    journal.append(SESSION, "a", some_facts())
    change(journal.path, statement, *values)
    found = journal.verify(SESSION)
    assert (found.ok, found.broken_at) == (False, broken_at)


def test_a_forger_who_does_not_redo_the_chain_is_found_at_the_next_fact(journal: Journal) -> None:
    from operator_console.journal import chain_hash

    records = journal.append(SESSION, "a", some_facts())
    body = f.encode_fact(f.ParticipantKnocked(participant_id="p1", name="Budi"))
    digest = chain_hash(records[0].hash, SESSION, 2, records[1].at_ms, "a", body)
    change(journal.path, "UPDATE facts SET body=?, hash=? WHERE seq=2", body.decode(), digest)
    found = journal.verify(SESSION)
    assert (found.ok, found.broken_at) == (False, 3)


KILLED_INSIDE = """
import os, signal, sys
from pathlib import Path
from operator_console.journal import Journal
from operator_console.session import facts as f
journal = Journal(Path(sys.argv[1]))
inserts = 0
def on_statement(text):
    global inserts
    inserts += text.startswith("INSERT")
    if inserts == 3:
        os.kill(os.getpid(), signal.SIGKILL)
journal._connection.set_trace_callback(on_statement)
journal.append("s1", "a", [f.ChapterMarked(title=f"lost {n}") for n in range(5)])
"""


def test_of_a_transaction_that_was_killed_in_the_middle_there_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    before = Journal(path)
    before.append(SESSION, "a", some_facts())
    before.close()
    killed = subprocess.run([sys.executable, "-c", KILLED_INSIDE, path], check=False)
    assert killed.returncode == -signal.SIGKILL
    after = Journal(path)
    assert [record.seq for record in after.facts(SESSION)] == [1, 2, 3, 4]
    assert after.append(SESSION, "a", [f.SessionClosed()])[0].seq == 5
    assert after.verify(SESSION).ok
    after.close()


def test_a_full_disk_is_said_plainly_and_nothing_is_half_written(journal: Journal) -> None:
    journal.append(SESSION, "a", some_facts())
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count={pages + 1}")
    big = [f.ChapterMarked(title="x" * 8000) for _ in range(10)]
    with pytest.raises(JournalError, match=r"journal\.db cannot be written: .*full"):
        journal.append(SESSION, "a", big)
    assert len(list(journal.facts(SESSION))) == 4
    journal._connection.execute("PRAGMA max_page_count=1000000")
    assert [record.seq for record in journal.append(SESSION, "a", big)] == list(range(5, 15))
    assert journal.verify(SESSION).ok


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal(path).close()
    change(path, "PRAGMA user_version=99")
    before = path.read_bytes()
    with pytest.raises(JournalError, match="newer version"):
        Journal(path)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match=r"journal\.db cannot be opened"):
        Journal(tmp_path / "file" / "journal.db")


UNWRITABLE = """
import os, sys
from pathlib import Path
from operator_console.journal import Journal, JournalError
if os.getuid() == 0:
    os.setuid(65534)
try:
    Journal(Path(sys.argv[1]) / "journal.db")
except JournalError as error:
    print(error)
"""


def test_a_folder_that_may_not_be_written_is_said_plainly() -> None:
    with tempfile.TemporaryDirectory() as folder:  # its parents can be entered by the user that root becomes
        Path(folder).chmod(0o555)
        said = subprocess.run(
            [sys.executable, "-c", UNWRITABLE, folder], capture_output=True, text=True, check=True
        )
    assert "cannot be opened" in said.stdout and "journal.db" in said.stdout


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"not a database at all " * 100)
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(tmp_path / "journal.db")


def test_a_fact_that_cannot_be_read_is_named(journal: Journal) -> None:
    journal.append(SESSION, "a", some_facts())
    change(journal.path, 'UPDATE facts SET body=\'{"fact":"of_the_future"}\' WHERE seq=3')
    with pytest.raises(JournalError, match="near fact 3"):
        journal.fold(SESSION)


def test_the_journal_is_only_for_its_owner(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "data" / "journal.db")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    journal.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_in_its_place_is_no_journal_to_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "journal.db")
    with pytest.raises(JournalError, match="regular file"):
        Journal.read_only(tmp_path / "journal.db")
