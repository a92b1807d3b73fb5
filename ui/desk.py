"""What only this window knows: the selected feed and how its wall is filtered, sorted and paged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from ui.feeds import Filter, Sort


@dataclass(frozen=True, slots=True)
class DeskView:
    """Payload of `Desk.changed`: the whole local state."""

    selected: str = ""
    filter: Filter = Filter.ALL
    sort: Sort = Sort.NUMBER
    search: str = ""
    page: int = 0
    watched: str = ""
    """Own source whose picture a dialog shows."""


class Desk(QObject):
    """Holds the local state across a rebuild of the window.

    Signals: changed(DeskView) when something of it changed.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.view = DeskView()

    def set(self, **changes: Any) -> None:
        """Change fields; a new filter, order or search begins at the first page."""
        if "page" not in changes and not changes.keys().isdisjoint({"filter", "sort", "search"}):
            changes["page"] = 0
        view = replace(self.view, **changes)
        if view != self.view:
            self.view = view
            self.changed.emit(view)
