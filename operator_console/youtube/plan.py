"""What a broadcast needs next: pure decisions on texts, bodies, transitions, and when to ask again."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from operator_console.session.codes import YoutubeCode
from operator_console.youtube.answers import BroadcastItem, IngestionInfo, StreamItem
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.units import OF_A_DAY

TITLE_MAX_CHARS, DESCRIPTION_MAX_BYTES = 100, 5000
"""https://developers.google.com/youtube/v3/live/docs/liveBroadcasts#snippet"""
PRIVACIES = ("public", "unlisted", "private")
STREAM_TITLE = "Operator Console"
START_AHEAD_MS = 30_000
"""YouTube wants a start in the future."""
SAME_START_MS = 60_000
YEAR_2000_MS, YEAR_2100_MS = 946_684_800_000, 4_102_444_800_000

ON_AIR = frozenset({"live", "liveStarting"})
PLANNED = frozenset({"created", "ready"})
OVER = frozenset({"complete", "revoked", "abandoned"})
USABLE = PLANNED | ON_AIR | {"testStarting", "testing"}

START_POLL_S, START_FAST_S, START_SLOW_S = 4.0, 120.0, 15.0
LIVE_POLL_S, DISPUTE_POLL_S, SPARE_POLL_S = 10.0, 5.0, 60.0
VIEWERS_POLL_S = 30.0
QUOTA_POLL_S = 900.0
FIRST_RETRY_S, MAX_RETRY_S = 2.0, 60.0
SPARE_FROM = 0.8 * OF_A_DAY


def check_texts(title: str, description: str, privacy: str) -> None:
    """Raises YoutubeError(BAD_TEXT) for what YouTube would refuse."""
    if not title.strip() or len(title) > TITLE_MAX_CHARS or re.search(r"[<>\n\r]", title):
        raise YoutubeError(YoutubeCode.BAD_TEXT, "a title has 1 to 100 characters, no < and >")
    if len(description.encode()) > DESCRIPTION_MAX_BYTES or re.search(r"[<>]", description):
        raise YoutubeError(YoutubeCode.BAD_TEXT, "a description has at most 5000 bytes, no < and >")
    if privacy not in PRIVACIES:
        raise YoutubeError(YoutubeCode.BAD_TEXT, "privacy is public, unlisted or private")


