"""How fast two clocks run apart, from how the echo path slides against a frozen copy of itself."""

from __future__ import annotations

from collections import deque

import numpy as np

from media.audio.echo.bands import LOW_RATE_HZ

SPAN_S = 60.0
"""Points older than this are forgotten."""
_LEAST_POINTS = 6
_PLAUSIBLE_PPM = 450.0


class DriftFit:
    """A line through (time, delay) points; each run of points has an offset of its own.

    A run ends where the frozen path is renewed or the delay jumps; the slope is common to all runs.
    """

    def __init__(self) -> None:
        self._points: deque[tuple[int, float, float]] = deque(maxlen=int(SPAN_S * 4))
        self._run = 0

    def end_run(self) -> None:
        """What follows has another offset."""
        self._run += 1

    def add(self, at_s: float, delay: float) -> None:
        """One delay in low samples, as it would be without any resampling."""
        self._points.append((self._run, at_s, delay))
        while self._points[0][1] < at_s - SPAN_S:
            self._points.popleft()

    def ppm(self) -> tuple[float, float] | None:
        """(ppm by which the loudspeaker's clock is faster, its standard error), or None: not known yet."""
        if len(self._points) < _LEAST_POINTS:
            return None
        table = np.array(self._points)
        run, at, delay = table.T
        _, index, count = np.unique(run, return_inverse=True, return_counts=True)
        at = at - (np.bincount(index, at) / count)[index]
        weight = np.ones(len(at))
        for _ in range(3):  # re-weighted: points under near-end speech or a strong reflection stray
            total = np.bincount(index, weight)
            delay = delay - (np.bincount(index, weight * delay) / total)[index]
            at = at - (np.bincount(index, weight * at) / total)[index]
            spread = float((weight * at) @ at)
            if spread < 1e-3:
                return None
            slope = float((weight * at) @ delay) / spread
            rest = delay - slope * at
            scale = 1.5 * float(np.median(np.abs(rest))) + 0.01
            weight = 1.0 / (1.0 + (rest / (2.0 * scale)) ** 2)
        ppm = -slope / LOW_RATE_HZ * 1e6
        # Neighbouring points share half their samples: worth half as many.
        error = scale * np.sqrt(2.0 / spread) / LOW_RATE_HZ * 1e6
        return (ppm, error) if abs(ppm) < _PLAUSIBLE_PPM else None
