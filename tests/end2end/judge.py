"""Judges content: whose picture and whose voice came out, and how far picture and sound are apart."""

from __future__ import annotations

import asyncio
import functools
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES, FMT_BGRA, SAMPLE_RATE_HZ
from media.bus.reader import AudioReader, VideoReader
from media.video.cardsource import BEEP_HZ, BEEP_PEAK
from media.video.i420 import Planes, frame_planes, to_bgr
from media.video.testcard import GROUNDS, Card, Testcard
from operator_console.demo.loops import SPEECH_S

Bgr = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]

SMALL_PX = (32, 18)
FLASH_LUMA = 190.0
"""A picture brighter than this is a flash (235 but for the captions); no card comes near it."""
CARD_DISTANCE = 22.0
"""Mean difference of a pixel (0 to 255) beyond which a picture is no card at all."""
BEEP_WINDOW_MS = 10
STEP = 3
RATE_HZ = SAMPLE_RATE_HZ // STEP
"""Voices are compared at 16 kHz."""
HEARD, UNHEARD = 0.6, 0.45
"""One of nine voices that speak at once reaches 0.8, one that is not there 0.3 as a rule."""
STRETCH_S, HOP_S = 0.6, 0.2
AGREE_S = 0.12
"""So far the playout may move a voice (splices, concealment on a machine that is too busy)."""
QUIET = 0.005
STRETCHES_MIN = 4


# ---- pictures


@functools.cache
def _small_card(number: int) -> F32:
    return _small(Testcard(Card(number), 320, 180).image(0))


def _small(picture: Bgr) -> F32:
    return cv2.resize(picture, SMALL_PX, interpolation=cv2.INTER_AREA).astype(np.float32)


def card_of(picture: Bgr | None) -> int | None:
    """Number of the office whose card fills this picture; None where it is another one or there is none."""
    if picture is None:
        return None
    small = _small(picture)
    distances = [float(np.abs(small - _small_card(number)).mean()) for number in range(len(GROUNDS))]
    nearest = int(np.argmin(distances))
    return nearest if distances[nearest] < CARD_DISTANCE else None


def bus_picture(bus: Path, place: tuple[str, int] | None) -> Bgr | None:
    """The newest picture of a video slot, as BGR; None where there is none."""
    if place is None:
        return None
    reader = VideoReader(bus, place[0])
    try:
        picture = reader.picture(place[1])
        if picture is None:
            return None
        if picture.format == FMT_BGRA:
            shape = (picture.height_px, picture.width_px, 4)
            return np.frombuffer(picture.data, np.uint8).reshape(shape)[..., :3].copy()
        return to_bgr(Planes(*picture.planes()))
    finally:
        reader.close()


def bus_seq(bus: Path, place: tuple[str, int] | None) -> int:
    """Number of the newest picture of a video slot, 0 where there is none."""
    if place is None:
        return 0
    reader = VideoReader(bus, place[0])
    seq = reader.seq(place[1])
    reader.close()
    return seq


def bus_size(bus: Path, place: tuple[str, int] | None) -> tuple[int, int]:
    """Size of the newest picture of a video slot."""
    picture = bus_picture(bus, place)
    return (0, 0) if picture is None else (picture.shape[1], picture.shape[0])


# ---- sound


async def listen(bus: Path, segment: str, ring: int, seconds: float) -> F32:
    """The next seconds of an audio ring of the bus, full scale 1.0; blocks that never come are silent."""
    reader = AudioReader(bus, segment)
    begin = reader.head(ring)
    count = round(seconds * SAMPLE_RATE_HZ / BLOCK_SAMPLES)
    deadline = time.monotonic() + seconds + 5.0
    sound = np.zeros((count, BLOCK_SAMPLES), np.float32)
    taken = 0
    while taken < count and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        while begin + taken < reader.head(ring) and taken < count:
            block = reader.read(ring, begin + taken)
            if block is not None:
                sound[taken] = block.samples / 32768.0
            taken += 1
    reader.close()
    assert taken == count, f"{segment} ring {ring}: {taken} of {count} blocks came"
    return sound.reshape(-1)


def bus_level_db(bus: Path, place: tuple[str, int] | None) -> float:
    """Level of an audio ring of the bus now, -120 where there is nothing."""
    if place is None:
        return -120.0
    reader = AudioReader(bus, place[0])
    level = reader.level_db(place[1])
    reader.close()
    return level


