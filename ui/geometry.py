"""Where the window stood last time; the first time it fills the screen."""

from __future__ import annotations

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QWidget

from operator_console import paths

_KEY = "window/geometry"


def memory() -> QSettings:
    """What this machine remembers of the window, in its configuration folder."""
    return QSettings(str(paths.config_dir() / "window.ini"), QSettings.Format.IniFormat)


def show_as_remembered(window: QWidget) -> None:
    """Show the window where it was left, else over the whole screen."""
    geometry = memory().value(_KEY)
    if geometry is not None and window.restoreGeometry(geometry):
        window.show()
        return
    screen = window.screen()
    if screen is not None:
        window.setGeometry(screen.availableGeometry())
    window.showMaximized()


def remember(window: QWidget) -> None:
    """Keep where the window stands."""
    kept = memory()
    kept.setValue(_KEY, window.saveGeometry())
    kept.sync()
