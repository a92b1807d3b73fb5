"""Which hardware encoders really work here, each tried in a child process because drivers crash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

from media.video.encoder import AIR_720P30, HARDWARE_OPTIONS, VideoEncoder
from media.video.i420 import new_frame

PROBE_FRAMES = 10
LAUNCHER = (sys.executable, "-m", "media.video.hardware")
"""Command that runs `try_encoder` on the name after it; an installed program has another one."""
CANDIDATES = {
    "linux": ("h264_nvenc", "h264_qsv", "h264_amf"),
    "win32": ("h264_nvenc", "h264_qsv", "h264_amf", "h264_mf"),
    "darwin": ("h264_videotoolbox",),
}


def try_encoder(name: str) -> None:
    """Encode ten pictures; raises where one is missing or late, or no key picture comes on demand."""
    encoder = VideoEncoder(replace(AIR_720P30, encoder=name))
    frame, planes = new_frame(1280, 720)
    keys = []
    for number in range(PROBE_FRAMES):
        planes.y[:] = 40 + 10 * number
        if number == 5:
            encoder.request_key()
        packets = encoder.encode(frame, number * 33_333)
        keys += [p for p in packets if p.key]
        if number >= 2 and not packets:
            raise RuntimeError(f"{name} delays pictures")
    if encoder.frames != PROBE_FRAMES or len(keys) != 2:
        raise RuntimeError(f"{name} gave {len(keys)} key pictures instead of 2")
    if any(b"\x00\x00\x01\x67" not in key.data and b"\x00\x00\x01\x27" not in key.data for key in keys):
        raise RuntimeError(f"{name} sends no parameter sets with its key pictures")


def works(name: str, timeout_s: float = 15.0, launcher: Sequence[str] = LAUNCHER) -> bool:
    """Whether an encoder passes the trial in a child process in time; blocks, so call it from a thread."""
    try:
        done = subprocess.run([*launcher, name], timeout=timeout_s, capture_output=True, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def probe_hardware(timeout_s: float = 15.0) -> list[str]:
    """The hardware encoders that passed here, best first; takes seconds, so call it once from a thread."""
    return [
        name
        for name in CANDIDATES.get(sys.platform, ())
        if name in HARDWARE_OPTIONS and works(name, timeout_s)
    ]


if __name__ == "__main__":
    try_encoder(sys.argv[1])
