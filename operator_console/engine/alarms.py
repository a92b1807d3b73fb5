"""The watch over what goes out: looks at the program's picture and sound twice a second and raises alarms."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from media.audio.quiet import QuietCount
from media.clock import now_us
from media.video.glance import Glance
from operator_console.engine import alarmrules as rules
from operator_console.engine.alarmrules import Latch
from operator_console.engine.guarded import Guarded
from operator_console.engine.observations import Observations
from operator_console.engine.sound import SoundBlock
from operator_console.engine.store import SessionStore
from operator_console.protocol import OperatorError
from operator_console.session.model import AlarmKind
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

ACTOR = "program"
PERIOD_S = 0.5


def now_unix_ms() -> int:
    """Wall clock of facts and observations."""
    return time.time_ns() // 1_000_000


class AlarmWatch:
    """Keeps the observation ``alarms`` and, while something is recorded or live, the journal true."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        glance: Callable[[], Glance | None],
    ) -> None:
        """`glance` gives the last look at the program's picture."""
        self._settings, self._store, self._observations = settings, store, observations
        self._glance = glance
        self._sound = QuietCount(settings.alarm_silent_db)
        self._counted = (0, 0)
        self._seen, self._seen_us = 0, 0
        self._latches: dict[AlarmKind, Latch] = {kind: Latch() for kind in AlarmKind}

    def push_sound(self, block: SoundBlock) -> None:
        """Take a block of PROGRAM, on the mixer's thread."""
        self._sound.push(block.samples)

    def take_settings(self, settings: Settings) -> None:
        """Judge by other limits from now on."""
        self._settings = settings

    async def run(self) -> None:
        """Watch until cancelled; takes up what the journal says is still wrong."""
        guarded = Guarded("the watch over the program", _log, lambda: self._observations.drop("alarms"))
        with guarded:
            self._take_up()
        while True:
            await asyncio.sleep(PERIOD_S)
            with guarded:
                await self._step()

    async def _step(self) -> None:
        if self._store.state.is_open:
            self._look()
        else:
            self._latches = {kind: Latch() for kind in AlarmKind}
        await self._tell()

    def _take_up(self) -> None:
        """An alarm of the engine before stands until it is seen to be over."""
        for name, alarm in self._store.state.alarms.items():
            if name in set(AlarmKind):
                began_us = now_us() - (now_unix_ms() - alarm.since_ms) * 1000
                self._latches[AlarmKind(name)] = Latch(began_us, None, True)

    def _look(self) -> None:
        glance = self._glance()
        bad = {AlarmKind.SILENT: self._silent()}
        if glance is not None:
            if glance.number != self._seen:
                self._seen, self._seen_us = glance.number, now_us()
            bad[AlarmKind.BLACK] = rules.is_black(glance, self._latches[AlarmKind.BLACK].raised)
            bad[AlarmKind.FROZEN] = rules.is_frozen(glance, now_us() - self._seen_us)
        at_us, after_us = now_us(), rules.limits_us(self._settings)
        for kind, wrong in bad.items():
            self._latches[kind] = self._latches[kind].step(wrong, at_us, after_us[kind])

    def _silent(self) -> bool:
        blocks, loud = self._sound.blocks, self._sound.loud
        before, self._counted = self._counted, (blocks, loud)
        raised = self._latches[AlarmKind.SILENT].raised
        self._sound.set_limit(rules.silent_limit_db(self._settings, raised))
        return rules.is_silent(blocks - before[0], loud - before[1])

    def _raised(self) -> dict[AlarmKind, int]:
        """Since when (Unix ms) each alarm that stands is so; once told, that does not change."""
        before: dict[str, dict[str, int]] = self._observations.values.get("alarms", {})
        found = {}
        for kind, latch in self._latches.items():
            if latch.raised and latch.bad_us is not None:
                began_ms = now_unix_ms() - (now_us() - latch.bad_us) // 1000
                found[kind] = before.get(kind, {"since_ms": began_ms})["since_ms"]
        return found

    async def _tell(self) -> None:
        raised = self._raised()
        told = {str(kind): {"since_ms": since_ms} for kind, since_ms in raised.items()}
        self._observations.set("alarms", told)
        if not rules.alarm_facts(self._store.state, raised, now_unix_ms()):
            return
        try:
            await self._store.decide(ACTOR, lambda state: rules.alarm_facts(state, raised, now_unix_ms()))
        except OperatorError as error:
            _log.error("an alarm of the program could not be journaled: %s", error.refusal.text_en)
