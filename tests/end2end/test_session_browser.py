"""A real Chromium in a session of the product: seen, spotlighted, muted, and there again after crashes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.session.model import Presence
from tests.end2end import judge
from tests.end2end.browser import Page, chromium, leaf_spki
from tests.end2end.product import Product, running_product

TILE_PX, AIR_PX = (320, 180), (1280, 720)
LOUD_DB, SILENT_DB = -50.0, -70.0

pytestmark = pytest.mark.timeout(150)


class Guest:
    """Somebody with a browser, and what the engine knows of him."""

    def __init__(self, product: Product, page: Page, participant_id: str) -> None:
        self.product, self.page, self.id = product, page, participant_id
        self.console = product.console

    @property
    def place(self) -> p.MediaPlace:
        """Where his media stand on the bus now."""
        return self.console.place(self.id)

    async def until_moving(self) -> None:
        """Wait until new tiles of him come."""
        seen = judge.bus_seq(self.console.bus, self.place.tile)
        await self.console.until(
            "new tiles",
            lambda: judge.bus_seq(self.console.bus, self.place.tile) not in range(max(1, seen) + 10),
            30,
        )

    async def until_loud(self, ring: int = 0) -> None:
        """Wait until PROGRAM has sound: the fake microphone beeps once a second."""
        place = (p.ENGINE_AUDIO, ring)
        await self.console.until("sound", lambda: judge.bus_level_db(self.console.bus, place) > LOUD_DB)

    async def silent(self) -> None:
        """Check that nothing at all is on PROGRAM for longer than the beeps are apart."""
        await asyncio.sleep(0.4)  # what was heard before the mute is still in the playout buffer and its fade
        sound = await judge.listen(self.console.bus, p.ENGINE_AUDIO, 0, 2.2)
        assert judge.level_db(sound) < SILENT_DB


@asynccontextmanager
async def guest_in(product: Product) -> AsyncIterator[Guest]:
    """Join with a Chromium by an invite link, through the lobby."""
    console = product.console
    invite = await product.invite(label="Kecamatan")
    async with chromium(leaf_spki(product.tls_folder)) as browser:
        page = await browser.page()
        await page.open(invite["url"])
        await page.join("Hj. Rahmawati, S.Sos.", "Camat Astambul")
        await page.wait_text("ruang tunggu")
        (waiting,) = await console.until("somebody in the lobby", lambda: console.state.lobby)
        await console.do(p.AdmitParticipant(participant_id=waiting.id))
        await page.until_phase("live")
        await page.until_connected()
        guest = Guest(product, page, waiting.id)
        await console.until("his media", lambda: guest.place.tile)
        await console.do(p.SetWants(tiles={waiting.id: TILE_PX}, monitors={"program": AIR_PX}))
        await guest.until_moving()
        yield guest


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_joins_is_spotlighted_muted_and_unmuted(tmp_runtime: Path, codec: str) -> None:
    async with running_product(tmp_runtime, prefer_codec=codec.lower()) as product:
        await product.open_session()
        async with guest_in(product) as guest:
            console, page = product.console, guest.page
            person = console.person(guest.id)
            assert (person.name, person.office) == ("Hj. Rahmawati, S.Sos.", "Camat Astambul")
            await console.until("his codec", lambda: console.link(guest.id).codec == codec)
            picture = judge.bus_picture(console.bus, guest.place.tile)
            assert picture is not None
            assert picture[..., 1].mean() > 90, "the fake camera is green"

            await console.do(p.SetSpotlight(source_id=guest.id))
            await console.until(
                "1280x720", lambda: judge.bus_size(console.bus, guest.place.video) == AIR_PX, 30
            )
            await page.wait_text("Anda tampil di program")
            await page.until_program_moves()
            assert (await page.until("joinPage().figures?.codec")) == f"video/{codec}"

            await page.click("#mic")
            await console.until("his microphone", lambda: console.person(guest.id).audible)
            await guest.until_loud()
            await console.do(p.SetParticipantMuted(participant_id=guest.id, muted=True))
            await page.wait_text("Dibisukan")
            await guest.silent()
            await console.do(p.SetParticipantMuted(participant_id=guest.id, muted=False))
            await page.wait_text("Mikrofon Anda dibuka oleh operator")
            await guest.until_loud()
            assert page.complaints == []


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_is_there_again_after_crashes_without_a_click(tmp_runtime: Path, codec: str) -> None:
    async with running_product(tmp_runtime, prefer_codec=codec.lower()) as product:
        product.expected += ["worker room0 was lost", "the engine ended with"]
        await product.open_session()
        async with guest_in(product) as guest:
            console, page = product.console, guest.page
            await page.click("#mic")
            await console.until("his microphone", lambda: console.person(guest.id).audible)
            await console.do(p.SetSpotlight(source_id=guest.id))
            await page.until_program_moves()

            product.kill(product.worker_pid("room0"))
            await console.until("lost", lambda: console.person(guest.id).presence is Presence.LOST)
            await console.until(
                "back after the room", lambda: console.person(guest.id).presence is Presence.CONNECTED, 30
            )
            await guest.until_moving()
            await page.until_program_moves()
            await guest.until_loud()

            room, epoch = product.worker_pid("room0"), console.epoch
            product.kill(product.engine_pid)
            await console.until("another engine", lambda: console.attached and console.epoch != epoch)
            await console.do(p.SetWants(tiles={guest.id: TILE_PX}, monitors={"program": AIR_PX}))
            await console.until(
                "back after the engine", lambda: console.person(guest.id).presence is Presence.CONNECTED, 30
            )
            assert console.state.program.spotlight == guest.id
            await guest.until_moving()
            await page.until_program_moves()
            await guest.until_loud()
            await console.until("the same room worker", lambda: product.worker_pid("room0") == room)
            assert await page.run("joinPage().phase") == "live"
