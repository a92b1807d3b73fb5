"""What the wall says when it has nothing to show: how to invite, or that the filter hides everybody."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.context import Context
from ui.feeds import Filter
from ui.icons import pixmap
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel


class EmptyWall(QWidget):
    """Signals: invite_wanted() to make an invitation; lobby_wanted() to see who waits."""

    invite_wanted = Signal()
    lobby_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        picture = PlainLabel()
        picture.setPixmap(pixmap("users", "text_faint", 44, self.devicePixelRatioF()))
        picture.setAccessibleName(self.tr("No participants"))
        self._title = PlainLabel("", "headline")
        self._detail = PlainLabel("", "soft")
        self._invite = Button(self.tr("Make invitation link"), "link", "primary")
        self._invite.clicked.connect(self.invite_wanted)
        self._lobby = Button(self.tr("Open the lobby"), "user-plus", "go", key="Ctrl+L")
        self._lobby.clicked.connect(self.lobby_wanted)
        self._all = Button(self.tr("Show all"))
        self._all.clicked.connect(self._on_all)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(1)
        for widget in (picture, self._title, self._detail, self._lobby, self._invite, self._all):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.show_for(False)

    def show_for(self, hidden_by_filter: bool) -> None:
        """Word it for a filter that hides everybody, or for a room with nobody in it."""
        waiting = len(self._context.replica.state.lobby)
        self._invite.setVisible(not hidden_by_filter and not waiting)
        self._lobby.setVisible(not hidden_by_filter and waiting > 0)
        self._all.setVisible(hidden_by_filter)
        if hidden_by_filter:
            self._title.setText(self.tr("Nobody matches this filter"))
            self._detail.setText(self.tr("Search and filter hide all participants."))
        elif waiting:
            self._title.setText(self.tr("{n} waiting in the lobby").format(n=waiting))
            self._detail.setText(self.tr("Ctrl+L opens the lobby: admit them there."))
        else:
            self._title.setText(self.tr("Nobody has joined yet"))
            self._detail.setText(
                self.tr("Send an invitation link to the offices; they join with any browser.")
            )

    def _on_all(self) -> None:
        self._context.desk.set(filter=Filter.ALL, search="")
