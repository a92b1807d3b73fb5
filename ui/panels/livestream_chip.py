"""What each livestream does, in words for the chip and for the list behind it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import (
    YOUTUBE_ACCOUNT,
    BroadcastPhase,
    Livestream,
    OutputPhase,
    SessionState,
)
from ui.actions import RUNNING
from ui.causes import Family, worded
from ui.context import Context
from ui.formats import duration
from ui.line_words import HOLDING, line_notes
from ui.observations import BroadcastSeen
from ui.streams import flows, stalls, why
from ui.widgets.chip import Chip
from ui.youtube.form import broadcast_name


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One destination as the operator is told of it."""

    id: str
    name: str
    state: str
    """Short: live since when and how fast, or what is wrong since when."""
    why: str = ""
    """Why it does not flow, and what to do."""
    tone: str = "air"
    """air | warn | bad | plain"""
    stopping: bool = False
    started_at_ms: int = 0
    rate: str = ""
    """How fast it is sent, where it is live."""


def stream_lines(context: Context) -> list[StreamLine]:
    """All livestreams that run, are about to, or failed; what does not flow comes first."""
    state = context.replica.state
    shown = [s for s in state.livestreams.values() if s.phase in RUNNING or s.phase is OutputPhase.FAILED]
    lines = [_line(context, stream) for stream in shown]
    if (made := _preparing(state, context.replica.seen.broadcast)) is not None:
        lines.append(made)
    order = {"bad": 0, "warn": 1, "plain": 2, "air": 3}
    return sorted(lines, key=lambda line: order[line.tone])


def _preparing(state: SessionState, seen: BroadcastSeen | None) -> StreamLine | None:
    """A broadcast of the YouTube account that is being made, or cannot be sent: nothing is sent yet."""
    stream = state.livestreams.get(YOUTUBE_ACCOUNT)
    running = stream is not None and stream.phase in RUNNING
    if state.broadcast is None or not state.broadcast.running or running:
        return None
    text = QCoreApplication.translate("LivestreamChip", "being made at YouTube…")
    if state.broadcast.phase is not BroadcastPhase.PREPARING:
        text = QCoreApplication.translate("LivestreamChip", "is not sent yet")
    trouble = worded(Family.YOUTUBE, seen.trouble if seen is not None else None).text
    return StreamLine(YOUTUBE_ACCOUNT, broadcast_name(), text, trouble, tone="warn")


def _line(context: Context, stream: Livestream) -> StreamLine:
    name = broadcast_name() if stream.destination_id == YOUTUBE_ACCOUNT else stream.name
    if stream.phase is OutputPhase.FAILED:
        cause = worded(Family.LIVESTREAM, stream)
        text = QCoreApplication.translate("LivestreamChip", "failed")
        return StreamLine(stream.destination_id, name, text, cause.text, "bad")
    text, tone = _state(context, stream)
    reason = why(stream, context.replica.seen.stream(stream.destination_id)).text if tone == "warn" else ""
    stopping = stream.phase is OutputPhase.STOPPING
    seen = context.replica.seen.stream(stream.destination_id)
    rate = context.formats.rate(seen.kbps) if seen is not None and tone == "air" else ""
    return StreamLine(stream.destination_id, name, text, reason, tone, stopping, stream.started_at_ms, rate)


def _state(context: Context, stream: Livestream) -> tuple[str, str]:
    """What it does in a few words, and its tone."""
    formats, seen = context.formats, context.replica.seen.stream(stream.destination_id)
    since = formats.clock(seen.since_ms) if seen is not None and seen.since_ms else ""
    if stream.phase is OutputPhase.STOPPING:
        if not stream.ends_at_ms:
            return QCoreApplication.translate("LivestreamChip", "is being ended…"), "warn"
        text = QCoreApplication.translate("LivestreamChip", "ends at {time}: the rest still goes out")
        return text.format(time=formats.clock(stream.ends_at_ms)), "warn"
    if flows(stream, seen):
        rate = formats.rate(seen.kbps) if seen is not None else ""
        notes = line_notes(seen, formats)
        if since:
            text = QCoreApplication.translate("LivestreamChip", "live since {time}").format(time=since)
            return " · ".join(part for part in (text, rate, *notes) if part), "air"
        return rate or QCoreApplication.translate("LivestreamChip", "live"), "air"
    if seen is not None and seen.line == HOLDING:
        return " · ".join(line_notes(seen, formats)), "warn"
    if stalls(stream, seen):
        text = QCoreApplication.translate("LivestreamChip", "stalled since {time}")
    elif stream.phase is OutputPhase.STARTING:
        text = QCoreApplication.translate("LivestreamChip", "connecting since {time}")
    else:
        text = QCoreApplication.translate("LivestreamChip", "reconnecting since {time}")
    return text.format(time=since or "…"), "warn"


def show_livestreams(chip: Chip, context: Context, now_ms: int) -> None:
    """Put several livestreams into the chip: how many are live, each in a few words, all in the tool tip."""
    lines = stream_lines(context)
    running = [line for line in lines if line.tone != "bad"]
    live = [line for line in running if line.tone == "air"]
    tip = "\n".join(_whole(line) for line in lines)
    told = [line for line in lines if line.tone != "air"] or lines
    detail = " · ".join(f"{line.name} {line.rate or line.state}" for line in told)
    if not running:
        chip.show_state(
            QCoreApplication.translate("LivestreamChip", "LIVESTREAM FAILED"), detail, "red", "bad", tip
        )
        return
    if len(live) == len(lines):
        begun = min(line.started_at_ms for line in live)
        time = duration((now_ms - begun) / 1000)
        title = QCoreApplication.translate("LivestreamChip", "LIVE {time} · {n} destinations")
        chip_title = title.format(time=time, n=len(live))
        sure = context.replica.connected
        chip.show_state(chip_title, detail, "on_colour" if sure else "amber", "air" if sure else "warn", tip)
        return
    title = QCoreApplication.translate("LivestreamChip", "LIVE {n} of {all}")
    chip.show_state(title.format(n=len(live), all=len(lines)), detail, "amber", "warn", tip)


def _whole(line: StreamLine) -> str:
    return f"{line.name}: {line.state}." + (f" {line.why}" if line.why else "")
