"""Soft limiter of a mixed bus: keeps the sum of many voices below -1 dBFS without cracking."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I16 = npt.NDArray[np.int16]

CEILING = 10.0 ** (-1.0 / 20.0)
"""-1 dBFS: nothing that leaves is louder."""
KNEE = 0.75
"""Steady sound is held here; only the onset of a peak goes between knee and ceiling, bent by a tanh."""
ATTACK_SAMPLES = 96
RELEASE = 0.2
"""Share of the way back to full gain that one block of 20 ms takes."""


class Limiter:
    """Limits the blocks of one bus, one after the other."""

    def __init__(self) -> None:
        self.gain = 1.0

    def limit(self, block: F32) -> I16:
        """Return the block (full scale 1.0) as int16, no sample above -1 dBFS."""
        peak = float(np.abs(block).max(initial=0.0))
        target = min(1.0, KNEE / peak) if peak > KNEE else 1.0
        if target < self.gain:
            block = block * _ramp(len(block), self.gain, target, ATTACK_SAMPLES)
            self.gain = target
        elif self.gain < 1.0:
            raised = min(target, self.gain + (1.0 - self.gain) * RELEASE)
            raised = 1.0 if raised > 0.999 else raised
            block = block * _ramp(len(block), self.gain, raised, len(block))
            self.gain = raised
        if peak > KNEE:
            block = _bend(block)
        return (block * np.float32(32767.0)).astype(np.int16)


def _ramp(count: int, start: float, end: float, over: int) -> F32:
    ramp = np.full(count, end, np.float32)
    ramp[:over] = np.linspace(start, end, over, dtype=np.float32)
    return ramp


def _bend(block: F32) -> F32:
    size = np.abs(block)
    bent = KNEE + (CEILING - KNEE) * np.tanh((size - KNEE) / (CEILING - KNEE))
    found: F32 = np.where(size > KNEE, np.copysign(bent, block), block).astype(np.float32)
    return found
