"""A livestream that is held back: the buffer by itself, then real streams, delayed, cut off and lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from media.outputs.delay import DelayBuffer
from media.outputs.filesink import RtmpFileSink
from media.outputs.livestream import Destination, Line, Livestream
from media.outputs.rtmp import StreamInfo
from media.outputs.secret import Secret
from media.outputs.state import OutputState
from media.packet import EncodedPacket
from tests.media.program_signal import SMALL, SOUND, ProgramSignal, judge

KEY = Secret("kunci-rahasia-42")
SECOND_US = 1_000_000


def packet(number: int, *, key: bool = False, size: int = 100) -> EncodedPacket:
    return EncodedPacket(bytes(size), number, number, key, "h264")


def numbers(packets: list[EncodedPacket]) -> list[int]:
    return [one.pts for one in packets]


# -- the buffer


def test_each_packet_waits_for_the_delay_and_order_is_kept() -> None:
    buffer = DelayBuffer(2 * SECOND_US, 10_000)
    for number in range(4):
        buffer.put(packet(number), number * SECOND_US)
    assert buffer.due(1_999_999) == [] and buffer.first_due_us(1_500_000) == 500_000
    assert numbers(buffer.due(3 * SECOND_US)) == [0, 1]
    assert buffer.rest_us(3 * SECOND_US) == 2 * SECOND_US and len(buffer) == 2
    assert numbers(buffer.due(9 * SECOND_US)) == [2, 3] and buffer.waiting_bytes == 0


def test_without_a_delay_nothing_is_kept() -> None:
    buffer = DelayBuffer(0, 10_000)
    buffer.put(packet(0, key=True), 5)
    assert numbers(buffer.due(5)) == [0]
    buffer.put(packet(1, key=True), 6)
    assert numbers(buffer.skip(6)) == [1]


def test_while_nobody_takes_it_it_is_forgotten_but_for_what_begins_at_the_last_key_picture() -> None:
    buffer = DelayBuffer(SECOND_US, 10_000)
    for number in range(10):
        buffer.put(packet(number, key=number % 3 == 0), number * SECOND_US)
    assert numbers(buffer.skip(9 * SECOND_US)) == [0, 1, 2, 3, 4, 5]
    assert numbers(buffer.due(9 * SECOND_US)) == [6, 7, 8]


def test_it_is_bounded_and_gives_up_whole_groups_of_pictures() -> None:
    buffer = DelayBuffer(60 * SECOND_US, 550)
    lost = []
    for number in range(9):
        lost += buffer.put(packet(number, key=number % 4 == 0), number)
    assert numbers(lost) == [0, 1, 2, 3] and buffer.waiting_bytes == 500
    assert buffer.due(99 * SECOND_US)[0].key


# -- streams


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[RtmpFileSink]:
    server = RtmpFileSink(tmp_path)
    yield server
    await server.stop()


async def until(condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 the conditions have no event
            await asyncio.sleep(0.01)


class Feeder:
    """Pushes the program in real time until stopped."""

    def __init__(self, program: ProgramSignal) -> None:
        self.program = program
        self.streams: list[Livestream] = []
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        begun_s, first = time.monotonic(), self.program.tick
        while True:
            for one in self.program.packets(1 / SMALL.fps):
                for stream in self.streams:
                    (stream.push_video if one.is_video else stream.push_audio)(one)
            due_s = begun_s + (self.program.tick - first) / SMALL.fps
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@pytest.fixture
async def feeder() -> AsyncIterator[Feeder]:
    one = Feeder(ProgramSignal())
    yield one
    await one.stop()


def delayed(feeder: Feeder, port: int, delay_s: float) -> Livestream:
    program = feeder.program
    info = StreamInfo(SMALL, program.sound.config, SOUND.bit_rate_bps)
    target = Destination(f"rtmp://127.0.0.1:{port}/live", KEY)
    stream = Livestream(target, info, program.request_key, retry_s=0.3, delay_s=delay_s)
    stream.start()
    feeder.streams.append(stream)
    return stream


async def test_two_streams_of_one_program_one_late_by_two_seconds(sink: RtmpFileSink, feeder: Feeder) -> None:
    port = await sink.start()
    lines: list[Line] = []
    late, prompt = delayed(feeder, port, 2.0), delayed(feeder, port, 0.0)

    def both_live() -> bool:
        lines.append(late.status().line)
        return {late.status().line, prompt.status().line} == {Line.LIVE}

    await until(both_live)
    assert Line.HOLDING in lines, "that nothing goes out yet is not called live"
    behind = (prompt.status().sent_video - late.status().sent_video) / SMALL.fps
    assert 1.3 < behind < 2.7, "the delay, give or take when each was let in"
    assert late.status().dropped_video <= 60 and 1_500_000 < late.status().rest_us <= 2_100_000
    await prompt.stop()
    finished = asyncio.create_task(late.finish())
    await until(lambda: late.status().state is OutputState.STOPPING)
    pushed = feeder.program.tick
    assert await finished == 0, "everything that was held back went out"
    await until(lambda: not sink.sessions)
    files = sorted(sink.files, key=lambda one: one.video)
    shown = judge(files[0].path)
    assert shown.numbers[0] == judge(files[1].path).numbers[0] or shown.numbers[0] < 60
    last = shown.numbers[-1]
    assert abs((pushed - 1) % 256 - last) <= 3, "the last picture before the stop was shown"
    assert shown.worst_skew_s() < 0.03


async def test_what_is_held_back_can_be_cut_off(sink: RtmpFileSink, feeder: Feeder) -> None:
    stream = delayed(feeder, await sink.start(), 30.0)
    await until(lambda: stream.status().line is Line.HOLDING)
    await until(lambda: stream._delay.pictures >= SMALL.fps)
    finished = asyncio.create_task(stream.finish())
    await until(lambda: stream.status().state is OutputState.STOPPING)
    held = stream._delay.pictures
    stream.cut()
    assert await asyncio.wait_for(finished, 8.0) == held * SECOND_US // SMALL.fps, "what there was of it"
    await until(lambda: not sink.sessions)
    assert [one.video for one in sink.files] == [0], "nothing of it was shown"


async def test_what_a_dead_line_did_not_take_is_not_said_to_have_gone_out(
    sink: RtmpFileSink, feeder: Feeder
) -> None:
    stream = delayed(feeder, await sink.start(), 3.0)
    await until(lambda: stream.status().line is Line.LIVE)
    await sink.stop()
    await until(lambda: stream.status().line in (Line.WAITING, Line.CONNECTING))
    held_us = stream.status().rest_us
    assert held_us > 1_000_000
    left_us = await asyncio.wait_for(stream.finish(), 20.0)
    assert 0.8 * held_us < left_us < 3_500_000, "all that was held back when it was stopped"
    assert stream.status().state is OutputState.STOPPED


async def test_a_stream_that_failed_holds_nothing_back_any_more(
    sink: RtmpFileSink, feeder: Feeder, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("ended by a fault of the program")
    stream = delayed(feeder, await sink.start(), 30.0)
    await until(lambda: stream.status().line is Line.HOLDING)

    def broken(sample: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(stream, "_sample", broken)
    await until(lambda: stream.status().state is OutputState.FAILED)
    await until(lambda: "livestream-delay" not in {task.get_name() for task in asyncio.all_tasks()})
    await until(lambda: not sink.sessions)
    assert await asyncio.wait_for(stream.finish(), 1.0) >= 0, "a stop in the same moment does not wait for it"


async def test_the_delay_outlives_a_lost_server_and_stamps_go_on(
    tmp_path: Path, sink: RtmpFileSink, feeder: Feeder
) -> None:
    port = await sink.start()
    stream = delayed(feeder, port, 1.5)
    await until(lambda: stream.status().line is Line.LIVE)
    await sink.stop()
    await until(lambda: stream.status().line is not Line.LIVE)
    (tmp_path / "again").mkdir()
    again = RtmpFileSink(tmp_path / "again")
    await again.start(port)
    await until(lambda: stream.status().line is Line.LIVE)
    assert stream.status().rest_us > 1_000_000, "it is as late as before"
    await stream.stop()
    await until(lambda: not again.sessions)
    first, second = sink.files[0], again.files[0]
    assert second.video > 0 and second.last_ms > first.last_ms
    times = judge(second.path).times_s
    assert times == sorted(times) and times[0] * 1000 > first.last_ms - 2100, "from the last key picture on"
    await again.stop()


async def test_an_outage_is_as_old_as_it_is_and_not_as_its_last_try(
    sink: RtmpFileSink, feeder: Feeder
) -> None:
    stream = delayed(feeder, await sink.start(), 0.0)
    await until(lambda: stream.status().line is Line.LIVE)
    live_since_us, attempts = stream.status().line_since_us, stream.status().attempts
    await sink.stop()
    await until(lambda: stream.status().line is Line.WAITING)
    lost_us = stream.status().line_since_us
    assert lost_us > live_since_us
    await until(lambda: stream.status().attempts >= attempts + 2)
    assert stream.status().line_since_us == lost_us
    await stream.stop()


async def test_a_program_without_pictures_is_not_called_live(sink: RtmpFileSink, feeder: Feeder) -> None:
    stream = delayed(feeder, await sink.start(), 0.0)
    await until(lambda: stream.status().line is Line.LIVE)
    feeder.streams.clear()
    await until(lambda: stream.status().line is Line.STARVED)
    reason = stream.status().reason
    assert reason is not None and reason.code == "starved"
    feeder.streams.append(stream)
    await until(lambda: stream.status().line is Line.LIVE and stream.status().reason is None)
    await stream.stop()
