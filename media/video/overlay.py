"""Text and panels over the program picture, rendered once to premultiplied I420A in a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from media.video.bidi import visual_order
from media.video.i420 import Plane, Planes, allocate
from media.video.textfit import Fitted, fit

log = logging.getLogger(__name__)

Image = npt.NDArray[np.float32]
Colour = tuple[int, int, int, float]
"""Red, green, blue 0-255 and opacity 0-1."""

PANEL: Colour = (14, 38, 74, 0.92)
ACCENT: Colour = (245, 194, 66, 1.0)
WHITE: Colour = (255, 255, 255, 1.0)
SOFT: Colour = (206, 214, 226, 1.0)
SHADE: Colour = (10, 12, 16, 0.62)
CARD: Colour = (24, 28, 36, 1.0)
DISC: Colour = (52, 60, 76, 1.0)
SLATE_GROUND: Colour = (13, 24, 44, 1.0)
FONT = "sans"
"""OpenCV's built-in variable font (Rubik, OFL): weights, diacritics, fallback for other scripts."""

BOLD, SEMIBOLD, REGULAR = 700, 600, 400
CACHE_ENTRIES = 256
CARD_NAME_PX = 300
"""Smaller cards show initials only: the slot's own label has the name."""


@dataclass(frozen=True, slots=True)
class LowerThird:
    """Name and office of the speaker on a panel with an accent bar.

    The panel is as wide as its text needs, from `panel_px` (0: the whole width) to `width_px`.
    """

    name: str
    office: str = ""
    width_px: int = 480
    height_px: int = 72
    panel_px: int = 0


@dataclass(frozen=True, slots=True)
class TileLabel:
    """A name on a dark strip along the foot of a tile.

    The strip is `strip_px` high (0: the whole height); a name that needs two lines gets the whole height.
    """

    text: str
    width_px: int
    height_px: int = 24
    strip_px: int = 0


@dataclass(frozen=True, slots=True)
class ClockText:
    """A short text on a small dark plate of fixed size, such as the time of day."""

    text: str
    width_px: int = 132
    height_px: int = 36


