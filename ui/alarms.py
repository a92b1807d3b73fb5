"""Alarms of the program as the window shows them: which, since when, whether anybody gets it, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import AlarmKind, SessionState
from ui.formats import Formats
from ui.observations import Observations

ORDER = (AlarmKind.BLACK, AlarmKind.SILENT, AlarmKind.FROZEN)
"""The worst first: what viewers notice at once."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong with the program now."""

    kind: AlarmKind
    since_ms: int
    out: bool
    """Whether it is recorded or live: then it stands in the journal."""
    acknowledged: bool = False


def alarms_now(state: SessionState, seen: Observations) -> list[Alarm]:
    """What is wrong, the worst first: as journaled where something goes out, else as it was measured."""
    found = []
    for kind in ORDER:
        told, measured = state.alarms.get(kind), seen.alarm(kind)
        if told is not None:
            found.append(Alarm(kind, told.since_ms, True, told.acknowledged))
        elif measured is not None:
            found.append(Alarm(kind, measured.since_ms, False))
    return found


def alarm_title(kind: AlarmKind) -> str:
    """Name of an alarm."""
    return {
        AlarmKind.BLACK: QCoreApplication.translate("Alarms", "PROGRAM BLACK"),
        AlarmKind.SILENT: QCoreApplication.translate("Alarms", "PROGRAM SILENT"),
        AlarmKind.FROZEN: QCoreApplication.translate("Alarms", "PROGRAM FROZEN"),
    }[kind]


def alarm_advice(kind: AlarmKind) -> str:
    """What it means and what to do."""
    return {
        AlarmKind.BLACK: QCoreApplication.translate(
            "Alarms", "Check the camera, cut to another feed, or press B for the slate."
        ),
        AlarmKind.SILENT: QCoreApplication.translate(
            "Alarms", "Check muted microphones, the faders and the hall's sound (F2)."
        ),
        AlarmKind.FROZEN: QCoreApplication.translate(
            "Alarms", "Check the link of that office, cut to another feed, or press B for the slate."
        ),
    }[kind]


def alarm_line(alarms: list[Alarm], formats: Formats) -> str:
    """All alarms in one short line for the chip: names, and since when the first is so."""
    names = {
        AlarmKind.BLACK: QCoreApplication.translate("Alarms", "black"),
        AlarmKind.SILENT: QCoreApplication.translate("Alarms", "silent"),
        AlarmKind.FROZEN: QCoreApplication.translate("Alarms", "frozen"),
    }
    if not alarms:
        return ""
    what = ", ".join(names[alarm.kind] for alarm in alarms)
    time = formats.clock(min(alarm.since_ms for alarm in alarms))
    return QCoreApplication.translate("Alarms", "Program {what} since {time}").format(what=what, time=time)
