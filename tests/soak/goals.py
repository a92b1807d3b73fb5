"""What a soak has to show, and whether it did: figures out of the diary, the files and the log. Pure."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from tests.bench.measure import DIGITS
from tests.soak.curves import (
    Curve,
    Growth,
    by_minute,
    growth,
    late_percent,
    load,
    of_process,
    process_names,
    table_mb_per_min,
    warm_up_s,
)
from tests.soak.diary import Notes
from tests.soak.film import Film, all_skews, worst_minute_ms

MEMORY_MB_PER_MIN, FDS_PER_HOUR, THREADS_PER_HOUR = 0.1, 2.0, 1.0
SKEW_MS, BACK_S, MISSING_S = 80.0, 10.0, 1.0
JUDGED_MIN_S = 900.0
"""Of less than a quarter of an hour after the warm-up no slope says anything."""
NOT_OURS = frozenset({"offices", "soak"})
"""Processes that stand for the world outside."""
_COMPLAINT = re.compile(r"^\S+Z (\S+) (WARNING|ERROR|CRITICAL) (.*)$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure; without a goal it is only told, and where a soak was too short it is not judged."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    judged: bool = True

    @property
    def reached(self) -> bool | None:
        """Whether the goal, which no value may exceed, was reached."""
        if self.goal is None or not self.judged:
            return None
        return self.value <= self.goal

    def row(self) -> dict[str, Any]:
        """As a JSON line, with the fields of a bench's figure where they fit."""
        value = round(self.value, DIGITS) if np.isfinite(self.value) else None
        row: dict[str, Any] = {"name": f"soak {self.name}", "value": value, "unit": self.unit}
        if self.goal is None:
            return row
        return {**row, "goal": self.goal, "better": "lower", "reached": self.reached}


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a report is made from."""

    notes: Notes
    films: Sequence[Film]
    log: str

    @property
    def seconds(self) -> float:
        """How long it ran."""
        return float(self.notes.samples[-1]["at_s"]) if self.notes.samples else 0.0

    @property
    def warm_s(self) -> float:
        """When the warm-up was over."""
        return warm_up_s(self.seconds)

    @property
    def table_mb_per_min(self) -> float:
        """The known growth of the engine while the recording is open."""
        return table_mb_per_min(float(self.notes.begin.get("settings", {}).get("air_fps", 30)))

    def warm(self, name: str, what: str) -> Curve:
        """A curve of a process after the warm-up."""
        return of_process(self.notes, name, what).after(self.warm_s)

    def grown(self, name: str, what: str) -> Growth:
        """How it grows after the warm-up."""
        return growth(self.warm(name, what))

    @property
    def ours(self) -> list[str]:
        """The product's processes that were there long enough to be judged."""
        names = [name for name in process_names(self.notes) if name not in NOT_OURS]
        return [name for name in names if len(self.warm(name, "own_mb").at_s) > 2]

    @property
    def recording_began_s(self) -> float:
        """When the recording began, in the time of the diary."""
        for sample in self.notes.samples:
            if seconds := sample["seen"].get("recorder", {}).get("seconds"):
                return float(sample["at_s"]) - float(seconds)
        return 0.0

    def load_at(self, at_s: float) -> float:
        """How much the machine was used at a moment of the diary; not a number where nobody looked."""
        nearest = min(self.notes.samples, key=lambda one: abs(one["at_s"] - at_s), default={"load1": np.nan})
        return float(nearest["load1"])

    @property
    def went_wrong(self) -> list[dict[str, Any]]:
        """Events that must not be."""
        return [event for event in self.notes.events if not event["ok"]]


def verdicts(found: Found) -> list[Verdict]:
    """All figures, in the order of the report."""
    return [*_flat(found), *_film(found), *_stream(found), *_surprises(found), *_told(found)]


def _flat(found: Found) -> Iterator[Verdict]:
    judged = found.seconds - found.warm_s >= JUDGED_MIN_S
    for name in found.ours:
        per_min = found.grown(name, "own_mb").per_hour / 60
        if name == "engine":
            known = found.table_mb_per_min
            yield Verdict("engine memory with the open file", per_min, "MB/min")
            yield Verdict("known growth of the open file", known, "MB/min")
            per_min -= known
        yield Verdict(f"{name} memory", per_min, "MB/min", MEMORY_MB_PER_MIN, judged)
    for name in found.ours:
        yield Verdict(f"{name} descriptors", found.grown(name, "fds").per_hour, "1/h", FDS_PER_HOUR, judged)
    for name in found.ours:
        yield Verdict(
            f"{name} threads", found.grown(name, "threads").per_hour, "1/h", THREADS_PER_HOUR, judged
        )


