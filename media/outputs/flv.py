"""FLV bodies of H.264 and AAC, as RTMP sends them and FLV files keep them (Adobe FLV 10.1, E.4)."""

from __future__ import annotations

import struct

NAL_IDR, NAL_SPS, NAL_PPS, NAL_DELIMITER = 5, 7, 8, 9
_HEADERS = frozenset({NAL_SPS, NAL_PPS, NAL_DELIMITER})

FILE_HEADER = b"FLV\x01\x05\x00\x00\x00\x09" + bytes(4)


def split_annexb(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B access unit, without start codes and trailing zeros."""
    units = []
    begin = data.find(b"\0\0\1")
    while begin >= 0:
        begin += 3
        after = data.find(b"\0\0\1", begin)
        unit = data[begin : after if after >= 0 else len(data)].rstrip(b"\0") if after >= 0 else data[begin:]
        if unit:
            units.append(unit)
        begin = after
    return units


def avc_config(sps: bytes, pps: bytes) -> bytes:
    """The AVCDecoderConfigurationRecord (ISO 14496-15, 5.3.3) of one SPS and one PPS."""
    return (
        b"\x01" + sps[1:4] + b"\xff\xe1"
        + struct.pack(">H", len(sps)) + sps
        + b"\x01" + struct.pack(">H", len(pps)) + pps
    )  # fmt: skip


class VideoBodies:
    """Turns Annex B access units into FLV video bodies; sends the configuration again whenever it changed."""

    def __init__(self) -> None:
        self._config = b""

    def bodies(self, annexb: bytes, key: bool) -> list[bytes]:
        """One body, or two where a new configuration goes ahead; no B-frames, so composition time is 0."""
        units = split_annexb(annexb)
        out = []
        sps = next((unit for unit in units if unit[0] & 31 == NAL_SPS), b"")
        pps = next((unit for unit in units if unit[0] & 31 == NAL_PPS), b"")
        if sps and pps:
            config = avc_config(sps, pps)
            if config != self._config:
                self._config = config
                out.append(b"\x17\x00\0\0\0" + config)
        parts = [b"\x17\x01\0\0\0" if key else b"\x27\x01\0\0\0"]
        for unit in units:
            if unit[0] & 31 not in _HEADERS:
                parts += (struct.pack(">I", len(unit)), unit)
        out.append(b"".join(parts))
        return out


def aac_header(config: bytes) -> bytes:
    """The audio body that announces AAC with its AudioSpecificConfig."""
    return b"\xaf\x00" + config


def aac_body(frame: bytes) -> bytes:
    """The audio body of one raw AAC frame."""
    return b"\xaf\x01" + frame


def file_tag(kind: int, stamp_ms: int, body: bytes) -> bytes:
    """One tag of an FLV file with the trailing size of itself."""
    stamp = (stamp_ms & 0xFFFFFF).to_bytes(3, "big") + bytes([stamp_ms >> 24 & 0xFF])
    return (
        bytes([kind])
        + len(body).to_bytes(3, "big")
        + stamp
        + bytes(3)
        + body
        + struct.pack(">I", len(body) + 11)
    )
