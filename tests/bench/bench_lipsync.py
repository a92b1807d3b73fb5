"""Lip sync of the program over a long session: flash and beep of an office whose clocks are off.

The office's clock runs 100 ppm fast against ours and its sound card 100 ppm fast against its own clock
(LIPSYNC_PPM; negative: slow). Its flash and beep go through the room, the mixer and the compositor into the
recording and back to another participant; 30 minutes, LIPSYNC_SECONDS shortens it. The program is 640x360
here, so that the run takes little of the machine; time stamps do not depend on the size. Every flash is kept
in bench-output/lipsync-flashes.json, as [second, skew in ms].
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from operator_console import protocol as p
from tests.bench.lipsync_rig import SIZE_PX, SeenProgram, SkewMeter, flashing, look_at_film, taking_part
from tests.bench.measure import figure
from tests.bench.room_rig import private_folders
from tests.bench.run import OUTPUT
from tests.end2end import judge
from tests.end2end.console import Console
from tests.end2end.product import Product, running_product

SECONDS = float(os.environ.get("LIPSYNC_SECONDS", "1800"))
PPM = float(os.environ.get("LIPSYNC_PPM", "100"))
SETTLE_S = 10.0
LOOK_S, TELL_S = 5.0, 60.0
GOAL_MS = 45.0
SLOPE_GOAL_MS = 0.5
"""A minute: more would be 15 ms in half an hour."""
AIR = {"air_width": str(SIZE_PX[0]), "air_height": str(SIZE_PX[1]), "air_bitrate_bps": "800000"}


async def _watch(console: Console, meter: SkewMeter, seconds: float) -> None:
    """Let it run, look at what the participant gets, say how it goes on standard error."""
    begun_s, told_s = time.monotonic(), 0.0
    while (since_s := time.monotonic() - begun_s) < seconds:
        await asyncio.sleep(min(LOOK_S, seconds - since_s))
        await asyncio.to_thread(meter.look)
        if since_s - told_s >= TELL_S:
            told_s = since_s
            _tell(since_s, console, meter)


def _tell(since_s: float, console: Console, meter: SkewMeter) -> None:
    newest = [skew for _, skew in meter.skews[-60:]]
    program, mixer = console.observed.get("program", {}), console.observed.get("mixer", {})
    print(
        f"{since_s:.0f} s: {len(meter.skews)} flashes, {meter.unheard} unheard; participant's last minute"
        f" {min(newest, default=0):.1f}..{judge.median(newest):.1f}..{max(newest, default=0):.1f} ms;"
        f" picture age {program.get('picture_age_ms')} ms, late pictures {program.get('late_frames')},"
        f" late ticks {mixer.get('late_ticks')}",
        file=sys.stderr,
        flush=True,
    )


async def run_session(top: Path, seconds: float) -> SkewMeter:
    """One session; returns what the participant saw and heard. The recording is in `top`/recordings."""
    seen = SeenProgram()
    async with running_product(top, **AIR) as product:
        product.expected += [".*"]  # a machine without time says so in many ways; the figures tell
        await product.open_session()
        async with (
            taking_part(product, "Pendengar", seen.callbacks, sends=False),
            flashing(product, PPM, PPM) as office,
        ):
            await _on_program(product, office)
            await asyncio.sleep(SETTLE_S)
            seen.meter = meter = SkewMeter()
            await product.console.do(p.StartRecording())
            await _watch(product.console, meter, seconds)
            await product.console.do(p.StopRecording(), 60)
    await asyncio.to_thread(meter.look)
    return meter


async def _on_program(product: Product, office: str) -> None:
    console = product.console
    await console.do(p.SetSpotlight(source_id=office))
    await console.until(
        "the office's picture", lambda: judge.bus_size(console.bus, console.place(office).video) == SIZE_PX
    )
    await console.until("its microphone", lambda: console.person(office).audible)


def rows(where: str, meter: SkewMeter) -> Iterator[dict[str, object]]:
    """Median (of each minute), worst, and slope of the skew at one place."""
    times = [at for at, _ in meter.skews]
    skews = [skew for _, skew in meter.skews]
    print(
        f"{where}: {len(skews)} flashes, {meter.unheard} unheard, {min(skews):.1f} to {max(skews):.1f} ms",
        file=sys.stderr,
    )
    yield figure(f"lipsync {where}", [abs(one) for one in _minutes(times, skews)], "ms", GOAL_MS, "lower")
    yield figure(f"lipsync {where} worst", [max(abs(one) for one in skews)], "ms", GOAL_MS, "lower")
    within = 100 * sum(abs(one) <= GOAL_MS for one in skews) / len(skews)
    yield figure(f"lipsync {where} within 45 ms", [within], "%", 99, "higher")
    slope = statistics.linear_regression(times, skews).slope * 60
    yield figure(f"lipsync {where} slope", [abs(slope)], "ms/min", SLOPE_GOAL_MS, "lower")


def _minutes(times: Sequence[float], skews: Sequence[float]) -> list[float]:
    """The median skew of each minute."""
    by_minute: dict[int, list[float]] = {}
    for at, skew in zip(times, skews, strict=True):
        by_minute.setdefault(int((at - times[0]) // 60), []).append(skew)
    return [statistics.median(found) for found in by_minute.values()]


def run() -> Iterator[dict[str, object]]:
    """Yield the figures of recording and participant."""
    with private_folders() as top:
        participant = asyncio.run(run_session(top, SECONDS))
        recording = SkewMeter()
        for path in sorted((top / "recordings").glob("*.mp4")):
            look_at_film(path, recording)
    kept = {"recording": recording.skews, "participant": participant.skews}
    (OUTPUT / "lipsync-flashes.json").write_text(json.dumps(kept), encoding="utf-8")
    yield from rows("recording", recording)
    yield from rows("participant", participant)
