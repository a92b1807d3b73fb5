"""`offline`: the line of a stream over TLS is away for ten minutes (`./run bench offline --minutes N`).

First nothing gets through any more, as with a pulled cable; once the connection was given up the server's
name is gone as well. Then all is back. The whole product runs, with its window, and records.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from cryptography.hazmat.primitives import serialization

from operator_console import protocol as p
from tests.bench.measure import figure
from tests.bench.room_rig import Sampled, private_folders
from tests.end2end.product import running_product
from tests.faults.fault_kit import decode_errors, largest_gap_s, probed, recordings
from tests.faults.ingest_kit import NginxPlace, SwitchFront
from tests.faults.inside_kit import Inside, Stalls
from tests.faults.stream_faults import HOST, Stage, contexts, stage, stamps
from tests.media.tls_front import Authority

MINUTES = float(os.environ.get("BENCH_MINUTES", "10"))
SETTLE_S, AFTER_S, SAMPLE_S = 15.0, 15.0, 2.0


@dataclass
class Outcome:
    """What was seen."""

    noticed_s: float = 0.0
    back_s: float = 0.0
    offline_s: float = 0.0
    attempts: int = 0
    memory_mb_per_min: float = 0.0
    cpu_ms_per_s: float = 0.0
    lies: int = 0
    before: Stalls = field(default_factory=lambda: Stalls(0, 0, 0, 0))
    during: Stalls = field(default_factory=lambda: Stalls(0, 0, 0, 0))
    recorded_gap_s: float = 0.0
    recorded_dropped: int = 0
    recording_errors: int = 0
    stamps_back: int = 0
    stamps_off_s: float = 0.0
    """How much the jump of the time stamps differs from the time offline (and until it was live again)."""


@contextlib.asynccontextmanager
async def line(top: Path) -> AsyncIterator[tuple[NginxPlace, SwitchFront]]:
    """A server behind TLS, whose authority the product trusts."""
    trusted = Authority(top)
    pem = top / "ca.pem"
    pem.write_bytes(trusted.certificate.public_bytes(serialization.Encoding.PEM))
    os.environ["SSL_CERT_FILE"] = str(pem)
    nginx = NginxPlace(top / "nginx")
    await asyncio.to_thread(nginx.start)
    front = SwitchFront(nginx.port, contexts(trusted, trusted))
    await front.start()
    try:
        yield nginx, front
    finally:
        await front.stop()
        await asyncio.to_thread(nginx.stop)


async def offline(one: Stage, front: SwitchFront, minutes: float) -> Outcome:
    """Take the line away for so long and bring it back."""
    outcome, pid = Outcome(), one.product.engine_pid
    engine = Sampled("engine", psutil.Process(pid))
    one.inside.stalls(pid)
    await asyncio.sleep(SETTLE_S)
    outcome.before = one.inside.stalls(pid)
    attempts, begun_s = one.seen["attempts"], time.monotonic()
    front.hole = True
    noticed_s = await one.until("noticed", lambda: not one.on_air())
    outcome.noticed_s = noticed_s - begun_s
    await one.until("given up", lambda: one.seen["attempts"] > attempts)
    one.inside.set_hosts({})
    await front.drop()
    await one.until("its name is gone", lambda: one.seen.get("code") == "dns", 60)
    dark_s = await one.window.until("trouble", lambda shown: not shown.live, begun_s) + begun_s
    engine.begin()
    while time.monotonic() - begun_s < minutes * 60:
        await asyncio.sleep(SAMPLE_S)
        engine.sample()
    outcome.memory_mb_per_min, outcome.cpu_ms_per_s = engine.slope_mb_per_min, engine.cpu_ms_per_s
    outcome.attempts = one.seen["attempts"] - attempts
    back_s = time.monotonic()
    outcome.lies = sum(shown.live for shown in one.window.between(dark_s, back_s))
    front.hole = False
    one.inside.set_hosts({HOST: "127.0.0.1"})
    outcome.offline_s = back_s - begun_s
    outcome.back_s = await one.until("on air again", one.on_air) - back_s
    outcome.during = one.inside.stalls(pid)
    await asyncio.sleep(AFTER_S)
    return outcome


async def measure(top: Path, minutes: float) -> Outcome:
    """A session on air, offline, judged."""
    inside = Inside(top)
    inside.set_hosts({HOST: "127.0.0.1"})
    os.environ.update(inside.environment)
    async with (
        line(top) as (nginx, front),
        running_product(top) as product,
        stage(product, inside) as one,
    ):
        await one.go_live(f"rtmps://{HOST}:{front.port}/live")
        outcome = await offline(one, front, minutes)
        await one.leave()
        outcome.recorded_dropped = one.console.observed["recorder"]["dropped"]
        await one.console.do(p.StopRecording(), 60)
        await asyncio.to_thread(judge, outcome, Path(recordings(product)[0].path), nginx)
    return outcome


def judge(outcome: Outcome, recorded: Path, nginx: NginxPlace) -> None:
    """Recording and what the server got. Blocks."""
    outcome.recorded_gap_s = largest_gap_s(recorded)
    if probed(recorded).video_s < outcome.offline_s:
        raise RuntimeError("the recording is shorter than the time offline")
    outcome.recording_errors = len(decode_errors(recorded).splitlines())
    files = nginx.received()
    if len(files) < 2:
        raise RuntimeError(f"{len(files)} files at the server: it was never away")
    for times in stamps(files):
        outcome.stamps_back += sum(later <= earlier for earlier, later in itertools.pairwise(times))
    last_s, first_s = max(stamps(files[:1])[0]), min(stamps(files[-1:])[0])
    outcome.stamps_off_s = abs(first_s - last_s - outcome.offline_s)


def run() -> Iterator[dict[str, object]]:
    """One run."""
    with private_folders() as top:
        found = asyncio.run(measure(top, MINUTES))
    yield figure("offline_noticed", [found.noticed_s], "s", 5, "lower")
    yield figure("offline_live_again", [found.back_s], "s", 3, "lower")
    per_min = found.attempts / (found.offline_s / 60)
    yield figure("offline_attempts", [per_min], "1/min", 12, "higher")
    yield figure("offline_memory", [found.memory_mb_per_min], "MB/min", 0.5, "lower")
    before, during = found.before, found.during
    live = "15 s while live"
    worst = figure(
        "offline_loop_stall", [during.worst_ms], "ms", 10, "lower", peer=live, peer_values=[before.worst_ms]
    )
    yield worst
    yield figure(
        "offline_loop_stall_cpu", [during.cpu_ms], "ms", 10, "lower", peer=live, peer_values=[before.cpu_ms]
    )
    long = [100 * one.long / max(1, one.turns) for one in (during, before)]
    yield figure("offline_loop_long_turns", long[:1], "%", 0.1, "lower", peer=live, peer_values=long[1:])
    yield figure("offline_window_lies", [found.lies], "moments", 0, "lower")
    yield figure("offline_recording_gap", [found.recorded_gap_s], "s", 0.1, "lower")
    yield figure("offline_recording_lost", [found.recorded_dropped], "packets", 0, "lower")
    yield figure("offline_recording_errors", [found.recording_errors], "lines", 0, "lower")
    yield figure("offline_stamps_back", [found.stamps_back], "stamps", 0, "lower")
    yield figure("offline_stamps_off", [found.stamps_off_s], "s", 3, "lower")
