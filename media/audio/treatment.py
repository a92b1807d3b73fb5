"""Makes the treatment of the hall's microphone: which canceller, and by how much it is late."""

from __future__ import annotations

from media.audio.echo.canceller import LATENCY_SAMPLES, EchoCanceller, Mode
from media.audio.microphone import Treatment

NOISE_LATENCY, STRONG_LATENCY = 288, 720
"""6 and 15 ms at 48 kHz."""


def make_treatment(mode: Mode, *, noise_suppression: bool, gain_control: bool) -> Treatment:
    """A canceller that knows nothing of the room yet. Loads WebRTC's library: takes up to a second."""
    canceller = EchoCanceller(mode, noise_suppression=noise_suppression, gain_control=gain_control)
    delay = {"full": LATENCY_SAMPLES, "strong": STRONG_LATENCY, "off": 0}[mode]
    delay += NOISE_LATENCY if noise_suppression and mode != "strong" else 0
    return Treatment(canceller, delay)
