"""Simulated offices against a real room worker: they join, obey, speak, and come back."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES
from media.bus.reader import AudioReader, VideoReader
from operator_console import protocol as p
from operator_console.demo.load import Load
from operator_console.demo.offices import Offices, identity, read_tokens
from operator_console.paths import runtime_dir
from operator_console.settings import Settings
from tests.fake_engine import SPOTLIGHT, TILE, FakeEngine
from tests.media.audio_kit import find_lag
from tests.room_kit import Kit, room_settings, running_room


async def until(true: Callable[[], object], timeout_s: float = 20.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110 (others do it)
            await asyncio.sleep(0.02)


@asynccontextmanager
async def offices_in(kit: Kit, count: int, **options: bool) -> AsyncIterator[Offices]:
    order = {"url": kit.base, "tokens": [kit.engine.invite() for _ in range(count)], **options}
    offices = Offices(kit.settings, order)
    try:
        yield offices
    finally:
        await offices.close()


async def places(kit: Kit, count: int) -> dict[str, p.MediaPlace]:
    """Where the media of all offices stand, by the office's name."""
    await until(lambda: sum(isinstance(one, p.PeerUp) for one in kit.engine.heard) >= count)
    ups = [one for one in kit.engine.heard if isinstance(one, p.PeerUp)]
    return {kit.engine.roster[up.participant_id].office: up.place for up in ups}


def heard_at(bus: Path, place: p.MediaPlace, seconds: float) -> np.ndarray:
    """The newest sound of a ring, silence where no block came."""
    assert place.audio is not None
    reader = AudioReader(bus, place.audio[0])
    head = reader.head(place.audio[1])
    blocks = [reader.read(place.audio[1], i) for i in range(head - round(seconds * 50), head)]
    reader.close()
    silence = np.zeros(BLOCK_SAMPLES, np.int16)
    return np.concatenate([silence if block is None else block.samples for block in blocks])


async def test_offices_join_are_seen_and_heard_each_with_its_own_voice(tmp_runtime: Path) -> None:
    async with running_room(rtc_addresses="127.0.0.1") as kit, offices_in(kit, 3, talks=True) as offices:
        found = await places(kit, 3)
        assert set(found) == {identity(number)[1] for number in range(3)}
        await kit.engine.want(**dict.fromkeys(kit.engine.roster, TILE))
        reader = VideoReader(kit.bus_dir, next(iter(found.values())).tile[0])  # type: ignore[index]
        tiles = [place.tile[1] for place in found.values() if place.tile]
        await until(lambda: all(reader.seq(slot) > 20 for slot in tiles))
        reader.close()
        voices = [np.tile(speak(voice(n), 10.0), 2) for n in range(3)]
        await until(lambda: all(heard_at(kit.bus_dir, place, 0.1).any() for place in found.values()))
        await asyncio.sleep(1.1)
        sounds = [heard_at(kit.bus_dir, found[identity(number)[1]], 1.0) for number in range(3)]
        for number, sound in enumerate(sounds):
            alike = [find_lag(spoken, sound)[1] for spoken in voices]
            assert int(np.argmax(alike)) == number
            assert alike[number] > 0.6
        reports = [one for one in kit.engine.heard if isinstance(one, p.PeerReport)]
        assert any(one.mic_on and one.camera_on for one in reports)
        assert len(offices.report()["offices"]) == 3


async def test_they_obey_spotlight_mute_and_the_request_to_speak(tmp_runtime: Path) -> None:
    async with running_room(rtc_addresses="127.0.0.1") as kit, offices_in(kit, 1, talks=True):
        place = (await places(kit, 1))[identity(0)[1]]
        (who,) = kit.engine.roster
        await kit.engine.want(**{who: SPOTLIGHT})
        assert place.video is not None
        reader = VideoReader(kit.bus_dir, place.video[0])

        def width() -> int:
            picture = reader.picture(place.video[1]) if place.video else None
            return picture.width_px if picture else 0

        await until(lambda: width() == 1280)
        await kit.engine.want(**{who: TILE})
        kit.engine.forget()
        await kit.engine.change(who, muted=True)
        await kit.engine.wait_for(p.PeerReport, lambda report: report.mic_on is False)
        kit.engine.forget()
        await kit.engine.change(who, muted=False)
        await kit.engine.ask(who, "ask_mic")
        await kit.engine.wait_for(p.PeerReport, lambda report: report.mic_on is True)
        reader.close()


