"""Turns RTP payloads of H.264 (RFC 6184) and VP8 (RFC 7741) into access units, and back; pure functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

START_CODE = b"\x00\x00\x00\x01"
PAYLOAD_MAX_BYTES = 1200
"""Leaves room for RTP, SRTP, RTX, IPv6, UDP and a VPN inside 1400 bytes."""

_NAL_IDR, _NAL_SPS, _NAL_AUD = 5, 7, 9
_STAP_A, _FU_A = 24, 28


@dataclass(frozen=True, slots=True)
class Format:
    """How one video codec travels in RTP.

    `join` makes an access unit of the payloads of one frame, in order, and raises ValueError if it cannot;
    `is_key` tells from the same payloads whether decoding may begin there; `split` makes payloads of a unit.
    """

    name: str
    join: Callable[[Sequence[bytes]], bytes]
    is_key: Callable[[Sequence[bytes]], bool]
    split: Callable[[bytes], list[bytes]]


def h264_join(payloads: Sequence[bytes]) -> bytes:
    """Return the Annex B access unit of H.264 payloads."""
    parts: list[bytes] = []
    for payload in payloads:
        if len(payload) < 2:
            raise ValueError("H.264 payload is too short")
        kind = payload[0] & 31
        if kind == _FU_A:
            if payload[1] & 128:
                parts += (START_CODE, bytes(((payload[0] & 0xE0) | (payload[1] & 31),)))
            parts.append(payload[2:])
        elif kind == _STAP_A:
            for unit in _stap_units(payload):
                parts += (START_CODE, unit)
        elif 0 < kind < _STAP_A:
            parts += (START_CODE, payload)
        else:
            raise ValueError(f"H.264 payload type {kind} is not supported")
    return b"".join(parts)


def _stap_units(payload: bytes) -> Iterator[bytes]:
    at = 1
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        at += 2
        if not size or at + size > len(payload):
            raise ValueError("H.264 aggregation packet is truncated")
        yield payload[at : at + size]
        at += size


def h264_is_key(payloads: Sequence[bytes]) -> bool:
    """Return whether an IDR picture or a sequence parameter set begins in these payloads."""
    for payload in payloads:
        if len(payload) < 2:
            continue
        kind = payload[0] & 31
        if kind == _FU_A:
            kind = payload[1] & 31 if payload[1] & 128 else 0
        elif kind == _STAP_A and any(unit in (_NAL_IDR, _NAL_SPS) for unit in _stap_types(payload)):
            return True
        if kind in (_NAL_IDR, _NAL_SPS):
            return True
        if 0 < kind < _NAL_IDR:
            return False
    return False


def _stap_types(payload: bytes) -> Iterator[int]:
    at = 1
    while at + 2 < len(payload):
        yield payload[at + 2] & 31
        at += 2 + int.from_bytes(payload[at : at + 2], "big")


def h264_split(unit: bytes) -> list[bytes]:
    """Return the payloads (single NAL, STAP-A, FU-A) of an Annex B access unit; delimiters are left out."""
    payloads: list[bytes] = []
    small: list[bytes] = []
    for nal in annexb_units(unit):
        if nal[0] & 31 == _NAL_AUD:
            continue
        if sum(len(other) + 2 for other in small) + len(nal) + 3 > PAYLOAD_MAX_BYTES:
            payloads += _aggregate(small)
            small = []
        if len(nal) > PAYLOAD_MAX_BYTES:
            payloads += _fragment(nal)
        else:
            small.append(nal)
    return payloads + _aggregate(small)


def annexb_units(unit: bytes) -> Iterator[bytes]:
    """Yield the NAL units of an Annex B byte stream (H.264 annex B.1)."""
    start = unit.find(b"\x00\x00\x01")
    while start >= 0:
        begin = start + 3
        start = unit.find(b"\x00\x00\x01", begin)
        nal = (unit[begin:] if start < 0 else unit[begin:start]).rstrip(b"\x00")
        if nal:
            yield nal


def _aggregate(nals: list[bytes]) -> list[bytes]:
    if len(nals) < 2:
        return nals
    importance = max(nal[0] & 0x60 for nal in nals)
    return [bytes((importance | _STAP_A,)) + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)]


def _fragment(nal: bytes) -> list[bytes]:
    room = PAYLOAD_MAX_BYTES - 2
    count = -(-(len(nal) - 1) // room)
    size = -(-(len(nal) - 1) // count)
    indicator, kind = (nal[0] & 0xE0) | _FU_A, nal[0] & 31
    starts = range(1, len(nal), size)
    return [
        bytes((indicator, kind | (128 if at == 1 else 0) | (64 if at + size >= len(nal) else 0)))
        + nal[at : at + size]
        for at in starts
    ]


def vp8_join(payloads: Sequence[bytes]) -> bytes:
    """Return the VP8 frame of its payloads."""
    return b"".join([payload[_vp8_descriptor_bytes(payload) :] for payload in payloads])


def _vp8_descriptor_bytes(payload: bytes) -> int:
    if not payload[0] & 128:
        return 1
    if len(payload) < 2:
        raise ValueError("VP8 descriptor is truncated")
    flags, size = payload[1], 2
    if flags & 128:
        if len(payload) < 3:
            raise ValueError("VP8 picture number is truncated")
        size += 2 if payload[2] & 128 else 1
    size += bool(flags & 64) + bool(flags & 48)
    if size > len(payload):
        raise ValueError("VP8 descriptor is truncated")
    return size


def vp8_is_key(payloads: Sequence[bytes]) -> bool:
    """Return whether these payloads begin with the first bytes of a VP8 key frame."""
    first = payloads[0]
    if first[0] & 0x1F != 0x10:
        return False
    try:
        at = _vp8_descriptor_bytes(first)
    except ValueError:
        return False
    return at < len(first) and not first[at] & 1


def vp8_size(frame: bytes) -> tuple[int, int] | None:
    """Return (width, height) of a VP8 key frame (RFC 6386 section 9.1), None for any other frame."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        return None
    return int.from_bytes(frame[6:8], "little") & 0x3FFF, int.from_bytes(frame[8:10], "little") & 0x3FFF


def vp8_split(frame: bytes) -> list[bytes]:
    """Return the payloads of a VP8 frame.

    Without picture numbers: a receiver then orders by sequence number alone, which stays continuous when we
    switch to another encoder.
    """
    room = PAYLOAD_MAX_BYTES - 1
    return [(b"\x00" if at else b"\x10") + frame[at : at + room] for at in range(0, len(frame), room)]


H264 = Format("H264", h264_join, h264_is_key, h264_split)
VP8 = Format("VP8", vp8_join, vp8_is_key, vp8_split)
FORMATS = {format_.name: format_ for format_ in (H264, VP8)}
