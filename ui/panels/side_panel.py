"""Right column, upper part: queue, lobby and site list as tabs, and the two keys for the whole room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout

from operator_console.protocol import MuteAll, SetRoomLocked
from ui.context import Context
from ui.feeds import hand_queue
from ui.panels.floor_tab import FloorTab
from ui.panels.lobby_tab import LobbyTab
from ui.panels.sites_tab import SitesTab
from ui.replica import Changed, Kind
from ui.widgets.buttons import FOCUS, Button
from ui.widgets.styled import Panel


class SidePanel(Panel):
    """Tabs with counts."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.floor, self.lobby, self.sites = FloorTab(context), LobbyTab(context), SitesTab(context)
        # A tab widget cannot spread its tabs under a style sheet; a tab bar can.
        self.tabs = QTabBar()
        self.tabs.setFocusPolicy(FOCUS)
        self.tabs.setAccessibleName(self.tr("Queue, lobby and sites"))
        self.tabs.setExpanding(True)
        self.tabs.setUsesScrollButtons(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.pages = QStackedWidget()
        for page in (self.floor, self.lobby, self.sites):
            self.tabs.addTab("")
            self.pages.addWidget(page)
        self.tabs.currentChanged.connect(self.pages.setCurrentIndex)
        self._mute_all = Button(self.tr("Mute all"), "mic-off")
        self._lock = Button(self.tr("Lock room"), "lock")
        self._mute_all.clicked.connect(context.actions.mute_all)
        self._lock.clicked.connect(context.actions.toggle_lock)
        keys = QHBoxLayout()
        keys.setSpacing(6)
        keys.addWidget(self._mute_all, 1)
        keys.addWidget(self._lock, 1)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(12, 4, 12, 10)
        self._lines.setSpacing(8)
        self._lines.addWidget(self.tabs)
        self._lines.addWidget(self.pages, 1)
        self._lines.addLayout(keys)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def set_compact(self, compact: bool) -> None:
        """No icons on the buttons of a narrow column."""
        for button in (self._mute_all, self._lock):
            button.set_tight(compact)
        self.sites.set_compact(compact)
        self._lines.setSpacing(4 if compact else 8)

    def show_lobby(self) -> None:
        """Bring the lobby to the front."""
        self.tabs.setCurrentIndex(self.pages.indexOf(self.lobby))

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.PEOPLE, Kind.SOURCES, Kind.SESSION, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica = self._context.replica
        hands, waiting = len(hand_queue(replica.state)), len(replica.state.lobby)
        for page, text, number in (
            (self.floor, self.tr("Floor"), hands),
            (self.lobby, self.tr("Lobby"), waiting),
            (self.sites, self.tr("Sites"), self.sites.count()),
        ):
            self.tabs.setTabText(self.pages.indexOf(page), f"{text}  {number}" if number else text)
        locked = replica.state.locked
        self._lock.set_text(self.tr("Unlock room") if locked else self.tr("Lock room"))
        self._lock.setAccessibleName(self._lock.text())
        self._lock.set_icon("lock-open" if locked else "lock")
        self._lock.set_on(locked)
        self._lock.set_pending(replica.pending(SetRoomLocked))
        self._mute_all.set_pending(replica.pending(MuteAll))
