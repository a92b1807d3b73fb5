"""How a tile looks: picture, overlay prepared once per look, level bar; the only place that paints tiles."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPainterPath, QPen, QPixmap

from operator_console.session.model import Presence
from ui.feeds import Feed, mic_ask_text
from ui.icons import pixmap as icon_pixmap
from ui.keys import sequence_of
from ui.theme import colour, font
from ui.wall.kept import LEAST_BYTES, PIXEL_BYTES, Kept
from ui.widgets.labels import clean

RADIUS_PX = 6
STRIP_PX = 26
NOTE_PX = 20
"""Band above the name, only where something is to be said of the sound."""
TALLY_PX, EDGE_PX = 3, 4
LEVEL_STEPS = 16
WALLS_KEPT = 2
"""So many walls' worth of pixels: all tiles as they are and as they were before the last changes."""
_BARS = {"good": (3, "green"), "weak": (2, "amber"), "lost": (1, "red")}
_KIND_ICONS = {"camera": "video", "screen": "monitor", "window": "monitor", "file": "clapperboard"}


Parts = tuple[tuple[int, int, QPixmap], ...]
"""Pieces of an overlay with their places in the tile."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything an overlay depends on; two tiles of the same look share one pixmap."""

    feed: Feed
    width_px: int
    height_px: int
    ratio: float
    selected: bool
    focused: bool
    stale: bool
    language: str


_placeholders: Kept[QPixmap] = Kept(lambda made: (made,))
_overlays: Kept[Parts] = Kept(lambda parts: (part for _, _, part in parts))


def keep_walls_of(size: QSize, ratio: float) -> None:
    """Keep what a wall of this size needs, and no more."""
    pixels = size.width() * size.height() * ratio * ratio
    limit = max(LEAST_BYTES, round(pixels * PIXEL_BYTES * WALLS_KEPT))
    _placeholders.limit_bytes = _overlays.limit_bytes = limit


def level_step(level_db: float) -> int:
    """Level bar steps 0..LEVEL_STEPS for -54..-6 dBFS."""
    return max(0, min(LEVEL_STEPS, round((level_db + 54.0) / 48.0 * LEVEL_STEPS)))


def level_rect(tile: QRect) -> QRect:
    """Where the level bar stands in a tile."""
    return QRect(tile.right() - 9, tile.top() + STRIP_PX + 2, 4, tile.height() - 2 * STRIP_PX - 6)


def initials(title: str) -> str:
    """Up to two letters for a tile without picture."""
    words = [word for word in clean(title).replace(".", " ").split() if word[0].isalnum()]
    skip = {"kec", "kel", "desa", "dinas", "kantor", "kab", "bpk", "ibu"}
    words = [word for word in words if word.casefold() not in skip] or words
    return "".join(word[0] for word in words[:2]).upper()


def state_text(feed: Feed) -> str:
    """Why a tile has no picture, in a word or two."""
    if feed.trouble:
        return QCoreApplication.translate("Tile", "No signal")
    if feed.presence is Presence.ADMITTED:
        return QCoreApplication.translate("Tile", "Connecting…")
    if feed.presence is Presence.LOST:
        return QCoreApplication.translate("Tile", "Connection lost")
    if not feed.camera_on:
        return QCoreApplication.translate("Tile", "Camera off")
    return ""


def note_of(feed: Feed) -> tuple[str, str, str]:
    """What the band of a tile says of its sound: text, colour of the band, ink; empty without a reason."""
    title = clean(feed.title)
    if feed.talkback:
        text = QCoreApplication.translate("Tile", "You speak to {name}")
        return text.format(name=title), "blue_deep", "text"
    if feed.mic_ask:
        declined = feed.mic_ask == "declined"
        return (
            mic_ask_text(feed),
            "amber_dark" if declined else "raised",
            "amber_text" if declined else "text",
        )
    if feed.ducked:
        text = QCoreApplication.translate("Tile", "Turned down · {key} brings back")
        return text.format(key=sequence_of("duck")), "raised", "text"
    if feed.echo:
        text = QCoreApplication.translate("Tile", "{key} · Echo from {name}")
        return text.format(name=title, key=sequence_of("duck")), "amber_dark", "amber_text"
    if feed.twin:
        same_room = QCoreApplication.translate("Tile", "Same room as no. {name}")
        text = same_room if feed.twin_near else QCoreApplication.translate("Tile", "Joined twice: no. {name}")
        return text.format(name=clean(feed.twin)), "amber_dark", "amber_text"
    return "", "", ""


def paint_tile(painter: QPainter, tile: QRect, look: Look, image: QImage | None, step: int) -> None:
    """Draw one tile; `image` is a view of shared memory and is only drawn, never kept."""
    feed = look.feed
    frozen = look.stale or not feed.live
    if image is None or not feed.camera_on:
        painter.drawPixmap(tile.topLeft(), placeholder(look))
    else:
        draw_fitted(painter, tile, image, look.ratio)
        if frozen:
            painter.fillRect(tile, colour("window", 165))
            _centre_text(painter, tile, state_text(feed))
    if feed.audible and not frozen:
        _paint_level(painter, level_rect(tile), step)


