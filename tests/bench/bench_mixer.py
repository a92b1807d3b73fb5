"""Mixer of 122 participants of whom 8 have an open microphone, with all Opus encoding of the engine.

The feeds are written to real bus rings by another process. The peer is what one Opus encode for each
participant costs (as aiortc would do it, but mono and with our settings).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from media.audio.mixer import MixInput
from media.audio.opus import OpusEncoder
from media.audio.thread import MixerNames, MixerThread, minus_names
from media.audio.voice import PITCHES, speak, voice
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from media.bus.writer import AudioWriter
from media.clock import now_us
from tests.bench.measure import Span, figure

PARTICIPANTS, OPEN = 122, 8
RUNS, SECONDS = 5, 8.0
SEGMENT = "audio-room1"


def feed(directory: Path) -> None:
    """Write the open microphones in real time until killed (runs in a process of its own)."""
    voices = [speak(voice(number), 10.0).reshape(-1, BLOCK_SAMPLES) for number in range(PITCHES)]
    writer = AudioWriter(directory, SEGMENT, PARTICIPANTS)
    print("ready", flush=True)
    begun_us, index = now_us(), 0
    while True:
        due_us = begun_us + (index + 1) * BLOCK_US
        time.sleep(max(0.0, (due_us - now_us()) / 1e6))
        for slot in range(OPEN):
            blocks = voices[slot]
            writer.write(slot, index, blocks[(index + 60 * slot) % len(blocks)], due_us - BLOCK_US)
        writer.beat()
        index += 1


def measure(directory: Path) -> tuple[float, dict[str, Any]]:
    """One run: (CPU ms per s of this process, the mixer's figures over the run)."""
    names = MixerNames("audio-engine", "packets-shared", minus_names("packets-minus-"))
    mixer = MixerThread(directory, names)
    mixer.set_inputs(
        {f"p{n}": MixInput(SEGMENT, n, audible=n < OPEN, role="participant") for n in range(PARTICIPANTS)}
    )
    mixer.start()
    time.sleep(1.0)
    before = mixer.figures()
    with Span() as span:
        time.sleep(SECONDS)
    after = mixer.figures()
    mixer.stop()
    gained = {name: after[name] - before[name] for name in ("ticks", "late_ticks", "skipped_ticks")}
    gained["concealed"] = sum(one["concealed"] + one["late"] for one in after["feeds"].values())
    return span.cpu_ms_per_s, gained


def encode_all() -> float:
    """CPU ms per s of media of one encode for each participant."""
    blocks = speak(voice(0), 2.0).reshape(-1, BLOCK_SAMPLES)[25:75]
    encoders = [OpusEncoder(fec=True) for _ in range(PARTICIPANTS)]
    with Span() as span:
        for block in blocks:
            for encoder in encoders:
                encoder.encode(block)
    return span.cpu_ms * 1000 / (len(blocks) * 20)


def run() -> Iterator[dict[str, object]]:
    """CPU, late ticks and concealed blocks of the runs."""
    with tempfile.TemporaryDirectory(prefix="oc-bench-", dir=_memory()) as folder:
        command = [sys.executable, "-m", "tests.bench.bench_mixer", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as feeder:
            assert feeder.stdout is not None
            feeder.stdout.readline()
            runs = [measure(Path(folder)) for _ in range(RUNS)]
            feeder.kill()
    peer = [encode_all()]
    cost = [cpu for cpu, _ in runs]
    yield figure(
        "mixer", cost, "ms/s", 180, "lower", peer="one Opus encode per participant", peer_values=peer
    )
    late = [float(gained["late_ticks"] + gained["skipped_ticks"]) for _, gained in runs]
    yield figure("mixer late ticks", late, "ticks", 0, "lower")
    yield figure("mixer concealed", [float(g["concealed"]) for _, g in runs], "blocks", 0, "lower")


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    feed(Path(sys.argv[1]))
