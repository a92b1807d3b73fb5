"""Two paths of one recording, a reserve, a pause, a split: each path on its own, no picture lost."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from media.clock import now_us
from media.outputs.recorder import RecorderStatus
from media.outputs.state import OutputState
from media.reason import Reason, RecorderCode
from operator_console.engine import lane as lane_module
from operator_console.engine import recordingfiles
from operator_console.engine.recording import split_due
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.settings import Settings
from tests.media.program_signal import judge
from tests.unit import disk_kit
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import Deck, PushedProgram, deck


def second_folder(one: Deck, second_recording: str = "both") -> Path:
    """Give the recording a second folder."""
    folder = one.folder.with_name("second")
    one.settings = replace(one.settings, second_recording_dir=str(folder), second_recording=second_recording)
    one.recording.take_settings(one.settings)
    return folder


def path_seen(one: Deck, track: int) -> dict[str, object]:
    one.recording.observe()
    paths = one.observations.values.get("recorder", {}).get("paths", [])
    return next((path for path in paths if path["track"] == track), {})


async def recorded(one: Deck, seconds: float, track: int = 0) -> None:
    await eventually(lambda: float(str(path_seen(one, track).get("seconds", 0))) >= seconds)


async def test_both_folders_get_the_whole_recording(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        folder = second_folder(one)
        await one.recording.start("a")
        await recorded(one, 1.0, 1)
        await one.recording.stop("a")
        facts = await one.facts()
        started = [fact for fact in facts if isinstance(fact, f.RecordingStarted)]
        assert {fact.track for fact in started} == {0, 1}
        assert len([fact for fact in facts if isinstance(fact, f.RecordingStopped)]) == 2
        (first,), (second,) = one.files(), folder.glob("*.mp4")
        for path in (first, second):
            numbers = judge(path).numbers
            assert len(numbers) >= 25 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert not one.store.state.recording_wanted


async def test_a_second_folder_that_hangs_never_holds_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "CLOSE_S", 0.5)
    disks = disk_kit.put_in(monkeypatch)
    async with deck(tmp_path) as one:
        folder = second_folder(one)
        await one.recording.start("a")
        await recorded(one, 0.5, 1)
        disks.hang(folder)
        # Well beyond the three seconds after which a disk is called stuck.
        await eventually(lambda: path_seen(one, 1).get("code") == "disk_stuck", 20)
        before = float(str(path_seen(one, 0)["seconds"]))
        await recorded(one, before + 1.0, 0)
        assert path_seen(one, 0)["phase"] == "started" and path_seen(one, 0)["code"] == ""
        begun_s = time.monotonic()
        await one.recording.stop("a", patient=False)
        assert time.monotonic() - begun_s < 5
        (first,) = one.files()
        numbers = judge(first).numbers
        assert [(b - a) % 256 for a, b in pairwise(numbers)] == [1] * (len(numbers) - 1)
        await eventually(lambda: not one.store.state.recording_wanted)
        second = one.store.state.second_recording
        assert second is not None and second.code == "disk_stuck"
        disks.let_go()


async def test_a_folder_that_does_not_even_open_is_said_and_the_first_begins_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("the second path: The recording cannot be written")
    let_go = asyncio.Event()
    loop = asyncio.get_running_loop()
    real = recordingfiles.free_path

    def slow(folder: Path, name: str, *, shared: bool = False) -> Path:
        if folder.name == "second":
            asyncio.run_coroutine_threadsafe(let_go.wait(), loop).result()
        return real(folder, name, shared=shared)

    monkeypatch.setattr(lane_module, "free_path", slow)
    async with deck(tmp_path) as one:
        second_folder(one)
        begun_s = time.monotonic()
        await one.recording.start("a")
        assert time.monotonic() - begun_s < 4
        await eventually(lambda: one.store.state.second_recording is not None, 15)
        second = one.store.state.second_recording
        assert second is not None and (second.code, second.retrying) == ("disk_stuck", True)
        await recorded(one, 0.5)
        let_go.set()
        await one.recording.stop("a")
        assert not one.store.state.recording_wanted


async def test_where_only_the_second_folder_takes_it_the_recording_runs_and_the_first_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_module, "RETRY_S", 0.2)
    async with deck(tmp_path) as one:
        second_folder(one)
        one.folder.touch()  # a file where the folder should be
        path = await one.recording.start("a")
        assert "second" in path
        assert one.store.state.recording_wanted
        first = one.store.state.recording
        assert first is not None and first.retrying and first.code
        one.folder.unlink()
        await eventually(lambda: one.recording.first.running)
        await recorded(one, 0.3)


async def test_a_second_folder_that_refuses_at_once_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    """Before the first file is in the journal: nobody knows then that there is a recording."""
    expect_log("the second path: The recording cannot be written")
    expect_log("next segment: The recording cannot be written")
    monkeypatch.setattr(lane_module, "RETRY_S", 0.2)
    async with deck(tmp_path) as one:
        folder = second_folder(one)
        folder.touch()  # a file where the folder should be
        await one.recording.start("a")
        await eventually(lambda: one.store.state.second_recording is not None)
        second = one.store.state.second_recording
        assert second is not None and second.retrying and second.code
        await eventually(lambda: one.recording.second._attempts > 1)  # refused once more
        folder.unlink()
        await eventually(lambda: path_seen(one, 1).get("phase") == "started", 20)
        await one.recording.stop("a")


async def test_where_no_folder_takes_it_nobody_is_promised_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("the second path")
    monkeypatch.setattr("operator_console.engine.recording.START_S", 0.2)
    async with deck(tmp_path) as one:
        second_folder(one).touch()
        one.folder.touch()
        with pytest.raises(OperatorError):
            await one.recording.start("a")
        await eventually(lambda: not one.store.state.recording_wanted)
        assert not one.recording.needs_packets


async def test_a_full_first_disk_goes_on_in_the_reserve_without_a_hole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("failed: The disk is full")
    disks = disk_kit.put_in(monkeypatch)
    async with deck(tmp_path) as one:
        folder = second_folder(one, second_recording="reserve")
        await one.recording.start("a")
        await recorded(one, 2.6)
        assert not folder.exists(), "the reserve is not touched before"
        disks.full.add(one.folder)
        begun_s = time.monotonic()
        await eventually(lambda: one.recording.first.path is not None and folder.exists())
        assert time.monotonic() - begun_s < 5
        await recorded(one, 1.0)
        await one.recording.stop("a")
        (before,), (after,) = one.files(), folder.glob("*.mp4")
        end, begin = judge(before).numbers[-1], judge(after).numbers[0]
        assert begin <= end + 1, "the next file begins where the last ended, or before"
        numbers = judge(after).numbers
        assert numbers == list(range(begin, begin + len(numbers)))


async def test_a_pause_closes_the_file_and_going_on_begins_the_next(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        second_folder(one)
        await one.recording.start("a")
        await recorded(one, 0.5)
        await one.recording.pause("a")
        await one.recording.pause("a")
        state = one.store.state
        assert state.recording_paused_at_ms and not state.recording_wanted and not one.recording.running
        assert one.observations.values["recorder"]["paused_since_ms"]
        assert not one.recording.needs_packets
        await one.store.record("a", f.ChapterMarked(title="Sesudah jeda"))
        path = await one.recording.unpause("a")
        assert path == await one.recording.unpause("a")
        assert not one.store.state.recording_paused_at_ms and one.store.state.recording_wanted
        await recorded(one, 0.5)
        await recorded(one, 0.5, 1)
        await one.recording.stop("a")
        started = [fact for fact in await one.facts() if isinstance(fact, f.RecordingStarted)]
        segments = sorted((fact.track, fact.segment) for fact in started)
        assert segments == [(0, 1), (0, 2), (1, 1), (1, 2)]
        for fact in started:
            assert judge(Path(fact.path)).numbers


async def test_a_paused_recording_can_be_ended_and_a_crash_in_the_pause_begins_nothing(
    tmp_path: Path,
) -> None:
    with PushedProgram().running() as program:
        first = Deck(tmp_path, program)
        await first.open()
        await first.recording.start("a")
        await recorded(first, 0.5)
        await first.recording.pause("a")
        await first.crash()
        second = Deck(tmp_path, program)
        assert await second.store.resume()
        await second.recording.resume()
        assert not second.recording.running and second.store.state.recording_paused_at_ms
        await second.recording.stop("a")
        assert not second.store.state.recording_paused_at_ms
        assert len(second.files()) == 1
        await second.end()


async def test_a_split_loses_no_picture_and_chapters_stand_in_their_own_file(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        await one.recording.start("a")
        await recorded(one, 1.0)
        await one.store.record("a", f.ChapterMarked(title="Pembukaan"))
        assert await one.recording.split()
        await recorded(one, 1.0)
        await one.store.record("a", f.ChapterMarked(title="Laporan"))
        await recorded(one, 1.5)
        await one.recording.stop("a")
        facts = await one.facts()
        started = [fact for fact in facts if isinstance(fact, f.RecordingStarted)]
        stopped = [fact for fact in facts if isinstance(fact, f.RecordingStopped)]
        assert [(fact.segment, fact.split) for fact in started] == [(1, False), (2, True)]
        assert [fact.recording_id for fact in stopped] == [fact.recording_id for fact in started]
        files = [Path(fact.path) for fact in started]
        numbers = [number for path in files for number in judge(path).numbers]
        assert [(b - a) % 256 for a, b in pairwise(numbers)] == [1] * (len(numbers) - 1)
        assert [chapter_titles(path) for path in files] == [["Pembukaan"], ["Laporan"]]


async def test_a_clock_that_is_set_by_hours_moves_no_chapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without a battery for its clock gets the time from the network in the middle of a session."""
    real_ns, set_by_s = time.time_ns, 0.0
    monkeypatch.setattr(time, "time_ns", lambda: real_ns() + round(set_by_s * 1e9))
    async with deck(tmp_path) as one:

        async def mark(title: str) -> None:
            await one.store.record("a", f.ChapterMarked(title=title))
            marked_us = now_us()
            await eventually(lambda: written_to_us(one) > marked_us)

        await one.recording.start("a")
        await recorded(one, 0.5)
        await mark("Pembukaan")
        set_by_s = -3 * 3600.0
        await mark("Laporan")
        assert await one.recording.split()
        await mark("Tanya jawab")
        set_by_s = 5 * 3600.0
        await mark("Penutup")
        await mark("Doa")
        await one.recording.stop("a")
        files = [Path(fact.path) for fact in await one.facts() if isinstance(fact, f.RecordingStarted)]
        assert [chapter_titles(path) for path in files] == [
            ["Pembukaan", "Laporan"],
            ["Tanya jawab", "Penutup", "Doa"],
        ]
        for path in files:
            begins = chapter_begins(path)
            assert all(a < b for a, b in pairwise(begins)), "each where it was marked, none clipped"