def draw_fitted(painter: QPainter, area: QRect, image: QImage, ratio: float) -> None:
    """Draw a picture 1:1 where it has the area's device size (a plain copy), else scaled into it."""
    short_w, short_h = area.width() * ratio - image.width(), area.height() * ratio - image.height()
    if 0 <= short_w < 2 and 0 <= short_h < 2:
        if short_w or short_h:
            painter.fillRect(area, colour("picture"))
        if ratio != 1.0:
            image.setDevicePixelRatio(ratio)
        painter.drawImage(area.topLeft(), image)
        return
    size = image.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRect(QPoint(0, 0), size)
    target.moveCenter(area.center())
    if target != area:
        painter.fillRect(area, colour("picture"))
    painter.drawImage(target, image)


def _paint_level(painter: QPainter, bar: QRect, step: int) -> None:
    painter.fillRect(bar, colour("window", 190))
    if step:
        filled = round(bar.height() * step / LEVEL_STEPS)
        tone = "red" if step >= LEVEL_STEPS else "amber" if step >= LEVEL_STEPS - 2 else "green"
        painter.fillRect(QRect(bar.left(), bar.bottom() - filled + 1, bar.width(), filled), colour(tone))


def _centre_text(painter: QPainter, tile: QRect, text: str) -> None:
    if text:
        painter.setFont(font(12, QFont.Weight.DemiBold))
        painter.setPen(colour("text"))
        painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, text)


def _canvas(look: Look) -> QPixmap:
    made = QPixmap(QSize(look.width_px, look.height_px) * look.ratio)
    made.setDevicePixelRatio(look.ratio)
    made.fill(Qt.GlobalColor.transparent)
    return made


def placeholder(look: Look) -> QPixmap:
    """What stands in place of a picture; the same whether the tile is selected or not."""
    plain = replace(look, selected=False, focused=False, stale=False)
    return _placeholders.get(plain, lambda: _placeholder(plain))


def _placeholder(look: Look) -> QPixmap:
    made = _canvas(look)
    made.fill(colour("raised"))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    width, height = look.width_px, look.height_px
    reason = state_text(look.feed)
    radius = max(14, min(height // 5, 40)) if reason else max(14, min(height // 4, 40))
    centre = QPointF(width / 2, (height - STRIP_PX) / 2 - (9 if reason else -2))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("line"))
    painter.drawEllipse(centre, radius, radius)
    painter.setPen(colour("text_soft"))
    painter.setFont(font(max(12, round(radius * 0.7)), QFont.Weight.DemiBold))
    box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, initials(look.feed.title))
    if reason:
        painter.setFont(font(11))
        painter.setPen(colour("red_text" if look.feed.trouble else "text_soft"))
        line = QRectF(0, centre.y() + radius + 2, width, 16)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, reason)
    painter.end()
    return made


def overlay(look: Look) -> Parts:
    """Name strip, badges, tally and rounded corners of a look, as parts with their places in the tile.

    Only the strips that hold something: blending a whole tile costs as much as its picture.
    """
    return _overlays.get(look, lambda: _overlay(look))


def _overlay(look: Look) -> Parts:
    made = _canvas(look)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_strip(painter, look)
    left = _badge(painter, 5, look.feed.tag, colour("window", 205), colour("text"))
    if look.feed.hand:
        left = _badge(painter, left + 4, str(look.feed.hand), colour("amber"), colour("window"), "hand")
    if look.feed.iso:
        runs = look.feed.iso == "recording"
        ink = colour("on_colour" if runs else "window")
        _badge(painter, left + 4, "ISO", colour("red" if runs else "amber"), ink)
    noted = _paint_note(painter, look)
    framed = _paint_tally(painter, look)
    _round_corners(painter, look)
    painter.end()
    width, height = look.width_px, look.height_px
    parts = [QRect(0, 0, width, STRIP_PX), QRect(0, height - STRIP_PX, width, STRIP_PX)]
    if noted:
        parts.append(QRect(0, height - STRIP_PX - NOTE_PX, width, NOTE_PX))
    if framed:
        inner = height - 2 * STRIP_PX - (NOTE_PX if noted else 0)
        parts += [QRect(0, STRIP_PX, EDGE_PX, inner), QRect(width - EDGE_PX, STRIP_PX, EDGE_PX, inner)]
    return tuple((part.x(), part.y(), _cut(made, part)) for part in parts)


def _cut(whole: QPixmap, part: QRect) -> QPixmap:
    ratio = whole.devicePixelRatio()
    area = QRect(part.topLeft() * ratio, part.size() * ratio)
    return whole.copy(area)


