"""The RTMP publisher and the livestream against real nginx-rtmp, TLS, and servers that misbehave."""

from __future__ import annotations

import asyncio
import math
import pickle
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.outputs import amf, chunks, flv
from media.outputs.chunks import ChunkError, ChunkReader, Message, write_message
from media.outputs.filesink import RtmpFileSink
from media.outputs.liveness import (
    LineSample,
    Liveness,
    Passage,
    evaluate,
    first_progress,
    follow,
    next_passage,
)
from media.outputs.livestream import Destination, Line, Livestream
from media.outputs.rtmp import RtmpError, RtmpPublisher, RtmpTarget, StreamInfo
from media.outputs.secret import Secret
from media.outputs.state import OutputState
from media.packet import EncodedPacket
from tests.media.program_signal import SMALL, SOUND, ProgramSignal, judge
from tests.media.rtmp_server import NginxRtmp
from tests.media.tls_front import Authority, Front

KEY = Secret("kunci-rahasia-42")


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[NginxRtmp]:
    with NginxRtmp(tmp_path) as server:
        yield server


@pytest.fixture
def program() -> ProgramSignal:
    return ProgramSignal()


def info(program: ProgramSignal) -> StreamInfo:
    return StreamInfo(SMALL, program.sound.config, SOUND.bit_rate_bps)


async def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 the conditions have no event
            await asyncio.sleep(0.01)


async def finished(nginx: NginxRtmp) -> Path:
    """The recording, once nginx has closed it."""
    log = nginx.folder / "error.log"
    await until(lambda: log.read_text().rpartition("publish: name")[2].count("disconnect") > 0)
    return nginx.recording(KEY.reveal())


class Feeder:
    """Pushes the program in real time until stopped."""

    def __init__(self, program: ProgramSignal, stream: Livestream) -> None:
        self._program, self._stream = program, stream
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        begun_s, first = loop.time(), self._program.tick
        while True:
            for packet in self._program.packets(1 / SMALL.fps):
                self._stream.push_video(packet) if packet.is_video else self._stream.push_audio(packet)
            due_s = begun_s + (self._program.tick - first) / SMALL.fps
            await asyncio.sleep(max(0.0, due_s - loop.time()))

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


# -- AMF and chunks


amf_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: (
        st.dictionaries(st.text(min_size=1, max_size=9), inner, max_size=4) | st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(amf_values, max_size=5))
def test_amf_values_come_back_as_they_were(values: list[amf.Value]) -> None:
    assert amf.decode(amf.encode(*values)) == values


@given(st.binary(max_size=200))
def test_amf_refuses_nonsense_without_another_error(data: bytes) -> None:
    try:
        amf.decode(data)
    except amf.AmfError:
        pass


def test_amf_refuses_deep_nesting() -> None:
    with pytest.raises(amf.AmfError):
        amf.decode(b"\x0a\0\0\0\1" * 10_000)


@given(
    st.lists(
        st.tuples(
            st.integers(2, 63),
            st.sampled_from([8, 9, 18, 20]),
            st.integers(0, 2**32 - 1),
            st.binary(max_size=700),
        ),
        max_size=6,
    ),
    st.integers(1, 300),
)
def test_messages_survive_any_cut(messages: list[tuple[int, int, int, bytes]], piece: int) -> None:
    wire, expected = b"", []
    for chunk_stream, kind, stamp, body in messages:
        message = Message(kind, body, stamp, 1)
        wire += write_message(chunk_stream, message, chunks.FIRST_CHUNK_BYTES)
        expected.append(message)
    reader, found = ChunkReader(), []
    for at in range(0, len(wire), piece):
        found += reader.feed(wire[at : at + piece])
    assert found == expected


@given(st.binary(max_size=400))
def test_chunk_reader_refuses_nonsense_without_another_error(data: bytes) -> None:
    try:
        ChunkReader().feed(data)
    except ChunkError:
        pass


