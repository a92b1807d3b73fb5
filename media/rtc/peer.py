"""RoomPeer: the room's side of one participant, from his offer to decoded pictures and sound.

    peer = RoomPeer(prefer_codec="H264", addresses=["192.168.1.5"], port_range=(50000, 50200), ice_servers=[],
                    callbacks=PeerCallbacks(on_video=..., on_audio=..., on_gone=...))
    answer_sdp = await peer.answer(offer_sdp, remote_address=request.remote)   # SdpRefused, NoAddress
    fan.add(peer); bus.assign_audio(peer, "shared")                            # media.rtc.fanout
    peer.set_remb(150_000); peer.request_key(); peer.set_drop_video(True); peer.stats()
    await peer.close()

Callbacks run synchronously on the event loop, inside the receipt of a datagram, and must be quick:
`on_video(frame: av.VideoFrame in I420, stamp_us)`, `on_audio(pcm: int16 mono 48 kHz, rtp_ts, stamp_us)`,
`on_encoded_video(access_unit, rtp_ts, key)` before decoding, `on_filled(pcm, rtp_ts, stamp_us, recovered)`
for lost sound that was recovered or concealed, `on_level(minus_dbov)` for each sound packet not decoded,
`on_connected()`, `on_link("good" | "weak")` and, exactly once, `on_gone(reason)`. `stamp_us` is the capture
time in bus time (`media.clock`), the same mapping for picture and sound. Sound comes in order.

`on_gone` is not called by `close()`. After `on_gone` the peer closes itself; `close()` as well does no harm.
Reasons: "setup timeout", "lost" (8 s without a packet), "left" (closed by the page), "failed", "undecodable".
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiortc import RTCBundlePolicy, RTCIceServer

from media.rtc import sdp
from media.rtc.decode import Undecodable
from media.rtc.decoding import Decoding, FillSink, MediaTap, PictureSink, SoundSink
from media.rtc.link import Link, Network, open_link
from media.rtc.sdp import SdpRefused
from media.rtc.send import AudioOut, VideoOut
from media.rtc.stats import PeerStats, Rates

__all__ = ["NoAddress", "PeerCallbacks", "PeerStats", "RoomPeer", "SdpRefused"]

log = logging.getLogger(__name__)

SETUP_DEADLINE_S = 15.0
WEAK_AFTER_US = 2_000_000
LOST_AFTER_US = 8_000_000
DECODE_ERRORS_MAX = 50
"""Failures in a row, without one picture in between, after which the sender is not worth the work."""


class NoAddress(OSError):  # noqa: N818  the words an operator sees
    """No UDP port could be bound on any address: all of the range are taken, or the address is gone."""


@dataclass(frozen=True, slots=True)
class PeerCallbacks:
    """What a RoomPeer tells its owner; see the module's description. None: not wanted."""

    on_video: PictureSink | None = None
    on_audio: SoundSink | None = None
    on_connected: Callable[[], None] | None = None
    on_gone: Callable[[str], None] | None = None
    on_link: Callable[[str], None] | None = None
    on_filled: FillSink | None = None
    on_level: Callable[[int], None] | None = None
    on_encoded_video: Callable[[bytes, int, bool], None] | None = None


