"""Local livestream destination: a small RTMP server that writes each published stream to an FLV file.

It stands in where nginx-rtmp is not installed. It is no public server: it listens on 127.0.0.1 and serves no
viewers.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from media.outputs import amf, chunks, flv
from media.outputs.chunks import ChunkError, ChunkReader, Message

log = logging.getLogger(__name__)

HANDSHAKE_BYTES = 1536
WINDOW_BYTES = 262_144
SETUP_TIMEOUT_S = 10.0
SAVE_BYTES = 262_144
MAX_SESSIONS = 16


@dataclass(slots=True)
class SinkFile:
    """One stream received: its file, and what is in it."""

    path: Path
    video: int = 0
    audio: int = 0
    last_ms: int = 0


class _Session:
    """One connection of a publisher."""

    def __init__(
        self, sink: RtmpFileSink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._sink, self._reader, self._writer = sink, reader, writer
        self._incoming = ChunkReader(max_message_bytes=4 << 20)
        self._window = 0
        self._acked = 0
        self._file: IO[bytes] | None = None
        self._record: SinkFile | None = None
        self._pending = bytearray()

    async def run(self) -> None:
        try:
            async with asyncio.timeout(SETUP_TIMEOUT_S):
                await self._handshake()
            while data := await self._reader.read(65_536):
                for message in self._incoming.feed(data):
                    self._receive(message)
                self._acknowledge()
                await self._save(SAVE_BYTES)
        except (ChunkError, amf.AmfError) as error:
            log.info("file sink: connection refused: %s", error)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            log.info("file sink: publisher lost")
        finally:
            try:
                await self._save(0)
            finally:
                if self._file is not None:
                    self._file.close()
                self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()

    async def _save(self, above_bytes: int) -> None:
        """Write what waits, in a thread, for a disk may be slow."""
        if self._file is not None and len(self._pending) > above_bytes:
            data, self._pending = bytes(self._pending), bytearray()
            await asyncio.to_thread(self._file.write, data)

    async def _handshake(self) -> None:
        first = await self._reader.readexactly(1 + HANDSHAKE_BYTES)
        if first[0] != 3:
            raise ChunkError("not RTMP")
        self._writer.write(b"\x03" + bytes(HANDSHAKE_BYTES) + first[1:])
        await self._reader.readexactly(HANDSHAKE_BYTES)

    def _send(self, message: Message, chunk_stream: int = 2) -> None:
        self._writer.write(chunks.write_message(chunk_stream, message, chunks.FIRST_CHUNK_BYTES))

    def _acknowledge(self) -> None:
        received = self._incoming.received_bytes
        if self._window and received - self._acked >= self._window:
            self._acked = received
            self._send(Message(chunks.ACK, struct.pack(">I", received & 0xFFFFFFFF)))

    def _receive(self, message: Message) -> None:
        if message.kind == chunks.WINDOW_ACK_SIZE:
            self._window = int.from_bytes(message.body[:4], "big")
        elif message.kind == chunks.COMMAND:
            self._command(message, amf.decode(message.body))
        elif message.kind in (chunks.AUDIO, chunks.VIDEO):
            self._media(message)

    def _command(self, message: Message, values: list[amf.Value]) -> None:
        name, transaction = [*values, None, None][:2]
        if name == "connect":
            self._send(Message(chunks.WINDOW_ACK_SIZE, struct.pack(">I", WINDOW_BYTES)))
            self._send(Message(chunks.PEER_BANDWIDTH, struct.pack(">IB", WINDOW_BYTES, 2)))
            self._reply(transaction, {"fmsVer": "FMS/3,0,1,123"}, {"code": "NetConnection.Connect.Success"})
        elif name == "createStream":
            self._reply(transaction, None, 1.0)
        elif name == "publish":
            self._publish(message.stream_id)

    def _reply(self, transaction: amf.Value, *values: amf.Value) -> None:
        self._send(Message(chunks.COMMAND, amf.encode("_result", transaction, *values)), 3)

    def _publish(self, stream_id: int) -> None:
        if self._file is not None:
            raise ChunkError("published twice")
        self._record, self._file = self._sink.new_file()
        status: dict[str, amf.Value] = {"level": "status", "code": "NetStream.Publish.Start"}
        self._send(Message(chunks.COMMAND, amf.encode("onStatus", 0.0, None, status), 0, stream_id), 4)

    def _media(self, message: Message) -> None:
        if self._file is None or self._record is None:
            raise ChunkError("media before publish")
        self._pending += flv.file_tag(message.kind, message.stamp_ms, message.body)
        self._record.last_ms = message.stamp_ms
        if message.kind == chunks.VIDEO:
            self._record.video += 1
        else:
            self._record.audio += 1


class RtmpFileSink:
    """The server; its folder gets ``stream-1.flv`` and so on, one per connection; keys are not kept."""

    def __init__(self, folder: Path, *, context: ssl.SSLContext | None = None) -> None:
        self.folder = folder
        self.files: list[SinkFile] = []
        self._context = context
        self._server: asyncio.Server | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Listen; returns the port. Raises OSError where it is taken."""
        self._server = await asyncio.start_server(self._accept, host, port, ssl=self._context)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._sessions) >= MAX_SESSIONS:
            writer.transport.abort()
            return
        task = asyncio.create_task(_Session(self, reader, writer).run(), name="file-sink")
        self._sessions.add(task)
        task.add_done_callback(self._sessions.discard)

    @property
    def sessions(self) -> int:
        """Publishers connected now."""
        return len(self._sessions)

    def new_file(self) -> tuple[SinkFile, IO[bytes]]:
        """Begin the next file."""
        record = SinkFile(self.folder / f"stream-{len(self.files) + 1}.flv")
        file = open(record.path, "wb", buffering=0)  # noqa: SIM115 the session closes it
        file.write(flv.FILE_HEADER)
        self.files.append(record)
        return record, file

    async def stop(self) -> None:
        """End all sessions and the server; the files are whole."""
        if self._server is not None:
            self._server.close()
        for task in list(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
