"""An isolated recording whose room worker was killed gets its index, and only once nobody writes to it."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from media.outputs.isomend import mend_iso
from media.outputs.mend import MendError
from operator_console import verify
from operator_console.journal import Journal
from operator_console.library.recordings import ISO_KINDS, IsoFile, iso_files
from operator_console.session import facts as f
from tests.media.iso_kit import complaints, judged
from tests.media.test_iso_recording import SlowDisk
from tests.unit.engine_kit import eventually
from tests.unit.test_engine_archive import SESSION, Meddler, Shelf, append, as_on_windows, at_work, shelf


def cut_off_iso(path: Path) -> Path:
    """What a kill leaves of an isolated recording: the growing file as it was at one moment."""
    disk = SlowDisk(path.parent, 1 << 22)
    disk.push(90, key_after=15)
    disk.stream.writer.pump(1)
    growing = disk.stream.writer.path
    assert growing is not None
    shutil.copy(growing, path)
    disk.stream.writer.close()
    growing.unlink()
    return path


def test_a_cut_off_file_gets_its_index_packet_for_packet(tmp_path: Path) -> None:
    path = cut_off_iso(tmp_path / "a.mkv")
    before = judged(path)
    assert before.duration_s == 0.0, "it was cut off"
    done = mend_iso(path, keep_free_bytes=0)
    after = judged(path)
    assert (after.picture_s, after.sound_s) == (before.picture_s, before.sound_s)
    assert (after.tags["title"], after.tags["creation_time"]) == (
        before.tags["title"],
        before.tags["creation_time"],
    )
    assert after.duration_s == pytest.approx(done.duration_us / 1e6, abs=0.1) and after.duration_s > 4.0
    assert complaints(path) == "" and not done.was_whole
    assert mend_iso(path, keep_free_bytes=1 << 60).was_whole, "a second time there is nothing to do"
    assert list(tmp_path.iterdir()) == [path]


def test_a_torn_end_costs_what_is_torn(tmp_path: Path) -> None:
    path = cut_off_iso(tmp_path / "a.mkv")
    pictures = len(judged(path).picture_s)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 9_000)
    mend_iso(path, keep_free_bytes=0)
    assert pictures - 30 < len(judged(path).picture_s) < pictures


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"something else entirely" * 400, "damaged"), (None, "missing")],
)
def test_what_cannot_be_finished_stays_as_it_is(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / "a.mkv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MendError) as caught:
        mend_iso(path, keep_free_bytes=0)
    assert caught.value.code == code
    assert (path.read_bytes() if content is not None else None) == content


@pytest.mark.parametrize(("keep_free", "quiet_s", "code"), [(1 << 60, 0, "no_room"), (0, 60, "busy")])
def test_without_room_or_while_it_is_written_it_is_left_alone(
    tmp_path: Path, keep_free: int, quiet_s: float, code: str
) -> None:
    path = cut_off_iso(tmp_path / "a.mkv")
    before = path.read_bytes()
    with pytest.raises(MendError) as caught:
        mend_iso(path, keep_free_bytes=keep_free, quiet_s=quiet_s)
    assert caught.value.code == code
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_copy_that_is_not_the_same_never_takes_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cut_off_iso(tmp_path / "a.mkv")
    before = path.read_bytes()
    monkeypatch.setattr("media.outputs.mend.Content.same", lambda self, other: False)
    with pytest.raises(MendError):
        mend_iso(path, keep_free_bytes=0)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_a_copy_takes_the_place_of_what_nobody_wrote_to_meanwhile_and_nobody_has_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_on_windows(monkeypatch)
    path = cut_off_iso(tmp_path / "a.mkv")
    meddler = Meddler(lambda: append(path))
    with pytest.raises(MendError) as caught:
        mend_iso(path, keep_free_bytes=0, pace=meddler.moved)
    assert caught.value.code == "busy" and meddler.done
    assert path.read_bytes().endswith(b"and more") and list(tmp_path.iterdir()) == [path]
    assert not mend_iso(path, keep_free_bytes=0).was_whole


# ---- the archive


async def recorded(one: Shelf, path: Path) -> None:
    """Journal that a participant is recorded by himself into a file."""
    opened = f.SessionOpened(session_id=SESSION, title="Rapat")
    await one.store.decide("t", lambda _state: [opened], session_id=SESSION)
    begun = f.IsoRecordingStarted(participant_id="p1", folder=str(path.parent), stem="a")
    await one.store.record("t", begun, f.IsoFileStarted(participant_id="p1", path=str(path), starts_at_us=1))


def journaled(one: Shelf) -> IsoFile:
    journal = Journal.read_only(one.top / "journal.db")
    (found,) = iso_files(journal.of_kinds(ISO_KINDS))
    journal.close()
    return found


async def test_it_is_finished_when_nothing_is_recorded_any_more_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cut_off_iso(tmp_path / "a.mkv")
    async with shelf(tmp_path, monkeypatch) as one:
        await recorded(one, path)
        assert not await one.archive._isos(), "it is being written"
        await one.store.record("t", f.IsoFileFailed(participant_id="p1", path=str(path), code="worker_lost"))
        assert not await one.archive._isos(), "the next file of this session is being written"
        async with at_work(one):
            await one.store.record("t", f.IsoRecordingStopped(participant_id="p1"))
            await eventually(lambda: journaled(one).repaired, 30)
            await eventually(lambda: one.observations.values["repair"]["state"] == "done", 20)
        (told,) = one.observations.values["repair"]["files"]
        assert told["ok"] and told["iso"] and told["duration_ms"] > 4000
        assert journaled(one).size_bytes == path.stat().st_size
        assert verify.iso_verdict(journaled(one))[0] is True
        assert not await one.archive._isos()
    assert judged(path).duration_s > 4.0


async def test_where_nobody_said_that_it_ended_it_must_have_been_quiet_for_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cut_off_iso(tmp_path / "a.mkv")
    async with shelf(tmp_path, monkeypatch) as one:
        await recorded(one, path)
        await one.store.record("t", f.IsoRecordingStopped(participant_id="p1"))
        assert not await one.archive._isos(), "the room worker is about to finish it"
        await one.store.record("t", f.SessionClosed())
        (open_one,) = await one.archive._isos()
        assert not open_one.failed
        await one.archive._repair_iso(open_one)
        assert not journaled(one).repaired and not journaled(one).left_code
        old_s = time.time() - 3600
        os.utime(path, (old_s, old_s))
        await one.archive._repair_iso(open_one)
        assert journaled(one).repaired
        await one.archive._dismiss()
