"""The hall's sound: devices by name, what is done with the microphones, and tests."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from operator_console.protocol import SetHallSound
from ui.context import Context
from ui.dialogs.base import Dialog
from ui.replica import Changed, Kind
from ui.sound.device_fields import DeviceFields
from ui.sound.tests_box import TestsBox
from ui.sound.treatment import Treatment
from ui.sound.words import hall_line
from ui.widgets.buttons import Button
from ui.widgets.checks import ConfirmedCheck
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import Rule, set_property


class HallDialog(Dialog):
    """Every change goes to the engine at once. Signals: setup_wanted() for the steps one by one."""

    setup_wanted = Signal()

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent, width_px=900)
        self._context = context
        self.set_words(self.tr("Sound of the hall"), self.tr("Close"))
        self.on = ConfirmedCheck(self.tr("Use the loudspeakers and microphones of the hall"))
        self.on.asked.connect(lambda on: context.actions.set_hall(on=on))
        self._state = PlainLabel("", "soft")
        self._state.setWordWrap(True)
        self.devices = DeviceFields(context)
        self.treatment = Treatment(context)
        self.tests = TestsBox(context)
        self.setup = Button(self.tr("Step by step…"), "circle-help", key="F4")
        self.setup.clicked.connect(self._on_setup)
        head = QHBoxLayout()
        head.addWidget(self.on, 1)
        head.addWidget(self.setup)
        self.body.addLayout(head)
        self.body.addWidget(self._state)
        self.body.addLayout(self._columns())
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _columns(self) -> QHBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.treatment)
        line = QFrame()
        line.setObjectName("rule")
        line.setFixedHeight(1)
        right.addWidget(line)
        right.addWidget(PlainLabel(self.tr("Tests"), "strong"))
        right.addWidget(self.tests)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(18)
        columns.addWidget(self.devices, 1)
        columns.addWidget(Rule())
        columns.addLayout(right, 1)
        return columns

    def done(self, result: int) -> None:
        """A test that was begun here is not left running; somebody else's goes on."""
        if self.tests.began:
            self._context.actions.stop_test()
        super().done(result)

    def _on_setup(self) -> None:
        self.reject()
        self.setup_wanted.emit()

    def _on_changed(self, changed: Changed) -> None:
        if Kind.SESSION in changed and not self._context.replica.session_open:
            self.reject()
        elif changed.any_of(Kind.HALL, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica = self._context.replica
        hall = replica.state.hall_sound
        self.on.setChecked(hall.on)
        self.on.set_pending(replica.pending(SetHallSound, on=not hall.on))
        self.setEnabled(replica.connected)
        line = hall_line(replica.seen.hall, self._context.formats) if hall.on else None
        self._state.setText(
            line.text if line else self.tr("Off: the hall hears nobody and nobody hears the hall.")
        )
        self._state.setVisible(line is None or line.tone in ("warn", "bad"))
        set_property(self._state, "role", "soft" if line is None or line.tone == "plain" else line.tone)
