"""Says that what goes out is black, silent or frozen, since when and what to do, until it is acknowledged."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QWidget

from operator_console.protocol import AcknowledgeAlarm
from ui.alarms import Alarm, alarm_advice, alarm_title, alarms_now
from ui.context import Context
from ui.keys import sequence_of
from ui.replica import Changed, Kind
from ui.widgets.banner import Banner
from ui.widgets.buttons import Button
from ui.widgets.labels import set_tip

BEEP_MS = 3000


class AlarmBanner(Banner):
    """Shows the alarms of a program that is recorded or live; the chip below stays until they are over."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, "triangle-alert", "red_text")
        self.setProperty("tone", "bad")
        self.button = Button(
            self.tr("Acknowledge"),
            tip=self.tr("Seen: no banner and no beep until it is over; the chip below stays"),
            key=sequence_of("alarm"),
        )
        self.button.clicked.connect(self.acknowledge)
        self._line.addWidget(self.button)
        self._line.setContentsMargins(14, 4, 8, 4)
        self._shown: list[Alarm] = []
        self._beeper = QTimer(self, interval=BEEP_MS)
        self._beeper.timeout.connect(QApplication.beep)
        context.replica.changed.connect(self._on_changed)
        self._show()

    @property
    def beeps(self) -> bool:
        """Whether it calls the operator by sound now."""
        return self._beeper.isActive()

    def acknowledge(self) -> None:
        """Somebody has seen all that is shown."""
        for alarm in self._shown:
            self._context.replica.send(AcknowledgeAlarm(alarm=str(alarm.kind)))

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.OUTPUTS, Kind.LINK, Kind.PENDING):
            self._show()

    def _alarms(self) -> list[Alarm]:
        replica = self._context.replica
        if not replica.connected:  # the other banner says that nothing is known any more
            return []
        found = alarms_now(replica.state, replica.seen)
        return [alarm for alarm in found if alarm.out and not alarm.acknowledged]

    def _show(self) -> None:
        before, self._shown = self._shown, self._alarms()
        self.button.set_pending(self._context.replica.pending(AcknowledgeAlarm))
        self.setVisible(bool(self._shown))
        self._beep(before)
        if not self._shown:
            return
        formats, first = self._context.formats, self._shown[0]
        self._title.setText(" · ".join(alarm_title(alarm.kind) for alarm in self._shown))
        times = dict.fromkeys(formats.clock(alarm.since_ms) for alarm in self._shown)
        since = self.tr("Since {time}.").format(time=" · ".join(times))
        self._detail.setText(f"{since} {alarm_advice(first.kind)}")
        lines = [f"{alarm_title(alarm.kind)}: {alarm_advice(alarm.kind)}" for alarm in self._shown]
        set_tip(self, " ".join(lines))
        self._name()
        if {alarm.kind for alarm in self._shown} - {alarm.kind for alarm in before}:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
            QApplication.alert(self.window())

    def _beep(self, before: list[Alarm]) -> None:
        wanted = bool(self._shown) and self._context.settings.alarm_sound
        if wanted and (not self.beeps or len(self._shown) > len(before)):
            QApplication.beep()
            self._beeper.start()
        elif not wanted:
            self._beeper.stop()
