"""Runs benches, each in a process of its own: `./run bench [NAME ...]`, one JSON line a figure.

A bench is a module `bench_<name>.py` with `def run() -> Iterable[dict[str, object]]`; measure.figure() makes
the rows. Lines are also kept in `bench-output/<name>.jsonl`. A missed goal is no error, a crash is.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
OUTPUT = Path("bench-output")
REQUIRED = {"name", "value", "unit", "goal", "better"}
OPTIONAL = {"peer", "peer_value", "n", "spread"}


def names(folder: Path = HERE) -> list[str]:
    """Return the names of all benches."""
    return sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))


def measure_here(name: str) -> None:
    """Run one bench in this process and print its figures as they come."""
    for row in importlib.import_module(f"tests.bench.bench_{name}").run():
        keys = set(row)
        if not REQUIRED <= keys <= REQUIRED | OPTIONAL:
            raise ValueError(f"{name}: a figure has {sorted(keys)}, needs {sorted(REQUIRED)}")
        print(json.dumps(row, ensure_ascii=False), flush=True)


def measure_apart(name: str, output: Path = OUTPUT) -> bool:
    """Run one bench in a child, print and keep its lines; return whether it ended well."""
    output.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.bench.run", "--here", name]
    with (
        (output / f"{name}.jsonl").open("a", encoding="utf-8") as kept,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child,
    ):
        for line in child.stdout or ():
            print(line, end="", flush=True)
            kept.write(line if line.startswith("{") else "")
    if child.returncode:
        print(f"bench {name} ended with {child.returncode}", file=sys.stderr)
    return child.returncode == 0


def main(argv: list[str]) -> int:
    """Run the benches named, or all; return 1 where one crashed, 2 where a name is wrong."""
    parser = argparse.ArgumentParser("./run bench", description="Measure; one JSON line a figure.")
    parser.add_argument("name", nargs="*", help="which benches; all without one")
    parser.add_argument("--list", action="store_true", help="print the names")
    parser.add_argument("--minutes", help="how long `offline` takes the line away")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.list:
        print(*names(), sep="\n")
        return 0
    unknown = sorted(set(asked.name) - set(names()))
    if unknown:
        print(f"There is no bench {', '.join(unknown)}. ./run bench --list names them.", file=sys.stderr)
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if asked.minutes:
        os.environ["BENCH_MINUTES"] = asked.minutes
    if asked.here:
        for name in asked.name:
            measure_here(name)
        return 0
    crashed = [name for name in asked.name or names() if not measure_apart(name)]
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
