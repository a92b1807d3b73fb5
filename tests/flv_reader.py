"""Reads a recorded FLV file as a server of live streams sees it; uses nothing of our own writers.

Adobe Flash Video File Format 10.1 (annex E); ITU-T H.264 7.3 and E.1; ISO/IEC 14496-15 5.3.3; 14496-3 1.6.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

AUDIO, VIDEO = 8, 9
AVC, AAC, MP3 = 7, 10, 2
SLICE, IDR = 1, 5
B_SLICES = (1, 6)


class Bits:
    """Reads the bits of an RBSP (emulation prevention already taken out)."""

    def __init__(self, data: bytes) -> None:
        self._bits, self._at = int.from_bytes(data, "big"), len(data) * 8

    def u(self, count: int) -> int:
        """An unsigned number of so many bits; zeros beyond the end."""
        self._at -= count
        return (self._bits >> self._at if self._at >= 0 else 0) & ((1 << count) - 1)

    def ue(self) -> int:
        """Exp-Golomb, unsigned."""
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 31:
                return 0
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """Exp-Golomb, signed."""
        value = self.ue()
        return (value + 1) // 2 if value % 2 else -(value // 2)


def rbsp(nal: bytes) -> bytes:
    """The payload of a NAL unit without its header and emulation prevention."""
    return nal[1:].replace(b"\0\0\3", b"\0\0")


@dataclass(frozen=True, slots=True)
class Sps:
    """What a sequence parameter set says."""

    profile: int
    level: int
    chroma: int
    depth: int
    reference_frames: int
    width_px: int
    height_px: int
    progressive: bool
    sample_aspect: tuple[int, int]
    matrix: int
    """Colour matrix (table E-5), 2 = not said."""

    @property
    def macroblocks(self) -> int:
        """Of a picture."""
        return -(-self.width_px // 16) * -(-self.height_px // 16)


HIGH_PROFILES = (100, 110, 122, 244, 44, 83, 86, 118, 128)
ASPECTS = {0: (1, 1), 1: (1, 1), 2: (12, 11), 3: (10, 11), 4: (16, 11), 5: (40, 33), 14: (4, 3), 15: (3, 2)}


def sps(nal: bytes) -> Sps:
    """Read a sequence parameter set (7.3.2.1.1)."""
    bits = Bits(rbsp(nal))
    profile, _, level = bits.u(8), bits.u(8), bits.u(8)
    bits.ue()
    chroma, depth = 1, 8
    if profile in HIGH_PROFILES:
        chroma = bits.ue()
        if chroma == 3:
            bits.u(1)
        depth = 8 + max(bits.ue(), bits.ue())
        bits.u(1)
        _skip_scaling(bits, 12 if chroma == 3 else 8)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.u(1), bits.se(), bits.se()
        for _ in range(bits.ue()):
            bits.se()
    references = bits.ue()
    bits.u(1)
    width, height = (bits.ue() + 1) * 16, bits.ue() + 1
    progressive = bool(bits.u(1))
    height *= 16 if progressive else 32
    if not progressive:
        bits.u(1)
    bits.u(1)
    if bits.u(1):
        left, right, top, bottom = (bits.ue() for _ in range(4))
        width -= 2 * (left + right)
        height -= (2 if progressive else 4) * (top + bottom)
    aspect, matrix = _vui(bits) if bits.u(1) else ((1, 1), 2)
    return Sps(profile, level, chroma, depth, references, width, height, progressive, aspect, matrix)


def _skip_scaling(bits: Bits, lists: int) -> None:
    if not bits.u(1):
        return
    for number in range(lists):
        if not bits.u(1):
            continue
        last = next_scale = 8
        for _ in range(16 if number < 6 else 64):
            if next_scale:
                next_scale = (last + bits.se()) % 256
            last = next_scale or last


def _vui(bits: Bits) -> tuple[tuple[int, int], int]:
    """Sample aspect ratio and colour matrix."""
    aspect, matrix = (1, 1), 2
    if bits.u(1):
        number = bits.u(8)
        aspect = (bits.u(16), bits.u(16)) if number == 255 else ASPECTS.get(number, (0, 0))
    if bits.u(1):
        bits.u(1)
    if bits.u(1):
        bits.u(4)
        if bits.u(1):
            bits.u(8), bits.u(8)
            matrix = bits.u(8)
    return aspect, matrix


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it arrived."""

    at_ms: int
    """When it is to be decoded."""
    shown_ms: int
    key: bool
    """What the FLV tag says."""
    idr: bool
    bipredicted: bool
    size: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A frame of sound as it arrived."""

    at_ms: int
    size: int


@dataclass(slots=True)
class Received:
    """Everything that arrived, in the order in which it did."""

    signature: bytes = b""
    kinds: list[int] = field(default_factory=list)
    """Tag types in their order."""
    stamps: list[tuple[int, int]] = field(default_factory=list)
    """(tag type, time stamp) of each picture and sound, in their order."""
    video_codecs: set[int] = field(default_factory=set)
    audio_codecs: set[int] = field(default_factory=set)
    headers: list[Sps] = field(default_factory=list)
    cabac: bool = True
    audio_object: int = 0
    sample_rate_hz: int = 0
    channels: int = 0
    pictures: list[Picture] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    """Media that came before what is needed to decode it."""

    @property
    def seconds(self) -> float:
        """Length of the pictures."""
        if len(self.pictures) < 2:
            return 0.0
        length = self.pictures[-1].at_ms - self.pictures[0].at_ms
        return length / 1000 * len(self.pictures) / (len(self.pictures) - 1)

    @property
    def fps(self) -> float:
        """Pictures a second, as they are stamped."""
        steps = [b.at_ms - a.at_ms for a, b in itertools.pairwise(self.pictures) if b.at_ms > a.at_ms]
        return 1000 / statistics.mean(steps) if steps else 0.0

    @property
    def video_bps(self) -> float:
        """Mean rate of the picture."""
        return sum(one.size for one in self.pictures) * 8 / self.seconds if self.seconds else 0.0

    @property
    def keys(self) -> list[Picture]:
        """The pictures at which a viewer can begin."""
        return [one for one in self.pictures if one.key]


def received(path: Path) -> Received:
    """Read a recorded FLV file; a last tag that is cut off (the server was killed) is left out."""
    data, found = path.read_bytes(), Received()
    found.signature = data[:3]
    at = int.from_bytes(data[5:9], "big") + 4
    while at + 11 <= len(data):
        kind, size = data[at] & 31, int.from_bytes(data[at + 1 : at + 4], "big")
        stamp = int.from_bytes(data[at + 4 : at + 7], "big") | data[at + 7] << 24
        body = data[at + 11 : at + 11 + size]
        at += 15 + size
        if len(body) < size:
            break
        found.kinds.append(kind)
        if kind == VIDEO and body:
            _take_video(found, stamp, body)
        elif kind == AUDIO and body:
            _take_audio(found, stamp, body)
    return found


def _take_video(found: Received, stamp: int, body: bytes) -> None:
    found.video_codecs.add(body[0] & 15)
    if body[0] & 15 != AVC or len(body) < 5:
        return
    if body[1] == 0:
        _take_header(found, body[5:])
        return
    if body[1] != 1:
        return
    if not found.headers:
        found.early.append("a picture")
    units = list(_units(body[5:]))
    slices = [Bits(rbsp(unit[:64])) for unit in units if unit[0] & 31 in (SLICE, IDR)]
    kinds = [(one.ue(), one.ue())[1] for one in slices]
    composition = int.from_bytes(body[2:5], "big", signed=True)
    idr = any(unit[0] & 31 == IDR for unit in units)
    bipredicted = any(kind in B_SLICES for kind in kinds)
    size = len(body) - 5
    found.pictures.append(Picture(stamp, stamp + composition, body[0] >> 4 == 1, idr, bipredicted, size))
    found.stamps.append((VIDEO, stamp))


def _take_header(found: Received, record: bytes) -> None:
    """An AVCDecoderConfigurationRecord (ISO/IEC 14496-15 5.3.3.1)."""
    length = int.from_bytes(record[6:8], "big")
    found.headers.append(sps(record[8 : 8 + length]))
    at = 8 + length + 1
    pps = record[at + 2 : at + 2 + int.from_bytes(record[at : at + 2], "big")]
    bits = Bits(rbsp(pps))
    bits.ue(), bits.ue()
    found.cabac = bool(bits.u(1))


def _units(data: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


RATES_HZ = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def _take_audio(found: Received, stamp: int, body: bytes) -> None:
    found.audio_codecs.add(body[0] >> 4)
    if body[0] >> 4 != AAC:
        found.stamps.append((AUDIO, stamp))
        found.sounds.append(Sound(stamp, len(body) - 1))
        return
    if body[1] == 0:  # AudioSpecificConfig
        bits = Bits(body[2:])
        found.audio_object, number = bits.u(5), bits.u(4)
        found.sample_rate_hz = RATES_HZ[number] if number < len(RATES_HZ) else bits.u(24)
        found.channels = bits.u(4)
        return
    if not found.sample_rate_hz:
        found.early.append("sound")
    found.sounds.append(Sound(stamp, len(body) - 2))
    found.stamps.append((AUDIO, stamp))
