"""Binary layout of the media bus: what stands where in a segment file.

A segment is one file in the bus folder, mapped by its one writer (read-write) and any number of readers
(read-only).
The file ``NAME.cur`` beside it holds the file name of the newest generation, so that a restarted writer
makes a new file and readers move over by themselves; a mapped file is never resized (a reader would get
SIGBUS).

All integers are native 64-bit words written by a single store, published last: on x86-64 and AArch64 hosts
that we support a reader sees the payload that belongs to the sequence number, and re-reading the number
after the copy detects the one torn case left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MAGIC = 0x3153_5542_434F_504F
VERSION = 1
PAGE = 4096
WORD = 8

KIND_VIDEO = 1
KIND_AUDIO = 2
KIND_PACKET = 3

# word indices in the file header
H_MAGIC, H_VERSION, H_KIND, H_COUNT, H_BUFFERS, H_CAPACITY, H_EPOCH, H_HEARTBEAT_US, H_CHANNELS = range(9)

FMT_NONE = 0
FMT_I420 = 1
FMT_BGRA = 2

# video: words of a slot header and of a buffer header (8 words = 64 bytes each)
RECORD_WORDS = 8
V_SEQ = 0
B_SEQ, B_STAMP_US, B_WIDTH, B_HEIGHT, B_FORMAT = range(5)

# audio: words of a slot header and of a block header
A_HEAD, A_LEVEL_CDB, A_LEVEL_STAMP_US = range(3)
K_INDEX, K_STAMP_US, K_LEVEL_CDB, K_FLAGS = range(4)

# packet ring: words in the file header after the common ones, and of an entry
P_RESERVED, P_NEXT_SEQ, P_LAST_KEY_SEQ = 16, 17, 18
E_SEQ, E_POSITION, E_SIZE, E_PTS, E_STAMP_US, E_FLAGS = range(6)
FLAG_KEY = 1

AUDIO_RECOVERED = 1
"""Flag of a block that was lost and had back from the packet behind it."""
AUDIO_CONCEALED = 2
"""Flag of a block that was lost and is only made up."""

BLOCK_SAMPLES = 960
BLOCK_US = 20_000
SAMPLE_RATE_HZ = 48_000
SILENCE_CDB = -12_000
"""Level of digital silence in hundredths of a decibel full scale."""


def pages(size_bytes: int) -> int:
    """Round a size up to whole pages."""
    return -(-size_bytes // PAGE) * PAGE


def i420_bytes(width_px: int, height_px: int) -> int:
    """Size of a tightly packed I420 picture; both sides must be even."""
    return width_px * height_px * 3 // 2


def picture_bytes(fmt: int, width_px: int, height_px: int) -> int:
    """Size of a picture; 0 for one that cannot be (no format, no size, odd sides of an I420 picture)."""
    if fmt == FMT_BGRA:
        return width_px * height_px * 4
    if fmt == FMT_I420 and width_px % 2 == 0 and height_px % 2 == 0:
        return i420_bytes(width_px, height_px)
    return 0


@dataclass(frozen=True, slots=True)
class VideoGeometry:
    """Offsets in a video segment of ``count`` slots with ``buffers`` buffers of ``capacity`` bytes."""

    count: int
    buffers: int
    capacity: int

    def slot_word(self, slot: int) -> int:
        """Word index of a slot header."""
        return PAGE // WORD + slot * RECORD_WORDS

    def buffer_word(self, slot: int, buffer: int) -> int:
        """Word index of a buffer header."""
        return PAGE // WORD + (self.count + slot * self.buffers + buffer) * RECORD_WORDS

    @property
    def data_offset(self) -> int:
        """Byte offset of the first buffer."""
        return pages(PAGE + self.count * (1 + self.buffers) * RECORD_WORDS * WORD)

    def buffer_offset(self, slot: int, buffer: int) -> int:
        """Byte offset of a buffer's picture."""
        return self.data_offset + (slot * self.buffers + buffer) * pages(self.capacity)

    @property
    def size_bytes(self) -> int:
        """Size of the whole file (sparse until written)."""
        return self.data_offset + self.count * self.buffers * pages(self.capacity)


@dataclass(frozen=True, slots=True)
class AudioGeometry:
    """Offsets in an audio segment of ``count`` rings with ``blocks`` blocks of 20 ms."""

    count: int
    blocks: int
    channels: int

    @property
    def block_bytes(self) -> int:
        """Bytes of one block of int16 samples."""
        return BLOCK_SAMPLES * self.channels * 2

    def slot_word(self, slot: int) -> int:
        """Word index of a ring header."""
        return PAGE // WORD + slot * RECORD_WORDS

    def block_word(self, slot: int, index: int) -> int:
        """Word index of a block header."""
        return PAGE // WORD + (self.count + slot * self.blocks + index % self.blocks) * RECORD_WORDS

    @property
    def data_offset(self) -> int:
        """Byte offset of the first block."""
        return pages(PAGE + self.count * (1 + self.blocks) * RECORD_WORDS * WORD)

    def block_offset(self, slot: int, index: int) -> int:
        """Byte offset of a block's samples."""
        return self.data_offset + (slot * self.blocks + index % self.blocks) * self.block_bytes

    @property
    def size_bytes(self) -> int:
        """Size of the whole file."""
        return pages(self.data_offset + self.count * self.blocks * self.block_bytes)


@dataclass(frozen=True, slots=True)
class PacketGeometry:
    """Offsets in a packet ring of ``entries`` index entries over ``capacity`` bytes."""

    entries: int
    capacity: int

    def entry_word(self, seq: int) -> int:
        """Word index of the entry of a packet number."""
        return PAGE // WORD + (seq % self.entries) * RECORD_WORDS

    @property
    def data_offset(self) -> int:
        """Byte offset of the packet bytes."""
        return pages(PAGE + self.entries * RECORD_WORDS * WORD)

    @property
    def size_bytes(self) -> int:
        """Size of the whole file."""
        return self.data_offset + pages(self.capacity)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture seen in a video slot; ``data`` is a view of shared memory, valid until the writer comes
    round again.
    """

    seq: int
    stamp_us: int
    format: int
    width_px: int
    height_px: int
    data: memoryview

    def planes(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """The Y, U and V planes of an I420 picture as read-only views, shapes (h, w), (h/2, w/2), (h/2,
        w/2).
        """
        w, h = self.width_px, self.height_px
        flat = np.frombuffer(self.data, np.uint8)
        luma, chroma = w * h, w * h // 4
        return (
            flat[:luma].reshape(h, w),
            flat[luma : luma + chroma].reshape(h // 2, w // 2),
            flat[luma + chroma : luma + 2 * chroma].reshape(h // 2, w // 2),
        )


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """20 ms of sound: ``samples`` int16 of shape (960,) or (960, channels), copied out of the ring."""

    index: int
    stamp_us: int
    level_db: float
    flags: int
    samples: npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class BusPacket:
    """One encoded packet; ``pts`` in the ring's own time base, ``stamp_us`` its capture time on the bus
    clock.
    """

    seq: int
    data: bytes
    pts: int
    stamp_us: int
    key: bool
