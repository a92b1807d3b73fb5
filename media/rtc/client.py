"""RtcClient: the participant's side, for the demo, the station mode, the load generator and the tests.

    client = RtcClient(signal=post_offer, feed=feed, addresses=["127.0.0.1"], callbacks=ClientCallbacks(...))
    await client.connect()                        # offers, awaits signal(offer) -> answer, connects
    client.set_mode(VideoMode(320, 180, 15, 150_000))
    client.set_mode(None)                         # picture off: nothing is sent
    client.stats(); await client.close()

`feed` delivers encoded media when asked (see `MediaFeed`); without one, `push_video` and `push_audio` take
what a live source has. How offer and answer travel is the caller's business: this module knows no HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiortc import RTCBundlePolicy, RTCIceServer

from media.clock import now_us
from media.rtc import sdp
from media.rtc.decoding import Decoding, PictureSink, SoundSink
from media.rtc.fanout import AudioBus, FanOut
from media.rtc.link import Link, Network, open_link
from media.rtc.send import AUDIO_STEP_US, AudioOut, VideoOut
from media.rtc.stats import PeerStats, Rates

CATCH_UP_MAX = 10
"""Sound packets sent at once after the loop was late; more are left out."""

CONNECT_DEADLINE_S = 15.0


@dataclass(frozen=True, slots=True)
class VideoMode:
    """What picture to send: size, rate and bits a second."""

    width: int
    height: int
    fps: int
    bitrate_bps: int


@dataclass(frozen=True, slots=True)
class VideoUnit:
    """One encoded picture: Annex B access unit (H264) or frame (VP8), and its capture time in bus time."""

    data: bytes
    stamp_us: int
    key: bool


class MediaFeed(Protocol):
    """Where a client's encoded picture and sound come from; called on the loop, so must be quick."""

    codec: str

    def set_mode(self, mode: VideoMode | None) -> None:
        """Make pictures of this kind from now on, beginning with a key frame; None: none are asked for."""

    def request_key(self) -> None:
        """Make the next picture a key frame."""

    def next_video(self, stamp_us: int) -> VideoUnit | None:
        """Return the picture due at `stamp_us` (asked `fps` times a second), None to leave it out."""

    def next_audio(self, stamp_us: int) -> bytes | None:
        """Return the Opus packet of the 20 ms that begin at `stamp_us`, None for silence (DTX)."""


@dataclass(frozen=True, slots=True)
class ClientCallbacks:
    """What a client tells its owner. Decoding costs only where `on_video` or `on_audio` is wanted."""

    on_connected: Callable[[], None] | None = None
    on_gone: Callable[[str], None] | None = None
    on_encoded_video: Callable[[bytes, int, bool], None] | None = None
    on_encoded_audio: Callable[[bytes, int], None] | None = None
    on_video: PictureSink | None = None
    on_audio: SoundSink | None = None


