"""What was cut off is finished with its chapters, what is whole is sealed, and verify tells the truth."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace

import av
import psutil
import pytest

from media.outputs.mend import MendError, mend
from media.outputs.mp4file import Chapter
from media.outputs.recorder import Recorder
from operator_console import verify
from operator_console.engine import archive as module
from operator_console.engine.archive import Archive
from operator_console.engine.diskguard import kept_from_copies
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.library.recordings import KINDS, RecordedFile, gap_after_ms, recorded_files
from operator_console.session import facts as f
from operator_console.session.codes import RepairCode
from operator_console.settings import Settings
from tests.media.program_signal import SMALL, SOUND, START_US, ProgramSignal, judge
from tests.unit.engine_kit import eventually

SESSION = "s"


def cut_off_file(path: Path, seconds: float = 4.0) -> Path:
    """What a kill leaves of a recording: the growing file as it was at one moment."""
    program = ProgramSignal()
    growing = path.with_name("growing.mp4")
    recorder = Recorder(growing, SMALL, SOUND, program.request_key)
    for packet in program.packets(seconds):
        recorder.push(packet)
    deadline = time.monotonic() + 10
    while recorder.status().waiting_bytes or recorder.status().duration_us < (seconds - 0.5) * 1e6:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    shutil.copy(growing, path)
    recorder.stop()
    assert recorder.join(10)
    growing.unlink()
    return path


def titles(path: Path) -> list[tuple[str, int]]:
    with av.open(str(path)) as container:
        found = container.chapters()
    return [(one["metadata"]["title"], round(one["start"] * (one["time_base"] or 0) * 1000)) for one in found]


def test_a_cut_off_file_becomes_an_ordinary_one_packet_for_packet(tmp_path: Path) -> None:
    path = cut_off_file(tmp_path / "a.mp4")
    before = judge(path).numbers
    with path.open("ab") as file:  # and a fragment that was torn
        file.write((400).to_bytes(4, "big") + b"moof" + bytes(100))
    chapters = (Chapter("Pembukaan", START_US + 500_000), Chapter("Laporan", START_US + 2_000_000))
    done = mend(path, chapters, START_US, keep_free_bytes=0)
    assert (done.chapters, done.cut_bytes, done.was_whole) == (2, 108, False)
    assert judge(path).numbers == before and judge(path).worst_skew_s() < 0.02
    assert titles(path) == [("Pembukaan", 500), ("Laporan", 2000)]
    assert mend(path, (), START_US, keep_free_bytes=1 << 60).was_whole, "a second time there is nothing to do"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_cut_off_after_its_first_fragment_gets_its_chapters_too(tmp_path: Path) -> None:
    path = cut_off_file(tmp_path / "a.mp4", 0.6)
    assert mend(path, (), START_US, keep_free_bytes=0).chapters == 0
    done = mend(path, (Chapter("Pembukaan", START_US + 50_000),), START_US, keep_free_bytes=0)
    assert titles(path) == [("Pembukaan", 50)] and done.chapters == 1
    assert mend(path, (Chapter("Pembukaan", START_US),), START_US, keep_free_bytes=0).was_whole


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"something else entirely, for ever and ever", "damaged"), (None, "missing")],
)
def test_what_cannot_be_finished_stays_as_it_is(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "a.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MendError) as caught:
        mend(path, (), 0, keep_free_bytes=0)
    assert caught.value.code == code
    assert (path.read_bytes() if content is not None else None) == content


def test_without_room_for_a_copy_the_file_is_left_alone(tmp_path: Path) -> None:
    path = cut_off_file(tmp_path / "a.mp4", 2.0)
    before = path.read_bytes()
    with pytest.raises(MendError) as caught:
        mend(path, (), START_US, keep_free_bytes=1 << 60)
    assert caught.value.code == "no_room"
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_copy_is_given_up_where_the_disk_fills_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cut_off_file(tmp_path / "a.mp4", 2.0)
    before = path.read_bytes()
    free = iter([10_000_000, 2_000_000, 900_000])
    monkeypatch.setattr("media.outputs.mend.LOOK_BYTES", 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=next(free)))
    with pytest.raises(MendError) as caught:
        mend(path, (), START_US, keep_free_bytes=1_000_000)
    assert caught.value.code == "no_room"
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_copy_leaves_more_than_all_reserves() -> None:
    assert kept_from_copies(Settings()) == 5_000_000_000
    assert kept_from_copies(Settings(disk_reserve_mb=9_000, disk_iso_reserve_mb=4_000)) == 10_000_000_000


def test_a_copy_that_is_not_the_same_never_takes_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cut_off_file(tmp_path / "a.mp4", 2.0)
    before = path.read_bytes()
    monkeypatch.setattr("media.outputs.mend.Content.same", lambda self, other: False)
    with pytest.raises(MendError):
        mend(path, (), START_US, keep_free_bytes=0)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


class Meddler:
    """Does something to a file in the middle of its repair."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act, self.done = act, False

    def moved(self, size_bytes: int) -> None:
        if not self.done:
            self.done = True
            self.act()


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"and more")


