"""Guards of the house: what must stay true of the repository itself, and of the Qt it stands on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

TOP = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "packaging/uv.txt")


def tracked() -> list[Path]:
    """Return the files of the repository, or our Python files where there is none (a source archive)."""
    done = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True)
    if done.returncode == 0:
        return [TOP / name for name in done.stdout.splitlines() if (TOP / name).is_file()]
    return [
        path
        for folder in ("operator_console", "media", "ui", "tests")
        for path in (TOP / folder).rglob("*.py")
    ]


def test_packaging_folder_is_no_python_package() -> None:
    # With one, `import packaging.version` finds our folder: pip, pytest and PyInstaller die of it.
    assert not (TOP / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_hashed_and_names_no_address(lock: str) -> None:
    text = (TOP / lock).read_text()
    assert "://" not in text
    pins = re.split(r"\n(?=\S)", text.strip())
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


@pytest.mark.parametrize("package", ["media", "ui"])
def test_package_stays_empty(package: str) -> None:
    # `import media.bus` runs media/__init__.py: one import there would load codecs into the ui unseen.
    assert (TOP / package / "__init__.py").read_text() == ""


def test_readme_names_the_two_commands_and_ci_runs_the_tests() -> None:
    readme = (TOP / "README.md").read_text()
    assert re.search(r"^\./run$", readme, re.M)
    assert re.search(r"^\./run test$", readme, re.M)
    ci = [line for line in (TOP / ".ci" / "run").read_text().splitlines() if not line.startswith("#")]
    assert ci == ['cd "$(dirname "$0")/.." && exec ./run test']
    assert os.access(TOP / "run", os.X_OK)
    assert os.access(TOP / ".ci" / "run", os.X_OK)


def test_system_packages_are_plain_names() -> None:
    for name in ("apt-run.txt", "apt-demo.txt", "apt-test.txt"):
        lines = (TOP / "packaging" / name).read_text().split()
        assert lines
        assert [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", line)] == []


def test_no_machine_path_is_tracked() -> None:
    found = []
    for path in tracked():
        if path.suffix not in {
            ".py",
            ".js",
            ".css",
            ".html",
            ".md",
            ".toml",
            ".txt",
            ".sh",
            ".json",
            ".qss",
            "",
        }:
            continue
        text = path.read_text(errors="replace")
        found += [
            f"{path}: {hit}" for hit in re.findall(r"(?<![\w.])/(?:work|farm|root|home)/[a-z]\S*", text)
        ]
    assert found == []


class Painted(QWidget):
    """Paints itself as the wall does."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), 0)
        painter.end()


def test_qt_keeps_the_references_to_none(qtbot: QtBot) -> None:
    # PySide6 6.12.0 on Python 3.11 loses one per call and dies of it within a minute of painting (from
    # 3.12 on None is immortal and counts nothing).
    widget = Painted()
    qtbot.addWidget(widget)
    widget.show()
    calls: tuple[Callable[[], object], ...] = (widget.update, widget.repaint, QCoreApplication.processEvents)
    for call in calls:
        call()
        before = sys.getrefcount(None)
        for _ in range(1000):
            call()
        assert before - sys.getrefcount(None) < 100, call
