"""The engine's API: who may come in, what each client is told, and what becomes of those that misbehave."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import msgspec
import pytest

from operator_console import protocol as p
from operator_console.engine.control import CLOSE_VERSION
from operator_console.session import facts as f
from operator_console.session.fold import apply
from tests.unit.engine_kit import DEADLINE_S, Console, Served, eventually, served

OPEN = p.OpenSession(title="Rapat")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as one:
        yield one


async def closed_with(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    while (await socket.receive(timeout=DEADLINE_S)).type not in (
        aiohttp.WSMsgType.CLOSE,
        aiohttp.WSMsgType.CLOSED,
        aiohttp.WSMsgType.CLOSING,
        aiohttp.WSMsgType.ERROR,
    ):
        continue
    return socket.close_code


async def heard_all(api: Served, console: Console) -> None:
    assert console.snapshot is not None
    rev, target = console.snapshot.state.rev, api.engine.store.state.rev
    await console.hear_until(lambda: rev + len(console.told) >= target)


# ---- who may come in


@pytest.mark.parametrize("path", ["/control", "/worker"])
@pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer ", "Basic abc", "Bearer \xe4\xf6"])
async def test_without_the_token_nobody_comes_in(api: Served, path: str, given: str) -> None:
    headers = {"Authorization": given} if given else {}
    async with api.http.get(api.url(path), headers=headers) as answer:
        assert answer.status == 401
        assert api.endpoint.token not in await answer.text()


@pytest.mark.parametrize("path", ["/control", "/worker"])
async def test_a_web_page_does_not_come_in_even_with_the_token(api: Served, path: str) -> None:
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{api.endpoint.port}"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await api.http.ws_connect(api.url(path), headers={**api.bearer, "Origin": origin})
        assert caught.value.status == 403


async def test_the_endpoint_file_is_private_and_goes_with_the_server(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        file = tmp_path / "endpoint.json"
        assert file.stat().st_mode & 0o077 == 0
        found = json.loads(file.read_text())
        assert (found["port"], found["token"]) == (api.endpoint.port, api.endpoint.token)
        assert len(found["token"]) >= 32 and api.endpoint.token not in repr(api.endpoint)
    assert not file.exists()


async def test_an_endpoint_file_of_another_engine_is_left_alone(tmp_path: Path) -> None:
    async with served(tmp_path):
        other = json.dumps({"port": 1, "token": "t", "pid": 1, "epoch": "another"})
        (tmp_path / "endpoint.json").write_text(other)
    assert (tmp_path / "endpoint.json").read_text() == other


async def test_another_version_is_refused_with_its_code(api: Served) -> None:
    socket = await api.socket()
    await socket.send_str(p.encode(p.Hello(version=99)).decode())
    assert await closed_with(socket) == CLOSE_VERSION
    worker = await api.socket("/worker")
    await worker.send_str(p.encode(p.WorkerHello(role="room", name="r", pid=1, version=99)).decode())
    assert await closed_with(worker) == CLOSE_VERSION


@pytest.mark.parametrize("first", ["", "{}", "[1,2", '{"t":"request","id":1}', "\x00" * 200])
async def test_who_does_not_say_hello_is_put_out(api: Served, first: str) -> None:
    socket = await api.socket()
    await socket.send_str(first)
    assert await closed_with(socket) == CLOSE_VERSION
    assert not api.server.clients


async def test_a_binary_hello_is_put_out(api: Served) -> None:
    for path in ("/control", "/worker"):
        socket = await api.socket(path)
        await socket.send_bytes(b"\xff\x00")
        assert await closed_with(socket) == CLOSE_VERSION


# ---- snapshot and facts


async def test_the_snapshot_and_the_facts_after_it_make_the_engines_state(api: Served) -> None:
    first = await api.attached()
    await first.do(OPEN)
    second = await api.attached()
    assert second.snapshot is not None and second.snapshot.epoch == api.endpoint.epoch
    for number in range(30):
        await first.do(p.SetHallMuted(muted=number % 2 == 0))
    for console in (first, second):
        assert console.snapshot is not None
        await heard_all(api, console)
        numbers = [told.record.seq for told in console.told]
        begin = console.snapshot.state.rev + 1
        assert numbers == list(range(begin, api.engine.store.state.rev + 1))
        state = console.snapshot.state
        for told in console.told:
            state = apply(state, told.record)
        assert state == api.engine.store.state


async def test_who_attaches_amid_facts_misses_none(api: Served) -> None:
    console = await api.attached()
    await console.do(OPEN)

    async def keep_marking() -> None:
        for number in range(40):
            await api.engine.store.record("test", f.ChapterMarked(title=str(number)))

    marking = asyncio.create_task(keep_marking())
    late = [await api.attached() for _ in range(5)]
    await marking
    for one in late:
        assert one.snapshot is not None
        await heard_all(api, one)
        rev = one.snapshot.state.rev
        assert [told.record.seq for told in one.told] == [rev + 1 + n for n in range(len(one.told))]


async def test_observations_come_in_batches_with_null_for_what_is_gone(api: Served) -> None:
    api.engine.observations.set("machine", {"cpu_percent": 1})
    console = await api.console()
    snapshot = await console.hello()
    assert snapshot.observations == {"machine": {"cpu_percent": 1}}
    place = p.MediaPlace(video=("video-room0", 2))
    api.engine.observations.set("machine", {"cpu_percent": 2})
    api.engine.observations.set("media.p1", place)
    api.engine.observations.drop("machine")
    message = await console.hear()
    assert isinstance(message, p.Observed)
    assert message.values == {"machine": None, "media.p1": {"video": ["video-room0", 2]}}


# ---- commands


async def test_a_command_is_answered_after_its_fact_with_the_revision(api: Served) -> None:
    console = await api.attached()
    reply = await console.do(OPEN)
    assert reply.ok and reply.rev == 1 and reply.result["session_id"]
    assert [type(told.record.body) for told in console.told] == [f.SessionOpened]
    assert console.told[0].record.actor == "test"


async def test_the_same_command_again_is_answered_and_changes_nothing(api: Served) -> None:
    console = await api.attached()
    await console.do(OPEN)
    first = await console.do(p.SetRoomLocked(locked=True))
    again = await console.do(p.SetRoomLocked(locked=True))
    assert (first.ok, again.ok, first.rev, again.rev) == (True, True, 2, 2)
    assert len(console.told) == 2


async def test_a_refusal_says_why_in_both_languages(api: Served) -> None:
    console = await api.attached()
    refused = await console.do(p.SetRoomLocked(locked=True))
    assert not refused.ok and refused.refusal is not None and refused.refusal.code == "no_session"
    await console.do(OPEN)
    for command in (p.Take(), p.SetSpotlight(source_id="x"), p.AdmitParticipant(participant_id="x"), OPEN):
        reply = await console.do(command)
        assert not reply.ok and reply.refusal is not None
        assert re.fullmatch(r"[A-Z].+[.]", reply.refusal.text_id), command
        assert re.fullmatch(r"[A-Z].+[.]", reply.refusal.text_en), command
        assert reply.refusal.text_id != reply.refusal.text_en
    assert len(console.told) == 1


async def test_a_fault_of_the_program_is_a_refusal_and_stands_in_the_log(
    api: Served, expect_log: Callable[[str], None]
) -> None:
    expect_log("command SetSetting failed")

    async def broken(name: str, value: object) -> None:
        raise ZeroDivisionError

    api.engine.change_setting = broken  # type: ignore[method-assign]
    console = await api.attached()
    reply = await console.do(p.SetSetting(name="language", value="en"))
    assert reply.refusal is not None and reply.refusal.code == "internal"
    assert (await console.do(OPEN)).ok


async def test_a_clients_wants_are_its_own_and_end_with_it(api: Served) -> None:
    changes: list[int] = []
    api.server.on_wants = lambda: changes.append(len(api.server.clients))
    console = await api.attached()
    await console.do(p.SetWants(tiles={"p1": (320, 180)}))
    assert [client.wants.tiles for client in api.server.clients] == [{"p1": (320, 180)}]
    await console.socket.close()
    await eventually(lambda: not api.server.clients)
    assert changes == [1, 0]


# ---- those that misbehave


@pytest.mark.parametrize(
    "garbage",
    ["{", "[]", '{"t":"no_such"}', '{"t":"request","id":"x"}', "\ud7ff" * 99, '{"t":"hello"' * 500],
)
async def test_garbage_ends_that_connection_and_no_other(api: Served, garbage: str) -> None:
    good, bad = await api.attached(), await api.attached()
    await bad.socket.send_str(garbage)
    assert await closed_with(bad.socket) == 1003
    assert (await good.do(OPEN)).ok


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ('{"cmd":"dance"}', "unknown_command"),
        ('{"cmd":"<b>\\u202e"}', "unknown_command"),
        ('{"cmd":""}', "unknown_command"),
        ('{"cmd":"open_session"}', "bad_command"),
        ('{"cmd":"open_session","title":7}', "bad_command"),
        ('{"cmd":"take","layout":{"kind":"spiral"}}', "bad_command"),
    ],
)
async def test_a_command_that_is_none_is_refused_and_the_client_stays(
    api: Served, command: str, code: str
) -> None:
    client = await api.attached()
    await client.socket.send_str(f'{{"t":"request","id":41,"command":{command}}}')
    while not isinstance(reply := await client.hear(), p.Reply):
        pass
    assert reply.id == 41
    assert not reply.ok and reply.refusal is not None and reply.refusal.code == code
    assert reply.refusal.text_id != reply.refusal.text_en
    assert "<" not in reply.refusal.text_en
    assert (await client.do(OPEN)).ok


async def test_a_frame_beyond_the_limit_ends_the_connection(api: Served) -> None:
    good, bad = await api.attached(), await api.attached()
    with suppress(ConnectionError):  # it is put out before all of it is sent
        await bad.socket.send_str("x" * (p.MAX_MESSAGE_BYTES + 1))
    await eventually(lambda: len(api.server.clients) == 1)
    await bad.socket.close()
    assert (await good.do(OPEN)).ok


async def test_a_binary_frame_ends_that_connection_and_no_other(api: Served) -> None:
    good, bad = await api.attached(), await api.attached()
    await bad.socket.send_bytes(b"\x00\x01")
    assert await closed_with(bad.socket) == 1003
    assert (await good.do(OPEN)).ok


async def test_a_client_that_does_not_read_is_disconnected_and_holds_nobody_up(api: Served) -> None:
    fast = await api.attached()
    _, writer = await raw_client(api)
    await eventually(lambda: len(api.server.clients) == 2)
    await fast.do(OPEN)
    for number in range(400):  # far more than the kernel buffers and the queue hold
        await api.engine.store.record("test", f.ChapterMarked(title=str(number) + "x" * 50_000))
        await fast.hear()
    await eventually(lambda: len(api.server.clients) == 1)
    await heard_all(api, fast)
    assert [told.record.seq for told in fast.told] == list(range(1, 402))
    writer.transport.abort()
    await asyncio.sleep(0)


async def test_a_client_that_hangs_quietly_is_found_by_its_missing_pong(api: Served) -> None:
    _, writer = await raw_client(api)
    await eventually(lambda: len(api.server.clients) == 1)
    await eventually(lambda: not api.server.clients)
    writer.transport.abort()
    await asyncio.sleep(0)


async def raw_client(api: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A console that says hello over a bare socket and then reads nothing, not even pings."""
    reader, writer = await asyncio.open_connection("127.0.0.1", api.endpoint.port, limit=1024)
    writer.write(
        f"GET /control HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: {api.bearer['Authorization']}\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    hello = p.encode(p.Hello(client="slow"))
    writer.write(bytes([0x81, 0x80 | len(hello), 0, 0, 0, 0]) + hello)  # masked with zeros
    await writer.drain()
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    return reader, writer


# ---- workers


async def worker(api: Served, name: str = "room0") -> aiohttp.ClientWebSocketResponse:
    socket = await api.socket("/worker")
    await socket.send_str(p.encode(p.WorkerHello(role="room", name=name, pid=7)).decode())
    await eventually(lambda: name in api.workers.connections)
    return socket


async def test_workers_say_and_are_told(api: Served) -> None:
    socket = await worker(api)
    report = p.PeerReport(participant_id="p1", mic_on=True)
    await socket.send_str(p.encode(report).decode())
    await eventually(lambda: bool(api.workers.heard))
    assert api.workers.heard == [("room0", report)]
    api.workers.connections["room0"].send(p.EndWorker())
    assert p.decode_to_worker(await socket.receive_str(timeout=DEADLINE_S)) == p.EndWorker()
    await socket.close()
    await eventually(lambda: not api.workers.connections)


async def test_a_workers_garbage_is_logged_and_skipped(
    api: Served, expect_log: Callable[[str], None]
) -> None:
    expect_log("worker room0 sent something that is no message")
    socket = await worker(api)
    await socket.send_str('{"t":"peer_up"}')
    await socket.send_str(p.encode(p.KeyframeRequest(ring="packets-return-h264")).decode())
    await eventually(lambda: bool(api.workers.heard))
    assert [type(message) for _, message in api.workers.heard] == [p.KeyframeRequest]
    await socket.close()


def test_no_command_can_be_decoded_from_a_worker() -> None:
    with pytest.raises(msgspec.MsgspecError):
        p.decode_from_worker(p.encode(p.Request(id=1, command=p.ShutDown())))
