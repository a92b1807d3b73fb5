"""The program picture: sources and overlays in one persistent I420 canvas, drawn only where it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import av
import cv2

from media.video.i420 import BLACK_YUV, Planes, SourceFrame, new_frame, resize_into
from media.video.overlay import (
    LowerThird,
    OverlayCache,
    OverlayImage,
    OverlaySpec,
    Placeholder,
    TileLabel,
)
from media.video.scene import SlotRect, contain

# OpenCV's thread pool costs more than it saves at these sizes and takes the cores of the encoders.
cv2.setNumThreads(1)

GROUND_YUV = (26, 131, 127)
WAITING_YUV = (40, 130, 127)
BORDER_YUV = (235, 128, 128)
BORDER_PX = 2

NO_PICTURE, UNDRAWN = -1, -2
"""In place of the number of a picture."""


@dataclass(frozen=True, slots=True)
class SceneSlot:
    """One source in its place; ``name`` is what the placeholder shows while there is no picture."""

    rect: SlotRect
    source: str
    name: str = ""
    border: bool = False


@dataclass(frozen=True, slots=True)
class PlacedOverlay:
    """An overlay with its upper left corner in canvas pixels (even numbers)."""

    spec: OverlaySpec
    x: int
    y: int

    @property
    def rect(self) -> SlotRect:
        """What it covers."""
        return SlotRect(self.x, self.y, self.spec.width_px, self.spec.height_px)


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the program shows: slots from back to front, overlays above them, the colour behind."""

    slots: tuple[SceneSlot, ...] = ()
    overlays: tuple[PlacedOverlay, ...] = ()
    background_yuv: tuple[int, int, int] = GROUND_YUV


@dataclass(frozen=True, slots=True)
class Transition:
    """How the program gets from one scene to the next."""

    kind: Literal["cut", "fade"] = "cut"
    duration_ms: int = 0


CUT = Transition()


@dataclass(slots=True)
class _Patch:
    """The part of an overlay that lies over one rectangle, with views of the canvas below it."""

    targets: Planes
    colour: Planes
    inverse_alpha: Planes | None

    def blend(self) -> None:
        if self.inverse_alpha is None:
            self.targets.copy_from(self.colour)
            return
        for target, colour, inverse in zip(self.targets, self.colour, self.inverse_alpha, strict=True):
            cv2.add(cv2.multiply(target, inverse, scale=1 / 255), colour, dst=target)


@dataclass(slots=True)
class _Layer:
    """An overlay of the scene; ``image`` may be its predecessor's while its own is still being drawn."""

    placed: PlacedOverlay
    image: OverlayImage | None = None
    final: bool = False


@dataclass(slots=True)
class _Plan:
    """A slot and what is cached for it: canvas views, overlay parts above it, slots in front of it."""

    slot: SceneSlot
    roi: Planes
    covered_by: tuple[int, ...]
    dirty: bool = True
    drawn: int = UNDRAWN
    inner: Planes | None = None
    inner_of: tuple[int, ...] = ()
    bars: bool = False
    patches: list[_Patch] = field(default_factory=list)


def _clip(canvas: Planes, layer: _Layer, rect: SlotRect) -> _Patch | None:
    """The part of a layer inside a rectangle, or None."""
    part = layer.placed.rect.intersection(rect)
    if layer.image is None or part is None:
        return None
    inside = (part.x - layer.placed.x, part.y - layer.placed.y, part.w, part.h)
    inverse = layer.image.inverse_alpha
    return _Patch(
        canvas.roi(part.x, part.y, part.w, part.h),
        layer.image.planes.roi(*inside),
        inverse.roi(*inside) if inverse else None,
    )


