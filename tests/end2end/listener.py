"""A participant who takes down when he sees flashes and hears beeps of the program, on one clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import av
import numpy as np
import numpy.typing as npt

from media.bus.layout import SAMPLE_RATE_HZ
from media.rtc.client import ClientCallbacks, RtcClient
from media.video.i420 import frame_planes
from operator_console.demo.joiner import join_session
from operator_console.demo.offices import trust
from operator_console.settings import load_settings
from tests.end2end import judge
from tests.end2end.product import Product

WARM_UP_S = 3.0
"""The first sender reports say how the time stamps of picture and sound belong together."""


class Listener:
    """Collects the program as one participant gets it."""

    def __init__(self) -> None:
        self.times_s: list[float] = []
        self.lit: list[bool] = []
        self.beeps_s: list[float] = []

    def on_video(self, frame: av.VideoFrame, stamp_us: int) -> None:
        """One decoded picture."""
        self.times_s.append(stamp_us / 1e6)
        self.lit.append(float(frame_planes(frame).y.mean()) > judge.FLASH_LUMA)

    def on_audio(self, samples: npt.NDArray[np.int16], rtp_ts: int, stamp_us: int) -> None:
        """20 ms of decoded sound."""
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > 3000)
        if len(loud):
            at_s = stamp_us / 1e6 + float(loud[0]) / SAMPLE_RATE_HZ
            if not self.beeps_s or at_s - self.beeps_s[-1] > 0.5:
                self.beeps_s.append(at_s)

    def skews_ms(self) -> list[float]:
        """How much later than its beep each flash came."""
        if not self.times_s:
            return []
        begin_s = self.times_s[0] + WARM_UP_S
        flashes = [at for at in judge.onsets(self.times_s, self.lit) if at > begin_s]
        return judge.skews_ms(flashes, self.beeps_s)


@asynccontextmanager
async def listening(product: Product) -> AsyncIterator[Listener]:
    """A participant without camera and microphone who listens."""
    token = (await product.invite(label="Pendengar", auto_admit=True))["token"]
    listener = Listener()
    callbacks = ClientCallbacks(on_video=listener.on_video, on_audio=listener.on_audio)
    trusted = trust(load_settings())
    async with await join_session(product.url, token, "Pendengar", "", False, trusted) as session:
        await session.until(lambda state: state.phase == "seat")
        client = RtcClient(signal=session.signal, addresses=["127.0.0.1"], callbacks=callbacks)
        try:
            await client.connect()
            yield listener
        finally:
            await client.close()
            await session.leave()
