"""`whose_echo`: the watch over eight open microphones, all judged, one of them returning sound.

Time is simulated, only the watch is measured: reading the rings, comparing, judging.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.audio.mixplan import MixPlan
from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ
from media.bus.writer import AudioWriter
from operator_console.engine.echoes import PERIOD_S, EchoWatch, Heard
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from tests.bench.measure import cpu_ms, figure

OPEN, SECONDS, RUNS = 8, 30, 5
DELAY_BLOCKS, GAIN = 15, 0.3
SEGMENT = "audio-room0"
BEGIN = 5_000_000
"""Number of the first tick."""


@dataclass(frozen=True)
class Mix:
    """A tick of the mixer, as far as the watch looks at it."""

    program: npt.NDArray[np.int16]
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


def run() -> Iterator[dict[str, object]]:
    """Yield what it costs and how soon the echo is named."""
    results = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="oc-bench-") as folder:
            results.append(measure(Path(folder)))
    yield figure("whose_echo CPU", [cost for cost, _ in results], "ms/s", 10, "lower")
    yield figure("whose_echo named after", [named for _, named in results], "s", 15, "lower")
