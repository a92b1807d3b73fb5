"""Parts of the hall's sound: rings of the callback, channels, pace, choice of devices, routes, room test."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pytest

from media.audio import roomtest, streams
from media.audio.channels import Resampler, down_mixed, up_mixed
from media.audio.devices import (
    Device,
    DeviceError,
    choose,
    clean_name,
    formats,
    one_clock,
    told_apart,
    with_unseen,
)
from media.audio.frames import FrameRing
from media.audio.meter import Meter
from media.audio.pacing import SampleClock, Steering
from media.audio.routes import Route, Routes, understood
from media.audio.streams import SoundStream, error_code, tries

F32 = npt.NDArray[np.float32]


def test_frames_come_out_of_the_ring_as_they_went_in_also_over_its_end() -> None:
    ring, sent = FrameRing(100, 2), np.arange(600, dtype=np.int16).reshape(300, 2)
    out = []
    for begin in range(0, 300, 30):
        assert ring.put(sent[begin : begin + 30].tobytes(), 30)
        out.append(ring.take(30))
    assert np.array_equal(np.concatenate(out), sent)


def test_a_full_ring_refuses_and_an_empty_one_gives_silence_and_counts_it() -> None:
    ring = FrameRing(100, 1)
    assert ring.put(np.ones(90, np.int16), 90)
    assert not ring.put(np.ones(20, np.int16), 20)
    target = bytearray(b"\x55" * 240)
    assert ring.take_into(target, 120) == 90
    assert np.frombuffer(target, np.int16).tolist() == [1] * 90 + [0] * 30
    assert (ring.missed, ring.level) == (30, 0)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_one_channel_goes_to_the_front_and_comes_back_at_its_level(channels: int) -> None:
    sound = (0.4 * np.sin(np.arange(480) / 7)).astype(np.float32)
    frames = up_mixed(sound, channels)
    assert frames.shape == (480, channels)
    assert not frames[:, 2:].any()
    assert np.allclose(down_mixed(frames), sound, atol=1e-4)


def test_a_microphone_on_any_input_is_heard() -> None:
    frames = np.zeros((480, 6), np.int16)
    frames[:, 4] = 8000
    assert np.allclose(down_mixed(frames), 8000 / 32768 / 2)


@pytest.mark.parametrize(("in_hz", "out_hz"), [(44_100, 48_000), (48_000, 44_100), (96_000, 48_000)])
def test_a_tone_keeps_its_pitch_at_another_rate(in_hz: int, out_hz: int) -> None:
    resampler, step = Resampler(in_hz, out_hz), in_hz // 50
    tone = np.sin(2 * np.pi * 1000 * np.arange(in_hz * 2) / in_hz).astype(np.float32)
    out = np.concatenate([resampler.push(tone[at : at + step]) for at in range(0, len(tone), step)])
    assert abs(len(out) - 2 * out_hz) < 0.02 * out_hz
    spectrum = np.abs(np.fft.rfft(out[out_hz // 2 : out_hz // 2 + out_hz] * np.hanning(out_hz)))
    assert int(np.argmax(spectrum)) == 1000


def test_a_steered_resampler_uses_up_more() -> None:
    made = []
    for ppm in (-300, 0, 300):
        resampler = Resampler(48_000, 48_000, steered=True)
        resampler.steer(ppm)
        made.append(sum(len(resampler.push(np.zeros(960, np.float32))) for _ in range(1000)))
    assert made[0] - made[1] == pytest.approx(288, abs=20)
    assert made[1] - made[2] == pytest.approx(288, abs=20)


def test_a_capture_clock_smooths_the_bursts_of_callbacks() -> None:
    clock, chance = SampleClock(48_000), np.random.default_rng(1)
    errors = []
    for callback in range(2000):
        at_us = callback * 10_000
        clock.mark(callback * 480, at_us + int(chance.integers(-8000, 8000)))
        found = clock.at_us(callback * 480)
        assert found is not None
        errors.append(abs(found - at_us))
    assert max(errors[500:]) < 2500
    clock.mark(2000 * 480, 2000 * 10_000 + 400_000)
    assert clock.at_us(2000 * 480) == 2000 * 10_000 + 400_000, "a real jump is followed at once"


def test_steering_settles_at_the_difference_of_the_clocks_and_does_not_hunt() -> None:
    steering, chance = Steering(720.0, 48_000, 200.0, 0.001), np.random.default_rng(2)
    level, heard = 720.0, []
    for _ in range(800 * 100):  # 800 s of callbacks against a clock 100 ppm faster
        level += 480 * (100 - steering.ppm) * 1e-6
        steering.observe(level + float(chance.integers(-1400, 1400)))
        heard.append(steering.ppm)
    assert heard[-1] == pytest.approx(100, abs=6)
    assert np.std(heard[-10_000:]) < 3
    assert level - 720 < 1100


# ---- devices

CARD = Device("USB Audio: - (hw:2,0)", 4, inputs=1, outputs=2)
DEFAULT = Device("default", 7, inputs=32, outputs=32, rate_hz=44_100, default_input=True, default_output=True)
SPEAKER = Device("HDMI (hw:0,3)", 1, outputs=6)


def test_a_remembered_device_is_found_by_name_also_under_another_number() -> None:
    devices = [SPEAKER, CARD, DEFAULT]
    assert choose(devices, "USB Audio: - (hw:2,0)", "input") is CARD
    assert choose(devices, "USB Audio: - (hw:5,0)", "input") is CARD
    assert choose(devices, "", "output") is DEFAULT
    assert choose([SPEAKER, CARD], "", "output") is SPEAKER


@pytest.mark.parametrize(
    ("devices", "wanted", "code"),
    [([SPEAKER], "", "no_input"), ([SPEAKER, CARD], "Meja", "vanished"), ([], "Meja", "no_input")],
)
def test_a_device_that_is_not_there_is_said(devices: list[Device], wanted: str, code: str) -> None:
    with pytest.raises(DeviceError) as caught:
        choose(devices, wanted, "input")
    assert caught.value.code == code


def test_no_loudspeaker_at_all_is_said() -> None:
    with pytest.raises(DeviceError, match="no_output"):
        choose([Device("Mik", 0, inputs=1)], "", "output")


def test_one_clock_is_one_device_or_one_card() -> None:
    assert one_clock(DEFAULT, DEFAULT)
    assert one_clock(CARD, Device("USB Audio #1: - (hw:2,1)", 9, outputs=2))
    assert not one_clock(CARD, SPEAKER)
    assert not one_clock(Device("mic", 1, inputs=2), Device("speaker", 2, outputs=2))


def test_twins_are_numbered_and_the_two_directions_of_one_device_are_no_twins() -> None:
    headset = [Device("Headset", 0, inputs=1), Device("Headset", 1, outputs=2)]
    assert told_apart(headset) == headset
    assert choose(headset, "Headset", "output").index == 1
    twins = told_apart([*headset, Device("Headset", 2, inputs=1)])
    assert [one.name for one in twins] == ["Headset", "Headset", "Headset (2)"]


def test_a_name_is_listed_as_it_can_be_typed_and_remembered() -> None:
    assert clean_name(" Mik\u00a0Meja\u00ad\u200b\t2\n") == "Mik Meja 2"
    device = Device(clean_name("Mik\u00a0Meja"), 0, inputs=1)
    assert choose([device], "Mik\u00a0Meja", "input") is device


def test_what_is_held_open_is_listed_where_the_fresh_list_lacks_it_and_is_no_default_then() -> None:
    held = [DEFAULT, CARD]
    fresh = [replace(DEFAULT, default_input=False, default_output=False), SPEAKER]
    assert with_unseen(fresh, held) == [*fresh, CARD]
    assert with_unseen([SPEAKER], [DEFAULT])[1].default_input is False


def test_our_rate_is_tried_first_then_the_device_s_own() -> None:
    odd = Device("odd", 0, outputs=6, rate_hz=32_000)
    rates = list(dict.fromkeys(rate for rate, _ in formats(odd, "output")))
    assert rates == [48_000, 32_000, 44_100, 96_000]
    assert [count for rate, count in formats(odd, "output") if rate == 48_000] == [2, 1, 6]
    assert tries(CARD, None)[0] == (48_000, 1, 0)
    assert tries(CARD, CARD)[:2] == [(48_000, 1, 2), (48_000, 1, 1)]
    assert tries(None, Device("mono", 0, outputs=1))[0] == (48_000, 0, 1)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("no such thing"), "failed"),
        (OSError("Invalid sample rate [PaErrorCode -9997]", -9997), "rate"),
        (OSError("Invalid number of channels [PaErrorCode -9998]", -9998), "channels"),
        (OSError("Device unavailable [PaErrorCode -9985]", -9985), "busy"),
    ],
)
def test_portaudio_s_errors_have_codes(error: Exception, code: str) -> None:
    assert error_code(error)[0] == code


TIMES = SimpleNamespace(currentTime=10.0, inputBufferAdcTime=9.95, outputBufferDacTime=10.06)
"""PortAudio's times of a callback."""


