"""The window comes back where it was left."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.geometry import remember, show_as_remembered


def test_the_first_time_it_fills_the_screen(qtbot: QtBot, tmp_runtime: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    show_as_remembered(window)
    assert window.isMaximized()


def test_it_comes_back_where_it_was_left(qtbot: QtBot, tmp_runtime: Path) -> None:
    first, second = QWidget(), QWidget()
    qtbot.addWidget(first)
    qtbot.addWidget(second)
    first.setGeometry(40, 30, 500, 400)
    first.show()
    remember(first)
    show_as_remembered(second)
    assert (second.width(), second.height()) == (500, 400)
    assert not second.isMaximized()
