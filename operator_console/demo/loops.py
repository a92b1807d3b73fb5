"""Encoded loops of pictures and speech, each made once in a background thread and shared by all."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, cast

from media.audio.opus import OpusEncoder
from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES
from media.rtc.client import VideoMode
from media.video.encoder import VideoEncoder, VideoProfile
from media.video.i420 import new_frame
from media.video.testcard import Card, Testcard

Made = TypeVar("Made")

LOOP_S, LARGE_LOOP_S = 4, 2
KEY_MS = 1000
SPEECH_S = 10.0
SPEECH_BPS = 24_000
DEFAULT_TILE = VideoMode(320, 180, 15, 150_000)
"""What the room asks of a tile unless it was set otherwise: made first."""


@dataclass(frozen=True, slots=True)
class PictureLoop:
    """Encoded pictures in order; those at ``keys`` are key pictures, the first among them."""

    mode: VideoMode
    units: tuple[bytes, ...]
    keys: tuple[int, ...]

    def key_at_or_after(self, index: int) -> int:
        """The next place (of a count that never wraps) where a key picture stands."""
        length = len(self.units)
        while index % length not in self.keys:
            index += 1
        return index


def profile(mode: VideoMode) -> VideoProfile:
    """The encoder of a simulated camera: cheap for large pictures, better for tiles that are made once."""
    preset = "ultrafast" if mode.width > 640 else "veryfast"
    return VideoProfile(
        "h264",
        mode.width,
        mode.height,
        mode.fps,
        mode.bitrate_bps,
        preset=preset,
        h264_profile="baseline",
        gop_ms=KEY_MS,
        buffer_ms=500,
        threads=1,
    )


def encode_pictures(number: int, mode: VideoMode) -> PictureLoop:
    """Draw and encode the loop of a card: 1.2 ms a picture of 320x180."""
    card = Testcard(Card(number), mode.width, mode.height)
    encoder = VideoEncoder(profile(mode))
    frame, planes = new_frame(mode.width, mode.height)
    units: list[bytes] = []
    keys: list[int] = []
    seconds = LOOP_S if mode.fps <= DEFAULT_TILE.fps else LARGE_LOOP_S
    for index in range(seconds * mode.fps):
        at_us = index * 1_000_000 // mode.fps
        planes.copy_from(card.planes(at_us))
        for packet in encoder.encode(frame, at_us):
            if packet.key:
                keys.append(len(units))
            units.append(packet.data)
    encoder.close()
    return PictureLoop(mode, tuple(units), tuple(keys))


def encode_speech(number: int) -> tuple[bytes | None, ...]:
    """One Opus packet for each 20 ms of a voice, None where silence need not be sent."""
    encoder = OpusEncoder(bit_rate_bps=SPEECH_BPS, complexity=1, fec=True)
    blocks = speak(voice(number), SPEECH_S).reshape(-1, BLOCK_SAMPLES)
    return tuple(encoder.encode(block) for block in blocks)


class Loops:
    """Makes loops when they are first asked for; asking never waits."""

    def __init__(self, cards: int = 9) -> None:
        self.cards = cards
        """So many offices look and sound different; further ones share."""
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="loops")
        self._made: dict[Hashable, Future[object]] = {}

    def warm_up(self, offices: int) -> None:
        """Begin with what all offices send first: the pictures, then the voices."""
        for number in range(min(offices, self.cards)):
            self.pictures(number, DEFAULT_TILE)
        for number in range(min(offices, self.cards)):
            self.speech(number)
        self._worker.submit(_go_last)

    def pictures(self, number: int, mode: VideoMode) -> PictureLoop | None:
        """The loop of an office's picture in a mode, None while it is being made."""
        number %= self.cards
        return self._get((number, mode), lambda: encode_pictures(number, mode))

    def speech(self, number: int) -> tuple[bytes | None, ...] | None:
        """The loop of an office's voice, None while it is being made."""
        number %= self.cards
        return self._get(("speech", number), lambda: encode_speech(number))

    def _get(self, key: Hashable, make: Callable[[], Made]) -> Made | None:
        future = self._made.get(key)
        if future is None:
            future = self._made[key] = cast("Future[object]", self._worker.submit(make))
        return cast("Made", future.result()) if future.done() else None

    def close(self) -> None:
        """Make nothing more."""
        self._worker.shutdown(wait=False, cancel_futures=True)


def _go_last() -> None:
    """From now on this thread makes loops of other sizes, and must not take the processor from a session."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
