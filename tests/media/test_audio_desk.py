"""The mixer's desk: faders, mutes, test tone, soft duck, talkback; each heard where it should be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from media.audio.gains import gain_of
from media.audio.mixer import MixBlocks, MixDesk, MixInput
from media.bus.layout import BLOCK_SAMPLES
from media.bus.writer import level_cdb
from tests.media.audio_kit import I16, clicks, noise, shares_db, sine
from tests.media.test_audio_mixer import FULL, Hall, captured, joined

SILENT = np.zeros(4 * 48_000, np.int16)


def level_db(blocks: list[I16]) -> float:
    return level_cdb(np.concatenate(blocks)) / 100


def shares(made: list[MixBlocks], blocks: list[I16], signals: dict[str, I16]) -> dict[str, float]:
    return shares_db(joined(blocks), {name: captured(made, signal) for name, signal in signals.items()})


def test_a_fader_is_what_it_says_and_moves_without_clicks() -> None:
    hall = Hall({"p": sine(200.0, 6.0, 0.25)})
    made = hall.run(40)
    for gain_db in (-6.0, 3.0, -60.0, 0.0):
        hall.inputs["p"] = MixInput("p", 0, gain_of(gain_db))
        made += hall.run(40)
    sound = joined([m.program for m in made]) / FULL
    assert clicks(sound, 200.0, 0.25) < 4.0
    peaks = np.abs(sound.reshape(-1, BLOCK_SAMPLES)).max(axis=1)
    for at, gain_db in ((60, -6.0), (100, 3.0)):
        assert abs(20 * np.log10(peaks[at] / 0.25) - gain_db) < 0.2
    assert peaks[142:160].max() == 0.0, "-60 dB is off"


def test_each_bus_has_its_own_fader_and_mute_and_the_mix_minuses_follow_shared() -> None:
    voices = {"a": noise(1, 8.0, 0.05), "b": noise(2, 8.0, 0.05)}
    hall = Hall(voices)
    together = hall.run(40)
    assert all(mixed.shared is mixed.program for mixed in together), "one encoder's work where both are alike"
    made = hall.run(80, MixDesk(shared=gain_of(-10.0), hall=0.0))[20:]
    assert all(abs(share) < 0.1 for share in shares(made, [m.program for m in made], voices).values())
    for name, share in shares(made, [m.shared for m in made], voices).items():
        assert abs(share + 10.0) < 0.2, name
    ring = made[-1].plan.own["a"]
    own = shares(made, [m.minus[ring] for m in made], voices)
    assert own["a"] < -50
    assert abs(own["b"] + 10.0) < 0.2
    assert not any(m.hall.any() for m in made)
    back = hall.run(60)[30:]
    assert all(mixed.shared is mixed.program for mixed in back)
    muted = hall.run(60, MixDesk(program=0.0))[10:]
    assert not any(m.program.any() for m in muted)
    assert level_db([m.shared for m in muted]) > -30


def test_bus_faders_and_the_test_tone_do_not_click() -> None:
    hall = Hall({"p": sine(200.0, 8.0, 0.25)})
    made = hall.run(40)
    for gain in (0.3, 0.0, 1.0, 0.5):
        made += hall.run(30, MixDesk(program=gain, shared=gain))
    assert clicks(joined([m.program for m in made]) / FULL, 200.0, 0.25) < 4.0
    empty = Hall({})
    tones = empty.run(10) + empty.run(30, MixDesk(test_tone=True)) + empty.run(10)
    assert clicks(joined([m.program for m in tones]) / FULL, 1000.0, 0.178) < 4.0


def test_the_tone_is_1_khz_at_minus_18_dbfs_on_every_bus() -> None:
    hall = Hall({"p": SILENT})
    made = hall.run(40, MixDesk(test_tone=True))[10:]
    for blocks in ([m.program for m in made], [m.shared for m in made], [m.hall for m in made]):
        assert abs(level_db(blocks) + 18.0) < 0.05
        spectrum = np.abs(np.fft.rfft(joined(blocks)))
        assert np.argmax(spectrum) * 48_000 / (len(blocks) * BLOCK_SAMPLES) == 1000.0
    assert abs(level_db([m.minus[0] for m in made]) + 18.0) < 0.05


# ---- soft duck


def test_an_open_microphone_in_a_noisy_room_goes_down_softly_while_nobody_speaks() -> None:
    hall = Hall({"p": noise(1, 20.0, 0.01)})  # -40 dBFS
    made = hall.run(900, MixDesk(duck_inactive=True))
    levels = [level_db([m.program]) for m in made]
    before = float(np.mean(levels[10:20]))
    assert abs(np.mean(levels[-50:]) - before + 15.0) < 1.0
    assert max(abs(np.diff(levels[10:]))) < 3.0, "no step that is heard"
    off = [level_db([m.program]) for m in hall.run(40)]
    assert abs(np.mean(off[5:]) - before) < 1.0, "switched off it is up again at once"


def test_the_first_syllable_of_a_ducked_microphone_is_whole() -> None:
    quiet, speech = noise(1, 8.0, 0.001), sine(300.0, 1.0, 0.2)
    signal = np.concatenate((quiet, speech, quiet))
    hall = Hall({"p": signal})
    made = hall.run(475, MixDesk(duck_inactive=True))[10:]
    said = captured(made, signal).astype(np.float32)
    heard = joined([m.program for m in made])
    begins = int(np.argmax(np.abs(said) > 0.05 * FULL))
    first_ms = slice(begins, begins + 10 * 48)
    lost_db = 10 * np.log10(np.sum(heard[first_ms] ** 2) / np.sum(said[first_ms] ** 2))
    assert abs(lost_db) < 0.2, "the gain is up before he is heard"
    during = heard[begins : begins + 40_000]
    assert clicks(during / FULL, 300.0, 0.2) < 2.0


def test_speech_with_its_pauses_is_never_ducked() -> None:
    word, pause = sine(250.0, 0.3, 0.15), noise(3, 0.35, 0.0005)
    hall = Hall({"p": np.concatenate([word, pause] * 14)})
    made = hall.run(400, MixDesk(duck_inactive=True))
    peaks = [int(np.abs(m.program).max()) for m in made[60:]]
    assert max(peaks[-60:]) > 0.97 * max(peaks[:60])


# ---- talkback


def talking(**more: MixInput) -> tuple[Hall, dict[str, I16]]:
    """A hall with two open participants, one who is not, and an operator who speaks."""
    signals = {name: noise(number, 8.0, 0.05) for number, name in enumerate(("a", "b", "c", "operator"))}
    hall = Hall(signals)
    hall.inputs["c"] = MixInput("c", 0, audible=False)
    hall.inputs["operator"] = MixInput("operator", 0, role="operator", audible=False)
    hall.inputs |= more
    hall.run(40)
    hall.inputs["operator"] = replace(hall.inputs["operator"], audible=True)
    return hall, signals


def test_the_operator_is_heard_by_one_participant_and_by_nobody_else() -> None:
    for target in ("a", "c"):  # c's microphone is closed: he has a ring for as long as this lasts
        hall, signals = talking()
        made = hall.run(80, MixDesk(talkback=target))[20:]
        ring = made[-1].plan.own[target]
        for mixed in made:
            assert mixed.plan.minus[ring] == target
        his = shares(made, [m.minus[ring] for m in made], signals)
        assert abs(his["operator"]) < 0.1
        assert abs(his["b"] + 12.0) < 0.3, "his return is turned down while the operator speaks"
        assert his["c"] < -50
        others = [[m.minus[r] for m in made] for r in made[-1].plan.minus if r != ring]
        for blocks in ([m.program for m in made], [m.shared for m in made], [m.hall for m in made], *others):
            assert shares(made, blocks, signals)["operator"] < -50


def test_no_word_reaches_a_ring_before_it_is_surely_his_and_none_stays_behind() -> None:
    hall, signals = talking()
    desk = MixDesk(talkback="c")
    begin = hall.run(7, desk)
    ring = begin[-1].plan.own["c"]
    assert shares(begin, [m.minus[ring] for m in begin], signals)["operator"] < -50
    hall.run(40, desk)
    hall.inputs["operator"] = replace(hall.inputs["operator"], audible=False)
    hall.inputs["c"] = replace(hall.inputs["c"], audible=False)
    ended = hall.run(30)
    assert all("c" not in m.plan.own for m in ended)
    for ring in ended[-1].plan.minus:
        blocks = [m.minus[ring] for m in ended if ring in m.minus]
        assert shares(ended[-len(blocks) :], blocks, signals)["operator"] < -50


def test_an_open_participant_hears_his_return_come_back_without_a_click() -> None:
    signals = {"a": SILENT, "b": sine(200.0, 8.0, 0.25), "operator": SILENT.copy()}
    signals["operator"][:] = noise(5, 4.0, 0.001)
    hall = Hall(signals)
    hall.inputs["operator"] = MixInput("operator", 0, role="operator", audible=False)
    made = hall.run(40)
    hall.inputs["operator"] = MixInput("operator", 0, role="operator", gain=0.001)
    made += hall.run(30, MixDesk(talkback="a"))
    hall.inputs["operator"] = MixInput("operator", 0, role="operator", audible=False)
    made += hall.run(60)
    ring = made[-1].plan.own["a"]
    sound = joined([m.minus[ring] for m in made[10:]]) / FULL
    assert clicks(sound, 200.0, 0.25) < 4.0
    assert abs(np.abs(sound[-BLOCK_SAMPLES:]).max() - 0.25) < 0.01
