"""The long linear filter: a partitioned-block Kalman filter in the frequency domain (overlap-save).

State-space model of Enzner and Vary (Signal Processing 86, 2006) over partitions of 10 ms as in Kuech,
Mabande and Enzner (ICASSP 2014), with diagonal covariance. Near-end sound enters as measurement noise: it
alone slows the adaptation while both talk, there is no double-talk detector. Two things are our own: the
uncertainty starts with the shape of a room's decay (a flat start needs twice as long, measured), and its
scale follows the loudest coupling seen so far, so that a headset never opens the filter.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from media.audio.echo.bands import LOW_BLOCK
from media.audio.echo.spectrum import irfft, rfft

F32 = npt.NDArray[np.float32]
C64 = npt.NDArray[np.complex64]
Rows = TypeVar("Rows", F32, C64)

PARTITIONS = 56
WINDOW = 2 * LOW_BLOCK
BINS = LOW_BLOCK + 1
KEEP = 0.99997
"""Share of the path that stays from one block to the next."""
_DECAY_S = 0.6
"""Reverberation time of the starting uncertainty."""
_HALF = np.float32(0.5)
"""Half of the window carries error."""
_CONSTRAINED = 4
"""Partitions a step whose wrapped-around half is cleared, in turn: each every 14th step (8 are no better)."""
_SHRINK = np.float32(0.2)
"""What the gain shrinks the uncertainty by; theory says a half, which ends learning too early (measured)."""
_SILENT = 1e-7 * LOW_BLOCK * WINDOW
"""Reference power (sum over the bins of one block) below which there is nothing to learn: -70 dBFS."""
_QUIET = 1e-4
"""Nor is there while the reference is this much weaker than it has been: noise of a line teaches nothing."""
_LOUD_DECAY = 0.9999
_SMOOTH = 0.05
_START_STEPS = 100
"""Active steps during which the scale of the uncertainty is still sought."""
_BEGINS = 0.02
_SCALE_MIN, _SCALE_MAX = 1e-6, 16.0
_TINY = np.float32(1e-8)


class EchoFilter:
    """Models the path from loudspeaker to microphone over PARTITIONS blocks."""

    def __init__(self) -> None:
        shape = (PARTITIONS, BINS)
        self.weights = np.zeros(shape, np.complex64)
        self.spectra = np.zeros((2 * PARTITIONS, BINS), np.complex64)
        # Until the delay is known the echo may begin anywhere: flat.
        self._prior = np.ones((PARTITIONS, 1), np.float32) / np.float32(PARTITIONS)
        self._scale = _SCALE_MIN
        self._error = np.repeat(self._prior, BINS, axis=1) * np.float32(self._scale)
        self._coupling = [0.0, 0.0]
        self._begun = [0.0, 0.0]
        self._steps = 0
        self._loud = 0.0
        self._totals = np.zeros(2 * PARTITIONS, np.float32)
        self._noise = np.full(BINS, 1e-6, np.float32)
        self._powers = np.zeros((2 * PARTITIONS, BINS), np.float32)
        self._weight_powers = np.zeros(shape, np.float32)
        self._head = 0
        self._turn = 0
        self._products = np.empty(shape, np.complex64)
        self._sums = np.empty((2, BINS), np.complex64)
        self._gains = np.empty(shape, np.float32)
        self._padded = np.zeros(WINDOW, np.float32)
        self.uncertain = np.zeros(BINS, np.float32)
        """Power of the residual echo that the filter itself expects, by bin, after `learn`."""
        self.expected = 0.0
        """Power of the reference, spread over the decay of a room."""
        self.active = False
        """Whether the reference of the last PARTITIONS blocks holds anything."""

    @property
    def window(self) -> C64:
        """Spectra of the reference, newest first."""
        return self.spectra[self._head : self._head + PARTITIONS]

    def push(self, before: F32, block: F32) -> None:
        """Take the next block of the reference, with the one before it."""
        self._head = (self._head - 1) % PARTITIONS
        self._put(self._head, rfft(np.concatenate((before, block))))
        total = float(self._totals[self._head : self._head + PARTITIONS].sum())
        self.expected = 0.5 * float(self._totals[self._head : self._head + PARTITIONS] @ self._prior[:, 0])
        self._loud = max(total, self._loud * _LOUD_DECAY)
        self.active = total > max(_SILENT, _QUIET * self._loud)

    def _put(self, row: int, spectrum: C64) -> None:
        power = spectrum.real**2 + spectrum.imag**2
        for at in (row, row + PARTITIONS):
            self.spectra[at] = spectrum
            self._powers[at] = power
            self._totals[at] = power.sum()

    def refill(self, blocks: F32) -> None:
        """Take a whole new past of PARTITIONS + 1 blocks, oldest first (after a move)."""
        rows = np.lib.stride_tricks.sliding_window_view(blocks, WINDOW)[::LOW_BLOCK]
        for row, spectrum in enumerate(rfft(rows)[::-1]):
            self._put((self._head + row) % PARTITIONS, spectrum)

    def echoes(self, other: C64 | None) -> tuple[F32, F32 | None]:
        """The echo that the filter makes of the reference, and the one that other weights would make."""
        window = self.window
        np.multiply(window, self.weights, out=self._products)
        self._products.sum(axis=0, out=self._sums[0])
        if other is None:
            alone: F32 = irfft(self._sums[0])[LOW_BLOCK:]
            return alone, None
        np.multiply(window, other, out=self._products)
        self._products.sum(axis=0, out=self._sums[1])
        both: F32 = irfft(self._sums)[:, LOW_BLOCK:]
        return both[0], both[1]

    def played(self) -> F32:
        """Power of the reference by bin, spread over the decay of a room."""
        powers = self._powers[self._head : self._head + PARTITIONS]
        spread: F32 = (_HALF * (self._prior[:, 0] @ powers)).astype(np.float32, copy=False)
        return spread

    def learn(self, mic: F32, error: F32) -> None:
        """Adapt to what was left of the microphone block after its echo was taken off."""
        self._measure(mic)
        self._padded[LOW_BLOCK:] = error
        spectrum = rfft(self._padded)
        power = spectrum.real**2 + spectrum.imag**2
        self._noise += np.float32(0.2) * (power - self._noise)
        powers = self._powers[self._head : self._head + PARTITIONS]
        gains = self._gains
        np.multiply(powers, self._error, out=gains)
        self.uncertain = _HALF * gains.sum(axis=0)
        expected = self.uncertain + np.maximum(self._noise, np.float32(0.3) * power) + _TINY
        np.divide(self._error, expected, out=gains)
        np.conjugate(self.window, out=self._products)
        self._products *= spectrum
        self._products *= gains
        self.weights += self._products
        self._constrain()
        self._forget(gains, powers)

    def _measure(self, mic: F32) -> None:
        """Follow how loud the microphone is for what is played; scale the starting uncertainty by it."""
        expected = self.expected
        heard = float(mic @ mic) * LOW_BLOCK
        self._coupling[0] += _SMOOTH * (heard - self._coupling[0])
        self._coupling[1] += _SMOOTH * (expected - self._coupling[1])
        self._steps += 1
        if self._steps > _START_STEPS:
            return
        self._begun[0] += heard
        self._begun[1] += expected
        scale = min(max(self._begun[0] / (self._begun[1] + 1e-12), _SCALE_MIN), _SCALE_MAX)
        self._error *= np.float32(scale / self._scale)
        self._scale = scale

    def _now(self) -> float:
        return min(max(self._coupling[0] / (self._coupling[1] + 1e-12), _SCALE_MIN), _SCALE_MAX)

    def aligned(self) -> None:
        """From now on the direct sound comes in the first partitions: begin anew, with a room's decay."""
        decay = 10.0 ** (-6.0 * np.arange(PARTITIONS) * 0.01 / _DECAY_S)
        self._prior[:, 0] = decay / decay.sum()
        self.weights[:] = 0
        self._weight_powers[:] = 0
        self._scale = self._now()
        self._error[:] = self._prior * np.float32(self._scale)
        self._steps = 0
        self._begun = [0.0, 0.0]

    def doubt(self, share: float = 1.0) -> None:
        """The path has changed: be as uncertain again as at the start, or by a share of that."""
        np.maximum(self._error, self._prior * np.float32(share * self._now()), out=self._error)

    def first(self) -> int:
        """The first partition that holds something of the path."""
        power = np.cumsum(self._weight_powers.sum(axis=1))
        return int(np.argmax(power > _BEGINS * power[-1]))

    def move(self, blocks: int) -> None:
        """The reference will be read `blocks` later (older): move the path towards the front by as many."""
        self.weights = moved(self.weights, blocks)
        self._weight_powers = moved(self._weight_powers, blocks)
        self._error = moved(self._error, blocks)
        fresh = self._error[:, :1] == 0
        np.copyto(self._error, self._prior * np.float32(self._now()), where=fresh)

    def place(self, weights: C64) -> None:
        """Take this path for the true one."""
        self.weights[:] = weights
        self._weight_powers[:] = weights.real**2 + weights.imag**2

    def _constrain(self) -> None:
        rows = (self._turn + np.arange(_CONSTRAINED)) % PARTITIONS
        self._turn = (self._turn + _CONSTRAINED) % PARTITIONS
        path = irfft(self.weights[rows])
        path[:, LOW_BLOCK:] = 0
        bounded = rfft(path)
        self.weights[rows] = bounded
        self._weight_powers[rows] = bounded.real**2 + bounded.imag**2

    def _forget(self, gains: F32, powers: F32) -> None:
        """Less uncertain by what was learnt, more by how much the path may have changed."""
        keep = np.float32(KEEP * KEEP)
        gains *= powers
        gains *= -_SHRINK
        gains += np.float32(1.0)
        np.maximum(gains, np.float32(0.0), out=gains)
        gains *= keep
        self._error *= gains
        np.multiply(self._weight_powers, np.float32(1.0) - keep, out=gains)
        self._error += gains
        self.weights *= np.float32(KEEP)


def moved(rows: Rows, blocks: int) -> Rows:
    """The rows, each `blocks` further to the front (to the back when negative); zeros come in."""
    out = np.zeros_like(rows)
    size = len(rows)
    if abs(blocks) < size:
        out[max(0, -blocks) : size - max(0, blocks)] = rows[max(0, blocks) : size - max(0, -blocks)]
    return out


def shifted(weights: C64, samples: float) -> C64:
    """The path of these weights, delayed by a number of low samples that need not be whole."""
    length = PARTITIONS * LOW_BLOCK
    path = irfft(weights)[:, :LOW_BLOCK].reshape(-1)
    spectrum = rfft(path, 2 * length)
    spectrum *= np.exp(-1j * np.pi * np.arange(length + 1) * samples / length).astype(np.complex64)
    moved = irfft(spectrum)[:length].reshape(PARTITIONS, LOW_BLOCK)
    again: C64 = rfft(moved, WINDOW)
    return again
