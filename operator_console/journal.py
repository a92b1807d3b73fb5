"""The journal: every fact of every session, appended to SQLite and chained by hashes; state is the fold of
it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from operator_console.session.facts import AnyFact, Fact, FactRecord, decode_fact, encode_fact
from operator_console.session.fold import apply
from operator_console.session.model import SessionState

if TYPE_CHECKING:
    import sqlite_utils

_log = logging.getLogger(__name__)

SCHEMA_VERSION = 1


_DAMAGE_CODES = (11, 26)
"""SQLITE_CORRUPT and SQLITE_NOTADB; a full disk, missing rights or a busy file are no damage."""
_INTERRUPTED = 9
_HEADER = b"SQLite format 3\0"
_COLUMNS_THERE = "SELECT session_id, seq, at_ms, actor, kind, body, hash FROM facts LIMIT 0"
_SESSION = "SELECT session_id, seq, at_ms, actor, kind, body, hash FROM facts WHERE session_id=? ORDER BY seq"
_FACTS = "SELECT seq, at_ms, actor, body, hash FROM facts WHERE session_id=? AND seq>? ORDER BY seq"
_OPEN_SESSION = (
    "SELECT session_id FROM facts AS opened WHERE kind='session_opened' AND NOT EXISTS"
    " (SELECT 1 FROM facts WHERE session_id=opened.session_id AND kind='session_closed')"
    " ORDER BY at_ms DESC, rowid DESC LIMIT 1"
)
_SESSIONS = "SELECT session_id FROM facts GROUP BY session_id ORDER BY MIN(rowid)"
CHECK_S = 0.5
"""How long the whole file is looked through at the start; an engine that takes over has no time for more."""


class JournalError(Exception):
    """The journal cannot be opened, read or written; the text is a plain sentence."""


class JournalDamagedError(JournalError):
    """The file is no database that can be read any more: waiting does not help, setting it aside does."""


class FactUnreadableError(JournalError):
    """One fact cannot be read or folded; the others can. `seq` is its number."""

    def __init__(self, text: str, seq: int) -> None:
        super().__init__(text)
        self.seq = seq


def _error(text: str, error: sqlite3.Error) -> JournalError:
    damaged = (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGE_CODES
    return (JournalDamagedError if damaged else JournalError)(f"{text}: {error}.")


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of walking a session's hash chain; `broken_at` is the number of the first fact that does not
    fit.
    """

    facts: int
    ok: bool
    broken_at: int = 0


def chain_hash(previous: str, session_id: str, seq: int, at_ms: int, actor: str, body: bytes) -> str:
    """SHA-256 over the hash before and every column of a fact, as hex."""
    digest = hashlib.sha256(previous.encode("ascii"))
    for part in (session_id.encode(), str(seq).encode(), str(at_ms).encode(), actor.encode(), body):
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.hexdigest()


def _create_facts(db: sqlite_utils.Database) -> None:
    db.table("facts").create(
        {
            "session_id": str,
            "seq": int,
            "at_ms": int,
            "actor": str,
            "kind": str,
            "body": str,
            "hash": str,
        },
        pk=("session_id", "seq"),
        not_null={"at_ms", "actor", "kind", "body", "hash"},
    )
    db.table("facts").create_index(["kind", "at_ms"])


MIGRATIONS = (_create_facts,)


