"""A page's session: who may open it, what it is told, and how it survives restarts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from operator_console import protocol as p
from operator_console.demo.joiner import JoinSession, join_session
from operator_console.room import main, sockets
from tests.fake_engine import SPOTLIGHT, TILE
from tests.room_kit import Kit, running_room


@pytest.fixture
async def kit(tmp_runtime: Path) -> AsyncIterator[Kit]:
    async with running_room() as running:
        yield running


async def join(kit: Kit, name: str = "Ani") -> JoinSession:
    return await join_session(kit.base, kit.engine.invite(), name, "Desa", True, kit.tls)


@asynccontextmanager
async def socket(kit: Kit) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with kit.http() as http, http.ws_connect("/api/session") as opened:
        yield opened


async def closed_with(opened: aiohttp.ClientWebSocketResponse) -> int | None:
    """Read on until the room closes; returns the code."""
    async with asyncio.timeout(5):
        while not (await opened.receive()).type.name.startswith("CLOS"):
            pass
    return opened.close_code


# ---- who may come in


@pytest.mark.parametrize(
    "first",
    ["", "{", "[]", '{"t":"offer","id":1,"sdp":"v=0"}', '{"t":"hello"}', '{"t":"hello","session":"x"}',
     '{"t":"hello","session":' + json.dumps("a" * 500) + "}", '{"t":"nothing"}', '{"t":"ping","n":-1}'],
)  # fmt: skip
async def test_who_does_not_say_who_he_is_is_closed(kit: Kit, first: str) -> None:
    async with socket(kit) as opened:
        await opened.send_str(first)
        assert await closed_with(opened) == sockets.CLOSE_PROTOCOL


async def test_binary_and_oversized_messages_close(kit: Kit) -> None:
    async with socket(kit) as opened:
        await opened.send_bytes(b'{"t":"hello"}')
        assert await closed_with(opened) == sockets.CLOSE_PROTOCOL
    async with socket(kit) as opened:
        await opened.send_str("x" * 70_000)
        assert await closed_with(opened) in (1006, 1009)


async def test_silence_is_not_waited_for(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HELLO_TIMEOUT_S", 0.2)
    async with socket(kit) as opened:
        assert await closed_with(opened) == sockets.CLOSE_PROTOCOL


async def test_only_so_many_strangers_at_a_time(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "MAX_STRANGERS", 3)
    async with socket(kit), socket(kit), socket(kit):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with socket(kit):
                pass
    assert refused.value.status == 503


async def test_one_address_does_not_take_all_places(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "MAX_STRANGERS_OF_ONE", 2)
    async with socket(kit), socket(kit):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with socket(kit):
                pass
        assert refused.value.status == 503
        elsewhere = aiohttp.TCPConnector(ssl=kit.tls, local_addr=("127.0.0.2", 0))
        async with (
            aiohttp.ClientSession(kit.base, connector=elsewhere, headers={"Origin": kit.base}) as http,
            http.ws_connect("/api/session") as opened,
        ):
            assert not opened.closed
    async with await join(kit) as session:
        assert session.state.phase == "seat"
    assert not kit.worker.sockets._strangers


async def test_an_unknown_session_is_told_so(kit: Kit) -> None:
    async with socket(kit) as opened:
        await opened.send_json({"t": "hello", "session": "a" * 43})
        said = await opened.receive_json()
        assert said["phase"] == "unknown"
        assert "title" not in said or not said["title"]
        assert await closed_with(opened) == sockets.CLOSE_UNKNOWN
    assert kit.worker.guard.refused["unknown_session"] == 1


async def test_too_many_messages_close(kit: Kit) -> None:
    async with await join(kit) as session, socket(kit) as opened:
        await opened.send_json({"t": "hello", "session": session.secret})
        for number in range(200):
            try:
                await opened.send_json({"t": "ping", "n": number})
            except ConnectionError:
                break
        assert await closed_with(opened) == sockets.CLOSE_PROTOCOL


# ---- what a page is told


async def test_lobby_then_seat_then_removed(kit: Kit) -> None:
    kit.engine.lobby = True
    async with await join(kit) as session:
        assert (session.state.phase, session.state.title) == ("lobby", "Musrenbang Kecamatan")
        assert session.state.host == "Kabupaten Banjar"
        await kit.engine.change("p1", presence="admitted")
        await session.until(lambda state: state.phase == "seat")
        await kit.engine.change("p1", presence="removed")
        await session.until(lambda state: state.phase == "removed")


async def test_refused_in_the_lobby(kit: Kit) -> None:
    kit.engine.lobby = True
    async with await join(kit) as session:
        await kit.engine.change("p1", presence="refused")
        await session.until(lambda state: state.phase == "refused")


async def test_in_the_lobby_nothing_can_be_done_but_leave(kit: Kit) -> None:
    kit.engine.lobby = True
    async with await join(kit) as session:
        await session.raise_hand(True)
        await session.report(mic_on=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.signal("v=0"), 0.3)
        await session.leave()
        await session.until(lambda state: state.phase == "left")
        down = await kit.engine.wait_for(p.PeerDown)
    assert down.final
    assert kit.engine.heard_kinds("PeerReport") == 0


async def test_the_state_is_whole_and_follows_everything(kit: Kit) -> None:
    async with await join(kit, "Bu Camat") as session:
        assert (session.state.phase, session.state.name, session.state.office) == ("seat", "Bu Camat", "Desa")
        assert session.state.send.mode == "off"
        await kit.engine.want(p1=TILE)
        await session.until(lambda state: state.send.mode == "tile")
        await kit.engine.want(p1=SPOTLIGHT)
        state = await session.until(lambda state: state.send.mode == "spotlight")
        assert (state.send.width_px, state.send.fps, state.send.bitrate_bps) == (1280, 30, 1_500_000)
        await kit.engine.want()
        await session.until(lambda state: state.send.mode == "off")
        for field in ("muted", "on_air", "on_preview", "hand"):
            await kit.engine.change("p1", **{field: True})
            await session.until(lambda state, field=field: getattr(state, field))  # type: ignore[misc]
        await kit.engine.change("p1", consent=False)
        await session.until(lambda state: not state.consent)


async def test_people_are_told_that_they_are_recorded_and_live(kit: Kit) -> None:
    async with await join(kit) as session:
        state = await session.until(lambda state: state.phase == "seat")
        assert not state.recording and not state.streaming
        kit.worker.room.receive(p.RosterChanged(recording=True))
        await session.until(lambda state: state.recording and not state.streaming)
        kit.worker.room.receive(p.RosterChanged(streaming=True))
        await session.until(lambda state: state.recording and state.streaming)
        kit.worker.room.receive(p.RosterChanged(recording=False))
        await session.until(lambda state: state.streaming and not state.recording)


async def test_many_changes_are_one_message(kit: Kit) -> None:
    async with await join(kit) as session:
        told: list[Any] = []
        session.on_state = told.append
        for number in range(50):
            entry = msgspec.structs.replace(kit.engine.roster["p1"], name=f"Ani {number}")
            kit.worker.room.receive(p.RosterChanged(entries=(entry,)))
        await session.until(lambda state: state.name == "Ani 49")
        assert len(told) <= 2


async def test_the_end_of_the_session_closes_all_pages(kit: Kit) -> None:
    async with await join(kit) as session:
        kit.engine.open = False
        await kit.engine.set_up()
        await session.until(lambda state: state.phase == "closed")


async def test_a_second_page_takes_the_place_of_the_first(kit: Kit) -> None:
    async with await join(kit) as first, socket(kit) as second:
        await second.send_json({"t": "hello", "session": first.secret})
        assert (await second.receive_json())["phase"] == "seat"
        await first.until(lambda state: state.phase == "replaced")


# ---- what a page says


async def test_reports_reach_the_engine(kit: Kit) -> None:
    async with await join(kit) as session:
        await session.report(mic_on=True, camera_on=False)
        report = await kit.engine.wait_for(p.PeerReport)
        assert (report.participant_id, report.mic_on, report.camera_on) == ("p1", True, False)
        assert report.consent is None
        await session.raise_hand(True)
        await session.until(lambda state: state.hand)
        await session.report(consent=False)
        await kit.engine.wait_for(p.PeerReport, lambda r: r.consent is False)


async def test_what_was_said_without_an_engine_is_said_to_the_next(kit: Kit) -> None:
    async with await join(kit) as session:
        await kit.engine.stop()
        await asyncio.sleep(0.1)
        await session.report(mic_on=True)
        await session.report(camera_on=True)
        await session.report(mic_on=False)
        await asyncio.sleep(0.1)
        kit.engine.forget()
        await kit.engine.start()
        report = await kit.engine.wait_for(p.PeerReport)
        assert (report.mic_on, report.camera_on) == (False, True)


async def test_who_leaves_without_an_engine_has_left_for_the_next(kit: Kit) -> None:
    async with await join(kit) as session:
        await kit.engine.stop()
        await asyncio.sleep(0.1)
        await session.leave()
        await session.until(lambda state: state.phase == "left")
        kit.engine.forget()
        await kit.engine.start()
        down = await kit.engine.wait_for(p.PeerDown)
        assert (down.participant_id, down.final) == ("p1", True)
        assert kit.engine.roster["p1"].presence == "left"


async def test_a_question_waits_for_a_page_that_is_away(kit: Kit) -> None:
    session = await join(kit)
    await session.close()
    room = kit.worker.room
    async with asyncio.timeout(5):
        while room._pages:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await kit.engine.ask("p1", "ask_mic")
    await kit.engine.ask("nobody", "ask_mic")
    async with asyncio.timeout(5):
        while "p1" not in room._asks:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    async with socket(kit) as opened:
        await opened.send_json({"t": "hello", "session": session.secret})
        assert (await opened.receive_json())["ask"]["action"] == "ask_mic"
    assert "nobody" not in room._asks


async def test_a_question_is_asked_until_it_is_answered(kit: Kit) -> None:
    async with await join(kit) as session:
        await kit.engine.ask("p1", "ask_mic")
        asked = (await session.until(lambda state: state.ask is not None)).ask
        assert asked is not None and asked.action == "ask_mic"
        await session.answered(asked.id + 1)
        await session.answered(asked.id)
        await session.until(lambda state: state.ask is None)
        await kit.engine.wait_for(p.PeerReport, lambda report: report.answered is True)
        await kit.engine.ask("p1", "open_mic")
        await session.until(lambda state: state.ask is not None)
        await session.report(mic_on=True)
        await session.until(lambda state: state.ask is None)
        await kit.engine.ask("p1", "open_mic")
        await session.until(lambda state: state.ask is not None)
        await kit.engine.change("p1", muted=True)
        await session.until(lambda state: state.ask is None)


# ---- restarts


async def test_an_engine_restart_is_not_noticed(kit: Kit) -> None:
    async with await join(kit) as session:
        told: list[Any] = []
        session.on_state = told.append
        await kit.engine.stop()
        await asyncio.sleep(0.2)
        async with kit.http() as http, http.get("/") as answer:
            assert answer.status == 200
        await kit.engine.start()
        await kit.engine.wait_for(p.WorkerHello, lambda _: kit.engine.hellos == 2)
        await asyncio.sleep(0.1)
        assert told == []
        assert session.attached == 1
        await kit.engine.change("p1", on_air=True)
        await session.until(lambda state: state.on_air)


async def test_a_failure_of_one_part_is_logged_and_the_worker_goes_on(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    expect_log("A Wants of the engine could not be taken")
    expect_log("The task room-clock failed and begins again")
    monkeypatch.setattr(main, "AGAIN_S", 0.05)
    async with await join(kit) as session:
        with monkeypatch.context() as patched:
            patched.setattr(kit.worker.room, "_take_wants", broken)
            patched.setattr(kit.worker.room, "second", broken)
            await kit.engine.want(p1=TILE)
            await asyncio.sleep(1.5)
        kit.engine.forget()
        await kit.engine.wait_for(p.LinkReport)
        await kit.engine.want(p1=SPOTLIGHT)
        await session.until(lambda state: state.send.mode == "spotlight")
        assert kit.engine.hellos == 1


async def test_a_new_engine_that_does_not_know_him(kit: Kit) -> None:
    async with await join(kit) as session:
        await kit.engine.stop()
        kit.engine.roster.clear()
        await kit.engine.start()
        await session.until(lambda state: state.phase == "unknown")


async def test_a_page_that_comes_before_the_engine_waits(tmp_runtime: Path) -> None:
    async with running_room() as kit:
        session = await join(kit)
        await session.close()
        kept = dict(kit.engine.roster)
        port = str(kit.settings.join_port)
    async with running_room(engine=False, join_port=port) as kit, socket(kit) as opened:
        await opened.send_json({"t": "hello", "session": session.secret})
        assert (await opened.receive_json())["phase"] == "waiting"
        kit.engine.roster = kept
        await kit.engine.start()
        assert (await opened.receive_json())["phase"] == "seat"


async def test_the_hello_says_where_the_page_is(kit: Kit) -> None:
    hello = await kit.engine.wait_for(p.WorkerHello)
    assert (hello.role, hello.name) == ("room", "room0")
    assert hello.info["url"] == f"https://127.0.0.1:{kit.settings.join_port}"
    assert hello.info["ca_url"] == f"{hello.info['url']}/ca"
    report = await kit.engine.wait_for(p.SourceReport)
    assert report.state == "running" and report.figures["url"] == hello.info["url"]
    figures = await kit.engine.wait_for(p.LinkReport)
    assert figures.links == {} and figures.figures.pages == 0