def iso_time(at_ms: int) -> str:
    """Unix time as the API writes it, in whole seconds."""
    moment = datetime.datetime.fromtimestamp(at_ms // 1000, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def unix_ms(text: str) -> int:
    """The API's time as Unix time; 0 for none, and for one of another century."""
    try:
        at_ms = round(datetime.datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return 0
    return at_ms if YEAR_2000_MS <= at_ms < YEAR_2100_MS else 0


def watch_url(broadcast_id: str) -> str:
    """Where the public watches; the id is checked before."""
    return f"https://www.youtube.com/watch?v={broadcast_id}"


def new_broadcast(title: str, description: str, privacy: str, start_ms: int) -> dict[str, Any]:
    """Body of liveBroadcasts.insert.

    enableAutoStop off: the watch address survives an outage. enableAutoStart off: nothing becomes public by
    packets alone, such as those of the next session on the same reusable stream. No monitor stream: it would
    demand a test phase first.
    """
    return {
        "snippet": {"title": title, "description": description, "scheduledStartTime": iso_time(start_ms)},
        "status": {"privacyStatus": privacy, "selfDeclaredMadeForKids": False},
        "contentDetails": {
            "enableAutoStart": False,
            "enableAutoStop": False,
            "enableDvr": True,
            "recordFromStart": True,
            "latencyPreference": "normal",
            "monitorStream": {"enableMonitorStream": False},
        },
    }


def changed_broadcast(
    item: BroadcastItem, title: str, description: str, privacy: str
) -> dict[str, Any] | None:
    """Body of liveBroadcasts.update that gives a planned one these texts and no automatic stop; None where it
    has all that already.
    """
    details = {key: value for key, value in item.content_details.items() if not key.startswith("bound")}
    wanted = details | {"enableAutoStop": False}
    same = (
        (item.snippet.title, item.snippet.description) == (title, description)
        and item.status.privacy_status == privacy
        and details.get("enableAutoStop") is False
    )
    if same:
        return None
    return {
        "id": item.id,
        "snippet": {
            "title": title,
            "description": description,
            "scheduledStartTime": item.snippet.scheduled_start_time,
        },
        "status": {"privacyStatus": privacy, "selfDeclaredMadeForKids": False},
        "contentDetails": wanted,
    }


def new_stream() -> dict[str, Any]:
    """Body of liveStreams.insert: one reusable stream for all broadcasts of this console."""
    return {
        "snippet": {"title": STREAM_TITLE},
        "cdn": {"ingestionType": "rtmp", "resolution": "variable", "frameRate": "variable"},
        "contentDetails": {"isReusable": True},
    }


def our_stream(
    streams: Iterable[StreamItem], active: Iterable[BroadcastItem], own_id: str
) -> StreamItem | None:
    """The reusable stream that an earlier broadcast made; None where each has a part in what is on air.

    One that feeds another broadcast (never ended, or of another console) would show our session there too.
    """
    taken = {one.stream_id for one in active if one.id != own_id}
    for one in streams:
        rtmp = one.cdn.ingestion_type in ("rtmp", "")
        ours = one.snippet.title == STREAM_TITLE and one.content_details.is_reusable and rtmp
        if ours and one.id not in taken and one.status.stream_status != "active":
            return one
    return None


def made_already(
    items: Iterable[BroadcastItem], title: str, asked_ms: int, now_ms: int
) -> BroadcastItem | None:
    """The broadcast that an attempt before this one made without hearing of it (crash, broken line).

    Known by title and start: each attempt sets it shortly after its own moment, so between order and now.
    """
    for one in items:
        start_ms = unix_ms(one.snippet.scheduled_start_time)
        in_time = asked_ms // 1000 * 1000 <= start_ms <= now_ms + SAME_START_MS
        if one.snippet.title == title and in_time and one.life in PLANNED:
            return one
    return None


def addresses_of(info: IngestionInfo) -> tuple[str, str]:
    """Primary and backup address, encrypted where there is such a one. Raises YoutubeError(ANSWER)."""
    primary = info.rtmps_ingestion_address or info.ingestion_address
    backup = (
        info.rtmps_backup_ingestion_address if info.rtmps_ingestion_address else info.backup_ingestion_address
    )
    for url in (primary, backup):
        if url and not re.fullmatch(r"rtmps?://[\w.:\[\]-]{1,255}/[\w./?=&-]{1,255}", url):
            raise YoutubeError(YoutubeCode.ANSWER, "an ingest address that is none")
    if not primary or not re.fullmatch(r"[\x21-\x7e]{1,256}", info.stream_name):
        raise YoutubeError(YoutubeCode.ANSWER, "a stream without address or key")
    return primary, backup


def next_transition(item: BroadcastItem, stream_status: str) -> str:
    """What to ask for so that the public sees it: testing, live, or nothing (yet)."""
    if stream_status != "active":
        return ""
    if item.life in PLANNED:
        return "testing" if item.monitored else "live"
    return "live" if item.life == "testing" else ""


def retry_s(attempt: int, asked_s: float = 0.0) -> float:
    """Wait before attempt `attempt` (from 1) is repeated: doubling, bounded, and as long as was asked for."""
    return max(asked_s, min(MAX_RETRY_S, FIRST_RETRY_S * 2.0 ** min(attempt - 1, 10)))


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast time passes for a broadcast; tests let it run faster."""

    scale: float = 1.0
    alarm_scale: float = 1.0

    def alarm_us(self, limit_us: int) -> int:
        """After how long a difference is an alarm."""
        return round(limit_us * self.alarm_scale)

    def s(self, wait_s: float) -> float:
        """A wait in seconds."""
        return wait_s * self.scale


def poll_s(*, live: bool, differs: bool, running_s: float, used_units: int) -> float:
    """When to ask for the stream's status again: 10 s while live, less often near the end of the quota."""
    if used_units >= SPARE_FROM:
        return SPARE_POLL_S
    if not live:
        return START_POLL_S if running_s < START_FAST_S else START_SLOW_S
    return DISPUTE_POLL_S if differs else LIVE_POLL_S
