"""I420 pictures as three NumPy planes, and their passage into and out of PyAV frames without copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import av
import cv2
import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]

BLACK_YUV = (16, 128, 128)
"""Video-range black, BT.601."""


class Planes(NamedTuple):
    """Y, U and V of one picture; shapes (h, w), (h/2, w/2), (h/2, w/2); may be views with any row stride."""

    y: Plane
    u: Plane
    v: Plane

    @property
    def width_px(self) -> int:
        """Width of the picture."""
        return int(self.y.shape[1])

    @property
    def height_px(self) -> int:
        """Height of the picture."""
        return int(self.y.shape[0])

    def roi(self, x: int, y: int, w: int, h: int) -> Planes:
        """Views of a rectangle; all four numbers must be even."""
        cx, cy, cw, ch = x // 2, y // 2, w // 2, h // 2
        return Planes(
            self.y[y : y + h, x : x + w],
            self.u[cy : cy + ch, cx : cx + cw],
            self.v[cy : cy + ch, cx : cx + cw],
        )

    def fill(self, yuv: tuple[int, int, int]) -> None:
        """Paint the whole picture in one colour."""
        for plane, value in zip(self, yuv, strict=True):
            plane[...] = value

    def copy_from(self, other: Planes) -> None:
        """Copy a picture of the same size."""
        self.y[...] = other.y
        self.u[...] = other.u
        self.v[...] = other.v

    def packed(self) -> bytes:
        """Tightly packed I420 bytes."""
        return b"".join(plane.tobytes() for plane in self)


@dataclass(frozen=True, slots=True)
class SourceFrame:
    """The newest picture of a source: planes, a number that changes with every picture, capture time."""

    planes: Planes
    seq: int
    stamp_us: int = 0

    @property
    def width_px(self) -> int:
        """Width of the picture."""
        return self.planes.width_px

    @property
    def height_px(self) -> int:
        """Height of the picture."""
        return self.planes.height_px


def allocate(width_px: int, height_px: int, yuv: tuple[int, int, int] = BLACK_YUV) -> Planes:
    """A new picture of one colour; both sides even."""
    planes = Planes(
        np.empty((height_px, width_px), np.uint8),
        np.empty((height_px // 2, width_px // 2), np.uint8),
        np.empty((height_px // 2, width_px // 2), np.uint8),
    )
    planes.fill(yuv)
    return planes


def frame_planes(frame: av.VideoFrame) -> Planes:
    """The planes of a yuv420p frame as views: readable for decoded frames, writable for our own ones."""
    views = []
    for plane in frame.planes:
        flat: Plane = np.frombuffer(memoryview(plane), np.uint8)
        views.append(flat.reshape(-1, plane.line_size)[: plane.height, : plane.width])
    return Planes(*views)


def new_frame(width_px: int, height_px: int) -> tuple[av.VideoFrame, Planes]:
    """A black yuv420p frame together with writable views of its planes."""
    frame = av.VideoFrame(width_px, height_px, "yuv420p")
    planes = frame_planes(frame)
    planes.fill(BLACK_YUV)
    return frame, planes


def from_bytes(data: bytes | bytearray | memoryview, width_px: int, height_px: int) -> Planes:
    """View tightly packed I420 bytes as planes."""
    flat: Plane = np.frombuffer(data, np.uint8)
    luma, chroma = width_px * height_px, width_px * height_px // 4
    half = (height_px // 2, width_px // 2)
    return Planes(
        flat[:luma].reshape(height_px, width_px),
        flat[luma : luma + chroma].reshape(half),
        flat[luma + chroma : luma + 2 * chroma].reshape(half),
    )


def from_bgr(image: npt.NDArray[np.uint8]) -> Planes:
    """Convert a BGR picture (h, w, 3) with even sides to I420."""
    height, width = image.shape[:2]
    packed = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return from_bytes(packed.reshape(-1).data, width, height)


def to_bgr(planes: Planes) -> npt.NDArray[np.uint8]:
    """Convert to a BGR picture (h, w, 3)."""
    packed: Plane = np.frombuffer(planes.packed(), np.uint8)
    rows = packed.reshape(planes.height_px * 3 // 2, planes.width_px)
    return np.asarray(cv2.cvtColor(rows, cv2.COLOR_YUV2BGR_I420), np.uint8)


def resize_into(source: Planes, target: Planes) -> None:
    """Draw a picture into another one of any size: a copy where the size fits, else bilinear.

    An exact halving averages 2x2 pixels (as cheap as bilinear at that ratio, and free of aliasing).
    """
    (height, width), (target_height, target_width) = source[0].shape, target[0].shape
    if height == target_height and width == target_width:
        target.copy_from(source)
        return
    halving = width == 2 * target_width and height == 2 * target_height
    method = cv2.INTER_AREA if halving else cv2.INTER_LINEAR
    half = (target_width // 2, target_height // 2)
    cv2.resize(source[0], (target_width, target_height), target[0], 0, 0, method)
    cv2.resize(source[1], half, target[1], 0, 0, method)
    cv2.resize(source[2], half, target[2], 0, 0, method)
