"""Clocks of sound devices against each other and against the bus: all by counted samples, none by waiting."""

from __future__ import annotations

CLAMP_PPM = 300.0
JUMP_US = 60_000
SMOOTH = 0.02
"""Share of one callback in the smoothed place in time: about half a second of callbacks."""


class SampleClock:
    """When a frame of a device was captured, on the bus clock: from the marks of its callbacks, smoothed."""

    def __init__(self, rate_hz: int) -> None:
        self._frame_us = 1e6 / rate_hz
        self._origin_us: float | None = None

    def mark(self, frame: int, stamp_us: int) -> None:
        """The callback saw this frame captured at this bus time."""
        origin_us = stamp_us - frame * self._frame_us
        if self._origin_us is None or abs(origin_us - self._origin_us) > JUMP_US:
            self._origin_us = origin_us
        else:
            self._origin_us += SMOOTH * (origin_us - self._origin_us)

    def at_us(self, frame: float) -> int | None:
        """Bus time of a frame, None before the first mark."""
        return None if self._origin_us is None else round(self._origin_us + frame * self._frame_us)


class Steering:
    """Holds a level of waiting samples near a goal by a slow change of rate, which nobody hears.

    Proportional only: the rate settles at the true difference of the clocks and the level off its goal by
    `seconds` times that; it cannot hunt, which the echo canceller would take for drift.
    """

    def __init__(self, goal: float, rate_hz: int, seconds: float, smooth: float) -> None:
        """`smooth`: share of one observation in the smoothed level."""
        self.goal = goal
        self._per_sample_ppm = 1e6 / (rate_hz * seconds)
        self._smooth = smooth
        self._level: float | None = None
        self.ppm = 0.0
        """By how much faster the waiting samples are to be used up."""

    def observe(self, level: float) -> float:
        """Take a level; returns the ppm to steer by."""
        self._level = level if self._level is None else self._level + self._smooth * (level - self._level)
        ppm = (self._level - self.goal) * self._per_sample_ppm
        self.ppm = min(CLAMP_PPM, max(-CLAMP_PPM, ppm))
        return self.ppm

    def restart(self) -> None:
        """The level was changed by force."""
        self._level = None
