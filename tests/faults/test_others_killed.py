"""kill -9 of room worker, window and keeper: what they are not needed for does not notice."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from operator_console import paths
from operator_console import protocol as p
from operator_console.engine.keeper import KEEPER_LOCK
from operator_console.locks import is_locked
from operator_console.session import facts as f
from operator_console.session.model import Presence
from tests.end2end import judge
from tests.end2end.product import Product, processes_of, running_product
from tests.faults.fault_kit import (
    OnAir,
    decode_errors,
    journaled,
    kill9,
    largest_gap_s,
    on_air,
    probed,
    recordings,
    verified,
)

pytestmark = pytest.mark.timeout(180)
STARVED_S = 3.0
"""So far apart may picture and sound end where other tests take the machine."""


def keeper_pids(product: Product) -> list[int]:
    """Every keeper of this test's folder."""
    return [one.pid for one in processes_of(product.top) if "keeper" in one.cmdline()]


def forget_keeper(product: Product) -> None:
    """The keeper that the product started was killed: that is no complaint at its end."""
    assert product._keeper is not None
    product._keeper.wait()
    product._keeper = None


async def only_one_file(one: OnAir, away_s: float) -> None:
    """Stop the recording: it is one file that never stood while something was away; the journal is whole."""
    await one.recorded(3.0)
    await one.console.do(p.StopRecording())
    (started,) = recordings(one.product)
    path = Path(started.path)
    found = await asyncio.to_thread(probed, path)
    assert found.streams == ("aac", "h264") and abs(found.video_s - found.audio_s) < STARVED_S
    assert await asyncio.to_thread(largest_gap_s, path) < away_s / 2
    assert await asyncio.to_thread(decode_errors, path) == ""
    failures = [body for body in bodies(one) if isinstance(body, f.RecordingFailed | f.LivestreamLost)]
    assert failures == []
    assert verified(one.product).ok


def bodies(one: OnAir) -> list[f.AnyFact]:
    return [record.body for record in journaled(one.product)]


async def test_participants_come_back_without_a_click_when_the_room_worker_is_killed(
    tmp_runtime: Path,
) -> None:
    async with running_product(tmp_runtime) as product:
        product.expected += [r"worker room0 was lost: exit code -9"]
        async with on_air(product) as one:
            console, ids = one.console, list(one.offices.ids)
            room, engine = product.worker_pid("room0"), product.engine_pid
            killed_s = await asyncio.to_thread(kill9, room)
            await console.until(
                "all lost", lambda: all(console.person(who).presence is Presence.LOST for who in ids)
            )
            await console.until(
                "another room worker", lambda: product.worker_pid("room0") not in (0, room), 30
            )
            await console.until(
                "all connected again",
                lambda: all(console.person(who).presence is Presence.CONNECTED for who in ids),
                30,
            )
            away_s = time.time() - killed_s
            assert len(console.state.participants) == len(ids), "the same people, not new ones"
            for who in ids:
                place = console.place(who).video
                before = judge.bus_seq(console.bus, place)
                await console.until(f"{who} moves", newer_than(console.bus, place, before))
            assert product.engine_pid == engine
            await only_one_file(one, away_s)


def newer_than(bus: Path, place: tuple[str, int] | None, seq: int) -> Callable[[], bool]:
    return lambda: judge.bus_seq(bus, place) > seq


WINDOW = """
import asyncio, sys
from pathlib import Path
from operator_console import protocol as p
from tests.end2end.console import Console

async def main():
    async with Console(Path(sys.argv[1]), "window") as console:
        monitors = {"program": (960, 540), "preview": (640, 360)}
        tiles = {who: (320, 180) for who in console.state.participants}
        await console.do(p.SetWants(tiles=tiles, monitors=monitors))
        print("shown", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_nothing_changes_when_the_window_is_killed(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product, on_air(product) as one:
        console = one.console
        window = await asyncio.to_thread(opened_window, product)
        engine, room, attachments = product.engine_pid, product.worker_pid("room0"), console.attachments
        await asyncio.to_thread(kill9, window.pid)
        window.wait()
        await one.recorded(console.observed["recorder"]["seconds"] + 3)
        assert (product.engine_pid, product.worker_pid("room0")) == (engine, room)
        assert console.attachments == attachments
        assert all(console.person(who).presence is Presence.CONNECTED for who in one.offices.ids)
        assert one.stream_on_air()
        another = await asyncio.to_thread(opened_window, product)
        await asyncio.to_thread(kill9, another.pid)
        another.wait()
        await only_one_file(one, away_s=3.0)


def opened_window(product: Product) -> subprocess.Popen[str]:
    """A client that shows everything, as the window does."""
    child = subprocess.Popen(
        [sys.executable, "-c", WINDOW, str(product.top / "runtime")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "shown\n"
    child.stdout.close()
    return child


async def test_the_engine_goes_on_and_is_kept_again_when_the_keeper_is_killed(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        product.expected += [r"the keeper is gone; another one is started"]
        async with on_air(product, count=1) as one:
            console, engine = one.console, product.engine_pid
            (keeper,) = keeper_pids(product)
            await asyncio.to_thread(kill9, keeper)
            forget_keeper(product)
            lock = paths.runtime_dir() / KEEPER_LOCK
            await console.until(
                "another keeper", lambda: is_locked(lock) and keeper_pids(product) not in ([], [keeper])
            )
            assert product.engine_pid == engine and one.stream_on_air()
            await one.recorded(console.observed["recorder"]["seconds"] + 1)

            product.expected += [r"was cut off; the next segment begins"]
            epoch = console.epoch
            await asyncio.to_thread(kill9, engine)
            await console.until("another engine", lambda: console.attached and console.epoch != epoch)
            await console.until("the next segment", lambda: one.recording_segment() == 2)
            await console.until("on air again with the key of the first keeper's time", one.stream_on_air)
            await one.recorded(1.0)
            await console.do(p.StopRecording())
        for started in recordings(product):
            assert await asyncio.to_thread(decode_errors, Path(started.path)) == ""
        assert verified(product).ok
