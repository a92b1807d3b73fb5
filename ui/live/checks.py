"""The last checks before going live, as pure functions: each says how it stands, in words, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import OutputPhase, Recording, SessionState
from operator_console.settings import Settings
from ui.alarms import alarm_advice, alarms_now
from ui.causes import Family, worded
from ui.formats import Formats
from ui.observations import Observations
from ui.panels.recording_chip import written
from ui.streams import pace
from ui.verified import verified

HEARD_S = 10
"""So far back the dialog looks for the loudest sound."""
QUIET_DB = -45.0
"""Speech peaks far above this; what stays below is the noise of an open microphone."""
MORE_LINES = 2
FEW_HOURS, LAST_MINUTES_H = 4.0, 0.25


class CheckState(StrEnum):
    """How a check stands."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: how it stands, what was found, and what to do where it is not good."""

    state: CheckState
    text: str
    todo: str = ""
    more: tuple[str, ...] = ()
    """Further lines: one for each destination."""


@dataclass(frozen=True, slots=True)
class View:
    """What the checks look at."""

    state: SessionState
    seen: Observations
    settings: Settings
    formats: Formats


@dataclass(frozen=True, slots=True)
class Heard:
    """Level of PROGRAM now and the loudest of the last seconds, in dBFS."""

    now_db: float
    loudest_db: float
    seconds: int


def encoder_check(view: View) -> Check:
    """Whether pictures are made at the full rate."""
    program = view.seen.program
    if program is None or program.fps <= 0:
        return Check(CheckState.RUNNING, QCoreApplication.translate("LiveChecks", "No figures yet"), "")
    failed = worded(Family.PROGRAM, program.failure)
    if failed.text:
        return Check(
            CheckState.BAD,
            failed.short,
            QCoreApplication.translate("LiveChecks", "It begins anew by itself; wait until it runs."),
        )
    text = QCoreApplication.translate("LiveChecks", "{fps} of {wanted} pictures per second").format(
        fps=view.formats.number(program.fps, 1), wanted=view.settings.air_fps
    )
    slow = pace(program.fps, view.settings.air_fps)
    if slow:
        todo = QCoreApplication.translate(
            "LiveChecks", "Close other programs, or choose a smaller picture in the settings."
        )
        return Check(CheckState.BAD if slow == "bad" else CheckState.WARN, text, todo)
    idle = QCoreApplication.translate("LiveChecks", "The encoder begins with the first output.")
    return Check(CheckState.OK, text, "" if program.air_kbps else idle)


def sound_check(view: View, heard: Heard) -> Check:
    """Whether anything is to be heard on program."""
    alarm = view.seen.alarm("silent")
    now = QCoreApplication.translate("LiveChecks", "{now} dB now, loudest {loudest} dB in {n} s").format(
        now=view.formats.number(heard.now_db),
        loudest=view.formats.number(heard.loudest_db),
        n=heard.seconds,
    )
    if alarm is not None:
        text = QCoreApplication.translate("LiveChecks", "No sound since {time}").format(
            time=view.formats.clock(alarm.since_ms)
        )
        return Check(CheckState.BAD, text, _advice(view, "silent"))
    if heard.seconds < 2:
        return Check(CheckState.RUNNING, now)
    if heard.loudest_db < QUIET_DB:
        todo = QCoreApplication.translate("LiveChecks", "Let somebody speak: the meter PROGRAM must move.")
        return Check(CheckState.WARN, now, todo)
    return Check(CheckState.OK, now)


def _advice(view: View, kind: str) -> str:
    return next((alarm_advice(a.kind) for a in alarms_now(view.state, view.seen) if a.kind == kind), "")


def picture_check(view: View) -> Check:
    """Whether the picture shows something that lives."""
    for kind, words in (
        ("black", QCoreApplication.translate("LiveChecks", "Black since {time}")),
        ("frozen", QCoreApplication.translate("LiveChecks", "Nothing moves since {time}")),
    ):
        alarm = view.seen.alarm(kind)
        if alarm is not None:
            time = view.formats.clock(alarm.since_ms)
            return Check(CheckState.BAD, words.format(time=time), _advice(view, kind))
    if not view.state.program.on_air.sources:
        return Check(
            CheckState.WARN,
            QCoreApplication.translate("LiveChecks", "Nothing is on program yet"),
            QCoreApplication.translate("LiveChecks", "Choose a feed and press CUT."),
        )
    return Check(CheckState.OK, QCoreApplication.translate("LiveChecks", "Neither black nor frozen"))


def slate_check(view: View) -> Check:
    """Whether viewers see the program or the slate."""
    if view.state.program.slate:
        return Check(
            CheckState.WARN,
            QCoreApplication.translate("LiveChecks", "The slate covers the program"),
            QCoreApplication.translate("LiveChecks", "Viewers see only the slate; press B to lift it."),
        )
    if not view.state.program.on_air.sources:
        text = QCoreApplication.translate("LiveChecks", "Shown as long as nothing is on program")
        return Check(CheckState.WARN, text)
    return Check(CheckState.OK, QCoreApplication.translate("LiveChecks", "Off, the program is visible"))