def _draw_border(roi: Planes) -> None:
    for plane, value, thick in zip(roi, BORDER_YUV, (BORDER_PX, BORDER_PX // 2, BORDER_PX // 2), strict=True):
        plane[:thick] = plane[-thick:] = value
        plane[:, :thick] = plane[:, -thick:] = value


class _Stage:
    """One canvas with the scene drawn on it."""

    def __init__(self, width_px: int, height_px: int, cache: OverlayCache) -> None:
        self.frame, self.planes = new_frame(width_px, height_px)
        self.whole = SlotRect(0, 0, width_px, height_px)
        self.scene = Scene(background_yuv=BLACK_YUV)
        self._cache = cache
        self._plans: list[_Plan] = []
        self._layers: list[_Layer] = []
        self._damage: list[SlotRect] = [self.whole]

    def show(self, scene: Scene) -> None:
        """Take a scene; what differs from the last one is redrawn by the next `draw`."""
        old, self.scene = self.scene, scene
        self._layers = self._take_layers(scene)
        same_places = [s.rect for s in old.slots] == [s.rect for s in scene.slots]
        if not same_places or old.background_yuv != scene.background_yuv:
            self._damage = [self.whole]
            self._plans = self._make_plans(scene)
            return
        changed = set(old.overlays) ^ set(scene.overlays)
        self._damage += [placed.rect for placed in changed]
        for plan, slot in zip(self._plans, scene.slots, strict=True):
            if plan.slot != slot:
                plan.slot, plan.dirty = slot, True

    def _take_layers(self, scene: Scene) -> list[_Layer]:
        layers = []
        for placed in scene.overlays:
            layer = _Layer(placed, self._cache.get(placed.spec))
            layer.final = layer.image is not None
            if not layer.final:
                layer.image = self._predecessor(placed)
            layers.append(layer)
        return layers

    def _predecessor(self, placed: PlacedOverlay) -> OverlayImage | None:
        """What stood in the same place: a clock must not blink while its next second is drawn.

        Never a name: for the moment that takes to draw, the wrong one would stand under a face.
        """
        if isinstance(placed.spec, LowerThird | TileLabel):
            return None
        for layer in self._layers:
            if layer.placed.rect == placed.rect and type(layer.placed.spec) is type(placed.spec):
                return layer.image
        return None

    def _make_plans(self, scene: Scene) -> list[_Plan]:
        plans = []
        for i, slot in enumerate(scene.slots):
            above = [j for j, other in enumerate(scene.slots) if j > i and slot.rect.intersection(other.rect)]
            rect = slot.rect
            plans.append(_Plan(slot, self.planes.roi(rect.x, rect.y, rect.w, rect.h), tuple(above)))
        return plans

    def draw(self, sources: Mapping[str, SourceFrame]) -> bool:
        """Bring the canvas up to date; whether anything was drawn."""
        self._collect_rendered()
        changed = bool(self._damage)
        if changed:
            self._repair()
        for plan in self._plans:
            frame = sources.get(plan.slot.source)
            seq = NO_PICTURE if frame is None else frame.seq
            if plan.dirty or seq != plan.drawn:
                self._draw_slot(plan, frame, seq)
                changed = True
        return changed

    def _collect_rendered(self) -> None:
        for layer in self._layers:
            if layer.final:
                continue
            image = self._cache.get(layer.placed.spec)
            if image is not None:
                layer.image, layer.final = image, True
                self._damage.append(layer.placed.rect)

    def _repair(self) -> None:
        """Repaint background and overlays in the damaged rectangles and mark the slots that touch them."""
        for rect in self._damage:
            visible = rect.intersection(self.whole)
            if visible is None:
                continue
            self.planes.roi(visible.x, visible.y, visible.w, visible.h).fill(self.scene.background_yuv)
            for layer in self._layers:
                patch = _clip(self.planes, layer, visible)
                if patch:
                    patch.blend()
            for plan in self._plans:
                plan.dirty = plan.dirty or plan.slot.rect.intersection(visible) is not None
        self._damage = []
        for plan in self._plans:
            patches = (_clip(self.planes, layer, plan.slot.rect) for layer in self._layers)
            plan.patches = [patch for patch in patches if patch]

    def _draw_slot(self, plan: _Plan, frame: SourceFrame | None, seq: int) -> None:
        plan.dirty = False
        plan.drawn = seq
        if frame is not None:
            self._draw_picture(plan, frame)
        elif not self._draw_placeholder(plan):
            plan.drawn = UNDRAWN
        if plan.slot.border:
            _draw_border(plan.roi)
        for patch in plan.patches:
            patch.blend()
        for index in plan.covered_by:
            self._plans[index].dirty = True

    def _draw_picture(self, plan: _Plan, frame: SourceFrame) -> None:
        shape = frame.planes[0].shape
        if plan.inner is None or plan.inner_of != shape:
            place = contain(shape[1], shape[0], plan.slot.rect)
            plan.inner = self.planes.roi(place.x, place.y, place.w, place.h)
            plan.inner_of, plan.bars = shape, place != plan.slot.rect
        if plan.bars:
            plan.roi.fill(BLACK_YUV)
        resize_into(frame.planes, plan.inner)

    def _draw_placeholder(self, plan: _Plan) -> bool:
        """Draw the initials card; False while it is not rendered yet."""
        rect = plan.slot.rect
        card = self._cache.get(Placeholder(plan.slot.name, rect.w, rect.h))
        if card is None:
            plan.roi.fill(WAITING_YUV)
            return False
        plan.roi.copy_from(card.planes)
        return True


class Compositor:
    """Draws scenes; one thread calls `set_scene` and `compose`.

    ``frame`` is the picture to encode. It is overwritten by the next `compose`, which is safe once
    ``encode(frame)`` has returned (zero-latency x264 keeps no reference, measured).
    """

    def __init__(self, width_px: int, height_px: int, cache: OverlayCache | None = None) -> None:
        self.width_px, self.height_px = width_px, height_px
        self._own_cache = cache is None
        self.cache = cache or OverlayCache()
        self._live = _Stage(width_px, height_px, self.cache)
        self._leaving = _Stage(width_px, height_px, self.cache)
        self._mixed_frame, self._mixed = new_frame(width_px, height_px)
        self._fade_us = 0
        self._fade_start_us: int | None = None
        self._fade_pending = False
        self._leaving_frozen = False

    @property
    def scene(self) -> Scene:
        """The scene on program (during a fade: the one that is coming)."""
        return self._live.scene

    @property
    def fading(self) -> bool:
        """Whether a fade is under way."""
        return self._fade_pending or self._fade_start_us is not None

    @property
    def frame(self) -> av.VideoFrame:
        """The picture to encode."""
        return self._mixed_frame if self.fading else self._live.frame

    @property
    def planes(self) -> Planes:
        """Views of the planes of `frame`."""
        return self._mixed if self.fading else self._live.planes

    def set_scene(self, scene: Scene, transition: Transition = CUT) -> None:
        """Show another scene, or the same slots with other overlays (which does not disturb a running fade).

        Coordinates must be even and inside the canvas; drawing happens in the next `compose`.
        """
        if scene.slots == self.scene.slots and scene.background_yuv == self.scene.background_yuv:
            self._live.show(scene)
            return
        if transition.kind == "fade" and transition.duration_ms > 0:
            self._begin_fade(transition.duration_ms)
        else:
            self._end_fade()
        self._live.show(scene)

    def _begin_fade(self, duration_ms: int) -> None:
        interrupted = self._fade_start_us is not None
        self._live, self._leaving = self._leaving, self._live
        if interrupted:
            self._leaving.planes.copy_from(self._mixed)
        self._mixed.copy_from(self._leaving.planes)
        self._leaving_frozen = interrupted
        self._fade_us, self._fade_start_us, self._fade_pending = duration_ms * 1000, None, True

    def _end_fade(self) -> None:
        if self._leaving_frozen:  # its canvas holds a mix, not its scene
            self._leaving.show(Scene())
        self._fade_start_us, self._fade_pending, self._leaving_frozen = None, False, False

    def compose(self, sources: Mapping[str, SourceFrame], now_us: int) -> bool:
        """Bring `frame` up to date with the sources; whether it changed.

        A key of ``sources`` that is missing means "no picture": the slot shows the initials card. The planes
        are only read here.
        """
        changed = self._live.draw(sources)
        if not self.fading:
            return changed
        if not self._leaving_frozen:
            self._leaving.draw(sources)
        if self._fade_start_us is None:
            self._fade_start_us, self._fade_pending = now_us, False
        share = (now_us - self._fade_start_us) / self._fade_us
        if share >= 1:
            self._end_fade()
            return True
        for old, new, mixed in zip(self._leaving.planes, self._live.planes, self._mixed, strict=True):
            cv2.addWeighted(old, 1 - share, new, share, 0, dst=mixed)
        return True

    def close(self) -> None:
        """End the overlay thread, if it is this compositor's own."""
        if self._own_cache:
            self.cache.close()


class Rendition:
    """A smaller copy of the program picture, for the encoder of the return feed."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.frame, self.planes = new_frame(width_px, height_px)

    def update(self, program: Planes) -> av.VideoFrame:
        """Scale the program picture into `frame` and return it."""
        resize_into(program, self.planes)
        return self.frame
