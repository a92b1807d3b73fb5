"""A participant who takes down when he sees flashes and hears beeps of the program, on one clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import av
import numpy as np
import numpy.typing as npt

from media.clock import now_us
from media.rtc.client import ClientCallbacks, RtcClient
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
        self._times_s: list[float] = []
        self._lit: list[bool] = []
        self._sound: list[tuple[float, judge.F32]] = []
        self._begin_us = now_us()

    def on_video(self, frame: av.VideoFrame, stamp_us: int) -> None:
        """One decoded picture."""
        self._times_s.append((stamp_us - self._begin_us) / 1e6)
        self._lit.append(judge.is_lit(frame))

    def on_audio(self, samples: npt.NDArray[np.int16], rtp_ts: int, stamp_us: int) -> None:
        """20 ms of decoded sound."""
        if stamp_us > self._begin_us:
            self._sound.append(((stamp_us - self._begin_us) / 1e6, samples.astype(np.float32) / 32768.0))

    def skews_ms(self) -> list[float]:
        """How much later than its beep each flash came."""
        if not self._times_s or not self._sound:
            return []
        begin_s = self._times_s[0] + WARM_UP_S
        flashes = [at for at in judge.onsets(self._times_s, self._lit) if at > begin_s]
        return judge.skews_ms(flashes, judge.beep_onsets(judge.joined(self._sound)))


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
