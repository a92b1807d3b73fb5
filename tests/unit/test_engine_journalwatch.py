"""A journal whose file is taken away under the engine: told, copied beside, withdrawn when it is back."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from operator_console.engine.journalwatch import JournalWatch
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.session import facts as f


class Watched:
    """A store, its journal's file and the watch over it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.db"
        journal = Journal(self.path)
        self.store, self.observations = SessionStore(journal), Observations()
        self.watch = JournalWatch(journal, self.store, self.observations)
        self.store.on_trouble = self.watch.trouble

    async def mark(self, title: str) -> None:
        await self.store.record("a", f.ChapterMarked(title=title))

    def seen(self) -> tuple[str, str]:
        value = self.observations.values.get("journal", {})
        return value.get("state", ""), value.get("code", "")

    def copies(self) -> list[Path]:
        return sorted(self.path.parent.glob("journal.rescued-*"))

    def copied(self) -> list[str]:
        """The chapters in the copy, which has to be whole."""
        (path,) = self.copies()
        journal = Journal.read_only(path)
        facts = [record.body for record in journal.facts("s")]
        assert journal.verify("s").ok
        journal.close()
        return [fact.title for fact in facts if isinstance(fact, f.ChapterMarked)]


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    one = Watched(tmp_path / "data")
    opened = f.SessionOpened(session_id="s", title="Rapat")
    await one.store.decide("a", lambda _state: [opened], session_id="s")
    await one.mark("Satu")
    yield one
    await one.store.close()


def remove_file(path: Path) -> None:
    path.unlink()


def remove_all_files(path: Path) -> None:
    for part in path.parent.glob("journal.db*"):
        part.unlink()


def remove_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def replace(path: Path) -> None:
    other = path.with_name("restored")
    Journal(other).close()
    os.replace(other, path)


@pytest.mark.parametrize("take_away", [remove_file, remove_all_files, remove_folder, replace])
async def test_what_is_journaled_after_the_file_is_gone_is_in_the_copy(
    watched: Watched, take_away: Callable[[Path], None], expect_log: Callable[[str], None]
) -> None:
    await watched.watch.look()
    assert watched.seen() == ("running", "") and not watched.copies()
    take_away(watched.path)
    expect_log("was deleted or replaced; it is copied to journal.rescued-")
    await watched.mark("Dua")
    await watched.watch.look()
    assert watched.seen() == ("lost", "file_gone")
    (copy,) = watched.copies()
    assert watched.observations.values["journal"]["args"] == {"file": copy.name}
    assert watched.copied() == ["Satu", "Dua"] and copy.stat().st_mode & 0o077 == 0
    await watched.mark("Tiga")
    assert watched.seen() == ("lost", "file_gone"), "a fact that it takes does not mend it"
    await watched.watch.look()
    assert watched.copied() == ["Satu", "Dua", "Tiga"]
    await watched.mark("Penutup")
    await watched.watch.close()
    assert watched.copied() == ["Satu", "Dua", "Tiga", "Penutup"]


async def test_a_file_that_is_put_back_is_no_trouble_any_more(
    watched: Watched, expect_log: Callable[[str], None]
) -> None:
    away = watched.path.rename(watched.path.with_name("away"))
    expect_log("was deleted or replaced")
    await watched.watch.look()
    assert watched.seen() == ("lost", "file_gone")
    away.rename(watched.path)
    await watched.watch.look()
    assert watched.seen() == ("running", "")
    await watched.mark("Dua")
    (before,) = watched.copies()
    known = before.read_bytes()
    await watched.watch.close()
    assert before.read_bytes() == known, "it is not kept up any more"


async def test_where_no_copy_can_be_written_that_is_said_and_tried_again(
    watched: Watched, expect_log: Callable[[str], None]
) -> None:
    shutil.rmtree(watched.path.parent)
    watched.path.parent.touch()
    expect_log("was deleted or replaced")
    for _ in range(2):
        await watched.watch.look()
        assert watched.seen() == ("lost", "no_copy")
    watched.path.parent.unlink()
    await watched.watch.look()
    assert watched.seen() == ("lost", "file_gone") and watched.copied() == ["Satu"]
