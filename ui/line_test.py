"""Line test in a dialog: a button, progress with cancel, and what was and was not tested, with figures."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from msgspec import structs
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from operator_console.protocol import RunLineTest, StopLineTest
from ui.causes import Family, worded
from ui.context import Context
from ui.formats import Formats
from ui.notices import notice_text
from ui.observations import LineAnswerSeen, LineSpeedSeen, LineTestSeen
from ui.replica import Changed, Kind, Notice
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import set_property

PUBLISH_S = 10
ADVISED_SHARE = 0.8
"""Of what the line carried: the rest is for others on the line, and for a worse hour."""
_WHOLE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the result; the role is empty, soft, warn or bad."""

    role: str
    text: str


def result_lines(seen: LineTestSeen, formats: Formats) -> list[Line]:
    """What a test found, and what it did not test."""
    if seen.state == "stopped":
        return [Line("soft", QCoreApplication.translate("LineTest", "The test was stopped."))]
    lines = [_answer_line(answer, place) for place, answer in enumerate(seen.addresses)]
    if seen.state == "failed" and not any(line.role == "bad" for line in lines):
        lines.append(Line("bad", worded(Family.LIVESTREAM, seen).text))
    if seen.speed is not None:
        lines += _speed_lines(seen.speed, formats)
    if seen.state == "done":
        lines.append(_untested_line(seen))
    return lines


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0]


def _answer_line(answer: LineAnswerSeen, place: int) -> Line:
    if not answer.ok:
        cause = worded(Family.LIVESTREAM, answer).text
        if place:
            text = QCoreApplication.translate("LineTest", "Backup address {host}: {cause}")
            return Line("warn", text.format(host=_host(answer.url), cause=cause))
        return Line("bad", f"{_host(answer.url)}: {cause}")
    if answer.secure:
        text = QCoreApplication.translate(
            "LineTest", "{host} answers within {ms} ms; its certificate and name are right."
        )
    else:
        text = QCoreApplication.translate(
            "LineTest", "{host} answers within {ms} ms; the line is not encrypted."
        )
    return Line("", text.format(host=_host(answer.url), ms=max(1, math.ceil(answer.rtt_ms or 0))))


def _speed_lines(speed: LineSpeedSeen, formats: Formats) -> list[Line]:
    texts = {
        "ample": QCoreApplication.translate(
            "LineTest", "The line carried {rate}: enough for the program, which needs {need}."
        ),
        "tight": QCoreApplication.translate(
            "LineTest", "The line carried {rate}, hardly more than the program needs ({need})."
        ),
        "too_slow": QCoreApplication.translate(
            "LineTest", "The line carried only {rate}; the program needs {need}."
        ),
    }
    text = texts.get(speed.verdict, "{rate} / {need}")
    role = {"ample": "", "tight": "warn"}.get(speed.verdict, "bad")
    carried, need = formats.rate(speed.sustained_kbps), formats.rate(speed.program_kbps)
    lines = [Line(role, text.format(rate=carried, need=need))]
    if speed.verdict != "ample":
        advice = QCoreApplication.translate(
            "LineTest", "Set the video rate of the program to {rate} or less (settings, tab Picture)."
        )
        lines.append(Line(role, advice.format(rate=formats.rate(speed.sustained_kbps * ADVISED_SHARE))))
    figures = QCoreApplication.translate(
        "LineTest", "Asked for: {asked} during {n} s; most that waited: {size}."
    ).format(
        asked=formats.rate(speed.asked_kbps),
        n=formats.number(speed.seconds),
        size=formats.size(speed.worst_backlog_bytes),
    )
    if not speed.acknowledged:
        figures += " " + QCoreApplication.translate(
            "LineTest", "The server confirms nothing: this is what left this computer."
        )
    return [*lines, Line("soft", figures)]


def _untested_line(seen: LineTestSeen) -> Line:
    if seen.key_tested:
        text = QCoreApplication.translate(
            "LineTest", "The server took the stream key. What viewers see was not tested."
        )
    else:
        text = QCoreApplication.translate(
            "LineTest", "Not tested: the stream key and how much the line carries. Nothing was sent."
        )
    return Line("soft", text)


