"""RTMP(S) publisher on asyncio: never blocks, verifies certificates, sees a dead peer (Adobe RTMP 1.0)."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeGuard
from urllib.parse import urlsplit

from media.outputs import amf, chunks, flv
from media.outputs.chunks import ChunkError, ChunkReader, Message
from media.outputs.dial import Way, connect, first_to_arrive, look_up
from media.outputs.secret import Secret
from media.packet import EncodedPacket
from media.reason import LivestreamCode, Reason
from media.video.encoder import VideoProfile

log = logging.getLogger(__name__)

OPEN_TIMEOUT_S = 4.5
"""To be let in, and once more until publishing has started: round trips of 800 ms need 4.8 s for both."""
CLOSE_TIMEOUT_S = 2.0
CHUNK_BYTES = 4096
SEND_BUFFER_BYTES = 131_072
"""With the default buffers the kernel swallowed 13 s of a frozen server's stream unseen (measured)."""
UNSENT_BYTES = 32_768
"""What the kernel takes beyond what is on its way (Linux, TCP_NOTSENT_LOWAT). Without it the kernel takes
more only when a third of its buffer is free: a line of 600 kb/s then seemed to stand still for a second at a
time."""
ACK_WINDOW_BYTES = 65_536
HANDSHAKE_BYTES = 1536
SAID_MAX_CHARS = 200
PORTS = {"rtmp": 1935, "rtmps": 443}

CONTROL_CS, COMMAND_CS, PUBLISH_CS, AUDIO_CS, VIDEO_CS = 2, 3, 4, 5, 6


def _is_number(value: amf.Value) -> TypeGuard[float]:
    """Whether a server's number can be a stream id or a transaction; AMF knows NaN and fractions too."""
    return isinstance(value, float) and value.is_integer() and 0 <= value < 1 << 32


