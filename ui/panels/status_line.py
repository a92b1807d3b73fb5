"""The line at the very bottom: engine, encoder, uplink, disk; help and language at the right."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from operator_console.session.model import DiskLevel, OutputPhase
from ui.alarms import alarm_advice, alarm_line, alarms_now
from ui.causes import Family, worded
from ui.context import Context, Tick
from ui.disk import left_text, level_sentence, low_disks
from ui.feeds import title_of
from ui.icons import pixmap
from ui.line_words import rate_sentence, uplink_text
from ui.replica import Changed, Kind
from ui.streams import pace, why
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel, set_tip
from ui.widgets.styled import set_property

FEW_HOURS = 4.0
"""A session lasts half a day: with less disk than that somebody has to act now."""

SPACING_PX, ICON_PX = 22, 24
LEAST_TROUBLE_PX = 160
"""A sentence beside the figures is elided, but not to nothing."""
STILL_S = 2.0
"""The mixer's figures come once a second, with a hundred ticks more each time."""


def fitting(widths: Sequence[Sequence[int]], room_px: int) -> list[int]:
    """Which text of each figure is shown, by the widths of its texts, the longest first and 0 for none.

    The first figure gives way first, and none is left out while another could be shorter.
    """
    chosen = [0] * len(widths)
    for last in (False, True):
        for n, choices in enumerate(widths):
            while sum(one[at] for one, at in zip(widths, chosen, strict=True)) > room_px:
                if chosen[n] + 1 >= len(choices) - (not last):
                    break
                chosen[n] += 1
    return chosen


class Standstill:
    """Notes since when a counter has not grown; `at_s` is monotonic time."""

    def __init__(self) -> None:
        self._count: int | None = None
        self._since_s = 0.0

    def note(self, count: int | None, at_s: float) -> None:
        """Take the counter as it is now, None where it is not known."""
        if count != self._count:
            self._count, self._since_s = count, at_s

    def stands(self, at_s: float) -> bool:
        """Whether it should have grown and has not."""
        return self._count is not None and at_s - self._since_s > STILL_S


class Figure(QWidget):
    """An icon with a text."""

    def __init__(self, name: str, icon_name: str) -> None:
        super().__init__()
        self._name = name
        self._whole = self._less = ""
        picture = PlainLabel()
        picture.setPixmap(pixmap(icon_name, "text_faint", 14, self.devicePixelRatioF()))
        self._text = PlainLabel("", "soft")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(picture)
        layout.addWidget(self._text)

    def show_text(self, text: str, *, warn: bool = False, less: str = "") -> None:
        """Show a text, amber where somebody should look; nothing hides the figure.

        `less`: what is shown of it where there is no room for all.
        """
        self._whole, self._less = text, less or text
        set_property(self._text, "role", "warn" if warn else "soft")
        self.setAccessibleName(f"{self._name}: {text}")

    @property
    def choices(self) -> tuple[str, ...]:
        """The texts it may show, the longest first; an empty one leaves it out."""
        return tuple(dict.fromkeys((self._whole, self._less, "")))

    def width_of(self, text: str) -> int:
        """Pixels that it takes with a text."""
        return ICON_PX + SPACING_PX + self._text.fontMetrics().horizontalAdvance(text) if text else 0

    def put(self, text: str) -> None:
        """Show one of its texts."""
        self._text.setText(text)
        self.setVisible(bool(text))


class Alarm(Figure):
    """A figure that is there only while something is wrong; the tool tip has the whole reason."""

    def __init__(self, text: str, *, bad: bool) -> None:
        super().__init__(text, "triangle-alert")
        self._words, self._role = text, "bad" if bad else "warn"

    def show_words(self, words: str, reason: str, *, bad: bool) -> None:
        """Show it in other words and another role; without words it goes away."""
        self._words, self._role = words or self._name, "bad" if bad else "warn"
        self.show_reason(reason if words else "")

    def show_reason(self, reason: str) -> None:
        """Show it with its reason; an empty one takes it away."""
        self._text.setText(self._words if reason else "")
        set_property(self._text, "role", self._role)
        set_tip(self, reason)
        self.setAccessibleName(f"{self._words}: {reason}")
        self.setVisible(bool(reason))


