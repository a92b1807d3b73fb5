"""Drives the real product for hours: people come and go, the program changes, the stream is restarted."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from traceback import format_exception
from typing import Any

from operator_console import protocol as p
from operator_console.processes import OWNER_VARIABLE, own_mark
from operator_console.session.model import LowerThird, OutputPhase
from tests.bench.room_rig import private_folders, window
from tests.end2end.console import EngineLostError, RefusedError
from tests.end2end.product import Product
from tests.soak.diary import Diary
from tests.soak.people import CONNECT_S, FLASHER, People
from tests.soak.processes import looked_at, product_pids
from tests.soak.rhythm import FLOORS, Floor, Rhythm, grid
from tests.soak.stream import Stream

SAMPLE_S = 10.0
SHARES_EVERY = 6
"""The proportional share makes the kernel walk all pages: once a minute is enough."""
TILE_PX = (320, 180)
AFTER_S = 5.0
"""So long after the recording was closed its memory is looked at again."""
CHAPTER_EVERY = 10
AGAIN_S = 5.0
SETTINGS = {
    "air_width": "640",
    "air_height": "360",
    "air_fps": "30",
    "air_bitrate_bps": "600000",
    "encoder_preset": "ultrafast",
    "return_width": "320",
    "return_height": "180",
    "return_fps": "10",
    "return_bitrate_bps": "150000",
    "tile_fps": "10",
    "tile_bitrate_bps": "100000",
    "spotlight_bitrate_bps": "600000",
}
"""A small program: a soak looks for what grows, not for how much a machine bears."""
Job = Callable[[], Awaitable[None]]
_OBSERVED = ("program", "mixer", "recorder", "stream.soak", "journal")


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for."""

    hours: float
    folder: Path
    steady: int = 4
    window: bool = False
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """The length."""
        return self.hours * 3600


