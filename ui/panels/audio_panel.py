"""Levels of the buses and of own sources with sound, and the switches that belong to them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from operator_console.protocol import ENGINE_AUDIO, SetHallMuted, SetSourceMuted
from operator_console.session.model import Source
from ui.context import Context
from ui.pictures import Place
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.meter import Meter
from ui.widgets.styled import Panel

MOST_LOCAL = 2
FOOT_PX = 30
_FIGURE_EVERY = 6


class Strip(QWidget):
    """Name, meter and, where something can be switched, a button."""

    def __init__(self, name: str, place: Place | None) -> None:
        super().__init__()
        self.place = place
        self.name = ElidedLabel(name, "faint")
        self.name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.meter = Meter(name)
        self.lines = QVBoxLayout(self)
        self.lines.setContentsMargins(0, 0, 0, 0)
        self.lines.setSpacing(4)
        self.lines.addWidget(self.name)
        self.lines.addWidget(self.meter, 1)
        self.foot = QWidget()
        self.foot.setFixedHeight(FOOT_PX)
        self.foot.hide()
        self.lines.addWidget(self.foot)


class AudioPanel(Panel):
    """Meters poll the bus; buttons send commands."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._buses = [
            Strip(self.tr("Program"), (ENGINE_AUDIO, 0)),
            Strip(self.tr("To participants"), (ENGINE_AUDIO, 1)),
            Strip(self.tr("To hall"), (ENGINE_AUDIO, 2)),
        ]
        self._local: dict[str, Strip] = {}
        self._mutes: dict[str, Button] = {}
        self._open = PlainLabel("", "soft")
        self._hall = Button(self.tr("Hall microphones"), "mic", key="H")
        self._hall.clicked.connect(context.actions.toggle_hall)
        head = QHBoxLayout()
        head.addWidget(PlainLabel(self.tr("Audio"), "strong"))
        head.addStretch(1)
        head.addWidget(self._open)
        self._strips = QHBoxLayout()
        self._strips.setSpacing(4)
        for strip in self._buses:
            self._strips.addWidget(strip, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addLayout(self._strips, 1)
        layout.addWidget(self._hall)
        context.pictures.polled.connect(self._on_polled)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def set_compact(self, compact: bool) -> None:
        """Meters only where the window is low; the bottom bar has the same switch."""
        self._hall.setVisible(not compact)
        self.setFixedHeight(158 if compact else 272)

    # ---- events

    def _on_polled(self, turn: int) -> None:
        if turn % 2 or not self.isVisible():
            return
        for strip in (*self._buses, *self._local.values()):
            level_db = self._context.pictures.level_db(strip.place)
            strip.meter.set_level(level_db)
            if turn % _FIGURE_EVERY == 0:
                strip.meter.show_figure(level_db)

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(
            Kind.SESSION, Kind.SOURCES, Kind.MEDIA, Kind.PEOPLE, Kind.PENDING, Kind.LINK, Kind.FIGURES
        ):
            self._show()

    # ---- show

    def _show(self) -> None:
        replica = self._context.replica
        muted = replica.state.hall_muted
        text = self.tr("Hall microphones off") if muted else self.tr("Hall microphones on")
        self._hall.set_text(text)
        self._hall.setAccessibleName(text)
        self._hall.set_icon("mic-off" if muted else "mic", "red_text" if muted else "text")
        self._hall.set_on(not muted)
        self._hall.set_pending(replica.pending(SetHallMuted))
        audible = sum(person.audible for person in replica.state.participants.values())
        self._open.setText(self.tr("{n} microphones open").format(n=audible))
        self._show_local()

    def _show_local(self) -> None:
        replica = self._context.replica
        sounding: dict[str, tuple[Source, Place]] = {}
        for source in replica.state.sources.values():
            media = replica.seen.place(source.id)
            if media and media.audio and len(sounding) < MOST_LOCAL:
                sounding[source.id] = (source, media.audio)
        for key in [key for key in self._local if key not in sounding]:
            strip = self._local.pop(key)
            self._mutes.pop(key)
            self._strips.removeWidget(strip)
            strip.hide()
            strip.deleteLater()
        for key, (source, place) in sounding.items():
            if key not in self._local:
                self._add_local(source)
            self._local[key].place = place
            word = self.tr("Off") if source.muted else self.tr("On")
            self._mutes[key].set_text(word)
            self._mutes[key].setAccessibleName(f"{source.name}: {word}")
            self._mutes[key].set_on(not source.muted)
            self._mutes[key].set_pending(replica.pending(SetSourceMuted, source_id=key))
        for strip in self._buses:
            strip.foot.setVisible(bool(sounding))  # so that all meters are equally high

    def _add_local(self, source: Source) -> None:
        strip = Strip(source.name, None)
        button = Button("", tip=self.tr("Sound of this source"))
        button.clicked.connect(lambda: self._context.actions.toggle_muted(source.id))
        button.setFixedHeight(FOOT_PX)
        strip.lines.addWidget(button)
        self._local[source.id], self._mutes[source.id] = strip, button
        self._strips.addWidget(strip, 1)