def disk_check(view: View) -> Check:
    """Whether the recording finds room."""
    machine = view.seen.machine
    if machine is None or machine.disk_hours is None:
        return Check(CheckState.RUNNING, QCoreApplication.translate("LiveChecks", "No figures yet"))
    text = QCoreApplication.translate("LiveChecks", "{size} free, enough for {n} hours").format(
        size=view.formats.size(machine.disk_free_bytes),
        n=view.formats.number(machine.disk_hours, 0 if machine.disk_hours >= 10 else 1),
    )
    if machine.disk_hours >= FEW_HOURS:
        return Check(CheckState.OK, text)
    todo = QCoreApplication.translate(
        "LiveChecks", "Delete old recordings, or choose another folder in the settings."
    )
    return Check(CheckState.BAD if machine.disk_hours < LAST_MINUTES_H else CheckState.WARN, text, todo)


def recording_check(view: View) -> Check:
    """Whether what goes live is recorded too."""
    recording = view.state.recording
    paused_at_ms = view.state.recording_paused_at_ms
    if recording is None or (recording.phase is OutputPhase.STOPPED and not paused_at_ms):
        return Check(
            CheckState.WARN,
            QCoreApplication.translate("LiveChecks", "Not recording"),
            QCoreApplication.translate("LiveChecks", "What goes live only cannot be had again."),
        )
    if paused_at_ms:
        text = QCoreApplication.translate("LiveChecks", "Paused since {time}")
        return Check(
            CheckState.WARN,
            text.format(time=view.formats.clock(paused_at_ms)),
            QCoreApplication.translate("LiveChecks", "Nothing is written until it goes on."),
        )
    return _running_recording(view, recording)


def _running_recording(view: View, recording: Recording) -> Check:
    seen = view.seen.recorder
    if recording.phase is OutputPhase.FAILED:
        cause = worded(Family.RECORDING, recording, seen)
        return Check(CheckState.BAD, QCoreApplication.translate("LiveChecks", "Failed"), cause.text)
    if recording.phase is not OutputPhase.STARTED or seen is None:
        return Check(CheckState.RUNNING, QCoreApplication.translate("LiveChecks", "Starts…"))
    unsure = next((path for path, _ in written(view.state, seen) if not verified(path)), None)
    if unsure is not None:
        todo = worded(Family.RECORDING, unsure).text or QCoreApplication.translate(
            "LiveChecks", "What is written was not confirmed by the disk. Check it and its cable."
        )
        return Check(CheckState.WARN, QCoreApplication.translate("LiveChecks", "Running, not verified"), todo)
    if seen.verified_ago_s is None:
        return Check(CheckState.OK, QCoreApplication.translate("LiveChecks", "Running"))
    text = QCoreApplication.translate("LiveChecks", "Running, file verified {n} s ago")
    return Check(CheckState.OK, text.format(n=view.formats.number(seen.verified_ago_s)))


def line_check(running: bool, passed: bool | None) -> Check:
    """How the line test of the chosen destination ended."""
    if running:
        return Check(CheckState.RUNNING, QCoreApplication.translate("LiveChecks", "Being tested…"))
    if passed is None:
        return Check(
            CheckState.WARN,
            QCoreApplication.translate("LiveChecks", "Not tested"),
            QCoreApplication.translate("LiveChecks", "Press “Test the line”: it takes a few seconds."),
        )
    if passed:
        return Check(CheckState.OK, QCoreApplication.translate("LiveChecks", "The destination answers"))
    return Check(
        CheckState.BAD,
        QCoreApplication.translate("LiveChecks", "The test failed"),
        QCoreApplication.translate("LiveChecks", "Its reason stands at the left, below the button."),
    )


def key_check(ticked: bool, without: list[str], asking: bool, problem: str = "") -> Check:
    """Whether every ticked destination has its stream key; `without`: names of those that have none;
    `problem`: why the broadcast with the YouTube account may not go.
    """
    if problem and without:
        return _several_keys(without, problem)
    if problem:
        text = QCoreApplication.translate("LiveChecks", "The YouTube account is not ready")
        return Check(CheckState.BAD, text, problem)
    if not ticked:
        return Check(
            CheckState.BAD,
            QCoreApplication.translate("LiveChecks", "No destination is ticked"),
            QCoreApplication.translate("LiveChecks", "Tick where the livestream is to go."),
        )
    if without:
        return Check(
            CheckState.BAD,
            QCoreApplication.translate("LiveChecks", "None for {names}").format(names=", ".join(without)),
            QCoreApplication.translate("LiveChecks", "Type it at the left, or keep it in the settings."),
        )
    if asking:
        return Check(
            CheckState.RUNNING, QCoreApplication.translate("LiveChecks", "The password store is asked…")
        )
    return Check(CheckState.OK, QCoreApplication.translate("LiveChecks", "There"))


def _several_keys(without: list[str], problem: str) -> Check:
    """One line for each destination that is not ready, as far as there is room."""
    words = QCoreApplication.translate("LiveChecks", "{name}: no stream key, type it at the left")
    if len(without) > MORE_LINES:
        without = [*without[: MORE_LINES - 1], ", ".join(without[MORE_LINES - 1 :])]
    text = QCoreApplication.translate("LiveChecks", "Not all destinations are ready")
    youtube = QCoreApplication.translate("LiveChecks", "YouTube (account): {problem}")
    return Check(
        CheckState.BAD,
        text,
        youtube.format(problem=problem),
        tuple(words.format(name=name) for name in without),
    )


def bad_names(checks: dict[str, Check]) -> tuple[str, ...]:
    """Which checks are bad: the operator is asked once more, and may go live all the same."""
    return tuple(name for name, check in checks.items() if check.state is CheckState.BAD)
