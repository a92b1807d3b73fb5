"""Whether a window can be shown is known before Qt is asked, which would abort the process."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from operator_console.launch import NO_DISPLAY, display_reachable, ignored_settings
from operator_console.settings import Settings


def test_no_display_is_a_plain_sentence(tmp_runtime: Path) -> None:
    environment = {"PATH": "/usr/bin", "HOME": str(tmp_runtime)}
    ran = subprocess.run(
        [sys.executable, "-m", "operator_console"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ran.returncode == 2
    assert ran.stderr == NO_DISPLAY


@pytest.mark.parametrize("display", ["", ":4711", "nonsense", "127.0.0.1:59000"])
def test_a_display_that_is_not_there_is_not_reachable(display: str) -> None:
    assert not display_reachable({"DISPLAY": display})


def test_a_listening_display_is_reachable() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)
        number = server.getsockname()[1] - 6000
        assert display_reachable({"DISPLAY": f"127.0.0.1:{number}.0"})


def test_settings_that_a_running_engine_does_not_take_are_named() -> None:
    running = Settings()
    assert ignored_settings(running, running) == []
    wanted = replace(running, join_port=9443, language="en")
    assert ignored_settings(wanted, running) == ["join_port"], "the language counts at once"


def test_offscreen_needs_no_display() -> None:
    assert display_reachable({"QT_QPA_PLATFORM": "offscreen"})