class Journal:
    """Appends and reads facts; one process writes. Calls block for a disk write: keep them off an event
    loop.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the database at `path`. Raises JournalError where that cannot be done."""
        self.path = path
        self._tails: dict[str, tuple[int, str]] = {}
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_private(path)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._file = _identity(path)
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"The journal {path} cannot be opened: {error}.") from error
        try:
            self._set_up()
        except sqlite3.Error as error:
            self._connection.close()
            raise _error(f"The journal {path} cannot be opened", error) from error
        except JournalError:
            self._connection.close()
            raise

    @classmethod
    def read_only(cls, path: Path) -> Journal:
        """A journal that can only be read, also while an engine writes it. Raises JournalError."""
        if path.exists() and not path.is_file():  # a pipe would be waited for without end
            raise JournalError(f"The journal {path} cannot be read: it is not a regular file.")
        journal = cls.__new__(cls)
        journal.path, journal._tails = path, {}
        try:
            journal._connection = _read_only(path)
            journal._connection.execute(_COLUMNS_THERE)
        except sqlite3.Error as error:
            raise _error(f"The journal {path} cannot be read", error) from error
        return journal

    def _set_up(self) -> None:
        self._connection.execute("PRAGMA busy_timeout=5000")
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A fact must stand on the disk before anybody is told, also when the power goes.
        self._connection.execute("PRAGMA synchronous=FULL")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise JournalError(f"The journal {self.path} was written by a newer version of this program.")
        if version < SCHEMA_VERSION:
            self._migrate(version)
        try:
            self._connection.execute(_COLUMNS_THERE)
        except sqlite3.OperationalError as error:
            raise JournalDamagedError(f"The journal {self.path} has no table of facts: {error}.") from error

    def _migrate(self, version: int) -> None:
        import sqlite_utils  # 0.2 s that an engine which takes over from a killed one does not have

        db = sqlite_utils.Database(self._connection)
        for number, migration in enumerate(MIGRATIONS[version:], start=version + 1):
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                migration(db)
                self._connection.execute(f"PRAGMA user_version={number}")

    def _tail(self, session_id: str) -> tuple[int, str]:
        tail = self._tails.get(session_id)
        if tail is None:
            row = self._connection.execute(
                "SELECT seq, hash FROM facts WHERE session_id=? ORDER BY seq DESC LIMIT 1", (session_id,)
            ).fetchone()
            tail = (row[0], row[1]) if row else (0, "")
        return tail

    def append(self, session_id: str, actor: str, bodies: Sequence[AnyFact]) -> list[FactRecord]:
        """Write facts in one transaction and return them with number, time and hash.

        Raises JournalError where the disk refuses; then none of them happened.
        """
        at_ms = time.time_ns() // 1_000_000
        try:
            seq, previous = self._tail(session_id)
            records: list[FactRecord] = []
            rows: list[tuple[str, int, int, str, str, str, str]] = []
            for fact in bodies:
                seq += 1
                body = encode_fact(fact)
                previous = chain_hash(previous, session_id, seq, at_ms, actor, body)
                records.append(FactRecord(seq=seq, at_ms=at_ms, actor=actor, body=fact, hash=previous))
                rows.append((session_id, seq, at_ms, actor, _kind(fact), body.decode(), previous))
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("INSERT INTO facts VALUES (?,?,?,?,?,?,?)", rows)
        except sqlite3.Error as error:
            raise _error(f"The journal {self.path} cannot be written", error) from error
        self._tails[session_id] = (seq, previous)
        return records

    def facts(self, session_id: str, after_seq: int = 0) -> Iterator[FactRecord]:
        """The facts of a session in order. Raises FactUnreadableError at one that cannot be read."""
        seq = after_seq
        rows = self._connection.cursor()
        try:
            rows.execute(_FACTS, (session_id, after_seq))
            for seq, at_ms, actor, body, digest in rows:
                yield FactRecord(seq=seq, at_ms=at_ms, actor=actor, body=decode_fact(body), hash=digest)
        except sqlite3.Error as error:
            text = f"The journal {self.path} cannot be read, session {session_id} near fact {seq}"
            if not getattr(error, "sqlite_errorcode", 0):  # the row was read, its text is none
                raise FactUnreadableError(f"{text}: {error}.", seq + 1) from error
            raise _error(text, error) from error
        except (msgspec.MsgspecError, TypeError) as error:
            raise FactUnreadableError(
                f"The journal {self.path} is damaged, session {session_id} near fact {seq}: {error}.", seq
            ) from error
        finally:
            rows.close()  # an open one would keep the file open for as long as anybody holds the error

    def of_kinds(self, kinds: Sequence[str]) -> Iterator[tuple[str, FactRecord]]:
        """The facts of these kinds in all sessions, each with its session, in order of each session.

        One that cannot be read is left out. Raises JournalError where the file cannot be read.
        """
        marks = ",".join("?" * len(kinds))
        query = f"SELECT session_id, seq, at_ms, actor, body, hash FROM facts WHERE kind IN ({marks})"  # noqa: S608
        try:
            rows = self._connection.execute(query + " ORDER BY session_id, seq", tuple(kinds)).fetchall()
        except sqlite3.Error as error:
            raise _error(f"The journal {self.path} cannot be read", error) from error
        for session_id, seq, at_ms, actor, body, digest in rows:
            with contextlib.suppress(msgspec.MsgspecError, TypeError):
                fact = decode_fact(body)
                yield session_id, FactRecord(seq=seq, at_ms=at_ms, actor=actor, body=fact, hash=digest)

    def sessions(self) -> list[str]:
        """Ids of all sessions, oldest first. Raises JournalError where the file cannot be read."""
        try:
            rows = self._connection.execute(_SESSIONS).fetchall()
        except sqlite3.Error as error:
            raise _error(f"The journal {self.path} cannot be read", error) from error
        return [row[0] for row in rows]

    def fold(self, session_id: str) -> SessionState:
        """The state of a session as its facts make it. Raises FactUnreadableError at one that makes none."""
        state = SessionState()
        for record in self.facts(session_id):
            try:
                state = apply(state, record)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                text = f"Session {session_id} cannot be folded, fact {record.seq}: {error!r}."
                raise FactUnreadableError(text, record.seq) from error
        return state

    def open_session(self) -> str | None:
        """Id of the newest session that was opened and never closed, or None."""
        try:
            row = self._connection.execute(_OPEN_SESSION).fetchone()
        except sqlite3.Error as error:
            raise _error(f"The journal {self.path} cannot be read", error) from error
        return row[0] if row else None

    def check(self, limit_s: float = CHECK_S) -> None:
        """Look through the file; what takes longer than `limit_s` counts as whole.

        Raises JournalDamagedError for a damaged file. Says nothing of the hashes: see `verify`.
        """
        until_s = time.monotonic() + limit_s
        self._connection.set_progress_handler(lambda: time.monotonic() > until_s, 1000)
        try:
            found = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) == _INTERRUPTED:
                return
            raise _error(f"The journal {self.path} cannot be read", error) from error
        finally:
            self._connection.set_progress_handler(None, 0)
        if found != "ok":
            raise JournalDamagedError(f"The journal {self.path} is damaged: {found}.")

    def verify(self, session_id: str) -> Verification:
        """Walk the hash chain of a session and say whether it is whole.

        What was cut off at the end cannot be seen here: compare the last hash with one kept elsewhere.
        """
        try:
            return _walked(self._connection.execute(_SESSION, (session_id,)))
        except sqlite3.Error:
            return Verification(0, False, 1)

    def adopt(self, damaged: Path) -> str:
        """Take the open session over from a damaged file, if each of its facts is there and proven.

        Returns its id, or empty where it could not be had. The file is only read.
        """
        try:
            source = _read_only(damaged)
        except sqlite3.Error:
            return ""
        try:
            newest = source.execute(_OPEN_SESSION).fetchone()
            rows = source.execute(_SESSION, newest or ("",)).fetchall()
            if not rows or not _walked(iter(rows)).ok:
                return ""
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("INSERT INTO facts VALUES (?,?,?,?,?,?,?)", rows)
            return str(newest[0])
        except sqlite3.Error:
            return ""
        finally:
            source.close()

    @property
    def changes(self) -> int:
        """Grows with each fact that is written."""
        return self._connection.total_changes

    def in_place(self) -> bool:
        """Whether the file that is written stands under its name. Blocks; raises OSError if unknown."""
        try:
            return _identity(self.path) == self._file
        except (FileNotFoundError, NotADirectoryError):
            return False

    def copy_to(self, target: Path) -> None:
        """Write everything to another file, in place of the copy before. Raises JournalError."""
        part = target.with_name(target.name + ".part")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            _make_private(part)
            with contextlib.closing(sqlite3.connect(part)) as copy:
                self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, that may be moved as it is
            part.replace(target)
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"The journal cannot be copied to {target}: {error}.") from error

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def _kind(fact: Fact) -> str:
    return str(fact.__struct_config__.tag)


