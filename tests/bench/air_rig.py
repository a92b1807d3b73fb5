"""A session of simulated offices for the benches of the engine, and a tap on its encoded program.

The tap is a livestream destination: it gets the AIR packets as YouTube would, decodes each at once and notes
when it could be seen. RTMP over the loopback and the decoder are part of what it measures.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from media.clock import now_us
from media.outputs import chunks
from media.outputs.chunks import Message
from media.outputs.filesink import RtmpFileSink, _Session
from media.video.i420 import Planes, frame_planes, to_bgr
from operator_console import protocol as p
from operator_console.session.model import Layout, LayoutKind
from tests.end2end.product import Offices, Product

DESTINATION = "tap"
AVC_SEQUENCE_HEADER, AVC_PICTURE = 0, 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One decoded picture of the encoded program and when it could be seen, on the bus clock."""

    at_us: int
    picture: npt.NDArray[np.uint8]
    """BGR, a quarter of the size each way."""


class _TapSession(_Session):
    """Decodes what it receives."""

    def __init__(self, tap: AirTap, *args: object) -> None:
        super().__init__(tap, *args)  # type: ignore[arg-type]
        self._tap = tap
        self._decoder: av.VideoCodecContext | None = None

    def _media(self, message: Message) -> None:
        super()._media(message)
        if message.kind != chunks.VIDEO or len(message.body) < 5:
            return
        body = bytes(message.body)
        if body[1] == AVC_SEQUENCE_HEADER:
            decoder = av.CodecContext.create("h264", "r")
            decoder.extradata = body[5:]
            assert isinstance(decoder, av.VideoCodecContext)
            self._decoder = decoder
        elif body[1] == AVC_PICTURE and self._decoder is not None:
            for frame in self._decoder.decode(av.Packet(body[5:])):
                self._tap.saw(frame)


class AirTap(RtmpFileSink):
    """Receives the program and calls `on_picture` with each picture of it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        super().__init__(folder)
        self.on_picture: Callable[[Seen], None] = lambda seen: None

    def saw(self, frame: av.VideoFrame) -> None:
        """A picture was decoded."""
        planes = frame_planes(frame)
        small = Planes(*(np.ascontiguousarray(plane[::4, ::4]) for plane in planes))
        self.on_picture(Seen(now_us(), to_bgr(small)))

    def _accept(self, reader, writer) -> None:  # type: ignore[no-untyped-def]
        task = asyncio.create_task(_TapSession(self, reader, writer).run(), name="air-tap")
        self._sessions.add(task)
        task.add_done_callback(self._sessions.discard)


@contextlib.contextmanager
def private_folders() -> Iterator[Path]:
    """Folders of this bench's own, for it and its children."""
    top = Path(tempfile.mkdtemp(prefix="oc-bench-"))
    for name in ("runtime", "data", "config"):
        os.environ[f"OPERATOR_CONSOLE_{name.upper()}"] = str(top / name)
    os.environ["OPERATOR_CONSOLE_SITE"] = str(top / "site.toml")
    try:
        yield top
    finally:
        shutil.rmtree(top, ignore_errors=True)


@dataclass(slots=True)
class Session:
    """What a bench works with."""

    product: Product
    offices: Offices
    tap: AirTap


@contextlib.asynccontextmanager
async def session(count: int, *, flash: bool = False) -> AsyncIterator[Session]:
    """A session with offices in a grid on program, recorded and streamed to the tap."""
    with private_folders() as top:
        product, tap = Product(top, {}), AirTap(top / "tap")
        port = await tap.start()
        await product.start()
        try:
            await product.open_session()
            async with product.offices(count, flash=flash, talks=True) as offices:
                await go_on_air(product, offices, port)
                yield Session(product, offices, tap)
        finally:
            await product.stop()
            await tap.stop()


async def go_on_air(product: Product, offices: Offices, port: int) -> None:
    """Put everybody on program, show all tiles as a window does, record and stream."""
    console = product.console
    wants = p.SetWants(tiles=dict.fromkeys(offices.ids, (320, 180)), monitors={"program": (960, 540)})
    await console.do(wants)
    kind = LayoutKind.GRID_2 if len(offices.ids) <= 4 else LayoutKind.GRID_3
    await console.do(p.CutTo(layout=Layout(kind=kind, sources=tuple(offices.ids))))
    await console.do(p.StartRecording())
    url = f"rtmp://127.0.0.1:{port}/live"
    await console.do(p.StartLivestream(destination_id=DESTINATION, name="tap", url=url, key="bench"))
    await console.until("on air", lambda: console.state.livestreams[DESTINATION].on_air)
