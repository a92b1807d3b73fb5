"""The session's recording: facts and file agree, a refusal is plain, what failed goes on in a new segment."""

from __future__ import annotations

import asyncio
import datetime
import resource
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from media.outputs.mp4file import WholeWriter
from media.outputs.recorder import Recorder
from operator_console.engine import lane as module
from operator_console.engine.recordingfiles import (
    file_name,
    free_path,
    local_time,
    retry_delay_s,
)
from operator_console.journal import Journal
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import OutputPhase, SessionState
from operator_console.settings import Settings
from operator_console.slow import FolderThread
from tests.media.program_signal import judge
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import Deck, PushedProgram, deck


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Deck]:
    async with deck(tmp_path) as one:
        yield one


def names(facts: list[f.AnyFact]) -> list[str]:
    return [type(fact).__name__.removeprefix("Recording") for fact in facts][1:]


def size_of(path: Path) -> int:
    return path.stat().st_size


def phase(one: Deck) -> str:
    recording = one.store.state.recording
    return str(recording.phase) if recording is not None else ""


async def recorded(one: Deck, seconds: float) -> None:
    """Wait until so much is in the file."""

    def enough() -> bool:
        one.recording.observe()
        return float(one.observations.values.get("recorder", {}).get("seconds", 0)) >= seconds

    await eventually(enough)


async def test_from_start_to_stop_facts_and_file_agree(running: Deck) -> None:
    begun = await running.recording.start("siti")
    (path,) = running.files()
    assert str(path) == begun and running.recording.running
    await recorded(running, 1.5)
    await running.store.record("siti", f.ChapterMarked(title="Pembukaan"))
    await running.recording.stop("siti")
    facts = await running.facts()
    assert names(facts) == ["Started", "Confirmed", "ChapterMarked", "Stopped"]
    started, stopped = facts[1], facts[-1]
    assert isinstance(started, f.RecordingStarted) and isinstance(stopped, f.RecordingStopped)
    assert (started.path, started.segment) == (str(path), 1)
    assert stopped.size_bytes == size_of(path)
    found = judge(path)
    assert abs(found.times_s[-1] * 1000 - stopped.duration_ms) < 100
    assert found.worst_skew_s() < 0.045
    assert running.observations.values["recorder"]["phase"] == "stopped"
    assert running.demands >= 1


async def test_started_twice_it_is_one_recording_stopped_twice_one_stop(running: Deck) -> None:
    paths = await asyncio.gather(*(running.recording.start("a") for _ in range(3)))
    assert len(set(paths)) == 1 and len(running.files()) == 1
    await asyncio.gather(*(running.recording.stop("a") for _ in range(3)))
    assert names(await running.facts()).count("Stopped") == 1


async def test_two_recordings_within_one_second_are_two_files(running: Deck) -> None:
    for _ in range(2):
        await running.recording.start("a")
        await running.recording.stop("a")
    facts = [fact for fact in await running.facts() if isinstance(fact, f.RecordingStarted)]
    assert len({fact.path for fact in facts}) == 2
    assert [fact.segment for fact in facts] == [1, 1]


async def test_a_folder_that_cannot_be_made_is_refused_and_the_session_goes_on(
    running: Deck, tmp_path: Path
) -> None:
    running.folder.parent.mkdir(exist_ok=True)
    running.folder.touch()
    with pytest.raises(OperatorError) as caught:
        await running.recording.start("a")
    refusal = caught.value.refusal
    assert refusal.code == "recording_folder" and str(running.folder) in refusal.text_id
    assert "Pengaturan" in refusal.text_id and "settings" in refusal.text_en
    assert not running.recording.running
    await running.store.record("a", f.ChapterMarked(title="weiter"))
    running.folder.unlink()
    assert await running.recording.start("a")


