"""A program for the room to send back: a moving picture in H.264 or VP8 and a tone in Opus, on the bus."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.bus.writer import PacketWriter
from media.clock import now_us
from operator_console.protocol import RING_RETURN_H264, RING_RETURN_VP8, RING_SHARED

WIDTH_PX, HEIGHT_PX, FPS = 640, 360, 15
_CODECS = {
    "H264": (
        "libx264",
        RING_RETURN_H264,
        {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "forced-idr": "1"},
    ),
    "VP8": ("libvpx", RING_RETURN_VP8, {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}),
}


def _encoder(name: str) -> Any:
    return av.CodecContext.create(name, "w")


class ReturnFeed:
    """Encodes in the test's own loop; `request_key` as the engine does on a KeyframeRequest."""

    def __init__(
        self, directory: Path, codec: str = "H264", picture: np.ndarray[Any, Any] | None = None
    ) -> None:
        name, ring, options = _CODECS[codec]
        self.ring = ring
        self.frames = 0
        self._context = _encoder(name)
        self._context.width, self._context.height, self._context.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        self._context.bit_rate, self._context.time_base = 500_000, Fraction(1, FPS)
        self._context.gop_size = 2 * FPS
        self._context.options = options
        self._opus = _encoder("libopus")
        self._opus.sample_rate, self._opus.layout, self._opus.format = 48_000, "mono", "s16"
        self._video = PacketWriter(directory, ring)
        self._audio = PacketWriter(directory, RING_SHARED)
        self._key = True
        self._picture = picture
        self._task: asyncio.Task[None] | None = None

    def request_key(self) -> None:
        self._key = True

    async def __aenter__(self) -> ReturnFeed:
        self._task = asyncio.create_task(self._run(), name="return-feed")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._video.close()
        self._audio.close()

    async def _run(self) -> None:
        started_us, sounds = now_us(), 0
        while True:
            at_us = now_us()
            while started_us + sounds * 20_000 <= at_us:
                self._sound(sounds, started_us + sounds * 20_000)
                sounds += 1
            if started_us + self.frames * 1_000_000 // FPS <= at_us:
                self._frame(at_us)
            self._video.beat()
            self._audio.beat()
            await asyncio.sleep(0.004)

    def _image(self) -> np.ndarray[Any, Any]:
        if self._picture is not None:
            image = self._picture.copy()
        else:
            image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
            image[..., 0] = np.linspace(30, 90, WIDTH_PX, dtype=np.uint8)
            image[..., 2] = np.linspace(80, 20, HEIGHT_PX, dtype=np.uint8)[:, None]
        x = self.frames * 8 % (WIDTH_PX - 40)
        image[-24:-8, x : x + 40] = (240, 60, 60)
        return image

    def _frame(self, at_us: int) -> None:
        frame = av.VideoFrame.from_ndarray(self._image(), "rgb24").reformat(format="yuv420p")
        frame.pts = self.frames
        frame.pict_type = av.video.frame.PictureType.I if self._key else av.video.frame.PictureType.NONE
        self._key = False
        self.frames += 1
        for packet in self._context.encode(frame):
            self._video.write(bytes(packet), at_us, at_us, packet.is_keyframe)

    def _sound(self, index: int, at_us: int) -> None:
        phase = (np.arange(960) + index * 960) * (2 * np.pi * 440 / 48_000)
        samples = (np.sin(phase) * 8000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "s16", "mono")
        frame.sample_rate, frame.pts = 48_000, index * 960
        for packet in self._opus.encode(frame):
            self._audio.write(bytes(packet), index * 960, at_us, True)
