"""Encode once, send to all: FanOut for one encoded picture, AudioBus for encoded sound.

    fan = FanOut("H264", on_key_wanted=encoder.request_key)
    fan.add(peer)                              # a late joiner gets its first frame at the next key frame
    fan.push_video(access_unit, stamp_us, key) # Annex B (H264) or one frame (VP8); capture time in bus time
    switch(peer, smaller_fan)                  # to another rendition of the same codec, at its key frame
    fan.remove(peer)

    bus = AudioBus()
    bus.assign_audio(peer, "shared")           # or its mix-minus; None: nothing
    bus.push_audio("shared", opus_packet, stamp_us)

`peer` is whatever has `video_out`, `audio_out` and `video_codec`: a `RoomPeer` or a `RtcClient`. Adding it
before it is connected is fine. All calls belong to the event loop's thread and none of them blocks.

A frame is packetized once; each receiver costs header, SRTP and `sendto`. Sender reports carry the capture
clock, so browsers play picture and sound in sync. Retransmission is answered per receiver (`media.rtc.send`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from media.clock import now_us
from media.rtc.depayload import FORMATS
from media.rtc.send import AudioOut, VideoOut

KEY_INTERVAL_US = 500_000
"""Between two key frames asked of the encoder; a browser that cannot decode sends 29 PLI a second."""

PACED_RECEIVERS = 10
PACE_S = 0.002
"""A key frame goes to ten receivers each 2 ms: 122 at once would be a burst of 3 MB."""

PENDING_MAX = 30
"""Frames that may wait behind a paced key frame; beyond it all are dropped up to the next key frame."""


class Receiver(Protocol):
    """One end of a connection to which we send."""

    @property
    def video_out(self) -> VideoOut:
        """Its picture."""

    @property
    def audio_out(self) -> AudioOut:
        """Its sound."""

    @property
    def video_codec(self) -> str:
        """ "H264" or "VP8" as negotiated, "" before."""


@dataclass(slots=True)
class _Job:
    payloads: list[bytes]
    stamp_us: int
    key: bool
    outs: list[VideoOut]
    sent: int = 0


class FanOut:
    """Sends one encoded picture to many receivers."""

    def __init__(self, codec: str, on_key_wanted: Callable[[], None] | None = None) -> None:
        """`on_key_wanted` is asked for a key frame of the shared encoder, at most twice a second."""
        self.codec = codec
        self.on_key_wanted = on_key_wanted
        self.frames = 0
        self.dropped = 0
        self._split = FORMATS[codec].split
        self._live: list[VideoOut] = []
        self._waiting: list[VideoOut] = []
        self._jobs: deque[_Job] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._key_timer: asyncio.TimerHandle | None = None
        self._key_asked_us = 0

    @property
    def receivers(self) -> int:
        """How many receive, or wait for their first key frame."""
        return len(self._live) + len(self._waiting)

    def add(self, peer: Receiver) -> None:
        """Send to `peer` from the next key frame on, and ask for one; the FanOut it had goes on till then.

        Raises ValueError if the peer negotiated another codec.
        """
        if peer.video_codec and peer.video_codec != self.codec:
            raise ValueError(f"peer takes {peer.video_codec}, not {self.codec}")
        out = peer.video_out
        if out in self._live or out in self._waiting:
            return
        self._waiting.append(out)
        out.next_source = self
        if out.ready:
            self.request_key()
        else:
            out.on_ready = self.request_key

    def remove(self, peer: Receiver) -> None:
        """Send nothing more to `peer`."""
        out = peer.video_out
        self._forget(out)
        if out.source is self:
            out.source = out.on_key_wanted = None
        if out.next_source is self:
            out.next_source = None
            out.on_ready = None

    def _forget(self, out: VideoOut) -> None:
        for outs in (self._live, self._waiting):
            if out in outs:
                outs.remove(out)

    def request_key(self) -> None:
        """Ask for a key frame now, or as soon as half a second has passed since the last was asked for."""
        if self._key_timer is not None:
            return
        wait_us = self._key_asked_us + KEY_INTERVAL_US - now_us()
        if wait_us <= 0:
            self._ask_key()
        else:
            self._key_timer = asyncio.get_running_loop().call_later(wait_us / 1e6, self._ask_key)

    def _ask_key(self) -> None:
        self._key_timer = None
        self._key_asked_us = now_us()
        if self.on_key_wanted is not None:
            self.on_key_wanted()

    def push_video(self, unit: bytes, stamp_us: int, key: bool) -> None:
        """Send one access unit captured at `stamp_us` (bus time); `key`: decoding may begin with it."""
        self.frames += 1
        if key:
            self._begin_waiting()
        if not self._live:
            return
        if len(self._jobs) >= PENDING_MAX:
            self._overflow()
            return
        self._jobs.append(_Job(self._split(unit), stamp_us, key, list(self._live)))
        if self._timer is None:
            self._send_jobs()

    def _begin_waiting(self) -> None:
        """A key frame is here: those who wait for one begin with it, and leave the picture they had."""
        if self._key_timer is not None:
            self._key_timer.cancel()
            self._key_timer = None
        still = []
        for out in self._waiting:
            if not out.ready:
                still.append(out)
                continue
            if isinstance(out.source, FanOut) and out.source is not self:
                out.source._forget(out)
            out.source, out.next_source = self, None
            out.on_key_wanted = self.request_key
            self._live.append(out)
        self._waiting = still

    def _overflow(self) -> None:
        self.dropped += len(self._jobs)
        self._jobs.clear()
        self._waiting += self._live
        self._live.clear()
        self.request_key()

    def _send_jobs(self) -> None:
        self._timer = None
        while self._jobs:
            job = self._jobs[0]
            most = PACED_RECEIVERS if job.key else len(job.outs)
            for out in job.outs[job.sent : job.sent + most]:
                self._send(out, job)
            job.sent += most
            if job.sent >= len(job.outs):
                self._jobs.popleft()
            if job.key and job.sent >= PACED_RECEIVERS and self._jobs:
                self._timer = asyncio.get_running_loop().call_later(PACE_S, self._send_jobs)
                return

    def _send(self, out: VideoOut, job: _Job) -> None:
        if out.source is not self:
            return
        if out.congested():
            self.dropped += 1
            self._live.remove(out)
            self._waiting.append(out)
            out.source = None
            self.request_key()
            return
        out.send_frame(job.payloads, job.stamp_us)

    def close(self) -> None:
        """Stop the timers and let go of all receivers."""
        for timer in (self._timer, self._key_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._key_timer = None
        self._jobs.clear()
        self._live.clear()
        self._waiting.clear()


def switch(peer: Receiver, other: FanOut) -> None:
    """Give `peer` the picture of `other` from its next key frame on; until then the old one goes on."""
    other.add(peer)


class AudioBus:
    """Encoded sound by stream name; each receiver hears the one assigned to it."""

    def __init__(self) -> None:
        self._outs: dict[str, list[AudioOut]] = {}
        self._assigned: dict[AudioOut, str] = {}

    def push_audio(self, stream_id: str, opus: bytes, stamp_us: int) -> None:
        """Send one 20 ms Opus packet, captured at `stamp_us` (bus time), to all who hear `stream_id`."""
        for out in self._outs.get(stream_id, ()):
            out.send_packet(opus, stamp_us)

    def assign_audio(self, peer: Receiver, stream_id: str | None) -> None:
        """Have `peer` hear `stream_id` from its next packet on, or nothing; its RTP goes on unbroken."""
        out = peer.audio_out
        before = self._assigned.pop(out, None)
        if before is not None:
            self._outs[before].remove(out)
            if not self._outs[before]:
                del self._outs[before]
        if stream_id is not None:
            self._assigned[out] = stream_id
            self._outs.setdefault(stream_id, []).append(out)

    def remove(self, peer: Receiver) -> None:
        """Send nothing more to `peer`."""
        self.assign_audio(peer, None)

    def listeners(self, stream_id: str) -> int:
        """Return how many hear `stream_id`; a mix nobody hears need not be encoded."""
        return len(self._outs.get(stream_id, ()))
