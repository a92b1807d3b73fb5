"""Trials of the media libraries for the doctor, each in a process of its own as they may abort or hang."""

from __future__ import annotations

import contextlib
import importlib
import json
import mmap
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

LIBRARIES = ("numpy", "av", "aiortc", "cv2", "sounddevice", "soxr", "livekit.rtc")
PICTURES = 10
# The two ends of a mapped file say these to each other.
HELLO, ANSWER = b"hello", b"reply"


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run the trial named first, with the other arguments; print what it found as one line of JSON."""
    del overrides
    name, *args = argv or [""]
    if name not in TRIALS:
        print(f"usage: operator-console probe-media {{{','.join(TRIALS)}}} [ARGUMENT ...]", file=sys.stderr)
        return 2
    with contextlib.redirect_stdout(None):  # libraries that print must not spoil the line
        found = TRIALS[name](*args)
    print(json.dumps(found))
    return 0


def libraries() -> dict[str, str]:
    """Import each library; return the version of each, or "!" and what was wrong."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        module = importlib.import_module(name)
    except (
        ImportError,
        OSError,
        RuntimeError,
    ) as error:  # OSError: sounddevice without the PortAudio library
        return f"!{error}"
    return str(getattr(module, "__version__", ""))


def codecs() -> dict[str, str]:
    """Encode and decode with each codec the product uses; return "" for what works, else what was wrong."""
    trials = {
        "H.264": lambda: _picture_trip("libx264", "h264", {"preset": "superfast", "tune": "zerolatency"}),
        "VP8": lambda: _picture_trip("libvpx", "vp8", {"deadline": "realtime", "lag-in-frames": "0"}),
        "Opus": lambda: _sound_trip("libopus", "opus", "s16"),
        "AAC": lambda: _sound_trip("aac", "aac", "fltp"),
    }
    return {name: _wrong(trial) for name, trial in trials.items()}


def _wrong(trial: Callable[[], int]) -> str:
    try:
        decoded = trial()
    except (OSError, ValueError, RuntimeError) as error:  # FFmpeg's errors are kinds of these
        return f"{type(error).__name__}: {error}"
    return "" if decoded >= PICTURES - 1 else f"only {decoded} of {PICTURES} came back"


def _picture_trip(encoder: str, decoder: str, options: dict[str, str]) -> int:
    """Encode and decode pictures with a moving edge; return how many came back in the right size."""
    from fractions import Fraction

    import av
    from av.video.codeccontext import VideoCodecContext

    context = cast(VideoCodecContext, av.CodecContext.create(encoder, "w"))
    context.width, context.height, context.pix_fmt = 320, 180, "yuv420p"
    context.time_base, context.bit_rate, context.options = Fraction(1, 30), 300_000, options
    frame, packets = av.VideoFrame(320, 180, "yuv420p"), []
    for plane in frame.planes:
        plane.update(bytes([128]) * plane.buffer_size)
    for number in range(PICTURES):
        frame.planes[0].update(bytes([40 + 10 * number]) * frame.planes[0].buffer_size)
        frame.pts = number
        packets += context.encode(frame)
    packets += context.encode(None)
    reader = cast(VideoCodecContext, av.CodecContext.create(decoder, "r"))
    pictures = [picture for packet in [*packets, None] for picture in reader.decode(packet)]
    return sum((picture.width, picture.height) == (320, 180) for picture in pictures)


def _sound_trip(encoder: str, decoder: str, sample_format: str) -> int:
    """Encode and decode silence at 48 kHz stereo; return how many blocks came back."""
    import av
    from av.audio.codeccontext import AudioCodecContext

    context = cast(AudioCodecContext, av.CodecContext.create(encoder, "w"))
    context.sample_rate, context.layout, context.format = 48_000, "stereo", sample_format
    context.open()
    packets = []
    for number in range(PICTURES):
        block = av.AudioFrame(sample_format, "stereo", context.frame_size)
        for plane in block.planes:
            plane.update(bytes(plane.buffer_size))
        block.sample_rate, block.pts = 48_000, number * context.frame_size
        packets += context.encode(block)
    packets += context.encode(None)
    reader = cast(AudioCodecContext, av.CodecContext.create(decoder, "r"))
    reader.sample_rate, reader.layout = 48_000, "stereo"
    if context.extradata:
        reader.extradata = context.extradata
    return sum(1 for packet in packets for _ in reader.decode(packet))


def hardware(*launcher: str) -> list[str]:
    """Return the hardware encoders that really encode here; `launcher` starts the trial `encoder NAME`."""
    from media.video.hardware import CANDIDATES, works

    return [name for name in CANDIDATES.get(sys.platform, ()) if works(name, launcher=launcher)]


def encoder(name: str) -> bool:
    """Let one hardware encoder encode ten pictures; raises where it cannot."""
    from media.video.hardware import try_encoder

    try_encoder(name)
    return True


def mapping(file: str) -> int:
    """Wait for the greeting in a mapped file and answer it; return this process's id."""
    with Path(file).open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as mapped:
        deadline = time.monotonic() + 5
        while mapped[: len(HELLO)] != HELLO:
            if time.monotonic() > deadline:
                raise TimeoutError("no greeting in the mapped file")
            time.sleep(0.005)
        mapped[: len(ANSWER)] = ANSWER
    return os.getpid()


TRIALS: dict[str, Callable[..., Any]] = {
    trial.__name__: trial for trial in (libraries, codecs, hardware, encoder, mapping)
}
