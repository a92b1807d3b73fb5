"""Keeps to what the office's line carries: asks the plan of `uplink` once a second and has it carried out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from operator_console.engine import uplink
from operator_console.engine.guarded import Guarded
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.protocol import Link
from operator_console.session.model import Presence, SessionState
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

KEY = "uplink"
PERIOD_S = 1.0
UNKNOWN, BUDGET, LOSS = "", "budget", "loss"


@dataclass(frozen=True, slots=True)
class Levers:
    """What the guard can move; each takes the whole value and is called when it changed."""

    tile_share: Callable[[float], None]
    return_bps: Callable[[int], None]
    without_picture: Callable[[frozenset[str]], None]
    air_ceiling_bps: Callable[[int], None]


class UplinkGuard:
    """Its observation `uplink` says what is given up, and who gets how much."""

    def __init__(
        self, settings: Settings, store: SessionStore, observations: Observations, levers: Levers
    ) -> None:
        self._settings, self._live = settings, settings
        self._store, self._observations, self._levers = store, observations, levers
        self._watch = uplink.LossWatch()
        self._plan: uplink.Plan | None = None
        self._without: frozenset[str] = frozenset()

    def take_settings(self, settings: Settings) -> None:
        """Another budget or floor counts at once; the rates are those that the session began with."""
        self._live = settings

    async def run(self) -> None:
        """Look once a second until cancelled."""
        guarded = Guarded("the uplink guard", _log, lambda: self._observations.drop(KEY))
        while True:
            with guarded:
                self.step(asyncio.get_running_loop().time())
            await asyncio.sleep(PERIOD_S)

    def step(self, at_s: float) -> None:
        """Take one look and move what has to be moved."""
        state, demand = self._store.state, self._demand()
        budget_bps = self._live.uplink_bps
        if budget_bps:
            plan = uplink.for_budget(demand, budget_bps)
            self._watch = uplink.LossWatch()
        else:
            steps = uplink.ladder(demand)
            losses = [link.out_loss_percent for link in self._links().values()]
            self._watch = uplink.watch(self._watch, uplink.lossy(losses), len(steps), at_s)
            plan = steps[self._watch.level]
        without = frozenset(uplink.without_picture(connected(state), plan.pictures, first_served(state)))
        self._carry_out(plan, without)
        self._observations.set(KEY, observed(plan, demand, budget_bps, len(without)))

    def _links(self) -> dict[str, Link]:
        values = self._observations.values.items()
        return {key: value for key, value in values if key.startswith("link.") and isinstance(value, Link)}

    def _demand(self) -> uplink.Demand:
        values = self._observations.values
        streams = sum(
            key.startswith("stream.") and bool(value.get("on_air")) for key, value in values.items()
        )
        return uplink.Demand(
            receivers=len(connected(self._store.state)),
            streams=streams,
            return_bps=self._settings.return_bitrate_bps,
            air_bps=self._settings.air_bitrate_bps,
            floor_bps=self._live.air_min_bitrate_bps,
        )

    def _carry_out(self, plan: uplink.Plan, without: frozenset[str]) -> None:
        before = self._plan
        if before is None or before.tile_share != plan.tile_share:
            self._levers.tile_share(plan.tile_share)
        if before is None or before.return_bps != plan.return_bps:
            self._levers.return_bps(plan.return_bps)
        if before is None or before.air_bps != plan.air_bps:
            self._levers.air_ceiling_bps(plan.air_bps)
        if without != self._without:
            self._without = without
            self._levers.without_picture(without)
        if before is not None and before.level != plan.level:
            _log.info("uplink: level %d, before %d", plan.level, before.level)
        self._plan = plan


def connected(state: SessionState) -> list[str]:
    """Those who are sent something, in the order of their seats. Pure."""
    return [person.id for person in state.seated if person.presence is Presence.CONNECTED]


def first_served(state: SessionState) -> set[str]:
    """Those who keep the picture longest: on air, or with a hand up. Pure."""
    raised = {person.id for person in state.seated if person.hand_at_ms}
    return raised | set(state.program.on_air.sources)


def observed(plan: uplink.Plan, demand: uplink.Demand, budget_bps: int, without: int) -> dict[str, Any]:
    """What the window is told. Pure."""
    whole = uplink.whole(demand)
    return {
        "level": plan.level,
        "measure": BUDGET if budget_bps else LOSS if plan.level else UNKNOWN,
        "need_kbps": plan.need_bps(demand) // 1000,
        "budget_kbps": budget_bps // 1000,
        "receivers": demand.receivers,
        "pictures": demand.receivers - without,
        "tiles_lowered": plan.tile_share < 1.0,
        "return_kbps": plan.return_bps // 1000,
        "return_lowered": plan.return_bps < whole.return_bps,
        "air_lowered": plan.air_bps < whole.air_bps,
    }