def write_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(44)
        file.write(b"x")
    os.utime(path, ns=(5, 7))


@pytest.mark.parametrize("act", [append, write_over])
def test_a_copy_of_a_file_that_was_written_to_meanwhile_never_takes_its_place(
    tmp_path: Path, act: Callable[[Path], None]
) -> None:
    path = cut_off_file(tmp_path / "a.mp4", 2.0)
    meddler = Meddler(lambda: act(path))
    with pytest.raises(MendError) as caught:
        mend(path, (), START_US, keep_free_bytes=0, pace=meddler.moved)
    assert caught.value.code == "busy" and meddler.done
    assert list(tmp_path.iterdir()) == [path]
    if act is append:
        assert path.read_bytes().endswith(b"and more")


def as_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that somebody has open cannot be replaced."""
    replace = Path.replace

    def refuses(one: Path, other: Path) -> Path:
        if {str(one), str(other)} & {file.path for file in psutil.Process().open_files()}:
            raise PermissionError(errno.EACCES, "it is open")
        return replace(one, other)

    monkeypatch.setattr(Path, "replace", refuses)


def test_nobody_has_the_file_open_when_the_copy_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_on_windows(monkeypatch)
    path = cut_off_file(tmp_path / "a.mp4", 2.0)
    assert not mend(path, (), START_US, keep_free_bytes=0).was_whole
    assert mend(path, (), START_US, keep_free_bytes=0).was_whole


# ---- the archive


class Shelf:
    """A journal whose engine died while it recorded, and the archive of the next one."""

    def __init__(self, top: Path, *, keep_free_bytes: int = 0) -> None:
        self.top = top
        self.store = SessionStore(Journal(top / "journal.db"))
        self.observations = Observations()
        self.archive = Archive(self.store, self.observations, keep_free_bytes=keep_free_bytes)

    async def dies_while_it_records(self, path: Path) -> None:
        """Journal what an engine had journaled of this file."""
        opened = f.SessionOpened(session_id=SESSION, title="Rapat")
        await self.store.decide("t", lambda _state: [opened], session_id=SESSION)
        now_ms = time.time_ns() // 1_000_000
        await self.store.record("t", f.RecordingStarted(recording_id="r1", path=str(path)))
        await self.store.record("t", f.RecordingConfirmed(recording_id="r1", first_at_ms=now_ms))
        await self.store.record("t", f.ChapterMarked(title="Pembukaan"))
        self.archive._in_work.clear()

    async def facts(self) -> list[f.AnyFact]:
        return [record.body for record in self.store._journal.facts(SESSION)]

    async def of(self, kind: type[f.Fact]) -> list[f.AnyFact]:
        return [fact for fact in await self.facts() if isinstance(fact, kind)]

    def verdicts(self) -> list[tuple[bool | None, str]]:
        journal = Journal.read_only(self.top / "journal.db")
        files = recorded_files(journal.of_kinds(KINDS))
        journal.close()
        return [verify.verdict(one) for one in files]


@contextlib.asynccontextmanager
async def shelf(top: Path, monkeypatch: pytest.MonkeyPatch, **how: int) -> AsyncIterator[Shelf]:
    monkeypatch.setattr(module, "START_AFTER_S", 0.0)
    one = Shelf(top, **how)
    yield one
    await one.store.close()


@contextlib.asynccontextmanager
async def at_work(one: Shelf) -> AsyncIterator[None]:
    task = asyncio.create_task(one.archive.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_next_engine_finishes_seals_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = await asyncio.to_thread(cut_off_file, tmp_path / "a.mp4")
    async with shelf(tmp_path, monkeypatch) as one:
        await one.dies_while_it_records(path)
        async with at_work(one):
            await eventually(lambda: bool(one.verdicts()[0][1].startswith("is the file that was sealed")), 30)
        (repaired,) = await one.of(f.RecordingRepaired)
        assert isinstance(repaired, f.RecordingRepaired)
        assert repaired.chapters == 1 and 3_000 < repaired.duration_ms <= 4_100
        assert [title for title, _ in titles(path)] == ["Pembukaan"]
        assert one.observations.values["repair"]["files"][0]["ok"]
        assert "repair after a crash" in one.verdicts()[0][1]
        assert verified(one, capsys) == 0
        with path.open("r+b") as file:
            file.seek(-5, 2)
            file.write(b"!")
        assert one.verdicts() == [(False, "CHANGED since it was sealed: the content is another one.")]
        assert verified(one, capsys) == 1
        path.unlink()
        assert one.verdicts()[0][1].startswith("MISSING")


def verified(one: Shelf, capsys: pytest.CaptureFixture[str]) -> int:
    code = verify.main([], {"data_dir": str(one.top)})
    said = capsys.readouterr().out
    assert ("Everything is as it was." in said) == (code == 0) and "Record: complete" in said
    return code


async def test_without_room_it_is_left_said_once_and_tried_by_the_next_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await asyncio.to_thread(cut_off_file, tmp_path / "a.mp4", 2.0)
    async with shelf(tmp_path, monkeypatch, keep_free_bytes=1 << 60) as one:
        await one.dies_while_it_records(path)
        for _ in range(2):  # two engines
            one.archive._tried.clear()
            one.observations.values.clear()
            async with at_work(one):
                await eventually(lambda: one.observations.values.get("repair", {}).get("state") == "done", 20)
        (left,) = await one.of(f.RecordingUnrepaired)
        assert isinstance(left, f.RecordingUnrepaired) and left.code == "no_room"
        assert judge(path).numbers
        assert one.verdicts()[0] == (False, verify.LEFT[RepairCode.NO_ROOM])
        one.archive.keep_free_bytes = 0
        one.archive._tried.clear()
        async with at_work(one):
            await eventually(lambda: bool(one.verdicts()[0][1].startswith("is the file that was sealed")), 20)


async def test_what_is_not_the_file_that_was_closed_gets_no_seal_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("is not sealed")
    path, pipe = tmp_path / "a.mp4", tmp_path / "b.mp4"
    path.write_bytes(b"half")
    os.mkfifo(pipe)
    async with shelf(tmp_path, monkeypatch) as one:
        await one.dies_while_it_records(path)
        await one.store.record("t", f.RecordingStopped(recording_id="r1", duration_ms=9, size_bytes=8))
        await one.store.record("t", f.RecordingStarted(recording_id="r2", path=str(pipe)))
        await one.store.record("t", f.RecordingStopped(recording_id="r2", duration_ms=9, size_bytes=8))
        for _ in range(2):  # two engines
            one.archive._tried.clear()
            one.observations.values.clear()
            async with at_work(one):
                await eventually(lambda: one.observations.values.get("repair", {}).get("state") == "done", 20)
        left = [fact for fact in await one.facts() if isinstance(fact, f.RecordingUnrepaired)]
        assert [(fact.recording_id, fact.code) for fact in left] == [("r1", "changed"), ("r2", "changed")]
        assert not await one.of(f.RecordingSealed)
        assert one.verdicts()[0][1].startswith("NOT SEALED, and not as it was closed")


async def test_a_file_that_is_being_written_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shelf(tmp_path, monkeypatch) as one:
        await one.dies_while_it_records(tmp_path / "a.mp4")
        await one.store.record("t", f.RecordingStarted(recording_id="r2", path="b.mp4", segment=2))
        assert [file.id for file in await one.archive._files()] == ["r1"]
        await one.store.record("t", f.RecordingStopped(recording_id="r2", duration_ms=1, size_bytes=1))
        assert [file.id for file in await one.archive._files()] == ["r1", "r2"]


async def test_a_file_that_a_hung_disk_may_still_write_is_not_touched_by_this_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shelf(tmp_path, monkeypatch) as one:
        await one.dies_while_it_records(tmp_path / "a.mp4")
        for name, code in (("r2", "disk_stuck"), ("r3", "disk_full")):
            await one.store.record("t", f.RecordingStarted(recording_id=name, path=name, segment=2))
            await one.store.record("t", f.RecordingFailed(recording_id=name, reason="x", code=code))
            await one.store.record("t", f.RecordingStopped(recording_id=name))
        assert [file.id for file in await one.archive._files()] == ["r1", "r3"]


async def test_a_file_that_is_busy_is_left_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shelf(tmp_path, monkeypatch) as one:
        await one.dies_while_it_records(tmp_path / "a.mp4")
        (file,) = await one.archive._files()
        await one.archive._left(file, {"code": "busy", "reason": "It was written to meanwhile."})
        assert not await one.of(f.RecordingUnrepaired) and not one.observations.values


async def test_a_seal_made_after_the_session_stands_in_its_chain(tmp_path: Path) -> None:
    store = SessionStore(Journal(tmp_path / "journal.db"))
    opened = f.SessionOpened(session_id=SESSION, title="Rapat")
    await store.decide("t", lambda _state: [opened], session_id=SESSION)
    await store.record("t", f.SessionClosed())
    sealed = f.RecordingSealed(recording_id="r", path="a.mp4", sha256="0" * 64, size_bytes=1)
    await store.record_in(SESSION, "archive", sealed)
    assert store.state.rev == 3 and (await store.verify()).ok
    await store.close()


# ---- the view of the journal


def told(*bodies: f.AnyFact) -> list[tuple[str, f.FactRecord]]:
    return [
        (SESSION, f.FactRecord(seq=n, at_ms=n * 1000, actor="t", body=b)) for n, b in enumerate(bodies, 1)
    ]


def test_the_view_knows_what_became_of_each_file() -> None:
    files = recorded_files(
        told(
            f.RecordingStarted(recording_id="a", path="a.mp4"),
            f.ChapterMarked(title="Satu"),
            f.RecordingConfirmed(recording_id="a", first_at_ms=1500),
            f.RecordingStarted(recording_id="b", path="b.mp4", segment=2, split=True),
            f.ChapterMarked(title="Dua"),
            f.RecordingConfirmed(recording_id="b", first_at_ms=5200),
            f.RecordingStopped(recording_id="a", duration_ms=3700, size_bytes=9),
            f.RecordingFailed(recording_id="b", reason="x", code="disk_full"),
            f.ChapterMarked(title="Tiga"),
            f.RecordingStopped(recording_id="b"),
        )
    )
    assert [(one.id, one.closed, one.failed_code, one.to_repair) for one in files] == [
        ("a", True, "", False),
        ("b", False, "disk_full", True),
    ]
    assert [[title for title, _ in one.chapters] for one in files] == [["Satu", "Dua", "Tiga"], ["Tiga"]]


def test_the_gap_after_a_cut_off_file_is_told_where_it_is_known() -> None:
    one = RecordedFile(SESSION, "a", "a.mp4", first_at_ms=1000)
    after = RecordedFile(SESSION, "b", "b.mp4", segment=2, first_at_ms=8000)
    other = RecordedFile(SESSION, "c", "c.mp4", segment=2, track=1, first_at_ms=2000)
    assert gap_after_ms(one, [one, after, other], 5000) == 2000
    assert gap_after_ms(one, [one, after, other], 9000) == 0
    assert gap_after_ms(after, [one, after], 5000) == 0


def test_no_gap_is_told_to_another_recording_or_by_a_clock_that_was_set() -> None:
    files = recorded_files(
        told(
            f.RecordingStarted(recording_id="a", path="a.mp4"),
            f.RecordingConfirmed(recording_id="a", first_at_ms=1_000, first_us=5_000_000),
            f.RecordingFailed(recording_id="a", reason="x", code="disk_full"),
            f.RecordingStarted(recording_id="b", path="b.mp4"),
            f.RecordingConfirmed(recording_id="b", first_at_ms=3_600_000, first_us=3_605_000_000),
            f.RecordingStarted(recording_id="c", path="c.mp4", segment=2),
            f.RecordingConfirmed(recording_id="c", first_at_ms=10_800_000, first_us=3_615_000_000),
        )
    )
    first, second, third = files
    assert gap_after_ms(first, files, 600) == 0, "another recording of the same session"
    assert gap_after_ms(second, files, 8_000) == 2_000, "the clock was set two hours on"
    third.first_at_ms = 7
    assert gap_after_ms(second, files, 8_000) == 2_000, "or back"
    third.first_us = 7
    assert gap_after_ms(second, files, 8_000) == 0, "nobody knows"


def test_verify_says_what_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = {"data_dir": str(tmp_path)}
    assert verify.main([], where) == 0, "before the first session"
    assert "No session yet" in capsys.readouterr().out
    (tmp_path / "journal.db").write_bytes(b"no journal" * 100)
    assert verify.main([], where) == 1
    assert "cannot be read" in capsys.readouterr().out
    (tmp_path / "journal.db").unlink()
    Journal(tmp_path / "journal.db").close()
    assert verify.main([], where) == 0
    assert "No session yet" in capsys.readouterr().out


async def test_verify_knows_isolated_recordings_by_their_size(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, (whole, cut, open_file) = SessionStore(Journal(tmp_path / "journal.db")), iso_paths(tmp_path)
    opened = f.SessionOpened(session_id=SESSION, title="Rapat")
    await store.decide("t", lambda _state: [opened], session_id=SESSION)
    for path in (whole, cut, open_file):
        await store.record("t", f.IsoFileStarted(participant_id="p1", path=str(path), starts_at_us=1))
    await store.record("t", f.IsoFileFinished(participant_id="p1", path=str(whole), size_bytes=4))
    await store.record("t", f.IsoFileFailed(participant_id="p1", path=str(cut)))
    await store.close()
    where = {"data_dir": str(tmp_path)}
    assert verify.main([], where) == 0
    said = capsys.readouterr().out
    assert f"ok   {whole}" in said and f"--   {cut}" in said and f"--   {open_file}" in said
    assert "have no seal" in said and "not judged yet: 2 files." in said
    whole.write_bytes(b"12")
    assert verify.main([], where) == 1
    assert "2 bytes instead of 4" in capsys.readouterr().out
    whole.write_bytes(b"1234")
    cut.unlink()
    assert verify.main([], where) == 1
    assert f"NOT  {cut}" in capsys.readouterr().out


def iso_paths(folder: Path) -> list[Path]:
    paths = [folder / f"iso_{number}.mkv" for number in range(3)]
    for path in paths:
        path.write_bytes(b"1234")
    return paths


async def test_verify_does_not_judge_what_is_open_or_not_sealed(
    tmp_path: Path, tmp_runtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, path = SessionStore(Journal(tmp_path / "journal.db")), tmp_path / "a.mp4"
    path.write_bytes(b"1234")
    opened = f.SessionOpened(session_id=SESSION, title="Rapat")
    await store.decide("t", lambda _state: [opened], session_id=SESSION)
    await store.record("t", f.RecordingStarted(recording_id="r1", path=str(path)))
    assert verify.main([], {"data_dir": str(tmp_path)}) == 0
    said = capsys.readouterr().out
    assert f"--   {path}" in said and "still open, not judged" in said and "Everything is" not in said
    await store.record("t", f.RecordingStopped(recording_id="r1", duration_ms=1000, size_bytes=4))
    assert verify.main([], {"data_dir": str(tmp_path)}) == 0
    said = capsys.readouterr().out
    assert "will be sealed at the next start" in said and "not judged yet: 1 file." in said
    await store.close()
