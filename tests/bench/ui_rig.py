"""What the window's benches share: the real window on a fake engine in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operator_console.settings import Settings

WIDTH_PX, HEIGHT_PX = 1920, 1080


@contextmanager
def engine_process(feeds: int) -> Iterator[Path]:
    """A fake engine with so many feeds, all tiles moving; yields its runtime folder."""
    top = Path(tempfile.mkdtemp(prefix="oc-bench-"))
    runtime = top / "runtime"
    command = [sys.executable, "-m", "tests.ui.fake_engine", str(runtime), "--feeds", str(feeds)]
    os.environ["OPERATOR_CONSOLE_RUNTIME"] = str(runtime)
    os.environ["OPERATOR_CONSOLE_CONFIG"] = str(top / "config")
    child = subprocess.Popen(command)
    try:
        yield runtime
    finally:
        child.terminate()
        child.wait(10)
        shutil.rmtree(top, ignore_errors=True)


def settings() -> Settings:
    """Settings of the window in all benches."""
    return Settings(language="id", timezone="Asia/Makassar")
