"""Several livestreams at once, delayed ones, narrow lines, and the line test, as the engine runs them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from media.outputs import liveness
from media.outputs.filesink import RtmpFileSink
from media.packet import EncodedPacket
from operator_console.engine.livestreams import vault_name
from operator_console.protocol import OperatorError, RunLineTest, StartLivestream
from operator_console.session import facts as f
from tests.fakes import MemoryKeyring
from tests.media.narrow_line import NarrowLine
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import VIDEO, Deck, deck

CANARY = "canary-77aa-key"
WIDE_BPS = 20_000_000


@pytest.fixture
async def running(tmp_path: Path, memory_keyring: MemoryKeyring) -> AsyncIterator[Deck]:
    async with deck(tmp_path) as one:
        yield one


def url(port: int) -> str:
    return f"rtmp://127.0.0.1:{port}/live"


@dataclass
class Sink:
    """A server that takes streams."""

    server: RtmpFileSink
    port: int

    @property
    def url(self) -> str:
        return url(self.port)


@asynccontextmanager
async def sink(folder: Path) -> AsyncIterator[Sink]:
    os.mkdir(folder)
    server = RtmpFileSink(folder)
    try:
        yield Sink(server, await server.start())
    finally:
        await server.stop()


def go(address: str, who: str = "d", **more: Any) -> StartLivestream:
    return StartLivestream(destination_id=who, name=who.upper(), url=address, key=CANARY, **more)


def on_air(one: Deck) -> set[str]:
    return {name for name, stream in one.store.state.livestreams.items() if stream.on_air}


async def facts(one: Deck, kind: type[f.Fact]) -> list[Any]:
    return [fact for fact in await one.facts() if isinstance(fact, kind)]


class Looking:
    """Has the engine look at its streams as it does itself, twice a second."""

    def __init__(self, one: Deck) -> None:
        self._deck = one
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            self._deck.livestreams.observe()
            await asyncio.sleep(0.5)

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@pytest.fixture
async def looking(running: Deck) -> AsyncIterator[Looking]:
    one = Looking(running)
    yield one
    await one.stop()


async def test_three_destinations_each_with_its_own_truth(running: Deck, tmp_path: Path) -> None:
    async with sink(tmp_path / "a") as first, sink(tmp_path / "b") as second, sink(tmp_path / "c") as third:
        servers = {"a": first, "b": second, "c": third}
        for who, server in servers.items():
            await running.livestreams.start("siti", go(server.url, who))
        await eventually(lambda: on_air(running) == {"a", "b", "c"}, 15.0)
        await second.server.stop()
        await eventually(lambda: on_air(running) == {"a", "c"}, 15.0)
        running.livestreams.observe()
        seen = running.observations.values
        assert seen["stream.a"]["on_air"] and not seen["stream.b"]["on_air"] and seen["stream.b"]["code"]
        await running.livestreams.stop("siti", "a")
        assert on_air(running) == {"c"} and running.livestreams.running
        assert running.vault.get(vault_name("a")) == "" and running.vault.get(vault_name("c")) == CANARY
        await running.livestreams.stop_all("siti")
    phases = {str(stream.phase) for stream in running.store.state.livestreams.values()}
    assert phases == {"stopped"} and not running.livestreams.running


async def test_a_delayed_stream_is_sent_to_its_end_and_says_how_long_that_takes(
    running: Deck, tmp_path: Path
) -> None:
    async with sink(tmp_path / "a") as server:
        await running.livestreams.start("siti", go(server.url, delay_s=2))
        assert running.store.state.livestreams["d"].delay_s == 2
        await eventually(lambda: on_air(running) == {"d"}, 15.0)
        await running.livestreams.stop("siti", "d")
        stream = running.store.state.livestreams["d"]
        assert str(stream.phase) == "stopping" and stream.ends_at_ms > stream.started_at_ms
        assert (await facts(running, f.LivestreamStopping))[0].rest_s in (1, 2)
        with pytest.raises(OperatorError) as caught:
            await running.livestreams.start("siti", go(server.url))
        assert caught.value.refusal.code == "livestream_ending"
        await eventually(lambda: str(running.store.state.livestreams["d"].phase) == "stopped", 15.0)
        assert (await facts(running, f.LivestreamStopped))[0].cut_s == 0
        assert not running.livestreams.running and running.vault.get(vault_name("d")) == ""


async def test_the_end_of_a_delayed_stream_stands_in_its_own_session(running: Deck, tmp_path: Path) -> None:
    async with sink(tmp_path / "a") as server:
        await running.livestreams.start("siti", go(server.url, delay_s=2))
        await eventually(lambda: on_air(running) == {"d"}, 15.0)
        await running.livestreams.stop("siti", "d")
        await running.store.record("siti", f.SessionClosed())
        opened = f.SessionOpened(session_id="next", title="Rapat Berikut")
        await running.store.decide("siti", lambda _state: [opened], session_id="next")
        await eventually(lambda: not running.livestreams._ending, 15.0)
        await eventually(lambda: not running.livestreams._untold)
    journal = running.store._journal
    assert [type(record.body) for record in journal.facts("next")] == [f.SessionOpened]
    assert len(await facts(running, f.LivestreamStopped)) == 1, "in the session that it belongs to"
    assert str(journal.fold("s").livestreams["d"].phase) == "stopped"


async def test_the_rest_can_be_cut_off_and_the_journal_says_how_much(running: Deck, tmp_path: Path) -> None:
    async with sink(tmp_path / "a") as server:
        await running.livestreams.start("siti", go(server.url, delay_s=30))
        running.livestreams.observe()
        await eventually(lambda: running.livestreams._streams["d"]._delay.pictures > 2 * VIDEO.fps)
        await running.livestreams.stop("siti", "d")
        ended: list[bool] = []
        running.livestreams.when_ended(lambda: ended.append(True))
        assert not ended
        await running.livestreams.stop("siti", "d", now=True)
        assert (await facts(running, f.LivestreamStopped))[0].cut_s >= 2, "as much as there was"
        await eventually(lambda: ended == [True])


class Filled:
    """An encoder that always uses its whole rate, on a busy machine too (NAL units of type 12 fill it up)."""

    def __init__(self, rate: Callable[[], int]) -> None:
        self._rate, self._owed_bytes, self._then_s = rate, 0.0, time.monotonic()

    def __call__(self, packet: EncodedPacket) -> EncodedPacket:
        """The packet, made as large as the time since the last picture asks for."""
        if not packet.is_video:
            return packet
        now_s = time.monotonic()
        self._owed_bytes += self._rate() / 8 * (now_s - self._then_s) - len(packet.data)
        self._then_s = now_s
        missing = max(0, round(self._owed_bytes))
        self._owed_bytes -= missing
        return replace(packet, data=packet.data + b"\0\0\0\1\x0c" + b"\xff" * missing) if missing else packet


async def test_the_rate_follows_a_line_down_and_up_and_says_whose_line_it_is(
    running: Deck, looking: Looking, tmp_path: Path
) -> None:
    air = running.livestreams.air_rate
    rates: list[int] = []
    air.set_rate = rates.append
    filled = Filled(lambda: air.rate_bps)
    running.program.takers[:] = [lambda packet: running.livestreams.push(filled(packet))]
    async with sink(tmp_path / "a") as narrow, sink(tmp_path / "b") as wide:
        line = NarrowLine(narrow.port, WIDE_BPS)
        await line.start()
        await running.livestreams.start("siti", go(url(line.port), "narrow"))
        await running.livestreams.start("siti", go(wide.url, "wide"))
        await eventually(lambda: on_air(running) == {"narrow", "wide"}, 15.0)
        assert rates == []
        line.rate_bps = 600_000
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        await eventually(lambda: air.rate_bps < 600_000, 15.0)
        assert loop.time() - begun_s < 10, "followed at once"
        seen = running.observations.values["air_rate"]
        assert (seen["limited_by"], seen["lowered"]) == ("narrow", True)
        assert seen["kbps"] >= seen["floor_kbps"] == 200
        await eventually(lambda: running.observations.values["stream.narrow"]["backlog_bytes"] < 20_000, 20.0)
        assert on_air(running) == {"narrow", "wide"}
        lost = running.livestreams._streams["narrow"].status().dropped_video
        assert lost < 70, "but for those before the first key picture"
        low = air.rate_bps
        line.rate_bps = WIDE_BPS
        await eventually(lambda: air.rate_bps > 1.2 * low, 30.0)
        await running.livestreams.stop("siti", "narrow")
        await eventually(lambda: air.rate_bps == VIDEO.bit_rate_bps)  # who is gone holds nobody back
        await eventually(lambda: running.observations.values["air_rate"]["limited_by"] == "")
        await running.livestreams.stop_all("siti")
        await line.stop()
    lowered, restored = await facts(running, f.AirRateLowered), await facts(running, f.AirRateRestored)
    assert [fact.destination_id for fact in lowered] == ["narrow"] and len(restored) == 1


async def test_a_line_that_carries_the_sound_alone_is_not_called_live(
    running: Deck, looking: Looking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "SQUEEZED_S", 2.0)
    monkeypatch.setattr(liveness, "SHUT_S", 4.0)
    filled = Filled(lambda: VIDEO.bit_rate_bps)
    running.program.takers[:] = [lambda packet: running.livestreams.push(filled(packet))]
    seen = running.observations.values
    async with sink(tmp_path / "a") as server:
        line = NarrowLine(server.port, WIDE_BPS)
        await line.start()
        await running.livestreams.start("siti", go(url(line.port)))
        await eventually(lambda: on_air(running) == {"d"}, 15.0)
        line.rate_bps = 100_000
        await eventually(lambda: seen["stream.d"]["code"] == "narrow", 20.0)
        assert not seen["stream.d"]["on_air"] and seen["stream.d"]["line"] in ("stalled", "narrow")
        await eventually(lambda: on_air(running) == set(), 20.0)
        assert [fact.code for fact in await facts(running, f.LivestreamLost)] == ["narrow"]
        assert seen["stream.d"]["line"] == "narrow" and seen["stream.d"]["too_slow"]
        passed = line.passed_bytes
        await eventually(lambda: line.passed_bytes > passed + 4096)  # what waits, and the sound, go on
        line.rate_bps = WIDE_BPS
        await eventually(lambda: on_air(running) == {"d"}, 20.0)
        assert (seen["stream.d"]["line"], seen["stream.d"]["code"]) == ("live", "")
        assert (seen["stream.d"]["connects"], line.accepted) == (1, 1), "it never was another connection"
        await running.livestreams.stop_all("siti")
        await line.stop()
    assert len(await facts(running, f.LivestreamLost)) == 1


async def test_the_line_test_knocks_publishes_and_can_be_stopped(running: Deck, tmp_path: Path) -> None:
    streams, seen = running.livestreams, running.observations.values
    async with sink(tmp_path / "a") as server:
        address = server.url
        await streams.test_line(RunLineTest(destination_id="d", url=address))
        await eventually(lambda: seen["line_test"]["state"] == "done")
        assert seen["line_test"]["addresses"][0]["ok"] and not seen["line_test"]["key_tested"]
        assert server.server.files == [], "nothing was published"
        publish = RunLineTest(destination_id="d", url=address, key=CANARY, publish=True, seconds=3)
        await streams.test_line(publish)
        await streams.test_line(publish)
        with pytest.raises(OperatorError) as caught:
            await streams.test_line(RunLineTest(destination_id="other", url=address))
        assert caught.value.refusal.code == "line_test_runs"
        await eventually(lambda: seen["line_test"]["state"] == "done", 20.0)
        assert seen["line_test"]["key_tested"] and seen["line_test"]["speed"]["sustained_kbps"] > 500
        assert CANARY not in str(seen)
        await streams.test_line(publish)
        await eventually(lambda: seen["line_test"]["step"] == "publish")
        await streams.line_tests.stop()
        assert seen["line_test"]["state"] == "stopped" and not streams.line_tests.running


async def test_what_cannot_be_tested_is_refused_or_said(
    running: Deck, tmp_path: Path, free_port: int
) -> None:
    streams, seen = running.livestreams, running.observations.values
    with pytest.raises(OperatorError) as caught:
        await streams.test_line(RunLineTest(destination_id="nowhere"))
    assert caught.value.refusal.code == "unknown_destination"
    with pytest.raises(OperatorError) as caught:
        await streams.test_line(RunLineTest(destination_id="d", url="http://x/live"))
    assert caught.value.refusal.code == "bad_address"
    with pytest.raises(OperatorError) as caught:
        await streams.test_line(RunLineTest(destination_id="d", url=url(free_port), publish=True))
    assert caught.value.refusal.code == "no_stream_key"
    await streams.test_line(RunLineTest(destination_id="d", url=url(free_port), key=CANARY, publish=True))
    await eventually(lambda: seen["line_test"]["state"] == "failed")
    assert seen["line_test"]["code"] == "refused" and seen["line_test"]["speed"] is None
    async with sink(tmp_path / "a") as server:
        address = server.url
        await streams.start("siti", go(address))
        with pytest.raises(OperatorError) as caught:
            await streams.test_line(RunLineTest(destination_id="d", url=address, key="k", publish=True))
        assert caught.value.refusal.code == "line_test_live"
        await streams.stop("siti", "d", now=True)
