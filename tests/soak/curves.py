"""What a curve of a soak does: its robust slope, and the largest steps in the time stamps of a file. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.soak.diary import Notes

F64 = npt.NDArray[np.float64]

WARM_UP_S, WARM_UP_SHARE = 1200.0, 0.25
"""Caches fill, pools find their size, the second engine is made ready: that is not growth."""
POINTS_MAX = 800
"""Every pair of points has a slope; more points than this are put together."""
TABLE_MB_PER_MIN, TABLE_FPS, AUDIO_FPS = 0.41e6 / (1 << 20), 30.0, 48_000 / 1024
"""What the sample table of an open MP4 takes (`./run bench muxer`, which counts millions of bytes), had back
when the file is closed.
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """One thing of one process over time."""

    at_s: F64
    values: F64

    def after(self, begin_s: float) -> Curve:
        """The part from a moment on."""
        late = self.at_s >= begin_s
        return Curve(self.at_s[late], self.values[late])


@dataclass(frozen=True, slots=True)
class Growth:
    """How a curve goes on after the warm-up."""

    per_hour: float
    begin: float
    """The fitted line at its two ends."""
    end: float
    low: float
    high: float


def warm_up_s(seconds: float) -> float:
    """So much of the beginning is not judged."""
    return min(WARM_UP_S, seconds * WARM_UP_SHARE)


def theil_sen(at_s: F64, values: F64) -> tuple[float, float]:
    """Slope per second and value at the first moment: the medians over all pairs of points.

    Up to 29 % of the points may be anything (Sen 1968); visitors who come and go do not tilt it.
    """
    at_s, values = _thinned(at_s, values)
    if len(at_s) < 2:
        return 0.0, float(values[0]) if len(values) else 0.0
    first, second = np.triu_indices(len(at_s), 1)
    slope = float(np.median((values[second] - values[first]) / (at_s[second] - at_s[first])))
    return slope, float(np.median(values - slope * (at_s - at_s[0])))


def _thinned(at_s: F64, values: F64) -> tuple[F64, F64]:
    """At most `POINTS_MAX` points, each the median of its neighbours."""
    if len(at_s) <= POINTS_MAX:
        return at_s, values
    parts = np.array_split(np.arange(len(at_s)), POINTS_MAX)
    return np.array([np.median(at_s[one]) for one in parts]), np.array(
        [np.median(values[one]) for one in parts]
    )


def growth(curve: Curve) -> Growth:
    """How a curve goes; one without points does not."""
    if not len(curve.at_s):
        return Growth(0.0, 0.0, 0.0, 0.0, 0.0)
    slope, begin = theil_sen(curve.at_s, curve.values)
    end = begin + slope * float(curve.at_s[-1] - curve.at_s[0])
    return Growth(slope * 3600, begin, end, float(curve.values.min()), float(curve.values.max()))


def table_mb_per_min(fps: float) -> float:
    """What the sample table of the open recording takes at so many pictures a second."""
    return TABLE_MB_PER_MIN * (fps + AUDIO_FPS) / (TABLE_FPS + AUDIO_FPS)


# ---- out of the diary


def process_names(notes: Notes) -> list[str]:
    """All processes that were ever sampled, the first first."""
    return list(dict.fromkeys(name for sample in notes.samples for name in sample["processes"]))


def of_process(notes: Notes, name: str, what: str) -> Curve:
    """One figure of a process, where it was sampled."""
    found = [
        (sample["at_s"], sample["processes"][name][what])
        for sample in notes.samples
        if what in sample["processes"].get(name, {})
    ]
    return _curve(found)


def cpu_of(notes: Notes, name: str) -> Curve:
    """CPU-ms per second of a process between two samples (1000 = one core)."""
    return _rates(notes, lambda sample: _cpu(sample, name))


def _cpu(sample: dict[str, Any], name: str) -> tuple[int, float] | None:
    one = sample["processes"].get(name)
    return None if one is None else (one["pid"], one["cpu_ms"])


def late_percent(notes: Notes, what: str) -> Curve:
    """How many of the mixer's ticks (`mixer`) or the program's pictures (`program`) were late, in percent."""
    all_, late = (
        ("ticks", ("late_ticks", "skipped_ticks")) if what == "mixer" else ("frames", ("late_frames",))
    )
    found: list[tuple[float, float]] = []
    for before, after in itertools.pairwise(notes.samples):
        one, other = before["seen"].get(what), after["seen"].get(what)
        if not one or not other or other[all_] < one[all_]:
            continue
        lost = sum(other.get(name, 0) - one.get(name, 0) for name in late)
        # Ticks that were late were made all the same, what was skipped and late pictures were not.
        unmade = "skipped_ticks" if what == "mixer" else "late_frames"
        total = other[all_] - one[all_] + other.get(unmade, 0) - one.get(unmade, 0)
        found.append((after["at_s"], 100.0 * lost / total if total > 0 else 0.0))
    return _curve(found)


def load(notes: Notes) -> Curve:
    """Processes that wanted a processor, as the system counts them over a minute."""
    return _curve([(sample["at_s"], sample["load1"]) for sample in notes.samples])


def _rates(notes: Notes, count: Callable[[dict[str, Any]], tuple[int, float] | None]) -> Curve:
    found: list[tuple[float, float]] = []
    for before, after in itertools.pairwise(notes.samples):
        one, other = count(before), count(after)
        if one is not None and other is not None and one[0] == other[0]:
            found.append((after["at_s"], (other[1] - one[1]) / (after["at_s"] - before["at_s"])))
    return _curve(found)


def _curve(found: Sequence[tuple[float, float]]) -> Curve:
    return Curve(np.array([at for at, _ in found], float), np.array([value for _, value in found], float))


# ---- time stamps of a file


@dataclass
class Steps:
    """The steps between the time stamps of a track, in seconds; give them in the order of the file."""

    gap_s: float
    """A longer one is a gap."""
    count: int = 0
    longest_s: float = 0.0
    longest_at_s: float = 0.0
    backward: int = 0
    gaps: list[tuple[float, float]] = field(default_factory=list)
    """Where, and how long."""
    first_s: float | None = None
    last_s: float = 0.0

    def take(self, at_s: float) -> None:
        """The next time stamp."""
        self.count += 1
        if self.first_s is None:
            self.first_s = self.last_s = at_s
            return
        step = at_s - self.last_s
        self.backward += step <= 0
        if step > self.longest_s:
            self.longest_s, self.longest_at_s = step, self.last_s
        if step > self.gap_s:
            self.gaps.append((round(self.last_s, 3), round(step, 3)))
        self.last_s = max(self.last_s, at_s)

    @property
    def seconds(self) -> float:
        """From the first to the last."""
        return self.last_s - (self.first_s or 0.0)


def steady_skews(skews: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Those of flashes that come a second after another one.

    The first after a cut may be a flash that had begun before: only its end was on program.
    """
    return [after for before, after in itertools.pairwise(skews) if abs(after[0] - before[0] - 1.0) < 0.2]


def by_minute(skews: Sequence[tuple[float, float]], least: int = 5) -> list[tuple[float, float]]:
    """Median of each minute in which there were enough, with the second in its middle."""
    minutes: dict[int, list[float]] = {}
    for at_s, skew_ms in skews:
        minutes.setdefault(int(at_s // 60), []).append(skew_ms)
    return [
        (60.0 * minute + 30, float(np.median(found)))
        for minute, found in sorted(minutes.items())
        if len(found) >= least
    ]
