"""Writer side of the media bus: video slots, audio rings and packet rings, one writer each."""

from __future__ import annotations

import contextlib
import logging
import mmap
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.bus import layout
from media.bus.segment import Segment, create_segment

U8 = npt.NDArray[np.uint8]
I16 = npt.NDArray[np.int16]
_MASK = (1 << 64) - 1
_log = logging.getLogger(__name__)
NO_ROOM = 0
"""Instead of a sequence number: the picture was dropped, the file system of the bus is full."""


def level_cdb(samples: I16) -> int:
    """RMS level of a block in hundredths of dBFS (sine of full scale = -301), floor -12000."""
    values = samples.astype(np.float32)
    power = float(np.dot(values.ravel(), values.ravel())) / max(1, values.size)
    if power < 1e-3:
        return layout.SILENCE_CDB
    return max(layout.SILENCE_CDB, round(1000.0 * float(np.log10(power / (32768.0 * 32768.0)))))


class _Writer:
    """What every segment writer has: a heart beat, room that is reserved before it is used, a clean end."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment
        self._words = segment.words
        self._closed = False
        self.dropped = 0
        """What was not written because the file system of the bus is full."""

    def _has_room(self, offset: int, size_bytes: int) -> bool:
        try:
            self._segment.reserve(offset, size_bytes)
        except OSError as error:
            if not self.dropped:
                _log.error("No room on the media bus (%s): %s", self._segment.path.name, error.strerror)
            self.dropped += 1
            return False
        return True

    def beat(self) -> None:
        """Tell readers that the writer lives; call it at least once a second."""
        self._words[layout.H_HEARTBEAT_US] = time.monotonic_ns() // 1000

    def close(self) -> None:
        """Take the segment away; readers keep what they have mapped. Closing again does nothing."""
        if self._closed:
            return
        self._closed = True
        path = self._segment.path
        del self._words
        self._segment.release()
        path.unlink(missing_ok=True)


class VideoWriter(_Writer):
    """Writes pictures into slots; the newest one wins, readers never block it.

    ``buffers``: 3 for feeds up to 15 fps, 4 for 30 fps (a reader stalled for 80 ms still sees whole
    pictures).
    """

    def __init__(self, directory: Path, name: str, slots: int, slot_bytes: int, buffers: int = 4) -> None:
        self.geometry = layout.VideoGeometry(slots, buffers, slot_bytes)
        header = {layout.H_COUNT: slots, layout.H_BUFFERS: buffers, layout.H_CAPACITY: slot_bytes}
        size_bytes, head_bytes = self.geometry.size_bytes, self.geometry.data_offset
        super().__init__(create_segment(directory, name, layout.KIND_VIDEO, size_bytes, header, head_bytes))
        self.name = name
        self._reserved = [0] * (slots * buffers)

    def _begin(self, slot: int, fmt: int, width_px: int, height_px: int, size_bytes: int) -> tuple[int, U8]:
        geometry, words = self.geometry, self._words
        if not 0 <= slot < geometry.count or size_bytes > geometry.capacity:
            raise ValueError(f"picture of {width_px}x{height_px} does not fit slot {slot} of {self.name}")
        seq = words[geometry.slot_word(slot)] + 1
        buffer = seq % geometry.buffers
        offset = geometry.buffer_offset(slot, buffer)
        if size_bytes > self._reserved[slot * geometry.buffers + buffer]:
            if not self._has_room(offset, size_bytes):
                return NO_ROOM, np.empty(size_bytes, np.uint8)
            self._reserved[slot * geometry.buffers + buffer] = size_bytes
        record = geometry.buffer_word(slot, buffer)
        words[record + layout.B_SEQ] = 0
        words[record + layout.B_WIDTH], words[record + layout.B_HEIGHT] = width_px, height_px
        words[record + layout.B_FORMAT] = fmt
        return seq, np.frombuffer(self._segment.mapping, np.uint8, size_bytes, offset)

    def _publish(self, slot: int, seq: int, stamp_us: int) -> None:
        if seq == NO_ROOM:
            return
        words, record = self._words, self.geometry.buffer_word(slot, seq % self.geometry.buffers)
        words[record + layout.B_STAMP_US] = stamp_us & _MASK
        words[record + layout.B_SEQ] = seq
        words[self.geometry.slot_word(slot)] = seq

    def write_i420(self, slot: int, y: U8, u: U8, v: U8, stamp_us: int) -> int:
        """Copy the three planes (even sizes) into a slot and publish them; returns the sequence number.

        Where the file system is full the picture is dropped and counted, and `NO_ROOM` returned.
        """
        height, width = y.shape
        seq, target = self._begin(slot, layout.FMT_I420, width, height, layout.i420_bytes(width, height))
        luma, chroma = width * height, width * height // 4
        target[:luma].reshape(height, width)[:] = y
        target[luma : luma + chroma].reshape(height // 2, width // 2)[:] = u
        target[luma + chroma :].reshape(height // 2, width // 2)[:] = v
        self._publish(slot, seq, stamp_us)
        return seq

    def begin_bgra(self, slot: int, width_px: int, height_px: int) -> tuple[int, U8]:
        """Reserve the next buffer of a slot for a BGRA picture; returns (ticket, writable (h, w, 4) view)."""
        seq, target = self._begin(slot, layout.FMT_BGRA, width_px, height_px, width_px * height_px * 4)
        return seq, target.reshape(height_px, width_px, 4)

    def publish(self, slot: int, ticket: int, stamp_us: int) -> None:
        """Publish the picture that `begin_bgra` reserved."""
        self._publish(slot, ticket, stamp_us)

    def clear(self, slot: int) -> None:
        """Publish "no picture" in a slot (its source went away)."""
        seq, _ = self._begin(slot, layout.FMT_NONE, 0, 0, 0)
        self._publish(slot, seq, time.monotonic_ns() // 1000)

    def free_memory(self, slot: int) -> None:
        """Give the pages of a slot back to the system, some seconds after `clear`; else they stay taken.

        A reader that still looks at an old picture there sees zeros. Does nothing where the system cannot.
        """
        advice = getattr(mmap, "MADV_REMOVE", None)
        if advice is None:
            return
        geometry = self.geometry
        start, size = geometry.buffer_offset(slot, 0), geometry.buffers * layout.pages(geometry.capacity)
        with contextlib.suppress(OSError):  # a file system that knows no holes
            self._segment.mapping.madvise(advice, start, size)
            first = slot * geometry.buffers
            self._reserved[first : first + geometry.buffers] = [0] * geometry.buffers


class AudioWriter(_Writer):
    """Writes 20 ms blocks into rings; a block's index fixes its place in time (index * 960 samples)."""

    def __init__(self, directory: Path, name: str, slots: int, blocks: int = 64, channels: int = 1) -> None:
        self.geometry = layout.AudioGeometry(slots, blocks, channels)
        header = {layout.H_COUNT: slots, layout.H_BUFFERS: blocks, layout.H_CHANNELS: channels}
        size_bytes, head_bytes = self.geometry.size_bytes, self.geometry.data_offset
        super().__init__(create_segment(directory, name, layout.KIND_AUDIO, size_bytes, header, head_bytes))
        self.name = name
        self._reserved: set[int] = set()

    def write(self, slot: int, index: int, samples: I16, stamp_us: int, flags: int = 0) -> None:
        """Write one block: int16 of shape (960,) or (960, channels); ``stamp_us`` is when its first sample
        was captured. Where the file system is full the block is dropped and counted.
        """
        geometry, words = self.geometry, self._words
        if samples.size != layout.BLOCK_SAMPLES * geometry.channels or index < 0:
            raise ValueError(f"audio block of {samples.size} samples, index {index}")
        if slot not in self._reserved:
            if not self._has_room(geometry.block_offset(slot, 0), geometry.blocks * geometry.block_bytes):
                return
            self._reserved.add(slot)
        record = geometry.block_word(slot, index)
        words[record + layout.K_INDEX] = 0
        offset = geometry.block_offset(slot, index)
        payload = np.ascontiguousarray(samples).tobytes()
        self._segment.mapping[offset : offset + geometry.block_bytes] = payload
        level = level_cdb(samples) & _MASK
        words[record + layout.K_STAMP_US], words[record + layout.K_LEVEL_CDB] = stamp_us & _MASK, level
        words[record + layout.K_FLAGS] = flags
        words[record + layout.K_INDEX] = index + 1
        head = geometry.slot_word(slot)
        words[head + layout.A_LEVEL_CDB] = level
        words[head + layout.A_LEVEL_STAMP_US] = time.monotonic_ns() // 1000
        words[head + layout.A_HEAD] = max(words[head + layout.A_HEAD], index + 1)

    def note_level(self, slot: int, level_db: float) -> None:
        """Say how loud a ring's source is where its sound itself is not written."""
        head = self.geometry.slot_word(slot)
        self._words[head + layout.A_LEVEL_CDB] = round(100 * level_db) & _MASK
        self._words[head + layout.A_LEVEL_STAMP_US] = time.monotonic_ns() // 1000

    def reset(self, slot: int) -> None:
        """Empty a ring before another source gets it."""
        geometry, words = self.geometry, self._words
        words[geometry.slot_word(slot) + layout.A_HEAD] = 0
        words[geometry.slot_word(slot) + layout.A_LEVEL_CDB] = layout.SILENCE_CDB & _MASK
        for index in range(geometry.blocks):
            words[geometry.block_word(slot, index) + layout.K_INDEX] = 0


