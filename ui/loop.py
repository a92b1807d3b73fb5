"""The one place that knows qasync: runs a coroutine on Qt's event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication


def new_loop(app: QApplication) -> asyncio.AbstractEventLoop:
    """An asyncio loop that runs on the application's Qt loop; for light control traffic only."""
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(app)
    return loop


def run(app: QApplication, main: Coroutine[Any, Any, int]) -> int:
    """Run `main` to its end on the Qt loop and return its result; leftover tasks are cancelled."""
    with asyncio.Runner(loop_factory=lambda: new_loop(app)) as runner:
        return runner.run(main)
