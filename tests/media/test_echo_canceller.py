"""The echo canceller as a whole, on a made-up hall: one story each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from media.audio.echo.bands import BLOCK
from media.audio.echo.canceller import EchoCanceller, EchoStatus
from media.audio.echo.webrtc import WebRtc
from media.audio.voice import speak, voice
from tests.bench.echo_scenes import faster, through

F32 = npt.NDArray[np.float32]

RATE_HZ = 48_000
LATE = 564
"""Samples by which full duplex is late."""


@pytest.fixture(scope="module", autouse=True)
def _library() -> None:
    """WebRTC's library opens some files at its first use and keeps them."""
    WebRtc(echo=True)


def talk(number: int, seconds: float) -> F32:
    """Speech with the breath that real voices have, in the whole band."""
    said = speak(voice(number), seconds).astype(np.float64) / 32768
    loud = np.convolve(np.abs(said), np.full(960, 1 / 960), "same")
    rng = np.random.default_rng(number)
    return (said + 0.3 * loud * rng.standard_normal(len(said))).astype(np.float32)


def hall(far: F32, delay_ms: float, seed: int = 1, level: float = 0.5, rt60_s: float = 0.3) -> F32:
    """What a microphone hears of `far` in a room: direct sound, then noise that decays."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(rt60_s * RATE_HZ)) / RATE_HZ
    path = 0.1 * rng.standard_normal(len(at)) * 10.0 ** (-3.0 * at / rt60_s)
    path[:150] = 0.0
    path[0] = 1.0
    late = np.concatenate((np.zeros(round(delay_ms * RATE_HZ / 1000)), path))
    return (level * through(far.astype(np.float64), late)).astype(np.float32)


def hiss(count: int) -> F32:
    return (1e-4 * np.random.default_rng(3).standard_normal(count)).astype(np.float32)


def run(canceller: EchoCanceller, mic: F32, far: F32) -> F32:
    """Block by block, as the audio worker does it."""
    count = len(mic) // BLOCK * BLOCK
    return np.concatenate(
        [canceller.process(mic[at : at + BLOCK], far[at : at + BLOCK]) for at in range(0, count, BLOCK)]
    )


def erle_db(mic: F32, out: F32, begin_s: float, end_s: float) -> float:
    span = slice(round(begin_s * RATE_HZ), round(end_s * RATE_HZ))
    return float(10 * np.log10(np.mean(mic[span] ** 2) / np.mean(out[span] ** 2)))


def test_echo_goes_and_the_near_end_stays_while_both_talk() -> None:
    far = talk(1, 14.0)
    near = np.concatenate((np.zeros(8 * RATE_HZ, np.float32), talk(5, 6.0)))
    mic = hall(far, 60.0) + near + hiss(len(far))
    canceller = EchoCanceller()
    out = run(canceller, mic, far)
    assert erle_db(mic, out, 0.0, 3.0) > 14
    assert erle_db(mic, out, 5.0, 8.0) > 18
    both = slice(9 * RATE_HZ, 14 * RATE_HZ - LATE)
    late = out[9 * RATE_HZ + LATE : 14 * RATE_HZ]
    assert np.corrcoef(late, near[both])[0, 1] > 0.95
    status = canceller.status()
    assert (status.in_use, status.echo, status.fallen_back) == ("full", "present", False)
    assert status.erle_db > 15
    assert 55 < status.delay_ms < 70


def test_a_headset_is_left_alone() -> None:
    far, near = talk(2, 9.0), talk(6, 9.0)
    near[: 3 * RATE_HZ] = 0.0
    mic = near + hiss(len(near))
    canceller = EchoCanceller()
    out = run(canceller, mic, far)
    assert canceller.status().echo == "free"
    assert np.abs(out[4 * RATE_HZ + LATE :] - mic[4 * RATE_HZ : len(mic) - LATE]).max() < 1e-5


def test_drift_is_found_within_five_ppm() -> None:
    far, ppm = talk(3, 36.0), -200.0
    mic = hall(faster(far.astype(np.float64), ppm).astype(np.float32), 80.0) + hiss(len(far))
    canceller = EchoCanceller()
    out = run(canceller, mic, far)
    assert canceller.status().drift_ppm == pytest.approx(ppm, abs=5)
    assert erle_db(mic, out, 28.0, 36.0) > 14


@pytest.mark.parametrize("by_ms", [100.0, -60.0])
def test_a_delay_that_jumps_is_followed(by_ms: float) -> None:
    far = talk(4, 16.0)
    before, after = hall(far, 150.0), hall(far, 150.0 + by_ms)
    mic = np.concatenate((before[: 8 * RATE_HZ], after[8 * RATE_HZ :])) + hiss(len(far))
    canceller = EchoCanceller()
    out = run(canceller, mic, far)
    assert erle_db(mic, out, 12.0, 16.0) > 16
    assert canceller.status().delay_ms == pytest.approx(150.0 + by_ms, abs=8)


def test_strong_stands_in_while_full_fails_and_goes_when_it_works() -> None:
    far = talk(5, 5.0)
    mic = hall(far, 40.0) + hiss(len(far))
    canceller, strong = EchoCanceller(), EchoCanceller("strong")
    full = canceller._full
    assert full is not None
    begin = slice(0, RATE_HZ)
    run(canceller, mic[begin], far[begin])
    for _ in range(500):  # 5 s of echo alone that stayed
        full.fallback.push(6.0, 1.0, 0.0, fits=False)
    status = canceller.status()
    assert (status.mode, status.in_use, status.fallen_back) == ("full", "strong", True)
    rest = slice(RATE_HZ, None)
    out, alone = run(canceller, mic[rest], far[rest]), run(strong, mic[rest], far[rest])
    faded = slice(11 * BLOCK, 2 * RATE_HZ)
    assert np.abs(out[faded] - alone[faded]).max() < 1e-4
    for _ in range(500):
        full.fallback.push(20.0, 0.01, 0.0, fits=True)
    assert not canceller.status().fallen_back


def test_strong_mode_cancels_and_switches_work_in_every_mode() -> None:
    far = talk(6, 6.0)
    mic = hall(far, 60.0) + hiss(len(far))
    out = run(EchoCanceller("strong"), mic, far)
    assert erle_db(mic, out, 3.0, 6.0) > 14
    for mode in ("full", "strong", "off"):
        canceller = EchoCanceller(mode, noise_suppression=True, gain_control=True)
        assert len(run(canceller, mic[:RATE_HZ], far[:RATE_HZ])) == RATE_HZ


def test_off_gives_back_what_it_got_in_the_same_kind() -> None:
    canceller = EchoCanceller("off")
    assert canceller.status() == EchoStatus("off", "off", "unknown", 0.0, 0.0, 0.0)
    block = np.arange(2 * BLOCK, dtype=np.int16)
    assert np.array_equal(canceller.process(block, block), block)
    floats = block.astype(np.float32)
    assert np.array_equal(canceller.process(floats, floats), floats)


def test_blocks_of_other_sizes_and_unknown_modes_are_refused() -> None:
    with pytest.raises(ValueError, match="480 or 960"):
        EchoCanceller().process(np.zeros(100, np.float32), np.zeros(100, np.float32))
    with pytest.raises(ValueError, match="no echo canceller 'loud'"):
        EchoCanceller("loud")  # type: ignore[arg-type]


def test_reset_learns_anew() -> None:
    far = talk(7, 4.0)
    canceller = EchoCanceller()
    run(canceller, hall(far, 60.0), far)
    assert canceller.status().echo == "present"
    canceller.reset()
    assert canceller.status().echo == "unknown"
