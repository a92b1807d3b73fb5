"""A session of nine simulated offices through the real engine and room worker, as an operator runs it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.demo.joiner import JoinRefusedError, JoinSession, join_session
from operator_console.demo.loops import SPEECH_S
from operator_console.demo.offices import identity, trust
from operator_console.journal import Journal
from operator_console.session.model import Layout, LayoutKind, Presence, SourceKind
from operator_console.settings import load_settings
from operator_console.sources.talkingcard import HALL_NUMBER, LOOP_S
from tests.end2end import judge
from tests.end2end.product import Product, running_product

OFFICES = 9
PROGRAM, PREVIEW = (p.ENGINE_VIDEO, 0), (p.ENGINE_VIDEO, 1)
TILE_PX, AIR_PX = (320, 180), (1280, 720)

pytestmark = pytest.mark.timeout(150)


def wall(ids: list[str]) -> p.SetWants:
    """What a window shows: everybody's tile and both monitors."""
    monitors = {"program": AIR_PX, "preview": (640, 360)}
    return p.SetWants(tiles=dict.fromkeys(ids, TILE_PX), monitors=monitors)


async def until_card(product: Product, place: tuple[str, int] | None, number: int) -> None:
    """Wait until an office's card can be seen there."""
    bus = product.console.bus
    await product.console.until(
        f"card {number} at {place}", lambda: judge.card_of(judge.bus_picture(bus, place)) == number
    )


async def until_heard(product: Product, number: int, *others: int, loop_s: float = SPEECH_S) -> None:
    """Wait until this office's voice is in PROGRAM, and those of others are not."""
    deadline = time.monotonic() + 30
    while True:
        sound = await judge.listen(product.console.bus, p.ENGINE_AUDIO, 0, 2.4)
        found = [await asyncio.to_thread(judge.voice_in, sound, one, loop_s) for one in (number, *others)]
        if found[0] > judge.HEARD and all(one < judge.UNHEARD for one in found[1:]):
            return
        assert time.monotonic() < deadline, f"voices {number}, {others}: {found}"


async def until_silent(product: Product) -> None:
    """Wait until nothing is to be heard on PROGRAM."""
    deadline = time.monotonic() + 10
    while judge.level_db(await judge.listen(product.console.bus, p.ENGINE_AUDIO, 0, 1.0)) > -60:
        assert time.monotonic() < deadline


async def until_only(product: Product, ids: list[str], number: int) -> None:
    """Wait until this office fills the program and sends the full size, and all others send tiles."""
    console, speaker = product.console, ids[number]
    place = console.place(speaker).video
    await console.until("the speaker in full size", lambda: judge.bus_size(console.bus, place) == AIR_PX)
    await until_card(product, PROGRAM, number)
    links = [one for one in ids if one != speaker]
    await console.until(
        "all others send tiles",
        lambda: all((console.link(one).wanted, console.link(one).width_px) == ("tile", 320) for one in links),
    )
    assert console.link(speaker).wanted == "spotlight"


async def come(product: Product, token: str, name: str) -> JoinSession:
    """Join as a page does; raises JoinRefusedError."""
    return await join_session(product.url, token, name, "Desa Uji", True, trust(load_settings()))


async def refusal(product: Product, token: str) -> str:
    """Why this token does not let anybody in."""
    with pytest.raises(JoinRefusedError) as refused:
        await come(product, token, "Tamu")
    return refused.value.code