class RtcClient:
    """One participant without a browser."""

    def __init__(
        self,
        *,
        signal: Callable[[str], Awaitable[str]],
        feed: MediaFeed | None = None,
        codec: str = "H264",
        addresses: list[str] | None = None,
        ice_servers: Sequence[RTCIceServer] = (),
        callbacks: ClientCallbacks | None = None,
    ) -> None:
        """`signal` takes our offer and returns the answer; `codec` is that of a source without `feed`."""
        codec = feed.codec if feed is not None else codec
        self.video_codec = codec
        self.state = "new"
        self._signal = signal
        self._feed = feed
        self._callbacks = callbacks or ClientCallbacks()
        wanted = self._callbacks
        decoding = Decoding(
            wanted.on_video,
            wanted.on_audio,
            on_encoded_video=wanted.on_encoded_video,
            on_encoded_audio=wanted.on_encoded_audio,
        )
        network = Network(addresses, None, ice_servers)
        self._link = open_link(network, (codec,), RTCBundlePolicy.MAX_BUNDLE, decoding)
        self._link.path.on_tick = self._on_tick
        self._link.on_state(self._on_state)
        self._connected = asyncio.Event()
        self._rates = Rates()
        self._fan = FanOut(codec, self._on_key_wanted)
        self._audio = AudioBus()
        self._mode: VideoMode | None = None
        self._video_timer: asyncio.TimerHandle | None = None
        self._audio_timer: asyncio.TimerHandle | None = None
        self._video_due_us = 0
        self._audio_due_us = 0

    @property
    def link(self) -> Link:
        """The connection below, for tests and for losing packets on purpose (`media.rtc.lossy`)."""
        return self._link

    @property
    def video_out(self) -> VideoOut:
        """The picture we send."""
        return self._link.video_out

    @property
    def audio_out(self) -> AudioOut:
        """The sound we send."""
        return self._link.audio_out

    async def connect(self, deadline_s: float = CONNECT_DEADLINE_S) -> None:
        """Offer, take the answer and wait until media flows; raises SdpRefused or TimeoutError and closes."""
        try:
            self._link.prepare_network()
            answer = sdp.check_answer(await self._signal(await self._link.set_local()))
            await self._link.set_remote(answer, "answer")
            await asyncio.wait_for(self._connected.wait(), deadline_s)
        except BaseException:
            await self.close()
            raise

    def set_mode(self, mode: VideoMode | None) -> None:
        """Send this kind of picture from now on, or none."""
        self._mode = mode
        if self._feed is not None:
            self._feed.set_mode(mode)
        if self._video_timer is not None:
            self._video_timer.cancel()
            self._video_timer = None
        if mode is not None and self._feed is not None and self.state == "connected":
            self._video_due_us = now_us()
            self._send_video()

    def push_video(self, unit: VideoUnit) -> None:
        """Send one encoded picture of a live source."""
        self._fan.push_video(unit.data, unit.stamp_us, unit.key)

    def push_audio(self, opus: bytes, stamp_us: int) -> None:
        """Send one 20 ms Opus packet of a live source."""
        self._audio.push_audio("own", opus, stamp_us)

    def request_key(self) -> None:
        """Ask the room for a key frame of the program."""
        self._link.path.request_key()

    def stats(self) -> PeerStats:
        """Return the statistics of both directions; `in` is the program, `out` our own picture and sound."""
        return self._rates.stats(self._link, self.state)

    async def close(self) -> None:
        """Leave; idempotent."""
        self.state = "gone"
        for timer in (self._video_timer, self._audio_timer):
            if timer is not None:
                timer.cancel()
        self._video_timer = self._audio_timer = None
        self._fan.close()
        await self._link.close()

    # -- sending

    def _begin(self) -> None:
        self.state = "connected"
        self._fan.add(self)
        self._audio.assign_audio(self, "own")
        if self._feed is not None:
            self._audio_due_us = now_us()
            self._send_audio()
            self.set_mode(self._mode)

    def _send_audio(self) -> None:
        at_us = now_us()
        if at_us - self._audio_due_us > CATCH_UP_MAX * AUDIO_STEP_US:
            self._audio_due_us = at_us
        while self._feed is not None and self._audio_due_us <= at_us:
            opus = self._feed.next_audio(self._audio_due_us)
            if opus:
                self.push_audio(opus, self._audio_due_us)
            self._audio_due_us += AUDIO_STEP_US
        self._audio_timer = _call_at(self._audio_due_us, self._send_audio)

    def _send_video(self) -> None:
        if self._feed is None or self._mode is None:
            return
        at_us = now_us()
        step_us = 1_000_000 // self._mode.fps
        unit = self._feed.next_video(self._video_due_us)
        if unit is not None:
            self.push_video(unit)
        self._video_due_us += step_us
        if at_us - self._video_due_us > step_us:
            self._video_due_us = at_us
        self._video_timer = _call_at(self._video_due_us, self._send_video)

    def _on_key_wanted(self) -> None:
        if self._feed is not None:
            self._feed.request_key()

    # -- life

    def _on_state(self, state: str) -> None:
        if state == "connected" and self.state == "new":
            self._begin()
            self._connected.set()
            if self._callbacks.on_connected is not None:
                self._callbacks.on_connected()
        elif state in ("failed", "closed") and self.state != "gone":
            self.state = "gone"
            if self._callbacks.on_gone is not None:
                self._callbacks.on_gone(state)

    def _on_tick(self, at_us: int) -> None:
        self._rates.tick(self._link, at_us)


def _call_at(bus_us: int, callback: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(max(0, bus_us - now_us()) / 1e6, callback)