def test_what_was_played_stays_with_what_was_captured_frame_for_frame() -> None:
    stream = SoundStream(48_000, 1, 2)
    stream.to_play.put(np.full((480, 2), 7, np.int16), 480)
    for number in range(3):
        out = bytearray(1920)
        stream.on_both(np.full(480, number, np.int16).tobytes(), out, 480, TIMES, 0)
    assert stream.callbacks == 3
    assert stream.captured.take(1440)[:, 0].reshape(3, 480)[:, 0].tolist() == [0, 1, 2]
    played = stream.played.take(1440)
    assert played[:480].all()
    assert not played[480:].any(), "where nothing was there silence was played, and is known to have been"
    assert stream.mark[0] == 960
    assert stream.out_delay_us == 60_000


def test_when_nobody_reads_both_sides_of_a_stream_are_dropped_together() -> None:
    stream = SoundStream(8_000, 1, 1)
    for _ in range(300):
        stream.on_both(bytes(160), bytearray(160), 80, TIMES, 0)
    assert stream.captured.level == stream.played.level == 16_000


def test_a_meter_knows_silence_from_digital_silence() -> None:
    meter = Meter()
    meter.push(np.full(960, 0.1, np.float32))
    assert (meter.look(), meter.look()) == (-20.0, -120.0)
    for _ in range(3):
        meter.push(np.zeros(960, np.float32))
    assert meter.silent_samples == 2880
    meter.push(np.full(960, 1e-5, np.float32))
    assert meter.silent_samples == 0


