"""Lucide icons, tinted at run time and kept."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from operator_console import paths
from ui.theme import COLOURS


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str = "text", size_px: int = 18, ratio: float = 1.0) -> QPixmap:
    """An icon in a colour of the theme, sharp at a device pixel ratio; FileNotFoundError for a wrong name."""
    svg = (paths.resources_dir() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", COLOURS[colour]).encode()))
    made = QPixmap(QSize(size_px, size_px) * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size_px, size_px))
    painter.end()
    return made


@lru_cache(maxsize=256)
def icon(name: str, colour: str = "text", size_px: int = 18, pad_px: int = 0) -> QIcon:
    """An icon for buttons: normal in a colour, faint where disabled; `pad_px` of air before the text."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        for ink, mode in ((colour, QIcon.Mode.Normal), ("text_off", QIcon.Mode.Disabled)):
            made.addPixmap(_padded(pixmap(name, ink, size_px, ratio), pad_px), mode)
    return made


def _padded(picture: QPixmap, pad_px: int) -> QPixmap:
    if not pad_px:
        return picture
    ratio = picture.devicePixelRatio()
    made = QPixmap(picture.size() + QSize(round(pad_px * ratio), 0))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return made
