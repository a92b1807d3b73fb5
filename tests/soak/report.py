"""The report of a soak: a summary in Markdown, the verdicts as JSON lines, the curves as a picture."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.soak import diary
from tests.soak.curves import Curve, cpu_of, late_percent, load, of_process
from tests.soak.film import all_skews, films
from tests.soak.goals import SKEW_MS, Found, Verdict, complaints, restarted, verdicts
from tests.soak.plot import COLOURS, Line, Panel, draw, png

PICTURE, SUMMARY, RESULTS = "curves.png", "report.md", "results.jsonl"
SHOWN_MAX = 40


def write(folder: Path) -> list[Verdict]:
    """Look at everything in the folder of a soak and write its report there. Blocks for minutes."""
    found = gather(folder)
    made = verdicts(found)
    (folder / RESULTS).write_text("".join(json.dumps(one.row()) + "\n" for one in made), encoding="utf-8")
    (folder / SUMMARY).write_text(markdown(found, made), encoding="utf-8")
    (folder / PICTURE).write_bytes(png(picture(found)))
    return made


def gather(folder: Path) -> Found:
    """Diary, files and log of a soak. Raises OSError where there is no diary."""
    notes = diary.read(folder)
    log = folder / "processes.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return Found(notes, films(folder), text)


# ---- words


def markdown(found: Found, made: list[Verdict]) -> str:
    """The summary."""
    return "\n".join(
        [*_head(found), *_table(made), *_growth(found), *_restarts(found), *_troubles(found), ""]
    )


def _head(found: Found) -> Iterator[str]:
    begun = time.gmtime(found.notes.begin.get("wall_s", 0))
    yield f"# Soak of {found.seconds / 3600:.2f} hours"
    yield ""
    yield (
        f"Begun {time.strftime('%Y-%m-%d %H:%M', begun)} UTC, {found.notes.begin.get('hours')} hours asked. "
        f"Slopes count after {found.warm_s / 60:.0f} minutes of warm-up (Theil-Sen: median of all pairs)."
    )
    if not found.notes.end:
        yield ""
        yield "The soak did not end in order: this is what was written down until then."
    yield ""
    yield f"![curves]({PICTURE})"
    yield ""


def _table(made: list[Verdict]) -> Iterator[str]:
    yield "| figure | value | goal | |"
    yield "|---|---|---|---|"
    words = {True: "reached", False: "**missed**", None: ""}
    for one in made:
        goal = "" if one.goal is None else f"<= {one.goal:g}"
        verdict = "too short to say" if one.goal is not None and not one.judged else words[one.reached]
        yield f"| {one.name} | {one.value:.3g} {one.unit} | {goal} | {verdict} |"
    yield ""


def _growth(found: Found) -> Iterator[str]:
    yield "## After the warm-up"
    yield ""
    yield "Fitted begin and end. Own memory is anonymous; RSS counts the shared media bus too."
    yield ""
    yield "| process | own MB | lowest, highest | RSS MB | PSS MB | descriptors | threads | CPU ms/s |"
    yield "|---|---|---|---|---|---|---|---|"
    for name in [*found.ours, *(one for one in ("offices", "soak") if len(found.warm(one, "own_mb").at_s))]:
        own = found.grown(name, "own_mb")
        ends = (found.grown(name, what) for what in ("rss_mb", "pss_mb", "fds", "threads"))
        cells = " | ".join(f"{one.begin:.0f} - {one.end:.0f}" for one in ends)
        cpu = cpu_of(found.notes, name).after(found.warm_s).values
        used = f"{np.mean(cpu):.0f}" if len(cpu) else ""
        yield (
            f"| {name} | {own.begin:.1f} - {own.end:.1f} | {own.low:.1f}, {own.high:.1f} | {cells} | {used} |"
        )
    yield ""


def _restarts(found: Found) -> Iterator[str]:
    restarts = [event for event in found.notes.events if event["what"] == "restart"]
    if not restarts:
        return
    yield "## Restarts of the stream"
    yield ""
    yield "| minute | how | noticed after s | back after s | |"
    yield "|---|---|---|---|---|"
    for one in restarts:
        told = "" if one["ok"] else f"**not back** {one.get('error', '')}"
        noticed, back = one.get("noticed_s", ""), one.get("back_s", "")
        yield f"| {one['at_s'] / 60:.0f} | {one['how']} | {noticed} | {back} | {told} |"
    yield ""


def _troubles(found: Found) -> Iterator[str]:
    wrong = [{**one, "load": round(found.load_at(one["at_s"]), 1)} for one in found.went_wrong]
    wrong += [{"what": one} for one in found.notes.end.get("wrong", [])]
    gaps, begun_s = [], found.recording_began_s
    for film in found.films:
        for track, at_s, long_s in film.gaps:
            load_ = found.load_at(begun_s + at_s)
            gaps.append(f"{film.name}: {track} {long_s} s at {at_s} s, at a load of {load_:.0f}")
        begun_s += film.seconds
    errors = [f"{film.name}: {film.errors}" for film in found.films if film.errors]
    anew = [f"{name} was started anew {number} times" for name, number in restarted(found.notes).items()]
    listed = [*(json.dumps(one, ensure_ascii=False) for one in wrong), *gaps, *errors, *anew]
    if listed:
        yield "## What must not be"
        yield ""
        yield from (f"- {one}" for one in listed[:SHOWN_MAX])
        if len(listed) > SHOWN_MAX:
            yield f"- and {len(listed) - SHOWN_MAX} more"
        yield ""
    told = complaints(found.log)
    if told:
        yield "## What the processes logged"
        yield ""
        yield from (f"- {number} x {level} {text}" for level, text, number in told[:SHOWN_MAX])


# ---- picture


def picture(found: Found) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """All curves."""
    notes = found.notes
    names, moments = found.ours, [(found.warm_s / 60, "end of the warm-up")]
    panels = [
        _memory(found, names),
        Panel(
            "CPU", "ms per s, 1000 = one core", [_line(n, cpu_of(notes, n), i) for i, n in enumerate(names)]
        ),
        Panel("File descriptors", "number", _lines(found, names, "fds"), moments=moments),
        Panel("Threads", "number", _lines(found, names, "threads"), moments=moments),
        _skew(found),
        _late(found),
    ]
    hours = found.seconds / 3600
    return draw(f"Operator Console, soak of {hours:.1f} hours: joins, leaves, restarts of the stream", panels)


def _line(name: str, curve: Curve, colour: int, *, dots: bool = False) -> Line:
    return Line(name, curve.at_s / 60, curve.values, COLOURS[colour % len(COLOURS)], dots)


def _lines(found: Found, names: list[str], what: str) -> list[Line]:
    return [_line(name, of_process(found.notes, name, what), number) for number, name in enumerate(names)]


def _memory(found: Found, names: list[str]) -> Panel:
    lines = _lines(found, names, "own_mb")
    if "engine" in names:
        engine = of_process(found.notes, "engine", "own_mb")
        known = found.table_mb_per_min * (engine.at_s - engine.at_s[0]) / 60
        lines.append(_line("engine less the open file's table", Curve(engine.at_s, engine.values - known), 7))
    return Panel("Own memory", "MB", lines, moments=[(found.warm_s / 60, "end of the warm-up")])


def _skew(found: Found) -> Panel:
    skews = all_skews(list(found.films))
    at, values = (np.array(part, float) for part in (zip(*skews, strict=True) if skews else ((), ())))
    # A single flash on a starved machine would press all others into one line.
    kept = np.abs(values) < 3 * SKEW_MS
    line = _line("flash later than its beep", Curve(at[kept], values[kept]), 0, dots=True)
    limits = ((SKEW_MS, "goal"), (-SKEW_MS, "goal"))
    return Panel("Sound and picture of the recording apart", "ms", [line], limits, from_zero=False)


def _late(found: Found) -> Panel:
    lines = [
        _line("mixer late, %", late_percent(found.notes, "mixer"), 0),
        _line("program late, %", late_percent(found.notes, "program"), 1),
        _line("load of the machine (two cores bear 2)", load(found.notes), 6),
    ]
    return Panel("Late, and how much others use the machine", "% and processes", lines)
