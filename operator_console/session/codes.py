"""Codes of what can fail outside `media`: stable names that the window words in the operator's language."""

from __future__ import annotations

from enum import StrEnum


class RecordingCode(StrEnum):
    """Why a recording ended, as the engine sees it; the recorder's own are `media.reason.RecorderCode`."""

    ENGINE_ENDED = "engine_ended"
    UNFINISHED = "unfinished"


class ResumeCode(StrEnum):
    """Why a livestream could not be taken up again after the engine ended."""

    NO_STREAM_KEY = "no_stream_key"
    BAD_ADDRESS = "bad_address"
    UNKNOWN_DESTINATION = "unknown_destination"
    NOT_RESUMED = "not_resumed"


class RoomCode(StrEnum):
    """Why the join page is not open."""

    PORT_TAKEN = "port_taken"
    PORT_FORBIDDEN = "port_forbidden"
    ADDRESS = "address"
    WORKER_LOST = "worker_lost"
    WORKER_UNUSABLE = "worker_unusable"


EXIT_UNUSABLE = 5
"""Exit code of a room worker whose folder or certificate cannot be used before somebody mends it."""


class CertificateCode(StrEnum):
    """What is wrong with the certificate of the join page."""

    UNREADABLE = "unreadable"
    KEY = "key"
    EXPIRED = "expired"
    OTHER_HOST = "other_host"
    EXPIRES_SOON = "expires_soon"


class WorkerCode(StrEnum):
    """How a worker process went away."""

    EXIT = "exit"
    KILLED = "killed"
    GONE = "gone"


class JournalCode(StrEnum):
    """Why the journal takes no facts."""

    UNWRITABLE = "unwritable"


class RequestCode(StrEnum):
    """Why a request over the API could not even be tried."""

    UNKNOWN_COMMAND = "unknown_command"
    BAD_COMMAND = "bad_command"