def test_all_three_forms_of_the_chunk_stream_id_are_read() -> None:
    body = b"\x05abc"
    header = bytes(3) + len(body).to_bytes(3, "big") + bytes([20]) + bytes(4)
    reader = ChunkReader()
    wire = b"\x03" + header + body + b"\x00\x0a" + header + body + b"\x01\x0a\x01" + header + body
    assert [m.body for m in reader.feed(wire)] == [body] * 3


def test_delta_headers_add_up_and_extended_stamps_stand_in_continuations() -> None:
    body = b"x" * 200
    base = 0x01000000
    first = (
        b"\x04\xff\xff\xff"
        + (200).to_bytes(3, "big")
        + b"\x09"
        + struct.pack("<I", 1)
        + struct.pack(">I", base)
    )
    rest = b"\xc4" + struct.pack(">I", base)
    delta = b"\x84" + (40).to_bytes(3, "big") + body[:128] + b"\xc4" + body[128:]
    again = b"\xc4" + body[:128] + b"\xc4" + body[128:]
    found = ChunkReader().feed(first + body[:128] + rest + body[128:] + delta + again)
    assert [(m.stamp_ms, m.body == body) for m in found] == [
        (base, True),
        (base + 40, True),
        (base + 80, True),
    ]


def test_oversized_messages_are_refused_before_they_are_read() -> None:
    header = b"\x04" + bytes(3) + (5 << 20).to_bytes(3, "big") + b"\x09" + bytes(4)
    with pytest.raises(ChunkError):
        ChunkReader().feed(header)


def test_annexb_is_split_at_both_start_codes() -> None:
    assert flv.split_annexb(b"\0\0\0\1\x67abc\0\0\1\x68d\0\0\0\1\x65zz") == [b"\x67abc", b"\x68d", b"\x65zz"]


# -- addresses and secrets


def test_addresses_are_read_and_shown_without_the_key() -> None:
    target = RtmpTarget.parse("rtmps://a.rtmps.youtube.com/live2?backup=1", KEY)
    assert (target.secure, target.host, target.port, target.app) == (
        True,
        "a.rtmps.youtube.com",
        443,
        "live2?backup=1",
    )
    assert "rahasia" not in repr(target) + str(target) + target.url


@pytest.mark.parametrize(
    "url",
    [
        "http://x/live",
        "rtmp:///live",
        "rtmp://host",
        "rtmp://u:p@h/live",
        "rtmp://h/l\r\nx",
        "rtmp://a..b/live",
    ],
)
def test_malformed_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="The address"):
        RtmpTarget.parse(url, KEY)


def test_a_secret_cannot_be_printed_or_pickled() -> None:
    assert "rahasia" not in f"{KEY} {KEY!r} {[KEY]}"
    assert KEY.redact("no such stream kunci-rahasia-42") == "no such stream ***"
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


# -- liveness


def sample(at_s: float, written: int, backlog: int = 0, acked: int = 0, acks: int = 0) -> LineSample:
    return LineSample(at_s, written, backlog, acked, acks)


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        ([sample(0, 0), sample(4, 400_000), sample(8, 800_000)], Liveness.FLOWING),
        ([sample(0, 0), sample(4, 400_000, 300_000), sample(7.5, 800_000, 700_000)], Liveness.STALLED),
        ([sample(0, 0), sample(2, 400_000, 300_000), sample(9, 900_000, 800_000)], Liveness.DEAD),
        ([sample(0, 0), sample(9, 100)], Liveness.FLOWING),  # nothing to send is not a stall
        (  # the kernel swallows everything, only the acknowledgements tell
            [sample(0, 0, 0, 0, 2), sample(1, 500_000, 0, 60_000, 3), sample(4.5, 700_000, 0, 60_000, 3)],
            Liveness.STALLED,
        ),
        (  # a slow slate: little under way, rare acknowledgements
            [sample(0, 0, 0, 0, 5), sample(5, 60_000, 0, 0, 5), sample(10, 120_000, 0, 0, 5)],
            Liveness.FLOWING,
        ),
    ],
)  # fmt: skip
def test_liveness(samples: list[LineSample], verdict: Liveness) -> None:
    progress = first_progress(samples[0])
    for item in samples[1:]:
        progress = follow(progress, item)
    assert evaluate(progress, samples[-1]) is verdict


