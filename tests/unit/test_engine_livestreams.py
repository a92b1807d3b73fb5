"""The session's livestreams: keys are asked for and kept out of sight, facts say what is on air."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from media.outputs.filesink import RtmpFileSink
from media.outputs.livestream import Line, Livestream
from operator_console.engine import livestreams
from operator_console.engine.livestreams import vault_name
from operator_console.engine.vault import Vault
from operator_console.paths import KEYRING_SERVICE
from operator_console.protocol import OperatorError, StartLivestream
from operator_console.session import facts as f
from tests.fakes import MemoryKeyring
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import Deck, PushedProgram, deck

CANARY = "canary-77aa-key"


def journal_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("journal.db*"))


@asynccontextmanager
async def sink(folder: Path) -> AsyncIterator[str]:
    """A server that takes streams; its address."""
    os.mkdir(folder)
    server = RtmpFileSink(folder)
    port = await server.start()
    yield f"rtmp://127.0.0.1:{port}/live"
    await server.stop()


@pytest.fixture
async def running(tmp_path: Path, memory_keyring: MemoryKeyring) -> AsyncIterator[Deck]:
    async with deck(tmp_path) as one:
        yield one


def stream(one: Deck, who: str = "d") -> tuple[str, bool]:
    found = one.store.state.livestreams.get(who)
    return (str(found.phase), found.on_air) if found else ("", False)


def go(url: str, who: str = "d", key: str = CANARY) -> StartLivestream:
    return StartLivestream(destination_id=who, name="Dinas", url=url, key=key)


async def code(one: Deck, command: StartLivestream) -> str:
    with pytest.raises(OperatorError) as caught:
        await one.livestreams.start("a", command)
    assert CANARY not in caught.value.refusal.text_id + caught.value.refusal.text_en
    return caught.value.refusal.code


async def stop_refused(one: Deck, who: str) -> str:
    with pytest.raises(OperatorError) as caught:
        await one.livestreams.stop("siti", who)
    return caught.value.refusal.code


async def test_on_air_from_start_to_stop(running: Deck, tmp_path: Path) -> None:
    async with sink(tmp_path / "sink") as url:
        await running.livestreams.start("siti", go(url))
        assert stream(running) == ("starting", False), "not on air before the server has taken it"
        await eventually(lambda: stream(running) == ("started", True))
        running.livestreams.observe()
        seen = running.observations.values["stream.d"]
        assert (seen["phase"], seen["on_air"]) == ("started", True)
        await running.livestreams.stop("siti", "d")
        assert stream(running) == ("stopped", False)
    kinds = [type(fact).__name__ for fact in await running.facts()][1:]
    assert kinds == ["LivestreamStarted", "LivestreamConfirmed", "LivestreamStopped"]
    assert [path.stat().st_size > 10_000 for path in (tmp_path / "sink").iterdir()] == [True]


async def test_an_end_that_the_journal_refuses_is_tried_on_and_told_by_a_second_stop(
    running: Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("journal refused facts")
    journal = running.store._journal._connection
    async with sink(tmp_path / "sink") as url:
        for retry_s in (60.0, 0.05):
            monkeypatch.setattr(livestreams, "FACT_RETRY_S", retry_s)
            await running.livestreams.start("siti", go(url, f"{retry_s}"))
            await eventually(lambda: running.store.state.livestreams[f"{retry_s}"].on_air)  # noqa: B023
            journal.execute("PRAGMA query_only=1")
            refusals = [await stop_refused(running, f"{retry_s}") for _ in range(2)]
            assert refusals == ["journal_unwritable"] * 2
            assert not running.livestreams.running and stream(running, f"{retry_s}") == ("started", True)
            journal.execute("PRAGMA query_only=0")
            if retry_s > 1:
                await running.livestreams.stop("siti", f"{retry_s}")
                assert stream(running, f"{retry_s}") == ("stopped", False)
        await eventually(lambda: stream(running, "0.05") == ("stopped", False))
    assert [type(fact) for fact in await running.facts()].count(f.LivestreamStopped) == 2


async def test_one_whose_start_is_cancelled_while_it_is_journaled_can_be_stopped(
    running: Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = running.store._journal
    entered, free, append = threading.Event(), threading.Event(), journal.append

    def held(session_id: str, actor: str, bodies: Sequence[f.AnyFact]) -> list[f.FactRecord]:
        entered.set()
        assert free.wait(10)
        return append(session_id, actor, bodies)

    monkeypatch.setattr(journal, "append", held)
    async with sink(tmp_path / "sink") as url:
        starting = asyncio.create_task(running.livestreams.start("a", go(url)))
        assert await asyncio.to_thread(entered.wait, 10)
        starting.cancel()
        stopping = asyncio.create_task(running.livestreams.stop("siti", "d"))
        await asyncio.sleep(0)
        free.set()
        await asyncio.gather(starting, return_exceptions=True)
        assert starting.cancelled()
        await stopping
    kinds = [type(fact) for fact in await running.facts()][1:]
    assert kinds == [f.LivestreamStarted, f.LivestreamStopped] and stream(running) == ("stopped", False)
    assert running.vault.get(vault_name("d")) == "" and not running.livestreams.running


async def test_started_twice_at_once_it_is_one_stream(running: Deck, tmp_path: Path) -> None:
    async with sink(tmp_path / "sink") as url:
        await asyncio.gather(*(running.livestreams.start("a", go(url)) for _ in range(3)))
        await eventually(lambda: stream(running)[1])
        await asyncio.gather(*(running.livestreams.stop("a", "d") for _ in range(3)))
    kinds = [type(fact).__name__ for fact in await running.facts()]
    assert kinds.count("LivestreamStarted") == kinds.count("LivestreamStopped") == 1
    assert len(list((tmp_path / "sink").iterdir())) == 1


async def test_a_lost_server_is_told_and_the_stream_comes_back(running: Deck, tmp_path: Path) -> None:
    first = RtmpFileSink(tmp_path)
    port = await first.start()
    await running.livestreams.start("a", go(f"rtmp://127.0.0.1:{port}/live"))
    await eventually(lambda: stream(running) == ("started", True))
    await first.stop()
    await eventually(lambda: stream(running) == ("started", False))
    found = running.store.state.livestreams["d"]
    assert found.code and found.reason and CANARY not in found.reason
    second = RtmpFileSink(tmp_path)
    await second.start(port)
    await eventually(lambda: stream(running) == ("started", True), 15.0)
    await running.livestreams.stop("a", "d")
    await second.stop()


async def test_one_that_stalls_is_not_observed_as_on_air(running: Deck, tmp_path: Path) -> None:
    async with sink(tmp_path / "sink") as url:
        await running.livestreams.start("a", go(url))
        await eventually(lambda: stream(running)[1])
        one = running.livestreams._streams["d"]
        one._set_line(Line.STALLED)
        seen = running.observations.values["stream.d"]
        assert (seen["on_air"], seen["line"]) == (False, "stalled") and seen["since_ms"]
        await running.livestreams.stop("a", "d")


async def test_one_that_fails_by_a_fault_of_ours_is_failed_and_can_be_started_again(
    running: Deck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("ended by a fault of the program")

    async def broken(_stream: Livestream) -> None:
        raise RuntimeError("a fault")

    with monkeypatch.context() as patched:
        patched.setattr(Livestream, "_supply", broken)
        await running.livestreams.start("a", go("rtmp://127.0.0.1:9/live"))
        await eventually(lambda: stream(running) == ("failed", False))
    assert running.store.state.livestreams["d"].code == "internal"
    assert not running.livestreams.running
    async with sink(tmp_path / "sink") as url:
        await running.livestreams.start("a", go(url))
        await eventually(lambda: stream(running) == ("started", True))
        await running.livestreams.stop("a", "d")


async def test_what_is_missing_or_wrong_is_refused(running: Deck) -> None:
    assert await code(running, StartLivestream(destination_id="nowhere")) == "unknown_destination"
    assert await code(running, StartLivestream(destination_id="dinas")) == "no_stream_key"
    assert await code(running, go("http://127.0.0.1/live")) == "bad_address"
    assert not running.livestreams.running
    assert running.vault.get(vault_name("d")) == ""
    assert [type(fact) for fact in await running.facts()] == [f.SessionOpened]


async def test_there_are_only_so_many_at_once(running: Deck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livestreams, "STREAMS_MAX", 1)
    away = "rtmp://127.0.0.1:9/live"
    for _ in range(2):
        await running.livestreams.start("a", go(away, "one"))
    assert await code(running, go(away, "two")) == "too_many_livestreams"
    await running.livestreams.stop("a", "one")
    await running.livestreams.start("a", go(away, "two"))


async def test_a_destination_of_the_settings_takes_its_key_from_the_keyring(
    running: Deck, memory_keyring: MemoryKeyring
) -> None:
    memory_keyring.set_password(KEYRING_SERVICE, "stream:dinas", CANARY)
    await running.livestreams.start("a", StartLivestream(destination_id="dinas"))
    assert running.store.state.livestreams["dinas"].url == "rtmp://127.0.0.1:9/live"
    assert running.vault.get(vault_name("dinas")) == CANARY
    await running.livestreams.stop("a", "dinas")
    assert running.vault.get(vault_name("dinas")) == "", "what is not live is not kept"


async def test_after_a_crash_a_stream_goes_on_with_the_key_of_the_vault(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    vault = Vault()
    async with sink(tmp_path / "sink") as url:
        with PushedProgram().running() as program:
            first = Deck(tmp_path, program, vault)
            await first.open()
            await first.livestreams.start("a", go(url))
            await eventually(lambda: stream(first)[1])
            await first.crash()
            second = Deck(tmp_path, program, vault)
            await second.store.resume()
            assert stream(second) == ("started", True)
            await second.livestreams.resume()
            assert stream(second) == ("starting", False)
            await eventually(lambda: stream(second) == ("started", True))
            await second.end()
    assert CANARY.encode() not in journal_bytes(tmp_path)


async def test_after_a_crash_without_the_key_it_is_said_that_the_stream_has_ended(
    tmp_path: Path, memory_keyring: MemoryKeyring, expect_log: Callable[[str], None]
) -> None:
    expect_log("livestream Dinas was not resumed: There is no stream key")
    async with sink(tmp_path / "sink") as url:
        with PushedProgram().running() as program:
            first = Deck(tmp_path, program)
            await first.open()
            await first.livestreams.start("a", go(url))
            await first.crash()
            second = Deck(tmp_path, program)
            await second.store.resume()
            await second.livestreams.resume()
            await eventually(lambda: stream(second) == ("failed", False))
            failed = second.store.state.livestreams["d"]
            assert failed.code == "no_stream_key" and "no stream key" in failed.reason
            await second.livestreams.start("a", go(url))
            await eventually(lambda: stream(second) == ("started", True))
            assert second.store.state.livestreams["d"].code == ""
            await second.end()
