"""The mixer: who hears what, how loud, and without clicks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from media.audio.limiter import Limiter
from media.audio.mixer import MixBlocks, MixDesk, Mixer, MixInput
from media.audio.opus import OpusDecoder, OpusEncoder
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from tests.media.audio_kit import F32, I16, START_US, ScriptedSource, clicks, noise, shares_db, sine

FULL = 32768.0


class Hall:
    """A mixer with scripted feeds, ticked by the test."""

    def __init__(self, signals: dict[str, I16]) -> None:
        self.sources = {name: ScriptedSource() for name in signals}
        for name, signal in signals.items():
            self.sources[name].put_all(signal, START_US)
            self.sources[name].generation = 1
        self.mixer = Mixer(lambda segment, slot: _Window(self.sources[segment], self))
        self.now_us = START_US
        self.inputs = {name: MixInput(name, 0) for name in signals}

    def run(self, ticks: int, desk: MixDesk | None = None) -> list[MixBlocks]:
        self.mixer.set_inputs(self.inputs, desk)
        made = []
        for _ in range(ticks):
            self.now_us += BLOCK_US
            made.append(self.mixer.tick(self.now_us))
        return made


class _Window:
    """Shows of a scripted source what has been captured by now."""

    def __init__(self, source: ScriptedSource, hall: Hall) -> None:
        self.source, self.hall = source, hall
        self.generation = 1

    def head(self) -> int:
        return min(self.source.head(), (self.hall.now_us - START_US) // BLOCK_US)

    def read(self, index: int):  # type: ignore[no-untyped-def]
        return self.source.read(index) if index < self.head() else None


def captured(made: list[MixBlocks], signal: I16) -> I16:
    """What of a signal was captured during these blocks, by their stamps."""
    first = (made[0].stamp_us - START_US) * 48 // 1000
    return signal[first : first + len(made) * BLOCK_SAMPLES]


def joined(blocks: list[I16]) -> F32:
    return np.concatenate(blocks).astype(np.float32)


def test_nobody_hears_himself_and_everybody_hears_the_others() -> None:
    voices = {f"p{i}": noise(i, 3.0, 0.05) for i in range(8)}
    made = Hall(voices).run(140)[20:]
    own = made[-1].plan.own
    assert sorted(own) == sorted(voices)
    spoken = {name: captured(made, voice) for name, voice in voices.items()}
    for name, ring in own.items():
        shares = shares_db(joined([mixed.minus[ring] for mixed in made]), spoken)
        assert shares.pop(name) < -50, f"{name} hears himself"
        assert all(abs(share) < 0.1 for share in shares.values())
    shares = shares_db(joined([mixed.program for mixed in made]), spoken)
    assert all(abs(share) < 0.1 for share in shares.values())


def test_the_stamp_is_the_capture_time_of_the_first_sample() -> None:
    signal = noise(1, 2.0)
    made = Hall({"p": signal}).run(80)
    mixed = made[40]
    first = (mixed.stamp_us - START_US) * 48 // 1000
    expected = signal[first : first + BLOCK_SAMPLES].astype(np.float32)
    assert np.abs(mixed.program.astype(np.float32) - expected).max() <= 2


def test_hall_does_not_hear_its_own_microphone_and_mute_takes_it_off_everything() -> None:
    signals = {"mic": noise(1, 4.0, 0.05), "p": noise(2, 4.0, 0.05)}
    hall = Hall(signals)
    hall.inputs["mic"] = MixInput("mic", 0, role="hall")
    made = hall.run(60)[20:]
    spoken = {name: captured(made, signal) for name, signal in signals.items()}
    assert shares_db(joined([m.hall for m in made]), spoken)["mic"] < -50
    assert abs(shares_db(joined([m.program for m in made]), spoken)["mic"]) < 0.1
    hall.inputs["mic"] = MixInput("mic", 0, role="hall", audible=False)
    muted = hall.run(60)[2:]
    spoken = {name: captured(muted, signal) for name, signal in signals.items()}
    for bus in ([m.program for m in muted], [m.hall for m in muted], [m.minus[0] for m in muted]):
        assert shares_db(joined(bus), spoken)["mic"] < -50


def test_mute_and_unmute_do_not_click() -> None:
    hall = Hall({"p": sine(200.0, 6.0, 0.25)})
    made = hall.run(40)
    for audible in (False, True, False, True):
        hall.inputs["p"] = MixInput("p", 0, audible=audible)
        made += hall.run(40)
    sound = joined([m.program for m in made]) / FULL
    # The ramps themselves bend the sine, the microphone's opening falls anywhere in its period.
    assert clicks(sound, 200.0, 0.25) < 4.0
    levels = np.abs(sound.reshape(-1, BLOCK_SAMPLES)).max(axis=1)
    assert levels[42:78].max() == 0.0
    assert levels[90:118].min() > 0.24


def test_gain_and_sum_are_exact() -> None:
    hall = Hall({"a": sine(300.0, 2.0, 0.2), "b": sine(500.0, 2.0, 0.2)})
    hall.inputs["b"] = MixInput("b", 0, gain=0.5)
    made = joined([m.program for m in hall.run(90)[30:]]) / FULL
    spectrum = np.abs(np.fft.rfft(made)) / (len(made) / 2)
    hz = np.fft.rfftfreq(len(made), 1 / 48000)
    assert abs(spectrum[np.argmin(np.abs(hz - 300))] - 0.2) < 0.002
    assert abs(spectrum[np.argmin(np.abs(hz - 500))] - 0.1) < 0.002


def test_somebody_who_leaves_is_faded_out_and_forgotten() -> None:
    hall = Hall({"p": sine(200.0, 3.0, 0.25)})
    made = hall.run(40)
    hall.inputs = {}
    made += hall.run(10)
    assert clicks(joined([m.program for m in made]) / FULL, 200.0, 0.25) < 4.0
    assert hall.mixer.figures() == {}
    assert not made[-1].program.any()


def test_a_microphone_is_mixed_only_after_its_owner_has_his_ring() -> None:
    hall = Hall({"p": noise(1, 2.0)})
    made = hall.run(30)
    assert all(mixed.plan.own == {"p": 0} for mixed in made)
    heard = [bool(mixed.program.any()) for mixed in made]
    assert heard.index(True) in (5, 6)
    assert not any(mixed.minus[0].any() for mixed in made)


def test_eight_loud_voices_stay_below_minus_one_dbfs() -> None:
    voices = {f"p{i}": sine(180.0 + 37 * i, 3.0, 0.5) for i in range(8)}
    made = Hall(voices).run(140)
    peak = np.abs(joined([m.program for m in made])).max() / FULL
    assert 0.7 < peak <= 10 ** (-1 / 20) + 1e-3


def test_limiter_leaves_quiet_sound_alone_and_recovers() -> None:
    limiter = Limiter()
    quiet = sine(440.0, 0.02, 0.3).astype(np.float32) / FULL
    assert np.abs(limiter.limit(quiet) - quiet * 32767).max() <= 1
    for _ in range(10):
        limiter.limit(np.float32(6.0) * quiet)
    assert limiter.gain < 0.5
    for _ in range(60):
        last = limiter.limit(quiet)
    assert limiter.gain == 1.0
    assert np.abs(last - quiet * 32767).max() <= 1


def test_limited_sound_has_no_steps_between_blocks() -> None:
    limiter = Limiter()
    tone = sine(200.0, 2.0, 0.9).astype(np.float32) / FULL
    swell = tone * np.linspace(0.2, 3.0, len(tone), dtype=np.float32)
    blocks = [limiter.limit(b) for b in swell.reshape(-1, BLOCK_SAMPLES)]
    assert clicks(joined(blocks) / FULL, 200.0, 0.9) < 8.0


@pytest.mark.parametrize("fec", [False, True])
def test_opus_carries_speech_band_noise_and_leaves_out_silence(fec: bool) -> None:
    encoder, decoder = OpusEncoder(fec=fec), OpusDecoder()
    signal = np.concatenate((sine(440.0, 1.0), np.zeros(96_000, np.int16), sine(440.0, 1.0)))
    packets = [encoder.encode(block) for block in signal.reshape(-1, BLOCK_SAMPLES)]
    sent = [packet is not None for packet in packets]
    assert all(sent[:60])
    assert all(sent[150:])
    assert sum(sent[60:150]) <= 5, "a refresh each 400 ms"
    heard = np.concatenate([decoder.decode(p) for p in itertools.islice(packets, 50) if p])
    assert len(heard) == 48_000
    level = np.sqrt(np.mean((heard[9600:].astype(np.float64) / FULL) ** 2))
    assert abs(level - 0.25 / np.sqrt(2)) < 0.02
