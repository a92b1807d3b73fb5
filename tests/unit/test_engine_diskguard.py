"""The disk guard over a real recording, on disks whose free bytes the test says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media.outputs.state import OutputState
from operator_console.engine import diskguard as module
from operator_console.engine.diskguard import DiskGuard
from operator_console.engine.isos import IsoHub
from operator_console.engine.store import JOURNAL_UNWRITABLE
from operator_console.protocol import IsoFigures, OperatorError
from operator_console.session import facts as f
from operator_console.session.model import DiskLevel, OutputPhase
from tests.unit.engine_kit import NotedRoom, drop_task, eventually
from tests.unit.outputs_kit import Deck, deck
from tests.unit.session_kit import joined

GB = 1_000_000_000
WARNS = "disk of .* MB free"
ENDS = "recording in .* ends"


class Guarded:
    """A session whose recordings stand on disks of the test's own."""

    def __init__(self, one: Deck) -> None:
        self.deck = one
        self.free: dict[str, int] = {"first": 100 * GB, "second": 100 * GB}
        room: Any = NotedRoom()
        self.isos = IsoHub(one.settings, one.store, one.observations, room, drop_task)
        self.guard = DiskGuard(one.settings, one.store, one.observations, one.recording, self.isos, self._ask)

    def _ask(self, folder: Path) -> tuple[int, int]:
        name = "second" if folder.name == "second" else "first"
        return {"first": 1, "second": 2}[name], self.free[name]

    def use(self, **changes: Any) -> None:
        """Other settings, everywhere."""
        settings = replace(self.deck.settings, **changes)
        self.deck.recording.take_settings(settings)
        self.guard.take_settings(settings)

    async def levels(self) -> list[str]:
        """All warnings of the journal; + where the disk eased."""
        told = {f.DiskRanLow: "", f.DiskEased: "+"}
        facts = await self.deck.facts()
        return [told[type(x)] + x.level for x in facts if isinstance(x, f.DiskRanLow | f.DiskEased)]

    async def recorded(self) -> Path:
        path = Path(await self.deck.recording.start("t"))
        await eventually(lambda: self.deck.store.state.recording.phase is OutputPhase.STARTED)  # type: ignore[union-attr]
        return path


@asynccontextmanager
async def guarded(top: Path) -> AsyncIterator[Guarded]:
    async with deck(top) as one:
        await one.store.record("t", *joined("p1"))
        yield Guarded(one)


async def test_each_warning_is_told_once_and_again_only_after_the_disk_has_eased(
    tmp_path: Path, expect_log: Any
) -> None:
    expect_log(WARNS)
    async with guarded(tmp_path) as one:
        # Without a recording the rate as set counts: 4.128 Mb/s are 1.86 GB an hour.
        for free_gb in (100, 9.2, 9.6, 9.2, 3.7, 3.75, 3.7, 2.3, 2.4, 100, 9.2):
            one.free["first"] = int(free_gb * GB)
            await one.guard.look()
        assert await one.levels() == ["watch", "soon", "last", "+", "watch"]
        seen = one.deck.observations.values["disk"]["disks"][0]
        assert seen["level"] == "watch" and 13_000 < seen["seconds_left"] < 14_400


async def test_isolated_recordings_end_before_the_program_and_that_before_the_disk_is_full(
    tmp_path: Path, expect_log: Any
) -> None:
    expect_log(WARNS)
    expect_log(ENDS)
    async with guarded(tmp_path) as one:
        await one.guard.look()
        await one.isos.start("t", "p1")
        path = await one.recorded()
        one.free["first"] = 3 * GB
        await one.guard.look()
        iso = one.deck.store.state.isos["p1"]
        assert (iso.wanted, iso.code) == (False, "disk_low") and one.deck.recording.running
        with pytest.raises(OperatorError, match="own recording"):
            await one.isos.start("t", "p1")
        one.free["first"] = 2 * GB - 1
        await one.guard.look()
        state = one.deck.store.state
        assert state.recording is not None
        assert (state.recording.phase, state.recording.code) == (OutputPhase.STOPPED, "disk_low")
        assert path.exists() and list(state.disk_low.values()) == [DiskLevel.STOP]
        with pytest.raises(OperatorError, match=r"only 2\.00 GB left") as refused:
            await one.guard.check_recording()
        assert "tinggal 2,00 GB" in refused.value.refusal.text_id
        one.free["first"] = 60 * GB
        await one.guard.check_recording()
        await one.guard.look()
        assert not one.deck.store.state.disk_low and not one.deck.recording.running, "not begun by itself"


async def test_the_reserve_folder_takes_over_where_its_disk_has_room_and_nothing_goes_to_and_fro(
    tmp_path: Path, expect_log: Any
) -> None:
    expect_log(WARNS)
    expect_log(ENDS)
    async with guarded(tmp_path) as one:
        one.use(second_recording_dir=str(tmp_path / "second"), second_recording="reserve")
        first = await one.recorded()
        await one.guard.look()
        one.free["first"] = GB
        await one.guard.look()
        await eventually(lambda: one.deck.recording.first.path not in (None, first))
        second = one.deck.recording.first.path
        assert second is not None and second.parent.name == "second"
        one.free["second"] = GB
        await one.guard.look()
        assert not one.deck.recording.running, "no folder has room: it ends instead of moving"
        segments = [x.segment for x in await one.deck.facts() if isinstance(x, f.RecordingStarted)]
        assert segments == [1, 2]