# ---- routes


def routes(now: str, devices: tuple[str, ...]) -> Routes:
    return Routes({"input": {5: now, 9: "own"}}, {"input": frozenset(devices)})


def test_a_stream_that_was_led_elsewhere_is_noticed_and_its_return_too() -> None:
    route = Route("input", 5, "meja")
    seen = []
    for now in ("meja", "kamera", "aula.monitor"):
        route = route.looked(routes(now, (now,)))
        seen.append((route.rerouted, route.no_microphone))
    assert seen == [(False, False), (True, False), (True, True)]
    assert not route.home_is_back(routes("kamera", ("kamera",)))
    assert route.home_is_back(routes("kamera", ("kamera", "meja")))


def test_a_new_stream_is_told_from_the_known_ones() -> None:
    now = routes("meja", ("meja",))
    assert now.newest("input", frozenset({5})) == (9, "own")
    assert now.newest("input", frozenset({5, 9})) is None
    assert now.newest("output", frozenset()) is None


def test_a_stream_that_somebody_moved_on_purpose_is_left_there() -> None:
    route = Route("input", 5, "meja").looked(routes("kamera", ("kamera", "meja")))
    assert route.rerouted
    assert not route.home_is_back(routes("kamera", ("kamera", "meja")))


PACTL: dict[str, list[dict[str, object]]] = {
    "sources": [{"index": 1, "name": "meja"}],
    "source-outputs": [
        {"index": 5, "source": 1, "properties": {"application.process.id": "7"}},
        {"index": 6, "source": 4294967295, "properties": {"application.process.id": "7"}},
        {"index": 8, "source": 1, "properties": None},
    ],
    "sinks": [],
    "sink-inputs": [],
}


