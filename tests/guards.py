"""What a test must not leave behind: unexpected logs, threads, tasks, open files, processes, Qt objects."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
import re
import threading
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

SETTLE_S = 2.0
_FD_FOLDER = Path("/proc/self/fd")
_failed = pytest.StashKey[bool]()


@dataclass
class LogWatch(logging.Handler):
    """Collects records of WARNING and above; each must match an expected pattern, each pattern a record."""

    records: list[logging.LogRecord] = field(default_factory=list)
    patterns: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.WARNING)

    __hash__ = logging.Handler.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def expect(self, pattern: str) -> None:
        """Allow, and demand, a log line of WARNING or above in which this regular expression is found."""
        self.patterns.append(pattern)

    def complaints(self) -> list[str]:
        lines = [f"{r.levelname} {r.name}: {r.getMessage()}" for r in self.records]
        wrong = [f"unexpected log: {x}" for x in lines if not any(re.search(p, x) for p in self.patterns)]
        missing = [p for p in self.patterns if not any(re.search(p, x) for x in lines)]
        return wrong + [f"expected log never came: {pattern}" for pattern in missing]


@dataclass(frozen=True)
class Belongings:
    """What the process owned when the test began."""

    threads: frozenset[threading.Thread]
    files: frozenset[tuple[int, str]]
    children: frozenset[psutil.Process]
    qt: frozenset[int]


def belongings(with_qt: bool) -> Belongings:
    """Return what the process owns now; `with_qt` includes active timers, running QThreads and windows."""
    qt = frozenset(id(thing) for thing in qt_things()) if with_qt else frozenset()
    return Belongings(frozenset(live_threads()), open_files(), child_processes(), qt)


def live_threads() -> list[threading.Thread]:
    """Return Python threads, without the placeholders of foreign ones and the watchdog of pytest-timeout."""
    return [
        thread
        for thread in threading.enumerate()
        if not isinstance(thread, threading._DummyThread) and not thread.name.startswith("pytest_timeout")
    ]


def open_files() -> frozenset[tuple[int, str]]:
    """Return (number, target) of each open file descriptor; nothing where there is no /proc."""
    found = set()
    for name in os.listdir(_FD_FOLDER) if _FD_FOLDER.exists() else ():
        try:
            found.add((int(name), os.readlink(_FD_FOLDER / name)))
        except FileNotFoundError:
            continue  # the one that listed the folder
    return frozenset(found)


def child_processes() -> frozenset[psutil.Process]:
    """Return all descendants, also those that have ended but were never waited for."""
    return frozenset(psutil.Process().children(recursive=True))


def qt_things() -> list[Any]:
    """Return active timers, running QThreads and top-level widgets that Python still holds."""
    import shiboken6
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
    from PySide6.QtWidgets import QApplication

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    held = [o for o in gc.get_objects() if isinstance(o, (QTimer, QThread)) and shiboken6.isValid(o)]
    busy = [o for o in held if (o.isActive() if isinstance(o, QTimer) else o.isRunning())]
    main = QCoreApplication.instance()
    return [o for o in busy if not main or o is not main.thread()] + list(QApplication.topLevelWidgets())


def leftovers(before: Belongings, with_qt: bool) -> list[str]:
    """Return a sentence for each thing that was not there before, after giving it time to go."""
    deadline, collected = time.monotonic() + SETTLE_S, False
    while found := _new(before, with_qt):
        if not collected:
            gc.collect()
            collected = True
        elif time.monotonic() > deadline:
            break
        else:
            time.sleep(0.02)
    for child in child_processes() - before.children:
        _end(child)
    return found


def _new(before: Belongings, with_qt: bool) -> list[str]:
    found = [f"leaked thread: {t.name} ({t!r})" for t in live_threads() if t not in before.threads]
    found += [f"leaked child process: {_describe(c)}" for c in child_processes() - before.children]
    opened = open_files() - before.files
    if with_qt:  # the threads of Qt's own painting pool come and go, each with its wake-up
        opened = frozenset(entry for entry in opened if entry[1] != "anon_inode:[eventfd]")
    found += [f"leaked file descriptor: {n} -> {target}" for n, target in opened]
    if with_qt:
        found += [f"leaked Qt object: {thing!r}" for thing in qt_things() if id(thing) not in before.qt]
    return found


def _describe(child: psutil.Process) -> str:
    try:
        return f"{child.pid} {child.status()} {' '.join(child.cmdline())}"
    except psutil.Error:
        return f"{child.pid} gone"


def _end(child: psutil.Process) -> None:
    try:
        child.kill()
        child.wait(SETTLE_S)
    except psutil.Error:
        return


@pytest.fixture(autouse=True)
def guard(request: pytest.FixtureRequest) -> Iterator[LogWatch]:
    """Fail the test for what it leaves behind. It is the first fixture set up, so the last torn down."""
    with_qt = "qapp" in request.fixturenames
    before, watch = belongings(with_qt), LogWatch()
    logging.getLogger().addHandler(watch)
    yield watch
    logging.getLogger().removeHandler(watch)
    if request.node.stash.get(_failed, False):
        return  # its traceback keeps frames alive; one report is enough
    complaints = watch.complaints() + leftovers(before, with_qt)
    if complaints:
        pytest.fail("\n".join(complaints), pytrace=False)


@pytest.fixture
async def guard_tasks(guard: LogWatch) -> AsyncIterator[None]:
    """Fail an async test that leaves tasks behind (the runner would just cancel them); added to each one."""
    before = asyncio.all_tasks()
    yield
    deadline = time.monotonic() + SETTLE_S
    while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
        if time.monotonic() > deadline:
            pytest.fail("\n".join(f"leaked task: {task!r}" for task in left), pytrace=False)
        await asyncio.sleep(0.01)


@pytest.fixture
def expect_log(guard: LogWatch) -> Callable[[str], None]:
    """Return a function that allows, and demands, a log line at WARNING or above matching a pattern."""
    return guard.expect


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put `guard_tasks` before the other fixtures of every async test."""
    for item in items:
        names = getattr(item, "fixturenames", [])
        if inspect.iscoroutinefunction(getattr(item, "function", None)) and "guard" in names:
            names.insert(names.index("guard") + 1, "guard_tasks")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that the test itself failed."""
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report