@pytest.mark.parametrize(
    ("before", "closed", "idle_s", "steady_s", "waiting", "after"),
    [
        (Passage.FREE, True, 7.0, 0.0, 1.0, Passage.FREE),  # pictures are left out now and then
        (Passage.FREE, True, 9.0, 90.0, 1.0, Passage.SQUEEZED),
        (Passage.SQUEEZED, True, 16.0, 90.0, 1.9, Passage.SHUT),
        (Passage.SHUT, True, 9.0, 5.0, 0.9, Passage.SHUT),
        (Passage.SHUT, False, 0.03, 6.0, 0.5, Passage.SHUT),  # some pictures, until it is full again
        (Passage.SHUT, False, 0.03, 6.0, 0.2, Passage.FREE),
        (Passage.SHUT, True, 4.0, 31.0, 0.9, Passage.FREE),
        (Passage.FREE, False, 20.0, 0.0, 0.0, Passage.FREE),  # nothing was offered
    ],
)  # fmt: skip
def test_whether_pictures_get_through(
    before: Passage, closed: bool, idle_s: float, steady_s: float, waiting: float, after: Passage
) -> None:
    assert next_passage(before, closed=closed, idle_s=idle_s, steady_s=steady_s, waiting=waiting) is after


# -- publishing


async def test_nginx_records_what_was_published(nginx: NginxRtmp, program: ProgramSignal) -> None:
    publisher = await RtmpPublisher.open(RtmpTarget.parse(nginx.url(), KEY), info(program))
    for packet in program.packets(4):
        stamp_ms = (packet.stamp_us - program.start_us) // 1000
        if stamp_ms >= 0:
            publisher.video(packet, stamp_ms) if packet.is_video else publisher.audio(packet, stamp_ms)
    publisher.flush()
    await until(lambda: publisher.counters.acked_bytes > 0.7 * publisher.counters.written_bytes)
    await publisher.close()
    seen = judge(await finished(nginx))
    assert seen.numbers == list(range(120))
    assert seen.worst_skew_s() < 0.025
    assert publisher.handshake_matches


