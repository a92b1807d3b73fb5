"""Messages between a join page and the room worker, and the body of the join request."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

MAX_PAGE_MESSAGE_BYTES = 64 << 10
"""Limit of one message of a page; an SDP offer of a browser has 5 to 8 KiB."""

Secret = Annotated[str, msgspec.Meta(max_length=128)]
Name = Annotated[str, msgspec.Meta(max_length=1024)]
Short = Annotated[str, msgspec.Meta(max_length=256)]
Number = Annotated[int, msgspec.Meta(ge=0, le=1 << 31)]
AskNumber = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
"""Asks are numbered from the clock in microseconds on: 31 bits last for 36 minutes of uptime."""


class JoinRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Body of ``POST /api/join``: the invite token is redeemed once for a session."""

    token: Secret
    name: Name
    office: Name = ""
    consent: bool = False
    attempt: Secret = ""
    """The page's random name for this attempt: a repeat of it gets the same answer."""


class FromPage(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag=str.lower):
    """Base of what a page says; unknown fields are ignored."""


class Hello(FromPage, frozen=True, kw_only=True):
    """First message: who this is (the session secret)."""

    session: Secret


class Offer(FromPage, frozen=True, kw_only=True):
    """A new peer connection's SDP offer; `id` comes back with the answer."""

    id: Number
    sdp: str


class Report(FromPage, frozen=True, kw_only=True):
    """What the page does now; only what changed is set."""

    mic_on: bool | None = None
    camera_on: bool | None = None
    consent: bool | None = None


class Hand(FromPage, frozen=True, kw_only=True):
    """Raise or lower one's hand."""

    up: bool


class Asked(FromPage, frozen=True, kw_only=True):
    """The participant has answered the question with this number, one way or the other."""

    id: AskNumber


class Leave(FromPage, frozen=True, kw_only=True):
    """Good-bye."""


class Ping(FromPage, frozen=True, kw_only=True):
    """Sign of life; answered by `Pong`."""

    n: Number = 0


AnyFromPage = Hello | Offer | Report | Hand | Asked | Leave | Ping


class ToPage(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag=str.lower):
    """Base of what a page is told."""


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """What the page is to send of its camera: off | tile | spotlight, with the size and rates asked for."""

    mode: str = "off"
    width_px: int = 0
    height_px: int = 0
    fps: int = 0
    bitrate_bps: int = 0


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question (or, with consent, a request) of the operator: open_mic | ask_mic."""

    id: int
    action: str


class State(ToPage, frozen=True, kw_only=True):
    """The whole state of a page; sent on attach and whenever something of it changed. Declarative."""

    phase: str
    """waiting | lobby | seat | refused | removed | left | unknown | closed | replaced"""
    participant_id: str = ""
    title: str = ""
    host: str = ""
    name: str = ""
    office: str = ""
    send: Send = Send()
    muted: bool = False
    consent: bool = False
    hand: bool = False
    on_air: bool = False
    on_preview: bool = False
    recording: bool = False
    """Whether the session is being recorded now."""
    streaming: bool = False
    """Whether it goes out live now."""
    away: bool = False
    """Whether the program does not come at this moment."""
    sound_only: bool = False
    """Whether only its sound comes, because the office's line does not carry more."""
    peer: str = ""
    """Name of the peer connection the room holds, "" for none: a page with another one makes a new one."""
    ask: Ask | None = None
    ice_servers: tuple[dict[str, Any], ...] = ()


class Answer(ToPage, frozen=True, kw_only=True):
    """The answer to an offer; `peer` names the connection."""

    id: int
    peer: str
    sdp: str


class Refused(ToPage, frozen=True, kw_only=True):
    """An offer was not taken: sdp (it is wrong) | busy (try again after `retry_ms`)."""

    id: int
    reason: str
    retry_ms: int = 1000


class Pong(ToPage, frozen=True, kw_only=True):
    """Answer to `Ping`."""

    n: int = 0


encode = msgspec.json.Encoder().encode
decode_from_page = msgspec.json.Decoder(AnyFromPage).decode
decode_join = msgspec.json.Decoder(JoinRequest).decode
AnyToPage = State | Answer | Refused | Pong
decode_to_page = msgspec.json.Decoder(AnyToPage).decode
