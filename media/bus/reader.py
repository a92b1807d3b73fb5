"""Reader side of the media bus; survives the writer's death and follows it to its next generation."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.bus import layout
from media.bus.segment import BusError, Segment, current_path, open_segment

STALE_US = 2_000_000
"""A writer whose heart has not beaten for this long counts as gone."""


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


class _Reader:
    """Attaches to the newest generation of a segment and re-attaches when `refresh` finds a newer one."""

    kind = 0

    def __init__(self, directory: Path, name: str) -> None:
        self.directory = directory
        self.name = name
        self._segment: Segment | None = None
        self.refresh()

    @property
    def attached(self) -> bool:
        """Whether a segment is mapped (its writer may be dead all the same)."""
        return self._segment is not None

    @property
    def generation(self) -> int:
        """Random number of the writer's run, 0 while not attached."""
        return self._segment.epoch if self._segment else 0

    def writer_alive(self) -> bool:
        """Whether the writer's heart has beaten lately."""
        if self._segment is None:
            return False
        return time.monotonic_ns() // 1000 - self._segment.words[layout.H_HEARTBEAT_US] < STALE_US

    def refresh(self) -> bool:
        """Look for a newer generation (cheap; call it about twice a second). True if another one was
        mapped.
        """
        path = current_path(self.directory, self.name)
        if path is None or (self._segment is not None and self._segment.path == path):
            return False
        try:
            segment = open_segment(path, self.kind)
        except BusError:
            return False
        size_bytes = self._attach(segment)
        if not 0 < size_bytes <= len(segment.bytes):
            segment.release()  # a damaged header; the next generation will be right
            self.close()
            return False
        if self._segment is not None:
            self._segment.release()
        self._segment = segment
        return True

    def _attach(self, segment: Segment) -> int:
        """Take over the geometry of a segment; returns the size it must have, 0 where it cannot be right."""
        raise NotImplementedError

    def close(self) -> None:
        """Let the mapping go."""
        if self._segment is not None:
            self._segment.release()
            self._segment = None


class VideoReader(_Reader):
    """Reads the newest picture of each slot without copying."""

    kind = layout.KIND_VIDEO

    def _attach(self, segment: Segment) -> int:
        words = segment.words
        self.geometry = layout.VideoGeometry(
            words[layout.H_COUNT], words[layout.H_BUFFERS], words[layout.H_CAPACITY]
        )
        return self.geometry.size_bytes if self.geometry.buffers else 0

    @property
    def count(self) -> int:
        """Number of slots, 0 while not attached."""
        return self.geometry.count if self._segment else 0

    def seq(self, slot: int) -> int:
        """Number of the newest picture in a slot; 0 while there was none."""
        if self._segment is None or slot >= self.geometry.count:
            return 0
        return self._segment.words[self.geometry.slot_word(slot)]

    def picture(self, slot: int) -> layout.Picture | None:
        """The newest picture of a slot as a view of shared memory, or None where there is none."""
        segment, geometry = self._segment, getattr(self, "geometry", None)
        if segment is None or geometry is None or slot >= geometry.count:
            return None
        words = segment.words
        seq = words[geometry.slot_word(slot)]
        buffer = seq % geometry.buffers
        record = geometry.buffer_word(slot, buffer)
        fmt, width, height = (words[record + i] for i in (layout.B_FORMAT, layout.B_WIDTH, layout.B_HEIGHT))
        size = layout.picture_bytes(fmt, width, height)
        # The writer may be the room worker, which parses what the network sends: it is not believed.
        if seq == 0 or words[record + layout.B_SEQ] != seq or not 0 < size <= geometry.capacity:
            return None
        offset = geometry.buffer_offset(slot, buffer)
        stamp = _signed(words[record + layout.B_STAMP_US])
        return layout.Picture(seq, stamp, fmt, width, height, segment.bytes[offset : offset + size])

    def torn(self, slot: int, picture: layout.Picture) -> bool:
        """Whether the writer may have begun to overwrite a picture while it was being used."""
        segment = self._segment
        if segment is None:
            return False
        record = self.geometry.buffer_word(slot, picture.seq % self.geometry.buffers)
        return segment.words[record + layout.B_SEQ] != picture.seq


