"""The way back: the same connection on stock aiortc, for when a private name we rely on is gone.

Costs two to three times as much and freezes for seconds on a lost retransmission (hence our own path), but
works: decoded tracks in, packets to the senders out. What it cannot do: choose addresses and ports, ask for
key frames, set the REMB, count packets. Nothing here touches a private name.
"""

from __future__ import annotations

import asyncio
import contextlib
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from media.clock import now_us
from media.rtc.depayload import FORMATS
from media.rtc.link import Link
from media.rtc.receive import HOUSEKEEPING_S
from media.rtc.sdp import video_codec
from media.rtc.send import AudioOut, RtpOut, VideoOut

QUEUE_MAX = 30


class PacketTrack(MediaStreamTrack):
    """Hands encoded packets to a stock sender, which then does not encode; waits while there are none."""

    def __init__(self, kind: str, clock_rate: int) -> None:
        super().__init__()
        self.kind = kind
        self._time_base = Fraction(1, clock_rate)
        self._queue: asyncio.Queue[av.Packet[Any]] = asyncio.Queue(QUEUE_MAX)
        self._first_ts: int | None = None

    def put(self, data: bytes, rtp_ts: int) -> bool:
        """Queue one packet; return False if the sender has fallen behind."""
        if self._queue.full():
            return False
        if self._first_ts is None:
            self._first_ts = rtp_ts
        packet = av.Packet(data)
        packet.pts = (rtp_ts - self._first_ts) & 0xFFFFFFFF
        packet.time_base = self._time_base
        self._queue.put_nowait(packet)
        return True

    async def recv(self) -> av.Packet[Any]:
        """Return the next packet."""
        if self.readyState != "live":
            raise MediaStreamError
        return await self._queue.get()


class _StockOut(RtpOut):
    track: PacketTrack

    def _send_packets(self, payloads: list[bytes], rtp_ts: int, last_has_marker: bool) -> bool:
        if not self.ready or not self.track.put(self._whole(payloads), rtp_ts):
            return False
        self.packets += len(payloads)
        self.octets += sum(map(len, payloads))
        return True

    def _whole(self, payloads: list[bytes]) -> bytes:
        return payloads[0]

    def begin(self) -> None:
        """Send from now on."""
        self.ready = True
        if self.on_ready is not None:
            self.on_ready()


class StockAudioOut(_StockOut, AudioOut):
    """Sound through a stock sender."""


class StockVideoOut(_StockOut, VideoOut):
    """Picture through a stock sender; it cuts the access unit into payloads again."""

    codec = ""

    def _whole(self, payloads: list[bytes]) -> bytes:
        return FORMATS[self.codec].join(payloads)


class StockLink(Link):
    """A Link whose media path is aiortc's."""

    def _make_outs(self) -> tuple[AudioOut, VideoOut]:
        self._outs = (StockAudioOut(0, 0), StockVideoOut(0, 0))
        self._tasks: list[asyncio.Task[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        for out, transceiver in zip(self._outs, self._transceivers, strict=True):
            out.track = PacketTrack(out.kind, out.clock_rate)
            transceiver.sender.replaceTrack(out.track)
        return self._outs

    def _take_over(self) -> None:
        self.pc.on("track", self._on_track)
        self.on_state(self._on_state)

    def prepare_network(self) -> None:
        """Addresses and ports are aioice's choice here."""

    async def set_local(self) -> str:
        """Make and apply our side's description."""
        description = await super().set_local()
        self._outs[1].codec = video_codec(description)
        return description

    async def set_remote(self, sdp: str, kind: str) -> None:
        """Apply the far end's description; an answer settles the codec."""
        await super().set_remote(sdp, kind)
        if kind == "answer":
            self._outs[1].codec = video_codec(sdp)

    def _on_state(self, state: str) -> None:
        if state == "connected" and self._timer is None:
            self.path.last_packet_us = now_us()
            for out in self._outs:
                out.begin()
            self._tick()

    def _tick(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(HOUSEKEEPING_S, self._tick)
        if self.path.on_tick is not None:
            self.path.on_tick(now_us())

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame: Any = await track.recv()
                self.path.last_packet_us = at_us = now_us()
                self.path.packets += 1
                if track.kind == "video":
                    self._on_picture(frame, at_us)
                else:
                    stereo = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
                    self.decoding.sound(stereo.mean(axis=1).astype(np.int16), frame.pts, at_us)

    def _on_picture(self, frame: av.VideoFrame, at_us: int) -> None:
        self.path.video_codec = self._outs[1].codec
        self.path.video_counters.frames += 1
        if not self.path.drop_video:
            self.decoding.picture(frame, at_us)

    async def close(self) -> None:
        """Free everything; stock aiortc may hold the loop for the rest of a decoder's queue."""
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await super().close()
