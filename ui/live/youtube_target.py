"""The YouTube account as a destination: a tick, and below it the form of the broadcast."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout

from operator_console.protocol import RunLineTest, ScheduleBroadcast, StartBroadcast
from operator_console.session.model import YOUTUBE_ACCOUNT
from ui.context import Context
from ui.keys import PRESS_KEYS, KeepKeys
from ui.widgets.labels import PlainLabel
from ui.youtube.form import BroadcastForm, broadcast_name

INGEST_URL = "rtmps://a.rtmps.youtube.com/live2"
"""Where YouTube takes streams of every account; the line test only knocks there."""


class YoutubeTarget(QFrame):
    """Signals: changed() when its tick or its form changed."""

    changed = Signal()

    def __init__(self, context: Context, ticked: bool) -> None:
        super().__init__()
        self.setObjectName("row")
        self._context = context
        self.running = False
        self.form: BroadcastForm | None = None
        self.tick = QCheckBox(broadcast_name())
        self.tick.setAccessibleName(broadcast_name())
        KeepKeys(self.tick, PRESS_KEYS)
        self._note = PlainLabel(self.tr("Live already"), "soft")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(6, 6, 6, 6)
        self._lines.setSpacing(6)
        self._lines.addWidget(self.tick, 0, Qt.AlignmentFlag.AlignLeft)
        self._lines.addWidget(self._note)
        self.tick.toggled.connect(self._on_tick)
        self.tick.setChecked(ticked)
        self.follow(context.actions.streaming)

    @property
    def ticked(self) -> bool:
        """Whether a broadcast is to be started or planned."""
        return self.tick.isChecked() and not self.running

    @property
    def problem(self) -> str:
        """Why it may not go yet; empty where it may."""
        return self.form.problem() if self.form is not None and self.ticked else ""

    @property
    def yes_text(self) -> str:
        """What the form calls the key that does it."""
        return self.form.yes_text() if self.form is not None else ""

    def command(self) -> StartBroadcast | ScheduleBroadcast | None:
        """The order, as the form stands."""
        return self.form.command() if self.form is not None else None

    def line_test(self) -> RunLineTest:
        """Knock at YouTube; its address for this account is known only with the broadcast."""
        return RunLineTest(destination_id=YOUTUBE_ACCOUNT, url=INGEST_URL)

    def follow(self, streaming: list[str]) -> None:
        """Bring in line whether a broadcast of the account runs."""
        running = YOUTUBE_ACCOUNT in streaming
        changed, self.running = running != self.running, running
        self._note.setVisible(running)
        self.tick.setEnabled(not running)
        if running:
            self.tick.setChecked(True)
        if self.form is not None:
            self.form.setVisible(self.ticked)
        if changed:
            self.changed.emit()

    def _on_tick(self, ticked: bool) -> None:
        # Made only now: it asks YouTube what is planned, which costs quota.
        if ticked and self.form is None and not self.running:
            self.form = BroadcastForm(self._context)
            self.form.changed.connect(self.changed)
            self._lines.addWidget(self.form)
        if self.form is not None:
            self.form.setVisible(self.ticked)
        self.changed.emit()
