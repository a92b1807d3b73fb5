"""`operator-console open`: shows the window, and starts the engine's keeper where no engine runs."""

from __future__ import annotations

from operator_console.engine.keeper import start_detached
from operator_console.log import setup_logging
from operator_console.settings import load_settings


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run the window until it is closed; recording and livestream go on without it."""
    settings = load_settings(overrides)
    setup_logging("ui")
    from ui.main import run_ui

    return run_ui(settings, start_engine=lambda: start_detached(overrides))
