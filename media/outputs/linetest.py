"""Test of the line to a livestream destination: is it there, is it the right one, how much does it carry."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from media.outputs.aac import AacEncoder
from media.outputs.rtmp import OpenTimes, RtmpError, RtmpPublisher, RtmpTarget, StreamInfo
from media.packet import AUDIO_CLOCK_HZ, VIDEO_CLOCK_HZ, EncodedPacket
from media.reason import Reason
from media.video.compositor import Compositor
from media.video.encoder import VideoEncoder, VideoProfile
from media.video.scenebuild import SceneText, build_scene

SURPLUS = 1.5
"""Of the program's rate: what the test asks of the line."""
AMPLE, ENOUGH = 1.2, 1.0
"""Of the program's rate with sound: what the line should carry, what it must carry."""
SETTLE_S = 2.0
"""Left out of the measurement: the kernel's buffer swallows the first 128 kB, and TCP begins slowly."""
MOST_WAITING_S = 1.0
"""No more than this waits to be sent: beyond it the line is full, more would only have to be thrown away."""
TICKS_HZ = 30
SLICE_S = 0.25
AAC_SAMPLES = 1024
FILLER = 12
"""NAL unit type that decoders skip: it brings a still picture to full rate."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one address of a destination answered; `reason` where it did not let us in."""

    url: str
    times: OpenTimes | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Speed:
    """What the line carried while the test picture was published."""

    seconds: float
    asked_bps: int
    program_bps: int
    """What the program needs, picture and sound."""
    sustained_bps: int
    acknowledged: bool
    """Whether the server confirmed what it had; else it is what left this computer."""
    worst_backlog_bytes: int

    @property
    def verdict(self) -> str:
        """ample | tight | too_slow, for the rate that the program is set to."""
        if self.sustained_bps >= AMPLE * self.program_bps:
            return "ample"
        return "tight" if self.sustained_bps >= ENOUGH * self.program_bps else "too_slow"


async def ask(target: RtmpTarget, context: ssl.SSLContext | None = None) -> Answer:
    """Knock at an address without publishing: name, certificate, RTMP, application."""
    try:
        return Answer(target.url, await RtmpPublisher.probe(target, context=context))
    except RtmpError as error:
        return Answer(target.url, None, error.reason)


class TestSignal:
    """A still picture with silence, filled up to a rate; packets of one second, repeated with new stamps."""

    __test__ = False

    def __init__(self, video: VideoProfile, rate_bps: int, text: str) -> None:
        """Encode it; takes some tenths of a second, so not on an event loop."""
        compositor = Compositor(video.width_px, video.height_px)
        scene = build_scene("slate", [], (video.width_px, video.height_px), text=SceneText(text))
        compositor.set_scene(scene)
        compositor.compose({}, 0)
        encoder = VideoEncoder(replace(video, fps=TICKS_HZ, gop_ms=1000))
        pictures = [
            packet
            for tick in range(TICKS_HZ)
            for packet in encoder.encode(compositor.frame, tick * 1_000_000 // TICKS_HZ)
        ]
        encoder.close()
        compositor.close()
        share = rate_bps // 8 // TICKS_HZ
        self._pictures = [_filled(packet, share) for packet in pictures]
        silence = np.zeros(4 * AAC_SAMPLES, np.int16)
        self._sound = AacEncoder().encode(silence, 0)[-1].data

    def packets(self, tick: int) -> list[EncodedPacket]:
        """The picture of a tick and the sound since the one before, stamped from 0 on."""
        stamp_us = tick * 1_000_000 // TICKS_HZ
        picture = self._pictures[tick % len(self._pictures)]
        out = [replace(picture, stamp_us=stamp_us, pts=stamp_us * VIDEO_CLOCK_HZ // 1_000_000)]
        frame_us = AAC_SAMPLES * 1_000_000 // AUDIO_CLOCK_HZ
        before_us = max(0, tick - 1) * 1_000_000 // TICKS_HZ
        for number in range(before_us // frame_us, stamp_us // frame_us):
            pts = number * AAC_SAMPLES
            out.append(EncodedPacket(self._sound, number * frame_us, pts, True, "aac"))
        return out


def _filled(packet: EncodedPacket, share_bytes: int) -> EncodedPacket:
    missing = share_bytes - len(packet.data) - 5
    return replace(packet, data=packet.data + b"\0\0\0\1" + bytes([FILLER]) + b"\xff" * max(1, missing))


async def publish(
    target: RtmpTarget,
    info: StreamInfo,
    signal: TestSignal,
    seconds: float,
    *,
    context: ssl.SSLContext | None = None,
    on_progress: Callable[[float], None] = lambda share: None,
) -> Speed:
    """Publish the test picture and measure what the line takes. The public of that address may see it.

    Raises RtmpError where the server does not take the stream or ends it. A cancelled test ends it politely.
    """
    publisher = await RtmpPublisher.open(target, info, context=context)
    try:
        return await _Run(publisher, info, signal, seconds, on_progress).go()
    finally:
        await asyncio.shield(publisher.close())


class _Run:
    """One measurement."""

    def __init__(
        self,
        publisher: RtmpPublisher,
        info: StreamInfo,
        signal: TestSignal,
        seconds: float,
        on_progress: Callable[[float], None],
    ) -> None:
        self._publisher, self._signal, self._seconds = publisher, signal, seconds
        self._on_progress = on_progress
        self._program_bps = info.video.bit_rate_bps + info.audio_bps
        self._asked_bps = round(info.video.bit_rate_bps * SURPLUS) + info.audio_bps
        self._most_waiting = round(self._asked_bps * MOST_WAITING_S / 8)
        self._worst = 0
        self._loop = asyncio.get_running_loop()

    async def go(self) -> Speed:
        begun_s, tick = self._loop.time(), 0
        settled: tuple[float, int, int, int] | None = None
        while (now_s := self._loop.time() - begun_s) < self._seconds:
            while tick <= now_s * TICKS_HZ:
                self._send(tick)
                tick += 1
            self._publisher.flush()
            self._worst = max(self._worst, self._publisher.backlog_bytes)
            if settled is None and now_s >= min(SETTLE_S, self._seconds / 3):
                settled = self._counts()
            if tick % round(TICKS_HZ * SLICE_S) == 0:
                self._on_progress(now_s / self._seconds)
            await asyncio.sleep(1 / TICKS_HZ)
        assert settled is not None
        return self._measured(settled, self._counts())

    def _send(self, tick: int) -> None:
        if self._publisher.backlog_bytes > self._most_waiting:
            return
        for packet in self._signal.packets(tick):
            give = self._publisher.video if packet.is_video else self._publisher.audio
            give(packet, packet.stamp_us // 1000)

    def _counts(self) -> tuple[float, int, int, int]:
        counters = self._publisher.counters
        left = counters.written_bytes - self._publisher.backlog_bytes
        return self._loop.time(), left, counters.acked_bytes, counters.acks

    def _measured(self, first: tuple[float, int, int, int], last: tuple[float, int, int, int]) -> Speed:
        seconds = max(0.001, last[0] - first[0])
        acknowledged = last[3] - first[3] >= 2
        carried = last[2] - first[2] if acknowledged else last[1] - first[1]
        return Speed(
            seconds=round(seconds, 1),
            asked_bps=self._asked_bps,
            program_bps=self._program_bps,
            sustained_bps=round(carried * 8 / seconds),
            acknowledged=acknowledged,
            worst_backlog_bytes=self._worst,
        )
