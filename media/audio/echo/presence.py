"""Whether there is echo at all, and whether the filter still matches it."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]

_FAST, _SLOW, _LONG = 0.04, 0.01, 0.0025
"""Shares of one block of 10 ms: 250 ms, 1 s, 4 s."""
_DEGREES = 10.0
"""Independent samples in one block of 10 ms, about: speech is not white."""
_FREE_STEPS, _FREE_AGAIN_STEPS = 150, 400
_EXPLAINED_PRESENT = 0.25
_NO_MATCH = 0.5
_NOTHING = 0.003
_BROKEN_STEPS = 30
_QUIET = 1e-9


class Presence(Enum):
    """What is known about echo in the microphone."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    FREE = "free"


class Means:
    """Running means of microphone and echo estimate: powers and product."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._blocks = 0.0
        self.mic = self.echo = self.both = 0.0

    def push(self, mic: float, echo: float, both: float) -> None:
        """Take the means of the next block."""
        self._blocks += 1.0 - self._share * self._blocks
        self.mic += self._share * (mic - self.mic)
        self.echo += self._share * (echo - self.echo)
        self.both += self._share * (both - self.both)

    @property
    def match(self) -> float:
        """What to multiply the echo estimate with to fit the microphone best: 1 where the filter is right."""
        return self.both / (self.echo + 1e-15)

    def surely_below(self, match: float) -> bool:
        """Whether the match is below this by two standard errors (wider under other sound)."""
        error = (self.mic / (self.echo * _DEGREES * self._blocks + 1e-15)) ** 0.5
        return bool(self.match + 2.0 * error < match)

    @property
    def explained(self) -> float:
        """Share of the microphone's power that taking off the estimate removes; negative where it adds."""
        return (2.0 * self.both - self.echo) / (self.mic + 1e-15)


class EchoPresence:
    """Decides from the echo estimate (made before the filter adapts to the block) and the microphone."""

    def __init__(self) -> None:
        self.state = Presence.UNKNOWN
        self.fast, self.slow, self._long = Means(_FAST), Means(_SLOW), Means(_LONG)
        self._unexplained = 0
        self._broken = 0
        self._seen = 0

    def push(self, mic: F32, echo: F32, heard: bool) -> None:
        """Take a block; `heard` says whether the reference is active."""
        if not heard:
            return
        size = len(mic)
        powers = float(mic @ mic) / size, float(echo @ echo) / size, float(mic @ echo) / size
        self.fast.push(*powers)
        self.slow.push(*powers)
        self._long.push(*powers)
        self._decide()
        self._broken = self._broken + 1 if self._mismatched() else 0

    def arrival(self, found: bool) -> None:
        """Take the result of one search for a delay."""
        self._seen = self._seen + 1 if found else 0
        if self._seen >= (2 if self.state is Presence.FREE else 1):
            self._set(Presence.PRESENT)

    def _decide(self) -> None:
        if self.slow.explained > _EXPLAINED_PRESENT:
            self._set(Presence.PRESENT)
        elif self._long.echo < _NOTHING * self._long.mic or self._long.surely_below(_NO_MATCH):
            self._unexplained += 1
            if self._unexplained >= (_FREE_STEPS if self.state is Presence.UNKNOWN else _FREE_AGAIN_STEPS):
                self._set(Presence.FREE)

    def confirm(self) -> None:
        """The echo was seen where the filter has it: whatever else is in the microphone, it is there."""
        if self.state is Presence.PRESENT:
            self._unexplained = 0

    def _set(self, state: Presence) -> None:
        self.state = state
        self._unexplained = 0

    def _mismatched(self) -> bool:
        means = self.fast
        if means.echo < 0.05 * means.mic or means.echo < _QUIET:
            return False
        return means.surely_below(_NO_MATCH)

    @property
    def broken(self) -> bool:
        """The path is another one than the filter's: its estimate has not fitted for 300 ms."""
        return self._broken >= _BROKEN_STEPS

    def mended(self) -> None:
        """Something was done about it: look afresh."""
        self._broken = 0
        self.fast = Means(_FAST)
