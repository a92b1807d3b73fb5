"""Words about the lines out: what the uplink carries and gives up, the program's rate, what is delayed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import Livestream
from ui.formats import Formats
from ui.observations import AirRateSeen, StreamSeen, UplinkSeen

HOLDING = "holding"
"""The line of a livestream whose delay has not let anything out yet."""


def uplink_text(uplink_kbps: float, seen: UplinkSeen | None, formats: Formats) -> tuple[str, bool]:
    """What is sent, of how much, and who gets the picture; whether somebody should look."""
    text = QCoreApplication.translate("LineWords", "Uplink {rate}").format(rate=formats.rate(uplink_kbps))
    if seen is None:
        return text, False
    if seen.budget_kbps:
        text += " / " + formats.rate(seen.budget_kbps)
    if seen.pictures < seen.receivers:
        shown = QCoreApplication.translate("LineWords", "{n} of {all} with picture")
        text += " · " + shown.format(n=formats.number(seen.pictures), all=formats.number(seen.receivers))
    elif seen.return_lowered:
        text += " · " + QCoreApplication.translate("LineWords", "picture to offices reduced")
    elif seen.tiles_lowered:
        text += " · " + QCoreApplication.translate("LineWords", "tiles reduced")
    return text, seen.level > 0


def rate_sentence(seen: AirRateSeen | None, streams: Mapping[str, Livestream], formats: Formats) -> str:
    """That livestream and recording have less than the set rate, and because of whom; else empty."""
    if seen is None or not seen.lowered:
        return ""
    if seen.limited_by:
        name = streams[seen.limited_by].name if seen.limited_by in streams else seen.limited_by
        text = QCoreApplication.translate(
            "LineWords", "The line to {name} is narrow: livestream and recording go on at {rate} of {top}."
        )
    else:
        name = ""
        text = QCoreApplication.translate(
            "LineWords", "The uplink is full: livestream and recording go on at {rate} of {top}."
        )
    return text.format(name=name, rate=formats.rate(seen.kbps), top=formats.rate(seen.top_kbps))


def line_notes(seen: StreamSeen | None, formats: Formats) -> list[str]:
    """What is to be said of a livestream beside whether it flows."""
    if seen is None:
        return []
    notes = []
    if seen.line == HOLDING:
        begins = QCoreApplication.translate("LineWords", "begins in {n} s")
        notes.append(begins.format(n=formats.number(seen.due_s)))
    if seen.delay_s:
        delayed = QCoreApplication.translate("LineWords", "delayed {n} s")
        notes.append(delayed.format(n=formats.number(seen.delay_s)))
    if seen.too_slow:
        notes.append(QCoreApplication.translate("LineWords", "line too slow, pictures left out"))
    return notes