class AudioReader(_Reader):
    """Reads blocks of audio rings by index."""

    kind = layout.KIND_AUDIO

    def _attach(self, segment: Segment) -> int:
        words = segment.words
        self.geometry = layout.AudioGeometry(
            words[layout.H_COUNT], words[layout.H_BUFFERS], words[layout.H_CHANNELS]
        )
        return self.geometry.size_bytes if self.geometry.blocks and self.geometry.channels else 0

    def head(self, slot: int) -> int:
        """Index after the newest block of a ring; 0 while it is empty."""
        if self._segment is None or slot >= self.geometry.count:
            return 0
        return self._segment.words[self.geometry.slot_word(slot) + layout.A_HEAD]

    def read(self, slot: int, index: int) -> layout.AudioBlock | None:
        """Copy one block out; None where it was never written (lost) or has been overwritten."""
        segment = self._segment
        if segment is None or index < 0 or slot >= self.geometry.count:
            return None
        words, record = segment.words, self.geometry.block_word(slot, index)
        if words[record + layout.K_INDEX] != index + 1:
            return None
        offset = self.geometry.block_offset(slot, index)
        samples = np.frombuffer(
            segment.mapping, np.int16, layout.BLOCK_SAMPLES * self.geometry.channels, offset
        ).copy()
        stamp = _signed(words[record + layout.K_STAMP_US])
        level, flags = _signed(words[record + layout.K_LEVEL_CDB]), words[record + layout.K_FLAGS]
        if words[record + layout.K_INDEX] != index + 1:
            return None
        if self.geometry.channels > 1:
            samples = samples.reshape(layout.BLOCK_SAMPLES, self.geometry.channels)
        return layout.AudioBlock(index, stamp, level / 100.0, flags, samples)

    def stretches(self, slot: int, first: int, end: int) -> list[tuple[int, int, npt.NDArray[np.int16]]]:
        """Copy blocks ``first`` to ``end`` (not with it) out, as stretches without a gap: (index of its first
        block, stamp of its first block, samples). A tenth of what block after block costs.
        """
        found: list[tuple[int, int, npt.NDArray[np.int16]]] = []
        segment = self._segment
        if segment is None or slot >= self.geometry.count:
            return found
        words, geometry = segment.words, self.geometry
        records = {index: geometry.block_word(slot, index) for index in range(max(0, first), end)}
        there = [index for index, record in records.items() if words[record + layout.K_INDEX] == index + 1]
        for begin, count in _without_gaps(there, geometry.blocks):
            size, offset = layout.BLOCK_SAMPLES * geometry.channels, geometry.block_offset(slot, begin)
            samples = np.frombuffer(segment.mapping, np.int16, size * count, offset).copy()
            stamp = _signed(words[records[begin] + layout.K_STAMP_US])
            whole = all(words[records[n] + layout.K_INDEX] == n + 1 for n in range(begin, begin + count))
            if whole:
                found.append((begin, stamp, samples))
        return found

    def level_db(self, slot: int) -> float:
        """RMS level of the newest block in dBFS, or what its writer noted; -120 where that is 200 ms old."""
        if self._segment is None or slot >= self.geometry.count:
            return layout.SILENCE_CDB / 100.0
        words, head = self._segment.words, self.geometry.slot_word(slot)
        age_us = time.monotonic_ns() // 1000 - words[head + layout.A_LEVEL_STAMP_US]
        if age_us > 200_000:
            return layout.SILENCE_CDB / 100.0
        return _signed(words[head + layout.A_LEVEL_CDB]) / 100.0


def _without_gaps(indices: list[int], blocks: int) -> list[tuple[int, int]]:
    """Rising indices as (first, count) of what lies together in a ring of so many blocks."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and index == runs[-1][0] + runs[-1][1] and index % blocks:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((index, 1))
    return runs


class PacketReader(_Reader):
    """Follows a packet ring; starts at the newest key packet, counts what it lost."""

    kind = layout.KIND_PACKET

    def __init__(self, directory: Path, name: str) -> None:
        self.lost_packets = 0
        self._next = 0
        super().__init__(directory, name)

    def _attach(self, segment: Segment) -> int:
        words = segment.words
        self.geometry = layout.PacketGeometry(words[layout.H_COUNT], words[layout.H_CAPACITY])
        self._next = 0
        return self.geometry.size_bytes if self.geometry.entries and self.geometry.capacity else 0

    def _start(self, segment: Segment, next_seq: int) -> int:
        key = segment.words[layout.P_LAST_KEY_SEQ]
        return key if key and next_seq - key < self.geometry.entries // 2 else next_seq

    def read(self, limit: int = 64) -> list[layout.BusPacket]:
        """Up to ``limit`` packets that came since the last call, oldest first; each is whole or not there."""
        segment = self._segment
        if segment is None:
            return []
        next_seq = segment.words[layout.P_NEXT_SEQ]
        if self._next == 0:
            self._next = self._start(segment, next_seq)
        found: list[layout.BusPacket] = []
        while self._next < next_seq and len(found) < limit:
            packet = self._packet(segment, self._next)
            if packet is None:
                restart = max(self._start(segment, next_seq), self._next + 1)
                self.lost_packets += restart - self._next
                self._next = restart
                continue
            found.append(packet)
            self._next += 1
        return found

    def _packet(self, segment: Segment, seq: int) -> layout.BusPacket | None:
        words, record = segment.words, self.geometry.entry_word(seq)
        if words[record + layout.E_SEQ] != seq:
            return None
        position, size = words[record + layout.E_POSITION], words[record + layout.E_SIZE]
        offset = self.geometry.data_offset + position % self.geometry.capacity
        data = bytes(segment.bytes[offset : offset + size])
        pts, stamp = _signed(words[record + layout.E_PTS]), _signed(words[record + layout.E_STAMP_US])
        flags = words[record + layout.E_FLAGS]
        overwritten = words[layout.P_RESERVED] - position > self.geometry.capacity
        if overwritten or words[record + layout.E_SEQ] != seq:
            return None
        return layout.BusPacket(seq, data, pts, stamp, bool(flags & layout.FLAG_KEY))
