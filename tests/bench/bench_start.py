"""How long a start takes: from the command to the painted window with the session of a running engine."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable

from tests.bench.measure import figure
from tests.bench.ui_rig import engine_process

REPEATS = 5
WITHIN_S = 30.0
WINDOW = """
import asyncio
from tests.bench.ui_rig import HEIGHT_PX, WIDTH_PX, settings
from ui.main import run_ui

class Painted:
    async def run(self, window, replica):
        while window.pages.currentWidget() is not window.console:
            await asyncio.sleep(0.005)
        window.repaint()
        print("painted", flush=True)
        window.close_now()

run_ui(settings(), automation=Painted(), size=(WIDTH_PX, HEIGHT_PX))
"""


def window_painted_s() -> float:
    """Seconds from starting the process to its window showing the session."""
    began_s = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", WINDOW], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        took_s = time.perf_counter() - began_s
        child.wait(WITHIN_S)
    assert line == "painted\n", f"the window said {line!r}"
    return took_s


def run() -> Iterable[dict[str, object]]:
    """The window; the first start of a run, which fills the disk cache, is not counted."""
    with engine_process(feeds=28):
        time.sleep(2.0)
        window_painted_s()
        yield figure("start_window", [window_painted_s() for _ in range(REPEATS)], "s", 2, "lower")