async def test_stamps_beyond_four_and_a_half_hours_arrive(nginx: NginxRtmp, program: ProgramSignal) -> None:
    publisher = await RtmpPublisher.open(RtmpTarget.parse(nginx.url(), KEY), info(program))
    for packet in program.packets(2):
        if packet.is_video:
            publisher.video(packet, 0xFFFFFF - 500 + (packet.stamp_us - program.start_us) // 1000)
    await publisher.close()
    seen = judge(await finished(nginx))
    assert seen.numbers == list(range(60))
    steps = [round(b - a, 3) for a, b in zip(seen.times_s, seen.times_s[1:], strict=False)]
    assert set(steps) <= {0.033, 0.034}


def server_that_says(*answers: tuple[amf.Value, ...]) -> Callable[..., Awaitable[None]]:
    """A server that shakes hands and answers the first commands with these."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.readexactly(1537)
        writer.write(b"\x03" + bytes(1536) + hello[1:])
        for answer in answers:
            writer.write(write_message(3, Message(chunks.COMMAND, amf.encode(*answer)), 128))
        await reader.read()
        writer.close()

    return serve


@pytest.mark.parametrize(
    ("answers", "code", "text"),
    [
        (
            [("_error", 1.0, None, {"level": "error", "description": "no app for kunci-rahasia-42"})],
            "rejected",
            "The server rejects the stream: no app for ***.",
        ),
        (
            [
                ("_result", 1.0, None, {"code": "NetConnection.Connect.Success"}),
                ("_error", 2.0, None, None),
                ("_result", 4.0, None, 7.0),
                ("onStatus", 0.0, None, {"level": "error", "code": "NetStream.Publish.BadName"}),
            ],
            "publish_refused",
            "The server does not take the stream: NetStream.Publish.BadName.",
        ),
        (
            [("_error", 1.0, None, {"description": "x" * 195 + "kunci-rahasia-42"})],
            "rejected",
            "The server rejects the stream: " + "x" * 195 + "***.",
        ),
    ],
)
async def test_a_refused_publisher_learns_why_without_the_key(
    answers: list[tuple[amf.Value, ...]], code: str, text: str, program: ProgramSignal
) -> None:
    server = await asyncio.start_server(server_that_says(*answers), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(RtmpError) as caught:
        await RtmpPublisher.open(RtmpTarget.parse(f"rtmp://127.0.0.1:{port}/live", KEY), info(program))
    assert (caught.value.reason.code, caught.value.reason.text) == (code, text)
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("stream_id", [math.nan, math.inf, -1.0, 2.0**32, 1.5])
async def test_a_stream_of_an_impossible_number_is_refused(stream_id: float, program: ProgramSignal) -> None:
    def say(writer: asyncio.StreamWriter, *answer: amf.Value) -> None:
        writer.write(write_message(3, Message(chunks.COMMAND, amf.encode(*answer)), 128))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.readexactly(1537)
        writer.write(b"\x03" + bytes(1536) + hello[1:])
        say(writer, "_result", math.nan, None)
        say(writer, "_result", 1.0, None, {})
        await reader.readuntil(b"createStream")
        say(writer, "_result", 4.0, None, stream_id)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(RtmpError, match="did not create a stream"):
        await RtmpPublisher.open(RtmpTarget.parse(f"rtmp://127.0.0.1:{port}/live", KEY), info(program))
    server.close()
    await server.wait_closed()


async def test_a_server_that_closes_instead_of_taking_the_stream_refuses_it(program: ProgramSignal) -> None:
    """As nginx does when its on_publish says no."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello = await reader.readexactly(1537)
        writer.write(b"\x03" + bytes(1536) + hello[1:])
        for name, answer in (
            ("connect", amf.encode("_result", 1.0)),
            ("createStream", amf.encode("_result", 4.0, 7.0)),
        ):
            await reader.readuntil(amf.encode(name))
            writer.write(write_message(3, Message(chunks.COMMAND, answer), 128))
        await reader.readuntil(amf.encode("publish"))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(RtmpError) as caught:
        await RtmpPublisher.open(RtmpTarget.parse(f"rtmp://127.0.0.1:{port}/live", KEY), info(program))
    assert caught.value.reason.code == "closed_at_once"
    server.close()
    await server.wait_closed()


async def test_nobody_listens(free_port: int, program: ProgramSignal) -> None:
    with pytest.raises(RtmpError) as caught:
        await RtmpPublisher.open(RtmpTarget.parse(f"rtmp://127.0.0.1:{free_port}/live", KEY), info(program))
    assert caught.value.reason.code == "refused"


async def test_a_silent_server_is_given_up_in_time(program: ProgramSignal) -> None:
    hole = Front(1)
    hole.hole = True
    await hole.start()
    target = RtmpTarget.parse(f"rtmp://127.0.0.1:{hole.port}/live", KEY)
    with pytest.raises(RtmpError) as caught:
        await RtmpPublisher.open(target, info(program), timeout_s=0.3)
    assert caught.value.reason.code == "timeout"
    assert hole.accepted == 1
    await hole.stop()


async def answering(answer: bytes) -> asyncio.Server:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.write_eof()
        await reader.read()
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"x" * 4000, "protocol"),
        (b"\x03" + bytes(1536 + 1536) + b"\xff" * 60, "protocol"),
        (b"\x03short", "closed"),
    ],
)
async def test_servers_that_do_not_speak_rtmp(answer: bytes, code: str, program: ProgramSignal) -> None:
    server = await answering(answer)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(RtmpError) as caught:
        await RtmpPublisher.open(RtmpTarget.parse(f"rtmp://127.0.0.1:{port}/live", KEY), info(program))
    assert caught.value.reason.code == code
    server.close()
    await server.wait_closed()


# -- TLS


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[RtmpFileSink]:
    folder = tmp_path / "sink"
    folder.mkdir()
    server = RtmpFileSink(folder)
    yield server
    await server.stop()


async def secure_target(sink: RtmpFileSink, context: ssl.SSLContext, host: str = "127.0.0.1") -> RtmpTarget:
    sink._context = context
    return RtmpTarget.parse(f"rtmps://{host}:{await sink.start()}/live", KEY)


