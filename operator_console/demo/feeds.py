"""What a simulated office sends: a looped tile, a live spotlight picture, and looped speech of its own."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.audio.opus import OpusEncoder
from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ
from media.rtc.client import VideoMode, VideoUnit
from media.video.cardsource import BEEP_HZ, BEEP_PEAK, BEEP_US
from media.video.encoder import VideoEncoder, VideoProfile
from media.video.i420 import new_frame
from media.video.testcard import PERIOD_US, Card, Testcard

LOOP_S = 4
SPEECH_S = 10.0
TILE_MAX_PX = 320


@dataclass(frozen=True, slots=True)
class LoopedTile:
    """One loop of encoded pictures; the first is a key picture."""

    units: tuple[bytes, ...]


def _profile(mode: VideoMode) -> VideoProfile:
    preset = "ultrafast" if mode.width > TILE_MAX_PX else "veryfast"
    return VideoProfile(
        "h264",
        mode.width,
        mode.height,
        mode.fps,
        mode.bitrate_bps,
        preset=preset,
        h264_profile="baseline",
        buffer_ms=500,
        threads=1,
    )


@functools.cache
def tile_loop(number: int, width: int, height: int, fps: int, bitrate_bps: int) -> LoopedTile:
    """Encode the loop of an office's tile; offices with the same card share it."""
    card = Testcard(Card(number), width, height)
    encoder = VideoEncoder(_profile(VideoMode(width, height, fps, bitrate_bps)))
    frame, planes = new_frame(width, height)
    units: list[bytes] = []
    for index in range(LOOP_S * fps):
        at_us = index * 1_000_000 // fps
        planes.copy_from(card.planes(at_us))
        units += [packet.data for packet in encoder.encode(frame, at_us)]
    encoder.close()
    return LoopedTile(tuple(units))


@functools.cache
def speech_loop(number: int) -> tuple[bytes | None, ...]:
    """Encode an office's speech: one Opus packet for each 20 ms, None where silence need not be sent."""
    samples = speak(voice(number), SPEECH_S)
    encoder = OpusEncoder(bit_rate_bps=24_000, fec=True)
    blocks = len(samples) // BLOCK_SAMPLES
    return tuple(encoder.encode(samples[i * BLOCK_SAMPLES : (i + 1) * BLOCK_SAMPLES]) for i in range(blocks))


class OfficeFeed:
    """The media of one office; a `media.rtc.client.MediaFeed`.

    Tiles come from a loop that was encoded once; anything larger is drawn and encoded live, as only those on
    program need it. With ``flash`` all is live, with the flash and beep of a lip sync measurement.
    """

    codec = "H264"

    def __init__(self, number: int, cards: int = 9, *, flash: bool = False) -> None:
        self.number, self.card = number, Card(number % cards, flash)
        self.mic_on = True
        self._mode: VideoMode | None = None
        self._loop: LoopedTile | None = None
        self._at = 0
        self._live: VideoEncoder | None = None
        self._testcard: Testcard | None = None
        self._speech = speech_loop(number % cards)
        self._beeper = OpusEncoder(bit_rate_bps=32_000, dtx=False) if flash else None

    def set_mode(self, mode: VideoMode | None) -> None:
        """Make pictures of this size and rate from now on; a running loop goes on where it is."""
        if mode == self._mode:
            return
        self._mode, self._at, self._loop, self._live = mode, 0, None, None
        if mode is None:
            return
        if mode.width <= TILE_MAX_PX and not self.card.flash:
            self._loop = tile_loop(self.card.number, mode.width, mode.height, mode.fps, mode.bitrate_bps)
            return
        self._testcard = Testcard(self.card, mode.width, mode.height)
        self._live = VideoEncoder(_profile(mode))
        self._frame, self._planes = new_frame(mode.width, mode.height)

    def request_key(self) -> None:
        """Begin the loop again, or make the next live picture a key picture."""
        self._at = 0
        if self._live is not None:
            self._live.request_key()

    def next_video(self, stamp_us: int) -> VideoUnit | None:
        """The picture due now."""
        if self._loop is not None:
            index = self._at % len(self._loop.units)
            self._at += 1
            return VideoUnit(self._loop.units[index], stamp_us, index == 0)
        if self._live is None or self._testcard is None:
            return None
        self._planes.copy_from(self._testcard.planes(stamp_us))
        packets = self._live.encode(self._frame, stamp_us)
        return VideoUnit(packets[0].data, stamp_us, packets[0].key) if packets else None

    def next_audio(self, stamp_us: int) -> bytes | None:
        """The Opus packet of these 20 ms."""
        if not self.mic_on:
            return None
        if self._beeper is not None:
            return self._beeper.encode(beep_block(stamp_us))
        return self._speech[stamp_us // BLOCK_US % len(self._speech)]


def beep_block(at_us: int) -> npt.NDArray[np.int16]:
    """20 ms of sound of the lip sync measurement: 60 ms of 1 kHz at each full second of the clock."""
    at = (at_us + np.arange(BLOCK_SAMPLES) * 1_000_000 // SAMPLE_RATE_HZ) % PERIOD_US
    wave = BEEP_PEAK * np.sin(2 * np.pi * BEEP_HZ * at / 1e6)
    return np.where(at < BEEP_US, wave, 0).astype(np.int16)


DEFAULT_TILE = VideoMode(320, 180, 15, 150_000)


def warm_up(offices: int) -> None:
    """Encode what all offices will send first, so that nobody's loop is held up later."""
    for number in range(offices):
        tile = DEFAULT_TILE
        tile_loop(number, tile.width, tile.height, tile.fps, tile.bitrate_bps)
        speech_loop(number)
