"""Judges the offers of strangers before aiortc sees them, and edits our own answers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TypeVar

from aiortc.rtp import FORBIDDEN_PAYLOAD_TYPES
from aiortc.sdp import MediaDescription, SessionDescription

SDP_MAX_BYTES = 64 * 1024
MEDIA_LINES_MAX = 4
CANDIDATES_MAX = 64
# Parsing is quadratic in these (a=rtcp-fb:* times a=rtpmap, a=ssrc times a=ssrc): 1.5 MB of SDP blocked the
# loop for 2 s, and 64 KiB of the worst mixture would still take 0.3 s without them.
LINES_MAX = 1024
CODECS_MAX = 128
SSRC_LINES_MAX = 64

KINDS = ("audio", "video")
"""The only media sections we accept: exactly these, in this order."""

OPUS_ANSWER = "minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=24000"
"""DTX makes a muted Chromium send 4 packets a second instead of 50; aiortc's own answer says nothing."""

Given = TypeVar("Given")
Made = TypeVar("Made")

_ICE_CHARS = re.compile(r"[A-Za-z0-9+/]+")
_MID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_FINGERPRINTS = ("sha-256", "sha-384", "sha-512")
_NOWHERE = "candidate:1 1 udp 1 127.0.0.1 9 typ host"
"""Stands in where an offer names no usable address (port 9 is discard): aioice gives up at once without any
candidate, but with one it waits, and learns the true address from the browser's own checks."""


class SdpRefused(ValueError):  # noqa: N818  a refusal, in the words of the join server
    """The session description is too large, malformed, or not a session we take part in."""


def limits_ok(sdp: str) -> None:
    """Raise SdpRefused unless `sdp` is small and plain enough to be given to a parser at all."""
    if not isinstance(sdp, str):
        raise SdpRefused("session description is not text")
    if len(sdp) > SDP_MAX_BYTES or len(sdp.encode("utf-8", "replace")) > SDP_MAX_BYTES:
        raise SdpRefused("session description exceeds 64 KiB")
    lines = sdp.splitlines()
    if len(lines) > LINES_MAX:
        raise SdpRefused("session description has too many lines")
    for prefix, most, name in (
        ("m=", MEDIA_LINES_MAX, "media sections"),
        ("a=candidate:", CANDIDATES_MAX, "candidates"),
        ("a=rtpmap:", CODECS_MAX, "codecs"),
        ("a=ssrc", SSRC_LINES_MAX, "stream identifiers"),
    ):
        if sum(line.startswith(prefix) for line in lines) > most:
            raise SdpRefused(f"session description has too many {name}")
    kinds = tuple(line[2:].split(" ", 1)[0] for line in lines if line.startswith("m="))
    if kinds != KINDS:
        raise SdpRefused("session description must have one audio and one video section, in this order")


def check_offer(offer: str, remote_address: str | None = None) -> str:
    """Return the offer in a form that is safe to hand to aiortc, or raise SdpRefused.

    `remote_address` is where the offer came from: a browser that hides its address behind an mDNS name
    (`....local`) is looked for there, so that no stranger can make us ask the local network for names.
    """
    limits_ok(offer)
    offer = _replace_candidates(offer, remote_address)
    session = _guarded(SessionDescription.parse, offer)
    _guarded(_check_session, session)
    return offer


def check_answer(answer: str) -> str:
    """Return an answer in a form that is safe to hand to aiortc, or raise SdpRefused."""
    limits_ok(answer)
    session = _guarded(SessionDescription.parse, answer)
    _guarded(_check_session, session)
    return answer


def _guarded(step: Callable[[Given], Made], given: Given) -> Made:
    # aiortc's parser answers malformed text with any of AssertionError, IndexError, AttributeError, KeyError,
    # TypeError, StopIteration and ValueError, so the name of the exception carries no meaning here.
    try:
        return step(given)
    except SdpRefused:
        raise
    except Exception as exc:
        raise SdpRefused(f"malformed session description ({type(exc).__name__})") from exc


def _replace_candidates(offer: str, remote_address: str | None) -> str:
    """Keep the candidates that can work, in plain form, and see that each media section has one."""
    head, *sections = re.split(r"^(?=m=)", offer, flags=re.MULTILINE)
    return head + "".join(_with_candidates(section.splitlines(), remote_address) for section in sections)