def _film(found: Found) -> Iterator[Verdict]:
    if not found.films:
        yield Verdict("recordings missing", 1, "", 0)
        return
    skews = [skew for _, skew in all_skews(list(found.films))]
    yield Verdict("skew, worst minute", worst_minute_ms(list(found.films)), "ms", SKEW_MS, bool(skews))
    if skews:
        yield Verdict("skew, median", float(np.median(np.abs(skews))), "ms")
        yield Verdict("skew, 99 of 100 flashes within", float(np.percentile(np.abs(skews), 99)), "ms")
        yield Verdict("flashes judged", len(skews), "")
    unheard, heard = sum(film.unheard for film in found.films), sum(len(film.skews) for film in found.films)
    if unheard + heard:
        yield Verdict("flashes without a beep", 100 * unheard / (unheard + heard), "%")
    yield Verdict("minutes judged for skew", len(by_minute(all_skews(list(found.films)))), "")
    yield Verdict("gaps in the recording", sum(len(film.gaps) for film in found.films), "", 0)
    yield Verdict("time stamps going back", sum(film.backward for film in found.films), "", 0)
    yield Verdict("files with decode errors", sum(bool(film.errors) for film in found.films), "", 0)
    yield Verdict("tracks apart at the end", max(film.apart_s for film in found.films), "s", MISSING_S)
    yield Verdict("recording missing at its end", max(0.0, missing_s(found)), "s", MISSING_S)
    yield Verdict(
        "longest time without a new picture", max(one.longest_picture_s for one in found.films), "s"
    )
    yield Verdict("recorded", sum(film.seconds for film in found.films) / 60, "min")
    yield Verdict("files", len(found.films), "")


def missing_s(found: Found) -> float:
    """How much less lies in a file than the recorder said of it at last, where most is missing."""
    said: dict[str, float] = {}
    for sample in found.notes.samples:
        seen = sample["seen"].get("recorder", {})
        name = PurePath(seen.get("path", "")).name
        said[name] = max(said.get(name, 0.0), float(seen.get("seconds", 0.0)))
    there = {film.name: film.seconds for film in found.films}
    return max((seconds - there.get(name, 0.0) for name, seconds in said.items() if name), default=0.0)


def _stream(found: Found) -> Iterator[Verdict]:
    restarts = [event for event in found.notes.events if event["what"] == "restart"]
    back = [event["back_s"] for event in restarts if "back_s" in event]
    yield Verdict("restarts of the stream", len(restarts), "")
    yield Verdict("stream not back", sum(not event["ok"] for event in restarts), "", 0)
    if back:
        yield Verdict("stream back after, slowest", max(back), "s", BACK_S)
        yield Verdict("stream back after, median", float(np.median(back)), "s")


def _surprises(found: Found) -> Iterator[Verdict]:
    yield Verdict("processes started anew", sum(restarted(found.notes).values()), "", 0)
    yield Verdict("surprises", len(found.went_wrong), "", 0)
    yield Verdict("went wrong at the end", len(found.notes.end.get("wrong", [])), "", 0)
    yield Verdict("ends that are missing", int(not found.notes.end), "", 0)
    yield Verdict(
        "errors in the log", sum(n for level, _, n in complaints(found.log) if level != "WARNING"), "", 0
    )


def _told(found: Found) -> Iterator[Verdict]:
    events = collections.Counter(event["what"] for event in found.notes.events if event["ok"])
    yield Verdict("joins", events["join"], "")
    yield Verdict("leaves", events["leave"], "")
    yield Verdict("changes of the program", events["program"], "")
    busy = load(found.notes)
    if len(busy.values):
        yield Verdict("load of the machine, median", float(np.median(busy.values)), "")
        yield Verdict("load of the machine, highest", float(busy.values.max()), "")
    for what in ("mixer", "program"):
        late = late_percent(found.notes, what).values
        if len(late):
            yield Verdict(f"{what} late, median", float(np.median(late)), "%")
            yield Verdict(f"{what} late, mean", float(np.mean(late)), "%")
    before, after = (found.notes.marks.get(name) for name in ("before the end", "recording closed"))
    if before and after and "engine" in before["processes"] and "engine" in after["processes"]:
        freed = before["processes"]["engine"]["own_mb"] - after["processes"]["engine"]["own_mb"]
        yield Verdict("engine memory had back when the file was closed", freed, "MB")


def restarted(notes: Notes) -> dict[str, int]:
    """How often a process of that name became another one."""
    pids: dict[str, set[int]] = {}
    for sample in notes.samples:
        for name, used in sample["processes"].items():
            if name not in NOT_OURS:
                pids.setdefault(name, set()).add(used["pid"])
    return {name: len(found) - 1 for name, found in pids.items() if len(found) > 1}


def complaints(log: str) -> list[tuple[str, str, int]]:
    """Level, text and number of what our processes complained of; figures are left out of the text."""
    found: collections.Counter[tuple[str, str]] = collections.Counter()
    for line in log.splitlines():
        if line.startswith("Traceback "):
            found["ERROR", "Traceback"] += 1
        elif match := _COMPLAINT.match(line):
            text = re.sub(r"\bp[0-9a-f]{8}\b|\d+(\.\d+)?", "#", match[3])
            found[match[2], f"{match[1]} {text}"[:200]] += 1
    return [(level, text, number) for (level, text), number in found.most_common()]
