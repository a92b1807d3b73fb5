"""A session keeps the settings it was opened with, through crashes and broken files; a few change live."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from operator_console import launch, paths
from operator_console.engine.endpoint import LOCK_FILE, take_lock
from operator_console.engine.frozen import JOURNAL_FILE, settings_to_use
from operator_console.journal import Journal, may_have_open_session
from operator_console.session import facts as f
from operator_console.settings import (
    SETTINGS,
    Destination,
    Settings,
    SettingsError,
    engine_file,
    freeze,
    frozen_settings,
    load_settings,
    load_worker_settings,
    save_user_setting,
    user_file,
    with_live,
)

Expect = Callable[[str], None]
YOUTUBE = Destination("YouTube", "rtmps://a.example/live2")


def open_session(folder: Path) -> None:
    journal = Journal(folder / JOURNAL_FILE)
    journal.append("s", "a", [f.SessionOpened(session_id="s", title="Rapat")])
    journal.close()


def close_session(folder: Path) -> None:
    journal = Journal(folder / JOURNAL_FILE)
    journal.append("s", "a", [f.SessionClosed()])
    journal.close()


def break_user_file() -> None:
    user_file().parent.mkdir(exist_ok=True)
    user_file().write_text("join_port = ")
    with pytest.raises(SettingsError):
        load_settings()


def test_what_is_frozen_comes_back_whole_and_private(tmp_runtime: Path) -> None:
    settings = load_settings({"destinations": "YouTube=rtmps://a.example/live2", "office_name": 'Desa "A"\\'})
    freeze(settings)
    assert frozen_settings() == settings
    assert engine_file().stat().st_mode & 0o077 == 0


def test_the_table_says_what_may_change_live() -> None:
    live = {one.name for one in SETTINGS if one.live}
    assert {"language", "confirm_end_session", "recording_dir", "destinations"} <= live
    assert not live & {"data_dir", "join_port", "join_host", "tls_cert", "max_participants", "air_width"}


def test_an_engine_after_a_crash_in_a_session_has_the_settings_of_before(tmp_runtime: Path) -> None:
    freeze(load_settings({"join_port": "9001"}))
    open_session(paths.data_dir())
    save_user_setting("air_width", 1920)
    save_user_setting("data_dir", str(tmp_runtime / "elsewhere"))
    save_user_setting("recording_dir", str(tmp_runtime / "other disk"))
    save_user_setting("destinations", [{"name": YOUTUBE.name, "url": YOUTUBE.url}])
    used = settings_to_use({"join_port": "9001"})
    assert (used.air_width, used.data_dir, used.join_port) == (1280, "", 9001)
    assert used.recording_dir == str(tmp_runtime / "other disk") and used.destinations == (YOUTUBE,)


def test_a_broken_file_does_not_end_a_session(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("not a valid settings file.*The settings of the open session stay in use")
    before = load_settings({"join_port": "9001"})
    freeze(before)
    open_session(paths.data_dir())
    break_user_file()
    assert settings_to_use({"join_port": "9001"}) == before


def test_without_an_open_session_the_settings_of_now_count(tmp_runtime: Path) -> None:
    freeze(load_settings({"join_port": "9001"}))
    assert settings_to_use({}).join_port == 8443, "no journal"
    open_session(paths.data_dir())
    close_session(paths.data_dir())
    assert settings_to_use({}).join_port == 8443, "the session was closed"
    break_user_file()
    with pytest.raises(SettingsError):
        settings_to_use({})


def test_what_was_frozen_and_cannot_be_read_is_said_and_left(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("It is not used")
    open_session(paths.data_dir())
    engine_file().write_text("join_port = 'x'")
    assert settings_to_use({}) == Settings()


def test_a_damaged_journal_counts_as_an_open_session(tmp_path: Path) -> None:
    assert not may_have_open_session(tmp_path / "none.db")
    (tmp_path / "journal.db").write_bytes(b"no database" * 100)
    assert may_have_open_session(tmp_path / "journal.db")


def test_a_worker_started_again_works_as_its_engine_does(tmp_runtime: Path) -> None:
    freeze(load_settings({"max_participants": "7"}))
    save_user_setting("max_participants", 9)
    assert load_worker_settings().max_participants == 7
    break_user_file()
    assert load_worker_settings().max_participants == 7
    engine_file().unlink()
    user_file().unlink()
    assert load_worker_settings() == Settings()


def test_the_command_line_counts_over_what_was_frozen(tmp_runtime: Path) -> None:
    frozen = load_settings({"join_port": "9001"})
    assert with_live(frozen, {"join_port": "9002"}).join_port == 9002


def test_the_window_opens_on_a_running_engine_though_the_file_is_broken(
    tmp_runtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    freeze(load_settings({"language": "en"}))
    break_user_file()
    with pytest.raises(SettingsError):
        launch._settings({})
    with take_lock(paths.runtime_dir() / LOCK_FILE):
        assert launch._settings({}).language == "en"
    assert "uses the settings of the running engine" in capsys.readouterr().err


RUNS_AND_ENDS = """
import os, signal, sys, threading, time
from operator_console import paths
from operator_console.engine import main as module
from operator_console.settings import engine_file, frozen_settings
def end():
    while not (paths.runtime_dir() / "endpoint.json").exists():
        time.sleep(0.05)
    print(frozen_settings().join_port, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=end).start()
code = module.main([], {"join_port": sys.argv[1], "join_host": "127.0.0.1"})
print(code, engine_file().exists())
"""


def test_an_engine_keeps_its_settings_until_its_orderly_end(tmp_runtime: Path, free_port: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUNS_AND_ENDS, str(free_port)], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == [str(free_port), "0", "False"], done.stderr