class RtmpError(ConnectionError):
    """Publishing is not possible or has ended; ``reason`` says why, without any secret."""

    def __init__(self, code: StrEnum, text: str, args: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.reason = Reason(code, text, args or {})


@dataclass(frozen=True, slots=True)
class RtmpTarget:
    """Where to publish: an ingest address and the stream key. Printing it shows no key."""

    secure: bool
    host: str
    port: int
    app: str
    key: Secret

    @classmethod
    def parse(cls, url: str, key: Secret) -> RtmpTarget:
        """Read ``rtmp[s]://host[:port]/app``; raises ValueError with a plain sentence for anything else."""
        parts = urlsplit(url.strip())
        if parts.scheme not in PORTS:
            raise ValueError("The address must begin with rtmp:// or rtmps://.")
        app = parts.path.strip("/") + (f"?{parts.query}" if parts.query else "")
        if not parts.hostname or not app:
            raise ValueError(
                "The address must have a server name and an application, as in rtmp://server/live."
            )
        if parts.username is not None or any(ord(c) < 33 or ord(c) > 126 for c in url.strip()):
            raise ValueError("The address contains characters that do not belong there.")
        if not all(0 < len(label) < 64 for label in parts.hostname.rstrip(".").split(".")):
            raise ValueError("The address has no proper server name.")
        return cls(parts.scheme == "rtmps", parts.hostname, parts.port or PORTS[parts.scheme], app, key)

    @property
    def url(self) -> str:
        """The address without the key."""
        return f"rtmp{'s' if self.secure else ''}://{self.host}:{self.port}/{self.app}"


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What the server is told about the stream."""

    video: VideoProfile
    audio_config: bytes
    audio_bps: int = 128_000
    sample_rate_hz: int = 48_000
    channels: int = 2

    def metadata(self) -> dict[str, amf.Value]:
        """The onMetaData object."""
        return {
            "width": float(self.video.width_px),
            "height": float(self.video.height_px),
            "framerate": float(self.video.fps),
            "videocodecid": 7.0,
            "videodatarate": self.video.bit_rate_bps / 1000,
            "audiocodecid": 10.0,
            "audiodatarate": self.audio_bps / 1000,
            "audiosamplerate": float(self.sample_rate_hz),
            "audiosamplesize": 16.0,
            "stereo": self.channels == 2,
            "encoder": "Operator Console",
        }


@dataclass(slots=True)
class RtmpCounters:
    """What has gone over one connection."""

    written_bytes: int = 0
    acked_bytes: int = 0
    acks: int = 0
    last_ack_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """How long it took to be let in, in seconds."""

    connect_s: float = 0.0
    """Name, connection and TLS."""
    rtt_s: float = 0.0
    """Question to answer of the handshake: one way there and back, with the server's own time."""
    open_s: float = 0.0
    """Everything up to the server's last answer."""


def connect_reason(error: OSError | TimeoutError) -> Reason:
    """Why a connection could not be made, for the operator."""
    if isinstance(error, RtmpError):
        return error.reason
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in (62, 64):  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
            return Reason(LivestreamCode.TLS_WRONG_HOST, "The server's certificate is for another name.")
        if error.verify_code == 10:  # X509_V_ERR_CERT_HAS_EXPIRED
            return Reason(LivestreamCode.TLS_EXPIRED, "The server's certificate has expired.")
        return Reason(
            LivestreamCode.TLS_UNTRUSTED, "The server's certificate is not from a trusted authority."
        )
    if isinstance(error, ssl.SSLError):
        return Reason(LivestreamCode.TLS, "The server does not speak TLS here.")
    if isinstance(error, socket.gaierror):
        return Reason(LivestreamCode.DNS, "The server's name is not found.")
    if isinstance(error, TimeoutError):
        return Reason(LivestreamCode.TIMEOUT, "The server does not answer.")
    if isinstance(error, ConnectionRefusedError):
        return Reason(LivestreamCode.CONNECTION_REFUSED, "The server refuses connections.")
    if isinstance(error, (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)):
        return Reason(LivestreamCode.CLOSED, "The server closed the connection.")
    return Reason(LivestreamCode.NETWORK, f"No connection to the server ({error.strerror or 'closed'}).")


def told(error: OSError, target: RtmpTarget) -> RtmpError:
    """An error of connecting as the operator is told it, without the key."""
    reason = connect_reason(error)
    return RtmpError(reason.code, target.key.redact(reason.text), reason.args)


@dataclass(slots=True)
class _Replies:
    """Futures of the commands that wait for an answer."""

    results: dict[int, asyncio.Future[list[amf.Value]]] = field(default_factory=dict)
    publish: asyncio.Future[None] | None = None


class RtmpPublisher:
    """One connection that publishes one stream; made by `open`, used on one event loop.

    `video` and `audio` collect, `flush` appends to the transport's buffer: no call blocks. Once `ended` is
    set the first two raise RtmpError.
    """

    def __init__(self, target: RtmpTarget, way: Way | None = None, number: int = 0) -> None:
        """``way`` is how it is reached, where that is known; ``number`` counts attempts side by side."""
        self.target = target
        self._way, self._number = way, number
        self.counters = RtmpCounters()
        self.times = OpenTimes()
        self.ended: Reason | None = None
        self.handshake_matches = True
        self._incoming = ChunkReader()
        self._replies = _Replies()
        self._bodies = flv.VideoBodies()
        self._stream_id = 0
        self._batch: list[bytes] = []
        self._batch_bytes = 0
        self._peer_window = 0
        self._acked_to_peer = 0
        self._loop = asyncio.get_running_loop()
        self._begun_s = self.heard_s = self._loop.time()
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter
        self._task: asyncio.Task[None] | None = None
        self.on_end: Callable[[], None] = lambda: None

    @classmethod
    async def open(
        cls,
        target: RtmpTarget,
        info: StreamInfo,
        *,
        context: ssl.SSLContext | None = None,
        timeout_s: float = OPEN_TIMEOUT_S,
    ) -> RtmpPublisher:
        """Connect, shake hands and publish; returns when the server has said that publishing has started.

        While nobody answers, attempts overlap; only the one that is let in first goes on to name the key.
        ``context`` defaults to the system's authorities with host name check. ``timeout_s`` is for being let
        in, and again for publishing. Raises RtmpError.
        """
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + timeout_s
        try:
            async with asyncio.timeout_at(deadline_s):
                way = await look_up(target.host, target.port, target.secure, context)
            publisher = await first_to_arrive(lambda number: cls(target, way, number), deadline_s)
        except OSError as error:
            raise told(error, target) from None
        async with publisher._giving_up(timeout_s):
            await publisher._publish(info)
        return publisher

    @classmethod
    async def probe(
        cls,
        target: RtmpTarget,
        *,
        context: ssl.SSLContext | None = None,
        timeout_s: float = OPEN_TIMEOUT_S,
    ) -> OpenTimes:
        """Connect, shake hands, have a stream created, and leave without publishing or naming the key.

        Raises RtmpError. Whether the key is right, only publishing can tell.
        """
        publisher = cls(target)
        async with publisher._giving_up(timeout_s):
            publisher._way = await look_up(target.host, target.port, target.secure, context)
            await publisher.arrive()
            await publisher._create_stream()
        times = replace(publisher.times, open_s=publisher._loop.time() - publisher._begun_s)
        publisher._command(0, "deleteStream", 7, None, float(publisher._stream_id))
        await publisher._leave(CLOSE_TIMEOUT_S)
        return times

    @asynccontextmanager
    async def _giving_up(self, timeout_s: float | None) -> AsyncIterator[None]:
        """Whatever goes wrong inside, or takes longer, ends the connection; told as RtmpError."""
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ChunkError, amf.AmfError) as error:
            self.give_up()
            raise self._open_error(error) from None
        except asyncio.CancelledError:
            self.give_up()
            raise

    async def arrive(self) -> None:
        """Connect, shake hands, speak to the application without naming stream or key. Raises RtmpError."""
        async with self._giving_up(None):
            await self._connect()
            connected_s = self.heard_s = self._loop.time()
            await self._handshake()
            self.heard_s = self._loop.time()
            self.times = replace(self.times, connect_s=connected_s - self._begun_s)
            self._task = asyncio.create_task(self._read(), name="rtmp-reader")
            await self._enter()

    def _open_error(self, error: Exception) -> RtmpError:
        if self.ended is not None and not isinstance(error, RtmpError):
            return RtmpError(self.ended.code, self.ended.text, self.ended.args)
        if isinstance(error, (ChunkError, amf.AmfError)):
            return RtmpError(LivestreamCode.PROTOCOL, "The server does not speak RTMP.")
        if isinstance(error, asyncio.IncompleteReadError):
            return RtmpError(LivestreamCode.CLOSED, "The server closed the connection.")
        assert isinstance(error, OSError)
        return told(error, self.target)

    async def _connect(self) -> None:
        assert self._way is not None
        self._reader, self._writer = await connect(self._way, self._number)
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)

    async def _handshake(self) -> None:
        """Simple handshake (5.2); S2 should repeat our random bytes, but some servers do not."""
        mine = os.urandom(HANDSHAKE_BYTES - 8)
        self._writer.write(b"\x03" + bytes(8) + mine)
        asked_s = self._loop.time()
        answer = await self._reader.readexactly(1 + HANDSHAKE_BYTES)
        self.times = replace(self.times, rtt_s=self._loop.time() - asked_s)
        if answer[0] != 3:
            raise RtmpError(LivestreamCode.PROTOCOL, "The server does not speak RTMP.")
        self._writer.write(answer[1:])
        echo = await self._reader.readexactly(HANDSHAKE_BYTES)
        self.handshake_matches = echo[8:] == mine
        if not self.handshake_matches:
            log.info("%s does not echo the handshake", self.target.host)

    async def _enter(self) -> None:
        """Speak to the application, without naming a stream."""
        self._send(CONTROL_CS, Message(chunks.SET_CHUNK_SIZE, struct.pack(">I", CHUNK_BYTES)))
        self._send(CONTROL_CS, Message(chunks.WINDOW_ACK_SIZE, struct.pack(">I", ACK_WINDOW_BYTES)))
        url = self.target.url
        app: dict[str, amf.Value] = {"app": self.target.app, "type": "nonprivate", "tcUrl": url}
        await self._call(1, "connect", {**app, "flashVer": "FMLE/3.0 (compatible; OperatorConsole)"})

    async def _publish(self, info: StreamInfo) -> None:
        key = self.target.key.reveal()
        self._command(0, "releaseStream", 2, None, key)
        self._command(0, "FCPublish", 3, None, key)
        await self._create_stream()
        self._replies.publish = self._loop.create_future()
        self._command(self._stream_id, "publish", 5, None, key, "live")
        self._require_open()
        await self._replies.publish
        body = amf.encode("@setDataFrame", "onMetaData", info.metadata())
        self._send(PUBLISH_CS, Message(chunks.DATA, body, 0, self._stream_id))
        self._send(AUDIO_CS, Message(chunks.AUDIO, flv.aac_header(info.audio_config), 0, self._stream_id))

    async def _create_stream(self) -> None:
        created = await self._call(4, "createStream", None)
        if not created or not _is_number(created[-1]):
            raise RtmpError(LivestreamCode.PROTOCOL, "The server did not create a stream.")
        self._stream_id = int(created[-1])

    def _command(self, stream_id: int, name: str, transaction: int, *values: amf.Value) -> None:
        body = amf.encode(name, float(transaction), *values)
        chunk_stream = PUBLISH_CS if stream_id else COMMAND_CS
        self._send(chunk_stream, Message(chunks.COMMAND, body, 0, stream_id))

    async def _call(self, transaction: int, name: str, *values: amf.Value) -> list[amf.Value]:
        waiting: asyncio.Future[list[amf.Value]] = self._loop.create_future()
        self._replies.results[transaction] = waiting
        self._command(0, name, transaction, *values)
        try:
            self._require_open()
            return await waiting
        finally:
            del self._replies.results[transaction]

    def _send(self, chunk_stream: int, message: Message) -> None:
        data = chunks.write_message(chunk_stream, message, CHUNK_BYTES)
        self.counters.written_bytes += len(data)
        self._writer.write(data)

    # -- what comes from the server

    async def _read(self) -> None:
        reason: Reason | None = None
        try:
            while data := await self._reader.read(65_536):
                for message in self._incoming.feed(data):
                    self._receive(message)
                self._acknowledge()
        except RtmpError as error:
            reason = error.reason
        except (ChunkError, amf.AmfError):
            reason = Reason(LivestreamCode.PROTOCOL, "The server sent something that is not RTMP.")
        except OSError as error:
            reason = self._closed(f"The connection broke ({error.strerror or 'lost'}).")
        self._end(reason or self._closed("The server closed the connection."))

    def _closed(self, text: str) -> Reason:
        """Why a connection ended that was closed; some servers answer so to a key (nginx: on_publish)."""
        waiting = self._replies.publish
        if waiting is not None and not waiting.done():
            return Reason(
                LivestreamCode.CLOSED_AT_ONCE,
                "The server closed the stream at once: is the stream key right?",
            )
        return Reason(LivestreamCode.CLOSED, text)

    def _acknowledge(self) -> None:
        received = self._incoming.received_bytes
        if self._peer_window and received - self._acked_to_peer >= self._peer_window:
            self._acked_to_peer = received
            self._send(CONTROL_CS, Message(chunks.ACK, struct.pack(">I", received & 0xFFFFFFFF)))

    def _receive(self, message: Message) -> None:
        number = int.from_bytes(message.body[:4], "big")
        if message.kind == chunks.ACK:
            # The count is modulo 2^32; take the nearest one above the last.
            ahead = (number - self.counters.acked_bytes) & 0xFFFFFFFF
            self.counters.acked_bytes += ahead if ahead < 0x80000000 else 0
            self.counters.acks += 1
            self.counters.last_ack_s = self._loop.time()
        elif message.kind == chunks.WINDOW_ACK_SIZE:
            self._peer_window = number
        elif message.kind == chunks.PEER_BANDWIDTH:
            self._send(CONTROL_CS, Message(chunks.WINDOW_ACK_SIZE, struct.pack(">I", ACK_WINDOW_BYTES)))
        elif message.kind == chunks.USER_CONTROL and message.body[:2] == b"\0\x06":
            self._send(CONTROL_CS, Message(chunks.USER_CONTROL, b"\0\x07" + message.body[2:6]))
        elif message.kind == chunks.COMMAND:
            self._receive_command(amf.decode(message.body))

    def _receive_command(self, values: list[amf.Value]) -> None:
        name, transaction = values[0] if values else None, values[1] if len(values) > 1 else None
        if name == "onStatus":
            self._receive_status(values[-1])
        if name not in ("_result", "_error") or not _is_number(transaction):
            return
        waiting = self._replies.results.get(int(transaction))
        if waiting is None or waiting.done():
            return  # releaseStream and FCPublish: servers may refuse them, nothing depends on it
        if name == "_result":
            waiting.set_result(values[2:])
        else:
            waiting.set_exception(
                self._refusal(LivestreamCode.REJECTED, "The server rejects the stream", values[-1])
            )

    def _receive_status(self, status: amf.Value) -> None:
        details = status if isinstance(status, dict) else {}
        code, level = str(details.get("code", "")), details.get("level")
        waiting = self._replies.publish
        if waiting is not None and not waiting.done() and code == "NetStream.Publish.Start":
            waiting.set_result(None)
        elif level == "error" or code in ("NetConnection.Connect.Closed", "NetConnection.Connect.Rejected"):
            raise self._refusal(
                LivestreamCode.PUBLISH_REFUSED, "The server does not take the stream", details
            )

    def _refusal(self, code: LivestreamCode, sentence: str, details: amf.Value) -> RtmpError:
        found = details if isinstance(details, dict) else {}
        said = str(found.get("description") or found.get("code") or "no reason given")
        said = self.target.key.redact(said)[:SAID_MAX_CHARS]
        return RtmpError(code, f"{sentence}: {said}.", {"said": said})

    def _end(self, reason: Reason) -> None:
        if self.ended is not None:
            return
        self.ended = reason
        waiting = [*self._replies.results.values(), self._replies.publish]
        for future in waiting:
            if future is not None and not future.done():
                future.set_exception(RtmpError(reason.code, reason.text, reason.args))
        self.on_end()

    # -- media

    @property
    def backlog_bytes(self) -> int:
        """Bytes that wait here because the line does not take them (the kernel holds up to 128 kB more)."""
        return self._writer.transport.get_write_buffer_size() + self._batch_bytes

    def video(self, packet: EncodedPacket, stamp_ms: int) -> None:
        """Add an H.264 picture to what `flush` sends; raises RtmpError once the connection is dead."""
        self._require_open()
        for body in self._bodies.bodies(packet.data, packet.key):
            self._add(VIDEO_CS, Message(chunks.VIDEO, body, stamp_ms, self._stream_id))

    def audio(self, packet: EncodedPacket, stamp_ms: int) -> None:
        """Add an AAC frame to what `flush` sends; raises RtmpError once the connection is dead."""
        self._require_open()
        self._add(AUDIO_CS, Message(chunks.AUDIO, flv.aac_body(packet.data), stamp_ms, self._stream_id))

    def _add(self, chunk_stream: int, message: Message) -> None:
        data = chunks.write_message(chunk_stream, message, CHUNK_BYTES)
        self._batch.append(data)
        self._batch_bytes += len(data)

    def flush(self) -> None:
        """Send what was added since the last time in one system call, which costs more than all else."""
        if self._batch and self.ended is None:
            data = b"".join(self._batch)
            self.counters.written_bytes += len(data)
            self._writer.write(data)
        self._batch.clear()
        self._batch_bytes = 0

    def _require_open(self) -> None:
        if self.ended is None and self._writer.transport.is_closing():
            self._end(Reason(LivestreamCode.CLOSED, "The connection broke."))
        if self.ended is not None:
            raise RtmpError(self.ended.code, self.ended.text, self.ended.args)

    def abort(self, reason: Reason) -> None:
        """Give the connection up at once, without saying goodbye."""
        self._end(reason)
        self.give_up()

    def give_up(self) -> None:
        """Close the connection, whatever state it is in, and tell nobody."""
        if self._task is not None:
            self._task.cancel()
        if hasattr(self, "_writer"):
            self._writer.transport.abort()

    async def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """End the stream politely within the time, else abort."""
        self.flush()
        if self.ended is None:
            self._command(0, "FCUnpublish", 6, None, self.target.key.reveal())
            self._command(0, "deleteStream", 7, None, float(self._stream_id))
        await self._leave(timeout_s)

    async def _leave(self, timeout_s: float) -> None:
        self._end(Reason(LivestreamCode.STOPPED, "The stream was stopped."))
        try:
            async with asyncio.timeout(timeout_s):
                self._writer.close()
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
