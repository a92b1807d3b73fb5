"""Draws curves as a picture with OpenCV: panels with axes, units and legends, nothing more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

Bgr = npt.NDArray[np.uint8]
F64 = npt.NDArray[np.float64]
Colour = tuple[int, int, int]

PANEL_PX = (760, 330)
LEFT_PX, RIGHT_PX, TOP_PX, BOTTOM_PX = 70, 16, 52, 46
HEAD_PX = 56
WHITE, BLACK, GREY, PALE = (255, 255, 255), (30, 30, 30), (110, 110, 110), (225, 225, 225)
RED: Colour = (40, 40, 210)
COLOURS: tuple[Colour, ...] = (
    (180, 90, 20), (30, 120, 240), (60, 150, 40), (160, 60, 150),
    (20, 60, 120), (190, 160, 20), (110, 110, 110), (120, 60, 250),
)  # fmt: skip
"""BGR: blue, orange, green, purple, brown, teal, grey, pink."""
FONT = cv2.FONT_HERSHEY_SIMPLEX
SMALL, NORMAL, LARGE = 0.42, 0.5, 0.75
TICKS = 5
SHADES = 17
"""Steps of a colour; white stays white. Edges of letters and lines in all 256 double the file."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve."""

    name: str
    x: F64
    y: F64
    colour: Colour
    dots: bool = False
    """Points instead of a line."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram."""

    title: str
    unit: str
    """Of the y axis."""
    lines: Sequence[Line]
    limits: Sequence[tuple[float, str]] = field(default_factory=tuple)
    """Heights that are marked, with a word."""
    moments: Sequence[tuple[float, str]] = field(default_factory=tuple)
    """Places on the x axis that are marked, with a word."""
    from_zero: bool = True
    x_unit: str = "minutes"


def ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """About so many round values within low and high."""
    raw = max(high - low, 1e-9) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * one for one in (1, 2, 2.5, 5, 10) if power * one >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def extent(values: Sequence[F64], extra: Sequence[float], from_zero: bool) -> tuple[float, float]:
    """What an axis has to show, with a little air above; never of no height."""
    known = np.concatenate([*[one[np.isfinite(one)] for one in values], np.array(list(extra), float)])
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if from_zero:
        low, high = min(0.0, low), max(0.0, high)
    if high - low < 1e-6:
        high = low + 1.0
    air = (high - low) * 0.06
    return (low if from_zero and low == 0.0 else low - air), high + air


def draw(title: str, panels: Sequence[Panel], columns: int = 2) -> Bgr:
    """All panels in so many columns below a title, as BGR."""
    rows = math.ceil(len(panels) / columns)
    width, height = PANEL_PX
    image = np.full((HEAD_PX + rows * height, columns * width, 3), 255, np.uint8)
    _text(image, title, (LEFT_PX, 36), LARGE, BLACK)
    for number, panel in enumerate(panels):
        x, y = number % columns * width, HEAD_PX + number // columns * height
        _Canvas(image[y : y + height, x : x + width], panel).draw()
    return image


def png(image: Bgr) -> bytes:
    """The picture as a PNG file."""
    plain = image // SHADES * SHADES
    how = [cv2.IMWRITE_PNG_COMPRESSION, 9, cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    done, data = cv2.imencode(".png", plain, how)
    if not done:
        raise ValueError("the picture cannot be encoded")
    return data.tobytes()


def _text(image: Bgr, text: str, at: tuple[int, int], size: float, colour: Colour) -> None:
    cv2.putText(image, text, at, FONT, size, colour, 1, cv2.LINE_AA)


def _width(text: str, size: float) -> int:
    return int(cv2.getTextSize(text, FONT, size, 1)[0][0])


class _Canvas:
    """Where one panel is drawn."""

    def __init__(self, image: Bgr, panel: Panel) -> None:
        self._image, self._panel = image, panel
        height, width = image.shape[:2]
        self._box = (LEFT_PX, TOP_PX, width - RIGHT_PX, height - BOTTOM_PX)
        marks = [at for at, _ in panel.limits]
        self._x = extent([line.x for line in panel.lines], (), True)
        self._y = extent([line.y for line in panel.lines], marks, panel.from_zero)

    def draw(self) -> None:
        """Everything of it."""
        self._axes()
        for at, word in self._panel.limits:
            self._mark(at, word)
        for at, word in self._panel.moments:
            self._moment(at, word)
        for line in self._panel.lines:
            self._curve(line)
        self._legend()

    def _place(self, x: F64, y: F64) -> npt.NDArray[np.int32]:
        left, top, right, bottom = self._box
        across = left + (x - self._x[0]) / (self._x[1] - self._x[0]) * (right - left)
        down = bottom - (y - self._y[0]) / (self._y[1] - self._y[0]) * (bottom - top)
        return np.stack((np.rint(across), np.rint(down)), axis=1).astype(np.int32)

    def _at(self, x: float, y: float) -> tuple[int, int]:
        across, down = self._place(np.array([x]), np.array([y]))[0]
        return int(across), int(down)

    def _axes(self) -> None:
        left, top, right, bottom = self._box
        _text(self._image, f"{self._panel.title} ({self._panel.unit})", (left, 18), NORMAL, BLACK)
        for value in ticks(*self._y):
            _, y = self._at(self._x[0], value)
            cv2.line(self._image, (left, y), (right, y), PALE, 1)
            text = f"{value:g}"
            _text(self._image, text, (left - 8 - _width(text, SMALL), y + 4), SMALL, GREY)
        for value in ticks(*self._x, count=8):
            x, _ = self._at(value, self._y[0])
            cv2.line(self._image, (x, bottom), (x, bottom + 4), GREY, 1)
            text = f"{value:g}"
            _text(self._image, text, (x - _width(text, SMALL) // 2, bottom + 18), SMALL, GREY)
        unit = self._panel.x_unit
        _text(self._image, unit, ((left + right - _width(unit, SMALL)) // 2, bottom + 36), SMALL, GREY)
        cv2.rectangle(self._image, (left, top), (right, bottom), GREY, 1)

    def _mark(self, at: float, word: str) -> None:
        left, _, right, _ = self._box
        _, y = self._at(self._x[0], at)
        for x in range(left, right, 10):
            cv2.line(self._image, (x, y), (min(x + 5, right), y), RED, 1)
        _text(self._image, word, (right - 4 - _width(word, SMALL), y - 4), SMALL, RED)

    def _moment(self, at: float, word: str) -> None:
        _, top, _, bottom = self._box
        x, _ = self._at(at, self._y[0])
        for y in range(top, bottom, 6):
            cv2.line(self._image, (x, y), (x, y + 2), GREY, 1)
        _text(self._image, word, (x + 4, bottom - 6), SMALL, GREY)

    def _curve(self, line: Line) -> None:
        known = np.isfinite(line.y) & np.isfinite(line.x)
        places = self._place(line.x[known], line.y[known])
        if line.dots:
            for x, y in places:
                cv2.circle(self._image, (int(x), int(y)), 1, line.colour, -1, cv2.LINE_AA)
        elif len(places):
            cv2.polylines(self._image, [places.reshape(-1, 1, 2)], False, line.colour, 1, cv2.LINE_AA)

    def _legend(self) -> None:
        x, y = LEFT_PX, TOP_PX - 12
        for line in self._panel.lines:
            cv2.line(self._image, (x, y - 4), (x + 16, y - 4), line.colour, 3)
            _text(self._image, line.name, (x + 21, y), SMALL, BLACK)
            x += 21 + _width(line.name, SMALL) + 14
