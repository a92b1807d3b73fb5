"""The journal: every fact of every session, appended to SQLite and chained by hashes; state is the fold of
it.
"""

from __future__ import annotations

import hashlib
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

SCHEMA_VERSION = 1


class JournalError(Exception):
    """The journal cannot be opened, read or written; the text is a plain sentence."""


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
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"The journal {path} cannot be opened: {error}.") from error
        try:
            self._set_up()
        except sqlite3.Error as error:
            self._connection.close()
            raise JournalError(f"The journal {path} cannot be opened: {error}.") from error
        except JournalError:
            self._connection.close()
            raise

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
            raise JournalError(f"The journal {self.path} cannot be written: {error}.") from error
        self._tails[session_id] = (seq, previous)
        return records

    def facts(self, session_id: str, after_seq: int = 0) -> Iterator[FactRecord]:
        """The facts of a session in order. Raises JournalError at one that cannot be read."""
        seq = after_seq
        try:
            rows = self._connection.execute(
                "SELECT seq, at_ms, actor, body, hash FROM facts WHERE session_id=? AND seq>? ORDER BY seq",
                (session_id, after_seq),
            )
            for seq, at_ms, actor, body, digest in rows:
                yield FactRecord(seq=seq, at_ms=at_ms, actor=actor, body=decode_fact(body), hash=digest)
        except (sqlite3.Error, msgspec.MsgspecError) as error:
            raise JournalError(
                f"The journal {self.path} is damaged, session {session_id} near fact {seq}: {error}."
            ) from error

    def fold(self, session_id: str) -> SessionState:
        """The state of a session as its facts make it."""
        state = SessionState()
        for record in self.facts(session_id):
            state = apply(state, record)
        return state

    def open_session(self) -> str | None:
        """Id of the newest session that was opened and never closed, or None."""
        try:
            row = self._connection.execute(
                "SELECT session_id FROM facts AS opened WHERE kind='session_opened' AND NOT EXISTS"
                " (SELECT 1 FROM facts WHERE session_id=opened.session_id AND kind='session_closed')"
                " ORDER BY at_ms DESC, rowid DESC LIMIT 1"
            ).fetchone()
        except sqlite3.Error as error:
            raise JournalError(f"The journal {self.path} cannot be read: {error}.") from error
        return row[0] if row else None

    def verify(self, session_id: str) -> Verification:
        """Walk the hash chain of a session and say whether it is whole.

        What was cut off at the end cannot be seen here: compare the last hash with one kept elsewhere.
        """
        previous, count = "", 0
        try:
            rows = self._connection.execute(
                "SELECT seq, at_ms, actor, kind, body, hash FROM facts WHERE session_id=? ORDER BY seq",
                (session_id,),
            )
            for seq, at_ms, actor, kind, body, digest in rows:
                count += 1
                previous = chain_hash(previous, session_id, seq, at_ms, actor, body.encode())
                # The kind is not hashed but repeats the body's tag: what finds facts must not lie either.
                if seq != count or digest != previous or kind != _kind(decode_fact(body)):
                    return Verification(count, False, count)
        except (sqlite3.Error, msgspec.MsgspecError):
            return Verification(count, False, max(1, count))
        return Verification(count, True)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


def _kind(fact: Fact) -> str:
    return str(fact.__struct_config__.tag)
