"""Fixtures of the window's tests: the styled application, a rig, and a rig with a session on the wall."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.fake_session import fill
from tests.ui.rig import Rig
from ui import theme
from ui.garbage import GarbageCollector


@pytest.fixture(scope="session", autouse=True)
def styled_app(qapp: QApplication) -> Iterator[QApplication]:
    """The application with its look; begun before the guard of the first test counts what is open."""
    theme.apply(qapp)
    garbage = GarbageCollector()
    yield qapp
    garbage.stop()


@pytest.fixture
def rig(styled_app: QApplication, tmp_runtime: Path) -> Iterator[Rig]:
    """Loop, and what the test starts on it."""
    made = Rig(styled_app, tmp_runtime / "runtime")
    yield made
    made.close()


@pytest.fixture
def session(rig: Rig) -> Callable[..., Rig]:
    """Open a window on a session: `session(feeds=9, busy=True, media=False, ...)`."""

    def open_session(
        feeds: int = 9, *, busy: bool = True, media: bool = False, width_px: int = 1600, height_px: int = 900
    ) -> Rig:
        engine = rig.start_engine(media=media)
        fill(engine, feeds, busy=busy)
        rig.open_window(width_px, height_px)
        rig.until(lambda: rig.window.pages.currentWidget() is rig.window.console)
        rig.settle(0.3)
        return rig

    return open_session
