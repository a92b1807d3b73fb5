"""The rate of the one AIR encode: follows the lines of all destinations on air, never below the floor."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from media.outputs.linerate import LineLoad, LineRate, RateLimits, air_rate_bps, first_rate, next_rate
from media.outputs.livestream import Line, LivestreamStatus
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import SessionState
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

ACTOR = "livestream"
KEY = "air_rate"
LOWERED, RESTORED = 0.9, 0.99
"""Of the set rate: below the first the journal is told that it is lowered, from the second it is whole."""


class AirRate:
    """Looks at the lines about twice a second, sets the encoder, and tells everybody what it did and why."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        rates_bps: tuple[int, int],
    ) -> None:
        """`rates_bps`: what the program is set to, picture and sound."""
        self._settings, self._store, self._observations, self._spawn = settings, store, observations, spawn
        self._top_bps, self._sound_bps = rates_bps
        self._lines: dict[str, LineRate] = {}
        self._told_lowered = False
        self._since_ms = 0
        self._ceiling_bps = self._top_bps
        self.rate_bps = self._top_bps
        self.set_rate: Callable[[int], None] = lambda rate_bps: None
        """Aims the encoder; called on the loop."""

    def take_settings(self, settings: Settings) -> None:
        """Another floor counts at once."""
        self._settings = settings

    def set_ceiling(self, rate_bps: int) -> None:
        """What the office's uplink leaves for the picture."""
        self._ceiling_bps = rate_bps

    def line(self, destination_id: str) -> LineRate | None:
        """What is known of a destination's line."""
        return self._lines.get(destination_id)

    def _limits(self, delay_us: int = 0) -> RateLimits:
        floor_bps = min(self._settings.air_min_bitrate_bps, self._top_bps)
        ceiling_bps = max(floor_bps, min(self._top_bps, self._ceiling_bps))
        return RateLimits(floor_bps, ceiling_bps, self._sound_bps, delay_us / 1e6)

    def step(self, streams: Mapping[str, LivestreamStatus]) -> None:
        """Take a look at all destinations; those that are not on air hold nobody back."""
        at_s = asyncio.get_running_loop().time()
        for gone in self._lines.keys() - streams.keys():
            del self._lines[gone]
        for destination_id, status in streams.items():
            limits = self._limits(status.delay_us)
            line = self._lines.get(destination_id) or first_rate(limits, at_s)
            if status.line is Line.LIVE or status.narrow:
                line = next_rate(line, LineLoad(status.carried_bps, status.backlog_bytes), limits, at_s)
            self._lines[destination_id] = line
        on_air = {
            name: self._lines[name]
            for name, status in streams.items()
            if status.line in (Line.LIVE, Line.STALLED, Line.NARROW)
        }
        self._set(air_rate_bps(on_air.values(), self._limits()), on_air)

    def _set(self, rate_bps: int, on_air: Mapping[str, LineRate]) -> None:
        if rate_bps != self.rate_bps:
            _log.info("program at %d kb/s, before at %d", rate_bps // 1000, self.rate_bps // 1000)
            self.rate_bps, self._since_ms = rate_bps, time.time_ns() // 1_000_000
            self.set_rate(rate_bps)
        by = limited_by(rate_bps, on_air) if rate_bps < self._top_bps else ""
        self._tell(by, [name for name, line in on_air.items() if line.too_slow])
        self._note(by)

    def _tell(self, by: str, too_slow: list[str]) -> None:
        limits = self._limits()
        value = {
            "kbps": self.rate_bps // 1000,
            "top_kbps": self._top_bps // 1000,
            "floor_kbps": limits.floor_bps // 1000,
            "lowered": self.rate_bps < LOWERED * self._top_bps,
            "limited_by": by,
            "too_slow": too_slow,
            "since_ms": self._since_ms,
        }
        self._observations.set(KEY, value)

    def _note(self, by: str) -> None:
        """The journal is told when it begins and when it is over, not of every step."""
        lowered = self.rate_bps < (RESTORED if self._told_lowered else LOWERED) * self._top_bps
        if lowered == self._told_lowered:
            return
        self._told_lowered = lowered
        fact: f.AnyFact = f.AirRateRestored(rate_bps=self.rate_bps)
        if lowered:
            fact = f.AirRateLowered(destination_id=by, rate_bps=self.rate_bps)
        self._spawn(self._record(fact))

    async def _record(self, fact: f.AnyFact) -> None:
        def decide(state: SessionState) -> list[f.AnyFact]:
            return [fact] if state.is_open else []

        try:
            await self._store.decide(ACTOR, decide)
        except OperatorError as error:
            _log.error("the program's rate could not be journaled: %s", error.refusal.text_en)


def limited_by(rate_bps: int, on_air: Mapping[str, LineRate]) -> str:
    """The destination whose line decides the rate; empty where none does (the office's uplink). Pure."""
    slow = [(line.rate_bps, name) for name, line in on_air.items() if line.rate_bps <= rate_bps]
    return min(slow)[1] if slow else ""