async def test_they_come_back_when_the_room_drops_them_and_leave_politely(tmp_runtime: Path) -> None:
    async with running_room(rtc_addresses="127.0.0.1") as kit:
        async with offices_in(kit, 1) as offices:
            await places(kit, 1)
            kit.engine.forget()
            (seat,) = kit.worker.room._seats.values()
            assert seat.peer is not None
            await seat.peer.close()
            await kit.engine.wait_for(p.PeerUp, timeout_s=20.0)
            assert offices.report()["offices"][0]["connections"] == 2
        await kit.engine.wait_for(p.PeerDown, lambda down: down.final)


async def test_the_process_takes_tokens_on_stdin_and_reports_on_request(tmp_runtime: Path) -> None:
    async with running_room(rtc_addresses="127.0.0.1") as kit:
        order = {"url": kit.base, "tokens": [kit.engine.invite(), kit.engine.invite()]}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "operator_console", "offices", "--set", "rtc_addresses=127.0.0.1",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        await places(kit, 2)
        connections: list[int] = []
        async with asyncio.timeout(10):  # the room knows of a connection a moment before the office counts it
            while connections != [1, 1]:
                process.stdin.write(b"figures\n")
                report = json.loads(await process.stdout.readline())
                connections = [one["connections"] for one in report["offices"]]
        process.stdin.close()
        last = json.loads(await asyncio.wait_for(process.stdout.readline(), 10))
        assert {one["office"] for one in last["offices"]} == {identity(0)[1], identity(1)[1]}
        assert await asyncio.wait_for(process.wait(), 10) == 0


def test_a_token_file_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    file.write_text('{"url": "https://127.0.0.1:1", "tokens": ["x"]}')
    file.chmod(0o644)
    with pytest.raises(ValueError, match="600"):
        read_tokens(file)
    file.chmod(0o600)
    assert read_tokens(file)["tokens"] == ["x"]


def test_names_are_distinct() -> None:
    assert len({identity(number) for number in range(122)}) == 122


async def test_load_spreads_offices_over_processes(tmp_runtime: Path) -> None:
    async with running_room(rtc_addresses="127.0.0.1") as kit:
        tokens = [kit.engine.invite() for _ in range(3)]
        load = Load(kit.base, tokens, {"rtc_addresses": "127.0.0.1"}, per_process=2)
        await asyncio.to_thread(load.start)
        try:
            assert len(load.pids) == 2
            found = await places(kit, 3)
            figures = await asyncio.to_thread(load.figures)
        finally:
            await asyncio.to_thread(load.stop)
        assert set(found) == {one["office"] for one in figures} == {one["office"] for one in load.ended}


async def test_they_come_back_by_themselves_when_the_room_worker_is_killed(tmp_runtime: Path) -> None:
    engine, settings = FakeEngine(runtime_dir()), room_settings()
    await engine.start()
    room = start_room(settings)
    order = {"url": f"https://127.0.0.1:{settings.join_port}", "tokens": [engine.invite(), engine.invite()]}
    try:
        await engine.wait_for(p.SourceReport, lambda report: report.state == "running", 20.0)
        offices = Offices(settings, order)
        try:
            await until(lambda: sum(isinstance(one, p.PeerUp) for one in engine.heard) == 2)
            engine.forget()
            room.kill()
            await asyncio.to_thread(room.wait, 5)
            room = start_room(settings)
            await until(
                lambda: len({one.participant_id for one in engine.heard if isinstance(one, p.PeerUp)}) == 2
            )
            await until(
                lambda: (
                    len([one for one in engine.heard if isinstance(one, p.PeerReport) and one.mic_on]) >= 2
                )
            )
            assert len(engine.roster) == 2, "the same participants, not new ones"
        finally:
            await offices.close()
    finally:
        room.kill()
        await asyncio.to_thread(room.wait, 5)
        await engine.stop()


def start_room(settings: Settings) -> subprocess.Popen[bytes]:
    sets = (
        "--set=join_host=127.0.0.1",
        f"--set=join_port={settings.join_port}",
        "--set=rtc_addresses=127.0.0.1",
    )
    return subprocess.Popen(
        [sys.executable, "-m", "operator_console", "room", "--name", "room0", *sets],
        stderr=subprocess.DEVNULL,
    )