async def test_while_the_journal_takes_nothing_the_disk_is_kept_from_filling_all_the_same(
    tmp_path: Path, expect_log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_log(f"{WARNS}|{ENDS}|not journaled yet|could not journal|could not be journaled")
    async with guarded(tmp_path) as one:
        one.isos._spawn = one.deck._spawn
        await one.guard.look()
        await one.isos.start("t", "p1")
        await one.recorded()
        store, room = one.deck.store, one.isos._room
        one.free["first"] = GB

        async def refuses(*_args: Any, **_named: Any) -> Any:
            raise OperatorError(JOURNAL_UNWRITABLE, "Penuh.", "Full.")

        with monkeypatch.context() as full:
            full.setattr(store, "decide", refuses)
            full.setattr(store, "record", refuses)
            await one.guard.look()
            assert not room.iso_plan.orders, "told to end"  # type: ignore[attr-defined]
            await one.guard.look()
            assert not one.deck.recording.running
            seen = one.deck.recording.paths()[0].recorder
            assert seen.state is OutputState.STOPPED and seen.written_bytes > 0
        await eventually(lambda: not store.state.isos["p1"].wanted and not store.state.recording_wanted, 15)
        assert not one.isos.halted and store.state.isos["p1"].code == "disk_low"
        await one.guard.look()
        assert list(store.state.disk_low.values()) == [DiskLevel.STOP]


async def test_a_folder_that_does_not_answer_holds_nothing_up(tmp_path: Path) -> None:
    async with guarded(tmp_path) as one:

        def dead(folder: Path) -> tuple[int, int]:
            raise OSError(110, "the folder does not answer")

        one.guard._ask_disk = dead
        await one.guard.look()
        seen = one.deck.observations.values["disk"]
        assert seen["disks"] == [] and seen["unknown"] and one.guard.least() is None
        await one.guard.check_recording()


async def test_a_large_file_of_a_worker_that_outlived_the_engine_is_no_flood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now_s=0.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    async with guarded(tmp_path) as one:
        await one.isos.start("t", "p1")
        for second in range(8):
            clock.now_s = float(second)
            if second >= 2:  # the next engine hears of it for the first time
                seen = IsoFigures(path="a.mkv", seconds=3600.0, bytes=2 * GB + second * 100_000)
                one.deck.observations.set("iso.p1", seen)
            await one.guard.look()
        assert one.deck.store.state.isos["p1"].wanted and await one.levels() == []
        assert one.deck.observations.values["disk"]["disks"][0]["rate_kbps"] < 6_000


async def test_what_a_folder_said_that_answers_no_more_is_forgotten_and_said_as_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: clock.now_s))
    async with guarded(tmp_path) as one:
        await one.guard.look()
        alive = one.guard._ask_disk

        def dead(folder: Path) -> tuple[int, int]:
            raise OSError(110, "the folder does not answer")

        one.guard._ask_disk = dead
        for passed_s, known in ((5.0, 1), (6.0, 0)):
            clock.now_s += passed_s
            await one.guard.look()
            seen = one.deck.observations.values["disk"]
            assert (len(seen["disks"]), len(seen["unknown"])) == (known, 1 - known)
        one.guard._ask_disk = alive
        await one.guard.look()
        assert one.deck.observations.values["disk"]["unknown"] == []


async def test_two_copies_on_one_disk_are_said(tmp_path: Path) -> None:
    async with guarded(tmp_path) as one:
        seen = one.deck.observations.values
        await one.guard.look()
        assert not seen["disk"]["one_disk"], "there is no second folder"
        for name, said in (("second", False), ("not-mounted", True), ("recordings", True)):
            one.use(second_recording_dir=str(tmp_path / name), second_recording="both")
            await one.guard.look()
            assert seen["disk"]["one_disk"] is said, name


async def test_a_folder_that_is_set_no_more_leaves_no_warning_behind(tmp_path: Path, expect_log: Any) -> None:
    expect_log(WARNS)
    async with guarded(tmp_path) as one:
        one.use(second_recording_dir=str(tmp_path / "second"), second_recording="both")
        one.free["second"] = 0
        await one.guard.look()
        assert one.deck.store.state.disk_low == {str(tmp_path / "second"): DiskLevel.STOP}
        first = [disk["first"] for disk in one.deck.observations.values["disk"]["disks"]]
        assert first == [True, False]
        one.use(second_recording="off")
        await one.guard.look()
        assert one.deck.store.state.disk_low == {}


def test_a_place_that_is_no_disk_is_unknown_and_not_full() -> None:
    with pytest.raises(OSError, match="no disk"):
        module.ask_disk(Path("/proc/rekaman2"))
