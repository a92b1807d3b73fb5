"""The mixer's strips that matter most, and how the hall's sound does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout

from operator_console.protocol import SetHallSound
from ui.context import Context
from ui.keys import sequence_of
from ui.replica import Changed, Kind
from ui.sound.strip import StripRow
from ui.sound.strips import panel_strips
from ui.sound.words import Line, hall_line
from ui.widgets.buttons import ElidedButton, IconButton, name_key
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import Panel, set_property

STRIPS = 5
HEIGHT_PX, COMPACT_HEIGHT_PX = 300, 172


class AudioPanel(Panel):
    """Signals: mixer_wanted(), setup_wanted(), devices_wanted() to open the dialogs of the hall's sound."""

    mixer_wanted = Signal()
    setup_wanted = Signal()
    devices_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.strips = StripRow(context)
        self.setup = ElidedButton(self.tr("Set up hall sound…"), "volume-2", "setup", key="F4")
        self.echo = ElidedButton("", kind="echo", key="F3")
        self.hall = QStackedWidget()
        self.hall.setFixedHeight(28)
        for shown in (self.setup, self.echo):
            self.hall.addWidget(shown)
        self.mixer = IconButton(self.tr("Mixer: all strips"), "sliders-vertical", key="F2")
        self.setup.clicked.connect(self.setup_wanted)
        self.echo.clicked.connect(self.devices_wanted)
        self.mixer.clicked.connect(self.mixer_wanted)
        self._head = QHBoxLayout()
        self._head.setSpacing(8)
        self._head.addWidget(PlainLabel(self.tr("Audio"), "strong"))
        self._head.addStretch(1)
        self._head.addWidget(self.mixer)
        self._off = PlainLabel(self.tr("Loudspeakers and microphones of the hall are off."), "soft")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(12, 6, 12, 8)
        self._lines.setSpacing(5)
        self._lines.addLayout(self._head)
        self._lines.addWidget(self._off)
        self._lines.addWidget(self.hall)
        self._lines.addWidget(self.strips, 1)
        self._compact = False
        context.replica.changed.connect(self._on_changed)
        self._show()

    def set_compact(self, compact: bool) -> None:
        """Lower: without the line of words, the canceller in the head."""
        if compact != self._compact:
            self._compact = compact
            if compact:
                self._lines.removeWidget(self.hall)
                self._head.insertWidget(1, self.hall, 100)
            else:
                self._head.removeWidget(self.hall)
                self._lines.insertWidget(2, self.hall)
        self.setMaximumHeight(COMPACT_HEIGHT_PX if compact else HEIGHT_PX)
        self._show_hall()

    def sizeHint(self) -> QSize:
        """As high as it may become; it gives way where a low window shows banners."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.HALL, Kind.LINK):
            self._show_hall()
        if changed.any_of(
            Kind.SESSION, Kind.SOURCES, Kind.MEDIA, Kind.PENDING, Kind.LINK, Kind.MIXING, Kind.HALL
        ):
            self._show_strips()

    # ---- show

    def _show(self) -> None:
        self._show_hall()
        self._show_strips()

    def _show_hall(self) -> None:
        replica = self._context.replica
        on = replica.state.hall_sound.on
        self.hall.setCurrentWidget(self.echo if on else self.setup)
        self._off.setVisible(not on and not self._compact)
        self.setup.set_pending(replica.pending(SetHallSound))
        line = hall_line(replica.seen.hall, self._context.formats) if on else Line("")
        if on:
            self.echo.set_text(line.short if self._compact and line.short else line.text)
            self.echo.setAccessibleName(line.text)
            name_key(self.echo, line.text, sequence_of("hall_sound"))
        set_property(self.echo, "tone", line.tone)

    def _show_strips(self) -> None:
        replica = self._context.replica
        self.strips.show_strips(panel_strips(replica.state, replica.seen, STRIPS))
