"""From "this layout with these participants" to a `Scene`: slots, captions and cards in their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from media.video.compositor import PlacedOverlay, Scene, SceneSlot
from media.video.overlay import ClockText, LowerThird, SlateCard, TileLabel
from media.video.scene import GRIDS, SlotRect, scene_slots

MIN_LABEL_SLOT_PX = 100
"""Narrower slots get no name: it could not be read."""


@dataclass(frozen=True, slots=True)
class SceneSource:
    """A source as the scene needs it: its key, and the texts of its captions."""

    key: str
    name: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class SceneText:
    """Texts of a scene that do not belong to a source; an empty text is not shown."""

    title: str = ""
    subtitle: str = ""
    clock: str = ""


def _even(value: float) -> int:
    return int(value) // 2 * 2


def lower_third(source: SceneSource, width_px: int, height_px: int) -> PlacedOverlay:
    """The speaker's caption in the title-safe area, lower left; 480x72 at 720p, 792 wide for long names."""
    w, h = _even(width_px * 0.62), _even(height_px / 10)
    x, y = _even(width_px * 0.05), _even(height_px * 0.95 - h)
    return PlacedOverlay(LowerThird(source.name, source.office, w, h, _even(width_px * 0.375)), x, y)


def tile_label(source: SceneSource, rect: SlotRect) -> PlacedOverlay | None:
    """The name along the foot of a slot, None where it would be too small to read."""
    if rect.w < MIN_LABEL_SLOT_PX or not source.name:
        return None
    strip = max(16, min(32, _even(rect.h * 0.14)))
    height = _even(strip * 1.75)
    return PlacedOverlay(TileLabel(source.name, rect.w, height, strip), rect.x, rect.y + rect.h - height)


def clock(text: str, width_px: int, height_px: int) -> PlacedOverlay:
    """The time of day in the upper left corner."""
    w, h = _even(width_px * 0.10), _even(height_px * 0.05)
    return PlacedOverlay(ClockText(text, w, h), _even(width_px * 0.05), _even(height_px * 0.05))


def _labelled(layout: str, index: int) -> bool:
    if layout in GRIDS or layout == "side_by_side":
        return True
    return index > 0


def build_scene(
    layout: str,
    sources: Sequence[SceneSource],
    size_px: tuple[int, int] = (1280, 720),
    *,
    captions: bool = True,
    text: SceneText | None = None,
) -> Scene:
    """The scene of a layout: main picture with lower third, tiles with name labels, or a slate with title.

    With ``captions`` off there is neither lower third nor label. Raises ValueError for an unknown layout.
    """
    text = text or SceneText()
    width, height = size_px
    rects = scene_slots(layout, len(sources), width, height)
    shown = list(zip(sources, rects, strict=False))
    slots = tuple(
        SceneSlot(
            rect, source.key, source.name or source.key, border=layout == "picture_in_picture" and i == 1
        )
        for i, (source, rect) in enumerate(shown)
    )
    overlays: list[PlacedOverlay] = []
    if layout == "slate":
        overlays.append(PlacedOverlay(SlateCard(text.title, text.subtitle, width, height), 0, 0))
    elif captions:
        overlays += _captions(layout, shown, size_px)
    if text.clock:
        overlays.append(clock(text.clock, width, height))
    return Scene(slots, tuple(overlays))


def _captions(
    layout: str, shown: list[tuple[SceneSource, SlotRect]], size_px: tuple[int, int]
) -> list[PlacedOverlay]:
    captions = []
    lone = len(shown) == 1 and layout not in GRIDS
    for index, (source, rect) in enumerate(shown):
        if lone or not _labelled(layout, index):
            if source.name:
                captions.append(_main_caption(source, rect, size_px))
        elif label := tile_label(source, rect):
            captions.append(label)
    return captions


def _main_caption(source: SceneSource, rect: SlotRect, size_px: tuple[int, int]) -> PlacedOverlay:
    """Lower third over the main picture: inside it where a strip of tiles runs below."""
    placed = lower_third(source, *size_px)
    lowest = _even(rect.y + rect.h * 0.95 - placed.spec.height_px)
    leftmost = _even(rect.x + rect.w * 0.05)
    return PlacedOverlay(placed.spec, leftmost, lowest)
