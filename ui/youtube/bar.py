"""The line across the window while there is a YouTube broadcast: what we say of it, what YouTube says."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from operator_console.session.model import Broadcast
from ui.causes import Family, sentence, worded
from ui.context import Context, Tick
from ui.observations import BroadcastSeen
from ui.replica import Changed, Kind
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import set_tip
from ui.widgets.styled import set_property
from ui.youtube.words import OVER, issue_text, tone, viewers_text, we_say, youtube_says


class BroadcastBar(Banner):
    """Red where YouTube has said another thing than we do for 15 s. Signals: details_wanted()."""

    details_wanted = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, "radio", "text")
        self._disputed, self._copied, self._closed_ms = "", "", 0
        self._closed_unended = ""
        self.copy = Button(self.tr("Copy address"), "copy")
        self.copy.clicked.connect(self._on_copy)
        self.details = Button(self.tr("Details…"))
        self.details.clicked.connect(self.details_wanted)
        self.close_key = IconButton(self.tr("Close"), "x", colour="text_soft")
        self.close_key.clicked.connect(self._on_close)
        for key in (self.copy, self.details, self.close_key):
            self._line.addWidget(key)
        self._line.setContentsMargins(14, 4, 8, 4)
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
        broadcast = self._context.replica.state.broadcast
        if broadcast is not None:
            self._copied = broadcast.watch_url
            QGuiApplication.clipboard().setText(self._copied)
            self.copy.set_text(self.tr("Copied"))

    def _on_close(self) -> None:
        broadcast = self._context.replica.state.broadcast
        self._closed_ms = broadcast.asked_at_ms if broadcast is not None else 0
        self._closed_unended = self._context.replica.seen.youtube.not_ended
        self.hide()

    # ---- show

    def _show(self, now_ms: int) -> None:
        replica = self._context.replica
        broadcast = replica.state.broadcast
        over = broadcast is not None and broadcast.phase in OVER
        if broadcast is None or (over and (not broadcast.code or broadcast.asked_at_ms == self._closed_ms)):
            self._show_unended(replica.seen.youtube.not_ended)
            return
        seen = replica.seen.broadcast or BroadcastSeen()
        title, detail = self._words(broadcast, seen, now_ms)
        self._title.setText(title)
        self._detail.setText(detail)
        set_property(self, "tone", {"good": "plain"}.get(tone(broadcast, seen), tone(broadcast, seen)))
        set_tip(self, " ".join((title, detail, *(issue_text(one) for one in seen.issues))))
        if broadcast.watch_url != self._copied:
            self.copy.set_text(self.tr("Copy address"))
        self.copy.setVisible(bool(broadcast.watch_url) and not over)
        self.close_key.setVisible(over)
        self._name()
        self.show()
        self._call(broadcast)

    def _show_unended(self, title: str) -> None:
        """One of an earlier session whose end YouTube was never told; without a `title` there is none."""
        shown = bool(title) and title != self._closed_unended
        if shown:
            self._title.setText(self.tr("A broadcast may still run at YouTube"))
            text = self.tr("YouTube was not told that “{title}” has ended. End it in YouTube Studio.")
            self._detail.setText(text.format(title=title))
            set_property(self, "tone", "warn")
            set_tip(self, self._detail.text())
            self.copy.hide()
            self.close_key.show()
            self._name()
        self.setVisible(shown)

    def _words(self, broadcast: Broadcast, seen: BroadcastSeen, now_ms: int) -> tuple[str, str]:
        if broadcast.phase in OVER:
            return we_say(broadcast, seen), worded(Family.YOUTUBE, broadcast).text
        theirs = youtube_says(seen, now_ms)
        if broadcast.dispute:
            since = self.tr("Since {time}.").format(
                time=self._context.formats.clock(broadcast.disputed_at_ms)
            )
            said = sentence(Family.TRUTH, broadcast.dispute, {})
            return self.tr("YOUTUBE SAYS ANOTHER THING"), " ".join(
                one for one in (since, said, theirs) if one
            )
        trouble = worded(Family.YOUTUBE, seen.trouble).text
        parts = (theirs, viewers_text(seen, self._context.formats), trouble)
        return we_say(broadcast, seen), " · ".join(part for part in parts if part)

    def _call(self, broadcast: Broadcast) -> None:
        """A new difference calls the operator once."""
        before, self._disputed = self._disputed, broadcast.dispute
        if not broadcast.dispute or before:
            return
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        QApplication.alert(self.window())
        if self._context.settings.alarm_sound:
            QApplication.beep()
