"""What is recorded and streamed is what was on program: picture, voice, captions of time, in sync."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from operator_console import protocol as p
from operator_console.demo.ingest import NginxIngest
from operator_console.session.model import OutputPhase
from tests.end2end import judge
from tests.end2end.listener import Listener, listening
from tests.end2end.product import Product, running_product

AIR_PX = (1280, 720)
SKEW_MS = 45.0
"""Goal of the bench lipsync."""
FLASHES = 7
SPOKEN_S = 8.0
"""Of thirteen stretches of a voice six agreed by chance with another one (5 s)."""

pytestmark = pytest.mark.timeout(150)


@asynccontextmanager
async def nginx(top: Path) -> AsyncIterator[NginxIngest]:
    """A running nginx-rtmp that keeps what it is sent."""
    folder = top / "stream"
    folder.mkdir()
    ingest = NginxIngest(folder)
    await asyncio.to_thread(ingest.start)
    try:
        yield ingest
    finally:
        await asyncio.to_thread(ingest.stop)


@asynccontextmanager
async def outputs(product: Product, ingest: NginxIngest) -> AsyncIterator[None]:
    """Record and stream for as long as this lasts."""
    console = product.console
    await console.do(p.StartRecording())
    await console.do(p.StartLivestream(destination_id="uji", name="nginx", url=ingest.url, key="kunci"))
    await console.until("the livestream", lambda: console.state.livestreams["uji"].on_air, 20)
    yield
    await console.do(p.StopLivestream(destination_id="uji"))
    await console.do(p.StopRecording(), 30)
    recording = console.state.recording
    assert recording is not None
    assert recording.phase is OutputPhase.STOPPED


async def put_on_program(product: Product, one: str) -> None:
    """Spotlight somebody and wait until he sends his full size."""
    console = product.console
    await console.do(p.SetSpotlight(source_id=one))
    await console.until(
        "full size", lambda: judge.bus_size(console.bus, console.place(one).video) == AIR_PX, 30
    )


def probe(path: Path) -> dict[str, Any]:
    """What ffprobe says of a file; it must not complain."""
    command = ["ffprobe", "-v", "warning", "-show_streams", "-show_format", "-show_chapters", "-of", "json"]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def check_streams(told: dict[str, Any]) -> None:
    """H.264 in AIR's size at its rate, and AAC."""
    video, audio = sorted(told["streams"], key=lambda stream: str(stream["codec_type"]), reverse=True)
    assert (video["codec_name"], video["profile"]) == ("h264", "High")
    assert (video["width"], video["height"]) == AIR_PX
    assert (audio["codec_name"], audio["sample_rate"], audio["channels"]) == ("aac", "48000", 2)


def check_speakers(film: judge.Film, numbers: list[int]) -> None:
    """Those who were on program fill the picture one after the other, each with his own voice to it."""
    cards = film.cards
    for number, other in zip(numbers, reversed(numbers), strict=True):
        shown = [at for at, card in zip(film.times_s, cards, strict=True) if card == number]
        assert shown[-1] - shown[0] > 3.0, f"card {number} was shown for {shown[-1] - shown[0]:.1f} s"
        sound = film.sound_between(shown[0] + 0.5, shown[-1] - 0.3)
        own, strange = judge.voice_in(sound, number), judge.voice_in(sound, other)
        assert own > judge.HEARD, f"voice {number}: {own:.2f}"
        assert strange < judge.UNHEARD, f"voice {other} while {number} is on program: {strange:.2f}"
    seen = [card for card in cards if card is not None]
    assert seen == sorted(seen, key=numbers.index)


async def until_flashes(listener: Listener) -> None:
    """Listen until there were enough; on a machine without time many fall between two pictures."""
    deadline = time.monotonic() + 60.0
    while len(await asyncio.to_thread(listener.skews_ms)) < FLASHES:
        assert time.monotonic() < deadline, f"seen too little: {listener.skews_ms()}"
        await asyncio.sleep(1.0)


async def test_the_speakers_picture_and_voice_are_recorded_and_streamed(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product, nginx(tmp_runtime) as ingest:
        console = product.console
        await product.open_session("Rapat rekaman")
        async with product.offices(3, talks=True) as offices:
            await put_on_program(product, offices.ids[1])
            await console.do(p.MuteAll(except_ids=(offices.ids[1],)))
            sound = console.place(offices.ids[1]).audio
            await console.until("his voice", lambda: judge.bus_level_db(console.bus, sound) > -40, 30)
            async with outputs(product, ingest):
                await asyncio.sleep(SPOKEN_S)
                await console.do(p.MuteAll())
                await console.do(p.MarkChapter(title="Kantor kedua"))
                await put_on_program(product, offices.ids[2])
                await console.do(p.SetParticipantMuted(participant_id=offices.ids[2], muted=False))
                await console.until("his microphone", lambda: console.person(offices.ids[2]).audible)
                await asyncio.sleep(SPOKEN_S)
    (recorded,) = (tmp_runtime / "recordings").glob("*.mp4")
    (received,) = ingest.received_files()
    told = await asyncio.to_thread(probe, recorded)
    check_streams(told)
    assert [chapter["tags"]["title"] for chapter in told["chapters"]] == ["Kantor kedua"]
    check_streams(await asyncio.to_thread(probe, received))
    for path in (recorded, received):
        film = await asyncio.to_thread(judge.decode, path)
        await asyncio.to_thread(check_speakers, film, [1, 2])


async def test_lips_and_voice_are_together(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product, nginx(tmp_runtime) as ingest:
        await product.open_session()
        async with product.offices(1, flash=True) as offices:
            await put_on_program(product, offices.ids[0])
            async with listening(product) as listener, outputs(product, ingest):
                await until_flashes(listener)
    (recorded,) = (tmp_runtime / "recordings").glob("*.mp4")
    (received,) = ingest.received_files()
    skews = {"participant": listener.skews_ms()}
    for path in (recorded, received):
        skews[path.suffix] = (await asyncio.to_thread(judge.decode, path, cards=False)).skews_ms()
    for name, found in skews.items():
        assert len(found) >= FLASHES - 1, f"{name}: {found}"
        assert abs(judge.median(found)) <= SKEW_MS, f"{name}: {found}"
