"""Setting up camera and sound of the hall, step by step; each step may be left out."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from operator_console.protocol import SetHallMuted, SetHallSound
from ui.context import Context
from ui.dialogs.base import Dialog
from ui.keys import sequence_of
from ui.replica import Changed, Kind
from ui.sound.camera_box import CameraBox
from ui.sound.device_fields import LOUDSPEAKER, MICROPHONE, MONITOR, OPERATOR_MICROPHONE, DeviceFields
from ui.sound.tests_box import CHIME, PLAYBACK, ROOM, TestsBox
from ui.sound.treatment import Treatment
from ui.sound.words import hall_line
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import set_property


class HallWizard(Dialog):
    """Camera, devices, hearing test, room test, end. Turning the sound on here closes the microphones first:
    a hall that is being set up must not be heard on program.
    """

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent, width_px=720)
        self._context = context
        self._titles = (
            self.tr("Camera of the hall"),
            self.tr("Microphones and loudspeakers"),
            self.tr("Do you hear it?"),
            self.tr("Echo of the room"),
            self.tr("Ready"),
        )
        self.pages = QStackedWidget()
        self.camera = CameraBox(context)
        self.devices = DeviceFields(context, (MICROPHONE, LOUDSPEAKER))
        self.operator = DeviceFields(context, (MONITOR, OPERATOR_MICROPHONE))
        self.hearing = TestsBox(context, (CHIME, PLAYBACK))
        self.room = TestsBox(context, (ROOM,))
        self.treatment = Treatment(context)
        self.back = Button(self.tr("Back"))
        self.back.clicked.connect(lambda: self.go(self.pages.currentIndex() - 1))
        self._keys.insertWidget(0, self.back)
        self.yes.clicked.connect(self._on_next)
        self._build()
        self.body.addWidget(self.pages)
        context.replica.changed.connect(self._on_changed)
        self.go(0)

    # ---- build

    def _build(self) -> None:
        self.turn_on = Button(self.tr("Turn the hall's sound on"), "volume-2", "primary")
        self.turn_on.clicked.connect(self._on_turn_on)
        self._muted_note = PlainLabel(
            self.tr("The microphones of the hall stay muted until you open them in the last step."), "soft"
        )
        self._state = ElidedLabel("", "soft")
        self.microphones = Button("", "mic")
        self.microphones.clicked.connect(self._context.actions.toggle_hall)
        self._end = PlainLabel("")
        self._end.setWordWrap(True)
        self._page(
            self.tr(
                "The hall's picture stands on the wall beside the offices. See whether the camera works."
            ),
            self.camera,
        )
        self._page(
            self.tr("Choose by name; this machine remembers it."),
            self._muted_note,
            self.turn_on,
            self._state,
            self.devices,
        )
        self._page(
            self.tr("Sound a chime, then record three seconds and hear them again."),
            self.hearing,
            self.operator,
        )
        self._page(
            self.tr(
                "The room test plays a sweep and measures what the microphones hear of the loudspeakers."
            ),
            self.room,
            self.treatment,
        )
        self._page("", self._end, self.microphones)

    def _page(self, text: str, *parts: QWidget) -> None:
        page = QWidget()
        lines = QVBoxLayout(page)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(12)
        if text:
            words = PlainLabel("", "soft")
            words.setWordWrap(True)
            words.setText(text)
            lines.addWidget(words)
        for part in parts:
            lines.addWidget(part)
        lines.addStretch(1)
        self.pages.addWidget(page)

    # ---- steps

    def go(self, step: int) -> None:
        """Show a step."""
        last = len(self._titles) - 1
        step = max(0, min(last, step))
        self.pages.setCurrentIndex(step)
        title = self.tr("{title} · step {n} of {most}").format(
            title=self._titles[step], n=step + 1, most=last + 1
        )
        self.set_words(title, self.tr("Leave"), self.tr("Finish") if step == last else self.tr("Next"))
        self.no.setVisible(step != last)
        self.back.setVisible(step > 0)
        self.camera.watch(step == 0)
        self._show()

    def _on_next(self) -> None:
        if self.pages.currentIndex() == len(self._titles) - 1:
            self.accept()
        else:
            self.go(self.pages.currentIndex() + 1)

    def _on_turn_on(self) -> None:
        replica = self._context.replica
        if replica.state.hall_muted:
            replica.send(SetHallSound(on=True))
        else:
            replica.send(SetHallMuted(muted=True), self._on_muted)

    def _on_muted(self, _result: dict[str, Any]) -> None:
        # Not before: where the mute is refused, a hall that is being set up would be heard.
        self._context.replica.send(SetHallSound(on=True))

    def done(self, result: int) -> None:
        """Leave nothing running that was begun here."""
        self.camera.watch(False)
        if self.hearing.began or self.room.began:
            self._context.actions.stop_test()
        super().done(result)

    # ---- show

    def _on_changed(self, changed: Changed) -> None:
        if Kind.SESSION in changed and not self._context.replica.session_open:
            self.reject()
        elif changed.any_of(Kind.HALL, Kind.SESSION, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica = self._context.replica
        state = replica.state
        on = state.hall_sound.on
        self.setEnabled(replica.connected)
        self._muted_note.setVisible(not on or state.hall_muted)
        self.turn_on.setVisible(not on)
        self.turn_on.set_pending(
            replica.pending(SetHallSound, on=True) or replica.pending(SetHallMuted, muted=True)
        )
        line = hall_line(replica.seen.hall, self._context.formats) if on else None
        self._state.setText(line.text if line else "")
        self._state.setVisible(on)
        set_property(self._state, "role", "soft" if line is None or line.tone == "plain" else line.tone)
        self.microphones.setVisible(on)
        muted = state.hall_muted
        self.microphones.set_text(
            self.tr("Open the hall's microphones") if muted else self.tr("Mute them again")
        )
        self.microphones.setAccessibleName(self.microphones.text())
        self.microphones.set_icon("mic" if muted else "mic-off")
        self.microphones.set_pending(replica.pending(SetHallMuted))
        self._end.setText(self._end_text())

    def _end_text(self) -> str:
        """What is so now; nothing is promised that does not run."""
        replica = self._context.replica
        state, seen = replica.state, replica.seen.hall
        if not state.hall_sound.on:
            text = self.tr("The hall's sound is off. You can turn it on at any time with {key}.")
            return text.format(key=sequence_of("hall_sound"))
        if seen is None or seen.state != "running":
            return hall_line(seen, self._context.formats).text
        if state.hall_sound.push_to_talk and not state.hall_muted:
            key = sequence_of("talk")
            return self.tr("The hall hears the offices and is heard while {key} is held.").format(key=key)
        if state.hall_muted:
            return self.tr("The hall hears the offices. Its microphones are still muted.")
        return self.tr("The hall hears the offices and is heard.")
