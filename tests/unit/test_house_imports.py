"""The import contract: violations planted in a copy of the tree are all caught; the ui loads no codec."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
ROOTS = ("operator_console", "media", "ui")

# (package the planted module lies in, module it imports)
VIOLATIONS = (
    ("ui", "media.video"),
    ("ui", "media.bus.writer"),
    ("ui", "media.rtc"),
    ("ui", "operator_console.engine"),
    ("ui", "operator_console.room"),
    ("ui", "cv2"),
    ("ui", "av"),
    ("ui", "sounddevice"),
    ("ui", "sqlite3"),
    ("media.video", "operator_console.settings"),
    ("media.outputs", "aiohttp"),
    ("media.audio", "PySide6.QtCore"),
    ("media.rtc", "sqlite3"),
    ("media.bus", "media.video"),
    ("media.bus", "av"),
    ("operator_console.session", "operator_console.protocol"),
    ("operator_console.session", "operator_console.settings"),
    ("operator_console.session", "time"),
    ("operator_console.session", "asyncio"),
    ("operator_console.engine", "operator_console.room"),
    ("operator_console.engine", "ui"),
    ("operator_console.engine", "PySide6.QtCore"),
    ("operator_console.engine", "av"),
    ("operator_console.engine", "sqlite3"),
    ("operator_console.room", "aiortc"),
    ("operator_console.room", "operator_console.cli"),
    ("operator_console.library", "operator_console.engine"),
    ("operator_console.sources", "cv2"),
    ("operator_console.youtube", "operator_console.engine"),
    ("operator_console.youtube", "PySide6.QtCore"),
)
# (existing module, line added to it)
ADDED = (
    ("media/__init__.py", "import av", "media -> av"),
    ("media/clock.py", "import media.audio", "media.clock -> media.audio"),
    ("operator_console/settings.py", "import ui", "operator_console.settings -> ui"),
)


def lint(tree: Path) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.stdout


def test_every_planted_violation_is_caught(tmp_path: Path) -> None:
    for root in ROOTS:
        shutil.copytree(TOP / root, tmp_path / root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TOP / ".importlinter", tmp_path)
    expected = [edge for _, _, edge in ADDED]
    for number, (package, target) in enumerate(VIOLATIONS):
        planted = tmp_path / package.replace(".", "/") / f"planted_{number}.py"
        planted.write_text(f"import {target}\n")
        expected.append(f"{package}.planted_{number} -> {target.split('.')[0]}")
    for file, line, _ in ADDED:
        with (tmp_path / file).open("a") as opened:
            opened.write(f"\n{line}\n")
    output = lint(tmp_path)
    assert [edge for edge in expected if edge not in output] == []


def test_ui_process_loads_no_codec_and_no_device() -> None:
    program = (
        "import importlib, json, pkgutil, sys, ui\n"
        "names = [m.name for m in pkgutil.walk_packages(ui.__path__, 'ui.')]\n"
        "for name in names: importlib.import_module(name)\n"
        "forbidden = {'av', 'aiortc', 'cv2', 'livekit', 'sounddevice', 'soxr', 'sqlite_utils'}\n"
        "print(json.dumps([len(names), sorted(forbidden & set(sys.modules))]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=TOP, capture_output=True, text=True, timeout=30, check=True
    )
    count, loaded = json.loads(done.stdout)
    assert count > 0
    assert loaded == []
