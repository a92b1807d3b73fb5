"""A seat that was in the spotlight does not keep its 5 MB for ever."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from media.bus.reader import VideoReader
from media.bus.writer import VideoWriter


def used_bytes(folder: Path) -> int:
    return sum(os.stat(path).st_blocks * 512 for path in folder.glob("*.seg"))


def test_memory_of_a_cleared_slot_is_given_back(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path, "video-x", 4, 1280 * 720 * 3 // 2)
    reader = VideoReader(tmp_path, "video-x")
    y, u = np.full((720, 1280), 9, np.uint8), np.full((360, 640), 9, np.uint8)
    for _ in range(4):
        writer.write_i420(0, y, u, u, 1)
        writer.write_i420(2, y, u, u, 1)
    full = used_bytes(tmp_path)
    assert full > 8 * 1280 * 720
    writer.clear(0)
    writer.free_memory(0)
    assert used_bytes(tmp_path) < full * 0.6
    assert reader.picture(0) is None
    other = reader.picture(2)
    assert other is not None and other.data[100] == 9
    del other
    writer.write_i420(0, y, u, u, 2)
    again = reader.picture(0)
    assert again is not None and again.data[1280 * 720 - 1] == 9
    del again
    reader.close()
    writer.close()