async def test_nine_offices_come_in_by_the_lobby_and_move(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        console = product.console
        await product.open_session()
        async with product.offices(OFFICES, lobby=True) as offices:
            ids = offices.ids
            assert not console.connected()
            await console.do(p.AdmitParticipant(participant_id=ids[2]))
            await console.until("one office", lambda: [one.id for one in console.connected()] == [ids[2]])
            await console.do(p.AdmitAll())
            await console.until("nine offices", lambda: len(console.connected()) == OFFICES)
            assert [(console.person(one).name, console.person(one).office) for one in ids] == [
                identity(number) for number in range(OFFICES)
            ]

            await console.do(wall(ids))
            places = [console.place(one).tile for one in ids]
            for number, place in enumerate(places):
                await until_card(product, place, number)
                assert judge.bus_size(console.bus, place) == TILE_PX
            before = [judge.bus_seq(console.bus, place) for place in places]
            await console.until(
                "all tiles move",
                lambda: all(
                    judge.bus_seq(console.bus, place) > seq + 20
                    for place, seq in zip(places, before, strict=True)
                ),
            )
            await console.until(
                "all offices see the program", lambda: all(console.link(one).out_kbps > 20 for one in ids)
            )
        await console.until("all have left", lambda: not console.state.seated)
        assert all(report["program_frames"] > 15 for report in offices.reports)

        verified = await console.do(p.VerifyJournal())
        assert verified["ok"] and verified["facts"] == console.state.rev
    with contextlib.closing(Journal(tmp_runtime / "data" / "journal.db")) as journal:
        assert journal.verify(console.state.session_id).ok


async def test_the_spotlight_raises_the_speaker_and_only_him(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        console = product.console
        await product.open_session()
        async with product.offices(OFFICES) as offices:
            ids = offices.ids
            await console.do(wall(ids))
            for number, one in enumerate(ids):
                await until_card(product, console.place(one).tile, number)
            pair = Layout(kind=LayoutKind.SIDE_BY_SIDE, sources=(ids[0], ids[1]))
            await console.do(p.CutTo(layout=pair))
            for number in (4, 7):
                await console.do(p.SetSpotlight(source_id=ids[number]))
                await until_only(product, ids, number)
            await console.do(p.SetSpotlight(source_id=""))
            await console.until("the layout before", lambda: console.state.program.on_air == pair)


async def test_who_is_muted_is_not_heard(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        console = product.console
        await product.open_session()
        async with product.offices(2, talks=True) as offices:
            first, second = offices.ids
            await console.until("open microphones", lambda: all(one.audible for one in console.connected()))
            await console.do(p.SetParticipantMuted(participant_id=second, muted=True))
            await until_heard(product, 0, 1)
            await console.do(p.MuteAll(except_ids=(second,)))
            await console.do(p.SetParticipantMuted(participant_id=second, muted=False))
            await console.until("his microphone", lambda: console.person(second).audible)
            await until_heard(product, 1, 0)
            assert not console.person(first).audible

            await console.do(p.MuteAll())
            await until_silent(product)
            hall = await console.do(
                p.AddSource(kind=SourceKind.TESTCARD, name="Ruang rapat", address="hall", hall=True)
            )
            await console.until("the hall", lambda: console.place(hall["source_id"]).audio)
            await until_heard(product, HALL_NUMBER, loop_s=LOOP_S)
            await console.do(p.SetHallMuted(muted=True))
            await until_silent(product)
            await console.do(p.SetHallMuted(muted=False))
            await until_heard(product, HALL_NUMBER, loop_s=LOOP_S)


async def test_the_doors(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        console = product.console
        await product.open_session()
        invites = [await product.invite(label=f"Kantor {n}", max_uses=2) for n in range(2)]
        one, other = (invite["token"] for invite in invites)

        async with await come(product, one, "Ani") as ani, await come(product, one, "Budi") as budi:
            assert await refusal(product, one) == "used_up"
            assert await refusal(product, "A" * 22) == "unknown_invite"
            await console.until("two in the lobby", lambda: len(console.state.lobby) == 2)
            await console.do(p.RefuseParticipant(participant_id=ani.participant_id))
            await ani.until(lambda state: state.phase == "refused")
            await console.do(p.AdmitParticipant(participant_id=budi.participant_id))
            await budi.until(lambda state: state.phase == "seat")
            await console.do(p.RemoveParticipant(participant_id=budi.participant_id))
            await budi.until(lambda state: state.phase == "removed")
            assert console.person(budi.participant_id).presence is Presence.REMOVED

        await console.do(p.SetRoomLocked(locked=True))
        assert await refusal(product, other) == "locked"
        await console.do(p.SetRoomLocked(locked=False))
        async with await come(product, other, "Citra") as citra:
            await console.do(p.RemoveParticipant(participant_id=citra.participant_id, ban=True))
            await citra.until(lambda state: state.phase in ("removed", "refused"))
            assert await refusal(product, other) == "revoked"
        await console.do(p.CloseSession())
        assert await refusal(product, other) == "closed"