class RoomPeer:
    """Server side of one participant: one peer connection, audio and video both ways, never renegotiated."""

    def __init__(
        self,
        *,
        prefer_codec: str = "H264",
        addresses: list[str] | None = None,
        port_range: tuple[int, int] | None = None,
        ice_servers: Sequence[RTCIceServer] = (),
        callbacks: PeerCallbacks,
        setup_deadline_s: float = SETUP_DEADLINE_S,
    ) -> None:
        """`addresses`: host candidates to offer, loopback too (None: all others); needs a running loop."""
        self.video_codec = ""
        self.link_state = "new"
        self._callbacks = callbacks
        self._decoding = Decoding(
            callbacks.on_video,
            callbacks.on_audio,
            on_encoded_video=callbacks.on_encoded_video,
            on_undecodable=self._on_undecodable,
            on_filled=callbacks.on_filled,
            on_level=callbacks.on_level,
        )
        network = Network(addresses, port_range, ice_servers)
        codecs = ("VP8", "H264") if prefer_codec == "VP8" else ("H264", "VP8")
        self._link = open_link(network, codecs, RTCBundlePolicy.BALANCED, self._decoding)
        self._path = self._link.path
        self._path.on_tick = self._on_tick
        self._rates = Rates()
        self._drop_video = False
        self._gone = False
        self._close_task: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(setup_deadline_s, self._leave, "setup timeout")
        self._link.on_state(self._on_state)

    @property
    def link(self) -> Link:
        """The connection below, for tests and for losing packets on purpose (`media.rtc.lossy`)."""
        return self._link

    @property
    def video_out(self) -> VideoOut:
        """The picture we send; a FanOut drives it."""
        return self._link.video_out

    @property
    def audio_out(self) -> AudioOut:
        """The sound we send; an AudioBus drives it."""
        return self._link.audio_out

    async def answer(self, offer_sdp: str, remote_address: str | None = None) -> str:
        """Return our answer to the participant's offer; connecting goes on by itself afterwards.

        Raises SdpRefused for an offer that is too large, malformed or not for us, NoAddress if no port is
        free; the peer is closed then. `remote_address` is where the offer came from (see `sdp.check_offer`).
        """
        try:
            return await self._answer(offer_sdp, remote_address)
        except BaseException:
            await self.close()
            raise

    async def _answer(self, offer_sdp: str, remote_address: str | None) -> str:
        offer = sdp.check_offer(offer_sdp, remote_address)
        try:
            await self._link.set_remote(offer, "offer")
            self._link.prepare_network()
            answer = await self._link.set_local()
        except Exception as exc:
            # aiortc judges part of an offer only while applying it, with whatever exception comes first.
            raise SdpRefused(f"offer cannot be answered ({type(exc).__name__})") from exc
        if not sdp.has_candidates(answer):
            raise NoAddress("no UDP port is free for this participant")
        self.video_codec = sdp.video_codec(answer)
        return sdp.answer_with_dtx(answer)

    def request_key(self) -> None:
        """Ask the participant for a key frame (at most every 300 ms)."""
        self._path.request_key()

    def set_remb(self, bps: int | None) -> None:
        """Allow the participant's picture so many bits a second; None lets him decide. Sent every 200 ms."""
        self._path.remb_bps = bps

    def set_drop_video(self, drop: bool) -> None:
        """Stop (or resume) decoding his picture; resuming asks for a key frame."""
        self._drop_video = drop
        self._steer_video()

    def set_tap(self, tap: MediaTap | None) -> None:
        """Have all that is received handed to `tap` before it is decoded, whether it is or not."""
        self._decoding.tap = tap
        self._steer_video()
        if tap is not None:
            self.request_key()

    def _steer_video(self) -> None:
        """What nobody decodes and nobody taps is not even put together."""
        self._decoding.set_drop_video(self._drop_video)
        self._path.set_drop_video(self._drop_video and self._decoding.tap is None)

    def set_drop_audio(self, drop: bool) -> None:
        """Stop (or resume) decoding his sound; `on_level` is called all the same."""
        self._decoding.set_drop_audio(drop)

    def stats(self) -> PeerStats:
        """Return what is known about both directions now; rates are those of the last full second."""
        return self._rates.stats(self._link, self.link_state)

    # -- life

    def _on_undecodable(self, in_row: int, exc: Undecodable) -> None:
        if in_row >= DECODE_ERRORS_MAX:
            log.warning("participant's picture cannot be decoded: %s", exc)
            self._leave("undecodable")

    def _on_state(self, state: str) -> None:
        if state == "connected" and self.link_state == "new":
            self._deadline.cancel()
            self.link_state = "good"
            if self._callbacks.on_connected is not None:
                self._callbacks.on_connected()
        elif state in ("failed", "closed"):
            self._leave("failed" if state == "failed" or self.link_state == "new" else "left")

    def _on_tick(self, at_us: int) -> None:
        self._rates.tick(self._link, at_us)
        silent_us = at_us - self._path.last_packet_us
        if silent_us > LOST_AFTER_US:
            self._leave("lost")
        elif self.link_state != "new":
            self._set_link("weak" if silent_us > WEAK_AFTER_US else "good")

    def _set_link(self, state: str) -> None:
        if state != self.link_state:
            self.link_state = state
            if self._callbacks.on_link is not None:
                self._callbacks.on_link(state)

    def _leave(self, reason: str) -> None:
        if self._gone:
            return
        self._gone = True
        self.link_state = "gone"
        self._close_task = asyncio.get_running_loop().create_task(self.close())
        if self._callbacks.on_gone is not None:
            self._callbacks.on_gone(reason)

    async def close(self) -> None:
        """Free everything of this peer within 50 ms; idempotent, and silent towards the callbacks."""
        self._gone = True
        self.link_state = "gone"
        self._deadline.cancel()
        await self._link.close()