def late_text() -> str:
    """What to do where the encoder does not keep up."""
    return QCoreApplication.translate(
        "StatusLine",
        "This computer cannot keep up: recording and livestream stutter. Close other programs; for the next "
        "session choose fewer pictures per second or a smaller picture in the settings, tab Picture.",
    )


class StatusLine(QWidget):
    """Signals: help_wanted(); language_wanted(str)."""

    help_wanted = Signal()
    language_wanted = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._engine = Figure(self.tr("Engine"), "cpu")
        self._encoder = Figure(self.tr("Encoder"), "film")
        self._uplink = Figure(self.tr("Uplink"), "wifi")
        self._disk = Figure(self.tr("Disk"), "hard-drive")
        self._program = Alarm(self.tr("Program"), bad=True)
        self._picture_failed = Alarm(self.tr("Program failed"), bad=True)
        self._sound_stands = Alarm(self.tr("Sound stands still"), bad=True)
        self._certificate = Alarm(self.tr("Certificate"), bad=False)
        self._disk_low = Alarm(self.tr("Disk almost full"), bad=True)
        self._late = Alarm(self.tr("Encoder too slow"), bad=True)
        self._mixer = Standstill()
        self._paced = False
        self._trouble = ElidedLabel("", "warn")
        self._help = Button(self.tr("F1 Help"), kind="flat", tip=self.tr("All keys"), key="F1")
        self._help.setProperty("role", "line")
        self._help.clicked.connect(self.help_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING_PX)
        self._figures = (self._encoder, self._engine, self._uplink, self._disk)
        for figure in (self._engine, self._encoder, self._uplink, self._disk):
            layout.addWidget(figure)
        self._alarms = (
            self._program,
            self._picture_failed,
            self._disk_low,
            self._late,
            self._sound_stands,
            self._certificate,
        )
        for alarm in self._alarms:
            layout.addWidget(alarm)
        layout.addWidget(self._trouble, 1)
        layout.addWidget(self._help)
        self._keys = self._languages()
        layout.addLayout(self._keys)
        self.setFixedHeight(26)
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        self._show()

    def _languages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        for code, name in (("id", "Bahasa Indonesia"), ("en", "English")):
            button = Button(code.upper(), kind="flat", tip=name)
            button.setProperty("role", "line")
            button.set_on(self._context.settings.language == code)
            button.clicked.connect(lambda _=False, c=code: self.language_wanted.emit(c))
            row.addWidget(button)
        return row

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.FIGURES, Kind.LINK, Kind.OUTPUTS, Kind.ROOM, Kind.ECHO):
            self._show()

    def _on_tick(self, _tick: Tick) -> None:
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for other figures."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Nothing is shown in part: say less of a figure after another, then leave figures out."""
        fixed = self._help.sizeHint().width() + self._keys.sizeHint().width() + 3 * SPACING_PX
        alarms = sum(
            0 if alarm.isHidden() else alarm.sizeHint().width() + SPACING_PX for alarm in self._alarms
        )
        room = self.width() - fixed - alarms - (LEAST_TROUBLE_PX if self._trouble.text() else 0)
        widths = [[figure.width_of(text) for text in figure.choices] for figure in self._figures]
        for figure, n in zip(self._figures, fitting(widths, room), strict=True):
            figure.put(figure.choices[n])

    def _show_alarms(self) -> None:
        replica, now_s = self._context.replica, time.monotonic()
        watched = replica.connected and replica.session_open
        program, mixer, room = replica.seen.program, replica.seen.mixer, replica.seen.room
        self._mixer.note(mixer.ticks if watched and mixer else None, now_s)
        stands = self._mixer.stands(now_s)
        alarms = alarms_now(replica.state, replica.seen) if watched else []
        self._program.show_words(
            alarm_line(alarms, self._context.formats),
            " ".join(alarm_advice(alarm.kind) for alarm in alarms),
            bad=any(alarm.out for alarm in alarms),
        )
        failure = program.failure if replica.connected and program else None
        self._picture_failed.show_reason(worded(Family.PROGRAM, failure).tip)
        failed = failure is not None and bool(failure.code or failure.reason)
        paced = program if replica.connected and not failed else None
        late = paced is not None and pace(paced.fps, self._context.settings.air_fps) == "bad"
        self._late.show_reason(late_text() if late else "")
        self._sound_stands.show_reason(
            self.tr("The mixer does not run; nobody can be heard.") if stands else ""
        )
        self._disk_low.show_reason(self._disk_sentence() if watched else "")
        problem = room.certificate_problem if replica.connected and room else None
        self._certificate.show_reason(worded(Family.CERTIFICATE, problem).tip)

    def _show(self) -> None:
        self._show_alarms()
        self._show_figures()
        self._fit()

    def _show_figures(self) -> None:
        replica, formats = self._context.replica, self._context.formats
        machine = replica.seen.machine
        if not replica.connected:
            self._engine.show_text(self.tr("Engine not connected"))
            for figure in (self._encoder, self._uplink, self._disk):
                figure.show_text("")
            self._trouble.setText("")
            self._paced = False
            return
        text = less = self.tr("Engine connected")
        if machine:
            text += f" · PID {machine.engine_pid} · CPU {formats.number(machine.cpu_percent)}%"
        self._engine.show_text(text, less=less)
        self._show_encoder()
        text, narrow = (
            uplink_text(machine.uplink_kbps, replica.seen.uplink, formats) if machine else ("", False)
        )
        self._uplink.show_text(text, warn=narrow)
        self._show_disk()

    def _show_encoder(self) -> None:
        program, formats = self._context.replica.seen.program, self._context.formats
        self._paced = program is not None and (self._paced or program.fps > 0)
        if program is None or not self._paced:  # no rate is known before the first second is over
            self._encoder.show_text("")
            return
        fps, late = formats.number(program.fps, 1), formats.number(program.late_frames)
        text = self.tr("Encoder {fps} fps · {late} late").format(fps=fps, late=late)
        less = self.tr("Encoder {fps} fps").format(fps=fps)
        self._encoder.show_text(text, less=less, warn=bool(pace(program.fps, self._context.settings.air_fps)))

    def _show_disk(self) -> None:
        machine, formats = self._context.replica.seen.machine, self._context.formats
        recorder = self._context.replica.seen.recorder
        if machine is None or machine.disk_hours is None:
            self._disk.show_text("")
        else:
            less = self.tr("Disk {size} free").format(size=formats.size(machine.disk_free_bytes))
            text = less + " ≈ " + left_text(machine.disk_hours * 3600, formats)
            self._disk.show_text(text, less=less, warn=machine.disk_hours < FEW_HOURS)
        text = self._outputs_trouble()
        if not text and recorder and recorder.dropped:
            text = self.tr("The recording lost {n} packets").format(n=formats.number(recorder.dropped))
        streams = self._context.replica.state.livestreams
        text = text or rate_sentence(self._context.replica.seen.air_rate, streams, formats)
        self._trouble.setText(text or self._talkback())

    def _talkback(self) -> str:
        """To whom the operator speaks, wherever that tile is."""
        state = self._context.replica.state
        person = state.participants.get(state.mixing.talkback)
        return self.tr("You speak to {name} only").format(name=title_of(person)) if person else ""

    def _disk_sentence(self) -> str:
        """What to do where a disk has no room for much longer."""
        replica, formats = self._context.replica, self._context.formats
        for level, disk in low_disks(replica.state, replica.seen):
            if level is DiskLevel.LAST or (level is DiskLevel.STOP and disk.program):
                return level_sentence(DiskLevel.LAST, disk, formats)
            if level is DiskLevel.STOP:
                return level_sentence(level, disk, formats)
        return ""

    def _outputs_trouble(self) -> str:
        """The whole sentence of an output or the join page that failed; its chip has no room for it."""
        state, seen = self._context.replica.state, self._context.replica.seen
        recording = state.recording
        if recording is not None and recording.phase is OutputPhase.FAILED:
            return worded(Family.RECORDING, recording).text
        for stream in state.livestreams.values():
            if stream.phase is OutputPhase.STOPPED:
                continue
            running = stream.phase is not OutputPhase.FAILED
            text = why(stream, seen.stream(stream.destination_id) if running else None).text
            if text:
                return f"{stream.name}: {text}"
        return worded(Family.ROOM, seen.room).text if seen.room and seen.room.state == "failed" else ""
