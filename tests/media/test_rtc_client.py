"""RtcClient: the participant without a browser, against a real room side."""

from __future__ import annotations

import asyncio

import pytest

from media.clock import now_us
from media.rtc.client import ClientCallbacks, RtcClient, VideoMode, VideoUnit
from media.rtc.fanout import AudioBus, FanOut
from media.rtc.peer import RoomPeer, SdpRefused
from tests.guards import open_files
from tests.media.rtc_kit import LOOPBACK, TILE, LoopFeed, Seen, clip, connected, tone, until

SPOTLIGHT = VideoMode(1280, 720, 30, 1_500_000)


async def test_mode_set_before_connecting_is_sent_from_the_start() -> None:
    feed, seen = LoopFeed("H264"), Seen()
    peer = RoomPeer(addresses=LOOPBACK, callbacks=seen.callbacks())
    client = RtcClient(signal=peer.answer, feed=feed, addresses=LOOPBACK)
    client.set_mode(TILE)
    await client.connect()
    await until(lambda: len(seen.pictures) > 3)
    assert feed.modes[-1] == TILE
    await client.close()
    await peer.close()


async def test_the_feed_is_asked_at_the_rate_of_the_mode() -> None:
    async with connected() as pair:
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.pictures) > 3)
        pair.client.set_mode(SPOTLIGHT)
        assert pair.feed.modes[-2:] == [TILE, SPOTLIGHT]
        await asyncio.sleep(0.2)
        asked, spoken = pair.feed.at, pair.feed.spoken
        await asyncio.sleep(1.0)
        assert 25 <= pair.feed.at - asked <= 35
        assert 45 <= pair.feed.spoken - spoken <= 55


async def test_program_is_received_decoded_and_counted() -> None:
    widths: set[int] = set()
    sound: list[int] = []
    encoded: list[bool] = []
    callbacks = ClientCallbacks(
        on_video=lambda frame, stamp: widths.add(frame.width),
        on_audio=lambda pcm, ts, stamp: sound.append(len(pcm)),
        on_encoded_video=lambda unit, ts, key: encoded.append(key),
    )
    async with connected(callbacks=callbacks) as pair:
        fan, bus, units = FanOut("H264"), AudioBus(), clip("H264", 60, 640, 360, 30, 500_000)
        fan.add(pair.peer)
        bus.assign_audio(pair.peer, "shared")
        for number, unit in enumerate(units[:45]):
            fan.push_video(unit, now_us(), number == 0)
            bus.push_audio("shared", tone()[number], number * 20_000)
            await asyncio.sleep(1 / 30)
        await until(lambda: len(encoded) == 45)
        assert widths == {640}
        assert set(sound) == {960}
        assert encoded == [True] + [False] * 44
        stats = pair.client.stats()
        assert (stats.frames, stats.keys, stats.width, stats.freezes) == (45, 1, 640, 0)
        fan.close()


async def test_live_source_is_pushed() -> None:
    seen = Seen()
    peer = RoomPeer(prefer_codec="VP8", addresses=LOOPBACK, callbacks=seen.callbacks())
    client = RtcClient(signal=peer.answer, codec="VP8", addresses=LOOPBACK)
    await client.connect()
    await until(lambda: seen.connected == 1)
    for number, unit in enumerate(clip("VP8", 10)):
        client.push_video(VideoUnit(unit, now_us(), number == 0))
        client.push_audio(tone()[number], number * 20_000)
    await until(lambda: len(seen.pictures) == 10 and len(seen.sounds) == 10)
    await client.close()
    await peer.close()


async def test_refused_or_silent_room_leaves_nothing_open() -> None:
    before = open_files()

    async def nonsense(offer: str) -> str:
        return "no"

    async def silent(offer: str) -> str:
        peer = RoomPeer(addresses=LOOPBACK, callbacks=Seen().callbacks())
        answer = await peer.answer(offer)
        await peer.close()
        return answer

    with pytest.raises(SdpRefused):
        await RtcClient(signal=nonsense, addresses=LOOPBACK).connect()
    with pytest.raises(TimeoutError):
        await RtcClient(signal=silent, addresses=LOOPBACK).connect(0.3)
    await until(lambda: open_files() == before)


async def test_client_learns_that_the_room_is_gone() -> None:
    gone: list[str] = []
    async with connected(callbacks=ClientCallbacks(on_gone=gone.append)) as pair:
        await pair.peer.close()
        await until(lambda: gone == ["closed"], 2)


async def test_key_request_of_the_room_reaches_the_feed() -> None:
    """A PLI becomes a request to the feed, and the next picture is a key frame."""
    async with connected() as pair:
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.pictures) > 3)
        before = len(pair.seen.encoded)
        await asyncio.sleep(0.5)
        pair.peer.request_key()
        await until(lambda: any(key for _, _, key in pair.seen.encoded[before:]), 2)
