"""The parts of the echo canceller, each against what it must do by definition."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from media.audio.echo.bands import BLOCK, LOW_BLOCK, LOW_RATE_HZ, SPLIT_SAMPLES, Delayed, Lowered, Raised
from media.audio.echo.delay import FAR_SAMPLES, MIC_SAMPLES, DelayFinder
from media.audio.echo.drift import DriftFit
from media.audio.echo.fallback import ErleMeter, Fallback
from media.audio.echo.kalman import PARTITIONS, EchoFilter, moved, shifted
from media.audio.echo.past import Past
from media.audio.echo.presence import EchoPresence, Presence
from media.audio.echo.reference import LOOK_AHEAD, Reference
from media.audio.echo.suppressor import NoiseFloor

F32 = npt.NDArray[np.float32]


def noise(count: int, seed: int = 1, level: float = 0.1) -> F32:
    return (level * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def tone(hz: float, rate_hz: int, count: int) -> F32:
    return np.sin(2 * np.pi * hz * np.arange(count) / rate_hz).astype(np.float32)


def blocks(sound: F32, size: int) -> list[F32]:
    return list(sound[: len(sound) // size * size].reshape(-1, size))


@pytest.mark.parametrize("hz", [100.0, 1000.0, 6500.0])
def test_what_goes_down_and_up_again_is_only_late(hz: float) -> None:
    sound = tone(hz, 48_000, 24_000)
    down, up, late = Lowered(), Raised(), Delayed(SPLIT_SAMPLES, BLOCK)
    out = np.concatenate([up.push(down.push(block)) for block in blocks(sound, BLOCK)])
    expected = np.concatenate([late.push(block) for block in blocks(sound, BLOCK)])
    assert np.abs(out - expected)[BLOCK:].max() < 0.02


def test_above_the_band_nothing_goes_down() -> None:
    down = Lowered()
    low = np.concatenate([down.push(block) for block in blocks(tone(10_000.0, 48_000, 24_000), BLOCK)])
    assert np.abs(low)[LOW_BLOCK:].max() < 0.003


def test_past_is_oldest_first() -> None:
    past = Past(6)
    for block in ([1, 2], [3, 4], [5, 6], [7, 8]):
        past.push(np.array(block, np.float32))
    assert past.samples().tolist() == [3, 4, 5, 6, 7, 8]


def test_reference_without_drift_is_the_same_a_millisecond_later() -> None:
    reference, sound = Reference(), noise(20 * LOW_BLOCK)
    made = [reference.push(block) for block in blocks(sound, LOW_BLOCK)]
    assert made == [1] * 20
    read = reference.blocks(9, 10)
    assert np.array_equal(read[LOOK_AHEAD:], sound[-10 * LOW_BLOCK :][:-LOOK_AHEAD])


@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_reference_is_read_at_the_other_clock(ppm: float) -> None:
    reference, hz = Reference(), 3000.0
    reference.ppm = ppm
    made = sum(reference.push(block) for block in blocks(tone(hz, LOW_RATE_HZ, 10 * LOW_RATE_HZ), LOW_BLOCK))
    # In 10 s the reader gains or loses 2 ms; it has that many samples more or fewer to give.
    assert abs(made - 1000) <= 1
    read = reference.blocks(99, 100).astype(np.float64)
    at = np.arange(len(read))
    turns = np.exp(-2j * np.pi * hz * (1 + ppm * 1e-6) / LOW_RATE_HZ * at)
    exact = abs(np.vdot(turns.conj(), read)) * 2 / len(read)
    assert 0.998 < exact < 1.002
    assert reference.advance(0) == pytest.approx(ppm * 1e-6 * 10 * LOW_RATE_HZ, abs=0.1)


def learnt(path: F32, seconds: float = 3.0) -> tuple[EchoFilter, float]:
    """A filter that has heard noise through a path; what share of the echo it leaves at the end."""
    echo_filter = EchoFilter()
    echo_filter.aligned()
    far = noise(round(seconds * LOW_RATE_HZ))
    mic = np.convolve(far, path)[: len(far)].astype(np.float32)
    before = np.zeros(LOW_BLOCK, np.float32)
    left = 1.0
    for block, heard in zip(blocks(far, LOW_BLOCK), blocks(mic, LOW_BLOCK), strict=True):
        echo_filter.push(before, block)
        estimate, _ = echo_filter.echoes(None)
        error = heard - estimate
        echo_filter.learn(heard, error)
        left = 0.9 * left + 0.1 * float(error @ error) / (float(heard @ heard) + 1e-12)
        before = block
    return echo_filter, left


def room_path() -> F32:
    decay = 10.0 ** (-3.0 * np.arange(4800) / LOW_RATE_HZ / 0.3)
    return (noise(4800, 3, 0.2) * decay).astype(np.float32)


def test_filter_learns_a_room_in_three_seconds() -> None:
    _, left = learnt(room_path())
    assert 10 * np.log10(left) < -25


def test_filter_keeps_what_it_knows_while_the_far_end_is_silent() -> None:
    echo_filter, _ = learnt(room_path())
    before = np.abs(echo_filter.weights).sum()
    silent = np.zeros(LOW_BLOCK, np.float32)
    for _ in range(PARTITIONS + 1):
        echo_filter.push(silent, silent)
    assert not echo_filter.active
    assert np.abs(echo_filter.weights).sum() > 0.99 * before


def test_path_moves_by_blocks_and_by_parts_of_a_sample() -> None:
    rows = np.arange(1.0, 5.0, dtype=np.float32)[:, None]
    assert moved(rows, 1).ravel().tolist() == [2, 3, 4, 0]
    assert moved(rows, -2).ravel().tolist() == [0, 0, 1, 2]
    assert moved(rows, 9).ravel().tolist() == [0, 0, 0, 0]
    path = np.zeros((PARTITIONS, 2 * LOW_BLOCK), np.float32)
    path[3, 7] = 1.0
    later = np.fft.irfft(shifted(np.fft.rfft(path).astype(np.complex64), 160.0))
    assert later[4, 7] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("delay", [37, 2_000, 8_000])
def test_delay_is_found_and_unrelated_sound_has_none(delay: int) -> None:
    finder, far = DelayFinder(), noise(4 * FAR_SAMPLES)
    mic = np.concatenate((np.zeros(delay, np.float32), far))[: len(far)] + noise(len(far), 5, 0.05)
    span = slice(len(far) - FAR_SAMPLES, len(far))
    found = finder.push(far[span], mic[-MIC_SAMPLES:])
    assert found is not None
    assert abs(found - delay) <= 4
    other = DelayFinder()
    assert other.push(far[span], noise(MIC_SAMPLES, 9)) is None
    assert other.push(np.zeros(FAR_SAMPLES, np.float32), mic[-MIC_SAMPLES:]) is None


def test_drift_is_the_common_slope_of_runs_whatever_strays() -> None:
    fit, rng = DriftFit(), np.random.default_rng(4)
    assert fit.ppm() is None
    for step in range(80):
        if step == 40:
            fit.end_run()
        offset = 0.0 if step < 40 else 700.0
        stray = 9.0 if step % 13 == 0 else 0.0
        slid = -100e-6 * 0.25 * step * LOW_RATE_HZ
        fit.add(0.25 * step, offset + slid + stray + rng.normal(0, 0.05))
    found = fit.ppm()
    assert found is not None
    assert found[0] == pytest.approx(100.0, abs=2.0)
    assert found[1] < 2.0


def test_presence_tells_echo_from_a_headset() -> None:
    present, free = EchoPresence(), EchoPresence()
    for step in range(300):
        echo, near = noise(LOW_BLOCK, step), noise(LOW_BLOCK, 1000 + step)
        present.push(echo + near, echo, heard=True)
        free.push(near, 0.2 * echo, heard=True)
    assert present.state is Presence.PRESENT
    assert free.state is Presence.FREE
    assert not present.broken
    for step in range(100):
        present.push(noise(LOW_BLOCK, 2000 + step), noise(LOW_BLOCK, 3000 + step), heard=True)
    assert present.broken


def test_noise_floor_is_that_of_the_pauses() -> None:
    floor, rng = NoiseFloor(), np.random.default_rng(2)
    for step in range(300):
        power = rng.exponential(1.0, 161) * (1000.0 if step % 120 > 60 else 1.0)
        floor.push(power.astype(np.float32))
    assert 0.1 < float(np.median(floor.power)) < 2.0


def test_meter_judges_echo_alone() -> None:
    meter = ErleMeter()
    for step in range(2000):
        near = 30.0 if step % 200 > 100 and step > 500 else 0.0  # talks over the echo half of the time
        meter.push(1.0 + near, 0.01 + near, 1.0)
    assert meter.erle_db > 15


def test_fallback_takes_five_seconds_of_failure_and_comes_back() -> None:
    fallback = Fallback()

    def state() -> tuple[bool, bool]:
        return fallback.suspected, fallback.failed

    for _ in range(499):
        fallback.push(5.0, 1.0, 0.0, fits=False)
    assert state() == (True, False)
    fallback.push(5.0, 1.0, 0.0, fits=False)
    assert state() == (True, True)
    for _ in range(500):
        fallback.push(20.0, 0.1, 0.0, fits=True)
    assert state() == (False, False)


def test_what_is_left_is_no_failure_where_it_is_noise_or_the_near_end() -> None:
    noisy, softer = Fallback(), Fallback()
    softer.push(20.0, 0.1, 0.0, fits=True)
    for _ in range(2000):
        noisy.push(5.0, 1.0, 0.9, fits=True)
        softer.push(8.0, 1.0, 0.0, fits=True)
    assert not noisy.failed
    assert not softer.failed
