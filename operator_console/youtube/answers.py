"""The parts of the API's resources that are used; anything else in an answer is not looked at."""

from __future__ import annotations

from typing import Any

import msgspec

ID_MAX_CHARS = 64


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base: fields that are missing take their defaults."""


class ErrorDetail(Part, frozen=True, kw_only=True):
    """One entry of an error."""

    reason: str = ""
    message: str = ""


class ErrorBody(Part, frozen=True, kw_only=True):
    """What went wrong."""

    message: str = ""
    errors: tuple[ErrorDetail, ...] = ()


class ErrorAnswer(Part, frozen=True, kw_only=True):
    """An answer that is none."""

    error: ErrorBody = ErrorBody()


class Snippet(Part, frozen=True, kw_only=True):
    """Texts of a broadcast, stream or channel."""

    title: str = ""
    description: str = ""
    scheduled_start_time: str = ""


class BroadcastStatus(Part, frozen=True, kw_only=True):
    """`lifeCycleStatus`: created, ready, testStarting, testing, liveStarting, live, complete, revoked."""

    life_cycle_status: str = ""
    privacy_status: str = ""


class BroadcastItem(Part, frozen=True, kw_only=True):
    """liveBroadcast. Its contentDetails are kept whole: an update resets what it does not name."""

    id: str
    snippet: Snippet = Snippet()
    status: BroadcastStatus = BroadcastStatus()
    content_details: dict[str, Any] = {}

    @property
    def life(self) -> str:
        """Where it stands."""
        return self.status.life_cycle_status

    @property
    def stream_id(self) -> str:
        """The stream it is bound to, or empty."""
        found = self.content_details.get("boundStreamId", "")
        return found if isinstance(found, str) else ""

    @property
    def monitored(self) -> bool:
        """Whether it has a monitor stream: then it must be tested before it goes live."""
        monitor = self.content_details.get("monitorStream")
        return isinstance(monitor, dict) and monitor.get("enableMonitorStream") is True


class BroadcastList(Part, frozen=True, kw_only=True):
    """liveBroadcasts.list"""

    items: tuple[BroadcastItem, ...] = ()
    next_page_token: str = ""


class IngestionInfo(Part, frozen=True, kw_only=True):
    """Where to send; `streamName` is the key and is shown by no `repr`."""

    stream_name: str = ""
    ingestion_address: str = ""
    backup_ingestion_address: str = ""
    rtmps_ingestion_address: str = ""
    rtmps_backup_ingestion_address: str = ""

    def __repr__(self) -> str:
        return f"IngestionInfo({self.rtmps_ingestion_address or self.ingestion_address})"


class Cdn(Part, frozen=True, kw_only=True):
    """Ingest of a stream."""

    ingestion_type: str = ""
    ingestion_info: IngestionInfo = IngestionInfo()


class Issue(Part, frozen=True, kw_only=True):
    """configurationIssues[]; `severity` is info, warning or error."""

    type: str = ""
    severity: str = ""


class HealthStatus(Part, frozen=True, kw_only=True):
    """`status` is good, ok, bad, noData or revoked."""

    status: str = ""
    configuration_issues: tuple[Issue, ...] = ()


class StreamStatus(Part, frozen=True, kw_only=True):
    """`streamStatus` is created, ready, active, inactive or error."""

    stream_status: str = ""
    health_status: HealthStatus = HealthStatus()


class StreamDetails(Part, frozen=True, kw_only=True):
    """contentDetails of a stream."""

    is_reusable: bool = True


class StreamItem(Part, frozen=True, kw_only=True):
    """liveStream"""

    id: str
    snippet: Snippet = Snippet()
    cdn: Cdn = Cdn()
    status: StreamStatus = StreamStatus()
    content_details: StreamDetails = StreamDetails()


class StreamList(Part, frozen=True, kw_only=True):
    """liveStreams.list"""

    items: tuple[StreamItem, ...] = ()
    next_page_token: str = ""


class LiveDetails(Part, frozen=True, kw_only=True):
    """liveStreamingDetails; viewers are missing where there are none or the channel hides them."""

    concurrent_viewers: str | int | None = None
    actual_end_time: str = ""


class VideoItem(Part, frozen=True, kw_only=True):
    """video"""

    id: str
    live_streaming_details: LiveDetails = LiveDetails()


class VideoList(Part, frozen=True, kw_only=True):
    """videos.list"""

    items: tuple[VideoItem, ...] = ()


class ChannelItem(Part, frozen=True, kw_only=True):
    """channel"""

    id: str
    snippet: Snippet = Snippet()


class ChannelList(Part, frozen=True, kw_only=True):
    """channels.list"""

    items: tuple[ChannelItem, ...] = ()


class Anything(Part, frozen=True, kw_only=True):
    """An answer whose content does not matter."""
