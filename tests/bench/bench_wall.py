"""The window with 28 moving tiles, program, preview and meters: CPU of its process, worst gap of its loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt, QTimer

from tests.bench.measure import Span, figure
from tests.bench.ui_rig import HEIGHT_PX, WIDTH_PX, engine_process, settings
from ui.main import run_ui
from ui.main_window import MainWindow
from ui.replica import Replica

FEEDS, REPEATS = 28, 5
WARM_UP_S, MEASURE_S = 4.0, 5.0
PROBE_MS = 10


class GapProbe(QObject):
    """Asks to be called every 10 ms and keeps the longest time between two calls."""

    def __init__(self) -> None:
        super().__init__()
        self.worst_ms, self._last_s = 0.0, time.perf_counter()
        self._timer = QTimer(self, interval=PROBE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    def _on_timeout(self) -> None:
        now_s = time.perf_counter()
        self.worst_ms = max(self.worst_ms, (now_s - self._last_s) * 1000)
        self._last_s = now_s

    def stop(self) -> float:
        """The worst gap."""
        self._timer.stop()
        return self.worst_ms


class Measuring:
    """Waits until the wall moves, then measures CPU without the probe and gaps with it."""

    def __init__(self) -> None:
        self.cpu_ms_per_s: list[float] = []
        self.gaps_ms: list[float] = []

    async def run(self, window: MainWindow, replica: Replica) -> None:
        await asyncio.sleep(WARM_UP_S)
        shown = window.console.wall.view.wall.rowCount()
        assert shown == FEEDS, f"{shown} tiles on the wall"
        moved = window.context.pictures.mark(("video-room0", 3))
        for _ in range(REPEATS):
            with Span() as span:
                await asyncio.sleep(MEASURE_S)
            self.cpu_ms_per_s.append(span.cpu_ms_per_s)
            probe = GapProbe()
            await asyncio.sleep(MEASURE_S)
            self.gaps_ms.append(probe.stop())
        frames = window.context.pictures.mark(("video-room0", 3))[1] - moved[1]
        assert frames > 10 * REPEATS * MEASURE_S, f"only {frames} frames in a tile"
        window.close_now()


def run() -> Iterable[dict[str, object]]:
    """Two figures: CPU and worst gap."""
    measuring = Measuring()
    with engine_process(FEEDS):
        assert run_ui(settings(), automation=measuring, size=(WIDTH_PX, HEIGHT_PX)) == 0
    yield figure("wall", measuring.cpu_ms_per_s, "ms/s", 100, "lower")
    yield figure("wall_worst_gap", measuring.gaps_ms, "ms", 50, "lower")
