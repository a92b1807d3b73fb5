"""Playout and capture against devices whose clocks are off and whose callbacks come in bursts."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import numpy.typing as npt
import pytest

from media.audio.microphone import BusMicrophone, NoReference, OtherStream, SameStream, Treatment
from media.audio.playout import BusPlayout
from media.audio.soundloop import SoundLoop
from media.audio.streams import SoundStream
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from media.bus.reader import AudioReader
from media.bus.writer import AudioWriter
from tests.media.audio_kit import ScriptedSource, find_lag, noise

I16 = npt.NDArray[np.int16]


class Ring:
    """A scripted ring in place of a bus segment."""

    def __init__(self, source: ScriptedSource) -> None:
        self._source = source

    @property
    def generation(self) -> int:
        return self._source.generation

    def head(self, slot: int) -> int:
        return self._source.head()

    def read(self, slot: int, index: int) -> object:
        return self._source.read(index)


TIMES = SimpleNamespace(currentTime=10.0, inputBufferAdcTime=9.99, outputBufferDacTime=10.03)
"""PortAudio's times of a callback."""


class Clock:
    """Calls a device's callback in bursts, on a clock that is `ppm` fast."""

    def __init__(self, stream: SoundStream, ppm: float, burst: int) -> None:
        self.stream, self._ppm, self._burst = stream, ppm, burst
        self._called = 0
        self.heard: list[bytes] = []
        self.sent: I16 | None = None

    def until(self, now_us: int) -> None:
        frames = self.stream.rate_hz // 100
        due = int(now_us * (1 + self._ppm * 1e-6) // 10_000)
        due -= due % self._burst
        while self._called < due:
            out = bytearray(frames * 2 * self.stream.out_channels)
            at = self._called * frames
            data = bytes(frames * 2) if self.sent is None else self.sent[at : at + frames].tobytes()
            if self.stream.in_channels and self.stream.out_channels:
                self.stream.on_both(data, out, frames, TIMES, 0)
            elif self.stream.in_channels:
                self.stream.on_input(data, frames, TIMES, 0)
            else:
                self.stream.on_output(out, frames, TIMES, 0)
            self.stream.called_us = round(due * 10_000 / (1 + self._ppm * 1e-6))
            self.heard.append(bytes(out))
            self._called += 1


@pytest.mark.parametrize(("ppm", "burst", "rate_hz"), [(200, 1, 48_000), (-200, 6, 48_000), (50, 3, 44_100)])
def test_a_loudspeaker_with_another_clock_plays_without_gaps(ppm: float, burst: int, rate_hz: int) -> None:
    source, stream = ScriptedSource(), SoundStream(rate_hz, 0, 2)
    playout = BusPlayout(cast(AudioReader, Ring(source)), 0, stream)
    clock, block = Clock(stream, ppm, burst), noise(1, 0.02)
    gaps_after_start = skips_after_start = 0
    for step in range(60 * 200):
        now_us = step * 5000
        if step % 4 == 0:
            source.put(step // 4, block, now_us)
            source.blocks.pop(step // 4 - 20, None)
        clock.until(now_us)
        playout.step(now_us)
        if step == 5 * 200:
            gaps_after_start, skips_after_start = playout.gaps, playout.skips
    assert (playout.gaps, playout.skips) == (gaps_after_start, skips_after_start)
    assert playout.waiting_ms < 110


def test_without_an_engine_there_is_silence_and_another_engine_is_heard_at_once() -> None:
    source, stream = ScriptedSource(), SoundStream(48_000, 0, 1)
    playout = BusPlayout(cast(AudioReader, Ring(source)), 0, stream)
    clock, block = Clock(stream, 0, 1), np.full(BLOCK_SAMPLES, 9000, np.int16)
    for step in range(1200):
        now_us = step * 5000
        if step % 4 == 0 and not 400 <= step < 800:
            if step == 800:
                source.blocks.clear()
                source.generation = 2
            source.put((step // 4) % 200, block, now_us)
        clock.until(now_us)
        playout.step(now_us)
    heard = np.frombuffer(b"".join(clock.heard), np.int16)
    loud = np.abs(heard.reshape(-1, 480)).max(axis=1) > 8000
    assert loud[20:195].all()
    assert not loud[215:395].any()
    assert loud[415:590].all()


def test_a_block_is_stamped_with_its_capture_less_the_delay_of_its_treatment(tmp_path: Path) -> None:
    stream, writer = SoundStream(44_100, 2, 0), AudioWriter(tmp_path, "audio-hall", 2)
    reader = AudioReader(tmp_path, "audio-hall")
    microphone = BusMicrophone(stream, NoReference(), writer, 0)
    microphone.treatment = Treatment(None, 480)
    begin_us = 50 * BLOCK_US
    sound = np.repeat(noise(2, 2.0)[:, np.newaxis], 2, axis=1)
    for callback in range(190):
        piece = sound[callback * 441 : (callback + 1) * 441]
        position = stream.captured.written
        stream.on_input(piece.tobytes(), 441, TIMES, 0)
        stream.mark = (position, begin_us + callback * 10_000)
        microphone.step()
    head = reader.head(0)
    assert head > 50 + 80
    for index in (head - 60, head - 1):
        block = reader.read(0, index)
        assert block is not None
        first = (index - 50) * BLOCK_US + begin_us
        assert block.stamp_us == pytest.approx(first - 10_000, abs=200)
    reader.close()
    writer.close()


def test_nothing_goes_out_while_it_is_silenced(tmp_path: Path) -> None:
    stream, writer = SoundStream(48_000, 1, 0), AudioWriter(tmp_path, "audio-hall", 2)
    reader = AudioReader(tmp_path, "audio-hall")
    microphone = BusMicrophone(stream, NoReference(), writer, 0, last_index=10**12)
    microphone.silenced = True
    stream.on_input(noise(3, 0.1).tobytes(), 4800, TIMES, 0)
    microphone.step()
    block = reader.read(0, 10**12 + 1)
    assert block is not None
    assert not block.samples.any()
    assert microphone.meter.look() > -60, "it is still measured"
    reader.close()
    writer.close()


def paired(reference_ppm: float, burst: int, seconds: float) -> tuple[list[int], OtherStream]:
    """Lags of the microphone behind its reference over time; a loudspeaker is heard after 80 ms."""
    mic, out = SoundStream(48_000, 1, 0), SoundStream(48_000, 0, 1)
    reference = OtherStream(out)
    # Soft enough to be alike also where the clocks slide by some samples.
    sound = np.convolve(noise(5, seconds + 1, 0.2), np.hanning(64) / 12, "same").astype(np.int16)
    mic_clock, out_clock = Clock(mic, 0, burst), Clock(out, reference_ppm, burst)
    at = np.arange(len(sound)) * (1 + reference_ppm * 1e-6) - 80 * 48
    mic_clock.sent = np.interp(at, np.arange(len(sound)), sound).astype(np.int16)
    out.to_play = type(out.to_play)(len(sound), 1)
    out.to_play.put(sound.tobytes(), len(sound))
    pairs: list[tuple[I16, I16]] = []
    queue = np.zeros(0, np.float32)
    for step in range(int(seconds * 200)):
        now_us = step * 5000
        out_clock.until(now_us)
        mic_clock.until(now_us)
        frames = mic.captured.take(mic.captured.level)[:, 0]
        queue = np.concatenate((queue, frames / np.float32(32768)))
        reference.pull(len(frames), len(queue), mic.called_us)
        while len(queue) >= BLOCK_SAMPLES:
            far = reference.take(len(queue))
            if far is None:
                break
            pairs.append(((queue[:BLOCK_SAMPLES] * 32767).astype(np.int16), (far * 32767).astype(np.int16)))
            queue = queue[BLOCK_SAMPLES:]
    lags = []
    for begin in range(150, len(pairs) - 50, 100):
        heard = np.concatenate([pair[0] for pair in pairs[begin : begin + 50]])
        played = np.concatenate([pair[1] for pair in pairs[begin : begin + 50]])
        lag, clear = find_lag(heard, played)
        assert clear > 0.5
        lags.append(lag)
    return lags, reference


@pytest.mark.parametrize("burst", [1, 5])
def test_the_reference_of_another_device_keeps_its_place_before_the_echo(burst: int) -> None:
    lags, reference = paired(100.0, burst, 40.0)
    assert min(lags) > 0, "the reference comes before its echo"
    assert max(lags) - min(lags) < 100e-6 * 40 * 48_000 + 100, "it moves by no more than the clocks do"
    assert reference.ppm == pytest.approx(14, abs=8), "on its way to 100, slowly"


def test_the_reference_of_one_stream_is_exact() -> None:
    stream = SoundStream(48_000, 1, 1)
    reference = SameStream(stream)
    sound = noise(6, 1.0)
    stream.to_play.put(sound.tobytes(), len(sound))
    clock = Clock(stream, 0, 1)
    clock.sent = sound
    clock.until(900_000)
    frames = stream.captured.take(stream.captured.level)
    reference.pull(len(frames), len(frames), stream.called_us)
    far = reference.take(len(frames))
    assert far is not None
    assert np.array_equal((far * 32768).astype(np.int16), frames[:BLOCK_SAMPLES, 0])


class Part:
    """Counts its steps; one that is broken raises."""

    def __init__(self, broken: bool = False) -> None:
        self.broken, self.steps = broken, 0

    def step(self, *_now_us: int) -> None:
        self.steps += 1
        if self.broken:
            raise ValueError("odd")


def test_a_part_that_fails_is_set_aside_and_the_others_sound_on(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("A part of the hall's sound failed")
    sound, broken, whole = SoundLoop(tmp_path, "audio-engine", "audio-hall"), Part(broken=True), Part()
    playouts = cast(tuple[BusPlayout, ...], (broken,))
    sound.set_parts(playouts, cast(tuple[BusMicrophone, ...], (whole,)))
    sound.start()
    deadline = time.monotonic() + 5
    while whole.steps < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sound.broken == frozenset(playouts)
    sound.stop()
    assert (broken.steps, whole.steps >= 5) == (1, True)
