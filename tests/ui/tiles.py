"""Moving test pictures drawn by numpy: people of simple shapes before coloured walls, in BGRA."""

from __future__ import annotations

import colorsys
from functools import lru_cache

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]


def _bgr(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(blue * 255), round(green * 255), round(red * 255)


@lru_cache(maxsize=256)
def _background(seed: int, width_px: int, height_px: int) -> U8:
    hue = (seed * 0.381966) % 1.0
    top, bottom = np.array(_bgr(hue, 0.35, 0.42)), np.array(_bgr(hue, 0.45, 0.22))
    across = np.linspace(0.0, 1.0, width_px)[None, :, None]
    down = np.linspace(0.0, 1.0, height_px)[:, None, None]
    mix = np.clip(0.75 * down + 0.25 * across, 0.0, 1.0)
    picture = np.full((height_px, width_px, 4), 255, np.uint8)
    picture[:, :, :3] = (top * (1.0 - mix) + bottom * mix).astype(np.uint8)
    return picture


def _ellipse(picture: U8, cx: float, cy: float, rx: float, ry: float, colour: tuple[int, int, int]) -> None:
    height, width = picture.shape[:2]
    left, right = max(0, int(cx - rx)), min(width, int(cx + rx) + 1)
    top, bottom = max(0, int(cy - ry)), min(height, int(cy + ry) + 1)
    if left >= right or top >= bottom:
        return
    xs = (np.arange(left, right) - cx) / rx
    ys = (np.arange(top, bottom) - cy) / ry
    inside = xs[None, :] ** 2 + ys[:, None] ** 2 <= 1.0
    picture[top:bottom, left:right, :3][inside] = colour


def draw_person(target: U8, seed: int, phase: float) -> None:
    """Draw a feed's picture into a BGRA array (h, w, 4); `phase` moves the head and mouth."""
    height, width = target.shape[:2]
    target[:] = _background(seed, width, height)
    unit = height / 100.0
    centre = width / 2 + np.sin(phase + seed) * 4 * unit
    nod = np.sin(phase * 1.7 + seed * 2) * 1.5 * unit
    shirt, skin = (
        _bgr(seed * 0.17 + 0.05, 0.5, 0.45),
        _bgr(0.06, 0.35 + 0.2 * (seed % 3) / 2, 0.86 - 0.09 * (seed % 4)),
    )
    hair = _bgr(seed * 0.29, 0.35 if seed % 3 == 0 else 0.1, 0.62 if seed % 3 == 0 else 0.12)
    _ellipse(target, centre, 104 * unit, 42 * unit, 40 * unit, shirt)
    _ellipse(target, centre, 42 * unit + nod, 19 * unit, 24 * unit, hair)
    _ellipse(target, centre, 47 * unit + nod, 14 * unit, 18 * unit, skin)
    mouth = 1.0 + 1.6 * abs(np.sin(phase * 5 + seed))
    _ellipse(target, centre, 57 * unit + nod, 4 * unit, mouth * unit, _bgr(0.98, 0.5, 0.45))


PHASES = 16


@lru_cache(maxsize=2048)
def person(seed: int, width_px: int, height_px: int, step: int) -> U8:
    """One of PHASES pictures of a feed, drawn once: a bench must not measure this drawing."""
    picture = np.empty((height_px, width_px, 4), np.uint8)
    draw_person(picture, seed, 2 * np.pi * (step % PHASES) / PHASES)
    return picture


@lru_cache(maxsize=128)
def layout(seeds: tuple[int, ...], width_px: int, height_px: int, step: int) -> U8:
    """One of PHASES pictures of a layout."""
    picture = np.empty((height_px, width_px, 4), np.uint8)
    columns = max(1, int(np.ceil(np.sqrt(len(seeds)))))
    draw_layout(picture, list(seeds), 2 * np.pi * (step % PHASES) / PHASES, columns)
    return picture


def draw_layout(target: U8, seeds: list[int], phase: float, columns: int) -> None:
    """Draw several feeds in a grid (a stand-in for the compositor)."""
    target[:, :, :3] = 12
    height, width = target.shape[:2]
    count = max(1, len(seeds))
    rows = -(-count // columns)
    w, h = width // columns // 2 * 2, height // rows // 2 * 2
    if columns > rows:
        h = min(h, w * 9 // 16 // 2 * 2)
    top = (height - h * rows) // 2
    for place, seed in enumerate(seeds):
        x, y = place % columns * w, top + place // columns * h
        draw_person(target[y : y + h, x : x + w], seed, phase)
