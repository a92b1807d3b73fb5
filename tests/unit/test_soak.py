"""What a soak judges by: slopes, gaps, skew, verdicts and the picture, on curves whose answer is known."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from media.bus.layout import BLOCK_SAMPLES, SAMPLE_RATE_HZ
from media.outputs.aac import AacEncoder, AudioProfile
from media.outputs.mp4file import HybridMp4
from media.packet import EncodedPacket
from media.video.cardsource import BEEP_HZ, BEEP_PEAK
from media.video.encoder import VideoEncoder, VideoProfile
from media.video.i420 import new_frame
from tests.soak import curves, diary, report
from tests.soak.__main__ import main
from tests.soak.curves import Steps
from tests.soak.film import Film, look
from tests.soak.goals import Found, Verdict, complaints, verdicts
from tests.soak.plot import COLOURS, Line, Panel, draw, png, ticks
from tests.soak.processes import looked_at
from tests.soak.rhythm import FLOORS, LEAVES, RESTARTS, Rhythm

HOUR_S = 3600.0


# ---- slopes


def test_a_slope_is_found_beneath_noise_and_visitors() -> None:
    chance = np.random.default_rng(1)
    at_s = np.arange(0, 2 * HOUR_S, 10.0)
    values = 80 + at_s / HOUR_S * 12 + chance.normal(0, 0.3, len(at_s))
    visits = chance.random(len(at_s)) < 0.2
    found = curves.growth(curves.Curve(at_s, values + np.where(visits, 30.0, 0.0)))
    assert found.per_hour == pytest.approx(12, abs=0.4)
    assert found.begin == pytest.approx(80.2, abs=0.6)
    assert found.end == pytest.approx(104, abs=0.8)


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_any_number_of_points_has_a_slope(count: int) -> None:
    at_s = np.arange(0.0, count * 10.0, 10.0)
    found = curves.growth(curves.Curve(at_s, 7 + at_s / HOUR_S))
    assert found.per_hour == pytest.approx(1.0 if count > 1 else 0.0, abs=1e-6)


def test_the_table_of_an_open_file_grows_with_the_rate_of_pictures() -> None:
    assert curves.table_mb_per_min(30) == pytest.approx(0.391, abs=0.001)
    assert curves.table_mb_per_min(15) == pytest.approx(0.391 * 61.875 / 76.875, abs=0.001)


# ---- time stamps and skew


def test_steps_find_a_gap_and_a_stamp_that_goes_back() -> None:
    steps = Steps(gap_s=0.5)
    for at_s in (0.0, 0.04, 0.08, 0.79, 0.83, 0.81, 0.87):
        steps.take(at_s)
    assert (steps.gaps, steps.backward) == ([(0.08, 0.71)], 1)
    assert (round(steps.longest_s, 2), steps.longest_at_s, steps.seconds) == (0.71, 0.08, 0.87)


def test_the_first_flash_after_a_cut_is_not_judged() -> None:
    after_cut = [(10.15, 150.0), (11.0, 2.0), (12.0, 3.0), (70.1, 100.0), (71.0, 4.0)]
    assert curves.steady_skews(after_cut) == [(11.0, 2.0), (12.0, 3.0), (71.0, 4.0)]


def test_a_minute_counts_where_enough_was_seen_in_it() -> None:
    skews = [(float(at), 5.0 if at < 60 else 9.0) for at in range(50, 70)] + [(130.0, 80.0)]
    assert curves.by_minute(skews) == [(30.0, 5.0), (90.0, 9.0)]


# ---- the diary and its verdicts


def notes(hours: float, engine_mb_per_min: float, fds: Callable[[float], int] = lambda _: 40) -> diary.Notes:
    """A diary of so many hours in which the engine grows so fast."""
    made = diary.Notes(
        begin={"hours": hours, "settings": {"air_fps": "30"}, "wall_s": 0.0}, end={"wrong": []}
    )
    for number in range(int(hours * 360) + 1):
        at_s = number * 10.0
        used = {"pid": 7, "own_mb": 90 + at_s / 60 * engine_mb_per_min, "rss_mb": 150, "threads": 24}
        engine = {**used, "fds": fds(at_s), "cpu_ms": int(at_s * 300)}
        late = {"ticks": number * 500, "late_ticks": number * 5, "skipped_ticks": 0}
        program = {"frames": number * 290, "late_frames": number * 10}
        seen = {"mixer": late, "program": program, "recorder": {"path": "/v/a.mp4", "seconds": at_s}}
        made.samples.append({"at_s": at_s, "load1": 1.5, "processes": {"engine": engine}, "seen": seen})
    return made


def reached(found: Found, name: str) -> bool | None:
    return next(one.reached for one in verdicts(found) if one.name == name)


def value(found: Found, name: str) -> float:
    return next(one.value for one in verdicts(found) if one.name == name)


def test_the_known_growth_of_the_open_file_is_told_apart() -> None:
    flat, leaking = (Found(notes(2, rate), [], "") for rate in (0.43, 0.6))
    assert value(flat, "engine memory with the open file") == pytest.approx(0.43)
    assert value(flat, "engine memory") == pytest.approx(0.039, abs=0.001)
    assert (reached(flat, "engine memory"), reached(leaking, "engine memory")) == (True, False)


def test_descriptors_that_come_and_go_are_flat_and_those_that_stay_are_not() -> None:
    chance = random.Random(3)
    visited = Found(notes(2, 0.4, lambda _: 40 + chance.choice((0, 0, 4, 8))), [], "")
    leaking = Found(notes(2, 0.4, lambda at_s: 40 + int(at_s // 600)), [], "")
    assert (reached(visited, "engine descriptors"), reached(leaking, "engine descriptors")) == (True, False)


def test_a_short_soak_is_not_judged_by_its_slopes() -> None:
    found = Found(notes(0.2, 5.0), [], "")
    assert reached(found, "engine memory") is None
    assert reached(found, "recordings missing") is False


def test_what_was_late_and_used_is_a_rate() -> None:
    found = notes(0.5, 0.4)
    assert set(curves.late_percent(found, "mixer").values) == {1.0}
    assert curves.late_percent(found, "program").values == pytest.approx(100 / 30)
    assert set(curves.cpu_of(found, "engine").values) == {300.0}


def test_surprises_restarts_of_processes_and_streams_are_counted() -> None:
    diary_ = notes(1, 0.41)
    for sample in diary_.samples[200:]:
        sample["processes"]["engine"]["pid"] = 8
    diary_.events = [
        {"what": "restart", "ok": True, "at_s": 600, "how": "server killed", "noticed_s": 0.1, "back_s": 2.5},
        {"what": "restart", "ok": False, "at_s": 1200, "how": "server killed", "error": "TimeoutError"},
    ]
    found = Found(diary_, [], "2026-11-22T04:20:04.498Z engine ERROR media.x: failed\nTraceback (most\n")
    names = ("stream not back", "processes started anew", "surprises", "errors in the log")
    assert [(value(found, name), reached(found, name)) for name in names] == [
        (1, False), (1, False), (1, False), (2, False),
    ]  # fmt: skip
    text = report.markdown(found, verdicts(found))
    assert "engine was started anew 1 times" in text
    assert "**not back** TimeoutError" in text


def test_complaints_of_one_kind_are_one() -> None:
    log = "\n".join(
        f"2026-11-22T04:20:0{n}.498Z room0 WARNING x.y: p35979f0{n} is {n}.5 s late" for n in range(3)
    )
    assert complaints(log + "\n2026-11-22T04:20:04.498Z room0 INFO x.y: good") == [
        ("WARNING", "room0 x.y: # is # s late", 3)
    ]


def test_a_figure_without_a_number_is_no_number_in_json() -> None:
    row = Verdict("skew", float("nan"), "ms", 80, judged=False).row()
    assert json.loads(json.dumps(row, allow_nan=False))["value"] is None


def test_a_diary_is_read_again_though_its_end_was_cut_off(tmp_path: Path) -> None:
    written = diary.Diary(tmp_path)
    written.note("begin", hours=2)
    written.event("join", number=1)
    written.note("mark", name="before the end", processes={})
    written.close()
    with (tmp_path / diary.NAME).open("a") as file:
        file.write('{"kind": "sample", "at_s": 1')
    found = diary.read(tmp_path)
    assert (found.begin["hours"], found.events[0]["number"], found.samples, found.end) == (2, 1, [], {})
    assert "before the end" in found.marks


def test_even_the_shortest_soak_goes_through_everything() -> None:
    rhythm, chance = Rhythm(108.0), random.Random(1)
    assert rhythm.floor_s * len(FLOORS) < 108
    assert rhythm.restart_s * len(RESTARTS) < 108
    assert rhythm.until_next_visit_s(chance) * len(LEAVES) < 108
    long = Rhythm(7200.0)
    assert (long.floor_s, long.restart_s) == (60, 600)
    assert 30 <= long.until_next_visit_s(chance) <= 60


# ---- the recording


def film(path: Path, missing: range) -> Path:
    """Six seconds with a flash and a beep each second, the beep 30 ms early; some pictures may be missing."""
    profile = VideoProfile("h264", 160, 90, 30, 300_000, preset="ultrafast", threads=1)
    encoder, sound, file = VideoEncoder(profile), AacEncoder(), HybridMp4(path, profile, AudioProfile())
    packets: list[EncodedPacket] = []
    frame, planes = new_frame(160, 90)
    planes[1][:] = planes[2][:] = 128
    for number in range(180):
        planes[0][:] = 235 if number % 30 in range(15, 20) else 60
        if number in missing:
            encoder.request_key()
        else:
            packets += encoder.encode(frame, number * 100_000 // 3)
    for number in range(300):
        at_s = (number * BLOCK_SAMPLES + np.arange(BLOCK_SAMPLES)) / SAMPLE_RATE_HZ
        beeps = (at_s % 1.0 >= 0.47) & (at_s % 1.0 < 0.53)
        block = np.where(beeps, BEEP_PEAK * np.sin(2 * np.pi * BEEP_HZ * at_s), 0.0).astype(np.int16)
        packets += sound.encode(block, number * 20_000)
    for packet in sorted(packets, key=lambda one: one.stamp_us):
        file.write(packet)
    file.close()
    return path


def test_a_good_recording_has_its_skew_and_no_gap(tmp_path: Path) -> None:
    found = look(film(tmp_path / "good.mp4", range(0)))
    assert (found.gaps, found.backward, found.errors, found.unheard) == ([], 0, "", 0)
    assert found.pictures == 180
    assert found.seconds == pytest.approx(6.0, abs=0.1)
    assert [skew for _, skew in found.skews] == [pytest.approx(30, abs=4)] * len(found.skews)


def test_pictures_that_are_missing_in_a_recording_are_a_gap(tmp_path: Path) -> None:
    found = look(film(tmp_path / "gap.mp4", range(80, 125)))
    assert [(track, round(at_s, 1), round(long_s, 1)) for track, at_s, long_s in found.gaps] == [
        ("video", 2.6, 1.5)
    ]


def test_a_file_that_cannot_be_read_is_a_missed_goal(tmp_path: Path) -> None:
    whole = film(tmp_path / "good.mp4", range(0)).read_bytes()
    broken = tmp_path / "broken.mp4"
    for content in (b"", b"not a film at all" * 100, whole[:300]):
        broken.write_bytes(content)
        seen = look(broken)
        assert seen.errors and seen.bytes == len(content)
        assert reached(Found(notes(0.2, 0.41), [seen], ""), "files with decode errors") is False


def test_what_is_missing_is_looked_for_in_each_file() -> None:
    seen = notes(0.2, 0.41)
    half = len(seen.samples) // 2
    for number, sample in enumerate(seen.samples):
        first = number < half
        seconds = float(sample["at_s"]) - (0.0 if first else float(seen.samples[half]["at_s"]))
        sample["seen"]["recorder"] = {"path": "/v/a.mp4" if first else "/v/b.mp4", "seconds": seconds}
    last = [seen.samples[half - 1], seen.samples[-1]]
    a, b = (
        Film(name, sample["seen"]["recorder"]["seconds"], 1, 1, 0.1, 0.0, 0.1, [], 0, 0.0, "")
        for name, sample in zip(("a.mp4", "b.mp4"), last, strict=True)
    )
    assert reached(Found(seen, [a, b], ""), "recording missing at its end") is True
    shorter = dataclasses.replace(b, seconds=b.seconds - 5)
    assert value(Found(seen, [a, shorter], ""), "recording missing at its end") == pytest.approx(5)
    assert value(Found(seen, [b], ""), "recording missing at its end") == pytest.approx(a.seconds)


def test_a_soak_that_ended_badly_or_not_at_all_misses_a_goal() -> None:
    seen = notes(0.2, 0.41)
    names = ("went wrong at the end", "ends that are missing")
    assert [reached(Found(seen, [], ""), name) for name in names] == [True, True]
    seen.end = {"wrong": ["engine: leaked"]}
    assert [reached(Found(seen, [], ""), name) for name in names] == [False, True]
    seen.end = {}
    assert [reached(Found(seen, [], ""), name) for name in names] == [True, False]


# ---- the picture and the whole report


def test_ticks_are_round_and_within() -> None:
    assert ticks(0, 97) == [0, 20, 40, 60, 80]
    assert ticks(-110, 95) == [-100, -50, 0, 50]


@pytest.mark.parametrize("values", [[], [5.0], [0.0, 0.0, 0.0], [float("nan"), 1e9, -1e9]])
def test_a_picture_is_drawn_of_any_curve(values: list[float]) -> None:
    y = np.array(values, float)
    line = Line("anything", np.arange(len(y), dtype=float), y, COLOURS[0])
    panel = Panel("Curve", "MB", [line], limits=[(80.0, "goal")], moments=[(0.5, "here")])
    image = cv2.imdecode(np.frombuffer(png(draw("Title", [panel, panel, panel])), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (56 + 2 * 330, 2 * 760, 3)


def test_a_curve_stands_where_its_values_are() -> None:
    x = np.arange(100.0)
    rising = draw("", [Panel("t", "u", [Line("a", x, x, (0, 0, 255))])], columns=1)
    red = np.argwhere((rising[..., 2] > 200) & (rising[..., 1] < 120))
    curve = red[red[:, 0] > 56 + 60]
    assert curve[curve[:, 1].argmin(), 0] > curve[curve[:, 1].argmax(), 0] + 150


def test_a_report_is_made_again_from_what_lies_in_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "recordings").mkdir()
    film(tmp_path / "recordings" / "one.mp4", range(0))
    found = notes(0.01, 0.4)
    lines: list[dict[str, Any]] = [{"kind": "begin", **found.begin}, {"kind": "end", **found.end}]
    lines += [{"kind": "sample", **sample} for sample in found.samples]
    (tmp_path / diary.NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    code = main(["--report", str(tmp_path)])
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["soak gaps in the recording"]["reached"] is True
    assert code == (1 if any(row.get("reached") is False for row in rows.values()) else 0)
    assert (tmp_path / report.SUMMARY).read_text().startswith("# Soak of ")
    assert len((tmp_path / report.RESULTS).read_text().splitlines()) == len(rows)
    assert cv2.imread(str(tmp_path / report.PICTURE)) is not None


def test_a_folder_without_a_soak_is_told_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--report", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("There is no soak to report on")


# ---- processes


def test_a_living_process_is_measured_and_a_dead_one_is_none() -> None:
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, "-c", "print(1, flush=True); input()"], stdin=pipe, stdout=pipe)
    assert child.stdout is not None
    child.stdout.readline()
    found = looked_at(child.pid, shares=True)
    assert found is not None
    assert found["pid"] == child.pid
    assert 1 < found["own_mb"] <= found["rss_mb"] < 1000
    assert found["pss_mb"] > 1
    assert found["threads"] == 1
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert looked_at(child.pid, shares=True) is None
    child.communicate()
    assert looked_at(child.pid, shares=True) is None


def test_what_went_wrong_is_told_with_the_load_of_the_machine() -> None:
    diary_ = notes(0.5, 0.4)
    for sample in diary_.samples:
        sample["seen"]["recorder"]["seconds"] = max(0.0, sample["at_s"] - 15)
        sample["load1"] = 29.0 if sample["at_s"] >= 600 else 1.0
    film_ = Film("one.mp4", 1700.0, 1, 1, 1.2, 700.0, 0.02, [("video", 700.0, 1.2)], 0, 0.0, "")
    diary_.events = [{"what": "room changed", "ok": False, "at_s": 20.0}]
    found = Found(diary_, [film_], "")
    assert (found.recording_began_s, found.load_at(1e9)) == (15.0, 29.0)
    text = report.markdown(found, verdicts(found))
    assert "video 1.2 s at 700.0 s, at a load of 29" in text
    assert '"at_s": 20.0, "load": 1.0' in text
