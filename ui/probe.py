"""Trial of Qt for the doctor, run in a process of its own: Qt aborts where its platform cannot start."""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Start Qt and print what it can do as one line of JSON."""
    del argv, overrides
    print(json.dumps(qt()))
    return 0


def platform() -> str:
    """Return the Qt platform a window would use here."""
    given = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if given or sys.platform != "linux":
        return given
    if os.environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "xcb" if os.environ.get("DISPLAY") else "offscreen"


def qt() -> dict[str, Any]:
    """Return the platform used, what is missing for it, and which parts of Qt work."""
    from PySide6.QtCore import QLibraryInfo, qVersion

    name = platform()
    plugins = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath))
    missing = _missing_library(plugins / "platforms" / f"libq{name}.so")
    found: dict[str, Any] = {"qt": qVersion(), "platform": name, "missing": missing}
    return found if missing else found | _abilities(name)


def _missing_library(plugin: Path) -> str:
    """Load a platform plugin alone: unlike QApplication this raises where a system library is not there."""
    if not plugin.exists():
        return ""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return str(error)
    return ""


def _abilities(name: str) -> dict[str, Any]:
    from PySide6.QtGui import QGuiApplication, QImageReader
    from PySide6.QtNetwork import QSslSocket

    app = QGuiApplication([sys.argv[0], "-platform", name] if name else [sys.argv[0]])
    return {
        "shown_by": app.platformName(),
        "screens": len(app.screens()),
        "svg": b"svg" in [bytes(kind.data()) for kind in QImageReader.supportedImageFormats()],
        "tls": QSslSocket.supportsSsl(),
        "playback": _playback(),
    }


def _playback() -> str:
    """Return "" where recordings can be played in the window, else what is missing."""
    try:
        from PySide6.QtMultimedia import QMediaPlayer
    except ImportError as error:
        return str(error)
    return "" if QMediaPlayer().isAvailable() else "no media backend"
