"""Reads what the window in a process of its own (window_child) shows, and knows its Indonesian words."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from operator_console import paths

LOOK_S = 0.01
DEADLINE_S = 20.0
END_S = 10.0
TOP = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood in the window from a moment on (monotonic time, the same in all processes)."""

    at_s: float
    stream: str
    stream_tone: str
    recording: str
    recording_tone: str
    monitor: str
    line: str

    @property
    def live(self) -> bool:
        """Whether it claims that the public sees the session."""
        return self.stream_tone == "air"


@functools.cache
def indonesian(english: str) -> str:
    """The Indonesian of a text of the window, in whatever part of it; the test fails where there is none."""
    root = ElementTree.parse(paths.resources_dir() / "i18n" / "id.ts").getroot()
    found = {one.findtext("translation") for one in root.iter("message") if one.findtext("source") == english}
    assert len(found) == 1 and found.isdisjoint({None, "", english}), (
        f"no one Indonesian for {english!r}: {found}"
    )
    return str(found.pop())


class Window:
    """What the window has shown so far."""

    def __init__(self) -> None:
        self.history: list[Shown] = []

    @property
    def now(self) -> Shown:
        """What it shows now."""
        return self.history[-1]

    async def read(self, lines: asyncio.StreamReader) -> None:
        """Take every line until the window is closed."""
        while line := await lines.readline():
            self.history.append(Shown(**json.loads(line)))

    async def until(self, what: str, fits: Callable[[Shown], bool], since_s: float) -> float:
        """Wait until it shows something since a moment; returns how long after the moment it did."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            stood = [one for one in self.history if one.at_s <= since_s][-1:]
            later = [one for one in self.history if one.at_s > since_s]
            found = next((one for one in stood + later if fits(one)), None)
            if found is not None:
                return max(0.0, found.at_s - since_s)
            assert time.monotonic() < deadline, f"the window never showed {what}; now {self.history[-1:]}"
            await asyncio.sleep(LOOK_S)

    def between(self, begin_s: float, end_s: float) -> list[Shown]:
        """All that stood there at any time of a stretch."""
        ends = [one.at_s for one in self.history[1:]] + [float("inf")]
        pairs = zip(self.history, ends, strict=True)
        return [one for one, gone_s in pairs if one.at_s < end_s and gone_s > begin_s]


@asynccontextmanager
async def opened(log: int) -> AsyncIterator[Window]:
    """The window of the product whose folders stand in the environment; its errors go to `log`."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.window_child",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
        cwd=TOP,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.stdout is not None
    window = Window()
    reading = asyncio.create_task(window.read(child.stdout))
    try:
        yield window
    finally:
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), END_S)
        except TimeoutError:
            child.kill()
            await child.wait()
        await reading
