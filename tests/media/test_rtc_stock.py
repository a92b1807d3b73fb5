"""When a private name of aiortc is gone, a peer still works on stock aiortc, and says so."""

from __future__ import annotations

from collections.abc import Callable

import aioice.ice
import pytest

from media.clock import now_us
from media.rtc import link, private
from media.rtc.client import RtcClient
from media.rtc.fanout import AudioBus, FanOut
from media.rtc.peer import RoomPeer
from media.rtc.stock import StockLink
from tests.media.rtc_kit import LOOPBACK, TILE, LoopFeed, Seen, clip, tone, until


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_media_flow_both_ways_without_our_path(
    codec: str, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("running on stock aiortc.*Connection._queue")
    link._say_fallback.cache_clear()
    seen, feed = Seen(), LoopFeed(codec)
    with monkeypatch.context() as patch:
        patch.setattr(private, "verify_private_api", lambda: ("Connection._queue",))
        # Stock aioice offers no loopback address, and tests have no other.
        patch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: LOOPBACK)
        peer = RoomPeer(prefer_codec=codec, callbacks=seen.callbacks())
        client = RtcClient(signal=peer.answer, feed=feed)
        assert isinstance(peer.link, StockLink)
        client.set_mode(TILE)
        await client.connect()
    fan, bus, units = FanOut(codec), AudioBus(), clip(codec, 60)
    fan.add(peer)
    bus.assign_audio(peer, "shared")
    pushed = 0

    def both_flow() -> bool:
        nonlocal pushed
        fan.push_video(units[pushed % 60], now_us(), pushed % 60 == 0)
        bus.push_audio("shared", tone()[pushed % 50], pushed * 20_000)
        pushed += 1
        return len(seen.pictures) > 10 and len(seen.sounds) > 10 and client.stats().frames > 10

    await until(both_flow, 15)
    assert seen.pictures[0][0] == 320
    assert peer.stats().link == "good"
    await client.close()
    await peer.close()
    fan.close()
