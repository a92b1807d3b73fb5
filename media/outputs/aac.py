"""AAC encoder of the program sound, with time stamps that follow the capture clock."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from media.packet import AUDIO_CLOCK_HZ, EncodedPacket

Samples = npt.NDArray[np.int16]

GAP_SAMPLES = AUDIO_CLOCK_HZ * 60 // 1000
"""Stamps may wander this far from the count of samples before silence is put in or sound is dropped."""
MAX_SILENCE_SAMPLES = AUDIO_CLOCK_HZ * 10


@dataclass(frozen=True, slots=True)
class AudioProfile:
    """What the encoder is asked for."""

    bit_rate_bps: int = 128_000
    channels: int = 2
    sample_rate_hz: int = AUDIO_CLOCK_HZ


def alignment(next_sample: int, wanted_sample: int, tolerance: int = GAP_SAMPLES) -> int:
    """Samples to insert (positive) or to drop (negative) before a block so that its stamp holds; mostly 0."""
    difference = wanted_sample - next_sample
    return 0 if abs(difference) <= tolerance else difference


def _stereo(block: Samples, channels: int) -> Samples:
    if block.ndim == 1:
        block = block[:, None]
    if block.shape[1] == channels:
        return block
    return np.repeat(block[:, :1], channels, axis=1)


class AacEncoder:
    """Encodes int16 blocks at 48 kHz; one thread calls it."""

    def __init__(self, profile: AudioProfile | None = None) -> None:
        """Open the encoder; ``profile`` defaults to 128 kb/s stereo."""
        self.profile = profile or AudioProfile()
        context = av.CodecContext.create("aac", "w")
        context.sample_rate, context.bit_rate = self.profile.sample_rate_hz, self.profile.bit_rate_bps
        context.layout = "stereo" if self.profile.channels == 2 else "mono"
        context.format = "fltp"
        context.time_base = Fraction(1, self.profile.sample_rate_hz)
        context.open()
        self._context = context
        self._pending = np.zeros((0, self.profile.channels), np.int16)
        self._next: int | None = None
        self.inserted_samples = 0
        self.dropped_samples = 0

    @property
    def config(self) -> bytes:
        """The AudioSpecificConfig (ISO 14496-3) that RTMP and MP4 need once."""
        return bytes(self._context.extradata or b"")

    def encode(self, block: Samples, stamp_us: int) -> list[EncodedPacket]:
        """Encode one block, shape (n,) or (n, channels), whose first sample is of ``stamp_us`` (bus clock).

        Returns the packets that became complete, each stamped with the capture time of its first sample (the
        encoder's own delay of 1024 samples is taken off). A gap in the stamps is filled with silence, an
        overlap is cut.
        """
        wanted = stamp_us * self.profile.sample_rate_hz // 1_000_000
        if self._next is None:
            self._next = wanted
        block = self._align(_stereo(block, self.profile.channels), alignment(self._next, wanted))
        self._next += len(block)
        pending = np.concatenate([self._pending, block])
        first = self._next - len(pending)
        size = self._context.frame_size
        packets: list[EncodedPacket] = []
        used = 0
        while len(pending) - used >= size:
            packets += self._encode_frame(pending[used : used + size], first + used)
            used += size
        self._pending = pending[used:].copy()
        return packets

    def _align(self, block: Samples, shift: int) -> Samples:
        if shift == 0:
            return block
        if shift < 0:
            self.dropped_samples += min(-shift, len(block))
            return block[-shift:]
        silence = min(shift, MAX_SILENCE_SAMPLES)
        self.inserted_samples += silence
        if self._next is not None:
            self._next += shift - silence
        return np.concatenate([np.zeros((silence, self.profile.channels), np.int16), block])

    def _encode_frame(self, samples: Samples, first_sample: int) -> list[EncodedPacket]:
        planar = np.ascontiguousarray(samples.T.astype(np.float32) / 32768.0)
        frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout=self._context.layout.name)
        frame.sample_rate, frame.pts = self.profile.sample_rate_hz, first_sample
        frame.time_base = Fraction(1, self.profile.sample_rate_hz)
        return [self._packet(packet) for packet in self._context.encode(frame)]

    def _packet(self, packet: av.Packet[Any]) -> EncodedPacket:
        pts = packet.pts or 0
        stamp_us = pts * 1_000_000 // self.profile.sample_rate_hz
        return EncodedPacket(bytes(packet), stamp_us, pts, True, "aac")

    def close(self) -> list[EncodedPacket]:
        """Drain the encoder; it cannot be used afterwards."""
        return [self._packet(packet) for packet in self._context.encode(None)]
