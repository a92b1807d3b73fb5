"""`whose_echo`: the watch over eight open microphones, all judged, one of them returning sound.

Time is simulated there, only the watch is measured: reading the rings, comparing, judging. After that a real
session: an office that speaks, one whose loudspeaker stands beside its microphone, one with a head set.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.audio.mixplan import MixPlan
from media.audio.opus import OpusEncoder
from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ
from media.bus.writer import AudioWriter
from media.clock import now_us
from media.rtc.client import ClientCallbacks, RtcClient
from operator_console.engine.echoes import PERIOD_S, EchoWatch, Heard
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from tests.bench.lipsync_rig import taking_part
from tests.bench.measure import cpu_ms, figure
from tests.bench.room_rig import private_folders
from tests.end2end.product import Product, running_product

OPEN, SECONDS, RUNS = 8, 30, 5
DELAY_BLOCKS, GAIN, HISS = 15, 0.3, 20.0
SEGMENT = "audio-room0"
BEGIN = 5_000_000
"""Number of the first tick."""


@dataclass(frozen=True)
class Mix:
    """A tick of the mixer, as far as the watch looks at it."""

    shared: npt.NDArray[np.int16]
    minus: dict[int, npt.NDArray[np.int16]]
    plan: MixPlan


def measure(folder: Path) -> tuple[float, float]:
    """One run: (CPU ms per s of the watch, seconds until the echo was named). Raises where it errs."""
    watch = EchoWatch(folder, SessionStore(Journal(folder / "journal.db")), Observations())
    writer = AudioWriter(folder, SEGMENT, OPEN)
    people = {f"p{number}": Heard(SEGMENT, number) for number in range(OPEN)}
    voices = [speak(voice(number), SECONDS).reshape(-1, BLOCK_SAMPLES) for number in range(OPEN)]
    plan = MixPlan(minus={number: f"p{number}" for number in range(OPEN)})
    every, used_ms, named_s = round(PERIOD_S * 1e6 / BLOCK_US), 0.0, float("inf")
    sent: list[npt.NDArray[np.int16]] = []
    for at in range(SECONDS * SAMPLE_RATE_HZ // BLOCK_SAMPLES):
        said = [one[at].astype(np.int32) for one in voices]
        total, tick = np.sum(said, axis=0), BEGIN + at
        minus = {number: _int16(total - own) for number, own in enumerate(said)}
        watch.take_mix(Mix(_int16(total), minus, plan), tick)
        sent.append(minus[0])
        if at >= DELAY_BLOCKS:
            said[0] = said[0] + (sent[at - DELAY_BLOCKS] * GAIN).astype(np.int32)
        for ring, sound in enumerate(said):
            writer.write(ring, at, _int16(sound), tick * BLOCK_US)
        if at % every == every - 1:
            begun_ms = cpu_ms()
            watch.listen(people, {}, (tick + 1) * BLOCK_US)
            used_ms += cpu_ms() - begun_ms
            if watch.verdicts() and named_s > at:
                named_s = at * BLOCK_US / 1e6
    watch.close()
    writer.close()
    return used_ms / SECONDS, named_s


def _int16(sound: npt.NDArray[np.int32]) -> npt.NDArray[np.int16]:
    return np.clip(sound, -32768, 32767).astype(np.int16)


class Room:
    """An office's loudspeaker and microphone: some of what it hears comes back, and always a little hiss."""

    def __init__(self, gain: float) -> None:
        self.client: RtcClient | None = None
        self._gain, self._rng = gain, np.random.default_rng(1)
        self._heard: deque[npt.NDArray[np.int16]] = deque(maxlen=2 * DELAY_BLOCKS)

    def hear(self, samples: npt.NDArray[np.int16], rtp_ts: int, stamp_us: int) -> None:
        """20 ms of the program."""
        self._heard.append(samples)

    async def speak(self) -> None:
        """Send what the microphone takes up, until cancelled."""
        encoder, at_us = OpusEncoder(complexity=0), now_us()
        while True:
            sound = self._rng.standard_normal(BLOCK_SAMPLES) * HISS
            if len(self._heard) > DELAY_BLOCKS:
                sound += self._gain * self._heard.popleft()
            opus = encoder.encode(sound.astype(np.int16))
            if opus and self.client is not None:
                self.client.push_audio(opus, at_us)
            at_us += BLOCK_US
            await asyncio.sleep(max(0, at_us - now_us()) / 1e6)


@asynccontextmanager
async def sitting(product: Product, name: str, gain: float) -> AsyncIterator[str]:
    """An office that only listens; yields its id."""
    room = Room(gain)
    callbacks = ClientCallbacks(on_audio=room.hear)
    async with taking_part(product, name, callbacks, sends=True) as (session, client):
        room.client = client
        speaking = asyncio.create_task(room.speak(), name=name)
        try:
            yield session.participant_id
        finally:
            speaking.cancel()
            with suppress(asyncio.CancelledError):
                await speaking


async def run_session(top: Path) -> tuple[float, int]:
    """Seconds until the right office was named, and how many others were within half a minute."""
    async with running_product(top) as product:
        product.expected += [".*"]
        await product.open_session()
        async with (
            product.offices(1, talks=True),
            sitting(product, "Loudspeaker", GAIN) as loud,
            sitting(product, "Head set", 0.0) as quiet,
        ):
            begun_s, named_s = time.monotonic(), float("inf")
            wrong = {f"echo.{one}" for one in product.console.state.participants if one != loud}
            wrongly: set[str] = set()
            assert f"echo.{quiet}" in wrong
            while (since_s := time.monotonic() - begun_s) < SECONDS:
                await asyncio.sleep(0.2)
                observed = product.console.observed
                wrongly |= wrong & observed.keys()
                if f"echo.{loud}" in observed and named_s > since_s:
                    named_s = since_s
                    print(f"named: {observed[f'echo.{loud}']}", file=sys.stderr)
    return named_s, len(wrongly)


def run() -> Iterator[dict[str, object]]:
    """Yield what it costs and how soon the echo is named."""
    results = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="oc-bench-") as folder:
            results.append(measure(Path(folder)))
    yield figure("whose_echo CPU", [cost for cost, _ in results], "ms/s", 10, "lower")
    yield figure("whose_echo named after", [named for _, named in results], "s", 15, "lower")
    with private_folders() as top:
        named_s, wrongly = asyncio.run(run_session(top))
    yield figure("whose_echo in a session named after", [named_s], "s", 20, "lower")
    yield figure("whose_echo named wrongly", [wrongly], "offices", 0, "lower")
