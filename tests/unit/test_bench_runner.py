"""The bench runner: figures printed and kept, a crash told apart from a missed goal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench import measure, run

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture
def benches(tmp_path: Path) -> Path:
    """Return a copy of the runner beside three benches: one good, one that crashes, one with a wrong row."""
    folder = tmp_path / "tests" / "bench"
    folder.mkdir(parents=True)
    for name in ("run.py", "measure.py"):
        (folder / name).write_text((TOP / "tests" / "bench" / name).read_text())
    good = (
        "from tests.bench.measure import figure\n"
        "def run():\n"
        "    print('a note')\n"
        "    yield figure('fast', [9, 7.41234, 8], 'ms/s', 1, 'lower', peer='stock', peer_values=[19, 20])\n"
    )
    (folder / "bench_good.py").write_text(good)
    (folder / "bench_crash.py").write_text(good + "    import os; os.abort()\n")
    (folder / "bench_wrong.py").write_text("def run():\n    yield {'name': 'x', 'value': 1}\n")
    return tmp_path


def bench(top: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench.run", *args], cwd=top, capture_output=True, text=True, timeout=20
    )


def test_figures_are_printed_and_kept(benches: Path) -> None:
    for _ in range(2):
        done = bench(benches, "good")
    note, line = done.stdout.splitlines()
    row = {"name": "fast", "value": 8, "unit": "ms/s", "goal": 1, "better": "lower", "peer": "stock"}
    assert json.loads(line) == row | {"peer_value": 19.5, "n": 3, "spread": [7.412, 9]}
    assert (note, done.returncode) == ("a note", 0)
    assert (benches / "bench-output" / "good.jsonl").read_text() == f"{line}\n{line}\n"


def test_crash_and_wrong_row_fail_but_the_others_run(benches: Path) -> None:
    done = bench(benches)
    assert done.returncode == 1
    assert done.stdout.count('"fast"') == 2
    assert "bench crash ended with -6" in done.stderr
    assert "wrong: a figure has ['name', 'value']" in done.stderr


def test_names(benches: Path) -> None:
    assert bench(benches, "--list").stdout.split() == ["crash", "good", "wrong"]
    assert bench(benches, "nothing").returncode == 2
    for name in run.names():
        assert "def run()" in (run.HERE / f"bench_{name}.py").read_text()


def test_span_measures_this_process_and_another() -> None:
    with measure.Span() as busy:
        deadline = time.process_time() + 0.05
        while time.process_time() < deadline:
            pass
    assert 50 <= busy.cpu_ms < 500
    assert busy.cpu_ms_per_s <= 1500
    assert measure.cpu_ms(os.getpid()) > 0
