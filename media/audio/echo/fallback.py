"""Decides whether the full-duplex canceller does its work, or WebRTC's has to take over.

Judged is only what is surely echo alone. Where the long filter fits, the suppressor knows when the near end
is silent; else it is the steps in which the microphone is no louder than the reference alone makes it in this
room (a low quantile of the ratio of the two).
"""

from __future__ import annotations

import math

_ACTIVE_SHARE = 0.02
_SMOOTH = 0.1
_MEAN = 0.005
"""Share of one judged step of 10 ms: the means stand for 2 s."""
_QUANTILE_UP_DB, _QUANTILE_DOWN_DB = 0.02, 0.08
_MARGIN_DB = 4.0
_FAILED_DB, _GOOD_DB = 10.0, 13.0
_FAILED_STEPS, _GOOD_STEPS, _SUSPECT_STEPS = 500, 500, 150
_NOISE_ROOM = 2.0
"""What is left may be so much louder than the estimate of the room's noise, which is a low one."""
_TINY = 1e-12


class ErleMeter:
    """How much of the echo goes, in dB, over the steps that hold nothing else."""

    def __init__(self) -> None:
        self._mic = self._far = _TINY
        self._usual_db: float | None = None
        self._loudest = 0.0
        self.heard = self.left = 0.0

    def push(self, mic: float, out: float, far: float, alone: bool | None = None) -> bool:
        """Take the mean squares of a step (`far` over the room's decay); return whether it was judged.

        `alone`: whether it holds echo alone, None where that is not known.
        """
        self._mic += _SMOOTH * (mic - self._mic)
        self._far += _SMOOTH * (far - self._far)
        self._loudest = max(self._far, 0.9995 * self._loudest)
        if self._far < max(_ACTIVE_SHARE * self._loudest, 1e-8):
            return False
        ratio_db = 10.0 * math.log10((self._mic + _TINY) / self._far)
        if self._usual_db is None:
            self._usual_db = ratio_db
        self._usual_db += _QUANTILE_UP_DB if ratio_db > self._usual_db else -_QUANTILE_DOWN_DB
        if alone is None:
            alone = ratio_db <= self._usual_db + _MARGIN_DB
        if not alone:
            return False
        self.heard += _MEAN * (mic - self.heard)
        self.left += _MEAN * (out - self.left)
        return True

    @property
    def erle_db(self) -> float:
        """Echo return loss enhancement; 0 before anything was judged."""
        if self.heard < _TINY:
            return 0.0
        return 10.0 * math.log10(self.heard / max(self.left, self.heard * 1e-6))


class Fallback:
    """Full duplex has failed after 5 s of echo alone below 10 dB; it is good again after 5 s above 13 dB."""

    def __init__(self) -> None:
        self.failed = False
        self._bad = self._good = 0
        self._proven = False

    def push(self, erle_db: float, left: float, noise: float, fits: bool) -> None:
        """Take what the meter says after a judged step.

        What is left is no failure where it is the room's noise, nor where the filter `fits` and has shown
        what it can: then it is the near end, softer than the echo.
        """
        self._proven = fits and (self._proven or erle_db >= _GOOD_DB)
        if erle_db >= _GOOD_DB:
            self._bad, self._good = 0, self._good + 1
        elif erle_db < _FAILED_DB and left > _NOISE_ROOM * noise and not self._proven:
            self._bad, self._good = self._bad + 1, 0
        if self._bad >= _FAILED_STEPS:
            self.failed = True
        elif self._good >= _GOOD_STEPS:
            self.failed = False

    @property
    def suspected(self) -> bool:
        """Whether the other canceller should listen in, so that it has learnt the room when it is needed."""
        return self.failed or self._bad >= _SUSPECT_STEPS
