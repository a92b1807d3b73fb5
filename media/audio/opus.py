"""Opus encoder for the mixes: mono, 20 ms, raw packets for a packet ring; silence is not sent."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt

from media.bus.layout import BLOCK_SAMPLES, SAMPLE_RATE_HZ

I16 = npt.NDArray[np.int16]

ENCODER_DELAY_US = 6_500
"""Look-ahead of libopus (312 samples; also in browsers): what a packet decodes to was said that much before
its time stamp."""
SILENCE_PEAK = 8
"""A block without a sample above this (-72 dBFS) is silence."""
SILENCE_BLOCKS = 10
"""Silent blocks that are still sent, so that a decoder fades out by itself."""
REFRESH_BLOCKS = 20
"""Then only each 20th is sent, as Opus' own DTX does (RFC 6716 section 2.1.9: every 400 ms)."""


class OpusEncoder:
    """Encodes int16 blocks of 960 samples; one thread calls it.

    ``dtx``: FFmpeg's libopus has no DTX switch (it sends 7-byte packets for silence), so silent blocks
    are left out here; receivers take the gap in the time stamps for what it is. ``fec``: a packet carries
    a coarse copy of the one before it, for ``loss_percent`` expected loss.
    """

    def __init__(
        self,
        bit_rate_bps: int = 32_000,
        complexity: int = 5,
        dtx: bool = True,
        fec: bool = False,
        loss_percent: int = 10,
    ) -> None:
        context = av.CodecContext.create("libopus", "w")
        context.sample_rate, context.bit_rate = SAMPLE_RATE_HZ, bit_rate_bps
        context.layout, context.format = "mono", "s16"
        context.time_base = Fraction(1, SAMPLE_RATE_HZ)
        context.options = {
            "application": "voip",
            "frame_duration": "20",
            "compression_level": str(complexity),
            "fec": str(int(fec)),
            "packet_loss": str(loss_percent if fec else 0),
        }
        context.open()
        self._context = context
        self._dtx = dtx
        self._silent = SILENCE_BLOCKS
        self._samples = 0

    def encode(self, block: I16) -> bytes | None:
        """Encode the next block, shape (960,); None where silence need not be sent."""
        if self._dtx and self._pausing(block):
            return None
        frame = av.AudioFrame(format="s16", layout="mono", samples=BLOCK_SAMPLES)
        frame.planes[0].update(block.tobytes())
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, self._samples
        self._samples += BLOCK_SAMPLES
        packets = self._context.encode(frame)
        return bytes(packets[0]) if packets else None

    def _pausing(self, block: I16) -> bool:
        if int(block.max(initial=0)) > SILENCE_PEAK or int(block.min(initial=0)) < -SILENCE_PEAK:
            self._silent = 0
            return False
        self._silent += 1
        return self._silent > SILENCE_BLOCKS and self._silent % REFRESH_BLOCKS != 0


class OpusDecoder:
    """Decodes Opus packets to mono int16 at 48 kHz; for simulated clients and tests."""

    def __init__(self) -> None:
        context = av.CodecContext.create("libopus", "r")
        context.sample_rate, context.layout, context.format = SAMPLE_RATE_HZ, "mono", "s16"
        self._context = context

    def decode(self, data: bytes) -> I16:
        """The samples of one packet. Raises av.FFmpegError where it is damaged."""
        frames = self._context.decode(av.Packet(data))
        parts = [frame.to_ndarray().reshape(-1) for frame in frames]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)
