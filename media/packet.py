"""Encoded packets as they travel from the encoders to fan-out, recorder and livestream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Codec = Literal["h264", "vp8", "aac"]

VIDEO_CLOCK_HZ = 90_000
AUDIO_CLOCK_HZ = 48_000


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """One access unit.

    ``data``: Annex B with in-band SPS/PPS (h264), a VP8 frame, or a raw AAC frame. ``stamp_us``: capture time
    on the bus clock, the one by which sound and picture belong together. ``pts``: the same instant in 1/90000
    s (video) or in samples (audio). There are no B-frames, so decoding order is presentation order.
    """

    data: bytes
    stamp_us: int
    pts: int
    key: bool
    codec: Codec

    @property
    def is_video(self) -> bool:
        """Whether it is a picture."""
        return self.codec != "aac"
