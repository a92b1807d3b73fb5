"""The real window on the real engine, offscreen, in Indonesian; prints a JSON line for each change of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from operator_console.log import setup_logging
from operator_console.settings import Settings
from ui.main import run_ui
from ui.main_window import MainWindow
from ui.replica import Replica

LOOK_S = 0.02
SIZE_PX = (1600, 900)


def shown(window: MainWindow) -> dict[str, str]:
    """What an operator can read about the outputs now."""
    strip = window.console.strip
    return {
        "stream": strip.livestream.accessibleName(),
        "stream_tone": str(strip.livestream.property("tone")),
        "recording": strip.recording.accessibleName(),
        "recording_tone": str(strip.recording.property("tone")),
        "monitor": window.console.monitors.program._detail,
        "line": window.status._trouble.text(),
    }


class Telling:
    """Prints each change, until the window is closed."""

    async def run(self, window: MainWindow, replica: Replica) -> None:
        before: dict[str, str] = {}
        while True:
            now = shown(window)
            if now != before:
                print(json.dumps({"at_s": time.monotonic(), **now}), flush=True)
            before = now
            await asyncio.sleep(LOOK_S)


if __name__ == "__main__":
    setup_logging("window")
    settings = Settings(language="id", timezone="Asia/Makassar")
    sys.exit(run_ui(settings, automation=Telling(), size=SIZE_PX))
