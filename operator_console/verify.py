"""`operator-console verify`: are the recordings the files that were sealed, and is the record complete?"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from media.outputs.filework import sha256_of
from operator_console import paths
from operator_console.engine.endpoint import LOCK_FILE
from operator_console.engine.frozen import JOURNAL_FILE
from operator_console.journal import FactUnreadableError, Journal, JournalError
from operator_console.library.recordings import (
    ISO_KINDS,
    KINDS,
    IsoFile,
    RecordedFile,
    iso_files,
    recorded_files,
)
from operator_console.locks import is_locked
from operator_console.session.codes import RepairCode
from operator_console.session.model import SessionState
from operator_console.settings import load_settings

LEFT = {
    RepairCode.MISSING: "was lost: it was never closed, and is not there.",
    RepairCode.EMPTY: "was cut off before its first picture; there is nothing of it.",
    RepairCode.DAMAGED: "was never closed and cannot be repaired.",
    RepairCode.NO_ROOM: "was never closed; the disk has no room for its repair yet. It can be played.",
    RepairCode.FOLDER: "was never closed; its folder could not be reached for the repair.",
}

NONE_YET = "No session yet: there is nothing to check.\n"
MARKS = {True: "ok ", False: "NOT", None: "-- "}


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Check one session or all; exit code 0 where everything is as it was, 1 where something is not."""
    parser = argparse.ArgumentParser(
        prog="operator-console verify",
        description="Check recordings against the seals in the journal, and the journal's own chain of "
        "hashes. Nothing is changed; an engine may be running.",
    )
    parser.add_argument("--session", default="", help="only this session (its id, or the beginning of it)")
    parser.add_argument("--quick", action="store_true", help="compare sizes only, do not read the files")
    options = parser.parse_args(argv)
    path = paths.data_dir(load_settings(overrides)) / JOURNAL_FILE
    if not path.exists():
        sys.stdout.write(NONE_YET)
        return 0
    try:
        journal = Journal.read_only(path)
        try:
            return _verify(journal, options.session, quick=options.quick)
        finally:
            journal.close()
    except JournalError as error:
        sys.stdout.write(f"{error}\n")
        return 1


def _verify(journal: Journal, only: str, *, quick: bool) -> int:
    sessions = [one for one in journal.sessions() if one.startswith(only)]
    if not sessions:
        sys.stdout.write("There is no such session.\n" if only else NONE_YET)
        return 1 if only else 0
    files = recorded_files(journal.of_kinds(KINDS))
    isos = iso_files(journal.of_kinds(ISO_KINDS))
    good, open_files = True, 0
    for session in sessions:
        chain = journal.verify(session)
        broken = f"BROKEN at fact {chain.broken_at}: what follows is not proven"
        said = f"complete, {chain.facts} facts" if chain.ok else broken
        sys.stdout.write(f"\nSession {session}{visible(_title(journal, session))}\n  Record: {said}.\n")
        good = good and chain.ok
        said_files = [(one.path, verdict(one, quick=quick)) for one in files if one.session_id == session]
        said_files += [(one.path, iso_verdict(one)) for one in isos if one.session_id == session]
        for file, (fine, words) in said_files:
            sys.stdout.write(f"  {MARKS[fine]}  {visible(file)}\n       {words}\n")
            good, open_files = good and fine is not False, open_files + (fine is None)
    sys.stdout.write(f"\n{_conclusion(good, open_files)}\n")
    if any(one.session_id in sessions for one in isos):
        sys.stdout.write(
            "Isolated recordings have no seal: their sizes were compared, their content was not.\n"
        )
    return 0 if good else 1


def _conclusion(good: bool, open_files: int) -> str:
    if not good:
        return "Not everything is as it was; see above."
    if open_files:
        return f"What can be judged is as it was; not judged yet: {open_files} file{'s' * (open_files > 1)}."
    return "Everything is as it was."


def visible(text: str) -> str:
    """A text of the journal as a terminal may show it: control characters are written out (ESC is \\x1b)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def _title(journal: Journal, session: str) -> str:
    try:
        state: SessionState = journal.fold(session)
    except FactUnreadableError:
        return ""
    day = time.strftime("%Y-%m-%d", time.localtime(state.opened_at_ms / 1000))
    return f" “{state.title}” of {day}"


def verdict(one: RecordedFile, *, quick: bool = False) -> tuple[bool | None, str]:
    """Whether a file is as the journal says, None where that cannot be judged yet, and a plain sentence."""
    if not one.whole:
        return _unfinished(one)
    path = Path(one.path)
    try:
        size = path.stat().st_size
        if not one.sha256:
            return _unsealed(one, size)
        if size != one.sealed_bytes:
            return False, f"CHANGED since it was sealed: {size:,} bytes instead of {one.sealed_bytes:,}."
        if quick:
            return True, f"has the size it was sealed with ({size:,} bytes); its content was not read."
        digest, _ = sha256_of(path)
    except FileNotFoundError:
        return False, "MISSING: it was finished, and is not there any more (moved, or its disk is away)."
    except OSError as error:
        return False, f"CANNOT BE READ: {error.strerror}."
    if digest != one.sha256:
        return False, "CHANGED since it was sealed: the content is another one."
    repaired = " It was finished by the repair after a crash." if one.repaired else ""
    return True, f"is the file that was sealed ({size:,} bytes, {_length(one)}).{repaired}"


def iso_verdict(one: IsoFile) -> tuple[bool | None, str]:
    """Whether the file of an isolated recording has the size that was journaled, and a plain sentence."""
    try:
        size = Path(one.path).stat().st_size
    except FileNotFoundError:
        return False, "MISSING: this isolated recording was begun, and is not there any more."
    except OSError as error:
        return False, f"CANNOT BE READ: {error.strerror}."
    if one.finished and size != one.size_bytes:
        return False, f"CHANGED since it was finished: {size:,} bytes instead of {one.size_bytes:,}."
    if one.repaired:
        return (
            True,
            f"isolated recording, not sealed; it was finished after it had been cut off ({size:,} bytes).",
        )
    if one.finished:
        return True, f"isolated recording, not sealed; it has the size it was finished with ({size:,} bytes)."
    if one.left_code:
        return None, f"isolated recording, cut off ({size:,} bytes); it could not be finished, and may play."
    if one.failed:
        return (
            None,
            f"isolated recording, cut off ({size:,} bytes); the engine will finish it, it plays already.",
        )
    return None, "isolated recording, not finished: is being written, or was cut off with its engine."


def _unfinished(one: RecordedFile) -> tuple[bool | None, str]:
    if one.left_code:
        why = next((text for code, text in LEFT.items() if code == one.left_code), "was never closed.")
        return one.left_code == RepairCode.EMPTY, why
    if not one.failed_code and Path(one.path).exists():
        return (
            None,
            "still open, not judged: is being written, or will be repaired at the engine's next start.",
        )
    return False, "was never closed and is not repaired yet; start the engine, it will be."


def _unsealed(one: RecordedFile, size: int) -> tuple[bool | None, str]:
    """Nobody can prove a file that has no seal; whether it is the size that was journaled can be said."""
    if size != one.size_bytes:
        return False, f"NOT SEALED, and not as it was closed: {size:,} bytes instead of {one.size_bytes:,}."
    closed = f"it has the size it was closed with ({size:,} bytes, {_length(one)})"
    if is_locked(paths.runtime_dir() / LOCK_FILE):
        return None, f"not sealed yet, the engine that runs does it; {closed}."
    return None, f"not sealed yet, will be sealed at the next start of the engine; {closed}."


def _length(one: RecordedFile) -> str:
    seconds = one.duration_ms // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
