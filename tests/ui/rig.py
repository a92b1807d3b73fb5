"""A real window on a fake engine in one Qt loop, driven from outside: `rig.until(...)` lets both run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from operator_console import protocol as p
from operator_console.settings import Settings
from tests.ui.fake_engine import FakeEngine
from ui import i18n, loop
from ui.context import Context
from ui.keystore import KeyStore
from ui.main import make_context
from ui.main_window import MainWindow

DEADLINE_S = 10.0
_PLAIN = Qt.KeyboardModifier.NoModifier
_T = TypeVar("_T")
_Widget = TypeVar("_Widget", bound=QWidget)


class Rig:
    """Owns loop, engine and window of one test."""

    def __init__(self, app: QApplication, runtime: Path) -> None:
        self.app, self.runtime = app, runtime
        self.loop = loop.new_loop(app)
        asyncio.events._set_running_loop(self.loop)
        self.engine: FakeEngine | None = None
        self.starts = 0
        self._tasks: list[asyncio.Task[Any]] = []
        self._window: MainWindow | None = None
        self._context: Context | None = None

    # ---- parts

    @property
    def window(self) -> MainWindow:
        assert self._window is not None
        return self._window

    @property
    def context(self) -> Context:
        assert self._context is not None
        return self._context

    @property
    def fake(self) -> FakeEngine:
        assert self.engine is not None
        return self.engine

    # ---- life

    def start_engine(self, *, media: bool = False, state: Any = None) -> FakeEngine:
        """A fresh engine run, with the state of an earlier one if given."""
        self.engine = FakeEngine(self.runtime, media=media)
        if state is not None:
            self.engine.state = state
        self.run(self.engine.start())
        return self.engine

    def stop_engine(self) -> None:
        """Kill it."""
        self.run(self.fake.stop())
        self.engine = None

    def open_window(
        self, width_px: int = 1600, height_px: int = 900, settings: Settings | None = None
    ) -> MainWindow:
        """Show the window and let the link run."""
        settings = settings or Settings(language="en", timezone="Asia/Makassar")
        i18n.install(self.app, settings.language)
        self._context = make_context(settings, self.runtime, self._count_start)
        self._context.key_lock.set_unlocked(True)
        self._window = MainWindow(self._context, KeyStore(self.loop))
        self._window.resize(width_px, height_px)
        self._window.show()
        self._context.pictures.start()
        self._context.ticker.start()
        self._tasks.append(self.loop.create_task(self._context.replica.link.run()))
        if self.engine:
            self.until(lambda: self.context.replica.connected)
            self.settle()
        return self._window

    def _count_start(self) -> None:
        self.starts += 1

    def close(self) -> None:
        """End everything in order."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            self.run(_gather(self._tasks))
        if self._window is not None:
            self.do(self._close_window)
        if self.engine:
            self.stop_engine()
        self.do(lambda: i18n.install(self.app, i18n.SOURCE_LANGUAGE))
        self._window = self._context = None
        self.run(self.loop.shutdown_default_executor())
        asyncio.events._set_running_loop(None)
        self.loop.close()

    def _close_window(self) -> None:
        self.window.stop()
        self.context.replica.stop()
        self.context.ticker.stop()
        self.context.pictures.stop()
        self.window.close_now()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    # ---- time

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine on the Qt loop.

        Not by run_until_complete: qasync handles events once more after it has said that no loop runs, and a
        task that takes its step just then dies.
        """
        task = self.loop.create_task(work)
        while not task.done():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        return task.result()

    def do(self, act: Callable[[], object]) -> None:
        """Call something as Qt would, on the running loop (QTest and closing handle events inside)."""
        done: asyncio.Future[None] = self.loop.create_future()

        def call() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 (handed on to the test)
                done.set_exception(error)
            else:
                done.set_result(None)

        self.loop.call_soon(call)
        self.run(_wait_for(done))

    def until(self, true: Callable[[], object], what: str = "") -> None:
        """Let everything run until something is true; fails after a generous deadline."""

        async def wait() -> None:
            deadline = self.loop.time() + DEADLINE_S
            while not true():
                assert self.loop.time() < deadline, what or "it did not come about"
                await asyncio.sleep(0.01)

        self.run(wait())

    def settle(self, seconds: float = 0.06) -> None:
        """Let everything run for a moment."""
        self.run(asyncio.sleep(seconds))

    # ---- an operator's hands

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Press and release the left button."""
        assert widget.isVisible(), f"{widget} cannot be seen"
        assert widget.isEnabled(), f"{widget} cannot be pressed"
        where = at or widget.rect().center()
        self.do(lambda: QTest.mouseClick(widget, Qt.MouseButton.LeftButton, _PLAIN, where))
        self.settle()

    def double_click(self, widget: QWidget, at: QPoint) -> None:
        """Click, then double click, as a mouse does."""
        self.do(lambda: QTest.mouseClick(widget, Qt.MouseButton.LeftButton, _PLAIN, at))
        self.do(lambda: QTest.mouseDClick(widget, Qt.MouseButton.LeftButton, _PLAIN, at))
        self.settle()

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        if not any(dialog.isVisible() for dialog in self.window.findChildren(QDialog)):
            self.do(self.window.activateWindow)
            self.until(self.window.isActiveWindow)
        target = self.app.focusWidget() or self.window
        self.do(lambda: QTest.keyClick(target, key, modifier))
        self.settle()

    def asked(self, kind: type[p.Command]) -> list[Any]:
        """Commands of a kind that reached the engine."""
        return self.fake.asked(kind)

    def dialog(self, kind: type[_Widget]) -> _Widget:
        """The open dialog of a kind."""
        found = [d for d in self.window.findChildren(QDialog) if isinstance(d, kind) and d.isVisible()]
        assert found, f"no {kind.__name__} is open"
        return found[-1]


async def _wait_for(done: asyncio.Future[None]) -> None:
    await done


async def _gather(tasks: list[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
