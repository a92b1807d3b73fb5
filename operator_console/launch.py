"""`operator-console open`: shows the window, and starts the engine's keeper where no engine runs."""

from __future__ import annotations

import argparse
import os
import re
import socket
import sys
from collections.abc import Mapping

from operator_console import paths
from operator_console.engine.endpoint import LOCK_FILE
from operator_console.engine.keeper import start_detached
from operator_console.locks import is_locked
from operator_console.log import setup_logging
from operator_console.settings import SETTINGS, Settings, SettingsError, frozen_settings, load_settings

NO_DISPLAY = (
    "Tidak ada layar untuk jendela konsol. Jalankan dari desktop, atau jalankan tanpa jendela: "
    "operator-console keeper (./run keeper)\n"
    "There is no display for the console's window. Start it on a desktop, or run without a window: "
    "operator-console keeper (./run keeper)\n"
)
IGNORED = (
    "Mesin sudah berjalan dengan pengaturan lain. Yang ini belum dipakai: {names}. Agar dipakai: akhiri "
    "rapat, jalankan operator-console stop (./run stop), lalu buka konsol lagi.\n"
    "An engine runs already with other settings. These are ignored: {names}. To apply them: end the session, "
    "run operator-console stop (./run stop), then open the console again.\n"
)


def display_reachable(environment: Mapping[str, str]) -> bool:
    """Whether a window can be shown; asked beforehand, as Qt aborts the process where it cannot."""
    if sys.platform in ("win32", "darwin") or environment.get("QT_QPA_PLATFORM"):
        return True
    if environment.get("WAYLAND_DISPLAY"):
        return True
    found = re.fullmatch(r"(?P<host>[^:]*):(?P<number>\d+)(\.\d+)?", environment.get("DISPLAY", ""))
    if found is None:
        return False
    number = int(found["number"])
    if found["host"] in ("", "unix"):
        return _local_server(number)
    try:
        socket.create_connection((found["host"], 6000 + number), 2.0).close()
    except OSError:
        return False
    return True


def _local_server(number: int) -> bool:
    """Whether an X server listens on its local socket, by path or in the abstract name space."""
    path = f"/tmp/.X11-unix/X{number}"  # noqa: S108 the place that the X protocol prescribes
    for address in (path, "\0" + path):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False


def _settings(overrides: dict[str, str]) -> Settings:
    """A broken settings file must not keep the operator from a session that runs."""
    try:
        return load_settings(overrides)
    except SettingsError as error:
        running = frozen_settings() if is_locked(paths.runtime_dir() / LOCK_FILE) else None
        if running is None:
            raise
        sys.stderr.write(f"{error} The window uses the settings of the running engine.\n")
        return running


def ignored_settings(wanted: Settings, running: Settings) -> list[str]:
    """Which settings an engine that runs already does not take from the one who opens a window."""
    return [
        setting.name
        for setting in SETTINGS
        if not setting.live and getattr(wanted, setting.name) != getattr(running, setting.name)
    ]


def _ignored_by_engine(wanted: Settings) -> list[str]:
    """Say which settings count only after a restart of the engine that runs; returns their names."""
    running = frozen_settings() if is_locked(paths.runtime_dir() / LOCK_FILE) else None
    names = ignored_settings(wanted, running) if running is not None else []
    if names:
        sys.stderr.write(IGNORED.format(names=", ".join(names)))
    return names


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run the window until it is closed; an open session goes on without it."""
    argparse.ArgumentParser(
        prog="operator-console open",
        description="Show the console's window; starts the engine where none runs. "
        "Closing the window while a session is open leaves session, recording and livestream "
        "running: open it again to come back. "
        "Without a session the last window that is closed ends the engine too, unless it was started with "
        "the command keeper. The command stop ends it from a terminal. An engine that runs keeps the "
        "settings it was started with.",
    ).parse_args(argv)
    settings = _settings(overrides)
    if not display_reachable(os.environ):
        sys.stderr.write(NO_DISPLAY)
        return 2
    setup_logging("ui")
    from ui.main import run_ui

    ignored = _ignored_by_engine(settings)
    return run_ui(settings, start_engine=lambda: start_detached(overrides), ignored=ignored)
