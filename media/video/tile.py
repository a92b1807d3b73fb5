"""Draws an I420 picture as a BGRA tile of any even size, into memory that the caller gives."""

from __future__ import annotations

import av
import cv2
import numpy as np
import numpy.typing as npt

from media.video.i420 import Planes, frame_planes

Bgra = npt.NDArray[np.uint8]
Frame = av.VideoFrame
"""What a decoder gives, for those who may not name av."""
BAR_BGRA = 0xFF090B0E
"""Beside a picture of another shape (native word A, R, G, B); the wall's own background."""
STRETCH_PX = 4
"""A picture that would leave no more than this free fills the tile: so little distortion is not seen."""


def fitted(width_px: int, height_px: int, inside_w: int, inside_h: int) -> tuple[int, int, int, int]:
    """The even rectangle (x, y, w, h) in which a picture shows whole inside another size. Pure."""
    scale = min(inside_w / width_px, inside_h / height_px)
    w = min(inside_w, max(2, round(width_px * scale / 2) * 2))
    h = min(inside_h, max(2, round(height_px * scale / 2) * 2))
    w = inside_w if inside_w - w <= STRETCH_PX else w
    h = inside_h if inside_h - h <= STRETCH_PX else h
    return (inside_w - w) // 4 * 2, (inside_h - h) // 4 * 2, w, h


def even_planes(frame: Frame) -> Planes | None:
    """The planes of a decoded I420 picture, cropped to even sides; None where nothing is left."""
    width, height = frame.width & ~1, frame.height & ~1
    return frame_planes(frame).roi(0, 0, width, height) if width and height else None


class TileDrawer:
    """Scales and converts in one pass over small planes; keeps its scratch memory. For one thread."""

    def __init__(self) -> None:
        self._packed: dict[tuple[int, int], npt.NDArray[np.uint8]] = {}

    def draw(self, planes: Planes, target: Bgra) -> None:
        """Draw a picture into `target` (h, w, 4), even-sided, with bars where the shapes differ.

        Scaling in YUV before the conversion touches 1.5 bytes a pixel instead of 4: 0.06 ms for 320x180 as it
        is, 0.19 ms from 1280x720 to 320x180 (swscale: 0.14 and 0.53).
        """
        height, width = target.shape[:2]
        x, y, w, h = fitted(planes.width_px, planes.height_px, width, height)
        if (w, h) != (width, height):
            target.view(np.uint32)[:] = BAR_BGRA
        packed = self._scaled(planes, w, h)
        cv2.cvtColor(packed, cv2.COLOR_YUV2BGRA_I420, dst=target[y : y + h, x : x + w])

    def _scaled(self, planes: Planes, w: int, h: int) -> npt.NDArray[np.uint8]:
        packed = self._packed.get((w, h))
        if packed is None:
            if len(self._packed) >= 8:
                self._packed.clear()
            packed = self._packed[w, h] = np.empty((h * 3 // 2, w), np.uint8)
        luma, flat = w * h, packed.reshape(-1)
        halves = flat[luma:].reshape(2, h // 2, w // 2)
        _scale_into(planes.y, flat[:luma].reshape(h, w))
        _scale_into(planes.u, halves[0])
        _scale_into(planes.v, halves[1])
        return packed


def _scale_into(plane: npt.NDArray[np.uint8], target: npt.NDArray[np.uint8]) -> None:
    """Scale one plane: halving (fast with AREA) while it can, then LINEAR, which alone would alias."""
    height, width = target.shape
    while plane.shape[0] >= 2 * height and plane.shape[1] >= 2 * width:
        half = (max(width, plane.shape[1] // 2), max(height, plane.shape[0] // 2))
        plane = np.asarray(cv2.resize(plane, half, interpolation=cv2.INTER_AREA), np.uint8)
    if plane.shape == target.shape:
        np.copyto(target, plane)
    else:
        cv2.resize(plane, (width, height), dst=target, interpolation=cv2.INTER_LINEAR)
