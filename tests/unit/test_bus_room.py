"""A full file system costs pictures and sound, never a process: a write without room would be SIGBUS."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from media.bus.reader import AudioReader, VideoReader
from media.bus.writer import NO_ROOM, AudioWriter, PacketWriter, VideoWriter
from operator_console import paths

Expect = Callable[[str], None]
WIDTH, HEIGHT = 320, 180
Y, U = np.full((HEIGHT, WIDTH), 7, np.uint8), np.full((HEIGHT // 2, WIDTH // 2), 7, np.uint8)
BLOCK = np.full(960, 5, np.int16)

WRITES_WITHOUT_ROOM = """
import mmap, sys
with open(sys.argv[1], "w+b") as file:
    file.truncate(8 << 20)
    mapping = mmap.mmap(file.fileno(), 8 << 20)
    for at in range(0, 8 << 20, 4096):
        mapping[at] = 1
"""
WRITES_PICTURES = """
import sys
from pathlib import Path
import numpy as np
from media.bus.writer import VideoWriter
writer = VideoWriter(Path(sys.argv[1]), "video-x", 64, 1280 * 720 * 4)
picture = np.zeros((720, 1280), np.uint8), np.zeros((360, 640), np.uint8), np.zeros((360, 640), np.uint8)
done = [writer.write_i420(slot, *picture, 1) for slot in range(64)]
print(sum(bool(seq) for seq in done), writer.dropped)
"""


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of 4 MB at a folder; False where this user may not make one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def run(script: str, place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script, place], capture_output=True, text=True, check=False)


def test_on_a_file_system_that_is_too_small_a_writer_lives_and_counts(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small") as real:
        if real:
            assert run(WRITES_WITHOUT_ROOM, tmp_path / "small" / "x").returncode == -signal.SIGBUS
            (tmp_path / "small" / "x").unlink()
            done = run(WRITES_PICTURES, tmp_path / "small")
            assert done.returncode == 0, done.stderr
            written, dropped = map(int, done.stdout.split())
            assert written >= 1 and dropped >= 60 and written + dropped == 64
            assert "No room on the media bus" in done.stderr


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A file system that gives no more room once the list holds something."""
    refusing: list[int] = []
    real = os.posix_fallocate

    def fallocate(fd: int, offset: int, size: int) -> None:
        if refusing:
            refusing.append(size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(fd, offset, size)

    monkeypatch.setattr(os, "posix_fallocate", fallocate)
    return refusing


def test_a_picture_without_room_is_dropped_and_the_one_before_stays(
    tmp_path: Path, full: list[int], expect_log: Expect
) -> None:
    expect_log("No room on the media bus")
    writer = VideoWriter(tmp_path, "video-x", 2, WIDTH * HEIGHT * 4)
    reader = VideoReader(tmp_path, "video-x")
    assert writer.write_i420(0, Y, U, U, 1) == 1
    full.append(0)
    assert writer.write_i420(0, Y, U, U, 2) == NO_ROOM
    ticket, target = writer.begin_bgra(1, WIDTH, HEIGHT)
    target[:] = 9
    writer.publish(1, ticket, 3)
    assert len(full) == 3 and writer.dropped == 2, "the fault happened"
    shown = reader.picture(0)
    assert shown is not None and shown.stamp_us == 1 and reader.picture(1) is None
    del shown
    full.clear()
    assert writer.write_i420(0, Y, U, U, 4) == 2
    # What was given back has to be asked for again.
    writer.clear(0)
    writer.free_memory(0)
    full.append(0)
    assert writer.write_i420(0, Y, U, U, 5) == NO_ROOM
    reader.close()
    writer.close()


def test_sound_without_room_is_dropped(tmp_path: Path, full: list[int], expect_log: Expect) -> None:
    expect_log("No room on the media bus")
    writer = AudioWriter(tmp_path, "audio-x", 2)
    reader = AudioReader(tmp_path, "audio-x")
    writer.write(0, 0, BLOCK, 1)
    full.append(0)
    writer.write(1, 0, BLOCK, 1)
    writer.write(0, 1, BLOCK, 2)
    assert len(full) == 2 and writer.dropped == 1
    assert reader.head(0) == 2 and reader.head(1) == 0
    reader.close()
    writer.close()


def test_a_segment_that_cannot_even_begin_is_refused_and_leaves_nothing(
    tmp_path: Path, full: list[int]
) -> None:
    full.append(0)
    before = len(os.listdir("/proc/self/fd"))
    for make in (
        lambda: VideoWriter(tmp_path, "video-x", 1, 1000),
        lambda: AudioWriter(tmp_path, "audio-x", 1),
        lambda: PacketWriter(tmp_path, "packets-x"),
    ):
        with pytest.raises(OSError, match="No space"):
            make()
    assert list(tmp_path.iterdir()) == [] and len(os.listdir("/proc/self/fd")) == before


def test_a_small_runtime_folder_keeps_the_bus_elsewhere(
    tmp_path: Path, tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large"
    large.mkdir()
    sizes = {paths.runtime_dir(): 100 << 20, large: 8 << 30}
    monkeypatch.setattr(paths, "_total_bytes", lambda folder: sizes[folder])
    monkeypatch.setattr(paths, "_shared_place", lambda: large)
    bus = paths.bus_dir()
    assert bus.parent == large and bus == paths.bus_dir()
    assert bus.stat().st_mode & 0o077 == 0
    monkeypatch.setenv("OPERATOR_CONSOLE_RUNTIME", str(tmp_runtime / "other"))
    sizes[paths.runtime_dir()] = 100 << 20
    assert paths.bus_dir() != bus, "two consoles do not meet on one bus"
    sizes[large] = 50 << 20
    assert paths.bus_dir() == paths.runtime_dir() / "bus", "nothing is larger"
    sizes[paths.runtime_dir()] = 2 << 30
    assert paths.bus_dir() == paths.runtime_dir() / "bus"
