"""Tests of the pure choices about sound: faders, strips, whom a key turns down, advice, devices."""

from __future__ import annotations

from typing import Any

import pytest

from operator_console.protocol import SoundDevice
from operator_console.session.model import HallSound, Mixing, Participant, Presence, SessionState
from tests.ui.fake_session import hall_figures
from ui.feeds import duck_target
from ui.formats import Formats
from ui.observations import HallSeen, Observations, TestSeen
from ui.sound.device_fields import LOUDSPEAKER, MICROPHONE, choices
from ui.sound.strips import panel_strips, people
from ui.sound.words import hall_line, room_advice
from ui.widgets.fader import LEAST_DB, MOST_DB, gain_at, gain_text, place_of

ENGLISH = Formats("en", "Asia/Makassar")


def person(number: int, **fields: Any) -> Participant:
    values: dict[str, Any] = {"presence": Presence.CONNECTED, "mic_on": True} | fields
    return Participant(id=f"p{number}", number=number, name=f"Name {number}", **values)


def state_of(*found: Participant, **fields: Any) -> SessionState:
    return SessionState(participants={one.id: one for one in found}, **fields)


def returning(**scores: float) -> Observations:
    return Observations({f"echo.{key}": {"score": score, "returns": True} for key, score in scores.items()})


def test_each_whole_gain_has_a_place_of_its_own() -> None:
    gains = [float(gain_db) for gain_db in range(int(LEAST_DB), int(MOST_DB) + 1)]
    places = [place_of(gain_db) for gain_db in gains]
    assert places == sorted(set(places))
    assert [gain_at(place) for place in places] == gains
    assert (gain_at(-1.0), gain_at(2.0)) == (LEAST_DB, MOST_DB)


def test_gains_are_written_as_on_a_desk() -> None:
    assert [gain_text(gain_db) for gain_db in (-60.0, -12.0, 0.0, 3.0)] == ["−∞", "−12", "0", "+3"]


def test_one_key_takes_the_selected_first_then_the_loudest_then_brings_back() -> None:
    state = state_of(person(1), person(2), person(3))
    seen = returning(p1=0.2, p2=0.9, p3=0.5)
    assert duck_target(state, seen, "") == ("p2", True)
    assert duck_target(state, seen, "p3") == ("p3", True)
    ducked = state_of(person(1), person(2), mixing=Mixing(ducked=("p2",)))
    assert duck_target(ducked, returning(p1=0.2), "p2") == ("p2", False)
    assert duck_target(ducked, returning(p1=0.2), "") == ("p1", True)
    assert duck_target(ducked, Observations(), "") == ("p2", False)
    assert duck_target(state, Observations(), "p1") is None


def test_who_cannot_be_heard_returns_nothing() -> None:
    state = state_of(person(1, muted=True), person(2, presence=Presence.LOST))
    assert duck_target(state, returning(p1=0.9, p2=0.9), "") is None


def test_buses_are_always_there_and_kept_people_stay_while_they_have_a_seat() -> None:
    state = state_of(person(1), person(2, muted=True), person(3, presence=Presence.LEFT))
    assert [strip.id for strip in panel_strips(state, Observations(), 3)] == [
        "bus:shared",
        "bus:hall",
        "bus:program",
    ]
    assert [strip.id for strip in people(state, Observations())] == ["p1"]
    assert [strip.id for strip in people(state, Observations(), frozenset({"p2", "p3"}))] == ["p1", "p2"]


def test_a_hall_that_waits_for_its_key_is_not_muted() -> None:
    waits = state_of(hall_sound=HallSound(on=True, push_to_talk=True))
    (strip,) = [one for one in panel_strips(waits, Observations(), 5) if one.id == "hall"]
    assert (strip.waits, strip.muted) == (True, False)


@pytest.mark.parametrize(
    ("measured", "word"),
    [
        ({"coupling_db": 12.0}, "down by 9 dB"),
        ({"delay_ms": 450.0}, "cable"),
        ({"drift_ppm": -310.0}, "one device"),
        ({"erle_db": 4.0}, "Strong"),
        ({"erle_db": 24.0, "coupling_db": -3.0, "delay_ms": 90.0, "drift_ppm": 20.0}, "good as it is"),
    ],
)
def test_a_room_test_advises_one_thing(measured: dict[str, float], word: str) -> None:
    (advice,) = room_advice(TestSeen(test="room", state="done", **measured))  # type: ignore[arg-type]
    assert word in advice


def test_nothing_measured_is_no_advice() -> None:
    assert room_advice(TestSeen(test="room", state="done")) == []


def test_devices_are_offered_for_what_they_can() -> None:
    devices = (SoundDevice(name="Mic", inputs=1), SoundDevice(name="Speaker", outputs=2, default_output=True))
    assert [value for value, _text in choices(MICROPHONE, devices, "")] == ["", "-", "Mic"]
    assert choices(LOUDSPEAKER, devices, "")[0] == ("", "Default of the system: Speaker")
    assert [value for value, _text in choices(LOUDSPEAKER, devices, "Gone")][-1] == "Gone"


def test_observations_that_are_malformed_or_half_are_taken_as_they_can_be() -> None:
    seen = Observations(
        {"hall_sound": hall_figures(echo={}, monitor=None), "devices": "none", "audio_test": 5}
    )
    assert isinstance(seen.hall, HallSeen)
    assert seen.devices == ()
    assert seen.audio_test is None
    assert Observations({"hall_sound": {"state": "running", "args": 7}}).hall is None


def test_the_worst_device_speaks_for_the_hall() -> None:
    silent = {"name": "Mic", "state": "silent"}
    gone = {"wanted": "Speaker", "state": "failed", "code": "vanished"}
    seen = Observations({"hall_sound": hall_figures(input=silent, output=gone)}).hall
    line = hall_line(seen, ENGLISH)
    assert line.tone == "bad"
    assert line.text.startswith("Loudspeaker: Speaker is gone.")
    started = Observations({"hall_sound": {"state": "starting", "code": "worker_lost"}}).hall
    assert hall_line(started, ENGLISH).text.startswith("The process that carries")
