"""Starts the window: application, look, language, link to the engine; ends with the window."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication

from operator_console import paths
from operator_console.settings import Settings
from ui import i18n, loop, theme
from ui.actions import Actions
from ui.context import Context
from ui.desk import Desk
from ui.engine_end import ignored_words, leave_engine, say_farewell
from ui.garbage import GarbageCollector
from ui.geometry import remember, show_as_remembered
from ui.keystore import KeyStore
from ui.main_window import MainWindow
from ui.pictures import Pictures
from ui.replica import Notice, NoticeKind, Replica, Trouble

_log = logging.getLogger(__name__)


class Automation(Protocol):
    """Drives the window in place of an operator, as the demo does; `window.close()` ends the program."""

    async def run(self, window: MainWindow, replica: Replica) -> None:
        """Called once the window is shown."""


def run_ui(
    settings: Settings,
    *,
    start_engine: Callable[[], None] | None = None,
    automation: Automation | None = None,
    size: tuple[int, int] | None = None,
    ignored: Sequence[str] = (),
) -> int:
    """Show the console until its window is closed and return the exit code.

    `start_engine` is called, at most every 3 s, while no engine answers; `size` is the window's in pixels;
    `ignored` names settings that the engine that runs does not use, which is said.
    """
    # Qt shares the filling of each tile among threads; waking them costs more than it saves: 113-117 against
    # 125-131 ms/s for the whole window (bench wall, four runs by turns).
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Operator Console")
    app.setQuitOnLastWindowClosed(False)
    theme.apply(app)
    i18n.install(app, settings.language)
    return loop.run(app, _main(app, settings, start_engine, automation, size, ignored))


def make_context(
    settings: Settings, runtime: Path, start_engine: Callable[[], None] | None = None
) -> Context:
    """The parts that the window is built on."""
    replica, desk = Replica(runtime, start_engine), Desk()
    return Context(
        settings=settings,
        replica=replica,
        desk=desk,
        pictures=Pictures(replica.bus_dir),
        actions=Actions(replica, desk),
    )


async def _main(
    app: QApplication,
    settings: Settings,
    start_engine: Callable[[], None] | None,
    automation: Automation | None,
    size: tuple[int, int] | None,
    ignored: Sequence[str],
) -> int:
    context = make_context(settings, paths.runtime_dir(), start_engine)
    _install_excepthook(context.replica)
    garbage = GarbageCollector()
    window = MainWindow(context, KeyStore(asyncio.get_running_loop()))
    window.engine_stays = automation is None
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: closed.set())
    context.pictures.start()
    context.ticker.start()
    if size:
        window.resize(QSize(*size))
        window.show()
    else:
        show_as_remembered(window)
    if ignored:
        window.toaster.show_text(ignored_words(ignored), NoticeKind.REFUSED.value)
    tasks = [asyncio.create_task(context.replica.link.run(), name="link")]
    if automation:
        tasks.append(asyncio.create_task(automation.run(window, context.replica), name="automation"))
    try:
        return await _until_closed(closed, tasks)
    finally:
        await leave_engine(context)
        if window.engine_stays:
            say_farewell(context)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not size:
            remember(window)
        window.stop()
        context.replica.stop()
        context.ticker.stop()
        context.pictures.stop()
        window.deleteLater()
        app.processEvents()
        garbage.stop()


async def _until_closed(closed: asyncio.Event, tasks: list[asyncio.Task[None]]) -> int:
    """Wait for the window to close; a task that dies of an error ends the program with 1."""
    waiting = asyncio.create_task(closed.wait(), name="closed")
    pending = {waiting, *tasks}
    try:
        while not waiting.done():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {waiting}:
                if error := task.exception():
                    _log.critical("the task %s of the window failed", task.get_name(), exc_info=error)
                    return 1
    finally:
        waiting.cancel()
    return 0


def _install_excepthook(replica: Replica) -> None:
    """An error in a slot goes to sys.excepthook: it is logged by the hook before, and shown."""
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        replica.noticed.emit(Notice(NoticeKind.ERROR, trouble=Trouble.INTERNAL))

    sys.excepthook = hook