def _with_candidates(lines: list[str], remote_address: str | None) -> str:
    others = [line for line in lines if not line.startswith("a=candidate:")]
    offered = (_plain_candidate(line, remote_address) for line in lines if line.startswith("a=candidate:"))
    usable = [candidate for candidate in offered if candidate is not None]
    return "\r\n".join([*others, *(usable or [f"a={_NOWHERE}"])]) + "\r\n"


def _plain_candidate(line: str, remote_address: str | None) -> str | None:
    bits = line.split()
    if len(bits) < 8 or bits[1] != "1" or bits[2].lower() != "udp" or bits[6] != "typ":
        return None
    if bits[7] not in ("host", "srflx", "relay") or not _is_number(bits[3], 1, 0xFFFFFFFF):
        return None
    host = bits[4]
    if host.endswith(".local") and remote_address is not None:
        host = remote_address
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.is_multicast or address.is_unspecified or not _is_number(bits[5], 1, 65535):
        return None
    return " ".join([bits[0][:48], "1", "udp", bits[3], str(address), bits[5], "typ", bits[7]])


def _is_number(text: str, low: int, high: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 10 and low <= int(text) <= high


def _check_session(session: SessionDescription) -> None:
    mids = [media.rtp.muxId for media in session.media]
    if len(set(mids)) != len(mids) or not all(_MID.fullmatch(mid) for mid in mids):
        raise SdpRefused("media sections are not named properly")
    bundled = [group.items for group in session.group if group.semantic == "BUNDLE"]
    if not bundled or bundled[0] != mids:
        raise SdpRefused("audio and video must be bundled on one transport")
    for media in session.media:
        _check_media(media)


def _check_media(media: MediaDescription) -> None:
    if media.ice is None or media.dtls is None or media.direction is None or not media.rtcp_mux:
        raise SdpRefused("media section lacks ICE, DTLS, direction or rtcp-mux")
    if not _is_ice_text(media.ice.usernameFragment, 4) or not _is_ice_text(media.ice.password, 22):
        raise SdpRefused("ICE user name or password is malformed")
    if not any(f.algorithm.lower() in _FINGERPRINTS for f in media.dtls.fingerprints):
        raise SdpRefused("no certificate fingerprint we can check")
    if len(media.dtls.fingerprints) > 8:
        raise SdpRefused("too many certificate fingerprints")
    for codec in media.rtp.codecs:
        if codec.payloadType not in range(128) or codec.payloadType in FORBIDDEN_PAYLOAD_TYPES:
            raise SdpRefused("payload type out of range")
    names = {codec.name.upper() for codec in media.rtp.codecs}
    if not names & ({"OPUS"} if media.kind == "audio" else {"H264", "VP8"}):
        raise SdpRefused(f"no {media.kind} codec we know")


def _is_ice_text(text: str | None, least: int) -> bool:
    return text is not None and least <= len(text) <= 256 and _ICE_CHARS.fullmatch(text) is not None


def answer_with_dtx(answer: str) -> str:
    """Return our answer with the Opus parameters that make a muted page nearly silent on the wire."""
    lines = answer.splitlines()
    opus = [m[1] for line in lines if (m := re.match(r"a=rtpmap:(\d+) opus/48000/2", line, re.IGNORECASE))]
    made = []
    for line in lines:
        if any(line.startswith(f"a=fmtp:{payload_type} ") for payload_type in opus):
            continue
        made.append(line)
        made += [f"a=fmtp:{pt} {OPUS_ANSWER}" for pt in opus if line.startswith(f"a=rtpmap:{pt} ")]
    return "\r\n".join(made) + "\r\n"


def video_codec(sdp: str) -> str:
    """Return "H264" or "VP8", the codec a description names first for video, or "" if neither."""
    section = sdp[sdp.find("\nm=video") + 1 :]
    match = re.search(r"^a=rtpmap:\d+ (H264|VP8)/90000", section, re.MULTILINE | re.IGNORECASE)
    return match[1].upper() if match else ""


def has_candidates(sdp: str) -> bool:
    """Return whether a description names at least one address of its side."""
    return "\na=candidate:" in sdp
