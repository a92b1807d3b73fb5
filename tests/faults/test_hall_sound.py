"""The hall's loudspeakers and microphones through the real worker, PortAudio and a sound server: no echo,
other rates and channels, and what happens when the sound system fails.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES
from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import EchoMode, HallSound
from tests.end2end.product import Product, running_product
from tests.faults.fault_kit import (
    ENGINE_KILLED,
    decode_errors,
    has_ended,
    journaled,
    kill9,
    probed,
    recordings,
    verified,
)
from tests.hall_kit import HallEngine, hall_engine, level_db
from tests.media.audio_kit import find_lag, sine
from tests.sound_server import ECHO, ROOM, SoundServer, loop, sound_server

pytestmark = pytest.mark.timeout(90)

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]
BY_NAME = HallSound(on=True, input="mic", output="speaker")
BY_DEFAULT = HallSound(on=True)
LOUD_DB, QUIET_DB = -45.0, -60.0
ERLE_DB = 12.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A sound server that is not started yet."""
    with sound_server(monkeypatch) as one:
        yield one


def likeness(heard: F32, said: I16) -> float:
    """How much of what was heard is what was said (normalised correlation at the best lag)."""
    return abs(find_lag(heard, said.astype(np.float32))[1])


def tone_db(heard: F32, hz: float) -> float:
    """Level of a tone in what was heard."""
    at = np.arange(len(heard)) / 48_000
    return float(20 * np.log10(abs(np.mean(heard * np.exp(-2j * np.pi * hz * at))) * np.sqrt(2) + 1e-9))


# ---- no echo


@pytest.mark.parametrize("hall", [BY_DEFAULT, BY_NAME], ids=["one stream", "two streams"])
async def test_the_hall_is_heard_without_the_echo_of_its_loudspeakers(
    tmp_runtime: Path, server: SoundServer, hall: HallSound
) -> None:
    await asyncio.to_thread(server.start, *ROOM, ECHO)
    far, near = speak(voice(1), 6.0), speak(voice(5), 3.0)
    raw = HallSound(on=True, input=hall.input, output=hall.output, echo_mode=EchoMode.OFF)
    async with hall_engine(tmp_runtime, raw) as engine:
        await engine.running()
        assert engine.hall["duplex"] == (hall is BY_DEFAULT)
        engine.say(far)
        await asyncio.sleep(0.7)
        echo = await echo_of(engine, far)
        await engine.want(hall)
        erle_db = await learnt(engine, level_db(echo))
        print(f"ERLE {erle_db:.1f} dB, {engine.hall['echo']}")
        assert erle_db > ERLE_DB
        for heard in await talked_over(engine, server, near, far):
            assert likeness(heard, near) > 0.75
            assert likeness(heard, far) < 0.15


async def echo_of(engine: HallEngine, far: I16) -> F32:
    """What comes back of the office's voice untreated; a block lost on a busy machine tears one try apart."""
    for _ in range(6):
        echo = await engine.recorded(1.0)
        if level_db(echo) > LOUD_DB and likeness(echo, far) > 0.5:
            break
    assert level_db(echo) > LOUD_DB, "there is an echo"
    assert likeness(echo, far) > 0.5
    return echo


async def learnt(engine: HallEngine, echo_db: float) -> float:
    """How much of the echo goes, in dB, once the canceller knows the room.

    A sound server without a card and on a busy machine loses blocks: after each the room is another one.
    """
    good = 0
    for _ in range(8):
        erle_db = echo_db - level_db(await engine.recorded(2.0))
        good = good + 1 if erle_db > ERLE_DB else 0
        if good == 2:  # it looks for an echo for four seconds before it is sure
            break
    return erle_db


async def talked_over(engine: HallEngine, server: SoundServer, near: I16, far: I16) -> list[F32]:
    """What the bus and the office get while both sides talk; up to six times, as in `learnt`."""
    for _ in range(6):
        playing = server.play("micfeed", near)
        both = await asyncio.gather(engine.recorded(3.3), engine.heard_by_office(3.3))
        await asyncio.to_thread(playing.wait)
        found = [(likeness(heard, near), likeness(heard, far)) for heard in both]
        print("near, far:", found)
        if all(of_near > 0.75 and of_far < 0.15 for of_near, of_far in found):
            break
    return list(both)


# ---- rates and channels

DEVICES = {"satu": (44_100, 1), "dua": (48_000, 2), "enam": (44_100, 6)}


