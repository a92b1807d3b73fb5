"""What the audio worker makes of its ends: alive or dead, and how the hall's sound is as a whole."""

from __future__ import annotations

import threading

import pytest

from media.audio.devices import Device, DeviceError
from media.audio.routes import Route
from media.audio.streams import SoundStream
from operator_console.audio.ends import KINDS, End, EndName, Liveness, Seen, wishes
from operator_console.audio.listing import DeviceList
from operator_console.audio.reporting import judged
from operator_console.session.model import NO_DEVICE, HallSound

MIC = Device("Meja", 1, inputs=2)
Ends = dict[EndName, End]


def ends(**wanted: str) -> Ends:
    made: Ends = {name: End(name) for name in KINDS}
    for name in KINDS:
        made[name].want(wanted.get(name, NO_DEVICE))
    return made


def seen(some: Ends) -> dict[EndName, Seen]:
    return {name: end.now for name, end in some.items()}


def run(end: End) -> End:
    end.opened(MIC, SoundStream(48_000, 2, 2))
    return end


def test_a_stream_is_dead_after_a_second_without_a_callback_but_not_while_it_starts() -> None:
    alive = Liveness(100.0)
    seen = [alive.dead(callbacks, at) for callbacks, at in ((0, 101.5), (3, 101.6), (3, 103.9))]
    assert seen == [False, False, False], "it starts"
    assert not alive.dead(250, 104.5)
    assert not alive.dead(250, 105.4)
    assert alive.dead(250, 105.6)


def test_a_stream_that_only_mends_underruns_is_dead_too_unless_it_just_starts() -> None:
    alive = Liveness(0.0)
    seen = [
        alive.dead(callbacks, at) for callbacks, at in ((900, 2.0), (1100, 4.0), (1300, 6.0), (3000, 8.1))
    ]
    assert seen == [False, False, False, True]


def test_each_end_has_its_own_wish_and_none_while_the_sound_is_off() -> None:
    hall = HallSound(on=True, input="Meja", output="", operator_input="Kepala")
    wanted = {"input": "Meja", "output": "", "monitor": NO_DEVICE, "operator": "Kepala"}
    assert wishes(hall) == wanted
    assert set(wishes(HallSound(input="Meja")).values()) == {NO_DEVICE}


def test_off_starting_and_running() -> None:
    some = ends(input="", output="")
    assert judged(seen(ends()), anything_listed=True, ran=False)[0] == "off"
    assert judged(seen(some), anything_listed=True, ran=False)[0] == "starting"
    run(some["input"])
    run(some["output"])
    assert judged(seen(some), anything_listed=True, ran=False) == ("running", "", {})


def test_a_headphone_that_failed_does_not_fail_the_hall() -> None:
    some = ends(input="", monitor="Kepala")
    run(some["input"])
    some["monitor"].fail(DeviceError("vanished", name="Kepala"))
    assert judged(seen(some), anything_listed=True, ran=False) == ("running", "", {})
    told = some["monitor"].now.report()
    assert (told["state"], told["code"], told["args"]) == ("failed", "vanished", {"name": "Kepala"})


@pytest.mark.parametrize(
    ("code", "listed", "ran", "told"),
    [
        ("vanished", True, True, "vanished"),
        ("vanished", False, True, "server_gone"),
        ("no_input", False, True, "server_gone"),
        ("no_input", False, False, "no_devices"),
        ("no_input", True, True, "no_input"),
        ("busy", False, True, "busy"),
        ("library_missing", False, False, "library_missing"),
    ],
)
def test_where_no_device_is_left_the_sound_server_is_gone(
    code: str, listed: bool, ran: bool, told: str
) -> None:
    some = ends(input="Meja")
    some["input"].fail(DeviceError(code))
    assert judged(seen(some), anything_listed=listed, ran=ran)[:2] == ("failed", told)


def test_an_end_that_was_led_elsewhere_runs_and_says_so() -> None:
    some = ends(input="Meja")
    end = run(some["input"])
    end.follow(Route("input", 3, "meja", "kamera"))
    expected = ("running", "rerouted", {"name": "meja", "to": "kamera"})
    assert judged(seen(some), anything_listed=True, ran=True) == expected
    assert end.now.report()["state"] == "rerouted"


def test_the_list_is_looked_up_again_when_a_device_came_or_went() -> None:
    listed = DeviceList()
    assert listed.expired
    listed.take([MIC])
    expired = []
    for names in ({"meja"}, {"meja"}, {"meja", "kamera"}):
        listed.note_hardware({"input": frozenset(names)})
        expired.append(listed.expired)
    assert expired == [False, False, True]


def test_an_end_may_be_reported_while_another_thread_opens_and_closes_it() -> None:
    some, done = ends(input="Meja", output="Aula"), threading.Event()

    def churn() -> None:
        while not done.is_set():
            run(some["input"]).follow(Route("input", 3, "meja", "kamera"))
            some["input"].clear()

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        for _ in range(5000):
            now = some["input"].now
            told = now.report()
            assert (told["state"] == "failed") == ("name" not in told)
    finally:
        done.set()
        churning.join()
