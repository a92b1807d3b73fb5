"""What the program's picture looks like from afar: how dark it is, and when it last moved."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media.video.compositor import Scene
from media.video.i420 import Planes
from media.video.scene import SlotRect

STEP_PX = 8
"""One sample in so many pixels both ways: 14,400 of a 720p picture, 0.15 ms a glance."""
DARK_LUMA = 38
"""A tenth above video-range black, as ffmpeg's blackdetect has it (pixel_black_th 0.10)."""
MOVED_LUMA = 3
"""Less than this is what an encoder does to a picture that stands; a camera's noise is more."""
MOVED_SHARE = 0.001
NOTHING = -1

Labels = npt.NDArray[np.int16]
Samples = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Glance:
    """One look at the program; captions and clocks are left out of all of it."""

    number: int
    """Counts up with each look."""
    dark_share: float
    """How much of what the slots show is black, 0..1; 0 where there are none (slate)."""
    watched: int
    """Slots with a picture that should move."""
    still: bool
    """Whether none of them has changed since `moved_us`."""
    moved_us: int
    """Bus time of the first look at what stands there now."""


class PictureGlance:
    """Looks at the canvas now and then; for one thread."""

    def __init__(self) -> None:
        self._number = 0
        self._made_of: tuple[Scene, frozenset[str], tuple[int, ...]] | None = None
        self._seen: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        """Samples that show a slot, and no caption."""
        self._watched: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        """Those of slots that should move, which no caption has covered since the slots were chosen."""
        self._slots: npt.NDArray[np.int16] = np.zeros(0, np.int16)
        """Which slot each of these shows."""
        self._may_change: npt.NDArray[np.float64] = np.zeros(0)
        """So many changed samples of a slot are no movement yet."""
        self._reference: Samples | None = None
        self._moved_us = 0

    def look(self, planes: Planes, scene: Scene, moving: Collection[str], stamp_us: int) -> Glance:
        """Judge the picture; `moving`: sources with a picture that should move, others may stand."""
        rows = np.ascontiguousarray(planes.y[STEP_PX // 2 :: STEP_PX, STEP_PX // 2 :: STEP_PX])
        self._follow(scene, frozenset(moving), rows.shape, stamp_us)
        samples = rows.reshape(-1)
        count = len(self._seen)
        dark = int(np.count_nonzero(samples[self._seen] <= DARK_LUMA))
        still = self._still(samples)
        if not still:
            self._reference, self._moved_us = samples, stamp_us
        self._number += 1
        return Glance(
            number=self._number,
            dark_share=dark / count if count else 0.0,
            watched=int(np.count_nonzero(self._may_change)),
            still=still,
            moved_us=self._moved_us,
        )

    def _follow(self, scene: Scene, moving: frozenset[str], shape: tuple[int, ...], stamp_us: int) -> None:
        """Take another scene: other slots begin anew, other captions only cover more."""
        before, now = self._made_of, (scene, moving, shape)
        if before == now:
            return
        self._made_of = now
        labels = label_samples(scene, shape).reshape(-1)
        self._seen = np.flatnonzero(labels != NOTHING)
        wanted = [index for index, slot in enumerate(scene.slots) if slot.source in moving]
        watched = np.flatnonzero(np.isin(labels, wanted))
        if before is not None and (before[0].slots, *before[1:]) == (scene.slots, moving, shape):
            watched = np.intersect1d(watched, self._watched, assume_unique=True)
        else:
            self._reference, self._moved_us = None, stamp_us
        self._watched, self._slots = watched, labels[watched]
        self._may_change = np.bincount(self._slots).astype(np.float64) * MOVED_SHARE

    def _still(self, samples: Samples) -> bool:
        """Whether every slot that should move looks as it did; the first look knows nothing yet."""
        if self._reference is None or not len(self._watched):
            return False
        differs = cv2.absdiff(samples[self._watched], self._reference[self._watched]) >= MOVED_LUMA
        changed = np.bincount(self._slots[differs.reshape(-1)], minlength=len(self._may_change))
        return not bool(np.any(changed > self._may_change))


def label_samples(scene: Scene, shape: tuple[int, ...]) -> Labels:
    """Which slot each sample shows, `NOTHING` beside all slots and under captions. Pure."""
    labels = np.full(shape, NOTHING, np.int16)
    for index, slot in enumerate(scene.slots):
        labels[_part(slot.rect)] = index
    for overlay in scene.overlays:
        labels[_part(overlay.rect)] = NOTHING
    return labels


def _part(rect: SlotRect) -> tuple[slice, slice]:
    half = STEP_PX // 2

    def span(low: int, size: int) -> slice:
        first, after = (max(0, low) + half - 1) // STEP_PX, (max(0, low + size) + half - 1) // STEP_PX
        return slice(first, after)

    return span(rect.y, rect.h), span(rect.x, rect.w)
