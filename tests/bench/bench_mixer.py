"""Mixer of 122 participants of whom 8 have an open microphone, with all Opus encoding of the engine.

The feeds are written to real bus rings by another process. The peer is what one Opus encode for each
participant costs (as aiortc would do it, but mono and with our settings), measured in the same run. The full
desk has all at once: hall microphone, faders, SHARED apart from PROGRAM (an encode of its own anyway), soft
duck, and talkback.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from media.audio.mixer import MixDesk, MixInput
from media.audio.mixplan import RINGS
from media.audio.opus import OpusEncoder
from media.audio.thread import MixerNames, MixerThread
from media.audio.voice import PITCHES, speak, voice
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from media.bus.writer import AudioWriter
from media.clock import now_us
from tests.bench.measure import Span, figure

PARTICIPANTS, OPEN = 122, 8
RUNS, DESK_RUNS, SECONDS = 5, 3, 8.0
SEGMENT = "audio-room1"
HALL_SLOT, OPERATOR_SLOT = PARTICIPANTS, PARTICIPANTS + 1
FULL_DESK = MixDesk(program=0.9, shared=0.7, hall=0.8, duck_inactive=True, talkback="p0")


def feed(directory: Path) -> None:
    """Write the open microphones in real time until killed (runs in a process of its own)."""
    voices = [speak(voice(number), 10.0).reshape(-1, BLOCK_SAMPLES) for number in range(PITCHES)]
    writer = AudioWriter(directory, SEGMENT, PARTICIPANTS + 2)
    print("ready", flush=True)
    begun_us, index = now_us(), 0
    while True:
        due_us = begun_us + (index + 1) * BLOCK_US
        time.sleep(max(0.0, (due_us - now_us()) / 1e6))
        for slot in (*range(OPEN), HALL_SLOT, OPERATOR_SLOT):
            blocks = voices[slot % PITCHES]
            writer.write(slot, index, blocks[(index + 60 * slot) % len(blocks)], due_us - BLOCK_US)
        writer.beat()
        index += 1


def inputs(full: bool) -> dict[str, MixInput]:
    """All participants; with the full desk the hall and the operator too, and no fader at 0 dB."""
    gain = 0.8 if full else 1.0
    made = {f"p{n}": MixInput(SEGMENT, n, gain, n < OPEN) for n in range(PARTICIPANTS)}
    if full:
        made["hall"] = MixInput(SEGMENT, HALL_SLOT, role="hall")
        made["operator"] = MixInput(SEGMENT, OPERATOR_SLOT, role="operator")
    return made


def measure(directory: Path, full: bool) -> tuple[float, dict[str, Any]]:
    """One run: (CPU ms per s of this process, the mixer's figures over the run)."""
    names = MixerNames("audio-engine", "packets-shared", [f"packets-minus-{ring}" for ring in range(RINGS)])
    mixer = MixerThread(directory, names)
    mixer.set_inputs(inputs(full), FULL_DESK if full else None)
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
            runs = [measure(Path(folder), False) for _ in range(RUNS)]
            desk = [measure(Path(folder), True) for _ in range(DESK_RUNS)]
            feeder.kill()
    peer = [encode_all() for _ in range(RUNS)]
    cost = [cpu for cpu, _ in runs]
    yield figure(
        "mixer", cost, "ms/s", 180, "lower", peer="one Opus encode per participant", peer_values=peer
    )
    yield figure("mixer full desk", [cpu for cpu, _ in desk], "ms/s", 220, "lower")
    late = [float(gained["late_ticks"] + gained["skipped_ticks"]) for _, gained in (*runs, *desk)]
    yield figure("mixer late ticks", late, "ticks", 0, "lower")
    yield figure("mixer concealed", [float(g["concealed"]) for _, g in runs], "blocks", 0, "lower")


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


if __name__ == "__main__":
    feed(Path(sys.argv[1]))
