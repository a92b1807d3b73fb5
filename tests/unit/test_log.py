"""Logging: no secret in file or stderr, one line per message, crashes written down, no folder no harm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from operator_console import log

CANARY = "canary-in-a-coal-mine"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            f"publish rtmps://a.rtmp.youtube.com/live2/{CANARY} failed",
            "rtmps://a.rtmp.youtube.com/live2/[hidden]",
        ),
        (f"open 'rtmp://h:1935/app/{CANARY}?x=1': refused", "rtmp://h:1935/app/[hidden]': refused"),
        (f"rtsp://admin:{CANARY}@10.0.0.9/cam", "rtsp://[hidden]@10.0.0.9/cam"),
        (f"join https://host:8443/#t={CANARY}", "https://host:8443/#t=[hidden]"),
        (f"Authorization: Bearer {CANARY}", "Authorization: Bearer [hidden]"),
        (f"{{'authorization': 'Basic {CANARY}'}}", "Basic [hidden]"),
        (f'{{"token": "{CANARY}", "name": "Ngada"}}', '"name": "Ngada"'),
        (f"turn password={CANARY}, user=x", "password=[hidden], user=x"),
        ("key abcd-1234-efgh-5678-ijkl set", "key [hidden] set"),
    ],
)
def test_secrets_are_hidden_by_their_shape(text: str, kept: str) -> None:
    shown = log.redact(text)
    assert CANARY not in shown
    assert kept in shown


def test_ordinary_text_stays() -> None:
    for text in (
        "session 123e4567-e89b-12d3-a456-426614174000 began at 2026-11-21",
        "publishing to rtmps://a.rtmp.youtube.com/live2",
        "Basic checks are done, the token was accepted",
        "https://host:8443/join",
    ):
        assert log.redact(text) == text


def test_hidden_text_never_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_secrets", frozenset())
    log.hide("s3cr3t key")
    log.hide("abc")  # too short to be a secret, and too common a text to remove
    assert log.redact("with s3cr3t key and abc") == "with [hidden] and abc"


PROGRAM = f"""
import asyncio, logging, threading, warnings
from operator_console.log import setup_logging
print(setup_logging("engine"))
log = logging.getLogger("app")
log.info("name: %s", "Kantor\\n2026-01-01 forged line\\x1b[31m")
try:
    raise OSError("rtmp://host/app/{CANARY}")
except OSError:
    log.exception("stream lost")
thread = threading.Thread(target=lambda: 1 / 0, name="mixer"); thread.start(); thread.join()
async def main():
    asyncio.get_running_loop().call_soon(lambda: {{}}["missing"])
    await asyncio.sleep(0.01)
asyncio.run(main())
warnings.warn("old")
class Broken:
    def __del__(self): raise ValueError("in del")
Broken()
raise RuntimeError("the end")
"""


def run_program() -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=20)


def test_everything_that_goes_wrong_is_in_the_file_and_no_secret(tmp_runtime: Path) -> None:
    done = run_program()
    file = tmp_runtime / "data" / "log" / "engine.log"
    text = file.read_text()
    assert done.stdout.strip() == str(file)
    assert text == done.stderr
    assert CANARY not in text
    assert "name: Kantor\\x0a2026-01-01 forged line\\x1b[31m\n" in text
    for cause in (
        "app: stream lost",
        "Uncaught error in thread mixer",
        "ZeroDivisionError",
        "KeyError: 'missing'",
        "UserWarning: old",
        "ValueError: in del",
        "RuntimeError: the end",
    ):
        assert cause in text
    assert text.splitlines()[0].split(" ")[1:4] == ["engine", "INFO", "app:"]


def test_without_a_folder_stderr_says_so_and_the_process_goes_on(tmp_runtime: Path) -> None:
    (tmp_runtime / "data").write_text("a file where the folder should be")
    done = run_program()
    assert done.stdout.strip() == "None"
    assert "No log file" in done.stderr
    assert "RuntimeError: the end" in done.stderr
