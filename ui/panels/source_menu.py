"""Menu of the own sources: add one, and what can be done with those that run."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from operator_console.session.model import Source
from ui.context import Context
from ui.feeds import feeds
from ui.icons import icon
from ui.widgets.labels import no_mnemonic, set_tip


class SourceMenu(QMenu):
    """Filled anew each time it opens."""

    def __init__(self, context: Context, parent: QWidget, on_add: Callable[[], None]) -> None:
        super().__init__(parent)
        self._context = context
        self._on_add = on_add
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        add = self.addAction(icon("plus"), self.tr("Add source…"))
        add.triggered.connect(lambda _=False: self._on_add())
        sources = list(self._context.replica.state.sources.values())
        if sources:
            self.addSeparator()
        for source in sources:
            self._add_source(source)

    def _add_source(self, source: Source) -> None:
        actions, menu = self._context.actions, QMenu(no_mnemonic(source.name), self)
        seen = self._context.replica.seen
        feed = next((one for one in feeds(self._context.replica.state, seen) if one.id == source.id), None)
        if feed and feed.trouble:
            reason = menu.addAction(icon("triangle-alert", "amber"), no_mnemonic(feed.trouble))
            reason.setEnabled(False)
            menu.setToolTipsVisible(True)
            set_tip(reason, feed.trouble_tip)
        menu.addAction(self.tr("To preview")).triggered.connect(lambda: actions.preview(source.id))
        menu.addAction(self.tr("Spotlight")).triggered.connect(lambda: actions.spotlight(source.id))
        sound = self.tr("Sound on") if source.muted else self.tr("Sound off")
        menu.addAction(sound).triggered.connect(lambda: actions.set_muted(source.id, not source.muted))
        menu.addSeparator()
        menu.addAction(self.tr("Remove")).triggered.connect(lambda: actions.remove(source.id))
        self.addMenu(menu)
