"""Encoded clips, a looping feed and connected pairs for the tests of the room's media path."""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from media.clock import now_us
from media.rtc import private
from media.rtc.client import ClientCallbacks, RtcClient, VideoMode, VideoUnit
from media.rtc.lossy import LossyReceiver, Weather
from media.rtc.peer import PeerCallbacks, RoomPeer

TILE = VideoMode(320, 180, 15, 150_000)
LOOPBACK = ["127.0.0.1"]
_ENCODERS: dict[str, tuple[str, dict[str, str]]] = {
    "H264": ("libx264", {"tune": "zerolatency", "preset": "superfast", "profile": "baseline"}),
    "VP8": ("libvpx", {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
}


@functools.cache
def clip(
    codec: str, frames: int = 60, width: int = 320, height: int = 180, fps: int = 15, bps: int = 150_000
) -> tuple[bytes, ...]:
    """Return access units of a moving pattern; only the first is a key frame."""
    name, options = _ENCODERS[codec]
    encoder: Any = av.CodecContext.create(name, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = width, height, "yuv420p", bps
    encoder.time_base, encoder.framerate, encoder.gop_size = Fraction(1, fps), Fraction(fps, 1), 10_000
    encoder.options, encoder.thread_count = options, 1
    rows, columns = np.mgrid[0 : height * 3 // 2, 0:width]
    units = []
    for number in range(frames):
        picture = ((columns + 2 * rows + 5 * number) % 256).astype(np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
        frame.pts = number
        units += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(units)


@functools.cache
def tone(packets: int = 50) -> tuple[bytes, ...]:
    """Return 20 ms Opus packets (mono, 32 kb/s) of a 440 Hz tone."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.format, encoder.layout, encoder.sample_rate, encoder.bit_rate = "s16", "mono", 48_000, 32_000
    wave = (np.sin(np.arange(960 * packets) * (2 * np.pi * 440 / 48_000)) * 8000).astype(np.int16)
    made = []
    for number in range(packets):
        frame = av.AudioFrame.from_ndarray(wave[None, number * 960 : (number + 1) * 960], "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, number * 960
        made += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(made)


class LoopFeed:
    """A MediaFeed that plays a clip, and starts again at its key frame whenever one is asked for."""

    def __init__(self, codec: str, units: tuple[bytes, ...] | None = None) -> None:
        self.codec = codec
        self.units = units or clip(codec)
        self.modes: list[VideoMode | None] = []
        self.keys_asked = 0
        self.at = 0
        self.shown = 0
        self.spoken = 0

    def set_mode(self, mode: VideoMode | None) -> None:
        self.modes.append(mode)
        self.at = 0

    def request_key(self) -> None:
        self.keys_asked += 1
        self.at = 0

    def next_video(self, stamp_us: int) -> VideoUnit | None:
        number, self.at = self.at % len(self.units), self.at + 1
        self.shown += 1
        return VideoUnit(self.units[number], stamp_us, number == 0)

    def next_audio(self, stamp_us: int) -> bytes | None:
        self.spoken += 1
        return tone()[self.spoken % 50]


@dataclass
class Seen:
    """What a RoomPeer told its owner."""

    pictures: list[tuple[int, int, int]] = field(default_factory=list)
    """(width, stamp, arrival) of each picture."""
    sounds: list[tuple[int, int, int, int]] = field(default_factory=list)
    """(samples, RTP time stamp, stamp, arrival) of each packet."""
    encoded: list[tuple[int, int, bool]] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    connected: int = 0

    def callbacks(self) -> PeerCallbacks:
        return PeerCallbacks(
            on_video=lambda frame, stamp: self.pictures.append((frame.width, stamp, now_us())),
            on_audio=self._on_audio,
            on_connected=self._on_connected,
            on_gone=self.gone.append,
            on_link=self.links.append,
            on_level=self.levels.append,
            on_encoded_video=lambda unit, ts, key: self.encoded.append((len(unit), ts, key)),
        )

    def _on_audio(self, pcm: NDArray[np.int16], rtp_ts: int, stamp_us: int) -> None:
        assert pcm.dtype == np.int16
        self.sounds.append((len(pcm), rtp_ts, stamp_us, now_us()))

    def _on_connected(self) -> None:
        self.connected += 1

    def longest_gap_ms(self) -> float:
        """Return the longest time between two pictures."""
        times = [arrival for _, _, arrival in self.pictures]
        return max(b - a for a, b in itertools.pairwise(times)) / 1000


@dataclass
class Pair:
    """A participant and the room's side of him, connected."""

    peer: RoomPeer
    client: RtcClient
    feed: LoopFeed
    seen: Seen

    def to_room(self, weather: Weather, seed: int = 1) -> LossyReceiver:
        """Spoil what the room receives."""
        return LossyReceiver(self.peer.link.gate.connection, weather, seed)

    def to_client(self, weather: Weather, seed: int = 2) -> LossyReceiver:
        """Spoil what the participant receives."""
        return LossyReceiver(self.client.link.gate.connection, weather, seed)


@asynccontextmanager
async def connected(
    codec: str = "H264", callbacks: ClientCallbacks | None = None, feed: LoopFeed | None = None
) -> AsyncIterator[Pair]:
    """Yield a connected pair; its picture is still off."""
    assert not private.verify_private_api()
    seen, feed = Seen(), feed or LoopFeed(codec)
    peer = RoomPeer(prefer_codec=codec, addresses=LOOPBACK, callbacks=seen.callbacks())
    client = RtcClient(signal=peer.answer, feed=feed, addresses=LOOPBACK, callbacks=callbacks)
    try:
        await client.connect()
        await until(lambda: seen.connected == 1)
        yield Pair(peer, client, feed, seen)
    finally:
        await client.close()
        await peer.close()


async def until(holds: Callable[[], bool], deadline_s: float = 5.0) -> None:
    """Wait until something holds; fail after the deadline."""
    end_us = now_us() + int(deadline_s * 1e6)
    while not holds():
        assert now_us() < end_us, "it never happened"
        await asyncio.sleep(0.005)
