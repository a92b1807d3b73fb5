"""The close of a recording and a power cut: its order on the disk, and what is left of a torn one."""

from __future__ import annotations

import errno
import os
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from media.outputs.mend import MendError, mend
from media.outputs.mp4file import Chapter, HybridMp4
from media.outputs.recorder import Recorder
from media.outputs.reopen import take_back_close
from media.outputs.state import OutputState
from media.outputs.tail import DamagedTailError, box_kinds, drop_without_data, fragments_until
from media.reason import RecorderCode
from tests.media.program_signal import SMALL, SOUND, START_US, ProgramSignal, judge

CHAPTERS = (Chapter("Pembukaan", START_US + 500_000),)
HEAD = slice(36, 52)
"""Where the boxes stand that become the header of one mdat."""
WHILE_IT_GREW = struct.pack(">I4sI4s", 8, b"free", 44, b"free")


def write_and_close(path: Path) -> None:
    file = HybridMp4(path, SMALL, SOUND)
    for packet in ProgramSignal().packets(3.0):
        file.write(packet)
    file.close(CHAPTERS)
    assert file.synced


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording of 3 s that was closed."""
    path = tmp_path_factory.mktemp("whole") / "a.mp4"
    write_and_close(path)
    return path.read_bytes()


def end_of_data(content: bytes) -> int:
    """Where the one mdat ends and the index begins."""
    end = 44 + int.from_bytes(content[44:48], "big")
    assert content[48:52] == b"mdat" and content[end + 4 : end + 8] == b"moov"
    return end


def large_header(path: Path, mdat_end: int) -> None:
    """The header that FFmpeg writes over a file of more than 4 GB."""
    with path.open("r+b") as file:
        file.seek(HEAD.start)
        file.write(struct.pack(">I4sQ", 1, b"mdat", mdat_end - HEAD.start))


def test_everything_is_on_the_disk_before_the_head_is_written_over_and_again_before_it_counts_as_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real = tmp_path / "a.mp4", os.fsync
    on_disk: list[bytes] = []

    def fsync(descriptor: int) -> None:
        real(descriptor)
        on_disk.append(path.read_bytes())

    monkeypatch.setattr(os, "fsync", fsync)
    write_and_close(path)
    before, after = on_disk
    assert before[HEAD] == WHILE_IT_GREW and after[HEAD] != WHILE_IT_GREW
    assert before[HEAD.stop :] == after[HEAD.stop :], "the last fragment and the index stand already"
    assert path.read_bytes() == after, "nothing is written after the last sync"
    # A power cut between the two leaves fragments with an index behind them.
    path.write_bytes(before)
    assert len(judge(path).numbers) == 90
    assert mend(path, CHAPTERS, START_US, keep_free_bytes=0).chapters == 1
    assert len(judge(path).numbers) == 90


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(("cut", "pictures"), [(-500, 80), (0, 90), (6, 90), (500, 90)])
def test_a_close_that_reached_the_disk_in_part_is_taken_back_and_finished(
    tmp_path: Path, whole: bytes, cut: int, pictures: int, large: bool
) -> None:
    path, mdat_end = tmp_path / "a.mp4", end_of_data(whole)
    path.write_bytes(whole)
    if large:
        large_header(path, mdat_end)
        assert not take_back_close(path) and len(judge(path).numbers) == 90, "it is whole"
    os.truncate(path, mdat_end + cut)
    os.utime(path, ns=(5, 7_000))
    assert not drop_without_data(path) and path.exists()
    done = mend(path, CHAPTERS, START_US, keep_free_bytes=0)
    assert (done.chapters, done.was_whole) == (1, False)
    numbers = judge(path).numbers
    assert numbers == list(range(len(numbers))) and pictures <= len(numbers) <= 90
    assert path.stat().st_mtime_ns == 7_000, "its date is that of the recording"


def test_without_room_for_a_copy_a_torn_close_plays_all_the_same(tmp_path: Path, whole: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(whole[: end_of_data(whole)])
    with pytest.raises(MendError) as caught:
        mend(path, CHAPTERS, START_US, keep_free_bytes=1 << 60)
    assert caught.value.code == "no_room"
    assert len(judge(path).numbers) == 90


def test_a_closed_file_and_a_growing_one_are_left_alone(tmp_path: Path, whole: bytes) -> None:
    path, growing, short = (tmp_path / name for name in ("a.mp4", "b.mp4", "c.mp4"))
    path.write_bytes(whole)
    growing.write_bytes(whole[: HEAD.start] + WHILE_IT_GREW + whole[HEAD.stop :])
    short.write_bytes(whole[:60])
    before = [one.read_bytes() for one in (path, growing, short)]
    assert [take_back_close(one) for one in (path, growing, short)] == [False] * 3
    assert [one.read_bytes() for one in (path, growing, short)] == before
    with path.open("rb") as file:
        assert box_kinds(file, path.stat().st_size) == {b"ftyp", b"free", b"mdat", b"moov"}


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("gone", [100, 5_003, 20_000])
def test_zeros_at_the_end_cost_what_they_stand_for_and_no_more(
    tmp_path: Path, whole: bytes, gone: int, closed: bool
) -> None:
    path, mdat_end, content = tmp_path / "a.mp4", end_of_data(whole), whole
    if not closed:
        content = content[: HEAD.start] + WHILE_IT_GREW + content[HEAD.stop : mdat_end]
    behind = len(content) - mdat_end if gone > 100 else 0
    path.write_bytes(content[: mdat_end - gone] + bytes(gone + behind))
    assert mend(path, CHAPTERS, START_US, keep_free_bytes=0).chapters == 1
    numbers = judge(path).numbers
    assert numbers == list(range(len(numbers))) and len(numbers) >= 60


def test_zeros_in_place_of_a_box_head_end_the_file_and_other_bytes_do_not(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    whole = box(b"ftyp") + box(b"moov") + box(b"moof") + box(b"mdat")
    for tail in (bytes(1), bytes(8), bytes(3_000_000), (300).to_bytes(4, "big") + b"moo" + bytes(5_000)):
        path.write_bytes(whole + tail)
        with path.open("rb") as file:
            assert fragments_until(file, len(whole + tail)) == len(whole)
    for content in (
        whole + bytes(5_000) + b"x",
        whole + box(b"else", 80),
        bytes(100),
        box(b"ftyp") + bytes(90),
    ):
        path.write_bytes(content)
        with path.open("rb") as file, pytest.raises(DamagedTailError):
            fragments_until(file, len(content))


def box(kind: bytes, size: int = 16) -> bytes:
    return size.to_bytes(4, "big") + kind + bytes(size - 8)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (box(b"ftyp") + box(b"moov"), "empty"),
        (box(b"ftyp") + box(b"moov") + box(b"mdat", 400)[:300], "damaged"),
        (box(b"ftyp") + box(b"mdat", 400)[:300], "damaged"),
        (box(b"ftyp") + box(b"free", 1_500_000), "damaged"),
    ],
)
def test_a_file_whose_data_cannot_be_read_is_kept_and_never_called_empty(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(MendError) as caught:
        mend(path, (), START_US, keep_free_bytes=0)
    assert caught.value.code == code and path.read_bytes() == content
    assert drop_without_data(path) == (code == "empty") and path.exists() == (code != "empty")


@pytest.mark.parametrize(
    ("error", "state"), [(errno.EIO, OutputState.FAILED), (errno.EINVAL, OutputState.STOPPED)]
)
def test_a_disk_that_refuses_the_last_sync_is_told_and_one_that_knows_none_proves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expect_log: Callable[[str], None],
    error: int,
    state: OutputState,
) -> None:
    if state is OutputState.FAILED:
        expect_log("refused to write")

    def broken(_descriptor: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", broken)
    program, path = ProgramSignal(), tmp_path / "a.mp4"
    recorder = Recorder(path, SMALL, SOUND, program.request_key, sync_s=60.0)
    for packet in program.packets(2):
        recorder.push(packet)
    recorder.stop(CHAPTERS)
    assert recorder.join(10)
    status = recorder.status()
    assert (status.state, status.verified_us) == (state, None)
    assert status.reason is None or status.reason.code is RecorderCode.DISK_ERROR
    assert len(judge(path).numbers) == 60, "what is there plays"


def test_a_disk_that_takes_long_for_the_last_sync_holds_the_recorder_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda descriptor: let_go.wait(30))
    program, path = ProgramSignal(), tmp_path / "a.mp4"
    recorder = Recorder(path, SMALL, SOUND, program.request_key, sync_s=60.0)
    for packet in program.packets(2):
        recorder.push(packet)
    recorder.stop(CHAPTERS)
    assert not recorder.join(0.5)
    status = recorder.status()
    assert status.state is OutputState.FAILED and status.verified_us is None
    assert status.reason is not None and status.reason.code is RecorderCode.DISK_STUCK
    let_go.set()
    assert recorder.join(10)
    assert len(judge(path).numbers) == 60, "it is whole once the disk lets go"
