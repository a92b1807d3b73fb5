"""A real Chromium uses the join page: picture and sound reach the bus, the program reaches the page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from media.bus.layout import FMT_I420
from media.bus.reader import AudioReader, VideoReader
from operator_console import protocol as p
from tests.end2end.browser import PHONE, Browser, Page, chromium, leaf_spki
from tests.fake_engine import SPOTLIGHT, TILE
from tests.media.rtc_kit import until
from tests.return_feed import ReturnFeed
from tests.room_kit import Kit, running_room

CODECS = ("H264", "VP8")


class House:
    """Room, program and browser together."""

    def __init__(self, kit: Kit, browser: Browser) -> None:
        self.kit, self.browser, self.engine = kit, browser, kit.engine
        self.pictures = VideoReader(kit.bus_dir, "video-room0")
        self.sound = AudioReader(kit.bus_dir, "audio-room0")

    async def guest(self, name: str = "Hj. Rahmawati, S.Sos.", **options: Any) -> Page:
        """A page that has joined and is connected."""
        page = await self.browser.page(PHONE, phone=True)
        await page.open(f"{self.kit.base}/#t={self.engine.invite()}")
        await page.join(name, "Camat Astambul", **options)
        await page.until_phase("live")
        await page.until_connected()
        return page

    async def until_heard(self, loud: bool) -> None:
        """Wait until the participant is heard on the bus (Chromium's fake microphone beeps), or is not."""
        if loud:
            await until(lambda: self.sound.level_db(0) > -50, 10)
            return
        quiet_since = self.sound.head(0)
        for _ in range(30):
            await asyncio.sleep(0.05)
            if self.sound.level_db(0) > -60:
                quiet_since = self.sound.head(0)
        assert self.sound.level_db(0) <= -60, f"still heard after block {quiet_since}"

    def close(self) -> None:
        self.pictures.close()
        self.sound.close()


@asynccontextmanager
async def house(codec: str = "H264", **browser_options: Any) -> AsyncIterator[House]:
    async with AsyncExitStack() as stack:
        kit = await stack.enter_async_context(running_room(prefer_codec=codec.lower()))
        feed = await stack.enter_async_context(ReturnFeed(kit.bus_dir, codec))
        kit.engine.on_keyframe = feed.request_key
        trusted = leaf_spki(kit.data_dir / "tls")
        browser = await stack.enter_async_context(chromium(trusted, **browser_options))
        made = House(kit, browser)
        stack.callback(made.close)
        yield made


@pytest.mark.parametrize("codec", CODECS)
async def test_joins_is_seen_and_heard_and_sees_the_program_move(tmp_runtime: Path, codec: str) -> None:
    async with house(codec) as home:
        page = await home.guest()
        up = await home.engine.wait_for(p.PeerUp)
        assert up.place.tile == ("video-room0", 1)
        await page.until_program_moves()
        assert (await page.until("joinPage().figures?.codec")) == f"video/{codec}"
        await home.engine.want(p1=TILE)
        await until(lambda: home.pictures.seq(1) > 15, 10)
        picture = home.pictures.picture(1)
        assert picture is not None
        green = [picture.data[i] for i in range(1, 320 * 180 * 4, 4000)]
        assert sum(green) / len(green) > 90, "Chromium's fake camera is green"
        await home.engine.want(p1=SPOTLIGHT)
        await until(lambda: _size(home.pictures, 0) == (1280, 720), 10)
        await home.engine.want()
        await until(lambda: home.pictures.picture(1) is None)
        assert page.complaints == []


def _size(pictures: VideoReader, slot: int) -> tuple[int, int]:
    picture = pictures.picture(slot)
    if picture is None or picture.format != FMT_I420:
        return 0, 0
    return picture.width_px, picture.height_px


@pytest.mark.parametrize("codec", CODECS)
async def test_mute_and_unmute_from_both_sides(tmp_runtime: Path, codec: str) -> None:
    async with house(codec) as home:
        page = await home.guest()
        await home.until_heard(False)
        await page.click("#mic")
        await home.engine.wait_for(p.PeerReport, lambda r: r.mic_on is True)
        await home.until_heard(True)
        await page.key("m")
        await page.until("!joinPage().mic")
        await home.until_heard(False)
        await page.click("#mic")
        await home.until_heard(True)
        home.engine.forget()
        await home.engine.change("p1", muted=True)
        await page.wait_text("Dibisukan")
        await home.engine.wait_for(p.PeerReport, lambda r: r.mic_on is False)
        await home.until_heard(False)
        await page.click("#mic")
        await page.wait_text("Angkat tangan bila ingin bicara")
        assert not (await page.known())["mic"]
        await home.engine.change("p1", muted=False)
        await home.engine.ask("p1", "open_mic")
        await page.wait_text("Mikrofon Anda dibuka oleh operator")
        await home.until_heard(True)
        assert page.complaints == []


async def test_without_consent_the_page_asks_first(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.guest(consent=False)
        assert "Operator boleh membuka mik" not in await page.text()
        await home.engine.ask("p1", "ask_mic")
        await page.wait_text("Giliran Anda bicara")
        assert not (await page.known())["mic"]
        await page.click("#ask-no")
        await page.until("!document.querySelector('#ask').open && !joinPage().state.ask")
        await home.engine.ask("p1", "ask_mic")
        await page.until("document.querySelector('#ask').open")
        await page.click("#ask-yes")
        await home.engine.wait_for(p.PeerReport, lambda r: r.mic_on is True)
        await page.until("!document.querySelector('#ask').open && !joinPage().state.ask")
        await page.click("#more")
        await page.click("#consent-live")
        await home.engine.wait_for(p.PeerReport, lambda r: r.consent is True)


async def test_tally_hand_lobby_and_the_end(tmp_runtime: Path) -> None:
    async with house() as home:
        home.engine.lobby = True
        page = await home.browser.page()
        await page.open(f"{home.kit.base}/#t={home.engine.invite()}")
        await page.join("Ani")
        await page.wait_text("Anda di ruang tunggu")
        await home.engine.change("p1", presence="admitted")
        await page.until_phase("live")
        await home.engine.change("p1", on_preview=True)
        await page.wait_text("Bersiap")
        await home.engine.change("p1", on_preview=False, on_air=True)
        await page.wait_text("Anda tampil di program")
        await page.key("h")
        await page.until("joinPage().state.hand")
        await home.engine.change("p1", hand=False)
        await page.wait_text("Operator sudah melihat tangan Anda")
        await home.engine.change("p1", presence="removed")
        await page.wait_text("Anda dikeluarkan dari rapat")
        await page.reload()
        await page.wait_text("Tautan tidak lengkap")


async def test_leaving_is_final(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.guest()
        await page.click("#leave")
        await page.click("#bye-yes")
        await page.wait_text("Anda sudah keluar")
        down = await home.engine.wait_for(p.PeerDown)
        assert down.final
        await page.until("localStorage.getItem('oc.session') === null")


async def test_links_that_are_not_good(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.browser.page(PHONE, phone=True)
        await page.open(f"{home.kit.base}/")
        await page.wait_text("Bukalah tautan undangan lengkap")
        for error, words in (
            ("used_up", "Tautan ini sudah dipakai"),
            ("expired", "kedaluwarsa"),
            ("locked", "Rapat dikunci"),
        ):
            await page.open(f"{home.kit.base}/#t={home.engine.invite(error=error)}")
            await page.join("Ani")
            await page.wait_text(words)
        await page.open(f"{home.kit.base}/?lang=en#t={'x' * 22}")
        await page.join("Ani")
        await page.wait_text("This link is not known")
        assert "x" * 22 not in await page.run("location.href")


async def test_the_page_about_the_certificate(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.browser.page()
        await page.open(f"{home.kit.base}/ca")
        await page.wait_text("Unduh sertifikat")
        await page.click("#language")
        await page.wait_text("Download the certificate")
        assert page.complaints == []


NASTY = (
    "<img src=x onerror=document.title='broken'>",
    "<script>document.title='broken'</script>",
    "\"><svg/onload=document.title='broken'>",
    "{{constructor.constructor('document.title=1')()}}",
    "\u202egpj.exe",
    "A" * 5000,
)


@pytest.mark.parametrize("name", NASTY)
async def test_hostile_names_stay_text(tmp_runtime: Path, name: str) -> None:
    async with house() as home:
        page = await home.guest()
        await home.engine.change("p1", name=name[:500], office=name[:500])
        home.engine.title = name[:500]
        await home.engine.set_up()
        for place in ("#self-name", "#self-office", "#title"):
            await page.until(f"document.querySelector('{place}').textContent === {json.dumps(name[:500])}")
        assert await page.run("document.title") == "Ruang Rapat"
        assert await page.run("document.querySelectorAll('#self-name *, #title *').length") == 0
        overflow = await page.run("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0
        assert page.complaints == []


# ---- without devices


async def test_without_camera_and_microphone_he_watches(tmp_runtime: Path) -> None:
    async with house(fake_devices=False) as home:
        page = await home.browser.page(PHONE, phone=True)
        await page.open(f"{home.kit.base}/#t={home.engine.invite()}")
        await page.wait_text("Kamera dan mikrofon tidak ditemukan")
        await page.wait_text("Anda tetap bisa ikut sebagai penonton")
        await page.join("Ani")
        await page.until_connected()
        await page.until_program_moves()
        report = await home.engine.wait_for(p.PeerReport)
        assert (report.mic_on, report.camera_on) == (False, False)
        peer = (await page.known())["peer"]
        await home.engine.want(p1=TILE)
        await asyncio.sleep(9)  # longer than the room's watchdog waits for a sign of life
        assert (await page.known())["peer"] == peer


async def test_denied_permission_is_explained(tmp_runtime: Path) -> None:
    async with house(flags=()) as home:
        for name in ("camera", "microphone"):
            await home.browser.call(
                "Browser.setPermission", permission={"name": name}, setting="denied", origin=home.kit.base
            )
        page = await home.browser.page(PHONE, phone=True)
        await page.open(f"{home.kit.base}/#t={home.engine.invite()}")
        await page.wait_text("tidak diizinkan")
        await page.join("Ani")
        await page.until_connected()
        await page.until_program_moves()