def level_db(sound: F32) -> float:
    """RMS level in dBFS."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12))


def voice_in(sound: F32, number: int, loop_s: float = SPEECH_S) -> float:
    """How much of a sound is spoken by the voice of an office: 1.0 all that is not silence, 0.0 nothing.

    Each stretch is sought in the loop of that voice; they speak for it where they agree on the place. Takes
    a moment; not for an event loop.
    """
    sound, loop = _at_16_khz(sound), _loop(number, loop_s)
    length, hop = round(STRETCH_S * RATE_HZ), round(HOP_S * RATE_HZ)
    parts = [(at, sound[at : at + length]) for at in range(0, len(sound) - length + 1, hop)]
    loud = [(at, part) for at, part in parts if float(np.sqrt(np.mean(np.square(part)))) > QUIET]
    if len(loud) < STRETCHES_MIN:
        return 0.0
    places = np.array([(_place(part, loop) - at) % len(loop) for at, part in loud])
    apart = np.abs(places[:, None] - places[None, :])
    agree = np.minimum(apart, len(loop) - apart) < AGREE_S * RATE_HZ
    return float(agree.sum(axis=1).max() / len(places))


@functools.cache
def _loop(number: int, loop_s: float) -> F32:
    return _at_16_khz(speak(voice(number), loop_s).astype(np.float32) / 32768.0)


def _at_16_khz(sound: F32) -> F32:
    whole: F32 = sound[: len(sound) // STEP * STEP].reshape(-1, STEP).mean(axis=1)
    return whole


def _place(part: F32, loop: F32) -> int:
    """Where in the loop something most like this is said."""
    cross = np.fft.irfft(np.fft.rfft(loop) * np.conj(np.fft.rfft(part, len(loop))), len(loop))
    total = np.cumsum(np.square(np.concatenate((loop, loop[: len(part)])), dtype=np.float64))
    energy = np.sqrt(total[len(part) :] - total[: -len(part)])
    return int(np.argmax(np.abs(cross) / np.maximum(energy, 0.3 * energy.max())))


# ---- files


@dataclass(frozen=True)
class Film:
    """A decoded file: what was seen in each picture, with its time, and the sound from time nought on."""

    times_s: list[float]
    cards: list[int | None]
    lit: list[bool]
    sound: F32

    def sound_between(self, begin_s: float, end_s: float) -> F32:
        """A stretch of the sound, in times of the file."""
        return self.sound[round(begin_s * SAMPLE_RATE_HZ) : round(end_s * SAMPLE_RATE_HZ)]

    def skews_ms(self) -> list[float]:
        """How much later than its beep each flash is."""
        return skews_ms(onsets(self.times_s, self.lit), beep_onsets(self.sound))


def decode(path: Path, *, cards: bool = True) -> Film:
    """Decode a whole file (blocks; not for an event loop); raises where something in it does not decode.

    Without `cards` only flashes are looked for, which is much cheaper.
    """
    times: list[float] = []
    seen: list[int | None] = []
    lit: list[bool] = []
    blocks: list[tuple[float, F32]] = []
    with av.open(str(path)) as container:
        for frame in container.decode(*container.streams.video, *container.streams.audio):
            if isinstance(frame, av.VideoFrame):
                times.append(float(frame.time or 0.0))
                lit.append(is_lit(frame))
                seen.append(card_of(to_bgr(frame_planes(frame))) if cards else None)
            elif isinstance(frame, av.AudioFrame):
                blocks.append((float(frame.time or 0.0), frame.to_ndarray()[0].astype(np.float32)))
    return Film(times, seen, lit, joined(blocks[1:]))


def joined(blocks: Sequence[tuple[float, F32]]) -> F32:
    """Blocks of sound laid where their time stamps say; what lies before time nought is left out."""
    blocks = list(blocks)  # a listener's grows meanwhile
    # The newest is not always the last: stamps go back where a quicker packet shows what a clock really says.
    ends = (round(at_s * SAMPLE_RATE_HZ) + len(block) for at_s, block in blocks)
    sound = np.zeros(max(ends, default=0), np.float32)
    for at_s, block in blocks:
        first = round(at_s * SAMPLE_RATE_HZ)
        heard = block[max(0, -first) :]
        sound[max(0, first) : max(0, first) + len(heard)] = heard
    return sound


# ---- lips and voice


def is_lit(frame: av.VideoFrame) -> bool:
    """Whether a decoded picture is a flash."""
    return float(frame_planes(frame).y[::8, ::8].mean()) > FLASH_LUMA


def onsets(times_s: Sequence[float], lit: Sequence[bool]) -> list[float]:
    """When something that was dark became lit."""
    return [times_s[index] for index in range(1, len(lit)) if lit[index] and not lit[index - 1]]


def beep_onsets(sound: F32) -> list[float]:
    """When beeps begin, in seconds of the sound, to a millisecond; speech beside them does not matter.

    The tone of the beep is demodulated and averaged over 10 ms: half of it is reached after 5 ms.
    """
    window = SAMPLE_RATE_HZ * BEEP_WINDOW_MS // 1000
    turn = np.exp(-2j * np.pi * BEEP_HZ / SAMPLE_RATE_HZ * np.arange(SAMPLE_RATE_HZ // BEEP_HZ))
    summed = np.cumsum(sound * np.resize(turn.astype(np.complex64), len(sound)), dtype=np.complex128)
    tone = 2 * np.abs(summed[window:] - summed[:-window]) / window
    loud = tone > BEEP_PEAK / 32768 / 2
    begins = np.flatnonzero(loud[1:] & ~loud[:-1]) + 1
    found: list[float] = []
    for index in begins:
        at = float(index + window / 2) / SAMPLE_RATE_HZ
        if not found or at - found[-1] > 0.5:
            found.append(at)
    return found


def skews_ms(flashes_s: Sequence[float], beeps_s: Sequence[float]) -> list[float]:
    """How much later than its beep each flash comes, in milliseconds (negative: the picture is early).

    The beep of a simulated office begins with the very picture that shows the flash.
    """
    nearest = [(flash, min(beeps_s, key=lambda beep: abs(beep - flash))) for flash in flashes_s if beeps_s]
    return [(flash - beep) * 1000 for flash, beep in nearest if abs(flash - beep) < 0.4]


def median(values: Sequence[float]) -> float:
    """The median, or not a number where there are none."""
    return statistics.median(values) if values else float("nan")
