"""Tiles are drawn whole, in the right colours, into the memory given."""

from __future__ import annotations

import av
import numpy as np
import pytest

from media.video.i420 import frame_planes
from media.video.tile import BAR_BGRA, TileDrawer, even_planes, fitted

RED_YUV = (81, 90, 240)


def red_frame(width: int, height: int) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    frame_planes(frame).fill(RED_YUV)
    return frame


@pytest.mark.parametrize("size", [(320, 180), (272, 152), (640, 360), (1280, 720), (240, 134)])
@pytest.mark.parametrize("target", [(320, 180), (272, 152), (196, 110), (640, 360)])
def test_colour_fills_the_tile(size: tuple[int, int], target: tuple[int, int]) -> None:
    tile = np.zeros((target[1], target[0], 4), np.uint8)
    TileDrawer().draw(frame_planes(red_frame(*size)), tile)
    blue, green, red, alpha = (tile[..., i] for i in range(4))
    assert red.min() > 245 and green.max() < 10 and blue.max() < 10 and alpha.min() == 255


def test_portrait_stands_between_bars() -> None:
    tile = np.zeros((180, 320, 4), np.uint8)
    TileDrawer().draw(frame_planes(red_frame(180, 320)), tile)
    bar = [BAR_BGRA & 255, BAR_BGRA >> 8 & 255, BAR_BGRA >> 16 & 255, 255]
    assert tile[90, 5].tolist() == bar and tile[90, 315].tolist() == bar
    assert tile[90, 160, 2] > 245
    x, y, w, h = fitted(180, 320, 320, 180)
    assert (y, h) == (0, 180) and abs(w / h - 180 / 320) < 0.02 and abs(x - (320 - w) / 2) <= 1


def test_picture_is_not_turned_or_mixed_up() -> None:
    frame = av.VideoFrame(320, 180, "yuv420p")
    planes = frame_planes(frame)
    planes.fill((16, 128, 128))
    planes.y[:90, :160] = 235
    tile = np.zeros((90, 160, 4), np.uint8)
    TileDrawer().draw(planes, tile)
    assert tile[20, 40, 0] > 230 and tile[70, 40, 0] < 30 and tile[20, 120, 0] < 30


def test_odd_sizes_are_cropped_to_even() -> None:
    planes = even_planes(red_frame(241, 135))
    assert planes is not None
    assert (planes.width_px, planes.height_px) == (240, 134)
    assert even_planes(red_frame(1, 1)) is None


def test_one_drawer_many_sizes() -> None:
    drawer = TileDrawer()
    for width in range(100, 340, 8):
        tile = np.zeros((width * 9 // 32 * 2, width, 4), np.uint8)
        drawer.draw(frame_planes(red_frame(320, 180)), tile)
        assert tile[tile.shape[0] // 2, width // 2, 2] > 245
