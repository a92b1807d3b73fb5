"""Isolated recordings in a real room worker: by plan, unseen, muted, over a reconnect, without an engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from media.outputs.isorecorder import IsoEvent
from operator_console import protocol as p
from operator_console.room import isos as module
from tests.media.iso_kit import complaints, judged
from tests.media.rtc_kit import until
from tests.room_kit import Kit, running_room
from tests.unit.test_room_media import Guest

SMALL = p.Want(width_px=320, height_px=180, fps=15, bitrate_bps=150_000)
"""What is asked of somebody whom nobody sees: no tile, no picture on the bus."""


@pytest.fixture
async def kit(tmp_runtime: Path) -> AsyncIterator[Kit]:
    async with running_room() as running:
        yield running


async def record(kit: Kit, guest: Guest, folder: Path) -> None:
    order = p.IsoOrder(folder=str(folder), stem="a", title="Desa", session="Rapat")
    await kit.engine.send(p.IsoPlan(orders={guest.id: order}))
    await kit.engine.want(**{guest.id: SMALL})


async def reported(kit: Kit, what: str) -> p.IsoReport:
    return await kit.engine.wait_for(p.IsoReport, lambda report: report.what == what)


async def test_who_is_in_the_plan_is_written_unseen_and_over_a_reconnect(kit: Kit, tmp_path: Path) -> None:
    async with Guest(kit) as guest:
        await guest.up()
        await record(kit, guest, tmp_path)
        begun = await reported(kit, "begun")
        assert (begun.codec, begun.width_px, begun.participant_id) == ("H264", 320, guest.id)
        status = await kit.engine.wait_for(p.IsoStatus, lambda m: m.feeds[guest.id].seconds > 1.0)
        assert status.feeds[guest.id].path == begun.path
        before = guest.client
        await guest.connect()
        await before.close()
        seconds = status.feeds[guest.id].seconds
        await kit.engine.wait_for(p.IsoStatus, lambda m: m.feeds[guest.id].seconds > seconds + 2.0)
        await kit.engine.send(p.IsoPlan())
        ended = await reported(kit, "ended")
    found = await asyncio.to_thread(judged, Path(ended.path))
    assert ended.path == begun.path, "one file over both connections"
    assert await asyncio.to_thread(complaints, Path(ended.path)) == ""
    assert found.duration_s > 3.0 and len(found.sound_s) > 100


async def test_what_the_operator_has_muted_is_not_in_the_file(kit: Kit, tmp_path: Path) -> None:
    async with Guest(kit) as guest:
        await guest.up()
        await kit.engine.change(guest.id, muted=True)
        await record(kit, guest, tmp_path)
        await reported(kit, "begun")
        await kit.engine.wait_for(p.IsoStatus, lambda m: m.feeds[guest.id].seconds > 1.0)
        await kit.engine.send(p.IsoPlan())
        ended = await reported(kit, "ended")
    found = await asyncio.to_thread(judged, Path(ended.path))
    assert len(found.picture_s) > 10 and found.sound_s == []


async def test_what_happens_without_an_engine_is_told_to_the_next(kit: Kit, tmp_path: Path) -> None:
    async with Guest(kit) as guest:
        await guest.up()
        await record(kit, guest, tmp_path)
        await reported(kit, "begun")
        await kit.engine.stop()
        await until(lambda: kit.worker.link._outgoing is None, 10)
        seat = kit.worker.room._seats[guest.id]
        kit.worker.room.isos.unseated(seat)
        await until(lambda: bool(kit.worker.room.isos._unsent), 10)
        kit.engine.forget()
        await kit.engine.start()
        ended = await reported(kit, "ended")
        assert Path(ended.path).name == "a_01.mkv"


def test_where_nobody_hears_damage_is_dropped_before_any_beginning_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("3 reports of isolated recordings")
    monkeypatch.setattr(module, "UNSENT_MAX", 4)
    told: list[p.AnyFromWorker] = []
    heard = False

    def send(message: p.AnyFromWorker) -> bool:
        told.extend([message] if heard else [])
        return heard

    isos = module.Isos(send)
    for what in ("begun", "damaged", "damaged", "ended", "begun", "ended", "begun"):
        isos._happened(IsoEvent(what, "p1", Path("a.mkv")))
    heard = True
    isos.flush()
    whats = [one.what for one in told if isinstance(one, p.IsoReport)]
    assert whats == ["ended", "begun", "ended", "begun"], "damage first, then the oldest"
