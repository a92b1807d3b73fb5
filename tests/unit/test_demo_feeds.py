"""What a simulated office sends: background loops, live pictures, turns of speech, flash and beep."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from media.audio.opus import OpusDecoder
from media.audio.voice import speak, voice
from media.clock import now_us
from media.rtc.client import VideoMode, VideoUnit
from media.rtc.decode import VideoDecoder
from media.video.i420 import frame_planes
from media.video.testcard import Card
from operator_console.demo.feeds import OfficeFeed
from operator_console.demo.live import Beeps, LivePicture
from operator_console.demo.loops import DEFAULT_TILE, Loops, encode_pictures
from tests.media.audio_kit import find_lag

SPOTLIGHT = VideoMode(1280, 720, 30, 1_500_000)


@pytest.fixture
def loops() -> Iterator[Loops]:
    made = Loops()
    yield made
    made.close()


async def until(true: Callable[[], object], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110 (another thread does it)
            await asyncio.sleep(0.01)


def test_a_loop_decodes_from_each_of_its_keys_and_moves() -> None:
    loop = encode_pictures(2, DEFAULT_TILE)
    assert len(loop.units) == 60
    assert loop.keys == (0, 15, 30, 45)
    for key in loop.keys:
        decoder, shown = VideoDecoder("H264"), []
        for offset in range(10):
            for frame in decoder.decode(loop.units[(key + offset) % 60], offset * 6000):
                shown.append(frame_planes(frame).y.astype(np.int16))
        assert len(shown) >= 9
        assert np.abs(shown[-1] - shown[0]).mean() > 0.5
    assert sum(map(len, loop.units)) * 8 / 4 < 1.3 * DEFAULT_TILE.bitrate_bps


async def test_asking_never_waits_and_nine_are_ready_soon(loops: Loops) -> None:
    begun = time.monotonic()
    loops.warm_up(9)
    assert loops.pictures(8, DEFAULT_TILE) is None
    assert time.monotonic() - begun < 0.5
    await until(lambda: all(loops.pictures(n, DEFAULT_TILE) and loops.speech(n) for n in range(9)), 30.0)
    assert loops.pictures(9, DEFAULT_TILE) is loops.pictures(0, DEFAULT_TILE), "further ones share"


async def test_tile_goes_on_until_another_loop_is_made_and_keys_come_on_request(loops: Loops) -> None:
    feed = OfficeFeed(0, loops)
    feed.set_mode(DEFAULT_TILE)
    await until(lambda: feed.next_video(0))
    units = [feed.next_video(i) for i in range(5)]
    assert all(units)
    feed.request_key()
    assert (unit := feed.next_video(6)) is not None
    assert unit.key
    feed.set_mode(VideoMode(426, 240, 30, 600_000))
    assert feed.next_video(7) is not None
    await until(lambda: (u := feed.next_video(8)) is not None and u.key and len(u.data) > 0)
    feed.set_mode(None)
    assert feed.next_video(9) is None


async def test_spotlight_is_drawn_live_and_pushed(loops: Loops) -> None:
    pushed: list[VideoUnit] = []
    feed = OfficeFeed(3, loops)
    feed.push = pushed.append
    feed.set_mode(SPOTLIGHT)
    assert feed.next_video(0) is None
    await until(lambda: len(pushed) >= 8)
    decoder = VideoDecoder("H264")
    frames = [frame for unit in pushed for frame in decoder.decode(unit.data, unit.stamp_us // 11)]
    assert (frames[0].width, frames[0].height) == (1280, 720)
    assert pushed[0].key
    seen = len(pushed)
    feed.request_key()
    await until(lambda: any(unit.key for unit in pushed[seen:]))
    feed.set_mode(None)
    await asyncio.sleep(0.1)
    seen = len(pushed)
    await asyncio.sleep(0.1)
    assert len(pushed) == seen


async def test_an_office_speaks_in_turns_always_with_the_floor_and_never_when_muted(loops: Loops) -> None:
    feed = OfficeFeed(1, loops)
    await until(lambda: loops.speech(1))
    count = 50 * 50  # five loops of ten seconds
    said = [feed.next_audio(i * 20_000) for i in range(count)]
    share = sum(packet is not None for packet in said) / count
    assert 0.1 < share < 0.3
    feed.has_floor = True
    spoken = [feed.next_audio(i * 20_000) for i in range(500)]
    decoder = OpusDecoder()
    heard = np.concatenate([decoder.decode(p) if p else np.zeros(960, np.int16) for p in spoken])
    assert find_lag(heard, speak(voice(1), 10.0))[1] > 0.7
    feed.mic_on = False
    assert not any(feed.next_audio(i * 20_000) for i in range(500))


def test_beeps_begin_with_the_flash_to_the_sample() -> None:
    pictures: list[VideoUnit] = []
    beeps = Beeps()
    live = LivePicture(Card(0, flash=True), VideoMode(320, 180, 30, 300_000), pictures.append, beeps)
    begun_us = now_us()
    live.start()
    heard: list[tuple[int, np.ndarray]] = []
    due_us = begun_us + 5_000
    while now_us() < begun_us + 2_300_000:
        time.sleep(max(0.0, (due_us - now_us()) / 1e6))
        heard.append((due_us, beeps.block(due_us)))
        due_us += 20_000
    live.stop()
    flashes = onsets(bright(pictures))
    sound = np.concatenate([block for _, block in heard])
    loud = np.flatnonzero(np.abs(sound) > 500)
    starts = [loud[0], *(b for a, b in itertools.pairwise(loud) if b - a > 4800)]
    beeped = [heard[0][0] + int(at) * 1_000_000 // 48_000 for at in starts]
    assert len(flashes) >= 2
    for flash_us in flashes[-2:]:
        assert min(abs(flash_us - at) for at in beeped) < 1_000


def bright(pictures: list[VideoUnit]) -> list[tuple[int, float]]:
    decoder = VideoDecoder("H264")
    return [
        (unit.stamp_us, float(frame_planes(frame).y.mean()))
        for unit in pictures
        for frame in decoder.decode(unit.data, unit.stamp_us // 11)
    ]


def onsets(seen: list[tuple[int, float]]) -> list[int]:
    return [at for (_, before), (at, now) in itertools.pairwise(seen) if now > 200 > before]
