"""Attempts that overlap: who is let in first publishes, and nobody else names the key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from media.outputs import amf, chunks
from media.outputs.chunks import Message, write_message
from media.outputs.dial import Way, connect, first_to_arrive
from media.outputs.rtmp import RtmpPublisher, RtmpTarget, StreamInfo
from media.outputs.secret import Secret
from tests.media.program_signal import SMALL

KEY = "kunci-rahasia-42"
SOON_S, LATE_S = 0.05, 30.0


class Tried:
    """An attempt that arrives, fails or waits for ever."""

    def __init__(self, number: int, fate: BaseException | None = None, *, waits: bool = False) -> None:
        self.number, self._fate, self._waits = number, fate, waits
        self.heard_s = asyncio.get_running_loop().time()
        self.open = True

    async def arrive(self) -> None:
        if self._waits:
            await asyncio.Event().wait()
        if self._fate is not None:
            self.open = False
            raise self._fate

    def give_up(self) -> None:
        self.open = False


async def tried(
    make: Callable[[int], Tried], deadline_s: float = LATE_S, patience_s: float = SOON_S
) -> tuple[Tried | BaseException, list[Tried]]:
    made: list[Tried] = []

    def begin(number: int) -> Tried:
        made.append(make(number))
        return made[-1]

    try:
        now_s = asyncio.get_running_loop().time()
        return await first_to_arrive(begin, now_s + deadline_s, patience_s), made
    except OSError as error:
        return error, made


async def test_one_that_waits_is_overtaken_and_given_up() -> None:
    winner, made = await tried(lambda number: Tried(number, waits=number < 2))
    assert winner is made[2]
    assert [one.open for one in made] == [False, False, True]


async def test_one_that_is_answered_has_nobody_beside_it() -> None:
    def answered(number: int) -> Tried:
        one = Tried(number, waits=True)
        one.heard_s += LATE_S
        return one

    outcome, made = await tried(answered, deadline_s=10 * SOON_S)
    assert isinstance(outcome, TimeoutError)
    assert [one.open for one in made] == [False]


async def test_one_that_fails_alone_is_the_end_of_it() -> None:
    outcome, made = await tried(lambda number: Tried(number, ConnectionRefusedError("nobody there")))
    assert isinstance(outcome, ConnectionRefusedError)
    assert len(made) == 1


async def test_one_that_fails_beside_another_ends_nothing() -> None:
    refused = ConnectionRefusedError("nobody there")
    fates = {0: None, 1: refused}
    winner, made = await tried(lambda number: Tried(number, fates.get(number), waits=number == 0))
    assert winner is made[2]
    outcome, made = await tried(
        lambda number: Tried(number, refused if number else None, waits=not number), deadline_s=4 * SOON_S
    )
    assert outcome is refused
    assert not any(one.open for one in made)


async def test_whoever_stops_it_leaves_nothing_open() -> None:
    made: list[Tried] = []

    def begin(number: int) -> Tried:
        made.append(Tried(number, waits=True))
        return made[-1]

    task = asyncio.create_task(first_to_arrive(begin, asyncio.get_running_loop().time() + LATE_S, SOON_S))
    while len(made) < 2:  # noqa: ASYNC110 nothing tells of it
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(one.open for one in made)


async def test_an_address_that_refuses_gives_way_to_the_next(free_port: int) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    way = Way("host.invalid", (("127.0.0.1", free_port), ("127.0.0.1", port)), None)
    for number in range(3):
        reader, writer = await connect(way, number)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await connect(Way("host.invalid", way.addresses[:1], None))
    server.close()
    await server.wait_closed()


class Mute:
    """An RTMP server that says nothing on its first connection; it keeps what each brought."""

    def __init__(self) -> None:
        self.brought: list[bytes] = []
        self.published, self.all_ended = asyncio.Event(), asyncio.Event()
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, said = len(self.brought), b""
        self.brought.append(b"")
        self._open += 1
        try:
            if number:
                said = await self._let_in(reader, writer)
            while data := await reader.read(65_536):
                said += data
        except ConnectionError:
            pass  # given up without a word
        finally:
            self.brought[number] = said
            self._open -= 1
            self.all_ended.set() if not self._open else None
            writer.close()

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """Answer connect and createStream, and hear a publish."""
        hello = await reader.readexactly(1537)
        writer.write(b"\x03" + bytes(1536) + hello[1:])
        said = b""
        for name, answer in (
            ("connect", ("_result", 1.0, None, {})),
            ("createStream", ("_result", 4.0, None, 7.0)),
        ):
            said += await reader.readuntil(amf.encode(name))
            writer.write(write_message(3, Message(chunks.COMMAND, amf.encode(*answer)), 128))
        said += await reader.readuntil(amf.encode("publish"))
        self.published.set()
        return said


async def test_only_the_one_that_is_let_in_names_the_key() -> None:
    """The connection without an answer must stay without the key, for else two might publish."""
    mute = Mute()
    server = await asyncio.start_server(mute.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = RtmpTarget.parse(f"rtmp://127.0.0.1:{port}/live", Secret(KEY))
    info = StreamInfo(SMALL, b"\x11\x90")
    opening = asyncio.create_task(RtmpPublisher.open(target, info, timeout_s=LATE_S))
    try:
        async with asyncio.timeout(LATE_S):
            await mute.published.wait()
    finally:
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    async with asyncio.timeout(LATE_S):
        await mute.all_ended.wait()
    assert len(mute.brought) > 1
    assert [KEY.encode() in said for said in mute.brought].count(True) == 1
    assert KEY.encode() not in mute.brought[0]
    server.close()
    await server.wait_closed()
