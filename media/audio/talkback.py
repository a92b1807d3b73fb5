"""The operator's voice in one participant's own mix, over his return turned down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.audio.gains import Gain, scaled
from media.audio.mixplan import MixPlan
from media.bus.layout import BLOCK_SAMPLES

F32 = npt.NDArray[np.float32]

HOLD_US = 150_000
"""A ring that is new to him may still be sent to whom it was taken from: no word before that is over."""
DUCK_DB = 12.0
"""So much less of the program is heard while the operator speaks..."""
SPEAKING_US = 400_000
"""...or has just spoken."""
RISE_DB = 1.0
"""The program comes back by this much with each block."""


class _Line:
    """The operator's way into the mix of one participant."""

    def __init__(self, since_us: int) -> None:
        self.since_us = since_us
        self.voice, self.duck = Gain(0.0), Gain(1.0)
        self.down_db = 0.0

    @property
    def idle(self) -> bool:
        """Whether nothing of it is to be heard any more."""
        return self.voice.value == 0.0 and self.duck.value == 1.0


class Talkback:
    """Puts the operator's voice where the plan says; everywhere else blocks pass as they are."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._name = ""
        self._now_us = 0

    def plan(self, before: MixPlan, plan: MixPlan, now_us: int) -> None:
        """Take over the plan of this tick."""
        own, name = plan.own, plan.talkback
        self._name, self._now_us = name, now_us
        if name in own and name not in self._lines:
            has_it = before.own.get(name) == own[name]
            self._lines[name] = _Line(now_us - HOLD_US if has_it else now_us)
        for gone in [n for n, line in self._lines.items() if n not in own or (line.idle and n != name)]:
            del self._lines[gone]

    def speak(self, name: str, mix: F32, operator: F32 | None, spoke_us: int) -> F32:
        """The mix of a ring's owner with what the operator says to him.

        ``operator``: the operator's block, None while he is silent. ``spoke_us``: when he was last heard.
        """
        line = self._lines.get(name)
        if line is None:
            return mix
        on = name == self._name and self._now_us - line.since_us >= HOLD_US
        speaking = on and self._now_us - spoke_us < SPEAKING_US
        line.down_db = DUCK_DB if speaking else max(0.0, line.down_db - RISE_DB)
        mix = scaled(mix, line.duck.move(float(10.0 ** (-line.down_db / 20.0)), BLOCK_SAMPLES))
        voice = line.voice.move(1.0 if on else 0.0)
        return mix if operator is None else mix + scaled(operator, voice)