def _walked(rows: Iterator[tuple[str, int, int, str, str, str, str]]) -> Verification:
    previous, count = "", 0
    try:
        for session_id, seq, at_ms, actor, kind, body, digest in rows:
            count += 1
            previous = chain_hash(previous, session_id, seq, at_ms, actor, body.encode())
            # The kind is not hashed but repeats the body's tag: what finds facts must not lie either.
            if seq != count or digest != previous or kind != _kind(decode_fact(body)):
                return Verification(count, False, count)
    except (sqlite3.Error, msgspec.MsgspecError, AttributeError, TypeError, ValueError):
        return Verification(count, False, max(1, count))
    return Verification(count, True)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _make_private(path: Path) -> None:
    """The file is its owner's alone from the first byte on; SQLite gives its log the same rights."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        with contextlib.suppress(PermissionError):  # somebody else's file that we may write
            path.chmod(0o600)


# ---- a damaged file


@dataclass(frozen=True, slots=True)
class Damage:
    """What was found wrong with the record: a code with its figures for whoever words it."""

    code: str
    args: dict[str, str]


def open_whole(path: Path) -> tuple[Journal, Damage | None]:
    """Open the journal; a damaged file is set aside, never deleted, and a fresh one takes its place.

    The open session goes on in the fresh one where all of its facts could be had. Raises JournalError where
    neither can be opened (full disk, no rights, newer version).
    """
    try:
        _require_header(path)
        journal = Journal(path)
        try:
            journal.check()
            journal.open_session()
        except JournalError:
            journal.close()
            raise
        return journal, None
    except JournalDamagedError as error:
        aside = set_aside(path)
        _log.critical("%s It is set aside as %s and a new one is begun.", error, aside.name)
    journal = Journal(path)
    session_id = journal.adopt(aside)
    return journal, Damage("journal_damaged", {"file": aside.name, "session": session_id})


def _require_header(path: Path) -> None:
    """Raise for a file that is no database: SQLite would drop the log beside it merely by opening it."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
    except OSError:
        return  # what is wrong with it is said when it is opened
    if head and head != _HEADER:
        raise JournalDamagedError(f"The journal {path} is not a database.")


def may_have_open_session(path: Path) -> bool:
    """Whether a session is open in a journal, or the file cannot say so. It is only read."""
    if not path.exists():
        return False
    try:
        with contextlib.closing(_read_only(path)) as connection:
            return connection.execute(_OPEN_SESSION).fetchone() is not None
    except sqlite3.Error:
        return True


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def set_aside(path: Path) -> Path:
    """Rename a database with its log, so that it is kept under the time of now; returns where it is.

    Raises JournalError where the folder does not allow it.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    target, number = path.with_name(f"{path.stem}.damaged-{stamp}.db"), 2
    while target.exists():
        target, number = path.with_name(f"{path.stem}.damaged-{stamp}-{number}.db"), number + 1
    try:
        # The log first: SQLite would delete one that lies beside an empty database.
        for ending in ("-wal", "-shm", ""):
            part = path.with_name(path.name + ending)
            if part.exists():
                part.rename(target.with_name(target.name + ending))
    except OSError as error:
        raise JournalError(f"The damaged journal {path} cannot be set aside: {error.strerror}.") from error
    return target
