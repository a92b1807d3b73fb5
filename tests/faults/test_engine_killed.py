"""kill -9 of the engine amid a recorded and streamed session: it comes back by itself, under 1 s is lost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import Presence
from tests.end2end import judge
from tests.end2end.product import running_product
from tests.faults.fault_kit import (
    CANARY,
    ENGINE_KILLED,
    OnAir,
    all_pids,
    decode_errors,
    journaled,
    kill9,
    on_air,
    places_with,
    probed,
    recording_lost_s,
    recordings,
    verified,
)

pytestmark = pytest.mark.timeout(180)
LOST_S = 1.0


async def killed(one: OnAir) -> float:
    """Kill the engine and wait until another one has taken up everything; returns when it died."""
    product, console = one.product, one.console
    pid, epoch, segment = product.engine_pid, console.epoch, one.recording_segment()
    killed_s = await asyncio.to_thread(kill9, pid)
    await console.until("another engine", lambda: console.attached and console.epoch != epoch)
    await console.until("its figures", lambda: product.engine_pid not in (0, pid))
    await console.until("the next segment", lambda: one.recording_segment() == segment + 1)
    await console.until("on air again", one.stream_on_air)
    return killed_s


async def test_all_that_ran_goes_on(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        product.expected += ENGINE_KILLED
        async with on_air(product) as one:
            console, ids = one.console, list(one.offices.ids)
            room, people = product.worker_pid("room0"), console.state.participants
            killed_s = await killed(one)

            await console.until("its workers", lambda: product.worker_pid("room0"))
            assert product.worker_pid("room0") == room, "the room worker was adopted, not started anew"
            assert [console.person(who).number for who in ids] == [people[who].number for who in ids]
            assert console.state.program.on_air.sources == tuple(ids)
            await console.until(
                "everybody is still connected",
                lambda: (
                    all(console.person(who).presence is Presence.CONNECTED for who in ids)
                    and all(console.place(who).video for who in ids)
                ),
            )
            lost = [fact for fact in told_after(one, killed_s) if isinstance(fact, f.ParticipantLost)]
            assert lost == [], "nobody's connection was touched"
            await moving(one)
            await one.recorded(2.0)
            await console.do(p.StopRecording())

        first, second = recordings(product)
        assert (first.segment, second.segment) == (1, 2)
        assert await asyncio.to_thread(recording_lost_s, product, killed_s) <= LOST_S
        for started in (first, second):
            found = await asyncio.to_thread(probed, Path(started.path))
            assert found.streams == ("aac", "h264") and found.video_s >= 1.0
            assert await asyncio.to_thread(decode_errors, Path(started.path)) == ""
        assert verified(product).ok


def told_after(one: OnAir, at_s: float) -> list[f.AnyFact]:
    return [record.body for record in journaled(one.product) if record.at_ms > at_s * 1000]


async def moving(one: OnAir) -> None:
    """The program shows the offices and goes on moving."""
    bus, place = one.console.bus, (p.ENGINE_VIDEO, 0)
    await one.console.do(p.SetWants(monitors={"program": (640, 360)}))
    before = await one.console.until("a program picture", lambda: judge.bus_seq(bus, place))
    await one.console.until("new pictures", lambda: judge.bus_seq(bus, place) > before + 10)


async def test_a_typed_stream_key_survives_and_is_seen_nowhere(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        product.expected += ENGINE_KILLED
        async with on_air(product, count=1) as one:

            def seen() -> list[str]:
                ours = [path for path in tmp_runtime.iterdir() if path.name != "ingest"]
                return places_with(CANARY, [*ours, Path("/var/log"), Path("/dev/shm")], all_pids())

            assert await asyncio.to_thread(seen) == []
            received = one.ingest.received_files()
            assert [path.stem for path in received] == [CANARY], "the server did get it"
            await killed(one)
            assert await asyncio.to_thread(seen) == []
            await receives_again(one)
            await one.console.do(p.StopLivestream(destination_id="dinas"))
        assert await asyncio.to_thread(seen) == []


async def receives_again(one: OnAir) -> None:
    """The server goes on receiving under the same key."""

    def size() -> int:
        return sum(path.stat().st_size for path in one.ingest.received_files())

    before = size()
    await one.console.until("the server receives again", lambda: size() > before + 100_000)


async def test_killed_twice_in_a_row_it_still_comes_back(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        product.expected += ENGINE_KILLED
        async with on_air(product, count=1) as one:
            await killed(one)
            begun = time.monotonic()
            await killed(one)
            assert time.monotonic() - begun < 15
            await one.recorded(1.0)
            await one.console.do(p.StopRecording())
        assert [started.segment for started in recordings(product)] == [1, 2, 3]
        # The second engine may have died before it had written anything: then there is no file of it.
        files = sorted((tmp_runtime / "recordings").iterdir())
        assert len(files) >= 2 and {str(path) for path in files} <= {one.path for one in recordings(product)}
        for path in files:
            assert await asyncio.to_thread(decode_errors, path) == ""
        assert verified(product).ok
