"""A strip of the mixer: name, meter, fader, mute; and a row of strips that follows bus and facts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from operator_console.protocol import SetBusMuted, SetHallMuted, SetParticipantMuted, SetSourceMuted
from operator_console.session.model import HALL, MixBus
from ui.coalesce import Coalescer
from ui.context import Context
from ui.replica import Replica
from ui.sound.strips import StripData
from ui.widgets.buttons import Button
from ui.widgets.fader import Fader
from ui.widgets.labels import ElidedLabel, clean
from ui.widgets.meter import Meter
from ui.widgets.styled import set_property

_FIGURE_EVERY = 6
_BUSES = frozenset(bus.value for bus in MixBus)


def mute_pending(replica: Replica, target: str) -> bool:
    """Whether a strip's mute is under way."""
    if target in _BUSES:
        return replica.pending(SetBusMuted, bus=target)
    if target == HALL:
        return replica.pending(SetHallMuted)
    return replica.pending(SetParticipantMuted, participant_id=target) or replica.pending(
        SetSourceMuted, source_id=target
    )


class Strip(QWidget):
    """One strip; what it asks for goes out through `faders` and the actions."""

    def __init__(self, context: Context, data: StripData, faders: Coalescer) -> None:
        super().__init__()
        self._context = context
        self.data = data
        self.name = ElidedLabel("", "faint")
        self.name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.meter = Meter(data.name)
        self.fader = Fader("")
        self.mute = Button("", "volume-2", "mute")
        self.mute.setFixedHeight(22)
        self.mute.clicked.connect(lambda: context.actions.toggle_strip(data.id))
        self.fader.asked.connect(lambda gain_db: faders.set(data.id, gain_db))
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.meter, 1)
        middle.addWidget(self.fader)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(2)
        lines.addWidget(self.name)
        lines.addLayout(middle, 1)
        lines.addWidget(self.mute)
        self.show_data(data)

    def show_data(self, data: StripData) -> None:
        """Bring name, fader and mute in line with the facts."""
        self.data = data
        spoken = clean(data.name)
        self.name.setText(data.name)
        set_property(self.name, "role", "air" if data.air else "faint")
        self.meter.setAccessibleName(spoken)
        self.fader.set_name(self.tr("Fader {name}").format(name=spoken))
        self.fader.show_gain(data.gain_db)
        closed = data.muted or data.waits
        self.mute.set_icon(
            ("mic-off" if closed else "mic") if data.mic else "volume-x" if closed else "volume-2",
            "red_text" if data.muted else "amber_text" if data.waits else "text",
        )
        word = self.tr("Open {name}") if data.muted else self.tr("Mute {name}")
        self.mute.setAccessibleName(word.format(name=spoken))
        self.mute.setAccessibleDescription(
            self.tr("silent until the key says otherwise") if data.waits else ""
        )
        set_property(self.mute, "muted", data.muted)
        self.mute.set_pending(mute_pending(self._context.replica, data.id))

    def show_level(self, figure: bool) -> None:
        """Take the level of the bus."""
        level_db = self._context.pictures.level_db(self.data.place)
        self.meter.set_level(level_db)
        if figure:
            self.meter.show_figure(level_db)


class StripRow(QWidget):
    """Strips side by side; kept by id, so that a fact moves no focus and breaks no drag."""

    def __init__(self, context: Context, strip_px: int = 0) -> None:
        super().__init__()
        self._context, self._strip_px = context, strip_px
        self.strips: dict[str, Strip] = {}
        self._faders = Coalescer(context.actions.set_fader, self)
        self._lines = QHBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        context.pictures.polled.connect(self._on_polled)

    def show_strips(self, wanted: Sequence[StripData]) -> None:
        """Show these strips in this order."""
        keys = {data.id for data in wanted}
        for key in [key for key in self.strips if key not in keys]:
            gone = self.strips.pop(key)
            self._lines.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, data in enumerate(wanted):
            self._show_one(place, data)

    def _show_one(self, place: int, data: StripData) -> None:
        strip = self.strips.get(data.id)
        if strip is None:
            strip = self.strips[data.id] = Strip(self._context, data, self._faders)
            if self._strip_px:
                strip.setFixedWidth(self._strip_px)
        else:
            strip.show_data(data)
        if self._lines.indexOf(strip) != place:
            self._lines.removeWidget(strip)
            self._lines.insertWidget(place, strip, 0 if self._strip_px else 1)

    def _on_polled(self, turn: int) -> None:
        if turn % 2 or not self.isVisible():
            return
        for strip in self.strips.values():
            strip.show_level(turn % _FIGURE_EVERY == 0)
