"""The page itself in a real Chromium: words, names for screen readers, sizes, sound without a gesture."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.paths import resources_dir
from tests.end2end.browser import LAPTOP, PHONE, Page
from tests.end2end.test_browser_join import house

SCALES: tuple[tuple[dict[str, int], tuple[int, int], float], ...] = (
    ({"width": 1280, "height": 720}, (320, 180), 4.0),
    ({"width": 1280, "height": 720}, (1280, 720), 1.0),
    ({"width": 640, "height": 360}, (1280, 720), 1.0),
    ({"width": 720, "height": 1280}, (320, 180), 4.0),
    ({"width": 640, "height": 480}, (320, 180), 2.309),
    ({}, (320, 180), 1.0),
)
PROBLEMS = (
    ("", "", ""),
    ("NotAllowedError", "NotAllowedError", "denied"),
    ("NotFoundError", "NotFoundError", "no_media"),
    ("NotReadableError", "NotReadableError", "busy_media"),
    ("", "NotFoundError", "no_camera"),
    ("", "OverconstrainedError", "no_camera"),
    ("", "NotReadableError", "busy_camera"),
    ("NotAllowedError", "", "denied_mic"),
    ("NotFoundError", "NotAllowedError", "denied_camera"),
)


async def test_small_functions(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.browser.page()
        await page.open(f"{home.kit.base}/")
        for settings, (width, height), scale in SCALES:
            send = {"width_px": width, "height_px": height}
            script = (
                f"import('/static/rtc.js').then(m => m.scaleFor({json.dumps(settings)}, {json.dumps(send)}))"
            )
            assert await page.run(script) == pytest.approx(scale, abs=0.001)
        for audio, video, word in PROBLEMS:
            script = f"import('/static/media.js').then(m => m.explain({audio!r}, {video!r}))"
            assert await page.run(script) == word
        words = await page.run("import('/static/i18n.js').then(m => m.words)")
        assert words["id"].keys() == words["en"].keys()
        used = _words_used()
        assert used <= words["id"].keys(), used - words["id"].keys()
        assert {word for *_, word in PROBLEMS if word} <= words["id"].keys()


def _words_used() -> set[str]:
    folder = resources_dir() / "join"
    marked = [re.findall(r'data-i18n(?:-label)?="(\w+)"', file.read_text()) for file in folder.glob("*.html")]
    asked = [re.findall(r'\bt\("(\w+)"\)', file.read_text()) for file in folder.glob("*.js")]
    return {word for words in (*marked, *asked) for word in words}


async def test_everything_has_a_name_for_a_screen_reader(tmp_runtime: Path) -> None:
    async with house() as home:
        home.engine.lobby = True
        page = await home.browser.page(LAPTOP)
        await page.open(f"{home.kit.base}/#t={home.engine.invite()}")
        await page.until("joinPage().camera")
        assert await _nameless(page) == []
        await page.join("Ani")
        await page.until_phase("lobby")
        assert await _nameless(page) == []
        await home.engine.change("p1", presence="admitted")
        await page.until_phase("live")
        await page.click("#more")
        assert await _nameless(page) == []


async def _nameless(page: Page) -> list[str]:
    tree = await page.call("Accessibility.getFullAXTree")
    roles = {"button", "textbox", "checkbox", "combobox", "link", "meter", "dialog", "heading"}
    return [
        node["role"]["value"]
        for node in tree["nodes"]
        if not node.get("ignored")
        and node["role"]["value"] in roles
        and not node.get("name", {}).get("value", "").strip()
    ]


async def test_nothing_is_wider_than_the_screen(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.guest("Nama-yang-sangat-panjang-tanpa-spasi-dan-gelar-akademik, M.Si.")
        for size in ((320, 568), PHONE, (844, 390), LAPTOP, (1920, 1080)):
            await page.resize(size, phone=size[0] < 900)
            assert await page.run("document.documentElement.scrollWidth - innerWidth") <= 0, size
            hidden = await page.run(
                "[...document.querySelectorAll('.bar button')].filter("
                "b => b.getBoundingClientRect().bottom > innerHeight + 1).length"
            )
            assert hidden == 0, size


async def test_sound_waits_for_a_tap_where_the_browser_wants_one(tmp_runtime: Path) -> None:
    strict = ("--autoplay-policy=document-user-activation-required",)
    async with house(fake_devices=False, flags=strict) as home:
        page = await home.browser.page(PHONE, phone=True)
        await page.open(f"{home.kit.base}/#t={home.engine.invite()}")
        await page.join("Ani")
        await page.until_program_moves()
        assert await page.run("document.querySelector('#program').muted", gesture=False) is False
        await page.reload()
        await page.wait_text("Ketuk untuk mendengar suara")
        await page.until_program_moves()
        assert await page.run("document.querySelector('#program').muted", gesture=False) is True
        await page.click("#sound-on")
        await page.until(
            "!document.querySelector('#program').muted && document.querySelector('#sound-on').hidden"
        )


async def test_a_connection_the_room_lost_is_made_anew_without_a_click(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.guest()
        await page.until_program_moves()
        room = home.kit.worker.room
        before = (await page.known())["peer"]
        room.connector.release(room._seats["p1"])
        await page.until(f"joinPage().connected && joinPage().peer !== {json.dumps(before)}")
        await page.until_program_moves()


def losing(kind: str) -> str:
    """A script: the next message of this kind is lost together with the socket it was to go over."""
    return (
        "{ const send = WebSocket.prototype.send; let lost = false;"
        "WebSocket.prototype.send = function (text) {"
        f"""if (lost || !text.includes('"t":"{kind}"')) return send.call(this, text);"""
        "lost = true; this.close(); } }"
    )


async def test_an_offer_that_fails_or_is_lost_is_made_again_at_once(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.browser.page(PHONE, phone=True)
        await page.open(f"{home.kit.base}/#t={home.engine.invite()}")
        await page.run(
            "{ const original = RTCPeerConnection.prototype.setLocalDescription;"
            "RTCPeerConnection.prototype.setLocalDescription = function () {"
            "RTCPeerConnection.prototype.setLocalDescription = original;"
            "return Promise.reject(new Error('not now')); } }"
        )
        await page.run(losing("offer"))
        await page.join("Ani")
        await page.until("joinPage().connected", 9)  # an offer without an answer is given up after 12 s
        assert page.complaints == []


async def test_a_good_bye_that_is_lost_is_said_again(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.guest()
        await page.run(losing("leave"))
        await page.click("#leave")
        await page.click("#bye-yes")
        await page.wait_text("Anda sudah keluar")
        await home.engine.wait_for(p.PeerDown, lambda down: down.final)
        await page.until("localStorage.getItem('oc.session') === null")
        await page.wait_text("Anda sudah keluar")


async def test_who_was_muted_while_away_never_says_his_microphone_is_on(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.guest()
        await page.click("#mic")
        await home.engine.wait_for(p.PeerReport, lambda report: report.mic_on is True)
        await home.kit.worker.sockets.close()
        home.engine.forget()
        await home.engine.change("p1", muted=True)
        await home.engine.wait_for(p.PeerReport, lambda report: report.mic_on is False)
        said = [m.mic_on for m in home.engine.heard if isinstance(m, p.PeerReport)]
        assert True not in said
        assert not (await page.known())["mic"]


async def test_spoilt_stored_names_do_not_keep_the_page_from_starting(tmp_runtime: Path) -> None:
    async with house() as home:
        page = await home.browser.page()
        await page.open(f"{home.kit.base}/")
        await page.run("localStorage.setItem('oc.names', '{')")
        await page.reload()
        await page.wait_text("Bukalah tautan undangan lengkap")
        assert page.complaints == []
