"""A whole session under load, for the benches room30 and room122: what it costs and what is late."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from operator_console import protocol as p
from operator_console.demo.ingest import NginxIngest
from operator_console.demo.load import Load
from tests.bench.measure import figure
from tests.end2end import judge
from tests.end2end.console import Console
from tests.end2end.product import Product, running_product

TILE_PX, AIR_PX = (320, 180), (1280, 720)
TILE_FPS, SPOTLIGHT_FPS = 15, 30
OPEN_MICROPHONES = 8
SETTLE_S = 8.0
"""Loops are made, bit rates are found, first keyframes are over."""
SAMPLE_S = 2.0
LIPS_S = 30.0
"""So much of the beginning and of the end says how far picture and sound are apart."""
SECONDS = float(os.environ.get("BENCH_SECONDS", "600"))


@dataclass
class Sampled:
    """What a process used while it was measured."""

    name: str
    process: psutil.Process
    began_s: float = 0.0
    began_ms: float = 0.0
    spent_ms: float = 0.0
    at_s: list[float] = field(default_factory=list)
    own_mb: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """Count from now on."""
        self.began_s, self.began_ms = time.monotonic(), self._cpu_ms()
        self.at_s.clear()
        self.own_mb.clear()

    def sample(self) -> None:
        """Look at it now."""
        self.spent_ms = self._cpu_ms() - self.began_ms
        self.at_s.append(time.monotonic() - self.began_s)
        self.own_mb.append(_own_mb(self.process.pid))

    def _cpu_ms(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system) * 1000

    @property
    def cpu_ms_per_s(self) -> float:
        """CPU per second of the measurement."""
        return self.spent_ms / self.at_s[-1]

    @property
    def slope_mb_per_min(self) -> float:
        """How its own memory grew, from the second quarter on (buffers and caches fill at first)."""
        first = len(self.at_s) // 4
        if len(self.at_s) - first < 2:
            return 0.0
        return statistics.linear_regression(self.at_s[first:], self.own_mb[first:]).slope * 60


def _own_mb(pid: int) -> float:
    """Memory that is this process's alone (anonymous); the bus is shared and of fixed size."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in text.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) / 1024


@dataclass(frozen=True)
class Counters:
    """Everything that is counted, at one moment."""

    at_s: float
    frames: int
    late: int
    program: int
    program_late: int
    ticks: int
    ticks_late: int
    returned: list[int]

    def since(self, before: Counters) -> dict[str, float]:
        """What was gained, in the names of the fields."""
        names = ("at_s", "frames", "late", "program", "program_late", "ticks", "ticks_late")
        return {name: getattr(self, name) - getattr(before, name) for name in names}


def counters(console: Console, load: Load) -> Counters:
    """Read them all; waits for the offices."""
    links = [value for key, value in console.observed.items() if key.startswith("link.")]
    program, mixer = console.observed["program"], console.observed["mixer"]
    return Counters(
        at_s=time.monotonic(),
        frames=sum(link.get("frames", 0) for link in links),
        late=sum(link.get("late_frames", 0) for link in links),
        program=program["frames"],
        program_late=program["late_frames"],
        ticks=mixer["ticks"],
        ticks_late=mixer["late_ticks"] + mixer.get("skipped_ticks", 0),
        returned=[office["program_frames"] for office in load.figures()],
    )


@contextlib.contextmanager
def private_folders() -> Iterator[Path]:
    """Folders of this bench alone, named in the environment."""
    top = Path(tempfile.mkdtemp(prefix="oc-bench-"))
    for name in ("runtime", "data", "config"):
        os.environ[f"OPERATOR_CONSOLE_{name.upper()}"] = str(top / name)
    os.environ["OPERATOR_CONSOLE_SITE"] = str(top / "site.toml")
    try:
        yield top
    finally:
        shutil.rmtree(top, ignore_errors=True)


