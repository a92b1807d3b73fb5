"""Why something failed: a stable code with its figures for whoever words it, plain English for the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RecorderCode(StrEnum):
    """Why a recording ended."""

    DISK_FULL = "disk_full"
    QUOTA = "quota"
    FILE_TOO_LARGE = "file_too_large"
    NOT_WRITABLE = "not_writable"
    READ_ONLY = "read_only"
    FOLDER_MISSING = "folder_missing"
    FILE_EXISTS = "file_exists"
    DISK_ERROR = "disk_error"
    DISK_STUCK = "disk_stuck"
    MUXER = "muxer"
    INTERNAL = "internal"
    NOT_SYNCED = "not_synced"
    """The disk does not confirm what is written right now; it is tried again."""
    DAMAGED = "damaged"
    """The disk did not take a part of the file, or gives back another thing than was written."""
    FILE_GONE = "file_gone"
    """Somebody took the file, or its folder, away while it was written."""


class LivestreamCode(StrEnum):
    """Why a livestream's line was lost or could not be made."""

    TLS_WRONG_HOST = "tls_wrong_host"
    TLS_EXPIRED = "tls_expired"
    TLS_UNTRUSTED = "tls_untrusted"
    TLS = "tls"
    DNS = "dns"
    TIMEOUT = "timeout"
    CONNECTION_REFUSED = "refused"
    CLOSED = "closed"
    CLOSED_AT_ONCE = "closed_at_once"
    NETWORK = "network"
    PROTOCOL = "protocol"
    REJECTED = "rejected"
    PUBLISH_REFUSED = "publish_refused"
    STALLED = "stalled"
    STARVED = "starved"
    NARROW = "narrow"
    STOPPED = "stopped"
    INTERNAL = "internal"


class SourceCode(StrEnum):
    """Why a source gives no picture and no sound."""

    FILE_MISSING = "file_missing"
    FILE_NAME = "file_name"
    FILE_FORBIDDEN = "file_forbidden"
    FILE_UNREADABLE = "file_unreadable"
    FILE_EMPTY = "file_empty"
    FILE_BROKEN = "file_broken"
    CAMERA_CLOSED = "camera_closed"
    CAMERA_LOST = "camera_lost"
    MICROPHONE_MISSING = "microphone_missing"
    MICROPHONE_CLOSED = "microphone_closed"
    MICROPHONE_LOST = "microphone_lost"
    NO_SOUND_LIBRARY = "no_sound_library"
    NETWORK_ADDRESS = "network_address"
    NETWORK_PASSWORD = "network_password"  # noqa: S105 the name of a code
    NETWORK_NO_STREAM = "network_no_stream"
    NETWORK_REFUSED = "network_refused"
    NETWORK_CLOSED = "network_closed"
    NETWORK_EMPTY = "network_empty"
    NETWORK_LOST = "network_lost"
    SCREEN_MISSING = "screen_missing"
    SCREEN_WAYLAND = "screen_wayland"
    SCREEN_WINDOW = "screen_window"
    SCREEN_CLOSED = "screen_closed"
    SCREEN_LOST = "screen_lost"
    NO_SUCH_CARD = "no_such_card"
    ENDED = "ended"
    CRASHED = "crashed"
    BUS = "bus"
    INTERNAL = "internal"


class ProgramCode(StrEnum):
    """Why the program's picture stands still."""

    MEMORY = "memory"
    ENCODER = "encoder"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something failed. `args` are what a sentence about it needs (numbers, paths; never a secret)."""

    code: StrEnum
    text: str
    args: dict[str, str] = field(default_factory=dict)


def fields_of(reason: Reason | None) -> dict[str, Any]:
    """The fields `reason`, `code` and `args` of facts, reports and observations."""
    if reason is None:
        return {"reason": "", "code": "", "args": {}}
    return {"reason": reason.text, "code": str(reason.code), "args": dict(reason.args)}
