"""RoomPeer against a real participant: real ICE, DTLS, SRTP and codecs on 127.0.0.1."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Callable

import pytest

from media.rtc.client import RtcClient
from media.rtc.lossy import Weather
from media.rtc.peer import NoAddress, PeerCallbacks, RoomPeer, SdpRefused
from tests.guards import open_files
from tests.media.rtc_kit import LOOPBACK, TILE, LoopFeed, Seen, clip, connected, until


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_picture_and_sound_arrive_decoded_and_stamped_alike(codec: str) -> None:
    async with connected(codec) as pair:
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.pictures) > 40)
        seen, stats = pair.seen, pair.peer.stats()
        assert pair.peer.video_codec == pair.client.video_codec == stats.codec == codec
        assert {width for width, _, _ in seen.pictures} == {320}
        assert {samples for samples, _, _, _ in seen.sounds} == {960}
        steps = {b[1] - a[1] for a, b in itertools.pairwise(seen.sounds)}
        assert steps == {960}
        assert seen.encoded[0][2]
        assert len(seen.encoded) >= len(seen.pictures)
        # Both were captured just now on one machine: a few milliseconds separate stamp from arrival.
        for late_us in (seen.pictures[-1][2] - seen.pictures[-1][1], seen.sounds[-1][3] - seen.sounds[-1][2]):
            assert 0 <= late_us < 100_000
        assert (stats.width, stats.height, stats.link) == (320, 180, "good")
        assert 12 < stats.fps < 18
        assert stats.rtt_ms is None or stats.rtt_ms < 500
        assert stats.lost_fraction == 0
        assert stats.decode_errors == stats.refused_packets == stats.plis == 0


async def test_tile_off_sends_no_picture_and_on_begins_with_a_key_frame() -> None:
    async with connected() as pair:
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.pictures) > 5)
        pair.client.set_mode(None)
        await asyncio.sleep(0.1)
        before = len(pair.seen.encoded)
        await asyncio.sleep(0.3)
        assert len(pair.seen.encoded) == before
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.encoded) > before)
        assert pair.seen.encoded[before][2]


async def test_dropped_video_is_counted_but_not_decoded_and_comes_back_with_a_key_frame() -> None:
    async with connected() as pair:
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.pictures) > 5)
        pair.peer.set_drop_video(True)
        before, frames = len(pair.seen.pictures), len(pair.seen.encoded)
        await asyncio.sleep(1.2)
        assert (len(pair.seen.pictures), len(pair.seen.encoded)) == (before, frames)
        await until(lambda: pair.peer.stats().video_kbps > 0)
        pair.peer.set_drop_video(False)
        await until(lambda: len(pair.seen.pictures) > before + 5)
        assert pair.seen.encoded[frames][2]
        assert pair.feed.keys_asked >= 1


async def test_remb_and_key_request_reach_the_participant() -> None:
    async with connected() as pair:
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.pictures) > 5)
        asked = pair.feed.keys_asked
        pair.peer.set_remb(1_500_000)
        pair.peer.request_key()
        await until(lambda: pair.client.stats().remb_in_bps is not None)
        assert 1_400_000 < (pair.client.stats().remb_in_bps or 0) <= 1_500_000
        await until(lambda: pair.feed.keys_asked > asked)


async def test_setup_deadline_ends_a_peer_that_never_connects_and_frees_its_sockets() -> None:
    offerer = RtcClient(signal=_no_signal, addresses=LOOPBACK)
    offerer.link.prepare_network()
    offer = await offerer.link.set_local()
    before, seen = open_files(), Seen()
    peer = RoomPeer(addresses=LOOPBACK, callbacks=seen.callbacks(), setup_deadline_s=0.3)
    await peer.answer(offer)
    assert len(open_files()) > len(before)
    await until(lambda: seen.gone == ["setup timeout"])
    await until(lambda: open_files() == before)
    assert seen.connected == 0
    await offerer.close()


async def _no_signal(offer: str) -> str:
    raise AssertionError("not asked")


async def test_close_is_quick_and_leaves_no_task_no_socket_no_callback() -> None:
    before, tasks = open_files(), asyncio.all_tasks()
    async with connected() as pair:
        pair.client.set_mode(TILE)
        await until(lambda: len(pair.seen.pictures) > 5)
        started = time.perf_counter()
        await pair.peer.close()
        took_s = time.perf_counter() - started
        heard = len(pair.seen.sounds)
        await pair.peer.close()
        await until(lambda: pair.client.state == "gone")
        assert len(pair.seen.sounds) == heard
    assert took_s < 0.25  # 3 ms as a rule; other work on the machine is not this test's business
    assert pair.seen.gone == []
    await until(lambda: open_files() == before)
    await until(lambda: asyncio.all_tasks() == tasks)


async def test_a_page_that_leaves_is_gone_at_once() -> None:
    async with connected() as pair:
        await pair.client.close()
        await until(lambda: pair.seen.gone == ["left"], 2)


async def test_silence_makes_the_link_weak_and_then_lost() -> None:
    async with connected() as pair:
        await until(lambda: len(pair.seen.sounds) > 5)
        pair.to_room(Weather(loss=1.0))
        await until(lambda: pair.seen.links == ["weak"], 4)
        assert pair.peer.stats().link == "weak"
        pair.peer.link.path.last_packet_us -= 5_500_000  # spares the test five seconds of waiting
        await until(lambda: pair.seen.gone == ["lost"], 4)


async def test_a_link_that_recovers_is_good_again() -> None:
    async with connected() as pair:
        await until(lambda: len(pair.seen.sounds) > 5)
        storm = pair.to_room(Weather(loss=1.0))
        await until(lambda: pair.seen.links == ["weak"], 4)
        storm.close()
        await until(lambda: pair.seen.links == ["weak", "good"], 4)


async def test_ports_come_from_the_range_and_a_full_range_is_said() -> None:
    first, last = 47_310, 47_311
    seen = Seen()
    peers = [
        RoomPeer(addresses=LOOPBACK, port_range=(first, last), callbacks=seen.callbacks()) for _ in range(3)
    ]
    clients = [RtcClient(signal=peer.answer, addresses=LOOPBACK) for peer in peers]
    await clients[0].connect()
    await clients[1].connect()
    ports = {
        protocol.local_candidate.port
        for peer in peers[:2]
        for protocol in peer.link.gate.connection._protocols
    }
    assert ports == {first, last}
    with pytest.raises(NoAddress):
        await clients[2].connect()
    for client, peer in zip(clients, peers, strict=True):
        await client.close()
        await peer.close()


async def test_a_picture_too_large_is_refused_and_its_sender_dropped(
    monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    monkeypatch.setattr("media.rtc.peer.DECODE_ERRORS_MAX", 3)
    expect_log("cannot be decoded")
    feed = LoopFeed("VP8", clip("VP8", 1, 2048, 1152))
    async with connected("VP8", feed=feed) as pair:
        pair.client.set_mode(TILE)
        await until(lambda: pair.seen.gone == ["undecodable"])
        assert pair.seen.pictures == []


async def test_refused_offer_closes_the_peer() -> None:
    before = open_files()
    peer = RoomPeer(addresses=LOOPBACK, callbacks=PeerCallbacks())
    with pytest.raises(SdpRefused):
        await peer.answer("v=0\r\nnonsense")
    assert open_files() == before


async def test_junk_from_strangers_neither_breaks_nor_fills_anything() -> None:
    """Before and after connecting, anybody may send anything to the port."""
    rng, seen = random.Random(50), Seen()
    peer = RoomPeer(addresses=LOOPBACK, callbacks=seen.callbacks())
    offerer = RtcClient(signal=_no_signal, addresses=LOOPBACK)
    offerer.link.prepare_network()
    await peer.answer(await offerer.link.set_local())
    connection = peer.link.gate.connection
    (protocol,) = connection._protocols
    binding = bytes.fromhex("000100082112a442") + bytes(12)
    for number in range(4000):
        size = rng.choice((0, 1, 7, 12, 20, 60, 1400))
        junk = bytes([number % 256][: size or 0]) + rng.randbytes(max(0, size - 1))
        protocol.datagram_received(junk, ("127.0.0.1", 1 + number))
        protocol.datagram_received(binding + rng.randbytes(8), ("127.0.0.1", 9))
    assert connection._queue.qsize() <= 64
    assert peer.link.failures == 0
    await offerer.close()
    await peer.close()

    async with connected() as pair:
        pair.client.set_mode(TILE)
        (protocol,) = pair.peer.link.gate.connection._protocols
        for number in range(2000):
            protocol.datagram_received(
                bytes([number % 256]) + rng.randbytes(rng.randrange(200)), ("127.0.0.1", 9)
            )
        await until(lambda: len(pair.seen.pictures) > 5)
        assert pair.peer.link.failures == 0
        assert pair.peer.stats().refused_packets > 100
