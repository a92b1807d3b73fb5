"""One peer connection with our media path in it: what the room's side and the participant's side share."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.rtcrtpparameters import RTCRtpCodecCapability

from media.rtc import private
from media.rtc.decoding import Decoding
from media.rtc.receive import MediaPath
from media.rtc.send import AudioOut, RtpOut, VideoOut

log = logging.getLogger(__name__)

FAILURES_LOGGED = 3
"""Unexpected exceptions of one connection that are logged in full; the rest are counted."""

ICE_STEP_S = 0.02
"""How long aioice's connectivity loop sleeps between two looks at whether it should end."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where a connection may live.

    `addresses`: the local addresses offered as host candidates (None: all but loopback); `port_range`: first
    and last UDP port that may be bound (None: any); `ice_servers`: STUN and TURN servers, none by default.
    """

    addresses: list[str] | None = None
    port_range: tuple[int, int] | None = None
    ice_servers: Sequence[RTCIceServer] = ()


class Link:
    """An RTCPeerConnection of one audio and one video transceiver, never renegotiated."""

    def __init__(
        self,
        network: Network,
        codecs: Sequence[str],
        bundle: RTCBundlePolicy,
        decoding: Decoding,
    ) -> None:
        """`codecs`: those of "H264" and "VP8" to negotiate, preferred first; `decoding` gets what arrives."""
        self.failures = 0
        configuration = RTCConfiguration(iceServers=list(network.ice_servers), bundlePolicy=bundle)
        self.pc = RTCPeerConnection(configuration)
        self._network = network
        self._gate: private.DatagramGate | None = None
        self._ciphers: private.Ciphers | None = None
        self._closed: asyncio.Event | None = None
        self._transceivers = [self.pc.addTransceiver(kind, "sendrecv") for kind in ("audio", "video")]
        for transceiver in self._transceivers:
            transceiver.setCodecPreferences(_preferences(transceiver.kind, codecs))
        self.decoding = decoding
        self.audio_out, self.video_out = self._make_outs()
        self.path = MediaPath([self.audio_out, self.video_out], decoding.audio, decoding.video)
        decoding.attach(self.path)
        self._take_over()

    def _make_outs(self) -> tuple[AudioOut, VideoOut]:
        audio, video = (private.sender_ssrcs(transceiver.sender) for transceiver in self._transceivers)
        return AudioOut(*audio), VideoOut(*video)

    def _take_over(self) -> None:
        for transceiver, out in zip(self._transceivers, self.path.outs, strict=True):
            kind = transceiver.kind

            def on_send(parameters: Any, out: RtpOut = out) -> None:
                ciphers, nominated = self._start_path()
                out.start(parameters, nominated, ciphers.protect)

            def on_receive(parameters: Any, kind: str = kind) -> None:
                self._start_path()
                self.path.add_receiver(kind, parameters)

            private.replace_media(transceiver, on_send, on_receive, self.path.stop)

    def _start_path(self) -> tuple[private.Ciphers, dict[int, Any]]:
        nominated: dict[int, Any] = self.gate.connection._nominated
        if self._ciphers is None:
            self._ciphers = private.ciphers(self._transceivers[0].sender.transport)
            self.path.start(self._ciphers, nominated)
            self.gate.media = self.path.datagram
        return self._ciphers, nominated

    def on_state(self, handler: Callable[[str], None]) -> None:
        """Have `handler` called with each new connection state of the peer connection."""
        self.pc.on("connectionstatechange", lambda: handler(self.pc.connectionState))

    def prepare_network(self) -> None:
        """Make the transport that will carry everything bind where it should; before gathering begins."""
        connection = private.ice_connection(self._transceivers[0].receiver.transport)
        self._gate = private.DatagramGate(connection, self._note_failure)
        private.open_ports(self._gate, self._network.addresses, self._network.port_range)

    @property
    def gate(self) -> private.DatagramGate:
        """The place where all datagrams of this connection pass."""
        assert self._gate is not None
        return self._gate

    async def set_remote(self, sdp: str, kind: str) -> None:
        """Apply the far end's "offer" or "answer"."""
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type=kind))

    async def set_local(self) -> str:
        """Make and apply our side's description, gather addresses, and return it."""
        await self.pc.setLocalDescription()
        return self.pc.localDescription.sdp

    def _note_failure(self, failure: Exception) -> None:
        self.failures += 1
        if self.failures <= FAILURES_LOGGED:
            log.error("unexpected failure in the media path", exc_info=failure)

    async def close(self) -> None:
        """Free everything; a second call waits for the first."""
        if self._closed is not None:
            await self._closed.wait()
            return
        self._closed = asyncio.Event()
        checking = self.pc.connectionState in ("new", "connecting")
        self.path.stop()
        self.decoding.close()
        if self._gate is not None:
            self._gate.media = None
        private.forbid_start(self._transceivers)
        await self.pc.close()
        if checking:
            # aiortc's connect task ends by itself, but only after aioice's loop wakes up once more.
            await asyncio.sleep(ICE_STEP_S * 1.5)
            # Checks that had just succeeded begin to ask for consent even then; the second close ends that.
            await private.ice_connection(self._transceivers[0].receiver.transport).close()
        self._closed.set()


def _preferences(kind: str, wanted: Sequence[str]) -> list[RTCRtpCodecCapability]:
    codecs = RTCRtpSender.getCapabilities(kind).codecs
    if kind == "audio":
        return [codec for codec in codecs if codec.name == "opus"]

    def rank(codec: RTCRtpCodecCapability) -> tuple[int, bool]:
        return wanted.index(codec.name), codec.parameters.get("profile-level-id") == "42001f"

    retransmission = [codec for codec in codecs if codec.name == "rtx"]
    return sorted((codec for codec in codecs if codec.name in wanted), key=rank) + retransmission


def open_link(network: Network, codecs: Sequence[str], bundle: RTCBundlePolicy, decoding: Decoding) -> Link:
    """Return a connection with our media path, or, where a private name is missing, with aiortc's own."""
    missing = private.verify_private_api()
    if not missing:
        return Link(network, codecs, bundle, decoding)
    _say_fallback(missing)
    from media.rtc.stock import StockLink

    return StockLink(network, codecs, bundle, decoding)


@functools.cache
def _say_fallback(missing: tuple[str, ...]) -> None:
    log.error("running on stock aiortc, at two to three times the cost, because of: %s", "; ".join(missing))