async def test_a_folder_that_takes_no_file_is_refused_and_stands_as_failed(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log(r"recording .* failed: ")
    with PushedProgram().running() as program:
        one = Deck(tmp_path, program)
        one.recording._settings = Settings(recording_dir="/proc")  # no user may make a file there
        await one.open()
        with pytest.raises(OperatorError) as caught:
            await one.recording.start("a")
        assert caught.value.refusal.code == "recording_folder"
        await eventually(lambda: phase(one) == "failed")
        assert not one.recording.running
        recording = one.store.state.recording
        assert recording is not None and not recording.retrying, "nobody was promised a recording"
        await one.end()


async def test_after_a_crash_the_next_segment_begins_by_itself(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("was cut off; the next segment begins")
    with PushedProgram().running() as program:
        first = Deck(tmp_path, program)
        await first.open()
        await first.recording.start("a")
        await recorded(first, 1.0)
        await first.crash()
        second = Deck(tmp_path, program)
        assert await second.store.resume() and phase(second) == "started"
        await second.recording.resume()
        await eventually(lambda: phase(second) == "started")
        recording = second.store.state.recording
        assert recording is not None and recording.segment == 2
        await recorded(second, 1.0)
        await second.end()
        assert journaled(tmp_path) == ["Started", "Confirmed", "Failed", "Started", "Confirmed", "Stopped"]
        assert len(second.files()) == 2
        for path in second.files():
            assert len(judge(path).numbers) >= 25


def journaled(top: Path) -> list[str]:
    journal = Journal(top / "journal.db")
    found = names([record.body for record in journal.facts("s")])
    assert journal.verify("s").ok
    journal.close()
    return found


async def test_where_the_next_segment_cannot_begin_it_is_tried_until_it_can(
    tmp_path: Path, expect_log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of the recordings is gone with its disk, and comes back."""
    expect_log("was cut off")
    expect_log("next segment: The recording cannot be written")
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    with PushedProgram().running() as program:
        first = Deck(tmp_path, program)
        await first.open()
        await first.recording.start("a")
        await recorded(first, 0.5)
        await first.crash()
        away = first.folder.rename(tmp_path / "away")
        first.folder.touch()
        second = Deck(tmp_path, program)
        await second.store.resume()
        await second.recording.resume()
        recording = second.store.state.recording
        assert recording is not None and recording.retrying and recording.phase is OutputPhase.FAILED
        await asyncio.sleep(0.2)
        first.folder.unlink()
        away.rename(first.folder)
        await eventually(lambda: phase(second) == "started")
        await second.end()
        assert len(second.files()) == 2


class Failing:
    """Does what it stands for, but raises what nobody foresaw the first times."""

    def __init__(self, real: Callable[..., Any], times: int) -> None:
        self.real, self.left = real, times

    def __call__(self, *given: Any, **named: Any) -> Any:
        if self.left:
            self.left -= 1
            raise RuntimeError("can't start new thread")
        return self.real(*given, **named)


@pytest.mark.parametrize(
    ("name", "times", "said"),
    [
        ("entered", 2, "taking up the recording failed|the next segment failed"),
        ("drop_without_data", 1, "taking up the recording failed"),
        ("Recorder", 2, "next segment: The recording cannot be written"),
    ],
)
async def test_what_nobody_foresaw_ends_no_retry(
    tmp_path: Path,
    expect_log: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    times: int,
    said: str,
) -> None:
    expect_log("was cut off")
    expect_log(said)
    monkeypatch.setattr(module, "RETRY_S", 0.05)
    with PushedProgram().running() as program:
        first = Deck(tmp_path, program)
        await first.open()
        await first.recording.start("a")
        await recorded(first, 0.5)
        await first.crash()
        second = Deck(tmp_path, program)
        await second.store.resume()
        with monkeypatch.context() as system:
            failing = Failing(getattr(module, name), times)
            system.setattr(module, name, failing)
            await second.recording.resume()
            await eventually(lambda: phase(second) == "started")
            assert not failing.left
        await second.end()
        assert len(second.files()) == 2


async def test_a_recorder_that_gets_no_thread_is_refused_and_stands_as_failed(
    running: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as system:
        system.setattr(module, "Recorder", Failing(Recorder, 1))
        with pytest.raises(OperatorError, match="cannot be written"):
            await running.recording.start("a")
    recording = running.store.state.recording
    assert recording is not None and recording.phase is OutputPhase.FAILED and not recording.wanted
    assert names(await running.facts()) == ["Started", "Failed"]
    assert await running.recording.start("a")


async def test_a_split_that_gets_no_thread_costs_nothing(
    running: Deck, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("a new file cannot be begun")
    await running.recording.start("a")
    await recorded(running, 0.5)
    with monkeypatch.context() as system:
        system.setattr(module, "Recorder", Failing(Recorder, 1))
        assert not await running.recording.split()
    recording = running.store.state.recording
    assert recording is not None and recording.next is None and recording.phase is OutputPhase.STARTED
    assert running.recording.running and await running.recording.split()


async def test_a_file_that_may_not_grow_goes_on_in_the_next(
    running: Deck, expect_log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log("failed: The file has reached the largest size allowed here")
    monkeypatch.setattr(module, "RETRY_S", 0.5)
    await running.recording.start("a")
    await recorded(running, 1.0)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (running.files()[0].stat().st_size + 50_000, hard))
    try:
        await eventually(lambda: phase(running) == "failed")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await eventually(lambda: phase(running) == "started")
    await recorded(running, 0.5)
    await running.recording.stop("a")
    assert names(await running.facts()) == [
        "Started",
        "Confirmed",
        "Failed",
        "Started",
        "Confirmed",
        "Stopped",
    ]
    for path in running.files():
        assert judge(path).numbers


@pytest.mark.parametrize("how", ["stop", "close"])
async def test_stopped_between_two_segments_no_other_one_begins(
    tmp_path: Path, expect_log: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    expect_log("was cut off")
    expect_log("next segment")
    monkeypatch.setattr(module, "RETRY_S", 0.1)
    with PushedProgram().running() as program:
        first = Deck(tmp_path, program)
        await first.open()
        await first.recording.start("a")
        await first.crash()
        away = first.folder.rename(tmp_path / "away")
        first.folder.touch()
        second = Deck(tmp_path, program)
        await second.store.resume()
        await second.recording.resume()
        if how == "stop":
            await second.recording.stop("a")
            assert phase(second) == "stopped"
        else:
            await second.store.record("a", f.SessionClosed())
        first.folder.unlink()
        away.rename(first.folder)
        await asyncio.sleep(0.6)
        assert not second.recording.running and len(second.files()) <= 1
        await second.end()


async def test_nothing_is_resumed_that_was_stopped(tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        await one.recording.resume()
        assert one.store.state.recording is None
        await one.recording.start("a")
        await one.recording.stop("a")
        await one.recording.resume()
        assert not one.recording.running


def test_names_of_files_are_plain() -> None:
    at = datetime.datetime(2027, 3, 12, 9, 5, 7, tzinfo=datetime.UTC)
    state = SessionState(title="../Musrenbang: RKPD/2027 \u202e<b>")
    assert file_name(state, 2, at) == "2027-03-12_090507_Musrenbang-RKPD-2027-b_02.mp4"
    assert file_name(SessionState(title="会議"), 1, at) == "2027-03-12_090507_rapat_01.mp4"
    title = "Musrenbang RKPD Kabupaten Hulu Sungai Selatan Tahun 2027 - Sidang Kelompok Bidang Ékonomi"
    assert file_name(SessionState(title=title), 1, at).endswith("-Sidang-Kelompok-Bidang-Ekonomi_01.mp4")


def test_a_file_carries_the_time_of_the_sessions_zone() -> None:
    offset = local_time(SessionState(timezone="Asia/Makassar")).utcoffset()
    assert offset == datetime.timedelta(hours=8)
    assert local_time(SessionState(timezone="nonsense")).utcoffset() is not None


def test_the_next_segment_is_tried_later_and_later() -> None:
    assert [retry_delay_s(n, 3.0) for n in range(6)] == [3, 6, 12, 24, 30, 30]
    assert retry_delay_s(100_000, 3.0) == 30, "the disk was away for a month"


def test_recordings_are_for_their_owner_alone_but_a_named_folder_stays_as_it_is(tmp_path: Path) -> None:
    own, named = tmp_path / "own", tmp_path / "named"
    for folder in (own, named):
        folder.mkdir()
        folder.chmod(0o755)
    free_path(own, "a.mp4")
    free_path(named, "a.mp4", shared=True)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (own, named)] == [0o700, 0o755]
    file = WholeWriter(free_path(tmp_path / "new", "a.mp4", shared=True))
    file.close()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "a.mp4").stat().st_mode) == 0o600


async def test_a_folder_that_fails_in_an_unforeseen_way_says_so_and_is_asked_again() -> None:
    folder = FolderThread()
    for _ in range(2):
        with pytest.raises(ValueError, match="null"):
            await folder.run(lambda: Path("a\0b").stat())
    assert await folder.run(lambda: 7) == 7


async def test_a_folder_for_which_no_thread_can_be_begun_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = FolderThread()
    with monkeypatch.context() as system:
        system.setattr(threading.Thread, "start", Failing(threading.Thread.start, 1))
        with pytest.raises(OSError, match="can't start new thread"):
            await folder.run(lambda: 7)
    assert not folder.busy and await folder.run(lambda: 7) == 7


async def test_a_name_that_no_folder_can_have_is_refused_each_time(running: Deck) -> None:
    running.recording.take_settings(Settings(recording_dir="/a\0b"))
    for _ in range(2):
        with pytest.raises(OperatorError, match="cannot be written"):
            await running.recording.start("a")
