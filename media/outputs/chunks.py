"""RTMP messages cut into chunks and put together again, without any I/O (Adobe RTMP 1.0, 5.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SET_CHUNK_SIZE, ABORT, ACK, USER_CONTROL, WINDOW_ACK_SIZE, PEER_BANDWIDTH = 1, 2, 3, 4, 5, 6
AUDIO, VIDEO, DATA, COMMAND = 8, 9, 18, 20

FIRST_CHUNK_BYTES = 128
EXTENDED = 0xFFFFFF
MAX_CHUNK_STREAMS = 64


class ChunkError(ValueError):
    """The peer does not speak RTMP, or more than is reasonable."""


@dataclass(frozen=True, slots=True)
class Message:
    """One RTMP message; the stamp is in ms modulo 2^32."""

    kind: int
    body: bytes
    stamp_ms: int = 0
    stream_id: int = 0


def write_message(chunk_stream: int, message: Message, chunk_bytes: int) -> bytes:
    """One message as chunks: a full header, then continuations; ``chunk_stream`` 2-63.

    The extended stamp is repeated in each continuation, as all known servers expect.
    """
    stamp, body = message.stamp_ms & 0xFFFFFFFF, message.body
    extended = struct.pack(">I", stamp) if stamp >= EXTENDED else b""
    short = min(stamp, EXTENDED).to_bytes(3, "big") + len(body).to_bytes(3, "big")
    head = (
        bytes([chunk_stream])
        + short
        + bytes([message.kind])
        + struct.pack("<I", message.stream_id)
        + extended
    )
    if len(body) <= chunk_bytes:
        return head + body
    again = bytes([0xC0 | chunk_stream]) + extended
    parts = [head, body[:chunk_bytes]]
    for at in range(chunk_bytes, len(body), chunk_bytes):
        parts += (again, body[at : at + chunk_bytes])
    return b"".join(parts)


@dataclass(slots=True)
class _Stream:
    """What a chunk stream remembers of its last header, and the message being put together."""

    stamp: int = 0
    delta: int = 0
    length: int = 0
    kind: int = 0
    stream_id: int = 0
    extended: bool = False
    started: bool = False
    body: bytearray = field(default_factory=bytearray)


_HEADER_BYTES = (11, 7, 3, 0)


class ChunkReader:
    """Puts incoming chunks together; applies Set Chunk Size and Abort itself (and still returns them)."""

    def __init__(self, max_message_bytes: int = 1 << 20) -> None:
        self.chunk_bytes = FIRST_CHUNK_BYTES
        self.received_bytes = 0
        self._max_message = max_message_bytes
        self._streams: dict[int, _Stream] = {}
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take received bytes; returns the messages that became complete. Raises ChunkError."""
        self.received_bytes += len(data)
        self._buffer += data
        messages: list[Message] = []
        at = 0
        while (end := self._chunk(at, messages)) != at:
            at = end
        del self._buffer[:at]
        return messages

    def _chunk(self, at: int, messages: list[Message]) -> int:
        """Read one chunk; the offset after it, or ``at`` itself where it is not complete yet."""
        buffer = self._buffer
        if at >= len(buffer):
            return at
        form, number = buffer[at] >> 6, buffer[at] & 63
        here = at + 1
        if number < 2:
            here += number + 1
            if here > len(buffer):
                return at
            number = 64 + int.from_bytes(buffer[at + 1 : here], "little")
        stream = self._stream(number, form)
        header_end = here + _HEADER_BYTES[form]
        short = int.from_bytes(buffer[here : here + 3], "big")
        extended = stream.extended if form == 3 else short == EXTENDED
        payload = header_end + (4 if extended else 0)
        if payload > len(buffer):
            return at
        length = stream.length if form > 1 else int.from_bytes(buffer[here + 3 : here + 6], "big")
        if length > self._max_message:
            raise ChunkError(f"message of {length} bytes")
        size = min(self.chunk_bytes, length - len(stream.body))
        if payload + size > len(buffer):
            return at
        stamp = int.from_bytes(buffer[header_end:payload], "big") if extended else short
        if not stream.body:
            self._header(stream, form, stamp, buffer[here:header_end])
        stream.extended = extended
        stream.body += buffer[payload : payload + size]
        if len(stream.body) >= stream.length:
            self._complete(stream, messages)
        return payload + size

    def _stream(self, number: int, form: int) -> _Stream:
        stream = self._streams.get(number)
        if stream is None:
            if len(self._streams) >= MAX_CHUNK_STREAMS:
                raise ChunkError("too many chunk streams")
            stream = self._streams[number] = _Stream()
        if form and not stream.started:
            raise ChunkError("chunk stream without a first header")
        if form < 3 and stream.body:
            raise ChunkError("message interrupted by another of its chunk stream")
        return stream

    @staticmethod
    def _header(stream: _Stream, form: int, stamp: int, header: bytearray) -> None:
        stream.started = True
        if form == 0:
            stream.stamp, stream.delta = stamp, 0
            stream.stream_id = int.from_bytes(header[7:11], "little")
        elif form < 3:
            stream.delta = stamp
        if form < 2:
            stream.length = int.from_bytes(header[3:6], "big")
            stream.kind = header[6]
        if form:
            stream.stamp = (stream.stamp + stream.delta) & 0xFFFFFFFF

    def _complete(self, stream: _Stream, messages: list[Message]) -> None:
        message = Message(stream.kind, bytes(stream.body), stream.stamp, stream.stream_id)
        stream.body = bytearray()
        if message.kind == SET_CHUNK_SIZE and len(message.body) >= 4:
            size = int.from_bytes(message.body[:4], "big") & 0x7FFFFFFF
            if size < 1:
                raise ChunkError("chunk size 0")
            self.chunk_bytes = min(size, 0xFFFFFF)
        elif message.kind == ABORT and len(message.body) >= 4:
            victim = self._streams.get(int.from_bytes(message.body[:4], "big"))
            if victim:
                victim.body = bytearray()
        messages.append(message)