class SoakProduct(Product):
    """The product in a process group of its own: Ctrl-C ends the soak, which then ends it in order."""

    async def start(self) -> None:
        """Start the keeper and attach to the engine that it starts."""
        with self.logging_to_file() as log:
            self._keeper = await asyncio.to_thread(
                subprocess.Popen,
                self.command("keeper"),
                stdin=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        await self.console.__aenter__()

    @property
    def keeper_pid(self) -> int:
        """Process id of the keeper."""
        return self._keeper.pid if self._keeper is not None else 0


class Soak:
    """One soak."""

    def __init__(self, product: SoakProduct, diary: Diary, options: Options) -> None:
        self._product, self._diary, self._options = product, diary, options
        self._rhythm = Rhythm(options.seconds)
        self._people = People(product, diary)
        self._stream = Stream(product.console, diary, options.folder / "stream")
        self._window_pid = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Begin, go on until the time is over or `stop` is set, end in order."""
        await self._product.open_session("Uji ketahanan")
        try:
            async with self._window():
                await self._begin()
                await self._go_on(stop)
                await self._finish()
        finally:
            await self._people.end()
            await asyncio.to_thread(self._stream.close)

    @contextlib.asynccontextmanager
    async def _window(self) -> AsyncIterator[None]:
        if not self._options.window:
            yield
            return
        async with window(self._product) as self._window_pid:
            yield

    async def _begin(self) -> None:
        await self._people.begin(self._options.steady)
        await self._stream.begin()
        await self._product.console.do(p.StartRecording())

    async def _go_on(self, stop: asyncio.Event) -> None:
        jobs: dict[str, Job] = {
            "samples": self._sample_on,
            "watch": self._watch_on,
            "flasher": self._people.run_flasher,
            "visitors": lambda: self._people.run_visitors(self._rhythm),
            "program": self._change_program,
            "stream": lambda: self._stream.run(self._rhythm),
        }
        tasks = [asyncio.create_task(self._kept_on(name, job), name=name) for name, job in jobs.items()]
        try:
            await asyncio.wait_for(stop.wait(), self._options.seconds)
            self._diary.event("stopped")
        except TimeoutError:
            self._diary.event("time is over")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept_on(self, name: str, job: Job) -> None:
        """The top of a task: what surprises one of them is noted, and must not end a soak of hours."""
        while True:
            try:
                await job()
            except Exception as error:  # noqa: BLE001
                self._diary.event(f"{name} ended", False, error="".join(format_exception(error))[-2000:])
            await asyncio.sleep(AGAIN_S)

    async def _finish(self) -> None:
        """Close the outputs, and look what the engine has had back of its memory."""
        console = self._product.console
        await asyncio.to_thread(self._mark, "before the end")
        for name, job in {
            "stream": self._stream.end(),
            "recording": console.do(p.StopRecording(), 120),
        }.items():
            try:
                await job
            except (TimeoutError, RefusedError, EngineLostError) as error:
                self._diary.event(f"end of the {name}", False, error=f"{type(error).__name__} {error}"[:300])
        await asyncio.sleep(AFTER_S)
        await asyncio.to_thread(self._mark, "recording closed")
        await console.do(p.CloseSession(), 60)

    # ---- looking

    def _mark(self, name: str) -> None:
        self._diary.note("mark", name=name, processes=self._processes(shares=True))

    def _processes(self, shares: bool) -> dict[str, Any]:
        pids = product_pids(self._product, self._product.keeper_pid)
        pids |= {"offices": self._people.steady_pid, "soak": os.getpid(), "window": self._window_pid}
        found = {name: looked_at(pid, shares) for name, pid in pids.items() if pid}
        return {name: used for name, used in found.items() if used is not None}

    async def _sample_on(self) -> None:
        begun_s = time.monotonic()
        used: dict[str, Any] = {}
        for number in itertools.count():
            await asyncio.sleep(max(0.0, begun_s + number * SAMPLE_S - time.monotonic()))
            before, used = used, await asyncio.to_thread(self._processes, number % SHARES_EVERY == 0)
            for name in before.keys() - used.keys():
                self._diary.event("process gone", False, name=name, before=before[name])
            self._diary.note("sample", load1=os.getloadavg()[0], processes=used, seen=self._seen())
            if number % SHARES_EVERY == 0:
                self._show(used)

    def _seen(self) -> dict[str, Any]:
        observed = self._product.console.observed
        links = [value for key, value in observed.items() if key.startswith("link.")]
        totals = {
            name: sum(one.get(name, 0) for one in links) for name in ("frames", "late_frames", "freezes")
        }
        outputs = {name: observed[name] for name in _OBSERVED if name in observed}
        return {**outputs, "links": totals, **self._people.seen()}

    def _show(self, used: dict[str, Any]) -> None:
        memory = " ".join(f"{name} {one['own_mb']:.0f}" for name, one in used.items())
        print(f"soak: {self._diary.at_s:.0f} s: own memory in MB: {memory}", file=sys.stderr, flush=True)

    async def _watch_on(self) -> None:
        """Note each change of what must not change: the engine, the recording, the line."""
        before: dict[str, Any] = {}
        while True:
            console = self._product.console
            recording = console.state.recording
            now = {
                "engine": console.epoch,
                "recording": ""
                if recording is None
                else f"{recording.id} {recording.segment} {recording.phase}",
                "on air": self._stream.on_air,
                "room": console.observed.get("room", {}).get("state"),
            }
            for name, value in now.items():
                if before and before[name] != value:
                    self._diary.event(
                        f"{name} changed", _expected(name, value), before=before[name], now=value
                    )
            before = now
            await asyncio.sleep(0.5)

    # ---- acting

    async def _change_program(self) -> None:
        chance = random.Random(2)
        await self._product.console.until("the one who flashes", lambda: self._people.flasher, CONNECT_S)
        for number in itertools.count():
            floor = FLOORS[number % len(FLOORS)]
            try:
                await self._give_floor(floor, chance)
                if number % CHAPTER_EVERY == 0:
                    await self._product.console.do(p.MarkChapter(title=f"Agenda {number}"))
                self._diary.event("program", floor=floor)
            except (TimeoutError, RefusedError, EngineLostError) as error:
                text = f"{type(error).__name__} {error}"[:300]
                self._diary.event("program", False, floor=floor, error=text)
            await asyncio.sleep(self._rhythm.floor_s)

    async def _give_floor(self, floor: Floor, chance: random.Random) -> None:
        console, flasher = self._product.console, self._people.flasher
        ids = [one.id for one in console.connected()]
        tiles = dict.fromkeys(ids, TILE_PX)
        await console.do(p.SetWants(tiles=tiles, monitors={"program": (640, 360), "preview": (320, 180)}))
        others = [one for one in ids if one != flasher]
        speaker = flasher if floor is Floor.FLASH and flasher in ids else chance.choice(others)
        # Who has the floor is heard alone; the beeps are always there. Who was muted has to open his own
        # microphone, which the one who flashes cannot: he is never among the muted, not even while joining.
        beeping = [one.id for one in console.state.participants.values() if one.name == FLASHER]
        await console.do(p.MuteAll(except_ids=(speaker, *beeping)))
        await console.do(p.SetParticipantMuted(participant_id=speaker, muted=False))
        if floor is Floor.GRID:
            await console.do(p.SetPreview(layout=grid(ids)))
            await console.do(p.Take(transition="fade", layout=grid(ids)))
            return
        await console.do(p.SetSpotlight(source_id=speaker))
        shown = LowerThird(title=console.person(speaker).name) if floor is Floor.OFFICE else None
        await console.do(p.SetLowerThird(lower_third=shown))


def _expected(name: str, value: object) -> bool:
    """Whether such a change is no fault: the line goes and comes, the recording begins."""
    if name == "recording":
        return str(value).endswith(str(OutputPhase.STARTED))
    return name == "on air"


async def drive(options: Options) -> None:
    """Run the product and the soak; leaves diary, log, recordings in the folder. Raises what went wrong."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    diary = Diary(options.folder)
    os.environ[OWNER_VARIABLE] = own_mark()
    with private_folders() as top:
        settings = {**SETTINGS, "recording_dir": str(options.folder / "recordings"), **options.settings}
        product = SoakProduct(top, settings)
        diary.note("begin", hours=options.hours, steady=options.steady, settings=settings, wall_s=time.time())
        try:
            await product.start()
            await Soak(product, diary, options).run(stop)
        except (TimeoutError, RefusedError, EngineLostError, OSError) as error:
            diary.event("soak", False, error=f"{type(error).__name__} {error}"[:500])
        finally:
            wrong = [one for one in await product.stop() if one not in product.complaints()]
            for log in top.glob("*.log"):
                shutil.copy(log, options.folder / log.name)
            diary.note("end", wrong=wrong, wall_s=time.time())
            diary.close()
