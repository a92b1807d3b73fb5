"""How long a start takes: to the painted window with the session of a running engine; to a moving demo."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable

from tests.bench.measure import figure
from tests.bench.ui_rig import engine_process

REPEATS = 5
WITHIN_S = 30.0
MOVING = re.compile(r"Nine offices move, ([\d.]+) s after the start")
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


def demo_moving_s() -> float:
    """Seconds from starting the demo's process until all nine offices move on the bus, as it says itself."""
    with tempfile.TemporaryDirectory(prefix="oc-bench-") as folder:
        command = [sys.executable, "-m", "operator_console", "demo", "--offscreen", f"--output={folder}/out"]
        pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
        with subprocess.Popen(command, stdout=pipe, stderr=nothing, text=True) as child:
            assert child.stdout is not None
            said = next((found for line in child.stdout if (found := MOVING.match(line))), None)
            child.terminate()
            child.wait(WITHIN_S)
    assert said is not None, "the offices never moved"
    return float(said[1])


def run() -> Iterable[dict[str, object]]:
    """Window and demo; the first start of a run, which fills the disk cache, is not counted."""
    with engine_process(feeds=28):
        time.sleep(2.0)
        window_painted_s()
        yield figure("start_window", [window_painted_s() for _ in range(REPEATS)], "s", 2, "lower")
    demo_moving_s()
    yield figure("start_demo", [demo_moving_s() for _ in range(REPEATS)], "s", 6, "lower")
