"""A participant with clocks that are off, who flashes and beeps, and a meter of how far the two are apart.

His computer's clock runs at another rate than ours, his sound card at another rate than his computer's clock:
both as a browser reports them, by RTP time stamps that count his samples and sender reports of his own time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from media.audio.opus import OpusEncoder
from media.bus.layout import BLOCK_US
from media.clock import now_us
from media.rtc.client import ClientCallbacks, RtcClient, VideoUnit
from media.rtc.send import RtpOut
from media.video.encoder import VideoEncoder, VideoProfile
from media.video.i420 import new_frame
from media.video.testcard import PERIOD_US
from operator_console.demo.joiner import JoinSession, join_session
from operator_console.demo.live import Beeps
from operator_console.demo.offices import trust
from operator_console.settings import load_settings
from tests.end2end import judge
from tests.end2end.product import Product

FPS = 30
SIZE_PX = (640, 360)
DARK_LUMA, LIT_LUMA = 60, 235
FLASH_US = 200_000
"""Seen at 15 pictures a second too, wherever it falls; only its beginning counts."""
ENCODE_US = 10_000
"""What the office's camera and encoder take; a block of sound leaves when it is full."""
SETTLE_S = 3.0
"""The first sender reports say how the time stamps of picture and sound belong together."""
EDGE_S = 0.6
"""A beep is sought on both sides of its flash."""


@dataclass(frozen=True, slots=True)
class OfficeClock:
    """When the office does what, on our clock, and what its own clock says then. Pure."""

    begin_us: int
    ppm: float = 0.0
    """How much faster its clock runs than ours."""
    sound_ppm: float = 0.0
    """How much faster its sound card samples than its own clock says."""

    def stamp_us(self, bus_us: int) -> int:
        """What its clock says at a moment of ours."""
        return self.begin_us + round((bus_us - self.begin_us) * (1 + self.ppm / 1e6))

    def picture_us(self, number: int) -> int:
        """When picture `number` is taken, on our clock."""
        return self.begin_us + round(number * 1e6 / FPS / (1 + self.ppm / 1e6))

    def block_us(self, number: int) -> int:
        """When block `number` of sound begins, on our clock."""
        rate = (1 + self.ppm / 1e6) * (1 + self.sound_ppm / 1e6)
        return self.begin_us + round(number * BLOCK_US / rate)


def flat_pictures(luma: int) -> list[bytes]:
    """Two key pictures of one brightness; two, as no two key pictures in a row may have the same number."""
    encoder = VideoEncoder(
        VideoProfile("h264", *SIZE_PX, FPS, 1_000_000, preset="ultrafast", h264_profile="baseline", threads=1)
    )
    frame, planes = new_frame(*SIZE_PX)
    for plane, value in zip(planes, (luma, 128, 128), strict=True):
        plane[:] = value
    units: list[bytes] = []
    while len(units) < 2:
        encoder.request_key()
        units += [packet.data for packet in encoder.encode(frame, len(units) * 33_000)]
    encoder.close()
    return units


class DriftingOffice:
    """Sends flashes and beeps through a connected client until cancelled."""

    def __init__(self, client: RtcClient, ppm: float, sound_ppm: float) -> None:
        self._client = client
        self._clock = OfficeClock(now_us(), ppm, sound_ppm)
        self._pictures = {lit: flat_pictures(LIT_LUMA if lit else DARK_LUMA) for lit in (False, True)}
        self._beeps = Beeps()
        for out in (client.audio_out, client.video_out):
            self._report_own_time(out)

    def _report_own_time(self, out: RtpOut) -> None:
        """Have a stream's sender reports made by the office's clock."""
        report = out.report
        setattr(out, "report", lambda at_us: report(self._clock.stamp_us(at_us)))  # noqa: B010

    async def run(self) -> None:
        """Send picture and sound."""
        await asyncio.gather(self._send_pictures(), self._send_sound())

    async def _send_pictures(self) -> None:
        number = 0
        while True:
            taken_us, next_us = self._clock.picture_us(number), self._clock.picture_us(number + 1)
            if next_us // PERIOD_US != taken_us // PERIOD_US:
                self._beeps.announce(next_us)
            await _until(taken_us + ENCODE_US)
            unit = self._pictures[taken_us % PERIOD_US < FLASH_US][number % 2]
            self._client.push_video(VideoUnit(unit, self._clock.stamp_us(taken_us), True))
            number += 1

    async def _send_sound(self) -> None:
        encoder, number = OpusEncoder(complexity=0, dtx=False), 0
        while True:
            begin_us = self._clock.block_us(number)
            await _until(begin_us + BLOCK_US)
            opus = encoder.encode(self._beeps.block(begin_us))
            if opus:
                self._client.push_audio(opus, self._clock.stamp_us(begin_us))
            number += 1


async def _until(bus_us: int) -> None:
    await asyncio.sleep(max(0, bus_us - now_us()) / 1e6)


