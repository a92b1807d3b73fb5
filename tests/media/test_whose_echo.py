"""Whose echo it is: found in rooms, through double talk, at all delays; nobody is accused without one."""

from __future__ import annotations

import numpy as np
import pytest

from media.audio.whose_echo import (
    BEGIN_COUNT,
    BEGIN_STRENGTH,
    CLEAR_COUNT,
    LAG_MAX_S,
    RATE_HZ,
    THIN_SAMPLES,
    WINDOW_S,
    EchoJudge,
    Likeness,
    Track,
    compare,
    return_level_db,
    speech_s,
    thinned,
)
from tests.media.audio_kit import sine
from tests.media.echo_kit import F32, as_int16, hiss, in_turns, later, resampled, returned, said

SECONDS = 18.0
HOP_S = 2.0
LAG_MIN_MS = 60.0
COUNT = round(SECONDS * 48_000)


def judged(sent: F32, heard: F32) -> EchoJudge:
    """The verdict on a conversation, heard as the engine hears it."""
    there, back = thinned(as_int16(sent)), thinned(as_int16(heard))
    window, reach = round(WINDOW_S * RATE_HZ), round(LAG_MAX_S * RATE_HZ)
    judge = EchoJudge()
    for end in range(window + reach, len(there), round(HOP_S * RATE_HZ)):
        one, other = there[end - window - reach : end], back[end - window : end]
        if speech_s(one) > 1.0:
            found = compare(one, other, LAG_MIN_MS)
            judge.hear(found, return_level_db(one, other, found.lag_ms))
    return judge


@pytest.mark.parametrize("level_db", [-10, -20, -30])
@pytest.mark.parametrize("delay_ms", [100, 300, 800])
def test_the_echo_of_an_open_loudspeaker_is_found_with_its_delay(level_db: float, delay_ms: float) -> None:
    sent = said(0, SECONDS)
    judge = judged(sent, returned(sent, delay_ms, level_db) + hiss(2, COUNT, -65))
    assert judge.returns
    assert judge.delay_ms == pytest.approx(delay_ms, abs=5)
    assert judge.score == pytest.approx(1 + level_db / 40, abs=0.08)


@pytest.mark.parametrize("level_db", [-10, -20])
def test_an_echo_is_found_though_he_speaks_himself(level_db: float) -> None:
    sent = said(0, SECONDS)
    own = in_turns(said(3, SECONDS), 5)
    echo = resampled(returned(sent, 350, level_db, rt60_s=0.7), 100)
    judge = judged(sent, echo + own + hiss(2, COUNT, -60))
    assert judge.returns
    assert judge.delay_ms == pytest.approx(350, abs=10)


@pytest.mark.parametrize("number", range(1, 7))
def test_nobody_is_accused_because_all_speak_at_once(number: int) -> None:
    sent = said(number, SECONDS) + said((number + 3) % 8, SECONDS)
    judge = judged(sent, said((number + 1) % 8, SECONDS) + hiss(number, COUNT, -60))
    assert not judge.returns


def test_a_browser_that_cancels_well_is_not_accused() -> None:
    sent, own = said(0, SECONDS), in_turns(said(3, SECONDS), 4)
    assert not judged(sent, own + hiss(3, COUNT, -60)).returns
    assert not judged(sent, own).returns
    assert not judged(sent, returned(sent, 300, -50) + own + hiss(3, COUNT, -65)).returns


def test_hum_and_test_tones_are_no_echo() -> None:
    at = np.arange(COUNT) / 48_000
    hum = (0.01 * (np.sin(2 * np.pi * 50 * at) + 0.5 * np.sign(np.sin(2 * np.pi * 50 * at)))).astype(
        np.float32
    )
    own = in_turns(said(3, SECONDS), 4)
    assert not judged(said(0, SECONDS) + hum, own + hum + hiss(1, COUNT, -65)).returns
    tone: F32 = (sine(1000, SECONDS, 0.1) / 32768).astype(np.float32)
    assert not judged(tone, own + tone * np.float32(0.03) + hiss(1, COUNT, -60)).returns


def test_a_sound_that_repeats_itself_is_no_echo() -> None:
    at = np.arange(COUNT)
    beeps = np.where(at % 24_000 < 4_800, 0.2 * np.sin(2 * np.pi * 440 * at / 48_000), 0.0).astype(np.float32)
    assert not judged(beeps + hiss(1, COUNT, -60), later(beeps, 210) + hiss(2, COUNT, -60)).returns


def test_a_voice_that_two_microphones_hear_is_no_echo() -> None:
    # The neighbour's microphone carries it to the mixer later than this one does.
    voice = said(2, SECONDS)
    assert not judged(later(voice, 80), voice * np.float32(0.3) + hiss(1, COUNT, -60)).returns


def test_the_verdict_needs_agreement_and_is_kept_over_a_doubt() -> None:
    judge, echo, nothing = EchoJudge(), Likeness(80.0, 300.0), Likeness(6.0, 700.0)
    for _ in range(BEGIN_COUNT - 1):
        assert not judge.hear(echo, -20)
    assert judge.hear(echo, -20)
    assert judge.returns
    for _ in range(CLEAR_COUNT - 1):
        judge.hear(nothing, -60)
    assert judge.returns
    assert judge.hear(nothing, -60)
    assert not judge.returns


def test_chance_peaks_at_ever_other_delays_accuse_nobody() -> None:
    judge = EchoJudge()
    for number in range(100):
        judge.hear(Likeness(BEGIN_STRENGTH + 1, 60.0 + number * 377 % 1400), -20)
        assert not judge.returns


def test_a_track_keeps_every_block_in_its_place() -> None:
    track, ones = Track(1.0), np.full(960, 16_384, np.int16)
    track.put(100, np.concatenate((ones, ones)))
    track.put(104, ones)
    track.put(103, ones)  # late
    heard = track.last(105, 0.16).reshape(-1, THIN_SAMPLES).mean(axis=1)
    assert heard == pytest.approx([0, 0, 0.5, 0.5, 0, 0.5, 0.5, 0], abs=0.01)
    track.put(1000, ones)
    assert track.last(1000, 1.0).sum() == pytest.approx(0.5 * THIN_SAMPLES, rel=0.01)
    assert not track.last(104, 0.5).any()
