"""Publish 4 Mb/s over TLS; kill, freeze, silence the server and bring it back.

nginx-rtmp stands behind a TLS front in a process of its own; the CPU time is that of the publisher's
thread, on the loop that the engine uses. Two thirds of it are the kernel's: a send on loopback does the
receiving too.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from media.outputs.aac import AacEncoder
from media.outputs.livestream import Destination, Line, Livestream
from media.outputs.rtmp import StreamInfo
from media.outputs.secret import Secret
from media.packet import EncodedPacket
from media.video.encoder import AIR_720P30, VideoEncoder
from media.video.i420 import new_frame
from tests.bench.clips import pictures
from tests.bench.measure import figure
from tests.bench.rtc_rig import run_loop
from tests.media.rtmp_server import NginxRtmp
from tests.media.tls_front import Authority

PUBLISH_S = 10
RUNS = 3
BACK_AFTER_S = 3.0
FPS = 30


class Program:
    """AIR packets made beforehand and pushed in real time from a thread, the stamps going on for ever."""

    def __init__(self) -> None:
        self.sound = AacEncoder()
        self._packets = self._encode()
        self.stream: Livestream | None = None
        self._stop = threading.Event()
        self._key = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.pushed_bytes = 0

    @staticmethod
    def _encode() -> list[EncodedPacket]:
        encoder, (frame, planes) = VideoEncoder(AIR_720P30), new_frame(1280, 720)
        packets = []
        for index, picture in enumerate(pictures(20, AIR_720P30, 4)):
            planes.copy_from(picture)
            packets += encoder.encode(frame, index * 1_000_000 // FPS)
        # Filled up to 4 Mb/s with filler units (type 12), as encoders of constant rate send them.
        filler = max(0, 4_000_000 // 8 // FPS - sum(len(p.data) for p in packets) // len(packets) - 5)
        unit = b"\0\0\0\1\x0c" + b"\xff" * filler
        return [EncodedPacket(p.data + unit, p.stamp_us, p.pts, p.key, p.codec) for p in packets]

    def start(self, stream: Livestream) -> None:
        self.stream = stream
        self._thread.start()

    def request_key(self) -> None:
        self._key = True

    def _run(self) -> None:
        begun_s, tick, place = time.monotonic(), 0, 0
        while not self._stop.is_set():
            if self._key:
                self._key, place = False, 0
            stamp_us = tick * 1_000_000 // FPS
            packet = self._packets[place % len(self._packets)]
            self._push(EncodedPacket(packet.data, stamp_us, stamp_us * 9 // 100, packet.key, packet.codec))
            tick, place = tick + 1, place + 1
            self._stop.wait(max(0.0, begun_s + tick / FPS - time.monotonic()))

    def _push(self, packet: EncodedPacket) -> None:
        assert self.stream is not None
        self.stream.push_video(packet)
        frame = EncodedPacket(bytes(340), packet.stamp_us, packet.stamp_us * 48 // 1000, True, "aac")
        self.stream.push_audio(frame)
        self.pushed_bytes += len(packet.data) + 340

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


class StallWatch:
    """The longest time for which the event loop did not run, beyond what a sleep of a millisecond takes."""

    def __init__(self) -> None:
        self.worst_ms = 0.0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            # Not loop.time(): uvloop reads the clock once a turn, so a turn's length was taken for a stall.
            begun_s = time.perf_counter()
            await asyncio.sleep(0.001)
            self.worst_ms = max(self.worst_ms, (time.perf_counter() - begun_s) * 1000 - 1)

    async def stop(self) -> float:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        return self.worst_ms


class Server:
    """nginx-rtmp and the TLS front before it."""

    def __init__(self, folder: Path, context: ssl.SSLContext, certificate: Path) -> None:
        self.context = context
        self.nginx = NginxRtmp(folder)
        self.nginx.start()
        command = [sys.executable, "-m", "tests.bench.rtmp_front", str(self.nginx.port), str(certificate)]
        self.front = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.front.stdout is not None
        self.url = f"rtmps://127.0.0.1:{int(self.front.stdout.readline())}/live"

    def stop(self) -> None:
        self.front.send_signal(signal.SIGCONT)
        self.front.kill()
        self.front.wait()
        assert self.front.stdout is not None
        self.front.stdout.close()
        self.nginx.stop()


async def _until(condition: Callable[[], bool], timeout_s: float = 30.0) -> float:
    """Seconds until something is so."""
    begun_s = time.monotonic()
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 a bench looks at it from outside
            await asyncio.sleep(0.005)
    return time.monotonic() - begun_s


@asynccontextmanager
async def _on_air(server: Server) -> AsyncIterator[Livestream]:
    """A livestream that has been live for two seconds."""
    program = Program()
    info = StreamInfo(AIR_720P30, program.sound.config)
    destination = Destination(server.url, Secret("bench"))
    stream = Livestream(destination, info, program.request_key, context=server.context)
    stream.start()
    program.start(stream)
    try:
        await _until(lambda: stream.status().line is Line.LIVE)
        await asyncio.sleep(2)
        yield stream
    finally:
        await asyncio.to_thread(program.stop)
        await stream.stop(0.5)


async def _publish(server: Server) -> float:
    async with _on_air(server) as stream:
        begun_s, sent = time.thread_time(), stream.status().sent_video
        await asyncio.sleep(PUBLISH_S)
        used_ms = (time.thread_time() - begun_s) * 1000
        if stream.status().sent_video - sent < PUBLISH_S * FPS - 5:
            raise RuntimeError("pictures were lost while nothing was wrong")
        return used_ms / PUBLISH_S


async def _killed(server: Server) -> tuple[float, float, float]:
    """Seconds to notice a killed server, seconds to be live again after it is back, worst loop stall."""
    async with _on_air(server) as stream:
        watch = StallWatch()
        server.nginx.kill()
        noticed_s = await _until(lambda: stream.status().line is not Line.LIVE)
        await asyncio.sleep(BACK_AFTER_S)
        await asyncio.to_thread(server.nginx.start)
        back_s = await _until(lambda: stream.status().line is Line.LIVE)
        return noticed_s, back_s, await watch.stop()


async def _frozen(server: Server) -> tuple[float, float, float]:
    """The same for a server whose process stands still and then goes on."""
    async with _on_air(server) as stream:
        watch = StallWatch()
        server.front.send_signal(signal.SIGSTOP)
        noticed_s = await _until(lambda: stream.status().line is not Line.LIVE)
        await _until(lambda: stream.status().attempts >= 2)
        await asyncio.sleep(BACK_AFTER_S)
        server.front.send_signal(signal.SIGCONT)
        back_s = await _until(lambda: stream.status().line is Line.LIVE)
        return noticed_s, back_s, await watch.stop()


async def _black_hole() -> float:
    """Seconds until a server that accepts and then says nothing is known to be none."""
    quiet = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = quiet.sockets[0].getsockname()[1]
    program = Program()
    info = StreamInfo(AIR_720P30, program.sound.config)
    stream = Livestream(Destination(f"rtmps://127.0.0.1:{port}/live", Secret("bench")), info, lambda: None)
    stream.start()
    noticed_s = await _until(lambda: stream.status().reason is not None)
    await stream.stop()
    quiet.close()
    return noticed_s


def run() -> Iterable[dict[str, object]]:
    """Three rounds of each."""
    with tempfile.TemporaryDirectory(prefix="bench-rtmp-") as name:
        folder = Path(name)
        authority = Authority(folder)
        authority.server_context()
        server = Server(folder, authority.client_context(), folder / "127.0.0.1-1.pem")
        try:
            cost = [run_loop(_publish(server)) for _ in range(RUNS)]
            killed = [run_loop(_killed(server)) for _ in range(RUNS)]
            frozen = [run_loop(_frozen(server)) for _ in range(RUNS)]
        finally:
            server.stop()
        hole = [run_loop(_black_hole()) for _ in range(RUNS)]
    yield figure("rtmp_tls_4mbps", cost, "ms/s", 12, "lower")
    yield figure("rtmp_killed_noticed", [a for a, _, _ in killed], "s", 0.1, "lower")
    yield figure("rtmp_frozen_noticed", [a for a, _, _ in frozen], "s", 5, "lower")
    yield figure("rtmp_black_hole_noticed", hole, "s", 5, "lower")
    yield figure("rtmp_live_again_after_kill", [b for _, b, _ in killed], "s", 3, "lower")
    yield figure("rtmp_live_again_after_freeze", [b for _, b, _ in frozen], "s", 3, "lower")
    yield figure("rtmp_loop_stall", [c for _, _, c in killed + frozen], "ms", 10, "lower")