async def test_the_hall_plays_and_hears_on_devices_of_other_rates_and_channels(
    tmp_runtime: Path, server: SoundServer
) -> None:
    modules = [
        f"module-null-sink sink_name={name}-{end} rate={rate_hz} channels={channels}"
        for name, (rate_hz, channels) in DEVICES.items()
        for end in ("out", "in")
    ]
    modules += [f"module-remap-source source_name={name}-mic master={name}-in.monitor" for name in DEVICES]
    modules += [loop(f"{name}-out", f"{name}-in") for name in DEVICES]
    names = tuple(f"{name}-{end}" for name in DEVICES for end in ("out", "mic"))
    await asyncio.to_thread(server.start, *modules, names=names)
    lines = server.ctl("list", "short", "sinks")
    halls = [
        HallSound(on=True, input=f"{name}-mic", output=f"{name}-out", echo_mode=EchoMode.OFF)
        for name in DEVICES
    ]
    async with hall_engine(tmp_runtime, halls[0]) as engine:
        engine.say(sine(440, 2.0, 0.25))
        for (name, (rate_hz, channels)), hall in zip(DEVICES.items(), halls, strict=True):
            assert f"{channels}ch {rate_hz}Hz" in next(
                line for line in lines.splitlines() if f"{name}-out" in line
            )
            await engine.want(hall)
            await engine.until(name, partial(is_used, engine, hall.input))
            heard = await tone_in_the_hall(engine, 440)
            assert tone_db(heard, 440) > -25, "the tone at its pitch, through loudspeaker and microphone"
            heard = await engine.recorded(0.6)
            assert level_db(heard) - tone_db(heard, 440) < 3, "and nothing else"


async def tone_in_the_hall(engine: HallEngine, hz: float) -> F32:
    """What the microphone hears once a tone has come; it takes a second or two until a stream has begun."""
    for _ in range(12):
        heard = await engine.recorded(0.6)
        if tone_db(heard, hz) > -25:
            break
    return heard


def is_used(engine: HallEngine, microphone: str) -> bool:
    """Whether this microphone is in use."""
    return bool(engine.hall.get("input", {}).get("name") == microphone)


# ---- faults


async def heard_again(engine: HallEngine, server: SoundServer) -> None:
    """Something that is said in the hall arrives."""
    near = speak(voice(5), 2.5)
    playing = server.play("micfeed", near)
    heard = await engine.recorded(3.0)
    await asyncio.to_thread(playing.wait)
    assert likeness(heard, near) > 0.5


async def heard_in_the_hall(engine: HallEngine, as_wanted: Callable[[float], bool], what: str) -> None:
    """Wait until the microphone's blocks have the wanted level."""
    deadline = time.monotonic() + 15
    levels: list[float] = []
    while not levels or not as_wanted(levels[-1]):
        assert time.monotonic() < deadline, f"never heard: {what}; {levels[-5:]}"
        heard = await engine.recorded(0.3)
        if len(heard) > BLOCK_SAMPLES:  # without a block it is not silence
            levels.append(level_db(heard))


async def test_worker_and_engine_may_die_and_the_hall_sounds_on(
    tmp_runtime: Path, server: SoundServer
) -> None:
    await asyncio.to_thread(server.start, *ROOM, ECHO)
    async with hall_engine(tmp_runtime, HallSound(on=True, echo_mode=EchoMode.OFF)) as engine:
        await engine.running()
        engine.say(sine(500, 4.0))
        await heard_in_the_hall(engine, lambda level: level > LOUD_DB, "the office")
        killed = engine.pids[-1]
        os.kill(killed, signal.SIGKILL)
        at = time.monotonic()
        await engine.until("its end", lambda: has_ended(killed))
        await engine.until("another worker", lambda: engine.pids[-1] != killed)
        await heard_in_the_hall(engine, lambda level: level > LOUD_DB, "the office again")
        print(f"hall sound lost {time.monotonic() - at - 0.3:.2f} s")
        assert engine.losses == 1

        await engine.server.stop()
        await engine.until("alone", lambda: not engine.audio.attached)
        await asyncio.to_thread(engine.mixer.stop)
        await heard_in_the_hall(engine, lambda level: level < QUIET_DB, "silence, by a live microphone")
        await engine.renew()
        await engine.until("attached again", lambda: engine.audio.attached)
        await heard_in_the_hall(engine, lambda level: level > LOUD_DB, "the next engine's sound")
        assert len(engine.pids) == 2, "by the same worker"
        assert engine.observations.values["media.hall"] == p.MediaPlace(audio=(p.HALL_AUDIO, 0))


