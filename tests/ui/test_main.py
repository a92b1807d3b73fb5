"""Tests of the window's process: what it imports, how it starts, is driven, closes, shows its errors."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
HEAD = """
import asyncio, sys
from operator_console.settings import Settings
from ui.main import run_ui
"""


def run(code: str, runtime: Path, timeout_s: float = 40) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(TOP)}
    return subprocess.run(
        [sys.executable, "-c", HEAD + textwrap.dedent(code)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )


def test_the_window_loads_no_codec_and_no_device(tmp_runtime: Path) -> None:
    done = run(
        """
        class Look:
            async def run(self, window, replica):
                await asyncio.sleep(0.3)
                print(sorted({"cv2", "av", "aiortc", "sounddevice", "sqlite3", "livekit"} & set(sys.modules)))
                window.close()
        print(run_ui(Settings(), automation=Look(), size=(1366, 768)))
        """,
        tmp_runtime,
    )
    assert done.stdout.split("\n")[:2] == ["[]", "0"], done.stderr


def test_an_automation_drives_the_window_and_takes_pictures(tmp_runtime: Path, tmp_path: Path) -> None:
    picture = tmp_path / "wall.png"
    done = run(
        f"""
        from pathlib import Path
        from operator_console import paths
        from tests.ui.fake_engine import FakeEngine
        from tests.ui.fake_session import fill
        class Demo:
            async def run(self, window, replica):
                engine = FakeEngine(paths.runtime_dir())
                await engine.start()
                fill(engine, 9)
                while not replica.session_open:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(0.5)
                window.grab().save({str(picture)!r})
                await engine.stop()
                window.close()
        print(run_ui(Settings(), automation=Demo(), size=(1920, 1080)))
        """,
        tmp_runtime,
    )
    assert done.stdout.strip().endswith("0"), done.stderr
    assert picture.stat().st_size > 50_000


def test_an_engine_is_asked_for_and_ended_again_where_nothing_was_opened(tmp_runtime: Path) -> None:
    done = run(
        """
        import subprocess
        from operator_console import paths
        children = []
        def start():
            command = [sys.executable, "-m", "tests.ui.fake_engine", str(paths.runtime_dir()), "--no-session"]
            children.append(subprocess.Popen(command))
        class Leave:
            async def run(self, window, replica):
                while not replica.connected:
                    await asyncio.sleep(0.05)
                window.close()
        code = run_ui(Settings(), start_engine=start, automation=Leave())
        print(code, [child.wait(20) for child in children])
        """,
        tmp_runtime,
    )
    assert done.stdout.strip() == "0 [0]", done.stdout + done.stderr


def test_an_automation_that_fails_ends_with_its_error(tmp_runtime: Path) -> None:
    done = run(
        """
        class Broken:
            async def run(self, window, replica):
                raise RuntimeError("the demo broke")
        print(run_ui(Settings(), automation=Broken()))
        """,
        tmp_runtime,
    )
    assert done.stdout.strip() == "1"
    assert "the demo broke" in done.stderr


def test_an_error_in_a_slot_is_logged_and_shown(tmp_runtime: Path) -> None:
    done = run(
        """
        from PySide6.QtCore import QTimer
        class Stumble:
            async def run(self, window, replica):
                QTimer.singleShot(0, lambda: 1 / 0)
                await asyncio.sleep(0.3)
                print(window.toaster.texts)
                window.close()
        run_ui(Settings(language="en"), automation=Stumble())
        """,
        tmp_runtime,
    )
    assert "Something went wrong in this window" in done.stdout
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_signal_ends_the_window_in_order(tmp_runtime: Path) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(TOP)}
    code = HEAD + "print('up', flush=True)\nprint(run_ui(Settings()), flush=True)"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "up\n"
        time.sleep(2.0)
        child.send_signal(signal.SIGTERM)
        out, err = child.communicate(timeout=20)
    assert out == "0\n", err
    assert child.returncode == 0