class LineTestBox(QWidget):
    """The test of one destination; `target` says which and with what key, or None where none is chosen.

    A test that was begun here ends with this widget's window (`end`).
    """

    def __init__(self, context: Context, target: Callable[[], RunLineTest | None]) -> None:
        super().__init__()
        self._context, self._target = context, target
        self._destination_id = ""
        self._refused = ""
        """Why the test was not begun: a message over the window would lie below the dialog."""
        self.button = Button(self.tr("Test the line"), "wifi")
        self.button.clicked.connect(self._begin)
        self.publish = QCheckBox(self.tr("Also send a test picture for {n} s").format(n=PUBLISH_S))
        self.publish.setAccessibleName(self.publish.text())
        self.cancel = Button(self.tr("Stop the test"), "x")
        self.cancel.clicked.connect(lambda _=False: context.replica.send(StopLineTest()))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the test"))
        self.warning = PlainLabel("", "warn")
        self.warning.setWordWrap(True)
        self.warning.setText(
            self.tr("Viewers see the test picture where the event begins by itself. Use it before that time.")
        )
        self.publish.toggled.connect(self.warning.setVisible)
        self.warning.hide()
        self.results: list[PlainLabel] = []
        self._build()
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _build(self) -> None:
        keys = QHBoxLayout()
        keys.setSpacing(8)
        keys.addWidget(self.button)
        keys.addWidget(self.publish)
        keys.addStretch(1)
        running = QHBoxLayout()
        running.setSpacing(8)
        running.addWidget(self.bar, 1)
        running.addWidget(self.cancel)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(6)
        self._lines.addLayout(keys)
        self._lines.addWidget(self.warning)
        self._lines.addLayout(running)

    @property
    def destination_id(self) -> str:
        """Which destination was tested here last; empty where none was."""
        return self._destination_id

    def forget(self) -> None:
        """Another destination was chosen: what was found is not about it."""
        self._destination_id = self._refused = ""
        self._show()

    def end(self) -> None:
        """The dialog goes: a test that was begun here ends."""
        if self._destination_id and self.running:
            self._context.replica.send(StopLineTest())

    @property
    def running(self) -> bool:
        """Whether a test runs, begun here or elsewhere."""
        seen = self._context.replica.seen.line_test
        return seen is not None and seen.state == "running"

    @property
    def passed(self) -> bool | None:
        """How the last test of this destination ended: True, False, or None where there is none."""
        seen = self._mine()
        if seen is None or seen.state in ("running", "stopped"):
            return None
        return seen.state == "done" and (seen.speed is None or seen.speed.verdict != "too_slow")

    def _begin(self) -> None:
        target = self._target()
        if target is None:
            return
        self._destination_id, self._refused = target.destination_id, ""
        command = structs.replace(target, publish=self.publish.isChecked(), seconds=PUBLISH_S)
        self._context.replica.send(command, None, self._on_refused)
        self._show()

    def _on_refused(self, notice: Notice) -> None:
        self._refused = notice_text(notice, self._context.settings.language)
        self._show()

    def _mine(self) -> LineTestSeen | None:
        seen = self._context.replica.seen.line_test
        return seen if seen is not None and seen.destination_id == self._destination_id else None

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.TEST, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica, seen = self._context.replica, self._mine()
        self.button.setEnabled(replica.connected and not self.running)
        self.button.set_pending(replica.pending(RunLineTest))
        self.publish.setEnabled(not self.running)
        self.cancel.setVisible(self.running)
        self.cancel.set_pending(replica.pending(StopLineTest))
        self.bar.setVisible(self.running)
        publishing = seen is not None and seen.step == "publish"
        self.bar.setRange(0, _WHOLE if publishing else 0)
        if seen is not None and publishing:
            self.bar.setValue(round(max(0.0, min(1.0, seen.progress)) * _WHOLE))
        if self._refused:
            self._show_lines([Line("warn", self._refused)])
        else:
            self._show_lines(result_lines(seen, self._context.formats) if seen is not None else [])

    def _show_lines(self, lines: list[Line]) -> None:
        while len(self.results) < len(lines):
            label = PlainLabel("", "soft")
            label.setWordWrap(True)
            self.results.append(label)
            self._lines.addWidget(label)
        for place, label in enumerate(self.results):
            shown = place < len(lines)
            label.setText(lines[place].text if shown else "")
            set_property(label, "role", lines[place].role if shown else "soft")
            label.setVisible(shown)
