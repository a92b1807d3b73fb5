"""Full duplex: drift resampler, delay line, long filter, residual suppressor; and who watches over them."""

from __future__ import annotations

import logging

import numpy as np
import numpy.typing as npt

from media.audio.echo.bands import LOW_BLOCK, LOW_RATE_HZ
from media.audio.echo.delay import FAR_SAMPLES, MIC_SAMPLES, DelayFinder
from media.audio.echo.drift import DriftFit
from media.audio.echo.kalman import BINS, PARTITIONS, EchoFilter, shifted
from media.audio.echo.past import Past
from media.audio.echo.presence import EchoPresence, Presence
from media.audio.echo.reference import BLOCKS, LOOK_AHEAD, PPM_MAX, Reference
from media.audio.echo.spectrum import irfft
from media.audio.echo.suppressor import Suppressor
from media.audio.echo.tracker import STEPS, PathTracker, Sight

log = logging.getLogger(__name__)

F32 = npt.NDArray[np.float32]

HEADROOM = 192
"""Low samples left before the direct sound: 12 ms."""
_OLDEST = BLOCKS - PARTITIONS - 2
_SEARCH_STEPS = 40
_FIRST_FREEZE_STEPS = 60
_CLOSED_STEPS = 300
"""Active steps for which, at the start, all may be echo."""
_FREEZE_EXPLAINED = 0.5
_RENEW_S = 15.0
_CLEAR_SLIDE, _CLEAR = 6.5, 8.0
_CLEAR_JUMP = 9.0
_SLIDE = 12.0
"""Low samples by which the delay may differ from where it was a moment ago without being a jump."""
_SURE_PPM = 12.0
_LEAST_CHANGE_PPM, _SIGNIFICANT = 1.5, 4.0
_CROSSFADE_STEPS = 10
_HOLD_STEPS = 100
_FITS = 0.6
_CENTRE_STEPS = 100
_LATE_BLOCKS = 4
_CENTRED = 0.7
_LOST_LOOKS = 3
_AFTER_JUMP = 0.1
_STEPS_S = 100.0


