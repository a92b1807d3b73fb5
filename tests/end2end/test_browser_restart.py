"""A page survives what happens around it without a click: reloads, restarts, other tabs, killed workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from operator_console import protocol as p
from tests.end2end.browser import PHONE
from tests.end2end.outside import outside
from tests.fake_engine import TILE


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_killed_worker_is_survived_without_a_click(tmp_runtime: Path, codec: str) -> None:
    async with outside(codec) as out:
        page = await out.guest()
        await out.engine.want(p1=TILE)
        await out.until_seen()
        await page.click("#mic")
        await page.until_program_moves()
        await out.kill_worker()
        await page.wait_text("Menyambung lagi")
        await out.start_worker()
        up = await out.engine.wait_for(p.PeerUp, timeout_s=20)
        assert up.participant_id == "p1"
        await out.until_seen()
        await page.until_program_moves()
        await page.wait_text("Tersambung")
        await out.engine.wait_for(p.PeerReport, lambda r: r.mic_on is True)


async def test_a_reload_comes_back_without_a_click(tmp_runtime: Path) -> None:
    async with outside() as out:
        page = await out.guest()
        await out.engine.want(p1=TILE)
        await out.until_seen()
        out.engine.forget()
        await page.reload()
        await out.engine.wait_for(p.PeerUp)
        await page.until_phase("live")
        await out.until_seen()
        await page.until_program_moves()
        assert out.engine.heard_kinds("RedeemInvite") == 0


async def test_the_same_link_opened_again_is_the_same_person(tmp_runtime: Path) -> None:
    async with outside() as out:
        token = out.engine.invite()
        first = await out.guest(token)
        second = await out.browser.page(PHONE, phone=True)
        await second.open(f"{out.base}/#t={token}")
        await second.until_phase("live")
        await first.wait_text("Dibuka di tempat lain")
        await first.click("#end-action")
        await first.until_phase("live")
        await second.wait_text("Dibuka di tempat lain")
        assert out.engine.heard_kinds("RedeemInvite") == 1


async def test_an_engine_restart_is_not_noticed(tmp_runtime: Path) -> None:
    async with outside() as out:
        page = await out.guest()
        await out.engine.want(p1=TILE)
        peer = (await page.known())["peer"]
        await out.engine.stop()
        await out.until_seen()
        await out.engine.start()
        await out.engine.wait_for(p.WorkerHello, lambda hello: "p1" in hello.media)
        assert (await page.known())["peer"] == peer
        assert (await page.known())["light"] == "good"
