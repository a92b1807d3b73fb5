"""The disk of the second folder is unplugged: nothing is written to the disk below it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from operator_console.engine import lane as lane_module
from operator_console.engine.mounts import mount_point, remember, require_mounted
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import deck
from tests.unit.test_engine_recording_paths import path_seen, recorded, second_folder


class Sockets:
    """Folders that count as mount points: tests may not mount everywhere."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
        self.folders = {str(folder) for folder in folders}
        monkeypatch.setattr(os.path, "ismount", lambda path: str(path) in {"/", *self.folders})

    def unplug(self, folder: Path) -> None:
        """Its files are away, and the empty folder below is there."""
        self.folders.discard(str(folder))
        folder.rename(folder.with_name("unplugged"))
        folder.mkdir()

    def plug_in(self, folder: Path) -> None:
        """As before."""
        shutil.rmtree(folder)
        folder.with_name("unplugged").rename(folder)
        self.folders.add(str(folder))


def test_a_folder_whose_disk_was_there_is_refused_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, memory = tmp_path / "disk", tmp_path / "mounts.json"
    folder = disk / "rekaman" / "rapat"
    folder.mkdir(parents=True)
    sockets = Sockets(monkeypatch, disk)
    assert mount_point(folder) == disk
    require_mounted(folder, memory)  # nobody knows it yet
    remember(folder, memory)
    require_mounted(folder, memory)
    sockets.unplug(disk)
    with pytest.raises(FileNotFoundError):
        require_mounted(folder, memory)
    require_mounted(disk / "another", memory)  # what the operator may choose instead
    sockets.plug_in(disk)
    require_mounted(folder, memory)


def test_the_system_disk_is_not_remembered_and_another_way_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory, disk, folder = tmp_path / "mounts.json", tmp_path / "disk", tmp_path / "rekaman"
    sockets = Sockets(monkeypatch)
    remember(folder, memory)
    assert not memory.exists()
    disk.mkdir()
    folder.symlink_to(disk)
    sockets.folders.add(str(disk))
    remember(folder, memory)
    sockets.folders.clear()
    with pytest.raises(FileNotFoundError):
        require_mounted(folder, memory)
    folder.unlink()
    folder.mkdir()  # it leads to that disk no more
    require_mounted(folder, memory)


@pytest.mark.parametrize("content", ["", "no json", "[1]", '{"a": 1}'])
def test_a_memory_that_cannot_be_read_refuses_nothing(tmp_path: Path, content: str) -> None:
    memory = tmp_path / "mounts.json"
    memory.write_text(content)
    require_mounted(tmp_path / "rekaman", memory)


def test_a_memory_that_cannot_be_written_costs_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("cannot be remembered")
    Sockets(monkeypatch, tmp_path)
    remember(tmp_path / "rekaman", tmp_path / "missing" / "mounts.json")


async def test_the_second_path_waits_for_its_disk_and_goes_on_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("the second path: The recording cannot be written")
    expect_log("next segment: The recording cannot be written")
    monkeypatch.setattr(lane_module, "RETRY_S", 0.2)
    async with deck(tmp_path) as one:
        folder = second_folder(one)
        folder.mkdir()
        sockets = Sockets(monkeypatch, folder)
        await one.recording.start("a")
        await recorded(one, 0.3, 1)
        await one.recording.stop("a")
        sockets.unplug(folder)
        await one.recording.start("a")
        await recorded(one, 0.3, 0)
        await eventually(lambda: getattr(one.store.state.second_recording, "code", "") == "folder_missing")
        second = one.store.state.second_recording
        assert second is not None and second.retrying and not list(folder.iterdir())
        await eventually(lambda: one.recording.second._attempts > 1)  # refused once more
        sockets.plug_in(folder)
        await eventually(lambda: one.recording.second.running, 20)
        await eventually(lambda: path_seen(one, 1).get("phase") == "started", 20)
        assert len(list(folder.glob("*.mp4"))) == 2
        assert one.store.state.recording is not None and one.store.state.recording.segment == 1
        await one.recording.stop("a")
