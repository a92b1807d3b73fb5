"""Each guard of tests/guards.py bites: tests that misbehave, run by a pytest of their own, fail."""

from __future__ import annotations

from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
CONFTEST = """
import tests.guards
tests.guards.SETTLE_S = 0.2
from tests.guards import *
"""
HEADER = """
import asyncio, logging, subprocess, threading, time, warnings
KEEP, STOP = [], threading.Event()
"""
# What the report must say, and the line of the test that must be caught.
MISBEHAVING = (
    ("unexpected log: WARNING x: careful", "logging.getLogger('x').warning('careful')"),
    ("expected log never came: lost", "expect_log('lost')"),
    ("leaked thread: stray", "threading.Thread(target=STOP.wait, name='stray', daemon=True).start()"),
    ("leaked file descriptor: * -> *stray.txt", "KEEP.append(open(tmp_path / 'stray.txt', 'w'))"),
    ("leaked child process: * sleep 60", "KEEP.append(subprocess.Popen(['sleep', '60']))"),
    ("leaked task: *stray*", "KEEP.append(asyncio.create_task(asyncio.sleep(60), name='stray'))"),
)
WELL_BEHAVED = (
    "expect_log('care.*'); logging.getLogger('x').error('careful')",
    "threading.Thread(target=time.sleep, args=(0.1,)).start()",  # ends by itself within the grace
    "subprocess.Popen(['sleep', '0']).wait()",
    "asyncio.create_task(asyncio.sleep(0.05))",
)
FAILING = (
    "warnings.warn('old')",
    "KEEP.append(open(tmp_path / 'x', 'w')); assert False",  # one report, not a second one for the file
)


def run(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    """Run a test file under the guards and the project's own pytest settings."""
    pytester.makefile(".toml", pyproject=(TOP / "pyproject.toml").read_text().replace('["."]', f'["{TOP}"]'))
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess(".", "-p", "no:cacheprovider")


def test_a_test_that_misbehaves_fails_and_says_why(pytester: pytest.Pytester) -> None:
    lines = [line for _, line in MISBEHAVING] + list(WELL_BEHAVED + FAILING)
    tests = [
        f"{'async ' if 'asyncio' in line else ''}def test_{number}(tmp_path, expect_log):\n    {line}\n"
        for number, line in enumerate(lines)
    ]
    result = run(pytester, HEADER + "\n".join(tests))
    result.assert_outcomes(
        passed=len(MISBEHAVING) + len(WELL_BEHAVED), errors=len(MISBEHAVING), failed=len(FAILING)
    )
    for sentence, _ in MISBEHAVING:
        result.stdout.fnmatch_lines([f"*{sentence}*"])


def test_qt_messages_timers_and_windows_left_behind_fail_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        "from PySide6.QtCore import QTimer, qWarning\nfrom PySide6.QtWidgets import QLabel\nKEEP = []\n"
        "def test_message(qapp): qWarning('odd')\n"
        "def test_timer(qapp):\n    KEEP.append(QTimer()); KEEP[-1].start(1000)\n"
        "def test_window(qapp):\n    KEEP.append(QLabel('stray'))\n"
        "def test_tidy(qtbot):\n    qtbot.addWidget(QLabel('tidy'))\n",
    )
    result.assert_outcomes(passed=3, errors=2, failed=1)
    result.stdout.fnmatch_lines(["*leaked Qt object: *QTimer*", "*leaked Qt object: *QLabel*"])
