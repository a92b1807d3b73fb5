"""Says that the sound of the hall does not run as it was asked for, since when, and what goes on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.keys import sequence_of
from ui.replica import Changed, Kind
from ui.sound.words import Line, device_trouble, hall_code_text
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button
from ui.widgets.styled import set_property


class HallBanner(Banner):
    """Signals: devices_wanted() for the hall's sound devices."""

    devices_wanted = Signal()

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, "volume-x", "red_text")
        self.button = Button(self.tr("Sound devices…"), key=sequence_of("hall_sound"))
        self.button.clicked.connect(self.devices_wanted)
        self._line.addWidget(self.button)
        self._line.setContentsMargins(14, 4, 8, 4)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.HALL, Kind.LINK):
            self._show()

    def _trouble(self) -> Line | None:
        replica = self._context.replica
        seen = replica.seen.hall if replica.state.hall_sound.on and replica.connected else None
        if seen is None or seen.state not in ("failed", "running"):
            return None
        return Line(hall_code_text(seen), "bad") if seen.state == "failed" else device_trouble(seen)

    def _show(self) -> None:
        line, seen = self._trouble(), self._context.replica.seen.hall
        self.setVisible(line is not None)
        if line is None or seen is None:
            return
        failed = seen.state == "failed"
        self._title.setText(self.tr("The hall has no sound") if failed else self.tr("Sound of the hall"))
        parts = [line.text]
        if failed and seen.since_ms:
            parts.append(self.tr("Since {time}.").format(time=self._context.formats.clock(seen.since_ms)))
        parts.append(self.tr("Session, recording and livestream go on."))
        self._detail.setText(" ".join(parts))
        set_property(self, "tone", "bad" if line.tone == "bad" else "")
        self._name()
