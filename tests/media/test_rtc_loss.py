"""Real pairs over a bad network: what is lost comes back, or is given up in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from media.rtc.client import RtcClient
from media.rtc.fanout import AudioBus, FanOut
from media.rtc.lossy import Weather
from tests.media.rtc_kit import TILE, Pair, clip, connected, tone, until

SETTLED = 15
"""Pictures after which the beginning is behind us."""


class Picky:
    """Drops exact packets of the picture: RTP headers are readable although the rest is encrypted."""

    def __init__(self, client: RtcClient, first_sends: int, resends: int) -> None:
        self.ssrc = client.video_out.ssrc.to_bytes(4, "big")
        self.rtx_ssrc = client.video_out.rtx_ssrc.to_bytes(4, "big")
        self.first_sends, self.resends = first_sends, resends

    def drop(self, index: int, data: bytes) -> bool:
        if data[8:12] == self.ssrc and self.first_sends:
            self.first_sends -= 1
            return True
        if data[8:12] == self.rtx_ssrc and self.resends:
            self.resends -= 1
            return True
        return False


async def settled(pair: Pair) -> None:
    pair.client.set_mode(TILE)
    await until(lambda: len(pair.seen.pictures) >= SETTLED)


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_five_percent_loss_both_ways_freezes_nothing(codec: str) -> None:
    async with connected(codec) as pair:
        await settled(pair)
        storm = pair.to_room(Weather(loss=0.05, delay_ms=20), 11)
        other = pair.to_client(Weather(loss=0.05, delay_ms=20), 12)
        pictures, shown = len(pair.seen.pictures), pair.feed.shown
        sounds, spoken = len(pair.seen.sounds), pair.feed.spoken
        await asyncio.sleep(4)
        assert len(pair.seen.pictures) - pictures > (pair.feed.shown - shown) * 0.93
        assert len(pair.seen.sounds) - sounds > (pair.feed.spoken - spoken) * 0.9
        assert storm.dropped > 5
        assert pair.peer.stats().repaired > 0
        assert pair.peer.stats().longest_freeze_ms <= 500
        for weather in (storm, other):
            weather.close()


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_packet_and_its_retransmission_lost_freeze_less_than_half_a_second(codec: str) -> None:
    async with connected(codec) as pair:
        await settled(pair)
        picky = Picky(pair.client, first_sends=1, resends=1)
        pair.to_room(Weather(drop=picky.drop))
        await until(lambda: pair.peer.stats().repaired == 1)
        pictures = len(pair.seen.pictures)
        await until(lambda: len(pair.seen.pictures) > pictures + 10)
        assert (picky.first_sends, picky.resends) == (0, 0)
        assert pair.seen.longest_gap_ms() <= 500
        assert pair.peer.stats().plis == 0


async def test_when_nothing_comes_back_the_stream_gives_up_and_asks_for_a_key_frame() -> None:
    async with connected() as pair:
        await settled(pair)
        asked = pair.feed.keys_asked
        picky = Picky(pair.client, first_sends=1, resends=1000)
        pair.to_room(Weather(drop=picky.drop))
        await until(lambda: pair.peer.stats().given_up == 1)
        pictures = len(pair.seen.pictures)
        await until(lambda: len(pair.seen.pictures) > pictures + 10)
        assert pair.feed.keys_asked == asked + 1
        assert pair.peer.stats().plis == 1
        assert pair.peer.stats().freezes == 1
        # 300 ms until it gives up, then a key frame at the next turn of 15 pictures a second.
        assert pair.seen.longest_gap_ms() <= 600


async def test_picture_is_back_at_once_after_a_blackout() -> None:
    async with connected() as pair:
        await settled(pair)
        storm = pair.to_room(Weather(loss=1.0))
        await asyncio.sleep(1.0)
        storm.close()
        pictures = len(pair.seen.pictures)
        await until(lambda: len(pair.seen.pictures) > pictures, 1.5)


async def test_jitter_alone_asks_for_little_and_freezes_nothing() -> None:
    async with connected() as pair:
        await settled(pair)
        pair.to_room(Weather(jitter_ms=30), 13)
        await asyncio.sleep(3)
        stats = pair.peer.stats()
        assert (stats.freezes, stats.given_up, stats.plis) == (0, 0, 0)


async def test_the_program_is_repaired_on_its_way_to_the_participant() -> None:
    async with connected() as pair:
        fan, bus, push = program(pair)
        fan.add(pair.peer)
        bus.assign_audio(pair.peer, "shared")
        storm = pair.to_client(Weather(loss=0.05), 14)
        for _ in range(90):
            push()
            await asyncio.sleep(1 / 30)
        storm.close()
        stats = pair.client.stats()
        assert stats.frames > 80
        assert stats.repaired > 0
        assert stats.longest_freeze_ms <= 500
        assert pair.peer.stats().out_resent >= stats.repaired
        await until(lambda: pair.peer.stats().out_fraction_lost > 0, 3)
        fan.close()


def program(pair: Pair) -> tuple[FanOut, AudioBus, Callable[[], None]]:
    """Return a fan-out, a sound bus, and a function that pushes the next 33 ms of program into both."""
    units, at = clip("H264", 60, 640, 360, 30, 500_000), {"unit": 0, "sound": 0, "stamp": 0}
    fan, bus = FanOut("H264", lambda: at.update(unit=0)), AudioBus()

    def push() -> None:
        number = at["unit"] % len(units)
        fan.push_video(units[number], at["stamp"], number == 0)
        while at["sound"] * 20_000 <= at["stamp"]:
            bus.push_audio("shared", tone()[at["sound"] % 50], at["sound"] * 20_000)
            at["sound"] += 1
        at["unit"] += 1
        at["stamp"] += 33_333

    return fan, bus, push