def test_only_our_own_linked_streams_have_a_route() -> None:
    found = understood(PACTL, 7)
    assert found is not None
    assert found.streams == {"input": {5: "meja"}, "output": {}}


@pytest.mark.parametrize(
    "odd",
    [
        {"sources": [{"name": "meja"}]},
        {"sources": [{"index": None, "name": "meja"}]},
        {"source-outputs": [{"properties": {"application.process.id": "7"}}]},
        {"source-outputs": [{"index": 5, "source": [], "properties": {"application.process.id": 7}}]},
    ],
)
def test_odd_words_of_the_server_are_no_answer(odd: dict[str, list[dict[str, object]]]) -> None:
    assert understood({**PACTL, **odd}, 7) is None


# ---- room test


def test_the_room_test_finds_what_the_room_did() -> None:
    far = roomtest.programme()
    later = np.interp(np.arange(len(far)) * (1 + 50e-6) - 5760, np.arange(len(far)), far)
    mic = (0.25 * later + 1e-4 * np.random.default_rng(3).standard_normal(len(far))).astype(np.float32)
    found = roomtest.measured(far, mic, (mic * np.float32(0.1)).astype(np.float32))
    assert found.delay_ms == pytest.approx(120, abs=1)
    assert found.coupling_db == pytest.approx(-12, abs=1)
    assert found.drift_ppm == pytest.approx(50, abs=5)
    assert found.erle_db == pytest.approx(20, abs=0.1)


def test_a_room_test_that_hears_nothing_says_so() -> None:
    far = roomtest.programme()
    deaf = (1e-3 * np.random.default_rng(4).standard_normal(len(far))).astype(np.float32)
    with pytest.raises(roomtest.NotHeardError):
        roomtest.measured(far, deaf, deaf)


def test_the_chime_is_soft_and_ends() -> None:
    sound = roomtest.chime()
    assert 0.05 < np.abs(sound).max() < 0.5
    assert np.abs(sound[-480:]).max() < 0.01


# ---- opening


class PortAudioError(Exception):
    """As sounddevice has it: text and number."""


class Picky:
    """A sound library with one device, that takes one format only."""

    PortAudioError = PortAudioError

    def __init__(self, rate_hz: int, channels: int, *, busy: bool = False) -> None:
        self._rate_hz, self._channels, self._busy = rate_hz, channels, busy
        self.asked: list[tuple[int, int]] = []

    def RawOutputStream(self, *, samplerate: int, channels: int, **rest: object) -> Picky:
        self.asked.append((samplerate, channels))
        if self._busy:
            raise PortAudioError("Device unavailable [PaErrorCode -9985]", -9985)
        if channels != self._channels:
            raise PortAudioError("Invalid number of channels [PaErrorCode -9998]", -9998)
        if samplerate != self._rate_hz:
            raise PortAudioError("Invalid sample rate [PaErrorCode -9997]", -9997)
        return self

    def start(self) -> None:
        pass


def test_a_device_of_one_rate_and_six_channels_is_opened_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    picky = Picky(44_100, 6)
    monkeypatch.setattr(streams, "portaudio", lambda: picky)
    sound = streams.open_stream(None, Device("aula", 0, outputs=6, rate_hz=44_100))
    assert (sound.rate_hz, sound.out_channels) == (44_100, 6)
    assert picky.asked[0] == (48_000, 2), "ours is asked for first"


@pytest.mark.parametrize(
    ("library", "code"), [(Picky(8000, 1), "rate"), (Picky(48_000, 2, busy=True), "busy")]
)
def test_a_device_that_cannot_be_opened_is_said(
    monkeypatch: pytest.MonkeyPatch, library: Picky, code: str
) -> None:
    monkeypatch.setattr(streams, "portaudio", lambda: library)
    with pytest.raises(DeviceError) as caught:
        streams.open_stream(None, Device("aula", 0, outputs=2))
    assert (caught.value.code, caught.value.details["name"]) == (code, "aula")
    assert code == "rate" or len(library.asked) == 1, "what is busy is not tried in other formats"
