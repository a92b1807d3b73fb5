"""The recorder: what it writes is judged by ffprobe and by decoding, after kill -9 and on a full disk too."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from media.outputs.mp4file import Chapter, HybridMp4, chapter_list
from media.outputs.packetqueue import DropGate, PacketQueue
from media.outputs.recorder import Recorder
from media.outputs.state import OutputState, StateLine
from media.outputs.tail import DamagedTailError, complete_until, drop_without_data, fragments_until
from media.packet import EncodedPacket
from media.reason import RecorderCode
from tests.media.program_signal import SMALL, SOUND, START_US, ProgramSignal, judge

CHILD = Path(__file__).with_name("recording_child.py")


def record(path: Path, seconds: float, chapters: tuple[Chapter, ...] = ()) -> Recorder:
    program = ProgramSignal()
    recorder = Recorder(path, SMALL, SOUND, program.request_key)
    for packet in program.packets(seconds):
        assert recorder.push_video(packet) if packet.is_video else recorder.push_audio(packet)
    recorder.stop(chapters)
    assert recorder.join(10)
    return recorder


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def ffprobe(path: Path) -> dict[str, object]:
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_streams",
        "-show_format",
        "-show_chapters",
        "-of",
        "json",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_recording_is_an_ordinary_mp4_with_sound_in_sync_and_chapters(tmp_path: Path) -> None:
    path = tmp_path / "rapat.mp4"
    chapters = (Chapter("Sambutan — Ñandú", START_US + 3_000_000), Chapter("Pembukaan", START_US))
    recorder = record(path, 6, chapters)
    status = recorder.status()
    assert status.state is OutputState.STOPPED
    assert status.duration_us == pytest.approx(6_000_000, abs=20)
    assert status.verified_us is not None
    assert status.written_bytes == path.stat().st_size

    found = ffprobe(path)
    streams = found["streams"]
    assert isinstance(streams, list)
    assert [s["codec_name"] for s in streams] == ["h264", "aac"]
    assert streams[0]["nb_frames"] == "180"
    assert streams[0]["color_space"] == "smpte170m"
    titles = [(c["tags"]["title"], float(c["start_time"])) for c in found["chapters"]]  # type: ignore[attr-defined]
    assert titles == [("Pembukaan", 0.0), ("Sambutan — Ñandú", 3.0)]
    seen = judge(path)
    assert seen.numbers == list(range(180))
    assert seen.flashes_s == pytest.approx([0, 1, 2, 3, 4, 5], abs=0.001)
    assert len(seen.beeps_s) == 6
    assert seen.worst_skew_s() < 0.02


def test_a_recording_begins_with_a_key_picture_it_asked_for(tmp_path: Path) -> None:
    program = ProgramSignal()
    early = list(program.packets(0.5))
    path = tmp_path / "a.mp4"
    recorder = Recorder(path, SMALL, SOUND, program.request_key)
    wait_until(path.exists)
    wait_until(lambda: program.encoder._key_wanted)
    for packet in [p for p in early if not p.key] + list(program.packets(2)):
        recorder.push_video(packet)
    recorder.stop()
    assert recorder.join(10)
    seen = judge(path)
    assert seen.numbers == list(range(15, 75))
    assert seen.worst_skew_s() < 0.02


def test_states_only_move_forward() -> None:
    line = StateLine()
    assert line.advance(OutputState.STARTED)
    assert line.advance(OutputState.STOPPING)
    assert not line.advance(OutputState.STARTED)
    assert line.advance(OutputState.STOPPED)
    assert not line.advance(OutputState.FAILED)
    assert line.state is OutputState.STOPPED


def test_a_recording_without_a_single_picture_leaves_no_file(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.mp4", SMALL, SOUND, lambda: None)
    recorder.stop()
    assert recorder.join(10)
    assert recorder.state is OutputState.STOPPED
    assert list(tmp_path.iterdir()) == []


def test_what_comes_after_stop_is_refused(tmp_path: Path) -> None:
    program = ProgramSignal()
    packets = list(program.packets(2))
    recorder = Recorder(tmp_path / "a.mp4", SMALL, SOUND, program.request_key)
    for packet in packets[:80]:
        recorder.push_video(packet)
    recorder.stop()
    assert not recorder.push_video(packets[80])
    assert recorder.join(10)


def test_an_existing_file_is_never_overwritten(tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    expect_log("A file of this name exists already")
    path = tmp_path / "a.mp4"
    path.write_bytes(b"yesterday")
    recorder = Recorder(path, SMALL, SOUND, lambda: None)
    assert recorder.join(10)
    reason = recorder.status().reason
    assert recorder.state is OutputState.FAILED
    assert reason is not None and reason.code == "file_exists"
    assert path.read_bytes() == b"yesterday"


def test_a_missing_folder_is_a_plain_failure(tmp_path: Path, expect_log: Callable[[str], None]) -> None:
    expect_log("The folder does not exist")
    changes: list[int] = []
    path = tmp_path / "no" / "a.mp4"
    recorder = Recorder(path, SMALL, SOUND, lambda: None, on_change=lambda: changes.append(1))
    assert recorder.join(10)
    reason = recorder.status().reason
    assert reason is not None and reason.code == "folder_missing"
    assert changes == [1]


@pytest.mark.parametrize("place", ["write", "close"])
def test_a_fault_of_the_program_leaves_no_open_file_and_no_thread(
    tmp_path: Path, expect_log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    expect_log("ended by a fault of the program")
    expect_log("The recorder had an internal fault")
    real, calls = getattr(HybridMp4, place), []

    def broken(file: HybridMp4, given: object) -> bool:
        calls.append(given)
        if place == "close" or len(calls) > 120:
            raise ZeroDivisionError
        return bool(real(file, given))

    monkeypatch.setattr(HybridMp4, place, broken)
    program = ProgramSignal()
    path = tmp_path / "a.mp4"
    recorder = Recorder(path, SMALL, SOUND, program.request_key)
    for packet in program.packets(4):
        recorder.push(packet)
    recorder.stop()
    assert recorder.join(10)
    reason = recorder.status().reason
    assert reason is not None and reason.code == "internal"
    assert recorder._file is not None and recorder._file.written_bytes == -1, "closed"
    assert "recorder-sync" not in {thread.name for thread in threading.enumerate()}
    assert judge(path).numbers[:20] == list(range(20)), "what was written can be played"


def test_the_growing_file_is_synced_and_read_back(tmp_path: Path) -> None:
    program = ProgramSignal()
    recorder = Recorder(tmp_path / "a.mp4", SMALL, SOUND, program.request_key, sync_s=0.05)
    for packet in program.packets(4):
        recorder.push_video(packet)
    wait_until(lambda: recorder.status().verified_us is not None)
    recorder.stop()
    assert recorder.join(10)


def test_a_sync_that_fails_is_said_and_tried_again_and_the_lost_part_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("sync failed|earlier sync failed")
    refused: list[int] = []

    def broken(descriptor: int) -> None:
        refused.append(descriptor)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def unsure() -> object:
        reason = recorder.status().unsure
        return reason and reason.code

    program = ProgramSignal()
    with monkeypatch.context() as disk:
        disk.setattr(os, "fdatasync", broken)
        recorder = Recorder(tmp_path / "a.mp4", SMALL, SOUND, program.request_key, sync_s=0.02)
        for packet in program.packets(4):
            recorder.push(packet)
        wait_until(lambda: len(refused) > 3 and unsure() is RecorderCode.NOT_SYNCED)
        assert recorder.status().verified_us is None and recorder.state is OutputState.STARTED
    wait_until(lambda: recorder.status().verified_us is not None)
    wait_until(lambda: unsure() is RecorderCode.DAMAGED)
    recorder.stop()
    assert recorder.join(10) and recorder.status().state is OutputState.STOPPED


@pytest.mark.parametrize("how", ["deleted", "moved with its folder", "another in its place"])
def test_a_file_that_is_taken_away_is_no_recording_any_more(
    how: str, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("was taken away")
    program, folder = ProgramSignal(), tmp_path / "rekaman"
    folder.mkdir()
    path = folder / "a.mp4"
    recorder = Recorder(path, SMALL, SOUND, program.request_key, sync_s=0.02)
    for packet in program.packets(2):
        recorder.push(packet)
    wait_until(lambda: recorder.status().verified_us is not None)
    if how == "moved with its folder":
        folder.rename(tmp_path / "lain")
    else:
        path.unlink()
    if how == "another in its place":
        path.write_bytes(b"x")
    wait_until(lambda: recorder.state is OutputState.FAILED)
    reason = recorder.status().reason
    assert reason is not None and reason.code is RecorderCode.FILE_GONE
    assert recorder.join(10)
    if how == "moved with its folder":
        assert judge(tmp_path / "lain" / "a.mp4").numbers[:20] == list(range(20)), "whole where it is now"


def test_a_file_that_is_taken_away_before_the_first_look_is_noticed_at_the_end(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("was taken away")
    program, path = ProgramSignal(), tmp_path / "a.mp4"
    recorder = Recorder(path, SMALL, SOUND, program.request_key, sync_s=60.0)
    for packet in program.packets(2):
        recorder.push(packet)
    wait_until(lambda: recorder.state is OutputState.STARTED)
    path.unlink()
    recorder.stop()
    reason = recorder.status().reason if recorder.join(10) else None
    assert reason is not None and reason.code is RecorderCode.FILE_GONE


def test_foreign_bytes_in_the_tail_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    record(path, 2)
    size = path.stat().st_size
    with open(path, "r+b") as file:
        assert complete_until(file, 0, size) == size
        file.seek(size)
        file.write(b"\0" * 64)
        file.flush()
        with pytest.raises(DamagedTailError):
            complete_until(file, 0, size + 64)


def test_chapters_are_sorted_clipped_and_closed() -> None:
    chapters = [Chapter("b", 4_000_000), Chapter("a", 500_000), Chapter("late", 99_000_000)]
    found = chapter_list(chapters, first_us=1_000_000, duration_us=10_000_000)
    assert [(c["metadata"]["title"], c["start"], c["end"]) for c in found] == [
        ("a", 0, 3000),
        ("b", 3000, 10_000),
    ]


def packet(key: bool, size: int = 1000) -> EncodedPacket:
    return EncodedPacket(bytes(size), 0, 0, key, "h264")


def test_the_gate_drops_to_the_next_key_picture() -> None:
    gate = DropGate(10_000)
    assert gate.admits(packet(False), 9_000)
    assert not gate.admits(packet(False), 11_000)
    assert not gate.admits(packet(False), 0)
    assert gate.wants_key(0)
    assert not gate.admits(packet(True), 6_000)
    assert gate.admits(packet(True), 5_000)
    assert gate.admits(packet(False), 5_000)
    assert gate.admits(EncodedPacket(b"", 0, 0, True, "aac"), 15_000)


def test_a_stuck_reader_costs_pictures_and_asks_for_one_key_picture() -> None:
    asked: list[int] = []
    queue = PacketQueue(10_000, lambda: asked.append(1))
    taken = [queue.put(packet(False)) for _ in range(30)]
    assert taken == [True] * 11 + [False] * 19
    assert queue.counters.dropped_video == 19
    assert asked == []
    while queue.waiting_bytes:
        assert queue.get(0)
    for _ in range(3):
        assert not queue.put(packet(False))
    assert asked == [1]
    assert queue.put(packet(True))


def run_child(*arguments: str, file_limit: int = 0) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "FILE_LIMIT": str(file_limit)}
    return subprocess.Popen(
        [sys.executable, str(CHILD), *arguments], stdout=subprocess.PIPE, text=True, env=environment
    )


def test_kill_9_loses_at_most_a_second(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    child = run_child(str(path), "1000")
    assert child.stdout is not None
    ticks = 0
    deadline = time.monotonic() + 5.3
    while time.monotonic() < deadline:
        ticks = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split()
    child.stdout.close()
    child.wait()
    ticks = int(rest[-1]) if rest else ticks
    ffprobe(path)
    seen = judge(path)
    assert ticks > 90
    assert ticks - len(seen.numbers) <= SMALL.fps
    assert seen.numbers == list(range(len(seen.numbers)))
    assert seen.worst_skew_s() < 0.02


def test_a_full_disk_fails_with_a_reason_and_leaves_a_playable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    child = run_child(str(path), "20", "fast", file_limit=400_000)
    output, _ = child.communicate(timeout=30)
    assert output.split("\n")[-2].startswith("failed file_too_large")
    assert 350_000 < path.stat().st_size <= 400_000
    seen = judge(path)
    assert len(seen.numbers) > 60
    assert seen.numbers == list(range(len(seen.numbers)))
    assert seen.worst_skew_s() < 0.02


def test_a_disk_that_fills_up_at_the_very_end_leaves_a_playable_file(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole.mp4", 4).status().written_bytes
    path = tmp_path / "a.mp4"
    child = run_child(str(path), "4", "fast", file_limit=whole - 2500)
    output, _ = child.communicate(timeout=30)
    assert output.split("\n")[-2].startswith("failed file_too_large")
    seen = judge(path).numbers
    # Sizes differ a little from run to run: the limit falls into the index or into the last fragment.
    assert seen == list(range(len(seen))) and len(seen) >= 120 - SMALL.fps // 2


def test_sound_that_goes_on_longer_than_the_picture_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    """On a starved machine the picture stops seconds before the sound; the file is whole all the same."""
    program = ProgramSignal()
    recorder = Recorder(tmp_path / "a.mp4", SMALL, SOUND, program.request_key)
    for packet in program.packets(4.0):
        if not packet.is_video or packet.stamp_us < program.start_us + 1_500_000:
            recorder.push_video(packet)
    recorder.stop()
    assert recorder.join(10)
    assert recorder.state is OutputState.STOPPED


def box(kind: bytes, size: int = 16) -> bytes:
    return size.to_bytes(4, "big") + kind + bytes(size - 8)


@pytest.mark.parametrize(
    ("tail", "whole"),
    [
        (b"", 64),
        (box(b"moof"), 64),
        (box(b"moof") + box(b"mdat", 400)[:100], 64),
        (box(b"moof")[:7], 64),
        (box(b"moof") + box(b"mdat"), 96),
    ],
)
def test_of_a_torn_end_no_index_without_its_data_is_left(tmp_path: Path, tail: bytes, whole: int) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(box(b"ftyp") + box(b"moov") + box(b"moof") + box(b"mdat") + tail)
    with path.open("rb") as file:
        assert fragments_until(file, path.stat().st_size) == whole


def test_a_recording_cut_off_before_its_first_fragment_is_taken_away_and_no_other(tmp_path: Path) -> None:
    empty, whole, foreign = tmp_path / "a.mp4", tmp_path / "b.mp4", tmp_path / "c.mp4"
    empty.write_bytes(box(b"ftyp"))
    record(whole, 2)
    foreign.write_bytes(b"something else entirely, not a recording")
    dropped = [drop_without_data(path) for path in (empty, whole, foreign, tmp_path / "missing.mp4")]
    assert dropped == [True, False, False, False]
    assert sorted(tmp_path.iterdir()) == [whole, foreign]


def test_only_a_file_without_any_data_is_worth_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    for content, whole in (
        (box(b"ftyp") + box(b"moov") + box(b"moof"), 0),
        (b"", 0),
        (box(b"ftyp") + box(b"mdat", 400) + box(b"moov"), 432),
        (box(b"ftyp") + box(b"mdat", 400) + box(b"moov")[:9], 416),
    ):
        path.write_bytes(content)
        with path.open("rb") as file:
            assert fragments_until(file, len(content)) == whole
