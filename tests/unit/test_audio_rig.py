"""The rig turn by turn, with a hand-written sound system: what is missing, led elsewhere, broken."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media.audio import devices as sound_devices
from media.audio.devices import Device, DeviceError
from media.audio.microphone import BusMicrophone
from media.audio.routes import Kind, Routes
from media.audio.streams import SoundStream
from operator_console.audio import listing, rig, routing
from operator_console.session.model import EchoMode, HallSound

MIC, SPEAKER = Device("Meja", 0, inputs=1, default_input=True), Device("Aula", 1, outputs=2)
HALL = HallSound(on=True, input="Meja", output="Aula", echo_mode=EchoMode.OFF)


class World:
    """Devices and a sound server that say what a test has them say."""

    def __init__(self) -> None:
        self.devices = [MIC, SPEAKER]
        self.streams: dict[Kind, dict[int, str]] = {"input": {}, "output": {}}
        self.places: dict[Kind, frozenset[str]] = {
            "input": frozenset({"meja"}),
            "output": frozenset({"aula"}),
        }
        self.asked = self.opened = self.looked = 0
        self.cards = ""
        self.mad = False

    def routes(self) -> Routes:
        if self.mad:
            raise ValueError("odd")
        return Routes(self.streams, self.places)

    def child(self, timeout_s: float) -> list[Device]:
        assert timeout_s < rig.BUSY_S / 2
        self.asked += 1
        return list(self.devices)

    def listed(self) -> list[Device]:
        return list(self.devices)

    def look_again(self) -> None:
        """All is opened anew: the server puts a new stream on its own device."""
        self.looked += 1
        self.streams["input"] = {number + 1: "meja" for number in self.streams["input"]}

    def stream(self, inp: Device | None, out: Device | None) -> SoundStream:
        self.opened += 1
        return SoundStream(48_000, 1 if inp else 0, 2 if out else 0)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The sound system of this test; each turn of a rig looks at it."""
    one = World()
    monkeypatch.setattr(rig, "ask_server", one.routes)
    monkeypatch.setattr(routing, "ask_server", one.routes)
    monkeypatch.setattr(listing, "ask_child", one.child)
    monkeypatch.setattr(listing, "_cards", lambda: one.cards)
    monkeypatch.setattr(sound_devices, "list_devices", one.listed)
    monkeypatch.setattr(sound_devices, "look_again", one.look_again)
    monkeypatch.setattr(rig, "open_stream", one.stream)
    monkeypatch.setattr(rig, "LOOK_S", -1.0)
    return one


@pytest.fixture
def hall(world: World, tmp_path: Path) -> Iterator[rig.Rig]:
    """A rig whose thread does not run: the test takes its turns."""
    one = rig.Rig(tmp_path, lambda: None)
    yield one
    one.stop()


def turns(hall: rig.Rig, count: int = 1) -> list[str]:
    """Take turns; the state of each end then."""
    for _ in range(count):
        hall.turn()
    return [seen.state for seen in hall.seen().values()]


def test_what_is_missing_is_asked_for_seldom_until_the_hardware_changes(hall: rig.Rig, world: World) -> None:
    world.devices = [SPEAKER]
    hall.want(HALL)
    assert turns(hall, 20) == ["failed", "running", "off", "off"]
    assert world.asked == 1
    assert hall.ends["input"].now.code == "no_input"
    world.devices, world.cards = [SPEAKER, MIC], "1: plugged in"
    assert turns(hall, 2) == ["running", "running", "off", "off"]
    assert world.asked == 2


def test_the_pause_between_two_looks_grows_to_half_a_minute(world: World) -> None:
    listed, at_s, looks = listing.DeviceList(), 0.0, []
    listed.take([])
    listed.notices = True
    while at_s < 200:
        if listed.due(at_s):
            looks.append(at_s)
            listed.refresh([], at_s)
        at_s += 1
    gaps = [after - before for before, after in itertools.pairwise(looks)]
    assert gaps[:4] == [4, 8, 16, 30]
    assert set(gaps[4:]) == {30}


def test_a_look_that_fails_closes_no_stream_and_is_said_once(
    hall: rig.Rig, world: World, expect_log: Callable[[str], None]
) -> None:
    hall.want(HALL)
    turns(hall)
    opened, world.mad = world.opened, True
    expect_log("looking at the sound system failed")
    assert turns(hall, 5) == ["running", "running", "off", "off"]
    assert world.opened == opened
    world.mad = False
    turns(hall)


def test_a_stream_that_is_linked_late_has_its_route_and_a_monitor_is_never_heard(
    hall: rig.Rig, world: World, expect_log: Callable[[str], None]
) -> None:
    hall.want(HallSound(on=True, input="-", output="-", operator_input="Meja"))
    turns(hall)
    assert hall.ends["operator"].now.route is None, "the server has not linked it yet"
    world.streams["input"] = {5: "meja"}
    assert turns(hall, 2)[3] == "running"
    world.streams["input"] = {5: "aula.monitor"}
    expect_log("operator of meja stands on aula.monitor")
    assert turns(hall)[3] == "rerouted"
    part = hall.ends["operator"].now.part
    assert isinstance(part, BusMicrophone)
    assert part.silenced


def test_only_a_device_that_went_and_came_back_opens_all_anew_and_not_at_once_again(
    hall: rig.Rig, world: World, expect_log: Callable[[str], None]
) -> None:
    expect_log("input of meja stands on kamera")
    world.streams["input"] = {5: "meja"}
    hall.want(HALL)
    turns(hall)
    world.streams["input"] = {5: "kamera"}
    turns(hall, 3)
    assert world.looked == 0, "somebody has moved it on purpose"
    for _ in range(2):
        world.places["input"] = frozenset({"kamera"})
        world.streams["input"] = dict.fromkeys(world.streams["input"], "kamera")
        turns(hall)
        world.places["input"] = frozenset({"kamera", "meja"})
        turns(hall)
    assert world.looked == 1
    assert turns(hall)[0] == "rerouted", "for a minute it stays there"


def test_a_part_that_broke_is_reported_and_made_anew(
    hall: rig.Rig, world: World, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    hall.want(HALL)
    turns(hall)
    part = hall.ends["output"].now.part
    assert part is not None
    monkeypatch.setattr(hall, "_look", lambda now_s: None)
    hall.loop.broken = frozenset({part})
    assert turns(hall)[1] == "running", "not at once: it would be opened ten times a second"
    monkeypatch.setattr(rig, "BROKEN_S", -1.0)
    expect_log("broken: output")
    assert turns(hall)[:2] == ["running", "failed"]
    monkeypatch.undo()


def test_a_device_that_cannot_be_opened_is_said_once(
    hall: rig.Rig,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    expect_log: Callable[[str], None],
) -> None:
    def busy(inp: Device | None, out: Device | None) -> SoundStream:
        if out is None:
            raise DeviceError("busy", name="Meja")
        return world.stream(inp, out)

    monkeypatch.setattr(rig, "open_stream", busy)
    expect_log("input cannot be opened: busy")
    hall.want(HALL)
    assert turns(hall, 5)[:2] == ["failed", "running"]
    assert caplog.text.count("cannot be opened") == 1


def test_a_room_test_outlives_the_microphone_it_began_with(hall: rig.Rig, world: World) -> None:
    hall.want(HALL)
    turns(hall)
    hall.off_program.set()
    before = hall.microphone
    hall.want(HallSound(on=True, input="", output="Aula", echo_mode=EchoMode.OFF))
    turns(hall)
    assert hall.microphone is not None
    assert hall.microphone is not before
    assert hall.microphone.off_program is hall.off_program