async def test_a_trusted_certificate_of_the_right_name_is_accepted(
    tmp_path: Path, sink: RtmpFileSink, program: ProgramSignal
) -> None:
    authority = Authority(tmp_path)
    target = await secure_target(sink, authority.server_context())
    publisher = await RtmpPublisher.open(target, info(program), context=authority.client_context())
    for packet in program.packets(2):
        if packet.stamp_us >= program.start_us:
            stamp_ms = (packet.stamp_us - program.start_us) // 1000
            publisher.video(packet, stamp_ms) if packet.is_video else publisher.audio(packet, stamp_ms)
    publisher.flush()
    await until(lambda: bool(sink.files) and sink.files[0].video >= 61)
    await publisher.close()
    await until(lambda: not sink.sessions)
    seen = judge(sink.files[0].path)
    assert seen.numbers == list(range(60))
    assert seen.worst_skew_s() < 0.025


@pytest.mark.parametrize(
    ("certificate_host", "days", "trusted", "code"),
    [
        ("127.0.0.2", 1, True, "tls_wrong_host"),
        ("example.org", 1, True, "tls_wrong_host"),
        ("127.0.0.1", -2, True, "tls_expired"),
        ("127.0.0.1", 1, False, "tls_untrusted"),
    ],
)
async def test_certificates_that_must_be_refused(
    tmp_path: Path,
    sink: RtmpFileSink,
    program: ProgramSignal,
    certificate_host: str,
    days: int,
    trusted: bool,
    code: str,
) -> None:
    authority = Authority(tmp_path)
    target = await secure_target(sink, authority.server_context(certificate_host, days))
    context = authority.client_context() if trusted else None
    with pytest.raises(RtmpError) as caught:
        await RtmpPublisher.open(target, info(program), context=context)
    assert caught.value.reason.code == code
    assert sink.files == []


async def test_plain_rtmp_behind_an_rtmps_address_is_refused(
    nginx: NginxRtmp, program: ProgramSignal
) -> None:
    target = RtmpTarget.parse(f"rtmps://127.0.0.1:{nginx.port}/live", KEY)
    with pytest.raises(RtmpError) as caught:
        await RtmpPublisher.open(target, info(program), timeout_s=0.5)
    assert caught.value.reason.code in ("tls", "timeout", "closed")


# -- the livestream


def livestream(url: str, program: ProgramSignal, backup: str = "", **options: object) -> Livestream:
    destination = Destination(url, KEY, backup)
    return Livestream(destination, info(program), program.request_key, retry_s=0.2, **options)  # type: ignore[arg-type]


async def test_a_killed_server_is_noticed_and_stamps_go_on_after_it_is_back(
    nginx: NginxRtmp, program: ProgramSignal
) -> None:
    stream = livestream(nginx.url(), program)
    stream.start()
    feeder = Feeder(program, stream)
    await until(lambda: stream.status().line is Line.LIVE)
    first_path = nginx.recording(KEY.reveal())
    await asyncio.to_thread(nginx.kill)
    await until(lambda: stream.status().line is not Line.LIVE, 0.5)
    status = stream.status()
    assert status.state is OutputState.STARTED
    assert status.reason is not None and status.reason.code in ("closed", "refused")
    first_path.rename(first_path.with_name("before.flv"))
    await asyncio.to_thread(nginx.start)
    await until(lambda: stream.status().line is Line.LIVE, 3)
    sent = stream.status().sent_video
    await until(lambda: stream.status().sent_video >= sent + 40)
    await feeder.stop()
    await stream.stop()
    assert stream.status().state is OutputState.STOPPED
    assert stream.status().connects == 2
    await finished(nginx)
    before, after = judge(first_path.with_name("before.flv")), judge(first_path)
    assert after.times_s[0] > before.times_s[-1]
    assert after.worst_skew_s() < 0.025
    clock = after.times_s[0] - before.times_s[0]
    pictures = after.numbers[0] - before.numbers[0]
    assert clock == pytest.approx(pictures % 256 / SMALL.fps, abs=0.01)


