"""What benches share: CPU time of processes over a span, medians, the row of a figure."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Literal

import psutil

DIGITS = 3


def cpu_ms(pid: int | None = None) -> float:
    """Return the CPU time (user + system, all threads) used so far: of this process, or of another.

    Another's is counted by the kernel in ticks of 10 ms: span at least some seconds.
    """
    if pid is None:
        return time.process_time() * 1000
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system) * 1000


class Span:
    """Measures what is done within `with Span()`: wall time, CPU time of this or of the given processes."""

    def __init__(self, pids: Iterable[int] = ()) -> None:
        self.pids: Sequence[int | None] = tuple(pids) or (None,)
        self.wall_s = self.cpu_ms = 0.0

    def __enter__(self) -> Span:
        self._begin_s, self._begin_ms = time.perf_counter(), self._used_ms()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wall_s = time.perf_counter() - self._begin_s
        self.cpu_ms = self._used_ms() - self._begin_ms

    @property
    def cpu_ms_per_s(self) -> float:
        """CPU-ms per second of wall time; 1000 is one core."""
        return self.cpu_ms / self.wall_s

    def _used_ms(self) -> float:
        return sum(cpu_ms(pid) for pid in self.pids)


def figure(
    name: str,
    values: Sequence[float],
    unit: str,
    goal: float,
    better: Literal["lower", "higher"],
    *,
    peer: str = "",
    peer_values: Sequence[float] = (),
) -> dict[str, object]:
    """Return the row of a figure: the median of the runs and their spread, beside that of a peer."""
    row: dict[str, object] = {
        "name": name,
        "value": round(statistics.median(values), DIGITS),
        "unit": unit,
        "goal": goal,
        "better": better,
    }
    if peer:
        row |= {"peer": peer, "peer_value": round(statistics.median(peer_values), DIGITS)}
    return row | {"n": len(values), "spread": [round(min(values), DIGITS), round(max(values), DIGITS)]}
