"""Where the livestream is to go: a tick for each destination, and its key where one has to be typed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from operator_console.protocol import RunLineTest, StartLivestream
from operator_console.session.model import YOUTUBE_ACCOUNT
from operator_console.settings import Destination
from ui.context import Context
from ui.keys import PRESS_KEYS, KeepKeys
from ui.keystore import KeyStore
from ui.live.youtube_target import YoutubeTarget
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, no_mnemonic
from ui.widgets.styled import set_property
from ui.youtube.form import broadcast_offered


class Target(QFrame):
    """One destination.

    Signals: changed() when its tick, its key or what is known of its key changed.
    """

    changed = Signal()

    def __init__(self, destination: Destination, running: bool) -> None:
        super().__init__()
        self.setObjectName("row")
        self.destination, self.running = destination, running
        self.known: bool | None = None
        """Whether the password store has its key; None where there is no store."""
        self.asked = False
        self.tick = QCheckBox(no_mnemonic(destination.name))
        self.tick.setAccessibleName(destination.name)
        KeepKeys(self.tick, PRESS_KEYS)
        self._host = ElidedLabel(destination.url.partition("//")[2], "faint")
        self._note = ElidedLabel("", "soft")
        self.other = Button(self.tr("Another key"), kind="flat")
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(self.tr("Stream key, for this time only"))
        self.key.setAccessibleName(self.tr("Stream key of {name}").format(name=destination.name))
        self._build()
        self.tick.toggled.connect(self._on_touched)
        self.key.textChanged.connect(self._on_touched)
        self.other.clicked.connect(self._on_other)
        self._typing = False
        self._show()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.tick)
        head.addWidget(self._host, 1)
        below = QHBoxLayout()
        below.setContentsMargins(24, 0, 0, 0)
        below.setSpacing(8)
        below.addWidget(self._note, 1)
        below.addWidget(self.other)
        field = QHBoxLayout()
        field.setContentsMargins(24, 0, 0, 0)
        field.addWidget(self.key)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(below)
        layout.addLayout(field)

    # ---- what it stands for

    @property
    def ticked(self) -> bool:
        """Whether it is to be started."""
        return self.tick.isChecked() and not self.running

    @property
    def has_key(self) -> bool:
        """Whether a key is typed or kept."""
        return bool(self.key.text().strip()) or bool(self.known)

    def command(self) -> StartLivestream:
        """Go live there; the field is emptied."""
        one, key = self.destination, self.key.text().strip()
        self.key.clear()
        return StartLivestream(
            destination_id=one.name, url=one.url, name=one.name, key=key, backup_url=one.backup_url
        )

    def line_test(self) -> RunLineTest:
        """Test the line there."""
        one = self.destination
        return RunLineTest(
            destination_id=one.name, url=one.url, backup_url=one.backup_url, key=self.key.text().strip()
        )

    # ---- what is shown

    def ask_key(self, keys: KeyStore) -> None:
        """Ask the password store, off the loop."""
        if not self.running:
            keys.has(self.destination.name, self, self._on_key_known)

    def set_running(self, running: bool) -> None:
        """It is live now, or no longer."""
        if running != self.running:
            self.running = running
            self._show()
            self.changed.emit()

    def _on_key_known(self, known: bool | None) -> None:
        self.known, self.asked = known, True
        self._show()
        self.changed.emit()

    def _on_other(self) -> None:
        self._typing = True
        self._show()
        self.key.setFocus()

    def _on_touched(self) -> None:
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        self.tick.setEnabled(not self.running)
        if self.running:
            self.tick.setChecked(True)
        needs = self.asked and not self.known
        typing = not self.running and self.tick.isChecked() and (needs or self._typing)
        self.key.setVisible(typing)
        self.other.setVisible(bool(self.known) and not typing and self.ticked)
        self._note.setText(self._words())
        missing = self.ticked and self.asked and not self.has_key
        set_property(self._note, "role", "warn" if missing else "soft")

    def _words(self) -> str:
        if self.running:
            return self.tr("Live already")
        if not self.asked:
            return self.tr("Asking the password store…")
        if self.known:
            return self.tr("Stream key in the password store")
        if self.known is None:
            return self.tr("This computer has no password store: type the stream key here")
        return self.tr("No stream key in the password store: type it here or in the settings")


class Targets(QWidget):
    """All destinations of the settings.

    Signals: changed() when what is to be started changed.
    """

    changed = Signal()

    def __init__(self, context: Context, keys: KeyStore) -> None:
        super().__init__()
        streaming = context.actions.streaming
        self.rows = [Target(one, one.name in streaming) for one in context.settings.destinations]
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        remembered = set(context.settings.live_destinations)
        free = [row for row in self.rows if not row.running]
        wanted = [row for row in free if row.destination.name in remembered]
        if not remembered:
            wanted = free[:1]
        for row in self.rows:
            row.tick.setChecked(row in wanted or row.running)
            row.changed.connect(self.changed)
            row.ask_key(keys)
            lines.addWidget(row)
        self.youtube: YoutubeTarget | None = None
        if broadcast_offered(context):
            self.youtube = YoutubeTarget(context, YOUTUBE_ACCOUNT in remembered)
            self.youtube.changed.connect(self.changed)
            lines.addWidget(self.youtube)

    @property
    def any_ticked(self) -> bool:
        """Whether anything is to be started."""
        return bool(self.ticked) or self.broadcast is not None

    @property
    def broadcast(self) -> YoutubeTarget | None:
        """The YouTube account, where it is to be started."""
        return self.youtube if self.youtube is not None and self.youtube.ticked else None

    @property
    def problem(self) -> str:
        """Why the broadcast may not go yet; empty where it may, or is not ticked."""
        return self.broadcast.problem if self.broadcast is not None else ""

    def line_test(self) -> RunLineTest | None:
        """A test of the first destination that is ticked: the others share its line."""
        if self.ticked:
            return self.ticked[0].line_test()
        return self.broadcast.line_test() if self.broadcast is not None else None

    @property
    def ticked(self) -> list[Target]:
        """Those to be started."""
        return [row for row in self.rows if row.ticked]

    @property
    def without_key(self) -> list[str]:
        """Names of those to be started that have no key."""
        return [row.destination.name for row in self.ticked if row.asked and not row.has_key]

    @property
    def asking(self) -> bool:
        """Whether the password store has not answered for one of them."""
        return any(not row.asked and not row.has_key for row in self.ticked)

    @property
    def names(self) -> list[str]:
        """What is ticked, also what is live already: remembered for the next time."""
        names = [row.destination.name for row in self.rows if row.tick.isChecked()]
        return [*names, YOUTUBE_ACCOUNT] if self.youtube and self.youtube.tick.isChecked() else names

    def follow(self, streaming: list[str]) -> None:
        """Bring in line what is live already."""
        for row in self.rows:
            row.set_running(row.destination.name in streaming)
        if self.youtube is not None:
            self.youtube.follow(streaming)