@dataclass(frozen=True, slots=True)
class SlateCard:
    """A full-size opaque card with title and sub text."""

    title: str
    subtitle: str
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands in a slot whose source has no picture: initials and name."""

    name: str
    width_px: int
    height_px: int


OverlaySpec = LowerThird | TileLabel | ClockText | SlateCard | Placeholder


@dataclass(frozen=True, slots=True)
class OverlayImage:
    """Premultiplied colour planes and, where the picture is not opaque, 255 - alpha for each of them."""

    planes: Planes
    inverse_alpha: Planes | None


def clean_text(text: str, limit: int = 200) -> str:
    """Text fit for drawing: one line, no control or bidi-override characters, no lone surrogates."""
    text = text[:limit].encode("utf-8", "replace").decode("utf-8")
    kept = (" " if unicodedata.category(c) in ("Zs", "Zl", "Zp") else c for c in text.replace("\n", " "))
    return " ".join("".join(c for c in kept if not unicodedata.category(c).startswith("C")).split())


def initials(name: str) -> str:
    """One or two letters that stand for a name: "Kec. Kertak Hanyar" gives "KH", "" gives "?"."""
    words = [word for word in clean_text(name).replace(".", ". ").split() if word[0].isalnum()]
    words = [word for word in words if not word.endswith(".")] or words
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class _Painter:
    """Draws rectangles, discs and text on a premultiplied RGBA float canvas."""

    def __init__(self, width_px: int, height_px: int) -> None:
        self.rgba: Image = np.zeros((height_px, width_px, 4), np.float32)
        self._font = cv2.FontFace(FONT)
        self.drawn: list[str] = []
        """The lines of text that stand on it."""

    def _over(self, mask: npt.NDArray[np.uint8], colour: Colour) -> None:
        coverage = mask.astype(np.float32)[..., None] * (colour[3] / 255.0)
        paint = np.array([*colour[:3], 255.0], np.float32)
        self.rgba *= 1 - coverage
        self.rgba += coverage * paint

    def _mask(self) -> npt.NDArray[np.uint8]:
        return np.zeros(self.rgba.shape[:2], np.uint8)

    def rectangle(self, x: int, y: int, w: int, h: int, colour: Colour) -> None:
        mask = self._mask()
        mask[y : y + h, x : x + w] = 255
        self._over(mask, colour)

    def disc(self, x: int, y: int, radius: int, colour: Colour) -> None:
        mask = self._mask()
        cv2.circle(mask, (x, y), radius, 255, -1, cv2.LINE_AA)
        self._over(mask, colour)

    def text_width(self, text: str, size_px: int, weight: int) -> int:
        """Advance width of a text in pixels."""
        box = cv2.getTextSize(
            (self.rgba.shape[1], self.rgba.shape[0]), text, (0, 0), self._font, size_px, weight
        )
        return int(box[0] + box[2])

    def fit(self, text: str, tries: list[tuple[int, int]], weight: int, room_px: int) -> Fitted:
        """The lines of a text in a width by the first (size, lines) that is enough, else with an ellipsis."""
        return fit(clean_text(text), tries, room_px, lambda part, size: self.text_width(part, size, weight))

    def text(self, text: str, x: int, baseline: int, size_px: int, weight: int, colour: Colour) -> None:
        mask = self._mask()
        self.drawn.append(text)
        cv2.putText(mask, visual_order(text), (x, baseline), (255,), self._font, size_px, weight)
        self._over(mask, colour)

    def centred(self, fitted: Fitted, baseline: int, weight: int, colour: Colour) -> None:
        """Lines in the middle, the first one on the baseline."""
        size, width = fitted.size_px, int(self.rgba.shape[1])
        for number, line in enumerate(fitted.lines):
            left = (width - self.text_width(line, size, weight)) // 2
            self.text(line, left, baseline + number * line_px(size), size, weight, colour)

    def centred_line(
        self, text: str, baseline: int, size_px: int, colour: Colour, margin_px: int = 8
    ) -> None:
        """One half-bold line in the middle, elided to the width."""
        room = int(self.rgba.shape[1]) - 2 * margin_px
        self.centred(self.fit(text, [(size_px, 1)], SEMIBOLD, room), baseline, SEMIBOLD, colour)


def line_px(size_px: int) -> int:
    """From baseline to baseline."""
    return round(size_px * 1.2)


def _lower_third(spec: LowerThird) -> _Painter:
    painter, height = _Painter(spec.width_px, spec.height_px), spec.height_px
    bar, margin = max(4, height // 12), height // 4
    room = spec.width_px - bar - 2 * margin
    big, small, least = round(height * 0.33), round(height * 0.25), round(height * 0.19)
    name = painter.fit(
        spec.name, [(big, 1), (round(height * 0.29), 1), (small, 2), (least, 2)], SEMIBOLD, room
    )
    office_px = round(height * 0.23)
    tries = [(office_px, 1), (round(height * 0.19), 1), (round(height * 0.16), 1)]
    office = painter.fit(spec.office, tries, REGULAR, room)
    texts = [painter.text_width(line, name.size_px, SEMIBOLD) for line in name.lines]
    texts += [painter.text_width(line, office.size_px, REGULAR) for line in office.lines]
    panel = min(spec.width_px, max(spec.panel_px or spec.width_px, max(texts) + bar + 2 * margin))
    painter.rectangle(0, 0, panel, height, PANEL)
    painter.rectangle(0, 0, bar, height, ACCENT)
    name_y = round(height * (0.46 if spec.office else 0.62))
    if len(name.lines) > 1:
        name_y = round(height * (0.30 if spec.office else 0.42))
    for number, line in enumerate(name.lines):
        y = name_y + number * line_px(name.size_px)
        painter.text(line, bar + margin, y, name.size_px, SEMIBOLD, WHITE)
    if spec.office:
        office_y = round(height * (0.80 if len(name.lines) == 1 else 0.87))
        painter.text(office.lines[0], bar + margin, office_y, office.size_px, REGULAR, SOFT)
    return painter


def _tile_label(spec: TileLabel) -> _Painter:
    """One line in the strip, a little smaller if need be; else two lines in the whole height."""
    painter, height = _Painter(spec.width_px, spec.height_px), spec.height_px
    strip = spec.strip_px or height
    size, margin = round(strip * 0.58), strip // 3
    tries = [(size, 1), (round(size * 0.8), 1)]
    if height > strip:
        two = [round(height * share) for share in (0.36, 0.31, 0.27)]
        tries += [(each, 2) for each in two if each < size] or [(two[-1], 2)]
    label = painter.fit(spec.text, tries, SEMIBOLD, spec.width_px - 2 * margin)
    used = strip if len(label.lines) == 1 else height
    painter.rectangle(0, height - used, spec.width_px, used, SHADE)
    # As high as one line of its size would stand in a strip that fits it.
    first = height - used + round(strip * 0.70) if used == strip else round(height * 0.43)
    for number, line in enumerate(label.lines):
        painter.text(line, margin, first + number * line_px(label.size_px), label.size_px, SEMIBOLD, WHITE)
    return painter


def _clock(spec: ClockText) -> _Painter:
    painter = _Painter(spec.width_px, spec.height_px)
    painter.rectangle(0, 0, spec.width_px, spec.height_px, SHADE)
    painter.centred_line(spec.text, round(spec.height_px * 0.70), round(spec.height_px * 0.56), WHITE, 4)
    return painter


def _slate(spec: SlateCard) -> _Painter:
    painter, width, height = _Painter(spec.width_px, spec.height_px), spec.width_px, spec.height_px
    painter.rectangle(0, 0, width, height, SLATE_GROUND)
    painter.rectangle(
        width // 2 - width // 20, round(height * 0.57), width // 10, max(2, height // 180), ACCENT
    )
    room = width - width // 8
    large = [(0.075, 1), (0.075, 2), (0.065, 2), (0.055, 3), (0.045, 3), (0.040, 4)]
    title = painter.fit(spec.title, [(round(height * size), most) for size, most in large], SEMIBOLD, room)
    first = round(height * 0.50) - (len(title.lines) - 1) * line_px(title.size_px)
    painter.centred(title, first, SEMIBOLD, WHITE)
    small = [(0.042, 1), (0.042, 2), (0.036, 3)]
    text = painter.fit(spec.subtitle, [(round(height * size), most) for size, most in small], REGULAR, room)
    painter.centred(text, round(height * 0.67), REGULAR, SOFT)
    return painter


def _placeholder(spec: Placeholder) -> _Painter:
    painter, width, height = _Painter(spec.width_px, spec.height_px), spec.width_px, spec.height_px
    painter.rectangle(0, 0, width, height, CARD)
    radius = max(6, height // 5)
    painter.disc(width // 2, round(height * 0.42), radius, DISC)
    size = max(8, round(radius * 0.8))
    painter.centred_line(initials(spec.name), round(height * 0.42 + size * 0.36), size, SOFT)
    if height >= CARD_NAME_PX:
        tries = [(round(height * 0.075), 1), (round(height * 0.06), 2), (round(height * 0.045), 2)]
        name = painter.fit(spec.name, tries, REGULAR, width - 16)
        painter.centred(name, round(height * (0.80 if len(name.lines) == 1 else 0.75)), REGULAR, SOFT)
    return painter


def _halve(plane: Image) -> Image:
    return np.asarray(
        cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2), interpolation=cv2.INTER_AREA)
    )


def _bytes(plane: Image) -> Plane:
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8)


def to_i420a(rgba: Image) -> OverlayImage:
    """Turn premultiplied RGBA (float, 0-255, even sides) into premultiplied BT.601 I420 with alpha."""
    red, green, blue, alpha = (rgba[..., i] for i in range(4))
    share = alpha / 255.0
    luma = 0.257 * red + 0.504 * green + 0.098 * blue + 16 * share
    u = -0.148 * red - 0.291 * green + 0.439 * blue + 128 * share
    v = 0.439 * red - 0.368 * green - 0.071 * blue + 128 * share
    planes = Planes(_bytes(luma), _bytes(_halve(u)), _bytes(_halve(v)))
    if float(alpha.min()) >= 254.5:
        return OverlayImage(planes, None)
    full, half = _bytes(255 - alpha), _bytes(255 - _halve(alpha))
    return OverlayImage(planes, Planes(full, half, half))


def render(spec: OverlaySpec) -> OverlayImage:
    """Draw an overlay (some milliseconds; not for the program thread). Sides must be even."""
    if isinstance(spec, LowerThird):
        painter = _lower_third(spec)
    elif isinstance(spec, TileLabel):
        painter = _tile_label(spec)
    elif isinstance(spec, ClockText):
        painter = _clock(spec)
    elif isinstance(spec, SlateCard):
        painter = _slate(spec)
    else:
        painter = _placeholder(spec)
    return to_i420a(painter.rgba)


def _blank(spec: OverlaySpec) -> OverlayImage:
    nothing = allocate(spec.width_px, spec.height_px, (0, 0, 0))
    return OverlayImage(nothing, allocate(spec.width_px, spec.height_px, (255, 255, 255)))


class OverlayCache:
    """Renders overlays in a thread of its own; the program thread asks `get` and draws what is ready."""

    def __init__(self) -> None:
        self._ready: OrderedDict[OverlaySpec, OverlayImage] = OrderedDict()
        self._asked: set[OverlaySpec] = set()
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._work: queue.SimpleQueue[OverlaySpec | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="overlay", daemon=True)
        self._thread.start()

    def get(self, spec: OverlaySpec) -> OverlayImage | None:
        """The rendered overlay, or None while it is still being drawn; never waits for the drawing."""
        with self._lock:
            image = self._ready.get(spec)
            if image is not None:
                self._ready.move_to_end(spec)
                return image
            if spec not in self._asked:
                self._asked.add(spec)
                self._work.put(spec)
            return None

    def prepare(self, specs: Iterable[OverlaySpec]) -> None:
        """Begin to draw overlays that will be needed soon."""
        for spec in specs:
            self.get(spec)

    def wait(self, timeout_s: float = 5.0) -> bool:
        """Wait until nothing is being drawn; for tests and one-shot renders. False on time-out."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._asked, timeout_s)

    def close(self) -> None:
        """End the thread."""
        self._work.put(None)
        self._thread.join(5.0)

    def _run(self) -> None:
        while (spec := self._work.get()) is not None:
            image = self._render(spec)
            with self._lock:
                self._ready[spec] = image
                self._asked.discard(spec)
                while len(self._ready) > CACHE_ENTRIES:
                    self._ready.popitem(last=False)
                self._idle.notify_all()

    @staticmethod
    def _render(spec: OverlaySpec) -> OverlayImage:
        try:
            return render(spec)
        except Exception:  # top of the thread: a name that cannot be drawn must not stop all later captions
            log.exception("overlay %s could not be drawn", type(spec).__name__)
            return _blank(spec)