def _paint_strip(painter: QPainter, look: Look) -> None:
    feed, width, height = look.feed, look.width_px, look.height_px
    top = height - 24
    painter.fillRect(0, top, width, 24, colour("picture", 175))
    if feed.local:
        mic = _KIND_ICONS.get(feed.kind, "video")
        tone = "text"
    else:
        mic, tone = ("mic", "text") if feed.audible else ("mic-off", "red_text")
    painter.drawPixmap(6, top + 5, icon_pixmap(mic, tone, 14, look.ratio))
    bars = _BARS.get(feed.quality)
    right = width - (24 if bars else 6)
    name = font(12, QFont.Weight.DemiBold)
    painter.setFont(name)
    painter.setPen(colour("text"))
    metrics = QFontMetrics(name)
    text = metrics.elidedText(clean(feed.title), Qt.TextElideMode.ElideRight, right - 26)
    painter.drawText(QRect(25, top, right - 25, 24), Qt.AlignmentFlag.AlignVCenter, text)
    used = 25 + metrics.horizontalAdvance(text) + 6
    if feed.detail and right - used > 60:
        painter.setFont(font(12))
        painter.setPen(colour("text_soft"))
        detail = QFontMetrics(font(12)).elidedText(
            clean(feed.detail), Qt.TextElideMode.ElideRight, right - used
        )
        painter.drawText(QRect(used, top, right - used, 24), Qt.AlignmentFlag.AlignVCenter, detail)
    if bars:
        _paint_bars(painter, width - 20, top + 17, *bars)


def _paint_note(painter: QPainter, look: Look) -> bool:
    """Draw the band; returns whether there is one."""
    text, back, ink = note_of(look.feed)
    if not text:
        return False
    band = QRect(0, look.height_px - STRIP_PX - NOTE_PX, look.width_px, NOTE_PX)
    painter.fillRect(band, colour(back, 235))
    face = font(11, QFont.Weight.DemiBold)
    painter.setFont(face)
    painter.setPen(colour(ink))
    room = band.adjusted(7, 0, -6, 0)
    short = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, short)
    return True


def _paint_bars(painter: QPainter, x: int, base: int, lit: int, tone: str) -> None:
    for number in range(3):
        tall = 4 + number * 3
        painter.fillRect(
            QRect(x + number * 5, base - tall, 3, tall),
            colour(tone) if number < lit else colour("line_strong"),
        )


def _badge(painter: QPainter, x: int, text: str, back: QColor, ink: QColor, icon_name: str = "") -> int:
    """Draw a badge in the top strip and return its right edge."""
    face = font(11, QFont.Weight.DemiBold)
    wide = max(18, QFontMetrics(face).horizontalAdvance(text) + 10) + (14 if icon_name else 0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(back)
    painter.drawRoundedRect(QRectF(x, 5, wide, 18), 4, 4)
    if icon_name:
        painter.drawPixmap(
            x + 4, 7, icon_pixmap(icon_name, "window", 14, painter.device().devicePixelRatio())
        )
    painter.setPen(ink)
    painter.setFont(face)
    shift = 14 if icon_name else 0
    painter.drawText(QRectF(x + shift, 5, wide - shift, 18), Qt.AlignmentFlag.AlignCenter, text)
    return x + wide


def _paint_tally(painter: QPainter, look: Look) -> bool:
    """Draw frame and word; returns whether there is a frame."""
    feed = look.feed
    if feed.on_air:
        word, tone = QCoreApplication.translate("Tile", "ON PROGRAM"), "red"
    elif feed.on_preview:
        word, tone = QCoreApplication.translate("Tile", "PREV."), "green"
    else:
        word, tone = "", "blue" if look.selected else ""
    if word:
        face = font(10, QFont.Weight.Bold)
        wide = QFontMetrics(face).horizontalAdvance(word) + 12
        box = QRectF(look.width_px - wide - 6, 6, wide, 17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(tone))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(colour("on_colour"))
        painter.setFont(face)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
    if tone:
        _frame(painter, look, colour(tone), 2.0 if tone == "blue" else float(TALLY_PX), 0.0)
    if look.selected and word:
        _frame(painter, look, colour("on_colour"), 1.0, float(TALLY_PX))
    if look.focused:
        _frame(painter, look, colour("on_colour"), 1.0, 0.0)
    return bool(tone) or look.focused


def _frame(painter: QPainter, look: Look, ink: QColor, wide: float, inset: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, wide))
    edge = inset + wide / 2
    box = QRectF(0, 0, look.width_px, look.height_px).adjusted(edge, edge, -edge, -edge)
    painter.drawRoundedRect(box, RADIUS_PX - inset, RADIUS_PX - inset)


def _round_corners(painter: QPainter, look: Look) -> None:
    whole, rounded = QPainterPath(), QPainterPath()
    box = QRectF(0, 0, look.width_px, look.height_px)
    whole.addRect(box)
    rounded.addRoundedRect(box, RADIUS_PX, RADIUS_PX)
    painter.fillPath(whole.subtracted(rounded), colour("panel"))
