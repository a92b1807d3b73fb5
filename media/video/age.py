"""How old the picture on program is when it is shown: what its packets' time stamps take off; pure."""

from __future__ import annotations

START_US = 30_000
"""Half a tick of waiting and the way, on loopback: what is assumed until the first pictures were seen."""
FROZEN_US = 250_000
"""A picture older than this stands still; its age says nothing of the way."""
EARLY_US = -50_000
"""A tick that is late shows pictures newer than its nominal time, by up to a tick and a bit."""
SMOOTHING = 1 / 30
STEP_US = 1_000
"""The stamps move by this much a tick at most (3 %), so that a cut to somebody far away makes no jump..."""
SOUND_STEP_US = 4_000
"""...and by this much (12 %) where the sound has moved: that it does at once."""
LATE_MAX_US = 60_000
MOVE_MAX_US = 2 * (STEP_US + SOUND_STEP_US)
"""A late tick is stamped this far before the next one is due: time must not go back when the ages move."""


class PictureAge:
    """Smoothed age of the main source's pictures.

    A browser's picture reaches the compositor 30 to 100 ms after it was taken (encoder, network, decoder,
    waiting for the tick); its sound is stamped with its own capture time. Stamping the program's pictures
    that much earlier than the tick puts lips and voice together again, whoever is on program. Where his sound
    needs more time than the mixer's stamps say (a jittery link), the picture's stamps are moved with it.
    """

    def __init__(self) -> None:
        self._mean_us = float(START_US)
        self._used_us = START_US
        self._late_us = self.skew_us = 0
        """How much later than its voice a picture is shown, while the stamps have not followed yet."""

    def note(self, age_us: int) -> None:
        """A tick shows a picture of this age."""
        if EARLY_US <= age_us < FROZEN_US:
            self._mean_us += (age_us - self._mean_us) * SMOOTHING

    def step(self, sound_late_us: int = 0) -> int:
        """The age to take off at this tick; once for each tick.

        ``sound_late_us``: how much later the main source's sound is than its stamps say.
        """
        late_us = max(-LATE_MAX_US, min(LATE_MAX_US, sound_late_us))
        self._used_us += _towards(round(self._mean_us) - self._used_us, STEP_US)
        self._late_us += _towards(late_us - self._late_us, SOUND_STEP_US)
        self.skew_us = round(self._mean_us) - self._used_us - (late_us - self._late_us)
        return self._used_us - self._late_us


def _towards(change_us: int, most_us: int) -> int:
    return max(-most_us, min(most_us, change_us))