async def test_a_frozen_server_is_noticed_given_up_and_taken_again(nginx: NginxRtmp) -> None:
    program = ProgramSignal()
    stream = livestream(nginx.url("live"), program)
    stream.start()
    feeder = Feeder(program, stream)
    await until(lambda: (stream.status().acked_bps or 0) > 0)
    nginx.freeze()
    try:
        await until(lambda: stream.status().line is Line.STALLED, 12)
        await until(lambda: stream.status().line in (Line.WAITING, Line.CONNECTING), 8)
        reason = stream.status().reason
        assert reason is not None and reason.code == "stalled"
    finally:
        nginx.resume()
    await until(lambda: stream.status().line is Line.LIVE, 8)
    sent = stream.status().sent_video
    await until(lambda: stream.status().sent_video > sent + 10)
    await feeder.stop()
    await stream.stop()


async def test_the_backup_address_takes_over(
    nginx: NginxRtmp, free_port: int, program: ProgramSignal
) -> None:
    stream = livestream(f"rtmp://127.0.0.1:{free_port}/live", program, backup=nginx.url("live"))
    stream.start()
    await until(lambda: stream.status().line is Line.STARVED)
    assert stream.status().url == nginx.url("live")
    assert stream.status().attempts == 2
    await stream.stop()


async def test_a_refusing_server_is_tried_again_and_the_reason_is_shown(
    nginx: NginxRtmp, program: ProgramSignal
) -> None:
    lines: list[Line] = []
    stream: Livestream = livestream(
        nginx.url("closed"), program, on_change=lambda: lines.append(stream.status().line)
    )
    stream.start()
    await until(lambda: stream.status().attempts >= 3)
    status = stream.status()
    assert status.state is OutputState.STARTING
    assert status.connects == 0
    assert status.reason is not None and status.reason.code == "closed_at_once"
    assert "access forbidden" in (nginx.folder / "error.log").read_text()
    assert Line.LIVE not in lines
    await stream.stop()
    assert stream.status().line is Line.CLOSED


async def test_a_backlog_drops_to_the_next_key_picture(sink: RtmpFileSink, program: ProgramSignal) -> None:
    front = Front(await sink.start())
    await front.start()
    stream = livestream(f"rtmp://127.0.0.1:{front.port}/live", program)
    stream.start()
    await until(lambda: stream.status().line is Line.STARVED)
    packets = [p for p in program.packets(2) if p.is_video]
    front.hole = True
    big = [
        EncodedPacket(p.data + b"\0\0\1\x0c" + b"\xff" * 20_000, p.stamp_us, p.pts, p.key, p.codec)
        for p in packets
    ]
    for packet in big * 6:
        stream.push_video(packet)
    await until(lambda: stream.status().dropped_video > 100)
    dropped = stream.status().dropped_video
    front.hole = False
    await until(lambda: stream.status().backlog_bytes == 0)
    program.request_key()
    for packet in program.packets(1):
        stream.push_video(packet) if packet.is_video else stream.push_audio(packet)
    await until(lambda: stream.status().backlog_bytes == 0)
    assert stream.status().dropped_video == dropped
    await stream.stop()
    await until(lambda: not sink.sessions)
    numbers = judge(sink.files[0].path).numbers
    assert numbers[-30:] == list(range(60, 90))
    await front.stop()


async def test_packets_pushed_from_another_thread_arrive(sink: RtmpFileSink, program: ProgramSignal) -> None:
    stream = livestream(f"rtmp://127.0.0.1:{await sink.start()}/live", program)
    stream.start()
    await until(lambda: stream.status().line is Line.STARVED)

    def produce() -> None:
        for packet in program.packets(3):
            stream.push_video(packet) if packet.is_video else stream.push_audio(packet)

    await asyncio.to_thread(produce)
    await until(lambda: stream.status().sent_video == 90)
    await stream.stop()
    await until(lambda: not sink.sessions)
    assert judge(sink.files[0].path).numbers == list(range(90))
    stream.push_video(EncodedPacket(b"", 0, 0, True, "h264"))
