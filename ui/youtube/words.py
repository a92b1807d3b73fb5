"""A broadcast in words: what we say of it, what YouTube says, who watches, how bad it is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import Broadcast, BroadcastPhase
from ui.formats import Formats, short_duration
from ui.observations import BroadcastSeen, IssueSeen
from ui.youtube.texts import ARRIVAL, HEALTH, ISSUES

OLD_S = 60
"""What YouTube said longer ago is shown with its age."""
NOT_ENDED = "not_ended"
OVER = (BroadcastPhase.ENDED, BroadcastPhase.FAILED)


def we_say(broadcast: Broadcast, seen: BroadcastSeen) -> str:
    """How far it has come, as this console sees it."""
    steps = {
        "thumbnail": QCoreApplication.translate("Youtube", "Sending the picture of the broadcast…"),
        "binding": QCoreApplication.translate("Youtube", "Preparing the stream at YouTube…"),
    }
    making = QCoreApplication.translate("Youtube", "Making the broadcast at YouTube…")
    if broadcast.phase is BroadcastPhase.PREPARING:
        return steps.get(seen.step, making)
    if broadcast.phase is BroadcastPhase.MADE:
        if seen.sending:
            return QCoreApplication.translate("Youtube", "We send; waiting until the public sees it…")
        return QCoreApplication.translate("Youtube", "Connecting to YouTube…")
    if broadcast.phase is BroadcastPhase.LIVE:
        if seen.sending:
            return QCoreApplication.translate("Youtube", "We send; the broadcast is public")
        return QCoreApplication.translate("Youtube", "We do not send at the moment")
    if broadcast.phase is BroadcastPhase.ENDED and broadcast.code == NOT_ENDED:
        return QCoreApplication.translate("Youtube", "We send no more; at YouTube the broadcast still runs")
    return {
        BroadcastPhase.ENDING: QCoreApplication.translate("Youtube", "Ending the broadcast…"),
        BroadcastPhase.ENDED: QCoreApplication.translate("Youtube", "The broadcast has ended"),
        BroadcastPhase.FAILED: QCoreApplication.translate("Youtube", "There is no broadcast"),
    }[broadcast.phase]


def youtube_says(seen: BroadcastSeen, now_ms: int) -> str:
    """YouTube's own word on the stream, with its age where it is old; empty before it said any."""
    text = HEALTH.get(seen.health, "") if seen.stream == "active" else ""
    text = text or ARRIVAL.get(seen.stream, "")
    if not text:
        return ""
    said = QCoreApplication.translate("Youtube", text)
    age_s = (now_ms - seen.asked_ms) / 1000
    if age_s <= OLD_S:
        return said
    older = QCoreApplication.translate("Youtube", "{said} (said {ago} ago)")
    return older.format(said=said, ago=short_duration(age_s))


def issue_text(issue: IssueSeen) -> str:
    """A configuration issue in words; an unknown one by its own name."""
    text = ISSUES.get(issue.type, "")
    if text:
        return QCoreApplication.translate("Youtube", text)
    return QCoreApplication.translate("Youtube", "YouTube reports: {name}").format(name=issue.type)


def viewers_text(seen: BroadcastSeen, formats: Formats) -> str:
    """How many watch; empty where YouTube does not say."""
    if seen.viewers is None:
        return ""
    return QCoreApplication.translate("Youtube", "{n} viewers").format(n=formats.number(seen.viewers))


def tone(broadcast: Broadcast, seen: BroadcastSeen) -> str:
    """How it stands: bad where both differ for too long or it failed, warn where something is wrong."""
    if broadcast.dispute or broadcast.phase is BroadcastPhase.FAILED:
        return "bad"
    if seen.differs or seen.trouble is not None or broadcast.code:
        return "warn"
    unwell = seen.health in ("ok", "bad", "noData") and broadcast.phase is BroadcastPhase.LIVE
    return "warn" if unwell else "good"
