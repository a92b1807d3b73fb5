"""What YouTube says of the broadcast beside what we send: health, faults, viewers, the address to watch."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from operator_console.session.model import Broadcast, BroadcastPhase
from ui.causes import Family, sentence, worded
from ui.context import Context, Tick
from ui.formats import short_duration
from ui.observations import BroadcastSeen, IssueSeen
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import set_property
from ui.youtube.texts import ARRIVAL, HEALTH, ISSUES

OLD_S = 60
ISSUES_SHOWN = 4


def youtube_says(seen: BroadcastSeen) -> str:
    """YouTube's own word on the stream, in the operator's language; empty before it said any."""
    text = HEALTH.get(seen.health, "") if seen.stream == "active" else ""
    text = text or ARRIVAL.get(seen.stream, "")
    return QCoreApplication.translate("Youtube", text) if text else ""


def issue_text(issue: IssueSeen) -> str:
    """A configuration issue in words; an unknown one by its own name."""
    text = ISSUES.get(issue.type, "")
    if text:
        return QCoreApplication.translate("Youtube", text)
    return QCoreApplication.translate("Youtube", "YouTube reports: {name}").format(name=issue.type)


def tone(broadcast: Broadcast, seen: BroadcastSeen) -> str:
    """How it stands: bad where both differ for too long, warn where something is wrong, else good or soft."""
    if broadcast.dispute or seen.alarm:
        return "bad"
    if seen.differs or seen.trouble is not None or seen.health in ("ok", "bad", "noData"):
        return "warn"
    return "good" if broadcast.phase is BroadcastPhase.LIVE else "soft"


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
        over = broadcast.phase in (BroadcastPhase.ENDED, BroadcastPhase.FAILED)
        self.ours.setText(self._ours(broadcast, seen))
        self.theirs.setText("" if over else self._theirs(seen, now_ms))
        self.theirs.setVisible(bool(self.theirs.text()))
        set_property(
            self.theirs, "role", {"bad": "error", "warn": "warn"}.get(tone(broadcast, seen), "strong")
        )
        self.detail.setText(self._detail(broadcast, seen, over))
        self.detail.setVisible(bool(self.detail.text()))
        known = not over and seen.viewers is not None
        self.viewers.setText(self.tr("{n} viewers").format(n=self._number(seen.viewers)) if known else "")
        self.viewers.setVisible(known)
        if self.address.text() != broadcast.watch_url:
            self.address.setText(broadcast.watch_url)
            self.address.setCursorPosition(0)
            self.copy.set_text(self.tr("Copy address"))
        for one in (self.address, self.copy):
            one.setVisible(bool(broadcast.watch_url))

    def _number(self, value: int | None) -> str:
        return self._context.formats.number(value or 0)

    def _ours(self, broadcast: Broadcast, seen: BroadcastSeen) -> str:
        steps = {
            "making": self.tr("Making the broadcast at YouTube…"),
            "thumbnail": self.tr("Sending the picture of the broadcast…"),
            "binding": self.tr("Preparing the stream at YouTube…"),
        }
        phases = {
            BroadcastPhase.PREPARING: steps.get(seen.step, steps["making"]),
            BroadcastPhase.MADE: self.tr("We send; waiting until the public sees it…")
            if seen.sending
            else self.tr("Connecting to YouTube…"),
            BroadcastPhase.LIVE: self.tr("We send; the broadcast is public")
            if seen.sending
            else self.tr("We do not send at the moment"),
            BroadcastPhase.ENDING: self.tr("Ending the broadcast…"),
            BroadcastPhase.ENDED: self.tr("The broadcast has ended"),
            BroadcastPhase.FAILED: self.tr("There is no broadcast"),
        }
        return phases[broadcast.phase]

    def _theirs(self, seen: BroadcastSeen, now_ms: int) -> str:
        said = youtube_says(seen)
        age_s = (now_ms - seen.asked_ms) / 1000
        if said and age_s > OLD_S:
            ago = short_duration(age_s)
            return self.tr("{said} (said {ago} ago)").format(said=said, ago=ago)
        return said

    def _detail(self, broadcast: Broadcast, seen: BroadcastSeen, over: bool) -> str:
        if over:
            return worded(Family.YOUTUBE, broadcast).text
        lines = []
        differs = broadcast.dispute or (seen.differs if seen.alarm else "")
        if differs:
            lines.append(sentence(Family.TRUTH, differs, {}))
        lines += [worded(Family.YOUTUBE, cause).text for cause in (seen.trouble, seen.thumbnail) if cause]
        lines += [issue_text(one) for one in seen.issues[:ISSUES_SHOWN]]
        return "\n".join(line for line in lines if line)
