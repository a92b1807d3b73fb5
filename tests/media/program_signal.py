"""A short encoded program with a flash and a beep each second, and the judges that find them in a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import numpy as np

from media.outputs.aac import AacEncoder, AudioProfile
from media.packet import EncodedPacket
from media.video.encoder import AIR_720P30, VideoEncoder, VideoProfile
from media.video.i420 import frame_planes, new_frame

SMALL = replace(AIR_720P30, width_px=320, height_px=180, bit_rate_bps=400_000)
SOUND = AudioProfile()
START_US = 5_000_000_000
FLASH_Y, DARK_Y = 230, 30


class ProgramSignal:
    """Makes packets without waiting; picture ``n`` carries ``n`` modulo 256 as eight fields."""

    def __init__(self, video: VideoProfile = SMALL, start_us: int = START_US) -> None:
        self.video, self.start_us = video, start_us
        self.encoder = VideoEncoder(video)
        self.sound = AacEncoder(SOUND)
        self._frame, self._planes = new_frame(video.width_px, video.height_px)
        self._noise = np.random.default_rng(7).integers(60, 90, (video.height_px, video.width_px), np.uint8)
        self.tick = 0
        self._block = 0

    def request_key(self) -> None:
        self.encoder.request_key()

    def packets(self, seconds: float) -> Iterator[EncodedPacket]:
        """The next ``seconds`` of program in the order in which the engine would hand them over."""
        for _ in range(round(seconds * self.video.fps)):
            stamp_us = self.start_us + self.tick * 1_000_000 // self.video.fps
            yield from self.encoder.encode(self._picture(self.tick), stamp_us)
            self.tick += 1
            while self._block * 20_000 <= stamp_us - self.start_us:
                yield from self.sound.encode(self._beep(self._block), self.start_us + self._block * 20_000)
                self._block += 1

    def _picture(self, tick: int) -> av.VideoFrame:
        height, width = self._planes.y.shape
        flash = tick % self.video.fps == 0
        np.copyto(self._planes.y, np.roll(self._noise, tick * 3, axis=1))
        self._planes.y[height // 2 :, :] = FLASH_Y if flash else DARK_Y
        for bit in range(8):
            field = slice(bit * width // 8, (bit + 1) * width // 8)
            self._planes.y[: height // 8, field] = 220 if tick >> bit & 1 else 20
        return self._frame

    @staticmethod
    def _beep(block: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        if block % 50 >= 2:
            return np.zeros(960, np.int16)
        return (12_000 * np.sin(np.arange(960) * 2 * np.pi * 1000 / 48_000)).astype(np.int16)


@dataclass
class Judged:
    """What was found by decoding a file; times in seconds of the file."""

    numbers: list[int]
    flashes_s: list[float]
    beeps_s: list[float]
    times_s: list[float]

    def worst_skew_s(self) -> float:
        """Largest distance of a flash from the nearest beep; one at the very end has no whole sound."""
        whole = [flash for flash in self.flashes_s if flash < self.times_s[-1] - 0.15] or self.flashes_s
        return max(min(abs(flash - beep) for beep in self.beeps_s) for flash in whole)


def judge(path: Path) -> Judged:
    """Decode a whole file; raises where a packet does not decode."""
    numbers, flashes, times = [], [], []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            luma = frame_planes(frame).y
            height, width = luma.shape
            fields = [luma[: height // 10, b * width // 8 + 8 : (b + 1) * width // 8 - 8] for b in range(8)]
            numbers.append(sum(1 << bit for bit, field in enumerate(fields) if field.mean() > 120))
            times.append(frame.time)
            if luma[-20:, :].mean() > 150:
                flashes.append(frame.time)
    return Judged(numbers, flashes, beep_times(path), times)


def beep_times(path: Path) -> list[float]:
    """Beginnings of the beeps."""
    found: list[float] = []
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return found
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()[0]) > 0.1)
            if len(loud):
                at = (frame.time or 0.0) + float(loud[0]) / frame.sample_rate
                if not found or at - found[-1] > 0.5:
                    found.append(at)
    return found
