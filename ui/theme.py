"""The look: one dictionary of colours, palette and style sheet made from it, the bundled font."""

from __future__ import annotations

import logging
from functools import lru_cache
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from operator_console import paths

_log = logging.getLogger(__name__)

COLOURS: dict[str, str] = {
    "window": "#0f1216",
    "panel": "#171b21",
    "raised": "#1f252d",
    "hover": "#29313b",
    "pressed": "#171c23",
    "field": "#0f1216",
    "line": "#2a313b",
    "line_strong": "#465061",
    "text": "#e9ecf0",
    "text_soft": "#a7b0bd",
    "text_faint": "#8a94a3",
    "text_off": "#5d6673",
    "blue": "#3d8bfd",
    "blue_deep": "#22364f",
    "red": "#e5343d",
    "red_deep": "#b3262e",
    "red_dark": "#3a1a1d",
    "red_text": "#ff7b82",
    "green": "#2fb457",
    "green_deep": "#1d4d2c",
    "green_dark": "#14321e",
    "green_text": "#6fdc8f",
    "amber": "#f0a92f",
    "amber_dark": "#3d2f12",
    "amber_text": "#ffca6b",
    "on_colour": "#ffffff",
    "picture": "#0a0c10",
}
"""All colours of the window. Red = on program, green = in preview, amber = raised hand and warnings."""

FAMILY = "Inter"
_WEIGHTS = ("Regular", "Medium", "SemiBold", "Bold")


@lru_cache(maxsize=256)
def colour(name: str, alpha: int = 255) -> QColor:
    """A colour of the dictionary, with opacity 0..255."""
    made = QColor(COLOURS[name])
    made.setAlpha(alpha)
    return made


def font(size_px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The window's font in a pixel size, for what is painted by hand."""
    made = QFont(FAMILY)
    made.setPixelSize(size_px)
    made.setWeight(weight)
    return made


def style_sheet() -> str:
    """The style sheet of the whole application, from resources/qss and the colours."""
    text = (paths.resources_dir() / "qss" / "console.qss").read_text(encoding="utf-8")
    icons = (paths.resources_dir() / "icons").as_posix()
    return Template(text).substitute(COLOURS, icons=icons)


def palette() -> QPalette:
    """The dark palette under the style sheet."""
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.Base: "field",
        QPalette.ColorRole.AlternateBase: "panel",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.PlaceholderText: "text_faint",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.BrightText: "red_text",
        QPalette.ColorRole.Highlight: "blue",
        QPalette.ColorRole.HighlightedText: "on_colour",
        QPalette.ColorRole.ToolTipBase: "raised",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.Link: "blue",
        QPalette.ColorRole.Light: "line_strong",
        QPalette.ColorRole.Midlight: "hover",
        QPalette.ColorRole.Mid: "line",
        QPalette.ColorRole.Dark: "window",
        QPalette.ColorRole.Shadow: "window",
    }
    made = QPalette()
    for role, name in roles.items():
        made.setColor(role, colour(name))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, colour("text_off"))
    return made


def apply(app: QApplication) -> None:
    """Give the application font, palette and style sheet; call once before the first widget."""
    folder = paths.resources_dir() / "fonts"
    for weight in _WEIGHTS:
        if QFontDatabase.addApplicationFont(str(folder / f"{FAMILY}-{weight}.otf")) < 0:
            _log.warning("the font %s-%s cannot be loaded", FAMILY, weight)
    app.setStyle("Fusion")
    app.setPalette(palette())
    app.setFont(font(13))
    app.setStyleSheet(style_sheet())
