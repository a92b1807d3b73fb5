"""The synthetic voices are speech-like, distinct and always the same."""

from __future__ import annotations

import numpy as np

from media.audio.voice import PITCHES, speak, voice
from tests.media.audio_kit import find_lag


def test_each_voice_has_its_own_pitch() -> None:
    for number in (0, 4, 8):
        who = voice(number)
        sound = speak(who, 6.0).astype(np.float64)
        spectrum = np.abs(np.fft.rfft(sound))
        hz = np.fft.rfftfreq(len(sound), 1 / 48000)
        band = (hz > 60) & (hz < 300)
        found = hz[band][np.argmax(spectrum[band])]
        assert abs(found / who.pitch_hz - 1) < 0.08 or abs(found / who.pitch_hz - 2) < 0.16


def test_voices_are_reproducible_and_do_not_resemble_each_other() -> None:
    sounds = [speak(voice(number), 4.0) for number in range(PITCHES)]
    assert np.array_equal(sounds[3], speak(voice(3), 4.0))
    low = [sound[::3] for sound in sounds]
    for one in range(PITCHES):
        for other in range(one):
            assert abs(find_lag(low[one], low[other])[1]) < 0.25


def test_it_has_pauses_and_can_be_repeated() -> None:
    sound = speak(voice(2), 8.0).astype(np.float32) / 32768
    assert len(sound) == 8 * 48_000
    assert np.abs(sound).max() < 0.9
    assert np.abs(sound[:4800]).max() < 0.005
    assert np.abs(sound[-4800:]).max() < 0.005
    level = np.sqrt(np.mean(sound.reshape(-1, 960) ** 2, axis=1))
    assert 0.05 < np.mean(level < 0.005) < 0.4
    assert -32 < 20 * np.log10(level.max() + 1e-9) < -8
