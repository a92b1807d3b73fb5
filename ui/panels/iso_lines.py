"""What each participant's own recording does, in words for the list behind the recording's chip."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import IsoRecording
from ui.context import Context
from ui.disk import iso_trouble
from ui.feeds import title_of
from ui.formats import duration


@dataclass(frozen=True, slots=True)
class IsoLine:
    """One participant who is recorded by himself, as the operator is told of it."""

    id: str
    name: str
    state: str
    """How long and how large the file is, or that it waits."""
    why: str = ""
    """Where the file is, or why there is none."""
    tone: str = "plain"


def iso_lines(context: Context) -> list[IsoLine]:
    """All that are to be recorded by themselves."""
    return [_line(context, iso) for iso in context.replica.state.isos.values() if iso.wanted]


def _line(context: Context, iso: IsoRecording) -> IsoLine:
    seen = context.replica.seen.iso(iso.participant_id)
    person = context.replica.state.participants.get(iso.participant_id)
    name = title_of(person) if person is not None else iso.stem
    if trouble := iso_trouble(iso):
        text = QCoreApplication.translate("OutputsPopup", "is not written")
        return IsoLine(iso.participant_id, name, text, trouble, "bad")
    if seen is None or not seen.path:
        text = QCoreApplication.translate("OutputsPopup", "waits for a picture")
        return IsoLine(iso.participant_id, name, text, tone="warn")
    text = QCoreApplication.translate("OutputsPopup", "recorded by itself: {time} · {size}")
    text = text.format(time=duration(seen.seconds), size=context.formats.size(seen.bytes))
    return IsoLine(iso.participant_id, name, text, seen.path)