@asynccontextmanager
async def window(product: Product) -> AsyncIterator[int]:
    """The real window, offscreen; yields its process id."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with product.logging_to_file() as log:
        child = await asyncio.to_thread(
            subprocess.Popen, product.command("open"), env=environment, stdin=subprocess.DEVNULL, stderr=log
        )
    try:
        yield child.pid
    finally:
        child.terminate()
        await asyncio.to_thread(child.wait, 10)


@asynccontextmanager
async def session(product: Product, feeds: int) -> AsyncIterator[tuple[Load, list[str]]]:
    """A session with so many offices, the first of them with flash and beep and on program."""
    console = product.console
    await product.open_session()
    invites = [await product.invite(label=str(number), auto_admit=True) for number in range(feeds)]
    tokens = [invite["token"] for invite in invites]
    flashing = Load(product.url, tokens[:1], product.overrides, flash=True)
    others = Load(product.url, tokens[1:], product.overrides)
    loads = (flashing, others)
    try:
        for load in loads:
            await asyncio.to_thread(load.start)
        await console.until(f"{feeds} offices", lambda: len(console.connected()) == feeds, 120)
        by_invite = {one.invite_id: one.id for one in console.connected()}
        ids = [by_invite[invite["invite_id"]] for invite in invites]
        await console.do(p.MuteAll(except_ids=tuple(ids[:OPEN_MICROPHONES])))
        await console.do(p.SetSpotlight(source_id=ids[0]))
        yield others, ids
    finally:
        for load in loads:
            await asyncio.to_thread(load.stop)


@asynccontextmanager
async def outputs(console: Console, ingest: NginxIngest) -> AsyncIterator[None]:
    """Record and stream."""
    await console.do(p.StartRecording())
    await console.do(p.StartLivestream(destination_id="bench", name="nginx", url=ingest.url, key="bench"))
    await console.until("the livestream", lambda: console.state.livestreams["bench"].on_air, 30)
    yield
    await console.do(p.StopLivestream(destination_id="bench"), 30)
    await console.do(p.StopRecording(), 60)


async def measured(
    console: Console, load: Load, processes: list[Sampled], seconds: float
) -> tuple[Counters, Counters]:
    """Let it run, look at the processes from time to time, count at both ends."""
    before = await asyncio.to_thread(counters, console, load)
    for one in processes:
        one.begin()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(min(SAMPLE_S, max(0.1, until - time.monotonic())))
        for one in processes:
            one.sample()
        _show(console, processes)
    return before, await asyncio.to_thread(counters, console, load)


def _show(console: Console, processes: list[Sampled]) -> None:
    """A line of progress on standard error."""
    program = console.observed.get("program", {})
    cpu = " ".join(f"{one.name} {one.cpu_ms_per_s:.0f}" for one in processes)
    memory = " ".join(f"{one.own_mb[-1]:.0f}" for one in processes)
    print(
        f"{processes[0].at_s[-1]:.0f} s: {program.get('fps')} fps, CPU {cpu} ms/s, own memory {memory} MB",
        file=sys.stderr,
    )


@dataclass
class Outcome:
    """Everything that a run gave."""

    feeds: int
    processes: list[Sampled]
    before: Counters
    after: Counters
    tiles_fps: float
    skews_ms: dict[str, tuple[float, float]]
    """By output: the median at the beginning and at the end."""


async def run_session(top: Path, feeds: int, seconds: float) -> Outcome:
    """One run of a session under load."""
    folder = top / "stream"
    folder.mkdir()
    ingest = NginxIngest(folder)
    await asyncio.to_thread(ingest.start)
    async with running_product(top, max_participants=str(feeds + 5)) as product:
        product.expected += [".*"]  # a machine without time says so in many ways; the figures tell
        console = product.console
        async with session(product, feeds) as (load, ids), window(product) as window_pid:
            monitors = {"program": AIR_PX, "preview": (640, 360)}
            await console.do(p.SetWants(tiles=dict.fromkeys(ids, TILE_PX), monitors=monitors))
            async with outputs(console, ingest):
                await asyncio.sleep(SETTLE_S)
                processes = [
                    Sampled(name, psutil.Process(pid))
                    for name, pid in (
                        ("engine", product.engine_pid),
                        ("room", product.worker_pid("room0")),
                        ("window", window_pid),
                        ("offices", load.pids[0]),
                    )
                ]
                tiles = [console.place(one).tile for one in ids[1:]]
                first = [judge.bus_seq(console.bus, place) for place in tiles]
                before, after = await measured(console, load, processes, seconds)
                last = [judge.bus_seq(console.bus, place) for place in tiles]
    await asyncio.to_thread(ingest.stop)
    slowest = min(end - begin for begin, end in zip(first, last, strict=True))
    files = [*(top / "recordings").glob("*.mp4"), *ingest.received_files()]
    return Outcome(
        feeds,
        processes,
        before,
        after,
        slowest / (after.at_s - before.at_s),
        {path.suffix: await asyncio.to_thread(lips, path) for path in files},
    )


def lips(path: Path) -> tuple[float, float]:
    """Median skew of the first and of the last half minute of a file."""
    film = judge.decode(path, cards=False)
    flashes = judge.onsets(film.times_s, film.lit)
    beeps = judge.beep_onsets(film.sound)
    end_s = film.times_s[-1]
    begin = judge.skews_ms([at for at in flashes if at < LIPS_S], beeps)
    end = judge.skews_ms([at for at in flashes if at > end_s - LIPS_S], beeps)
    return judge.median(begin), judge.median(end)


def rows(name: str, feeds: int, cpu_goals: dict[str, float]) -> Iterator[dict[str, object]]:
    """Run a session for BENCH_SECONDS (600) and yield the figures."""
    with private_folders() as top:
        outcome = asyncio.run(run_session(top, feeds, SECONDS))
    yield from _lateness(name, outcome)
    for suffix, (begin_ms, end_ms) in sorted(outcome.skews_ms.items()):
        what = {".mp4": "recording", ".flv": "stream"}[suffix]
        yield figure(f"{name} {what} skew at the beginning", [abs(begin_ms)], "ms", 45, "lower")
        yield figure(f"{name} {what} skew at the end", [abs(end_ms)], "ms", 45, "lower")
    for one in outcome.processes:
        if one.name in cpu_goals:
            yield figure(f"{name} {one.name} CPU", [one.cpu_ms_per_s], "ms/s", cpu_goals[one.name], "lower")
            yield figure(f"{name} {one.name} memory", [one.slope_mb_per_min], "MB/min", 0.5, "lower")


def _lateness(name: str, outcome: Outcome) -> Iterator[dict[str, object]]:
    gained = outcome.after.since(outcome.before)
    seconds = gained["at_s"]
    expected = ((outcome.feeds - 1) * TILE_FPS + SPOTLIGHT_FPS) * seconds
    missing = max(0.0, expected - gained["frames"])
    # What never came is as late as can be.
    yield figure(f"{name} late frames", [100 * (gained["late"] + missing) / expected], "%", 1, "lower")
    yield figure(f"{name} slowest tile", [outcome.tiles_fps], "fps", round(TILE_FPS * 0.97, 2), "higher")
    ticks = gained["program"] + gained["program_late"]
    yield figure(f"{name} program late", [100 * gained["program_late"] / ticks], "%", 1, "lower")
    ticks = max(1.0, gained["ticks"])
    yield figure(f"{name} mixer late ticks", [100 * gained["ticks_late"] / ticks], "%", 0.1, "lower")
    made = gained["program"] * len(outcome.after.returned) / 2
    got = sum(outcome.after.returned) - sum(outcome.before.returned)
    yield figure(f"{name} fan-out loss", [max(0.0, 100 * (1 - got / made))], "%", 0.5, "lower")
