"""What the benches of the room's media path share: participants in a process of their own, stock aiortc.

`python -m tests.bench.rtc_rig send CODEC COUNT` and `... sink COUNT` are those participants. They talk to the
bench over their standard input and output: one JSON line an offer, one an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import aioice.ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from media.clock import now_us
from media.rtc.client import RtcClient
from media.rtc.depayload import FORMATS
from tests.media.rtc_kit import LOOPBACK, clip, tone

FPS = 15
FRAME_US = 1_000_000 // FPS
SOUND_US = 20_000
Made = TypeVar("Made")
Answerer = Callable[[str], Awaitable[str]]


def run_loop(main: Coroutine[Any, Any, Made]) -> Made:
    """Run on uvloop, as the room worker does, where there is one."""
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.run(main)
    return uvloop.run(main)


def pin(core: int) -> None:
    """Keep this process on one core, where the system can and has a second one."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


# -- the other process


class Speaker:
    """One participant who sends a tile and sound that were encoded, and packetized, before."""

    def __init__(self, client: RtcClient, payloads: list[list[bytes]], begin_us: int) -> None:
        self.video, self.audio = client.video_out, client.audio_out
        # Time stamps begin at nought of the bus clock, so that the receiver can tell how old a picture is.
        self.video._rtp_origin = 0
        self.video.on_key_wanted = self._restart
        self._payloads = payloads
        self._frame, self._sound = 0, 0
        self._frame_due_us = self._sound_due_us = begin_us

    def _restart(self) -> None:
        self._frame = 0

    def send_due(self, at_us: int) -> None:
        """Send what is due."""
        if at_us >= self._frame_due_us:
            self.video.send_frame(self._payloads[self._frame % len(self._payloads)], at_us)
            self._frame += 1
            self._frame_due_us += FRAME_US
        if at_us >= self._sound_due_us:
            self.audio.send_packet(tone()[self._sound % 50], self._sound_due_us)
            self._sound += 1
            self._sound_due_us += SOUND_US


async def _signal(offer: str) -> str:
    print(json.dumps(offer), flush=True)
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    return str(json.loads(line))


async def _send(codec: str, count: int) -> None:
    payloads = [FORMATS[codec].split(unit) for unit in clip(codec, 90)]
    tone()
    clients = [RtcClient(signal=_signal, codec=codec, addresses=LOOPBACK) for _ in range(count)]
    for client in clients:
        await client.connect()
    print(json.dumps("connected"), flush=True)
    begin_us = now_us()
    # Evenly spread over a frame time: offices do not capture in step.
    speakers = [Speaker(c, payloads, begin_us + n * FRAME_US // count) for n, c in enumerate(clients)]
    while True:
        at_us = now_us()
        for speaker in speakers:
            speaker.send_due(at_us)
        await asyncio.sleep(0.001)


async def _sink(count: int) -> None:
    clients = [RtcClient(signal=_signal, addresses=LOOPBACK) for _ in range(count)]
    for client in clients:
        await client.connect()
    print(json.dumps("connected"), flush=True)
    await asyncio.Event().wait()


@asynccontextmanager
async def participants(answer: Answerer, *what: object) -> AsyncIterator[None]:
    """Run participants in another process, answer their offers, yield when all are connected."""
    command = ["-m", "tests.bench.rtc_rig", *map(str, what)]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdin=pipe, stdout=pipe, limit=1 << 20
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        while (line := await child.stdout.readline()) and (offer := json.loads(line)) != "connected":
            child.stdin.write(json.dumps(await answer(offer)).encode() + b"\n")
            await child.stdin.drain()
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


# -- stock aiortc


class StockPeer:
    """The room's side as aiortc ships it: its own receivers, jitter buffers, decoder threads and tracks."""

    def __init__(self, on_picture: Callable[[int], None], on_sound: Callable[[], None]) -> None:
        """`on_picture` gets the RTP time stamp of each."""
        self.on_picture, self.on_sound = on_picture, on_sound
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._tasks: list[asyncio.Task[None]] = []
        self.pc.on("track", self._on_track)

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame: Any = await track.recv()
                if track.kind == "audio":
                    self.on_sound()
                else:
                    self.on_picture(self._origin() + frame.pts)

    def _origin(self) -> int:
        receiver: Any = self.pc.getTransceivers()[1].receiver
        return int(receiver._RTCRtpReceiver__timestamp_mapper._origin)

    async def answer(self, offer: str) -> str:
        """Answer an offer as our own side would."""
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp=offer, type="offer"))
        await self.pc.setLocalDescription()
        return self.pc.localDescription.sdp

    async def close(self) -> None:
        """Stop everything."""
        for task in self._tasks:
            task.cancel()
        await self.pc.close()


def let_stock_use_loopback() -> None:
    """Stock aioice offers no loopback address, and this bench has no other."""
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: LOOPBACK


if __name__ == "__main__":
    pin(1)
    match sys.argv[1:]:
        case ["send", codec, count]:
            run_loop(_send(codec, int(count)))
        case ["sink", count]:
            run_loop(_sink(int(count)))