class PacketWriter(_Writer):
    """Writes encoded packets into a byte ring; readers that fall behind lose packets and know how many."""

    def __init__(self, directory: Path, name: str, capacity: int = 4 << 20, entries: int = 1024) -> None:
        self.geometry = layout.PacketGeometry(entries, capacity)
        header = {layout.H_COUNT: entries, layout.H_CAPACITY: capacity, layout.P_NEXT_SEQ: 1}
        size_bytes = self.geometry.size_bytes
        super().__init__(
            create_segment(directory, name, layout.KIND_PACKET, size_bytes, header, reserved_bytes=size_bytes)
        )
        self.name = name
        self._position = 0

    def write(self, data: bytes, pts: int, stamp_us: int, key: bool) -> int:
        """Append a packet of at most a quarter of the ring; returns its number. Raises ValueError if it is
        larger.
        """
        geometry, words = self.geometry, self._words
        size = len(data)
        if size > geometry.capacity // 4:
            raise ValueError(f"packet of {size} bytes is too large for ring {self.name}")
        start = self._position % geometry.capacity
        if start + size > geometry.capacity:
            self._position += geometry.capacity - start
            start = 0
        seq = words[layout.P_NEXT_SEQ]
        words[layout.P_RESERVED] = self._position + size
        record = geometry.entry_word(seq)
        words[record + layout.E_SEQ] = 0
        offset = geometry.data_offset + start
        self._segment.mapping[offset : offset + size] = data
        words[record + layout.E_POSITION], words[record + layout.E_SIZE] = self._position, size
        words[record + layout.E_PTS], words[record + layout.E_STAMP_US] = pts & _MASK, stamp_us & _MASK
        words[record + layout.E_FLAGS] = layout.FLAG_KEY if key else 0
        words[record + layout.E_SEQ] = seq
        if key:
            words[layout.P_LAST_KEY_SEQ] = seq
        words[layout.P_NEXT_SEQ] = seq + 1
        self._position += size
        return seq
