"""Labels for text that others wrote: plain text only, without control and direction characters, elided."""

from __future__ import annotations

import html
import unicodedata

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

LONGEST_TEXT = 400
_MARKS_IN_A_ROW = 2


def clean(text: str) -> str:
    """A foreign text for one line: no control, direction or line characters, no towers of combining marks."""
    kept: list[str] = []
    marks = 0
    for char in text[:LONGEST_TEXT]:
        category = unicodedata.category(char)
        if category in ("Cc", "Zl", "Zp"):
            char, category = " ", "Zs"
        elif category in ("Cf", "Cs", "Co", "Cn"):
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    return " ".join("".join(kept).split())


def no_mnemonic(text: str) -> str:
    """A foreign text for buttons, menus and tabs, where & would mark a key."""
    return clean(text).replace("&", "&&")


def set_tip(widget: QWidget | QAction, text: str) -> None:
    """Give a widget a tool tip that is shown as it is written, whatever it looks like."""
    safe = f"<qt>{html.escape(clean(text))}</qt>" if text else ""
    if widget.toolTip() != safe:
        widget.setToolTip(safe)


class PlainLabel(QLabel):
    """A label that never reads its text as markup; `role` picks its style."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show a text; the same text again costs nothing."""
        text = "\n".join(clean(line) for line in text.split("\n")) if self.wordWrap() else clean(text)
        if text != self.text():
            super().setText(text)


class ElidedLabel(PlainLabel):
    """A one-line label that shortens its text with an ellipsis and has the whole in its tool tip."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, role, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Show a text."""
        super().setText(text)
        self._tip()

    def minimumSizeHint(self) -> QSize:
        """May become very narrow."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the tool tip true."""
        super().resizeEvent(event)
        self._tip()

    @property
    def shown_text(self) -> str:
        """What is left of the text in the present width."""
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )

    def _tip(self) -> None:
        set_tip(self, self.text() if self.shown_text != self.text() else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, shortened where it has to be."""
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment() | Qt.AlignmentFlag.AlignVCenter),
            self.palette(),
            self.isEnabled(),
            self.shown_text,
            self.foregroundRole(),
        )
        painter.end()
