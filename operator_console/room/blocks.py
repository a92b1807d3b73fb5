"""Puts decoded sound on the bus's grid of 20 ms blocks, so that what was lost is a missing block. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ

I16 = npt.NDArray[np.int16]
JUMP_SAMPLES = 20 * SAMPLE_RATE_HZ
"""A time stamp further off than this is a new stream (or an attack on the grid), not a pause."""


class BlockGrid:
    """Maps RTP time stamps of one stream to block indices; a new stream goes on behind the one before."""

    def __init__(self) -> None:
        self._origin: int | None = None
        """Time stamp that stands at `_base`."""
        self._base = 0
        self._newest = 0
        self._newest_stamp_us = 0
        self._part: tuple[int, I16, int] | None = None
        """Index, samples and fill of a block that came in pieces shorter than 20 ms."""

    def restart(self) -> None:
        """Another stream begins (a new connection); its blocks will follow those written."""
        self._origin = None
        self._part = None

    def blocks(self, samples: I16, rtp_ts: int, stamp_us: int) -> Iterator[tuple[int, I16, int]]:
        """Yield (index, 960 samples, capture time) for decoded mono samples beginning at this time stamp."""
        offset = self._offset(rtp_ts, stamp_us)
        if offset < 0:
            return
        index, inside = divmod(offset, BLOCK_SAMPLES)
        at = 0
        while at < len(samples):
            piece = samples[at : at + BLOCK_SAMPLES - inside]
            begins_us = stamp_us + (at - inside) * 1_000_000 // SAMPLE_RATE_HZ
            if len(piece) == BLOCK_SAMPLES:
                yield self._noted(index, piece, begins_us)
            else:
                whole = self._fill(index, inside, piece)
                if whole is not None:
                    yield self._noted(index, whole, begins_us)
            at += len(piece)
            index, inside = index + 1, 0

    def _offset(self, rtp_ts: int, stamp_us: int) -> int:
        """Samples since the grid began."""
        if self._origin is not None:
            since = ((rtp_ts - self._origin + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            if abs(since + (self._base - self._newest) * BLOCK_SAMPLES) <= JUMP_SAMPLES:
                if since > 0x40000000:  # re-anchor long before the 32 bits wrap (12 h)
                    self._base += since // BLOCK_SAMPLES
                    self._origin = (self._origin + since // BLOCK_SAMPLES * BLOCK_SAMPLES) & 0xFFFFFFFF
                    since %= BLOCK_SAMPLES
                return self._base * BLOCK_SAMPLES + since
        pause = max(1, min(500, (stamp_us - self._newest_stamp_us) // BLOCK_US)) if self._newest else 1
        self._origin, self._base = rtp_ts, self._newest + pause
        return self._base * BLOCK_SAMPLES

    def _fill(self, index: int, inside: int, piece: I16) -> I16 | None:
        """Collect pieces of one block; returns it with its last piece (what is lost stays silent)."""
        if self._part is None or self._part[0] != index:
            self._part = (index, np.zeros(BLOCK_SAMPLES, np.int16), 0)
        _, whole, filled = self._part
        whole[inside : inside + len(piece)] = piece
        filled += len(piece)
        if inside + len(piece) < BLOCK_SAMPLES and filled < BLOCK_SAMPLES:
            self._part = (index, whole, filled)
            return None
        self._part = None
        return whole

    def _noted(self, index: int, samples: I16, stamp_us: int) -> tuple[int, I16, int]:
        if index >= self._newest:
            self._newest, self._newest_stamp_us = index, stamp_us
        return index, samples, stamp_us
