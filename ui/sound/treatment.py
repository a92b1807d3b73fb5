"""What is done with the hall's microphones: echo canceller, noise suppression, gain control, push to talk."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from operator_console.protocol import SetHallSound
from operator_console.session.model import EchoMode
from ui.context import Context
from ui.keys import sequence_of
from ui.replica import Changed, Kind
from ui.sound.words import echo_line, mode_explained
from ui.widgets.checks import ConfirmedCheck
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import set_property


class Treatment(QWidget):
    """Asks the engine; shows what it has confirmed."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        actions = context.actions
        self.mode = QComboBox()
        self.mode.setAccessibleName(self.tr("Echo canceller"))
        for mode in EchoMode:
            self.mode.addItem(mode_explained(mode), mode)
        self.mode.activated.connect(self._on_mode)
        self.noise = ConfirmedCheck(self.tr("Take steady noise out (fans, air conditioning)"))
        self.gain = ConfirmedCheck(self.tr("Keep the microphones at one level"))
        key = sequence_of("talk")
        self.push = ConfirmedCheck(
            self.tr("Push to talk: the hall is heard while {key} is held").format(key=key)
        )
        self.noise.asked.connect(lambda on: actions.set_hall(noise_suppression=on))
        self.gain.asked.connect(lambda on: actions.set_hall(gain_control=on))
        self.push.asked.connect(lambda on: actions.set_hall(push_to_talk=on))
        self.now = ElidedLabel("", "soft")
        label = PlainLabel(self.tr("Echo canceller"), "soft")
        label.setBuddy(self.mode)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(6)
        for widget in (label, self.mode, self.now, self.noise, self.gain, self.push):
            lines.addWidget(widget)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_mode(self, index: int) -> None:
        self._context.actions.set_hall(echo_mode=EchoMode(self.mode.itemData(index)))
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.HALL, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica = self._context.replica
        hall, seen = replica.state.hall_sound, replica.seen.hall
        self.mode.setCurrentIndex(list(EchoMode).index(hall.echo_mode))
        pending = any(replica.pending(SetHallSound, echo_mode=mode) for mode in EchoMode)
        set_property(self.mode, "pending", pending)
        for check, name in (
            (self.noise, "noise_suppression"),
            (self.gain, "gain_control"),
            (self.push, "push_to_talk"),
        ):
            on = bool(getattr(hall, name))
            check.setChecked(on)
            check.set_pending(replica.pending(SetHallSound, **{name: not on}))
        echo = seen.echo if seen and hall.on and seen.state == "running" else None
        line = echo_line(echo, self._context.formats) if echo else None
        self.now.setText(line.text if line else self.tr("No figures while the hall's sound is off."))
        set_property(self.now, "role", "soft" if line is None or line.tone == "plain" else line.tone)
