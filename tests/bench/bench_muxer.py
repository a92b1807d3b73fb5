"""What the open MP4 keeps in memory: the sample table grows until the file is closed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psutil

from media.outputs.aac import AudioProfile
from media.outputs.mp4file import HybridMp4
from media.packet import EncodedPacket
from media.video.encoder import AIR_720P30, VideoEncoder
from media.video.i420 import new_frame
from tests.bench.measure import figure

WARM_UP, MINUTES = 1, 15
FPS, SOUND_SAMPLES, RATE_HZ = 30, 1024, 48_000


def _record(file: HybridMp4, packets: list[EncodedPacket], minutes: range) -> None:
    """Write these minutes of a recording as fast as it goes."""
    for number in range(minutes.start * 60 * FPS, minutes.stop * 60 * FPS):
        found, stamp_us = packets[number % len(packets)], number * 1_000_000 // FPS
        file.write(EncodedPacket(found.data, stamp_us, stamp_us * 9 // 100, found.key, found.codec))
        first, after = (at * RATE_HZ // FPS // SOUND_SAMPLES for at in (number, number + 1))
        for sound in range(first, after):
            at = sound * SOUND_SAMPLES
            file.write(EncodedPacket(bytes(340), at * 1_000_000 // RATE_HZ, at, True, "aac"))


def run() -> Iterable[dict[str, Any]]:
    """Growth of this process's own memory while the file is open."""
    encoder, (frame, _) = VideoEncoder(AIR_720P30), new_frame(1280, 720)
    packets = [one for at in range(60) for one in encoder.encode(frame, at * 1_000_000 // FPS)]
    own = psutil.Process()
    with tempfile.TemporaryDirectory(prefix="bench-muxer-") as name:
        file = HybridMp4(Path(name) / "long.mp4", AIR_720P30, AudioProfile())
        _record(file, packets, range(WARM_UP))
        before = own.memory_full_info().uss
        _record(file, packets, range(WARM_UP, MINUTES))
        grown = (own.memory_full_info().uss - before) / 1e6
        file.close()
    yield figure("muxer memory", [grown / (MINUTES - WARM_UP)], "MB/min", 0.5, "lower")
