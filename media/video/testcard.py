"""Synthetic pictures of an office with somebody speaking: for the demo, the load generator and the tests.

Every card has colours of its own, moves, shows its time, and can flash briefly at each full second of the bus
clock (lip sync is measured with that flash and a beep).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media.video.i420 import Planes, from_bgr

Bgr = tuple[int, int, int]
Image = npt.NDArray[np.uint8]

GROUNDS: tuple[Bgr, ...] = (
    (70, 52, 66),
    (58, 72, 96),
    (72, 86, 60),
    (92, 74, 56),
    (58, 84, 92),
    (96, 66, 84),
    (60, 60, 104),
    (100, 92, 60),
    (74, 74, 74),
)
SHIRTS: tuple[Bgr, ...] = (
    (52, 44, 118),
    (44, 88, 118),
    (70, 104, 48),
    (116, 78, 44),
    (104, 52, 96),
    (48, 116, 124),
    (126, 66, 44),
    (60, 60, 140),
    (88, 108, 66),
)
SKINS: tuple[Bgr, ...] = ((122, 164, 216), (96, 140, 196), (132, 176, 228), (84, 122, 176))
CLOTHS: tuple[Bgr | None, ...] = ((140, 196, 140), None, (196, 178, 120), None, (200, 130, 160), None)
HAIR: Bgr = (22, 22, 26)
FLASH_US = 66_000
PERIOD_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Card:
    """Which office a picture shows; ``flash`` whites it out for 66 ms at each full second of the clock."""

    number: int
    flash: bool = False

    @property
    def ground(self) -> Bgr:
        """The card's own colour."""
        base = GROUNDS[self.number % len(GROUNDS)]
        shift = self.number // len(GROUNDS) * 17 % 48
        return (base[0] + shift, base[1], base[2])


class Testcard:
    """Draws one card at one size."""

    __test__ = False  # not a test class, whatever its name says to pytest

    def __init__(self, card: Card, width_px: int, height_px: int) -> None:
        """Both sides even."""
        self.card = card
        self.width_px, self.height_px = width_px, height_px
        self._scale = height_px / 180
        self._room = self._draw_room()
        self._white = np.full_like(self._room, 235)

    def image(self, at_us: int) -> Image:
        """The picture of a moment as BGR of shape (height, width, 3)."""
        if self.card.flash and at_us % PERIOD_US < FLASH_US:
            return self._white
        image = self._room.copy()
        self._draw_person(image, at_us / 1e6)
        self._draw_time(image, at_us)
        return image

    def planes(self, at_us: int) -> Planes:
        """The picture of a moment as I420."""
        return from_bgr(self.image(at_us))

    def _px(self, *values: float) -> tuple[int, ...]:
        return tuple(round(value * self._scale) for value in values)

    def _draw_room(self) -> Image:
        """The background: a wall lit from above, a window or a shelf, a flag."""
        height, width = self.height_px, self.width_px
        light = np.linspace(1.25, 0.7, height, dtype=np.float32)[:, None, None]
        side = np.linspace(0.85, 1.1, width, dtype=np.float32)[None, :, None]
        wall = np.array(self.card.ground, np.float32)[None, None, :] * light * side
        room: Image = np.clip(wall, 0, 255).astype(np.uint8)
        if self.card.number % 2:
            self._box(room, (24, 22, 62, 74), (150, 140, 130))
            self._box(room, (27, 25, 27, 68), (196, 182, 168))
            self._box(room, (57, 25, 26, 68), (196, 182, 168))
        else:
            for index in range(5):
                colour = SHIRTS[(self.card.number + index) % len(SHIRTS)]
                self._box(room, (250 + index * 11, 30, 9, 34), colour)
            self._box(room, (246, 64, 62, 4), (60, 70, 90))
        self._box(room, (300, 88, 14, 9), (40, 40, 210))
        self._box(room, (300, 97, 14, 9), (240, 240, 240))
        return room

    def _box(self, image: Image, box: tuple[float, float, float, float], colour: Bgr) -> None:
        x, y, w, h = self._px(*box)
        cv2.rectangle(image, (x, y), (x + w, y + h), colour, -1)

    def _draw_person(self, image: Image, at_s: float) -> None:
        number, s = self.card.number, self._scale
        sway = math.sin(at_s * 1.1 + number) * 7 + math.sin(at_s * 0.37 + number * 2) * 12
        nod = math.sin(at_s * 2.3 + number * 0.7) * 2.5
        x, y = round((160 + sway) * s), round((78 + nod) * s)
        cloth, skin = CLOTHS[number % len(CLOTHS)], SKINS[number % len(SKINS)]
        body = (round((160 + sway * 0.6) * s), self.height_px + round(8 * s))
        cv2.ellipse(image, body, self._px(78, 72), 0, 180, 360, SHIRTS[number % len(SHIRTS)], -1, cv2.LINE_AA)
        if cloth is not None:
            cv2.ellipse(image, (x, y + round(6 * s)), self._px(37, 47), 0, 0, 360, cloth, -1, cv2.LINE_AA)
        else:
            cv2.ellipse(image, (x, y - round(6 * s)), self._px(31, 36), 0, 0, 360, HAIR, -1, cv2.LINE_AA)
        self._box_at(image, x - 10 * s, y + 26 * s, 20, 20, skin)
        cv2.ellipse(image, (x, y), self._px(27, 35), 0, 0, 360, skin, -1, cv2.LINE_AA)
        if cloth is None and number % 3 == 0:
            self._box_at(image, x - 27 * s, y - 40 * s, 54, 17, (24, 24, 24))
        self._draw_face(image, x, y, at_s)

    def _box_at(self, image: Image, x: float, y: float, w: float, h: float, colour: Bgr) -> None:
        end = (round(x + w * self._scale), round(y + h * self._scale))
        cv2.rectangle(image, (round(x), round(y)), end, colour, -1)

    def _draw_face(self, image: Image, x: int, y: int, at_s: float) -> None:
        s, number = self._scale, self.card.number
        blink = (at_s + number * 0.61) % 3.7 < 0.14
        for side in (-1, 1):
            eye = (x + round(side * 10 * s), y - round(6 * s))
            size = self._px(3.4, 0.8 if blink else 3.0)
            cv2.ellipse(image, eye, (max(1, size[0]), max(1, size[1])), 0, 0, 360, (30, 30, 40), -1)
        # About four syllables a second, with pauses, as people speak.
        speaks = (at_s * 0.45 + number * 0.31) % 1.0 < 0.75
        wide = abs(math.sin(at_s * 12.6 + number)) * 6.5 if speaks else 0.6
        mouth = (max(1, round(8 * s)), max(1, round((1 + wide) * s)))
        cv2.ellipse(image, (x, y + round(16 * s)), mouth, 0, 0, 360, (50, 44, 110), -1, cv2.LINE_AA)

    def _draw_time(self, image: Image, at_us: int) -> None:
        text = f"{self.card.number + 1:02d}  {at_us // 60_000_000 % 60:02d}:{at_us / 1e6 % 60:05.2f}"
        place = self._px(36, 15)  # right of the number that the wall puts into the corner
        cv2.putText(
            image,
            text,
            (place[0], place[1]),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.36 * self._scale,
            (235, 235, 235),
            max(1, round(self._scale)),
            cv2.LINE_AA,
        )
