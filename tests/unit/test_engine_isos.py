"""Isolated recordings in the engine: commands, the room's plan, facts of its reports, hidden feeds."""

from __future__ import annotations

from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.engine import roster
from operator_console.engine.isos import plan_of, reported, stem_of
from operator_console.engine.wants import WantSizes, plan_wants
from operator_console.session import facts as f
from operator_console.session.model import OutputPhase
from tests.unit.engine_kit import bare_engine
from tests.unit.session_kit import Story, joined, opened

FOLDER = "/rekaman"


def wanted() -> Story:
    story = opened()
    story.tell(f.IsoRecordingStarted(participant_id="p1", folder=FOLDER, stem="a"))
    return story


def report(what: str, path: str = "/rekaman/a_01.mkv", **more: object) -> p.IsoReport:
    return p.IsoReport(participant_id="p1", what=what, path=path, **more)  # type: ignore[arg-type]


def test_the_life_of_a_recording_in_facts() -> None:
    story = wanted()

    def phase() -> OutputPhase:
        return story.state.isos["p1"].phase

    assert phase() is OutputPhase.STARTING and roster.recording(story.state), "people are told"
    story.tell(*reported(story.state, report("begun", starts_at_us=5, codec="VP8", width_px=640)))
    assert phase() is OutputPhase.STARTED
    story.tell(*reported(story.state, report("damaged", kind="lost", at_ms=10, lost_ms=800, count=2)))
    story.tell(*reported(story.state, report("ended", duration_ms=9, size_bytes=7, count=1)))
    assert phase() is OutputPhase.STARTING, "another size: the next file begins by itself"
    story.tell(*reported(story.state, report("begun", path="/rekaman/a_02.mkv")))
    story.tell(f.IsoRecordingStopped(participant_id="p1"))
    assert phase() is OutputPhase.STOPPING
    story.tell(*reported(story.state, report("ended", path="/rekaman/a_02.mkv")))
    iso = story.state.isos["p1"]
    assert (iso.phase, iso.files, iso.marks, iso.lost_ms) == (OutputPhase.STOPPED, 2, 2, 800)
    assert not roster.recording(story.state)


def test_a_file_whose_worker_died_is_said_to_be_cut_off_when_the_next_begins() -> None:
    story = wanted()
    story.tell(*reported(story.state, report("begun")))
    facts = reported(story.state, report("begun", path="/rekaman/a_02.mkv"))
    assert [type(fact).__name__ for fact in facts] == ["IsoFileFailed", "IsoFileStarted"]
    story.tell(*facts)
    assert story.state.isos["p1"].phase is OutputPhase.STARTED and not story.state.isos["p1"].code


def test_a_folder_that_refuses_is_told_and_the_recording_stays_wanted() -> None:
    story = wanted()
    story.tell(*reported(story.state, report("failed", code="not_writable", reason="no")))
    iso = story.state.isos["p1"]
    assert (iso.phase, iso.code, iso.wanted) == (OutputPhase.FAILED, "not_writable", True)


def test_who_leaves_is_recorded_no_more_and_reports_of_strangers_are_nothing() -> None:
    story = wanted()
    story.tell(*reported(story.state, report("begun")))
    story.tell(f.ParticipantLeft(participant_id="p1"))
    assert not story.state.isos["p1"].wanted and plan_of(story.state, "id") == p.IsoPlan()
    story.tell(*reported(story.state, report("ended")))
    assert story.state.isos["p1"].phase is OutputPhase.STOPPED
    stranger = p.IsoReport(participant_id="p9", what="begun")
    assert reported(story.state, stranger) == []


def test_the_plan_names_who_and_where_and_is_empty_without_a_session() -> None:
    story = wanted()
    (order,) = plan_of(story.state, "en").orders.values()
    assert (order.folder, order.stem, order.session, order.language) == (FOLDER, "a", "Rapat", "en")
    story.tell(f.SessionClosed())
    assert plan_of(story.state, "en") == p.IsoPlan()


def test_files_are_named_by_time_session_and_office() -> None:
    story = Story(f.SessionOpened(session_id="s", title="Rapat Kerja: Désa"))
    story.tell(*joined("p1", "Bapak Ali", office="Kec. Banjar/Utara"))
    stem = stem_of(story.state, story.state.participants["p1"])
    assert stem.split("_", 2)[2] == "Rapat-Kerja-Desa-ISO-01_Kec-Banjar-Utara"


@pytest.mark.parametrize("iso_px", [(640, 360), (0, 0)])
def test_a_feed_that_nobody_sees_sends_for_its_recording_and_is_not_decoded(iso_px: tuple[int, int]) -> None:
    sizes = WantSizes(iso_px=iso_px)
    wants = plan_wants([], {"p2": (1280, 720)}, sizes, {"p1", "p2"})
    alone, on_air = wants["p1"], wants["p2"]
    assert (alone.width_px, alone.height_px) == (iso_px if iso_px[0] else sizes.tile_px)
    assert not alone.picture and not alone.tile_width_px
    assert alone.bitrate_bps == (sizes.iso_bps if iso_px[0] else sizes.tile_bps)
    assert (on_air.width_px, on_air.picture) == (1280, True), "what is larger on program stays so"
    tile = plan_wants([p.SetWants(tiles={"p1": (216, 120)})], {}, sizes, {"p1"})["p1"]
    assert tile.tile_width_px == 216 and tile.width_px == max(320, iso_px[0])


async def test_commands_are_idempotent_and_refuse_who_is_not_there(tmp_path: Path) -> None:
    async with bare_engine(tmp_path) as engine:
        await engine.do(p.OpenSession(title="Rapat"))
        await engine.store.record("t", *joined("p1"))
        for _ in range(2):
            await engine.do(p.StartIsoRecording(participant_id="p1"))
        assert list(engine.noted_room.iso_plan.orders) == ["p1"]
        rev = engine.store.state.rev
        await engine.do(p.StartIsoRecording(participant_id="p1"))
        assert engine.store.state.rev == rev
        with pytest.raises(p.OperatorError):
            await engine.do(p.StartIsoRecording(participant_id="p7"))
        await engine.store.record("t", f.ParticipantLeft(participant_id="p1"))
        with pytest.raises(p.OperatorError) as caught:
            await engine.do(p.StartIsoRecording(participant_id="p1"))
        assert caught.value.refusal.code == "not_there"


async def test_closing_the_session_ends_them(tmp_path: Path) -> None:
    async with bare_engine(tmp_path) as engine:
        await engine.do(p.OpenSession(title="Rapat"))
        await engine.store.record("t", *joined("p1"))
        await engine.do(p.StartIsoRecording(participant_id="p1"))
        await engine.do(p.CloseSession())
        assert not engine.store.state.isos["p1"].wanted
        assert engine.noted_room.iso_plan == p.IsoPlan()
