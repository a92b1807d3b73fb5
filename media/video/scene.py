"""Geometry of the program picture: where a layout puts its slots, and what size pages should send."""

from __future__ import annotations

from dataclasses import dataclass

SEND_SIZES = ((320, 180), (640, 360), (1280, 720))
"""The sizes a join page can send exactly."""

STRIP_TILES = 6
GRIDS = {f"grid_{n}": n for n in range(2, 8)}
LAYOUTS = ("single", "side_by_side", "spotlight_strip", "picture_in_picture", *GRIDS, "slate")


@dataclass(frozen=True, slots=True)
class SlotRect:
    """A rectangle of the canvas in pixels; all four numbers are even."""

    x: int
    y: int
    w: int
    h: int

    def intersection(self, other: SlotRect) -> SlotRect | None:
        """The common part, or None where the rectangles do not touch."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.w, other.x + other.w)
        bottom = min(self.y + self.h, other.y + other.h)
        if right <= left or bottom <= top:
            return None
        return SlotRect(left, top, right - left, bottom - top)


def _even(value: float) -> int:
    return int(value) // 2 * 2


def capacity(layout: str) -> int:
    """How many sources a layout shows at most."""
    if layout in GRIDS:
        return GRIDS[layout] ** 2
    known = {
        "single": 1,
        "side_by_side": 2,
        "picture_in_picture": 2,
        "spotlight_strip": 1 + STRIP_TILES,
        "slate": 0,
    }
    return known[layout]


def _fit_16_9(width: int, height: int) -> tuple[int, int]:
    if width * 9 <= height * 16:
        return _even(width), _even(width * 9 / 16 + 1)
    return _even(height * 16 / 9), _even(height)


def _centred(w: int, h: int, width: int, height: int) -> SlotRect:
    return SlotRect(_even((width - w) / 2), _even((height - h) / 2), w, h)


def _side_by_side(width: int, height: int) -> list[SlotRect]:
    w, h = _fit_16_9(width // 2, height)
    y = _even((height - h) / 2)
    return [SlotRect(0, y, w, h), SlotRect(_even(width / 2), y, w, h)]


def _spotlight_strip(count: int, width: int, height: int) -> list[SlotRect]:
    """Main picture above, strip below; four tiles or fewer are a quarter of the width (320x180 at 720p)."""
    tiles = count - 1
    divisor = 4 if tiles <= 4 and width < 1920 else STRIP_TILES
    w, h = _fit_16_9(width // divisor, height)
    main_w, main_h = _fit_16_9(width, height - h)
    main = SlotRect(_even((width - main_w) / 2), _even((height - h - main_h) / 2), main_w, main_h)
    left = _even((width - tiles * w) / 2)
    return [main] + [SlotRect(left + i * w, height - h, w, h) for i in range(tiles)]


def _picture_in_picture(width: int, height: int) -> list[SlotRect]:
    """Inset in the upper right (the lower third has the lower left), a sendable size up to a third."""
    sendable = [size for size in SEND_SIZES if size[0] * 3 <= width]
    w, h = sendable[-1] if sendable else _fit_16_9(width // 4, height)
    margin = _even(width / 40)
    return [SlotRect(0, 0, width, height), SlotRect(width - w - margin, margin, w, h)]


def _grid(n: int, count: int, width: int, height: int) -> list[SlotRect]:
    w, h = _fit_16_9(width // n, height // n)
    left, top = _even((width - n * w) / 2), _even((height - n * h) / 2)
    return [SlotRect(left + i % n * w, top + i // n * h, w, h) for i in range(count)]


def scene_slots(layout: str, count: int, width: int, height: int) -> list[SlotRect]:
    """Where ``count`` sources stand on a canvas of ``width`` x ``height`` px, first first; even-aligned.

    Sources beyond the capacity of the layout get no slot. A grid keeps its places whoever is absent, so that
    nobody moves when another one joins; the layouts for several show a lone source like `single`. Later slots
    lie above earlier ones. Raises ValueError for an unknown layout.
    """
    if layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}")
    count = min(count, capacity(layout))
    if count <= 0:
        return []
    if layout in GRIDS:
        return _grid(GRIDS[layout], count, width, height)
    if count == 1:
        w, h = _fit_16_9(width, height)
        return [_centred(w, h, width, height)]
    if layout == "side_by_side":
        return _side_by_side(width, height)
    if layout == "picture_in_picture":
        return _picture_in_picture(width, height)
    return _spotlight_strip(count, width, height)


def requested_size(rect: SlotRect) -> tuple[int, int]:
    """What size (w, h) a page should send for a slot: the smallest that is enlarged by a third at most.

    So the nine pictures of a 3x3 grid (426x240 at 720p) come as the tiles that the wall shows anyway; 640x360
    would cost every office four times the uplink.
    """
    for width, height in SEND_SIZES:
        if rect.w * 3 <= width * 4 and rect.h * 3 <= height * 4:
            return width, height
    return SEND_SIZES[-1]


def contain(source_w: int, source_h: int, rect: SlotRect) -> SlotRect:
    """The largest even-aligned rectangle of the source's shape inside ``rect``, centred (portrait gets bars).

    A shape within 2 % of the slot's fills it: one or two rows of black would only look like an error.
    """
    if source_w <= 0 or source_h <= 0:
        return rect
    ratio = source_w * rect.h / (source_h * rect.w)
    if abs(ratio - 1) <= 0.02:
        return rect
    w = rect.w if ratio > 1 else max(2, _even(rect.h * source_w / source_h))
    h = rect.h if ratio < 1 else max(2, _even(rect.w * source_h / source_w))
    return SlotRect(rect.x + _even((rect.w - w) / 2), rect.y + _even((rect.h - h) / 2), w, h)
