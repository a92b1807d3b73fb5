"""What YouTube says of the broadcast beside what we send: health, faults, viewers, the address to watch."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from operator_console.session.model import Broadcast
from ui.causes import Family, sentence, worded
from ui.context import Context, Tick
from ui.observations import BroadcastSeen
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import set_property
from ui.youtube.words import OVER, issue_text, tone, viewers_text, we_say, youtube_says

ISSUES_SHOWN = 4


class BroadcastStatus(QFrame):
    """Shown while there is a broadcast of the account, and after it ended against our will."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.ours = PlainLabel("", "strong")
        self.theirs = PlainLabel("", "strong")
        self.detail = PlainLabel("", "soft")
        self.viewers = PlainLabel("", "soft")
        for label in (self.ours, self.theirs, self.detail, self.viewers):
            label.setWordWrap(True)
        self.address = QLineEdit()
        self.address.setReadOnly(True)
        self.address.setAccessibleName(self.tr("Address to watch"))
        self.copy = Button(self.tr("Copy address"), "copy")
        self.copy.clicked.connect(self._on_copy)
        line = QHBoxLayout()
        line.addWidget(self.address, 1)
        line.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for label in (self.ours, self.theirs, self.detail, self.viewers):
            layout.addWidget(label)
        layout.addLayout(line)
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        self._show(context.ticker.now_ms())

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.YOUTUBE, Kind.OUTPUTS, Kind.LINK):
            self._show(self._context.ticker.now_ms())

    def _on_tick(self, tick: Tick) -> None:
        if self.isVisible():
            self._show(tick.now_ms)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.address.text())
        self.copy.set_text(self.tr("Copied"))

    # ---- show

    def _show(self, now_ms: int) -> None:
        broadcast = self._context.replica.state.broadcast
        self.setVisible(broadcast is not None)
        if broadcast is None:
            return
        seen = self._context.replica.seen.broadcast or BroadcastSeen()
        over = broadcast.phase in OVER
        self.ours.setText(we_say(broadcast, seen))
        self.theirs.setText("" if over else youtube_says(seen, now_ms))
        self.theirs.setVisible(bool(self.theirs.text()))
        set_property(
            self.theirs, "role", {"bad": "error", "warn": "warn"}.get(tone(broadcast, seen), "strong")
        )
        self.detail.setText(self._detail(broadcast, seen, over))
        self.detail.setVisible(bool(self.detail.text()))
        self.viewers.setText("" if over else viewers_text(seen, self._context.formats))
        self.viewers.setVisible(bool(self.viewers.text()))
        if self.address.text() != broadcast.watch_url:
            self.address.setText(broadcast.watch_url)
            self.address.setCursorPosition(0)
            self.copy.set_text(self.tr("Copy address"))
        for one in (self.address, self.copy):
            one.setVisible(bool(broadcast.watch_url))

    def _detail(self, broadcast: Broadcast, seen: BroadcastSeen, over: bool) -> str:
        if over:
            return worded(Family.YOUTUBE, broadcast).text
        lines = []
        if broadcast.dispute:
            lines.append(sentence(Family.TRUTH, broadcast.dispute, {}))
        lines += [worded(Family.YOUTUBE, cause).text for cause in (seen.trouble, seen.thumbnail) if cause]
        lines += [issue_text(one) for one in seen.issues[:ISSUES_SHOWN]]
        return "\n".join(line for line in lines if line)
