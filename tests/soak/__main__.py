"""`./run soak`: the real product for hours, and whether anything grows, drifts or has a gap."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path

from tests.soak import report
from tests.soak.drive import Options, drive

FOLDER = Path("soak-output")
NICE = 10
"""Looking at hours of recording takes its time; who shares the machine should not notice."""


def hours_of(text: str) -> float:
    """A length of a soak; argparse refuses anything else in words."""
    hours = float(text)
    if not 0.01 <= hours <= 1000:
        raise argparse.ArgumentTypeError("must lie between 0.01 and 1000 hours")
    return hours


def main(argv: list[str]) -> int:
    """Run a soak and report, or report again; 1 where a goal was missed."""
    parser = argparse.ArgumentParser("./run soak", description=__doc__)
    parser.add_argument("hours", nargs="?", type=hours_of, default=4.0, help="how long; 4 without it")
    parser.add_argument("--output", type=Path, help=f"folder of the report; {FOLDER}/<time> without it")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="only report on an earlier soak again")
    parser.add_argument(
        "--steady", type=int, default=4, help="offices that stay, beside the one that flashes"
    )
    parser.add_argument("--window", action="store_true", help="with the real window, offscreen")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting")
    asked = parser.parse_args(argv)
    folder: Path = asked.report or asked.output or FOLDER / time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    if asked.report is None:
        folder.mkdir(parents=True, exist_ok=True)
        settings = dict(one.split("=", 1) for one in asked.set)
        asyncio.run(drive(Options(asked.hours, folder.resolve(), asked.steady, asked.window, settings)))
        os.nice(NICE)
        print("soak: looking at the recording, which takes some minutes", file=sys.stderr)
    try:
        made = report.write(folder)
    except OSError as error:
        print(f"There is no soak to report on in {folder}: {error}", file=sys.stderr)
        return 2
    for one in made:
        print(json.dumps(one.row(), ensure_ascii=False))
    print(
        f"The report is {folder / report.SUMMARY}, the curves are {folder / report.PICTURE}.", file=sys.stderr
    )
    return 1 if any(one.reached is False for one in made) else 0


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.exit(main(sys.argv[1:]))
