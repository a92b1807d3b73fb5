"""30 offices at once with all tiles moving, spotlight, recording and stream to nginx, and the real window.

Ten minutes; BENCH_SECONDS shortens it. The offices and nginx run on the same machine and count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.room_rig import rows

FEEDS = 30
CPU_GOALS = {"engine": 600.0, "room": 9.0 * FEEDS + 1.5 * FEEDS, "window": 100.0}
"""Sums of the goals of the benches receive, fanout, program, mixer and wall."""


def run() -> Iterator[dict[str, object]]:
    """Late frames, skew, memory, CPU."""
    yield from rows("room30", FEEDS, CPU_GOALS)