def written_to_us(one: Deck) -> int:
    """Up to which bus time the program is recorded."""
    status = one.recording.first.status()
    return (status.first_us or 0) + status.duration_us if status is not None else 0


def chapter_begins(path: Path) -> list[int]:
    import av

    with av.open(str(path)) as container:
        return [chapter["start"] for chapter in container.chapters()]


def chapter_titles(path: Path) -> list[str]:
    import av

    with av.open(str(path)) as container:
        return [chapter["metadata"]["title"] for chapter in container.chapters()]


async def test_where_no_next_file_can_be_begun_the_old_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("failed: The folder is not writable")
    async with deck(tmp_path) as one:
        await one.recording.start("a")
        await recorded(one, 0.5)
        monkeypatch.setattr("media.outputs.mp4file.os.open", refuse)
        assert not await one.recording.split()
        monkeypatch.undo()
        recording = one.store.state.recording
        assert recording is not None and recording.wanted and recording.segment == 1
        assert recording.next is None
        await recorded(one, float(str(path_seen(one, 0)["seconds"])) + 0.5)
        await one.recording.stop("a")
        (path,) = one.files()
        numbers = judge(path).numbers
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def refuse(*_args: object) -> int:
    raise PermissionError(13, "Permission denied")


def test_a_file_is_split_by_time_or_size() -> None:
    def status(minutes: float, size: int) -> RecorderStatus:
        return RecorderStatus(
            Path("a"), OutputState.STARTED, 0, None, 0, round(minutes * 60e6), size, None, 0, 0, 0
        )

    by_default = Settings()
    assert not split_due(status(239, 1 << 40), by_default) and split_due(status(240, 0), by_default)
    never = Settings(recording_split_minutes=0)
    assert not split_due(status(100_000, 1 << 50), never)
    by_size = Settings(recording_split_minutes=0, recording_split_mb=4000)
    assert not split_due(status(900, 3_999_999_999), by_size) and split_due(status(1, 4_000_000_000), by_size)