class FullDuplex:
    """Works on 10 ms at 16 kHz; the output comes Suppressor.DELAY_SAMPLES later."""

    def __init__(self, reference_ppm: float | None = None) -> None:
        self._fixed_ppm = reference_ppm
        self._reference = Reference()
        self._reference.ppm = reference_ppm or 0.0
        self._filter = EchoFilter()
        self._suppressor = Suppressor()
        self._finder = DelayFinder()
        self._tracker = PathTracker()
        self._drift = DriftFit()
        self.presence = EchoPresence()
        self._delay_blocks = 0
        self._mic_past = Past(MIC_SAMPLES)
        self._before = np.zeros(LOW_BLOCK, np.float32)
        self._quiet_bins = np.zeros(BINS, np.float32)
        self._open = 0.0
        self._aligned = False
        self._step = 0
        self._active_steps = 0
        self._frozen_at = 0
        self._slid = 0.0
        self._jump: float | None = None
        self._lost = 0
        self._changed = False
        self._held = _HOLD_STEPS

    def process(self, mic: F32, far: F32) -> tuple[F32, float]:
        """Return (the block before this one without echo, gain for the sound above 8 kHz)."""
        self._step += 1
        self._follow_reference(far)
        heard = self._filter.active
        self._active_steps += heard
        self._mic_past.push(mic)
        echo, frozen = self._filter.echoes(self._tracker.frozen)
        error = mic - echo
        self.presence.push(mic, echo, heard)
        if frozen is not None:
            self._tracker.push(frozen, mic)
        if heard:
            self._filter.learn(mic, error)
        self._watch()
        uncertain = self._filter.uncertain if heard else self._quiet_bins
        closed = heard and self._active_steps < _CLOSED_STEPS and self.presence.state is Presence.UNKNOWN
        played = self._filter.played() if heard else self._quiet_bins
        return self._leave(mic, self._suppressor.push(error, echo, uncertain, played, closed))

    def _follow_reference(self, far: F32) -> None:
        made = self._reference.push(far)
        self._delay_blocks += made - 1
        if self._delay_blocks < 0:
            self._delay_blocks = 0
            self._move_path(1)
        self._delay_blocks = min(self._delay_blocks, _OLDEST)
        age = self._delay_blocks
        self._filter.push(self._reference.block(age + 1), self._reference.block(age))

    def _leave(self, mic: F32, suppressed: F32) -> tuple[F32, float]:
        """Cross-fade to the untouched microphone where there is no echo."""
        goal = 1.0 if self.presence.state is Presence.FREE else 0.0
        before, self._before = self._before, mic
        if goal == self._open == 0.0:
            return suppressed, self._suppressor.high_gain
        step = 1.0 / _CROSSFADE_STEPS
        after = min(max(goal, self._open - step), self._open + step)
        ramp = np.linspace(self._open, after, LOW_BLOCK, endpoint=False, dtype=np.float32)
        self._open = after
        high = self._suppressor.high_gain
        return suppressed + ramp * (before - suppressed), high + after * (1.0 - high)

    def _watch(self) -> None:
        """What is looked at now and then: delay, drift, jumps, a changed path."""
        if self._step % _SEARCH_STEPS == 0 and not (self._aligned and self._locked()):
            self._search()
        if self.presence.broken and self._step > self._held and self.presence.state is Presence.PRESENT:
            self._path_changed()
        if self._step % _CENTRE_STEPS == 0 and self._aligned and self._locked():
            self._centre()
        if self._step % STEPS == 0 and self._tracker.frozen is not None:
            sight = self._tracker.look(self._slid)
            if sight is not None:
                self._seen(sight)
        if self._step % STEPS == 10:
            self._freeze()

    def _locked(self) -> bool:
        return self._tracker.frozen is not None and self._lost == 0

    # --- delay ----------------------------------------------------------------------------------------

    def _search(self) -> None:
        if not self._filter.active:
            return
        far = self._reference.blocks(FAR_SAMPLES // LOW_BLOCK - 1, FAR_SAMPLES // LOW_BLOCK)
        delay = self._finder.push(far, self._mic_past.samples())
        self.presence.arrival(delay is not None)
        if delay is None or (self._aligned and self.fits):
            return
        wanted = max(0, int((delay - HEADROOM) // LOW_BLOCK))
        if abs(wanted - self._delay_blocks) >= 2:
            log.debug("echo after %.0f ms", delay / LOW_RATE_HZ * 1000)
            self._read_at(wanted)
            self._filter.doubt()
        if not self._aligned:
            self._aligned = True
            self._filter.aligned()

    def _centre(self) -> None:
        """Bring the path to where the filter has most room for it: one block before it begins."""
        if self.presence.slow.explained < _CENTRED:
            return
        first = self._filter.first()
        if first > _LATE_BLOCKS or (first == 0 and self._delay_blocks > 0):
            self._read_at(self._delay_blocks + first - 1)

    def _read_at(self, blocks: int) -> None:
        """Read the reference so many blocks back; the path moves with it."""
        blocks = min(max(blocks, 0), _OLDEST)
        self._move_path(blocks - self._delay_blocks)
        self._delay_blocks = blocks
        self._filter.refill(self._reference.blocks(blocks + PARTITIONS, PARTITIONS + 1))

    def _move_path(self, blocks: int) -> None:
        self._filter.move(blocks)
        self._tracker.move(blocks)

    # --- the frozen path ------------------------------------------------------------------------------

    def _freeze(self) -> None:
        """Freeze the path where it is good, again now and then."""
        fresh = self._step - self._frozen_at < _RENEW_S * _STEPS_S
        kept = self._tracker.frozen is not None and fresh and not self._changed
        good = self.presence.fast.explained > _FREEZE_EXPLAINED and self._filter.active
        if (
            kept
            or not good
            or self._active_steps < _FIRST_FREEZE_STEPS
            or self.presence.state is Presence.FREE
        ):
            return
        self._freeze_now()

    def _freeze_now(self) -> None:
        self._tracker.freeze(self._filter.weights)
        self._drift.end_run()
        self._changed = False
        self._frozen_at, self._slid, self._lost, self._jump = self._step, 0.0, 0, None

    def _seen(self, sight: Sight) -> None:
        slides = abs(sight.delay - self._slid) <= _SLIDE
        if sight.clear < (_CLEAR_SLIDE if slides else _CLEAR):
            self._lost += 1
            if self._changed and self._lost >= _LOST_LOOKS:
                self._tracker.thaw()
                self._drift.end_run()
            return
        if slides:
            self._lost, self._jump = 0, None
            self._slid = sight.delay
            self.presence.confirm()
            if self._changed:  # half of what is compared is gone: no point to draw a line through
                return
            age = self._delay_blocks + 40
            self._drift.add(self._step / _STEPS_S, sight.delay - self._reference.advance(age))
            self._steer()
            return
        self._lost += 1
        again = self._jump is not None and abs(self._jump - sight.delay) < _SLIDE
        self._jump = sight.delay
        fits = self.presence.fast.match > _FITS  # then it is near-end speech that happens to resemble
        if sight.clear >= _CLEAR_JUMP and (self._changed or (again and not fits)):
            self._jumped(sight.delay)

    def _steer(self) -> None:
        fit = self._drift.ppm()
        if fit is None or self._fixed_ppm is not None:
            return
        ppm, error = fit
        least = max(_LEAST_CHANGE_PPM, _SIGNIFICANT * error)
        if error < _SURE_PPM and abs(ppm - self._reference.ppm) > least:
            self._reference.ppm = min(max(ppm, -PPM_MAX), PPM_MAX)
            log.debug("drift %.1f ppm, give or take %.1f", ppm, error)

    def _jumped(self, samples: float) -> None:
        """The echo comes so many low samples later than by the frozen path: put that there."""
        log.debug("echo jumped by %.1f ms", (samples - self._slid) / LOW_RATE_HZ * 1000)
        missing = LOW_BLOCK - (self._filter.first() * LOW_BLOCK + samples)
        if missing > 0:
            self._read_at(self._delay_blocks - int(missing // LOW_BLOCK) - 1)
        if self._tracker.frozen is None:
            return
        self._filter.place(shifted(self._tracker.frozen, samples))
        self._filter.doubt(_AFTER_JUMP)
        self._freeze_now()
        self._mended()

    def _path_changed(self) -> None:
        log.debug("echo path changed")
        self._filter.doubt()
        self._finder.forget()
        self._changed = True
        self._mended()

    def _mended(self) -> None:
        self.presence.mended()
        self._held = self._step + _HOLD_STEPS

    # --- for the status -------------------------------------------------------------------------------

    @property
    def drift_ppm(self) -> float:
        """How much faster the loudspeaker's clock runs than the microphone's."""
        return self._reference.ppm

    @property
    def delay_ms(self) -> float:
        """From the reference to the strongest arrival in the microphone, as the filter has it."""
        path = irfft(self._filter.weights)[:, :LOW_BLOCK].reshape(-1)
        low = int(np.argmax(np.abs(path))) + self._delay_blocks * LOW_BLOCK + LOOK_AHEAD
        return low / LOW_RATE_HZ * 1000.0

    @property
    def expected(self) -> float:
        """Power of the reference, spread over the decay of a room."""
        return self._filter.expected

    @property
    def noise(self) -> float:
        """Mean square of the room's noise up to 8 kHz."""
        return self._suppressor.noise

    @property
    def near(self) -> float:
        """How surely the near end speaks, 0..1."""
        return self._suppressor.near

    @property
    def fits(self) -> bool:
        """Whether the filter's estimate matches the microphone."""
        return self.presence.slow.match > _FITS
