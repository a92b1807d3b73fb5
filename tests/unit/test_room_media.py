"""Participants' media reach the bus, the program reaches them, and hostile offers reach nothing."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from media.bus.layout import FMT_BGRA, FMT_I420
from media.bus.reader import AudioReader, VideoReader
from media.bus.writer import PacketWriter
from media.clock import now_us
from media.rtc.client import ClientCallbacks, RtcClient
from operator_console import protocol as p
from operator_console.demo.joiner import JoinSession, OfferRefusedError, join_session, video_mode
from operator_console.room import connecting
from operator_console.room.limits import FdWatermark, open_fds
from tests.fake_engine import SPOTLIGHT, TILE
from tests.media.rtc_kit import LoopFeed, tone, until
from tests.return_feed import ReturnFeed
from tests.room_kit import Kit, running_room

OFFER = (Path(__file__).parents[1] / "media" / "chromium_offer.sdp").read_text()
Expect = Callable[[str], None]


@pytest.fixture
async def kit(tmp_runtime: Path) -> AsyncIterator[Kit]:
    async with running_room() as running:
        yield running


class Guest:
    """One participant without a browser, from the invite to flowing media."""

    def __init__(self, kit: Kit, codec: str = "H264", name: str = "Ani") -> None:
        self.kit, self.codec, self.name = kit, codec, name
        self.feed = LoopFeed(codec)
        self.pictures = 0
        self.sounds: list[bytes] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Guest:
        kit = self.kit
        joining = join_session(kit.base, kit.engine.invite(), self.name, "Desa", True, kit.tls)
        self.session: JoinSession = await self._stack.enter_async_context(await joining)
        self.id = self.session.participant_id
        await self.connect()
        self._stack.push_async_callback(self._close_client)
        return self

    async def connect(self) -> None:
        self.client = RtcClient(
            signal=self.session.signal,
            feed=self.feed,
            addresses=["127.0.0.1"],
            callbacks=ClientCallbacks(on_encoded_video=self._picture, on_encoded_audio=self._sound),
        )
        await self.client.connect()
        self.session.on_state = lambda state: self.client.set_mode(video_mode(state))
        self.client.set_mode(video_mode(self.session.state))

    async def _close_client(self) -> None:
        await self.client.close()  # the newest one

    def _picture(self, unit: bytes, rtp_ts: int, key: bool) -> None:
        self.pictures += 1

    def _sound(self, opus: bytes, rtp_ts: int) -> None:
        self.sounds.append(opus)

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def up(self) -> p.PeerUp:
        return await self.kit.engine.wait_for(p.PeerUp, lambda m: m.participant_id == self.id)


def video(kit: Kit) -> VideoReader:
    return VideoReader(kit.bus_dir, "video-room0")


def audio(kit: Kit) -> AudioReader:
    return AudioReader(kit.bus_dir, "audio-room0")


# ---- up: to the bus


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_tile_and_sound_are_on_the_bus(tmp_runtime: Path, codec: str) -> None:
    async with running_room(prefer_codec=codec.lower()) as kit, Guest(kit, codec) as guest:
        place = (await guest.up()).place
        assert place == p.MediaPlace(
            video=("video-room0", 0), tile=("video-room0", 1), audio=("audio-room0", 0)
        )
        sound = audio(kit)
        await until(lambda: sound.head(0) > 5)
        block = sound.read(0, sound.head(0) - 1)
        assert block is not None and -20 < block.level_db < -5
        assert 0 <= now_us() - block.stamp_us < 500_000
        await kit.engine.want(**{guest.id: TILE})
        pictures = video(kit)
        await until(lambda: pictures.seq(1) > 5)
        picture = pictures.picture(1)
        assert picture is not None
        assert (picture.width_px, picture.height_px, picture.format) == (320, 180, FMT_BGRA)
        assert pictures.picture(0) is None
        links = await kit.engine.wait_for(
            p.LinkReport, lambda m: m.links[guest.id].fps > 5 if m.links else False
        )
        link = links.links[guest.id]
        assert (link.codec, link.width_px, link.height_px) == (codec, 320, 180)
        assert (link.quality, link.wanted, link.agent) == ("good", "tile", "operator-console joiner")
        sound.close()
        pictures.close()


async def test_own_size_only_where_it_is_wanted(kit: Kit) -> None:
    async with Guest(kit) as guest:
        pictures = video(kit)
        await kit.engine.want(**{guest.id: SPOTLIGHT})
        await until(lambda: pictures.seq(0) > 3 and pictures.seq(1) > 3)
        picture = pictures.picture(0)
        assert picture is not None and picture.format == FMT_I420
        await kit.engine.want(**{guest.id: TILE})
        await until(lambda: pictures.picture(0) is None)
        await kit.engine.want()
        await until(lambda: pictures.picture(1) is None)
        before = pictures.seq(1)
        await asyncio.sleep(0.3)
        assert pictures.seq(1) == before
        await kit.engine.want(**{guest.id: TILE})
        await until(lambda: pictures.picture(1) is not None)
        pictures.close()


async def test_camera_off_takes_the_picture_away(kit: Kit) -> None:
    async with Guest(kit) as guest:
        pictures = video(kit)
        await kit.engine.want(**{guest.id: TILE})
        await until(lambda: pictures.picture(1) is not None)
        await guest.session.report(camera_on=False)
        await until(lambda: pictures.picture(1) is None)
        await guest.session.report(camera_on=True)
        await until(lambda: pictures.picture(1) is not None)
        pictures.close()


async def test_mute_drops_his_sound_on_our_side(kit: Kit) -> None:
    async with Guest(kit) as guest:
        sound = audio(kit)
        await until(lambda: sound.head(0) > 5)
        await kit.engine.change(guest.id, muted=True)
        await guest.session.until(lambda state: state.muted)
        await asyncio.sleep(0.1)
        head = sound.head(0)
        await asyncio.sleep(0.3)
        assert sound.head(0) == head
        await kit.engine.change(guest.id, muted=False)
        await until(lambda: sound.head(0) > head + 10)
        assert sound.read(0, head + 3) is None
        sound.close()


async def test_places_are_given_back_empty(kit: Kit) -> None:
    pictures, sound = video(kit), audio(kit)
    async with Guest(kit, name="Ani") as ani, Guest(kit, name="Budi") as budi:
        await kit.engine.want(**{ani.id: TILE, budi.id: TILE})
        await until(lambda: pictures.seq(1) > 2 and pictures.seq(3) > 2)
        assert (await budi.up()).place.tile == ("video-room0", 3)
        await ani.session.leave()
        await ani.session.until(lambda state: state.phase == "left")
        await until(lambda: pictures.picture(1) is None and sound.head(0) == 0)
        async with Guest(kit, name="Citra") as citra:
            assert (await citra.up()).place.tile == ("video-room0", 5)
    pictures.close()
    sound.close()


async def test_a_full_room_asks_to_wait(tmp_runtime: Path) -> None:
    async with running_room(max_participants="1") as kit, Guest(kit):
        session = await join_session(kit.base, kit.engine.invite(), "Budi", ssl_context=kit.tls)
        async with session:
            with pytest.raises(OfferRefusedError, match="busy"):
                await session.signal(OFFER)


# ---- down: from the bus


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_program_and_sound_come_back(tmp_runtime: Path, codec: str) -> None:
    async with AsyncExitStack() as stack:
        kit = await stack.enter_async_context(running_room(prefer_codec=codec.lower()))
        program = await stack.enter_async_context(ReturnFeed(kit.bus_dir, codec))
        guest = await stack.enter_async_context(Guest(kit, codec))
        asked = await kit.engine.wait_for(p.KeyframeRequest)
        assert asked.ring == program.ring
        program.request_key()
        await until(lambda: guest.pictures > 10 and len(guest.sounds) > 20)
        await guest.session.until(lambda state: not state.away)
        links = await kit.engine.wait_for(p.LinkReport, lambda m: m.figures.receivers[program.ring] == 1)
        assert len(links.links) == 1


async def test_open_microphones_hear_their_own_mix(kit: Kit) -> None:
    own = PacketWriter(kit.bus_dir, "packets-minus-3")
    async with ReturnFeed(kit.bus_dir), Guest(kit, name="Ani") as ani, Guest(kit, name="Budi") as budi:
        await kit.engine.send(p.AudioPlan(shared=p.RING_SHARED, own={ani.id: "packets-minus-3"}))
        marked = tone()[0]

        def hears_own() -> bool:
            own.write(marked, 0, now_us(), True)
            return ani.sounds[-3:] == [marked] * 3

        await until(hears_own)
        assert marked not in budi.sounds
        before = len(budi.sounds)
        await until(lambda: len(budi.sounds) > before + 10)
        await kit.engine.send(p.AudioPlan(shared=p.RING_SHARED))
        await until(lambda: marked not in ani.sounds[-5:])
    own.close()


async def test_where_the_line_is_narrow_some_get_sound_alone_and_are_told(kit: Kit) -> None:
    async with (
        ReturnFeed(kit.bus_dir) as program,
        Guest(kit, name="Ani") as ani,
        Guest(kit, name="Budi") as budi,
    ):
        await until(lambda: ani.pictures > 3 and budi.pictures > 3)
        await kit.engine.send(p.PicturePlan(without=(ani.id,)))
        await ani.session.until(lambda state: state.sound_only)
        assert not budi.session.state.sound_only
        shown, heard, others = ani.pictures, len(ani.sounds), budi.pictures
        await until(lambda: budi.pictures > others + 10 and len(ani.sounds) > heard + 10)
        assert ani.pictures <= shown + 2, "but for those under way"
        await kit.engine.send(p.PicturePlan())
        program.request_key()
        await until(lambda: ani.pictures > shown + 10)
        await ani.session.until(lambda state: not state.sound_only)


async def test_a_program_that_stops_is_told_and_one_that_returns_too(kit: Kit) -> None:
    async with Guest(kit) as guest:
        assert guest.session.state.away
        async with ReturnFeed(kit.bus_dir):
            await guest.session.until(lambda state: not state.away)
        await guest.session.until(lambda state: state.away)
        async with ReturnFeed(kit.bus_dir):
            seen = guest.pictures
            await until(lambda: guest.pictures > seen + 5, 8)


# ---- restarts and ends


async def test_an_engine_restart_disturbs_nobody(kit: Kit) -> None:
    async with Guest(kit) as guest:
        await kit.engine.want(**{guest.id: TILE})
        pictures = video(kit)
        await until(lambda: pictures.seq(1) > 3)
        peer = guest.session.state.peer
        await kit.engine.stop()
        before = pictures.seq(1)
        await asyncio.sleep(0.5)
        assert pictures.seq(1) > before + 3
        kit.engine.forget()
        await kit.engine.start()
        hello = await kit.engine.wait_for(p.WorkerHello)
        assert hello.media == {guest.id: (await _place(kit, guest))}
        assert guest.session.state.peer == peer
        pictures.close()


async def _place(kit: Kit, guest: Guest) -> p.MediaPlace:
    return kit.worker.room.media()[guest.id]


async def test_a_lost_connection_is_told_and_a_new_one_takes_its_place(kit: Kit) -> None:
    async with Guest(kit) as guest:
        await guest.up()
        await guest.client.close()
        down = await kit.engine.wait_for(p.PeerDown)
        assert (down.participant_id, down.final) == (guest.id, False)
        await guest.session.until(lambda state: state.peer == "")
        kit.engine.forget()
        await guest.connect()
        assert (await guest.up()).place.video == ("video-room0", 0)


async def test_a_second_connection_closes_the_first_without_a_word(kit: Kit) -> None:
    async with Guest(kit) as guest:
        first = guest.client
        await guest.up()
        kit.engine.forget()
        await guest.connect()
        await guest.up()
        assert kit.engine.heard_kinds("PeerDown") == 0
        assert len(kit.worker.room.media()) == 1
        await first.close()


async def test_a_refused_offer_leaves_the_connection_that_stands(kit: Kit) -> None:
    async with Guest(kit) as guest:
        await guest.up()
        with pytest.raises(OfferRefusedError, match="sdp"):
            await guest.session.signal("v=0")
        sound = audio(kit)
        heard = sound.head(0)
        await until(lambda: sound.head(0) > heard + 10)
        sound.close()
        assert guest.id in kit.worker.room.media()
        assert kit.engine.heard_kinds("PeerDown") == 0


async def test_an_offer_that_fails_unexpectedly_is_logged_and_answered(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, expect_log: Expect
) -> None:
    def broken(*_: object) -> list[str]:
        raise RuntimeError("no addresses today")

    expect_log("could not be answered")
    connector = kit.worker.room.connector
    async with await join_session(kit.base, kit.engine.invite(), "Ani", ssl_context=kit.tls) as session:
        with monkeypatch.context() as patched:
            patched.setattr(connecting, "offered_addresses", broken)
            with pytest.raises(OfferRefusedError, match="busy"):
                await session.signal(OFFER)
        await until(lambda: not connector.busy)
        assert connector._setups == {}
        assert await session.signal(OFFER)


async def test_removed_ends_the_connection_at_once(kit: Kit) -> None:
    async with Guest(kit) as guest:
        await kit.engine.change(guest.id, presence="removed")
        await guest.session.until(lambda state: state.phase == "removed")
        await until(lambda: kit.worker.room.media() == {})


# ---- hostile offers


def bomb(lines: int) -> str:
    return OFFER + "".join(f"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:{n}\r\n" for n in range(lines))


def candidates(count: int) -> str:
    return OFFER + "".join(
        f"a=candidate:{n} 1 udp 2113937151 192.0.2.1 {1024 + n} typ host\r\n" for n in range(count)
    )


@pytest.mark.parametrize(
    "offer",
    ["", "v=0", "\x00" * 100, "m=", OFFER[:700], OFFER.replace("a=", "b="), bomb(50), candidates(500)],
)
async def test_bad_offers_are_refused_and_counted(kit: Kit, offer: str) -> None:
    async with await join_session(kit.base, kit.engine.invite(), "Ani", ssl_context=kit.tls) as session:
        with pytest.raises(OfferRefusedError, match="sdp"):
            await session.signal(offer)
        assert kit.worker.room.connector.refused["sdp"] == 1
        assert kit.worker.room.media() == {}
        await session.raise_hand(True)
        await session.until(lambda state: state.hand)


@pytest.mark.parametrize("offer", [bomb(200), bomb(800), candidates(1_000), candidates(10_000)])
async def test_the_ladder_of_huge_offers_does_not_hold_the_loop(kit: Kit, offer: str) -> None:
    async with await join_session(kit.base, kit.engine.invite(), "Ani", ssl_context=kit.tls) as session:
        started = now_us()
        with pytest.raises((OfferRefusedError, TimeoutError)):
            await asyncio.wait_for(session.signal(offer), 5)
        assert now_us() - started < 2_000_000
    async with kit.http() as http, http.get("/") as answer:
        assert answer.status == 200


async def test_mutated_offers_never_reach_the_loop(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "GATE_HOLD_S", 0.05)
    chance = random.Random(7)
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(
                await join_session(kit.base, kit.engine.invite(), f"G{n}", ssl_context=kit.tls)
            )
            for n in range(8)
        ]
        for number in range(64):
            try:
                await sessions[number % 8].signal(mutated(OFFER, chance))
            except OfferRefusedError:
                continue


def mutated(offer: str, chance: random.Random) -> str:
    """Cut, delete, double or scramble some lines of an offer."""
    lines = offer.splitlines()
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        kind = chance.randrange(4)
        if kind == 0:
            lines = lines[: max(1, at)]
        elif kind == 1:
            del lines[at]
        elif kind == 2:
            lines.insert(at, lines[chance.randrange(len(lines))])
        else:
            text = list(lines[at])
            text[chance.randrange(len(text))] = chr(chance.randrange(32, 1024))
            lines[at] = "".join(text)
        lines = lines or ["v=0"]
    return "\r\n".join(lines) + "\r\n"


async def test_peers_that_never_connect_free_their_files(kit: Kit) -> None:
    kit.worker.room.connector.deadline_s = 2.0
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(
                await join_session(kit.base, kit.engine.invite(), f"G{n}", ssl_context=kit.tls)
            )
            for n in range(6)
        ]
        before = open_fds()
        await asyncio.gather(*(session.signal(OFFER) for session in sessions))
        assert open_fds() > before
        for session in sessions:
            await session.until(lambda state: state.peer == "")
        await until(lambda: open_fds() <= before)
        downs = [m for m in kit.engine.heard if isinstance(m, p.PeerDown)]
        assert {m.reason for m in downs} == {"setup timeout"}


async def test_offers_are_limited_for_each_participant(kit: Kit) -> None:
    async with await join_session(kit.base, kit.engine.invite(), "Ani", ssl_context=kit.tls) as session:
        refused = []
        for _ in range(12):
            with pytest.raises(OfferRefusedError) as error:
                await session.signal("v=0")
            refused.append(str(error.value))
        assert refused[:5] == ["sdp"] * 5
        assert refused[-1] == "busy"


async def test_the_last_files_are_kept_for_those_inside(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("has to wait")
    scarce = FdWatermark(100, probe=lambda: 99)
    async with running_room(watermark=scarce) as kit:
        session = await join_session(kit.base, kit.engine.invite(), "Ani", ssl_context=kit.tls)
        async with session:
            with pytest.raises(OfferRefusedError, match="busy"):
                await session.signal(OFFER)
            await session.raise_hand(True)
            await session.until(lambda state: state.hand)


async def test_no_free_udp_port_is_a_plain_wait(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("no UDP port is free")
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    async with running_room(rtc_port_range=f"{port}-{port}", rtc_addresses="127.0.0.1") as kit:
        session = await join_session(kit.base, kit.engine.invite(), "Ani", ssl_context=kit.tls)
        async with session:
            with pytest.raises(OfferRefusedError, match="busy"):
                await session.signal(OFFER)
    transport.close()


async def test_a_flood_of_offers_is_survived(kit: Kit) -> None:
    connector = kit.worker.room.connector
    connector.deadline_s = 0.5
    before = open_fds()
    async with AsyncExitStack() as stack:
        sessions = [
            await stack.enter_async_context(
                await join_session(kit.base, kit.engine.invite(), f"G{n}", ssl_context=kit.tls)
            )
            for n in range(8)
        ]
        idle = open_fds()
        asked = [session.signal(OFFER) for session in sessions for _ in range(25)]
        answers = asyncio.gather(*asked, return_exceptions=True)
        async with kit.http() as http:
            for _ in range(5):
                async with http.get("/") as page:
                    assert page.status == 200
        assert open_fds() < idle + 2 * 8 * 4
        await until(lambda: connector.refused["rate"] >= 8 * 15, 10)
        await until(lambda: open_fds() <= idle + 1, 10)
        answers.cancel()
        await asyncio.gather(answers, return_exceptions=True)
    await until(lambda: open_fds() <= before + 1)


@pytest.mark.parametrize("delay_ms", [0, 5, 15, 30, 60, 100])
async def test_removed_while_connecting_leaves_no_trace(kit: Kit, delay_ms: int) -> None:
    session = await join_session(kit.base, kit.engine.invite(), "Ani", ssl_context=kit.tls)
    async with session:
        client = RtcClient(signal=session.signal, addresses=["127.0.0.1"])
        connecting_client = asyncio.create_task(client.connect(3.0))
        await until(lambda: bool(session.peer))
        await asyncio.sleep(delay_ms / 1000)
        await kit.engine.change("p1", presence="removed")
        await session.until(lambda state: state.phase == "removed")
        await until(lambda: not kit.worker.room.connector.busy)
        connecting_client.cancel()
        await asyncio.gather(connecting_client, return_exceptions=True)
        await client.close()
    gc.collect()
