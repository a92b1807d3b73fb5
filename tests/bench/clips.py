"""Clips for benches: offices with sensor noise, as pictures and as H.264."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from media.outputs.mp4file import HybridMp4
from media.packet import EncodedPacket
from media.video.encoder import RETURN_360P15, VideoEncoder, VideoProfile
from media.video.i420 import Planes, new_frame
from media.video.testcard import Card, Testcard

TILE = replace(RETURN_360P15, width_px=320, height_px=180, bit_rate_bps=150_000, gop_ms=10_000)
SPOTLIGHT = replace(
    RETURN_360P15, width_px=1280, height_px=720, fps=30, bit_rate_bps=1_500_000, gop_ms=10_000
)
NOISE_LEVELS = 2.5


def pictures(number: int, profile: VideoProfile, seconds: float) -> list[Planes]:
    """The pictures of one office, with noise as a cheap camera makes it; fixed by the number."""
    rng = np.random.default_rng(number)
    card = Testcard(Card(number), profile.width_px, profile.height_px)
    noise = rng.normal(0, NOISE_LEVELS, (8, profile.height_px, profile.width_px)).astype(np.int16)
    found = []
    for index in range(round(seconds * profile.fps)):
        planes = card.planes(index * 1_000_000 // profile.fps)
        shift = int(rng.integers(0, profile.width_px))
        grain = np.roll(noise[index % 8], shift, axis=1)
        luma = np.clip(planes.y.astype(np.int16) + grain, 16, 235).astype(np.uint8)
        found.append(Planes(luma, planes.u, planes.v))
    return found


def encoded(number: int, profile: VideoProfile, seconds: float) -> list[EncodedPacket]:
    """The packets of one office."""
    encoder = VideoEncoder(profile)
    frame, target = new_frame(profile.width_px, profile.height_px)
    packets = []
    for index, planes in enumerate(pictures(number, profile, seconds)):
        target.copy_from(planes)
        packets += encoder.encode(frame, index * 1_000_000 // profile.fps)
    return packets


def write_clip(path: Path, number: int, profile: VideoProfile, seconds: float) -> Path:
    """A clip as an MP4 file."""
    file = HybridMp4(path, profile, None)
    for packet in encoded(number, profile, seconds):
        file.write(packet)
    file.close()
    return path
