"""Small helpers of styled widgets: dynamic properties, panels, rules."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QFrame, QWidget


def set_property(widget: QWidget, name: str, value: Any) -> None:
    """Set a dynamic property that the style sheet looks at; polishes again only where it changed."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


class Panel(QFrame):
    """A raised area with a border."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)


class Rule(QFrame):
    """A thin vertical line between groups."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rule")
        self.setFixedWidth(1)
