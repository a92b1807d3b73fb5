"""The playout buffer keeps time, hides losses and never clicks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from media.audio.jitter import PROGRAM_DELAY_US, JitterBuffer
from media.bus.layout import AUDIO_CONCEALED, AUDIO_RECOVERED, BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ
from tests.media.audio_kit import F32, I16, START_US, ScriptedSource, Sender, clicks, find_lag, noise, sine

HZ, AMPLITUDE = 200.0, 0.25


def play(sender: Sender, ticks: int, phase_us: int = 7_000) -> tuple[F32, JitterBuffer]:
    """Run ticks at START + phase + n * 20 ms; silence is zeros."""
    buffer = JitterBuffer(sender.source)
    heard = []
    for tick in range(ticks):
        now_us = START_US + phase_us + tick * BLOCK_US
        sender.until(now_us)
        block = buffer.pull(now_us)
        heard.append(np.zeros(BLOCK_SAMPLES, np.float32) if block is None else block.copy())
    return np.concatenate(heard), buffer


def late_by_us(heard: F32, signal: I16, phase_us: int) -> tuple[float, float]:
    """How much later than its capture time the signal is heard, and how alike it is."""
    lag, alike = find_lag(heard, signal)
    return lag * 1e6 / SAMPLE_RATE_HZ + phase_us, alike


@pytest.mark.parametrize("phase_us", [0, 7_000, 19_000])
def test_sound_is_heard_80_ms_after_its_capture_whatever_the_phase(phase_us: int) -> None:
    signal = noise(1, 3.0)
    heard, buffer = play(Sender(ScriptedSource(), signal), 145, phase_us)
    late, alike = late_by_us(heard, signal, phase_us)
    assert abs(late - PROGRAM_DELAY_US) < 100
    assert alike > 0.95
    assert buffer.figures.concealed == buffer.figures.late == 0


def test_jitter_within_the_delay_changes_nothing() -> None:
    signal, rng = noise(2, 4.0), np.random.default_rng(3)
    sender = Sender(ScriptedSource(), signal)
    sender.way_us = {i: BLOCK_US + int(rng.integers(0, 20_000)) for i in range(200)}
    heard, buffer = play(sender, 195)
    late, alike = late_by_us(heard, signal, 7_000)
    assert abs(late - PROGRAM_DELAY_US) < 200
    assert alike > 0.95
    assert buffer.figures.concealed == 0


def test_more_jitter_grows_the_delay_and_a_quiet_network_shrinks_it_again() -> None:
    signal, rng = noise(4, 30.0), np.random.default_rng(5)
    sender = Sender(ScriptedSource(), signal)
    sender.way_us = {i: BLOCK_US + int(rng.integers(0, 55_000)) for i in range(300)}
    buffer = JitterBuffer(sender.source)
    delays, concealed = [], []
    for tick in range(1400):
        now_us = START_US + 7_000 + tick * BLOCK_US
        sender.until(now_us)
        buffer.pull(now_us)
        delays.append(buffer.delay_us)
        concealed.append(buffer.figures.concealed)
    assert 90_000 <= max(delays) <= 120_000
    assert concealed[300] - concealed[100] <= 1, "after it has learnt there is no loss"
    assert delays[-1] == PROGRAM_DELAY_US


def test_a_sender_100_ppm_off_is_followed_without_clicks() -> None:
    for ppm in (100.0, -100.0):
        seconds = 240
        source = ScriptedSource()
        sender = Sender(source, sine(HZ, 10.0), ppm=ppm)
        blocks = 10 * 50
        buffer, heard, late = JitterBuffer(source), [], []
        for tick in range(seconds * 50):
            now_us = START_US + 7_000 + tick * BLOCK_US
            while sender.stamp_us(source.head()) + BLOCK_US <= now_us:
                index = source.head()
                at = index % blocks * BLOCK_SAMPLES
                source.put(index, sender.signal[at : at + BLOCK_SAMPLES], sender.stamp_us(index))
                source.blocks.pop(index - 64, None)
            block = buffer.pull(now_us)
            if block is not None:
                heard.append(block.copy())
                late.append(source.head() - now_us / BLOCK_US)
        sound = np.concatenate(heard)[BLOCK_SAMPLES:]
        assert buffer.figures.concealed == 0
        assert buffer.figures.splices in range(1, 6), "24 ms in steps of 10"
        assert clicks(sound, HZ, AMPLITUDE) < 3.0
        assert abs(float(np.sqrt(np.mean(sound**2))) - AMPLITUDE / np.sqrt(2)) < 0.003


@pytest.mark.parametrize("lost", [[60], [60, 61], [60, 75, 90], [60, 61, 62, 63, 64]])
def test_lost_blocks_are_concealed_without_a_click(lost: list[int]) -> None:
    sender = Sender(ScriptedSource(), sine(HZ, 3.0))
    sender.way_us = dict.fromkeys(lost)
    heard, buffer = play(sender, 140)
    assert clicks(heard[6 * BLOCK_SAMPLES :], HZ, AMPLITUDE) < 4.0
    # A lost block lies across two ticks, and what is concealed fades out in three.
    assert 1 <= buffer.figures.concealed <= 2 * len(lost)
    gap = heard.reshape(-1, BLOCK_SAMPLES)
    levels = np.sqrt(np.mean(gap[10:135] ** 2, axis=1))
    if len(lost) == 1:
        assert levels.min() > 0.5 * AMPLITUDE / np.sqrt(2), "one block is bridged"


def test_a_late_block_is_counted_and_gives_way_to_a_longer_delay() -> None:
    sender = Sender(ScriptedSource(), sine(HZ, 4.0))
    sender.way_us = {60: 150_000}
    heard, buffer = play(sender, 190)
    assert buffer.figures.late >= 1
    assert buffer.delay_us > PROGRAM_DELAY_US
    assert clicks(heard[6 * BLOCK_SAMPLES :], HZ, AMPLITUDE) < 4.0


def test_a_pause_of_the_sender_is_no_loss() -> None:
    signal = sine(HZ, 4.0)
    signal[48_000:96_000] = 0
    sender = Sender(ScriptedSource(), signal)
    sender.way_us = {i: None for i in range(53, 98) if i != 75}
    heard, buffer = play(sender, 190)
    assert buffer.figures.concealed == 0
    late, alike = late_by_us(heard[: 190 * 960], signal, 7_000)
    assert abs(late - PROGRAM_DELAY_US) < 200
    assert alike > 0.95


def test_a_restarted_writer_is_followed() -> None:
    first, second = noise(7, 2.0), noise(8, 2.0)
    source = ScriptedSource()
    sender = Sender(source, first)
    buffer, heard = JitterBuffer(source), []
    for tick in range(200):
        now_us = START_US + 7_000 + tick * BLOCK_US
        if tick == 80:
            source.blocks.clear()
            source.generation += 1
            sender = Sender(source, second, START_US + 82 * BLOCK_US + 3_000)
        sender.until(now_us)
        block = buffer.pull(now_us)
        heard.append(np.zeros(BLOCK_SAMPLES, np.float32) if block is None else block.copy())
    late, alike = late_by_us(np.concatenate(heard)[82 * BLOCK_SAMPLES :], second, 4_000)
    assert abs(late - PROGRAM_DELAY_US) < 300
    assert alike > 0.9
    assert buffer.figures.restarts == 1


def test_starting_late_on_a_full_ring_plays_the_present_not_the_past() -> None:
    signal = noise(9, 4.0)
    sender = Sender(ScriptedSource(), signal)
    sender.until(START_US + 2_000_000)
    buffer, heard = JitterBuffer(sender.source), []
    for tick in range(100, 190):
        now_us = START_US + 7_000 + tick * BLOCK_US
        sender.until(now_us)
        block = buffer.pull(now_us)
        heard.append(np.zeros(BLOCK_SAMPLES, np.float32) if block is None else block.copy())
    late, alike = late_by_us(np.concatenate(heard), signal[96_000:], 7_000)
    assert abs(late - PROGRAM_DELAY_US) < 300
    assert alike > 0.9


def test_stamps_that_jump_move_the_sound_with_them() -> None:
    signal = noise(10, 4.0)
    sender = Sender(ScriptedSource(), signal)
    shifted = 300_000
    for index in range(100, 200):
        sender.way_us[index] = BLOCK_US
    heard, buffer = [], JitterBuffer(sender.source)
    for tick in range(215):
        now_us = START_US + 7_000 + tick * BLOCK_US
        if tick == 101:
            sender.origin_us += shifted
        sender.until(now_us)
        block = buffer.pull(now_us)
        heard.append(np.zeros(BLOCK_SAMPLES, np.float32) if block is None else block.copy())
    late, alike = late_by_us(np.concatenate(heard)[130 * BLOCK_SAMPLES :], signal[110 * 960 :], 7_000)
    assert alike > 0.8
    assert abs(late - PROGRAM_DELAY_US - shifted + 20 * BLOCK_US) < 2_000


def test_a_way_that_becomes_much_longer_costs_half_a_second_and_not_ten() -> None:
    signal = noise(14, 8.0)
    sender = Sender(ScriptedSource(), signal)
    sender.way_us = dict.fromkeys(range(100, 250), BLOCK_US + 302_000)
    heard, _ = play(sender, 395)
    silent = np.abs(heard.reshape(-1, BLOCK_SAMPLES)).max(axis=1) == 0.0
    assert 10 <= int(silent[100:160].sum()) <= 30, "the way itself is 300 ms"
    assert not silent[140:240].any()
    assert not silent[280:].any(), "and it may become short again"


def test_nothing_in_the_ring_is_silence() -> None:
    buffer = JitterBuffer(ScriptedSource())
    assert all(buffer.pull(START_US + i * BLOCK_US) is None for i in range(5))


def test_after_a_rest_the_present_is_played_at_once() -> None:
    signal = noise(12, 6.0)
    sender = Sender(ScriptedSource(), signal)
    buffer, heard = JitterBuffer(sender.source), []
    for tick in range(280):
        now_us = START_US + 7_000 + tick * BLOCK_US
        sender.until(now_us)
        if 100 <= tick < 180:
            buffer.rest()
            continue
        block = buffer.pull(now_us)
        if tick >= 180:
            heard.append(np.zeros(BLOCK_SAMPLES, np.float32) if block is None else block.copy())
    late, alike = late_by_us(np.concatenate(heard), signal[180 * BLOCK_SAMPLES :], 7_000)
    assert abs(late - PROGRAM_DELAY_US) < 300
    assert alike > 0.9
    assert heard[0].any(), "from the first tick on"
    assert buffer.figures.late == buffer.figures.concealed == 0


@pytest.mark.parametrize(("flag", "waited_for"), [(AUDIO_RECOVERED, True), (AUDIO_CONCEALED, False)])
def test_a_feed_waits_for_what_is_recovered_and_not_for_what_is_made_up(flag: int, waited_for: bool) -> None:
    signal = noise(13, 6.0)
    sender = Sender(ScriptedSource(), signal)
    lost = range(50, 250, 5)
    sender.way_us |= dict.fromkeys(lost, BLOCK_US + 42_000)
    buffer, delays = JitterBuffer(sender.source), []
    for tick in range(260):
        now_us = START_US + 7_000 + tick * BLOCK_US
        sender.until(now_us)
        for index in lost:
            if index in sender.source.blocks:
                sender.source.blocks[index] = replace(sender.source.blocks[index], flags=flag)
        buffer.pull(now_us)
        delays.append(buffer.delay_us)
    counted = buffer.figures
    assert (counted.recovered, counted.filled) == ((len(lost), 0) if waited_for else (0, len(lost)))
    assert counted.concealed == 0, "both are there in time"
    assert (max(delays[50:]) > PROGRAM_DELAY_US) is waited_for