class SkewMeter:
    """Finds flashes and beeps in what it is shown, and forgets it; times in seconds on any one clock."""

    def __init__(self) -> None:
        self.skews: list[tuple[float, float]] = []
        """Of each flash its time in seconds, and how much later than its beep it is, in milliseconds."""
        self.unheard = 0
        """Flashes without a beep."""
        self._pictures: list[tuple[float, bool]] = []
        self._sound: list[tuple[float, judge.F32]] = []
        self._from_s: float | None = None

    def picture(self, at_s: float, lit: bool) -> None:
        """One picture."""
        self._pictures.append((at_s, lit))

    def sound(self, at_s: float, samples: judge.F32) -> None:
        """Some sound, full scale 1.0."""
        self._sound.append((at_s, samples))

    @property
    def waiting_s(self) -> float:
        """So much has not been looked at yet."""
        return self._pictures[-1][0] - self._pictures[0][0] if self._pictures else 0.0

    def look(self) -> None:
        """Look at what came, but for its last moment; to be called every few seconds, from any one thread."""
        # More may come meanwhile; and stamps go back where a quicker packet shows what a clock really says.
        pictures, sound = list(self._pictures), sorted(self._sound, key=lambda one: one[0])
        if not pictures or not sound:
            return
        if self._from_s is None:
            self._from_s = pictures[0][0] + SETTLE_S
        until_s = min(pictures[-1][0], sound[-1][0]) - EDGE_S
        zero_s = min(at for at, _ in sound)
        beeps = judge.beep_onsets(judge.joined([(at - zero_s, block) for at, block in sound]))
        times, lit = zip(*pictures, strict=True)
        for flash in judge.onsets(times, lit):
            if self._from_s < flash <= until_s:
                found = judge.skews_ms([flash - zero_s], beeps)
                self.skews += [(flash, skew) for skew in found]
                self.unheard += not found
        self._from_s = max(self._from_s, until_s)
        kept_s = until_s - EDGE_S
        del self._pictures[: _count_until(kept_s, self._pictures[: len(pictures)])]
        del self._sound[: _count_until(kept_s, self._sound[: len(sound)])]


def _count_until(at_s: float, items: Sequence[tuple[float, object]]) -> int:
    """How many of the first items are not later than this."""
    return next((number for number, (at, _) in enumerate(items) if at > at_s), len(items))


class SeenProgram:
    """The program as a participant gets it, in a meter."""

    def __init__(self) -> None:
        self.meter = SkewMeter()
        self._begin_us = now_us()

    @property
    def callbacks(self) -> ClientCallbacks:
        """What his client has to call."""
        return ClientCallbacks(on_video=self._on_video, on_audio=self._on_audio)

    def _on_video(self, frame: av.VideoFrame, stamp_us: int) -> None:
        self.meter.picture((stamp_us - self._begin_us) / 1e6, judge.is_lit(frame))

    def _on_audio(self, samples: npt.NDArray[np.int16], rtp_ts: int, stamp_us: int) -> None:
        self.meter.sound((stamp_us - self._begin_us) / 1e6, samples.astype(np.float32) / 32768.0)


def look_at_film(path: Path, meter: SkewMeter, every_s: float = 10.0) -> None:
    """Decode a whole recording into a meter; blocks."""
    first_sound = True
    with av.open(str(path)) as container:
        for frame in container.decode(*container.streams.video, *container.streams.audio):
            if isinstance(frame, av.VideoFrame):
                meter.picture(float(frame.time or 0.0), judge.is_lit(frame))
            elif not isinstance(frame, av.AudioFrame):
                continue
            elif first_sound:
                first_sound = False  # the encoder's own delay
            else:
                meter.sound(float(frame.time or 0.0), frame.to_ndarray()[0].astype(np.float32))
            if meter.waiting_s > every_s:
                meter.look()
    meter.look()


@asynccontextmanager
async def taking_part(
    product: Product, name: str, callbacks: ClientCallbacks, *, sends: bool
) -> AsyncIterator[tuple[JoinSession, RtcClient]]:
    """A connected participant."""
    token = (await product.invite(label=name, auto_admit=True))["token"]
    async with await join_session(product.url, token, name, name, True, trust(load_settings())) as session:
        await session.until(lambda state: state.phase == "seat")
        client = RtcClient(signal=session.signal, addresses=["127.0.0.1"], callbacks=callbacks)
        try:
            await client.connect()
            await session.report(mic_on=sends, camera_on=sends, consent=True)
            yield session, client
        finally:
            await client.close()
            await session.leave()


@asynccontextmanager
async def flashing(product: Product, ppm: float, sound_ppm: float) -> AsyncIterator[str]:
    """A participant who flashes and beeps by clocks that are off; yields his id."""
    async with taking_part(product, "Kantor", ClientCallbacks(), sends=True) as (session, client):
        sending = asyncio.create_task(DriftingOffice(client, ppm, sound_ppm).run(), name="drifting-office")
        try:
            yield session.participant_id
        finally:
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
