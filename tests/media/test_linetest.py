"""The line test against a server that takes streams, one that is far too narrow, and none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from media.outputs import linetest
from media.outputs.aac import AacEncoder
from media.outputs.filesink import RtmpFileSink
from media.outputs.linetest import Speed, TestSignal
from media.outputs.rtmp import RtmpTarget, StreamInfo
from media.outputs.secret import Secret
from tests.media.narrow_line import NarrowLine
from tests.media.program_signal import SMALL, SOUND, judge
from tests.media.tls_front import Authority

KEY = Secret("kunci-rahasia-42")
VIDEO = replace(SMALL, bit_rate_bps=2_000_000)


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[RtmpFileSink]:
    server = RtmpFileSink(tmp_path)
    yield server
    await server.stop()


def info() -> StreamInfo:
    return StreamInfo(VIDEO, AacEncoder(SOUND).config, SOUND.bit_rate_bps)


def target(port: int, scheme: str = "rtmp") -> RtmpTarget:
    return RtmpTarget.parse(f"{scheme}://127.0.0.1:{port}/live", KEY)


def signal() -> TestSignal:
    return TestSignal(VIDEO, round(VIDEO.bit_rate_bps * linetest.SURPLUS), "Uji jalur")


async def test_knocking_publishes_nothing(sink: RtmpFileSink) -> None:
    answer = await linetest.ask(target(await sink.start()))
    assert answer.reason is None and answer.times is not None
    assert 0 < answer.times.rtt_s <= answer.times.open_s
    assert sink.files == []


async def test_knocking_at_a_wrong_certificate_says_so(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = RtmpFileSink(tmp_path, context=authority.server_context("example.org"))
    address = target(await server.start(), "rtmps")
    answer = await linetest.ask(address, authority.client_context())
    assert answer.times is None and answer.reason is not None
    assert answer.reason.code == "tls_wrong_host"
    await server.stop()


async def test_a_wide_line_is_ample_and_the_picture_arrives_whole(sink: RtmpFileSink) -> None:
    shares: list[float] = []
    prepared = await asyncio.to_thread(signal)
    speed = await linetest.publish(
        target(await sink.start()), info(), prepared, 2.0, on_progress=shares.append
    )
    assert speed.verdict == "ample" and speed.acknowledged
    assert speed.asked_bps == 3_128_000 and speed.program_bps == 2_128_000
    assert speed.sustained_bps > 2_700_000
    assert shares == sorted(shares) and shares[-1] > 0.5
    async with asyncio.timeout(5):
        while sink.sessions:  # noqa: ASYNC110 the sink has no event for it
            await asyncio.sleep(0.01)
    seen = judge(sink.files[0].path)
    assert len(seen.numbers) > 50 and sink.files[0].audio > 70


async def test_a_narrow_line_is_measured_and_never_flooded(sink: RtmpFileSink) -> None:
    line = NarrowLine(await sink.start(), 1_000_000)
    await line.start()
    prepared = await asyncio.to_thread(signal)
    speed = await linetest.publish(target(line.port), info(), prepared, 3.0)
    assert speed.verdict == "too_slow"
    assert 700_000 < speed.sustained_bps < 1_300_000
    assert speed.worst_backlog_bytes < 2 * speed.asked_bps // 8
    await line.stop()


async def test_a_cancelled_test_leaves_no_connection(sink: RtmpFileSink) -> None:
    prepared = await asyncio.to_thread(signal)
    test = asyncio.create_task(linetest.publish(target(await sink.start()), info(), prepared, 20.0))
    async with asyncio.timeout(5):
        while not sink.files:  # noqa: ASYNC110 the sink has no event for it
            await asyncio.sleep(0.01)
        test.cancel()
        await asyncio.gather(test, return_exceptions=True)
        while sink.sessions:  # noqa: ASYNC110 the sink has no event for it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("sustained", "verdict"), [(2_600_000, "ample"), (2_300_000, "tight"), (2_000_000, "too_slow")]
)
def test_the_verdict_is_for_the_rate_of_the_program(sustained: int, verdict: str) -> None:
    assert Speed(8.0, 3_128_000, 2_128_000, sustained, True, 0).verdict == verdict