async def test_a_device_that_is_missing_is_said_and_used_when_it_comes_or_comes_back(
    tmp_runtime: Path, server: SoundServer
) -> None:
    await asyncio.to_thread(server.start, *ROOM[:2], names=("speaker",))
    assert not server.has("sources", "mic"), "it is not there at the start"
    async with hall_engine(tmp_runtime, BY_NAME) as engine:
        await engine.until("it is missed", lambda: engine.hall.get("state") == "failed")
        assert (engine.hall["code"], engine.hall["args"]) == ("vanished", {"name": "mic"})
        await engine.until("loudspeakers", lambda: engine.hall["output"]["state"] == "running")
        names = [device.name for device in engine.observations.values["devices"]]
        assert "speaker" in names
        assert "mic" not in names
        plugged = server.load(ROOM[2])
        server.describe(("speaker", "mic"))
        await engine.running()

        server.ctl("unload-module", plugged)
        assert not server.has("sources", "mic"), "it was pulled out"
        await engine.until(
            "it is said", lambda: engine.hall["input"]["code"] in ("rerouted", "dead", "failed")
        )
        print("pulled out:", engine.hall["state"], engine.hall["code"], engine.hall["args"])
        assert engine.hall["output"]["state"] == "running", "the loudspeakers go on"
        server.load(ROOM[2])
        # Whether it is silent is no matter: nobody speaks yet.
        await engine.until("it is back", lambda: engine.hall["input"]["state"] in ("running", "silent"))
        await heard_again(engine, server)


async def test_a_room_test_measures_the_room_off_program_and_is_journaled(
    tmp_runtime: Path, server: SoundServer
) -> None:
    await asyncio.to_thread(server.start, *ROOM, ECHO)
    told: list[f.AnyFact] = []
    async with hall_engine(tmp_runtime, BY_DEFAULT) as engine:
        engine.store.listen(lambda before, after, record: told.append(record.body))
        await engine.running()
        engine.audio.run_test("room", "hall")
        heard = await engine.recorded(5.0)
        assert level_db(heard[48_000:]) < QUIET_DB, "nobody else hears the sweep"
        await engine.until("the end of the test", lambda: state_of_test(engine) != "running", 20)
        test = engine.observations.values["audio_test"]
        assert test["state"] == "done", test
        await engine.until("the fact", lambda: any(isinstance(fact, f.RoomTested) for fact in told))
        print(test)
        assert 60 < test["delay_ms"] < 400
        assert abs(test["drift_ppm"]) < 450
        assert test["coupling_db"] == pytest.approx(0, abs=3)


def state_of_test(engine: HallEngine) -> str:
    return str(engine.observations.values.get("audio_test", {}).get("state", "running"))


async def test_session_recording_and_stream_go_on_while_the_sound_server_is_dead(
    tmp_runtime: Path, server: SoundServer
) -> None:
    await asyncio.to_thread(server.start, *ROOM, ECHO)
    async with running_product(tmp_runtime, hall_sound="true") as product:
        product.expected += [r"audio0 was lost", r" audio WARNING ", r" audio ERROR ", ENGINE_KILLED[0]]
        console = product.console
        await product.open_session()
        assert console.state.hall_sound.on, "as it was remembered"
        await console.until("the hall", lambda: hall_of(product).get("state") == "running")
        await console.do(p.StartRecording())
        await console.until("it records", lambda: recorded_s(product) > 1)
        killed = server.pid
        await asyncio.to_thread(server.kill)
        assert has_ended(killed)
        await console.until("it is said", lambda: hall_of(product).get("code") == "server_gone")
        before_s = recorded_s(product)
        await console.until("it records on", lambda: recorded_s(product) > before_s + 1)
        await asyncio.to_thread(server.start)
        await console.until("sound again", lambda: hall_of(product).get("state") == "running")
        await console.until("on the bus", lambda: "media.hall" in console.observed)
        await console.do(p.StopRecording())
        (started,) = recordings(product)
        found = await asyncio.to_thread(probed, Path(started.path))
        assert abs(found.video_s - found.audio_s) < 1
        assert found.audio_s > before_s + 1
        assert await asyncio.to_thread(decode_errors, Path(started.path)) == ""
        assert not [body for body in bodies_of(product) if isinstance(body, f.RecordingFailed)]
        await another_engine(product)
        assert verified(product).ok


async def another_engine(product: Product) -> None:
    """Kill the engine: the next one has the session's hall by the same worker."""
    worker, engine = product.worker_pid("audio0"), product.engine_pid
    await asyncio.to_thread(kill9, engine)
    await product.console.until("another engine", lambda: product.engine_pid not in (0, engine))
    await product.console.until("the hall", lambda: hall_of(product).get("state") == "running")
    await product.console.until("its worker", lambda: product.worker_pid("audio0") == worker)
    assert product.console.state.hall_sound.on


def hall_of(product: Product) -> dict[str, Any]:
    found: dict[str, Any] = product.console.observed.get("hall_sound", {})
    return found


def recorded_s(product: Product) -> float:
    return float(product.console.observed.get("recorder", {}).get("seconds", 0))


def bodies_of(product: Product) -> list[f.AnyFact]:
    return [record.body for record in journaled(product)]
