"""Tests of the hall's sound: chime, record and play back, room test; progress, cancel, result and advice."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from operator_console.protocol import RunAudioTest, StopAudioTest
from operator_console.session.model import NO_DEVICE
from ui.context import Context
from ui.formats import Formats
from ui.observations import TestSeen
from ui.replica import Changed, Kind, Notice
from ui.sound.words import code_text, room_advice
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import set_property

CHIME, PLAYBACK, ROOM = "chime", "playback", "room"
_WHOLE = 1000


def name_of_test(test: str) -> str:
    """What a test is called."""
    return {
        CHIME: QCoreApplication.translate("HallTests", "Chime"),
        PLAYBACK: QCoreApplication.translate("HallTests", "Record 3 s and play them"),
        ROOM: QCoreApplication.translate("HallTests", "Room test"),
    }.get(test, test)


def room_result(seen: TestSeen, formats: Formats) -> str:
    """What a room test has measured, in one line."""
    parts = []
    if seen.delay_ms is not None:
        delay = QCoreApplication.translate("HallTests", "delay {n} ms")
        parts.append(delay.format(n=formats.number(seen.delay_ms)))
    if seen.coupling_db is not None:
        coupling = QCoreApplication.translate("HallTests", "echo in the microphone {n} dB")
        parts.append(coupling.format(n=formats.number(seen.coupling_db).replace("-", "−")))
    if seen.erle_db is not None:
        parts.append(f"ERLE {formats.number(seen.erle_db)} dB")
    if seen.drift_ppm is not None:
        parts.append(f"{formats.number(seen.drift_ppm)} ppm".replace("-", "−"))
    return " · ".join(parts)


class TestsBox(QWidget):
    """The tests of `tests` as buttons; one runs at a time."""

    __test__ = False

    def __init__(self, context: Context, tests: tuple[str, ...] = (CHIME, PLAYBACK, ROOM)) -> None:
        super().__init__()
        self._context = context
        self.began = False
        """Whether the test that runs was begun here: only then is it ended with this window."""
        self._ran = False
        icons = {CHIME: "volume-2", PLAYBACK: "mic", ROOM: "audio-lines"}
        self.buttons = {test: Button(name_of_test(test), icons[test]) for test in tests}
        for test, button in self.buttons.items():
            button.clicked.connect(lambda _=False, t=test: self._begin(t))
        self.target = QComboBox()
        self.target.setAccessibleName(self.tr("Through"))
        self.target.addItem(self.tr("Through the loudspeakers"), "hall")
        self.target.addItem(self.tr("Through the headphones"), "monitor")
        self.cancel = Button(self.tr("Stop the test"), "x")
        self.cancel.clicked.connect(context.actions.stop_test)
        self.bar = QProgressBar()
        self.bar.setRange(0, _WHOLE)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the test"))
        self.result = PlainLabel("", "soft")
        self.result.setWordWrap(True)
        self.advice = PlainLabel("")
        self.advice.setWordWrap(True)
        self._build()
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _build(self) -> None:
        keys = QHBoxLayout()
        keys.setSpacing(6)
        for button in self.buttons.values():
            keys.addWidget(button)
        keys.addStretch(1)
        running = QHBoxLayout()
        running.setSpacing(8)
        running.addWidget(self.bar, 1)
        running.addWidget(self.cancel)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(8)
        if set(self.buttons) - {ROOM}:
            lines.addWidget(self.target)
        lines.addLayout(keys)
        lines.addLayout(running)
        lines.addWidget(self.result)
        lines.addWidget(self.advice)

    def _target(self, test: str) -> str:
        return "hall" if test == ROOM else str(self.target.currentData())

    def _on_changed(self, changed: Changed) -> None:
        if self._ran and not self.running:
            self.began = False
        self._ran = self.running
        if changed.any_of(Kind.HALL, Kind.TEST, Kind.PENDING, Kind.LINK):
            self._show()

    def _begin(self, test: str) -> None:
        self.began = True
        self._context.replica.send(
            RunAudioTest(test=test, target=self._target(test)), on_failed=self._on_refused
        )

    def _on_refused(self, notice: Notice) -> None:
        self.began = False
        self._context.replica.noticed.emit(notice)

    @property
    def running(self) -> bool:
        """Whether a test runs."""
        seen = self._context.replica.seen.audio_test
        return seen is not None and seen.state == "running"

    def _show(self) -> None:
        replica = self._context.replica
        hall, seen = replica.state.hall_sound, replica.seen.audio_test
        for test, button in self.buttons.items():
            button.setEnabled(hall.on and not self.running)
            button.set_pending(replica.pending(RunAudioTest, test=test))
            button.set_on(self.running and seen is not None and seen.test == test)
        self.target.setVisible(hall.monitor != NO_DEVICE and bool(set(self.buttons) - {ROOM}))
        self.bar.setVisible(self.running)
        self.cancel.setVisible(self.running)
        self.cancel.set_pending(replica.pending(StopAudioTest))
        mine = seen if seen is not None and seen.test in self.buttons else None
        if self.running and seen:
            self.bar.setValue(round(max(0.0, min(1.0, seen.progress)) * _WHOLE))
        self._show_result(mine, hall.on)

    def _show_result(self, seen: TestSeen | None, on: bool) -> None:
        tone, text, advice = "soft", "", ""
        if not on:
            text = self.tr("Turn the hall's sound on to test it.")
        elif seen is None:
            text = (
                self.tr("The hall is off program while the room test runs.") if ROOM in self.buttons else ""
            )
        elif seen.state == "running":
            text = self._running_text(seen.test)
        elif seen.state == "failed":
            tone = "bad"
            text = self.tr("The test failed. {reason}").format(reason=code_text(seen.code))
        elif seen.test == ROOM:
            text = room_result(seen, self._context.formats)
            advice = "\n".join(room_advice(seen))
        else:
            text = self.tr("Did you hear it? If not, choose another device or turn it up.")
        self.result.setText(text)
        set_property(self.result, "role", tone)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))

    def _running_text(self, test: str) -> str:
        return {
            CHIME: self.tr("A chime sounds now."),
            PLAYBACK: self.tr("Speak now; after 3 seconds you hear it."),
            ROOM: self.tr("A sweep sounds through the loudspeakers. Please be quiet."),
        }.get(test, "")
