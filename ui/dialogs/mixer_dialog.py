"""The whole mixer: every bus, the hall, own sources and all open microphones, with the switches for sound."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from operator_console.protocol import HoldHallKey, SetDuckInactive, SetTalkback, SetTestTone
from ui.context import Context
from ui.dialogs.base import Dialog
from ui.feeds import title_of
from ui.keys import sequence_of
from ui.replica import Changed, Kind
from ui.sound.strip import StripRow
from ui.sound.strips import buses, hall_microphone, people, sources
from ui.sound.words import hall_line
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import Rule, set_property

STRIP_PX, HIGH_PX = 84, 320


class MixerDialog(Dialog):
    """Stays open beside the console. Signals: devices_wanted() for the hall's sound devices."""

    devices_wanted = Signal()

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent, width_px=1000)
        self.setModal(False)
        self._context = context
        self._kept: frozenset[str] = frozenset()
        self.set_words(self.tr("Mixer"), self.tr("Close"))
        self.fixed, self.moving = StripRow(context, STRIP_PX), StripRow(context, STRIP_PX)
        self._nobody = PlainLabel(
            self.tr("No office has its microphone open, and no source has sound."), "soft"
        )
        self._nobody.setWordWrap(True)
        self._state = ElidedLabel("", "soft")
        self.body.addLayout(self._strips())
        self.body.addWidget(self._state)
        self.body.addLayout(self._switches())
        context.replica.changed.connect(self._on_changed)
        context.desk.changed.connect(self._on_desk)
        self._show()

    # ---- build

    def _strips(self) -> QHBoxLayout:
        page = QWidget()
        inside = QHBoxLayout(page)
        inside.setContentsMargins(0, 0, 0, 4)
        inside.addWidget(self.moving, 0, Qt.AlignmentFlag.AlignTop)
        inside.addWidget(self._nobody, 1)
        inside.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName(self.tr("Open microphones and own sources"))
        area.setWidget(page)
        area.setFixedHeight(HIGH_PX + 14)
        for row in (self.fixed, self.moving):
            row.setFixedHeight(HIGH_PX)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.fixed, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(Rule())
        line.addWidget(area, 1)
        return line

    def _switches(self) -> QVBoxLayout:
        actions = self._context.actions
        self.tone = Button(self.tr("Test tone"), tip=self.tr("1 kHz at −18 dBFS on program"))
        self.duck = Button(
            self.tr("Duck silent microphones"),
            tip=self.tr("Turn open microphones that nobody speaks into down softly"),
        )
        self.devices = Button(self.tr("Sound devices…"), "settings", key=sequence_of("hall_sound"))
        self.talk = Button(
            self.tr("Talk"), "mic", tip=self.tr("Held: the hall talks"), key=sequence_of("talk")
        )
        self.cough = Button(
            self.tr("Cough"), "mic-off", tip=self.tr("Held: hall microphones off"), key=sequence_of("cough")
        )
        self.talkback = Button(self.tr("Talkback"), "headphones", key=sequence_of("talkback_stays"))
        self.tone.clicked.connect(actions.toggle_test_tone)
        self.duck.clicked.connect(actions.toggle_duck_inactive)
        self.devices.clicked.connect(self.devices_wanted)
        self.talkback.clicked.connect(actions.toggle_talkback)
        self._holds = ((self.talk, "talk"), (self.cough, "cough"))
        for button, name in self._holds:
            button.pressed.connect(lambda name=name: actions.hold(name, True))
            button.released.connect(lambda name=name: actions.hold(name, False))
        first, second = QHBoxLayout(), QHBoxLayout()
        for button in (self.talk, self.cough, self.talkback):
            first.addWidget(button)
        self._to = ElidedLabel("", "soft")
        first.addWidget(self._to, 1)
        for button in (self.tone, self.duck):
            second.addWidget(button)
        second.addStretch(1)
        second.addWidget(self.devices)
        lines = QVBoxLayout()
        lines.setSpacing(8)
        lines.addLayout(first)
        lines.addLayout(second)
        return lines

    # ---- events

    def done(self, result: int) -> None:
        """Let go of what is held: a button that goes away is never released."""
        for button, name in self._holds:
            if button.isDown():
                button.setDown(False)
                self._context.actions.hold(name, False)
        super().done(result)

    def _on_changed(self, changed: Changed) -> None:
        if Kind.SESSION in changed and not self._context.replica.session_open:
            self.reject()
        elif changed.any_of(
            Kind.SESSION,
            Kind.SOURCES,
            Kind.MEDIA,
            Kind.PEOPLE,
            Kind.PENDING,
            Kind.LINK,
            Kind.MIXING,
            Kind.HALL,
        ):
            self._show()

    def _on_desk(self, _view: object) -> None:
        self._show_switches()

    # ---- show

    def _show(self) -> None:
        replica = self._context.replica
        state, seen = replica.state, replica.seen
        self.setEnabled(replica.connected)
        self._kept |= {person.id for person in state.seated if person.audible}
        self.fixed.show_strips((*hall_microphone(state, seen), *buses(state)))
        moving = (*sources(state, seen), *people(state, seen, self._kept))
        self.moving.show_strips(moving)
        self.moving.setVisible(bool(moving))
        self._nobody.setVisible(not moving)
        line = hall_line(seen.hall, self._context.formats) if state.hall_sound.on else None
        self._state.setText(
            line.text if line else self.tr("Loudspeakers and microphones of the hall are off.")
        )
        tones = {"good": "good", "warn": "warn", "bad": "bad"}
        set_property(self._state, "role", tones.get(line.tone if line else "", "soft"))
        self._show_switches()

    def _show_switches(self) -> None:
        replica, mixing = self._context.replica, self._context.replica.state.mixing
        hall = replica.state.hall_sound
        self.tone.set_on(mixing.test_tone)
        self.tone.set_pending(replica.pending(SetTestTone))
        self.duck.set_on(mixing.duck_inactive)
        self.duck.set_pending(replica.pending(SetDuckInactive))
        self.talk.setEnabled(hall.on and hall.push_to_talk)
        self.talk.set_on(mixing.talk_held)
        self.cough.setEnabled(hall.on)
        self.cough.set_on(mixing.cough_held)
        for button, key in self._holds:
            button.set_pending(replica.pending(HoldHallKey, key=key))
        selected = replica.state.participants.get(self._context.desk.view.selected)
        spoken_to = replica.state.participants.get(mixing.talkback)
        self.talkback.setEnabled(spoken_to is not None or selected is not None)
        self.talkback.set_on(spoken_to is not None)
        self.talkback.set_pending(replica.pending(SetTalkback))
        if spoken_to:
            self._to.setText(self.tr("You speak to {name} only").format(name=title_of(spoken_to)))
        elif selected:
            self._to.setText(self.tr("Talkback goes to {name}").format(name=title_of(selected)))
        else:
            self._to.setText(self.tr("Select a tile for talkback"))