async def test_at_its_size_a_file_is_split_by_itself(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        one.recording.take_settings(replace(one.settings, recording_split_mb=1))
        await one.recording.start("a")

        def segments() -> int:
            one.recording.observe()
            recording = one.store.state.recording
            return recording.segment if recording is not None else 0

        await eventually(lambda: segments() == 2, 40)
        await recorded(one, 0.5)
        await one.recording.stop("a")
        first, _second = one.files()
        assert 1_000_000 <= first.stat().st_size < 2_000_000


async def test_the_disk_guard_ends_one_path_and_the_other_goes_on(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        second_folder(one)
        await one.recording.start("a")
        await recorded(one, 1.2)
        await recorded(one, 1.2, 1)
        assert all(200_000 < path.rate_bps < 2_000_000 for path in one.recording.paths())
        await one.recording.end_path(0)
        first, second = one.store.state.recording, one.store.state.second_recording
        assert first is not None and second is not None
        assert (first.phase, first.code, second.wanted) == ("stopped", "disk_low", True)
        assert one.store.state.recording_wanted
        await recorded(one, 2.0, 1)
        await one.recording.stop("a")


async def test_a_path_that_the_disk_guard_ended_begins_with_another_folder_and_not_with_any_setting(
    tmp_path: Path,
) -> None:
    async with deck(tmp_path) as one:
        full = second_folder(one)
        await one.recording.start("a")
        await recorded(one, 0.5, 1)
        await one.recording.end_path(1)
        one.settings = replace(one.settings, duck_inactive=not one.settings.duck_inactive)
        one.recording.take_settings(one.settings)
        await recorded(one, 0.5)
        assert not one.recording.second.wanted and len(list(full.glob("*.mp4"))) == 1
        third = tmp_path / "third"
        one.settings = replace(one.settings, second_recording_dir=str(third))
        one.recording.take_settings(one.settings)
        await eventually(lambda: Path(str(path_seen(one, 1)["path"])).parent == third)
        await recorded(one, 0.5, 1)
        await one.recording.stop("a")
        assert len(list(third.glob("*.mp4"))) == 1 and len(list(full.glob("*.mp4"))) == 1


async def test_a_nearly_full_disk_is_left_for_the_reserve_without_a_hole(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        folder = second_folder(one, second_recording="reserve")
        await one.recording.start("a")
        await recorded(one, 1.0)
        await one.recording.end_path(0)
        await recorded(one, 0.5)
        await one.recording.stop("a")
        (before,), (after,) = one.files(), folder.glob("*.mp4")
        assert (judge(before).numbers[-1] + 1) % 256 == judge(after).numbers[0]


class SlowFolders:
    """Folders that answer when the test lets them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()
        self.answer.set()

        def slow(folder: Path, name: str, *, shared: bool = False) -> Path:
            self.asked.set()
            self.answer.wait(20)
            return recordingfiles.free_path(folder, name, shared=shared)

        monkeypatch.setattr(lane_module, "free_path", slow)

    def hold(self) -> None:
        self.asked.clear()
        self.answer.clear()


@pytest.mark.parametrize("why", ["failure", "split"])
async def test_a_pause_while_a_folder_is_waited_for_stays_one(
    why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    if why == "failure":
        expect_log("failed: The disk does not answer")
    monkeypatch.setattr(lane_module, "RETRY_S", 0.05)
    folders = SlowFolders(monkeypatch)
    async with deck(tmp_path) as one:
        await one.recording.start("a")
        await recorded(one, 0.5)
        folders.hold()
        now = one.recording.first._now
        assert now is not None and now.recorder is not None
        splitting = asyncio.create_task(one.recording.split()) if why == "split" else None
        if splitting is None:
            now.recorder.give_up(Reason(RecorderCode.DISK_STUCK, "The disk does not answer."))
        await eventually(folders.asked.is_set)
        pausing = asyncio.create_task(one.recording.pause("a"))
        await eventually(lambda: bool(one.store.state.recording_paused_at_ms))
        folders.answer.set()
        await pausing
        assert splitting is None or not await splitting
        assert one.store.state.recording_paused_at_ms and not one.recording.running
        assert len([fact for fact in await one.facts() if isinstance(fact, f.RecordingStarted)]) == 1
        assert await one.recording.unpause("a")
        await recorded(one, 0.5)
        assert one.store.state.recording_wanted and not one.store.state.recording_paused_at_ms


async def test_a_pause_that_meets_a_split_stays_one_and_going_on_records(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        await one.recording.start("a")
        for ahead_s in (0.0, 0.03):
            await recorded(one, 0.5)
            split = asyncio.create_task(one.recording.split())
            await asyncio.sleep(ahead_s)
            await asyncio.gather(one.recording.pause("a"), split)
            entry = one.store.state.recording
            assert entry is not None and entry.paused_at_ms
            assert not one.recording.running and one.recording.paused
            await one.recording.unpause("a")
            await eventually(lambda: one.recording.first.wanted and one.recording.running)
        await one.recording.stop("a")
        for path in one.files():
            numbers = judge(path).numbers
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_a_file_that_is_deleted_while_it_runs_is_said_and_the_next_has_what_was_in_it(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("was taken away")
    async with deck(tmp_path) as one:
        await one.recording.start("a")
        await recorded(one, 1.0)
        (path,) = one.files()
        first_us = one.recording.paths()[0].recorder.first_us
        path.unlink()
        await eventually(lambda: one.recording.first.path not in (None, path), 20)
        await recorded(one, 1.5)
        assert one.recording.paths()[0].recorder.first_us == first_us, "nothing is lost"
        await one.recording.stop("a")
        (failed,) = [fact for fact in await one.facts() if isinstance(fact, f.RecordingFailed)]
        assert failed.code == "file_gone" and failed.retrying
        (path,) = one.files()
        numbers = judge(path).numbers
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_another_second_folder_counts_at_once_and_no_picture_is_lost(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        before = second_folder(one)
        await one.recording.start("a")
        await recorded(one, 0.5, 1)
        after = tmp_path / "third"
        one.settings = replace(one.settings, second_recording_dir=str(after))
        one.recording.take_settings(one.settings)
        await eventually(lambda: any(after.glob("*.mp4")))
        await eventually(lambda: Path(str(path_seen(one, 1)["path"])).parent == after)
        await recorded(one, 0.5, 1)
        await one.recording.stop("a")
        (first,), (second,) = before.glob("*.mp4"), after.glob("*.mp4")
        numbers = judge(first).numbers + judge(second).numbers
        assert [(b - a) % 256 for a, b in pairwise(numbers)] == [1] * (len(numbers) - 1)
        assert len(one.files()) == 1, "the first folder's goes on in one file"
