"""Paths: private runtime folder, overrides, defaults, shipped resources."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from operator_console import paths
from operator_console.settings import Settings


def test_runtime_folders_are_private(tmp_runtime: Path) -> None:
    bus = paths.bus_dir()
    assert bus == tmp_runtime / "runtime" / "bus"
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (bus, bus.parent)} == {0o700}


def test_folder_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    assert stat.S_IMODE(paths.private_dir(tmp_path / "open").stat().st_mode) == 0o700


def test_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(paths.PathError, match="belongs to another user"):
        paths.private_dir(tmp_path)


def test_link_and_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(paths.PathError, match="is not a folder"):
        paths.private_dir(tmp_path / "link")
    with pytest.raises(paths.PathError, match="cannot be made"):
        paths.private_dir(tmp_path / "file")


def test_runtime_folder_follows_the_session_else_stays_per_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPERATOR_CONSOLE_RUNTIME", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert paths._runtime_place() == tmp_path / "operator-console"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert paths._runtime_place().name == f"operator-console-{os.getuid()}"


def test_small_shared_memory_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "_SHM", tmp_path)
    assert paths._shared_place() == tmp_path
    monkeypatch.setattr(paths, "_SHM_MIN_BYTES", 1 << 62)
    assert paths._shared_place() != tmp_path


def test_data_and_recordings_follow_settings_then_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATOR_CONSOLE_DATA", str(tmp_path))
    assert paths.data_dir() == paths.data_dir(Settings()) == tmp_path
    assert paths.log_dir() == tmp_path / "log"
    assert paths.recordings_dir(Settings()) == tmp_path / "recordings"
    assert paths.recordings_dir(Settings(recording_dir="/srv/rec")) == Path("/srv/rec")
    assert paths.data_dir(Settings(data_dir="/srv/data")) == Path("/srv/data")
    monkeypatch.delenv("OPERATOR_CONSOLE_DATA")
    assert paths.recordings_dir(Settings()).name == "Operator Console"


def test_resources_and_own_command_in_checkout_and_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.resources_dir().name == "resources"
    assert paths.self_command("engine") == [sys.executable, "-m", "operator_console", "engine"]
    monkeypatch.setattr(sys, "_MEIPASS", "/opt/operator-console", raising=False)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert paths.resources_dir() == Path("/opt/operator-console/resources")
    assert paths.self_command("engine") == [sys.executable, "engine"]


def test_secrets_lie_under_one_name() -> None:
    top = Path(paths.__file__).parents[1]
    files = [file for part in ("operator_console", "ui") for file in (top / part).rglob("*.py")]
    named = [file.name for file in files if '"operator-console"' in file.read_text(encoding="utf-8")]
    assert named == ["paths.py"] and paths.KEYRING_SERVICE == "operator-console"
