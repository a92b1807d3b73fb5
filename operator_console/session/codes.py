"""Codes of what can fail outside `media`: stable names that the window words in the operator's language."""

from __future__ import annotations

from enum import StrEnum


class RecordingCode(StrEnum):
    """Why a recording ended, as the engine sees it; the recorder's own are `media.reason.RecorderCode`."""

    ENGINE_ENDED = "engine_ended"
    UNFINISHED = "unfinished"
    SPLIT = "split"
    """No key picture came for the next file; the old one goes on."""
    DISK_LOW = "disk_low"
    """Ended in good order before the disk is full."""


class RepairCode(StrEnum):
    """Why a recording that was never closed stays as it is."""

    MISSING = "missing"
    EMPTY = "empty"
    """It was cut off before its first picture."""
    NO_ROOM = "no_room"
    DAMAGED = "damaged"
    FOLDER = "folder"
    """The folder cannot be read or written now."""
    CHANGED = "changed"
    """It was closed and is not what was closed any more: it gets no seal."""


class ResumeCode(StrEnum):
    """Why a livestream could not be taken up again after the engine ended."""

    NO_STREAM_KEY = "no_stream_key"
    BAD_ADDRESS = "bad_address"
    UNKNOWN_DESTINATION = "unknown_destination"
    NOT_RESUMED = "not_resumed"


class YoutubeCode(StrEnum):
    """Why YouTube, or the way to it, does not do what was asked."""

    NO_CLIENT = "no_client"
    """The file of the Cloud project is not set or cannot be used."""
    NO_KEYRING = "no_keyring"
    DENIED = "denied"
    """The operator (or his browser) refused."""
    SIGN_IN_TIMEOUT = "sign_in_timeout"
    SIGN_IN_FORGED = "sign_in_forged"
    """What came back was not the answer to our question."""
    SIGN_IN_CANCELLED = "sign_in_cancelled"
    OTHER_ACCOUNT = "other_account"
    """Another account than that of the broadcast that runs."""
    SIGN_IN_AGAIN = "sign_in_again"
    """The account's permission is no longer good."""
    CLIENT_REFUSED = "client_refused"
    """Google does not know the Cloud project, or its API is not switched on."""
    SCOPE = "scope"
    """The operator unticked what the console needs."""
    NO_CHANNEL = "no_channel"
    QUOTA = "quota"
    NOT_ENABLED = "not_enabled"
    """The channel may not stream live."""
    PERMISSION = "permission"
    RATE = "rate"
    TOO_MANY = "too_many"
    NETWORK = "network"
    TLS = "tls"
    SERVER = "server"
    ANSWER = "answer"
    """An answer that cannot be read."""
    TRANSITION = "transition"
    GONE = "gone"
    """The broadcast or stream does not exist (any more)."""
    REFUSED = "refused"
    BAD_TEXT = "bad_text"
    BAD_TIME = "bad_time"
    THUMBNAIL_MISSING = "thumbnail_missing"
    THUMBNAIL_SIZE = "thumbnail_size"
    THUMBNAIL_TYPE = "thumbnail_type"
    SENDS_BEFORE = "sends_before"
    """The rest of the stream before still goes out; then this one begins."""
    NOT_SENT = "not_sent"
    """Sending could not be started; it is tried again."""
    NEVER_LIVE = "never_live"
    """Ended before the public could see it."""
    NOT_ENDED = "not_ended"
    """YouTube could not be told of the end: there it still runs."""
    ENDED_THERE = "ended_there"
    """Somebody ended it at YouTube."""


class TruthCode(StrEnum):
    """How what YouTube says differs from what we say."""

    NOT_ARRIVING = "not_arriving"
    """We send; YouTube gets nothing."""
    BAD_HEALTH = "bad_health"
    """We send; YouTube calls the stream bad."""
    NOT_PUBLIC = "not_public"
    """YouTube gets the stream; the public does not see the broadcast."""
    STILL_ARRIVING = "still_arriving"
    """We do not send; YouTube says that something arrives."""


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
    """Why the journal takes no facts, or what it takes may be lost."""

    UNWRITABLE = "unwritable"
    FILE_GONE = "file_gone"
    NO_COPY = "no_copy"


class RequestCode(StrEnum):
    """Why a request over the API could not even be tried."""

    UNKNOWN_COMMAND = "unknown_command"
    BAD_COMMAND = "bad_command"
