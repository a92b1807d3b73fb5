"""When a program that runs is wrong all the same: silent, black, frozen. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from media.video.glance import Glance
from operator_console.session import facts as f
from operator_console.session.model import (
    AlarmKind,
    OutputPhase,
    Presence,
    SessionState,
    SourceKind,
)
from operator_console.settings import Settings

CLEAR_AFTER_US = 1_000_000
"""Good for this long ends an alarm: a cough or one stray picture does not."""
BLACK_SHARE, NOT_BLACK_SHARE = 0.98, 0.95
"""So much of the slots dark begins black, as ffmpeg's blackdetect has it (picture_black_ratio_th 0.98)."""
SILENT_STEP_DB = 3.0
"""What ends a silence has to be this much louder than what begins one."""
STALE_US = 2_000_000
"""A machine that hardly keeps up looks more seldom than twice a second; its picture moves all the same."""
HEARD_BLOCKS = 3
"""Blocks of 20 ms in half a second that have to be loud: a click of a cable is no sound."""
MOVING_KINDS = (SourceKind.CAMERA, SourceKind.RTSP, SourceKind.TESTCARD)
"""Screens, windows and files may stand for minutes, and be right."""
RUNNING = (OutputPhase.STARTING, OutputPhase.STARTED)


@dataclass(frozen=True, slots=True)
class Latch:
    """Whether something has been wrong for long enough, and since when; bus time."""

    bad_us: int | None = None
    """Since when it is wrong."""
    good_us: int | None = None
    """Since when it is right again while the alarm still stands."""
    raised: bool = False

    def step(self, bad: bool, now_us: int, raise_after_us: int) -> Latch:
        """The latch after one more look; `raise_after_us` 0 never raises."""
        if not raise_after_us:
            return Latch()
        if bad:
            begin_us = now_us if self.bad_us is None else self.bad_us
            return Latch(begin_us, None, self.raised or now_us - begin_us >= raise_after_us)
        if not self.raised:
            return Latch()
        good_us = now_us if self.good_us is None else self.good_us
        return Latch() if now_us - good_us >= CLEAR_AFTER_US else Latch(self.bad_us, good_us, True)


def limits_us(settings: Settings) -> dict[AlarmKind, int]:
    """After how long each alarm is raised."""
    return {
        AlarmKind.SILENT: settings.alarm_silent_s * 1_000_000,
        AlarmKind.BLACK: settings.alarm_black_s * 1_000_000,
        AlarmKind.FROZEN: settings.alarm_frozen_s * 1_000_000,
    }


def silent_limit_db(settings: Settings, raised: bool) -> float:
    """From which peak on a block counts as sound."""
    return settings.alarm_silent_db + (SILENT_STEP_DB if raised else 0.0)


def is_silent(blocks: int, loud: int) -> bool:
    """Whether half a second had no sound: so many blocks came, so many of them were loud. None at all is
    silence too: nothing goes out then.
    """
    return loud < min(HEARD_BLOCKS, max(1, blocks))


def is_black(glance: Glance, raised: bool) -> bool:
    """Whether what the slots show is black."""
    return glance.dark_share >= (NOT_BLACK_SHARE if raised else BLACK_SHARE)


def is_frozen(glance: Glance, age_us: int) -> bool:
    """Whether nothing moves that should; where the last look is too old the program itself stands."""
    return glance.watched > 0 and (glance.still or age_us > STALE_US)


def moving_sources(state: SessionState) -> frozenset[str]:
    """Sources on program whose picture should move: cameras that are on, also of somebody who is lost (his
    last picture stands there).
    """
    return frozenset(source for source in state.program.on_air.sources if _moves(state, source))


def _moves(state: SessionState, source_id: str) -> bool:
    person, source = state.participants.get(source_id), state.sources.get(source_id)
    if person is not None:
        return person.camera_on and person.presence in (Presence.CONNECTED, Presence.LOST)
    return source is not None and source.kind in MOVING_KINDS


def goes_out(state: SessionState) -> bool:
    """Whether the program is recorded or live, or should be: what is wrong with it then is an alarm."""
    return state.is_open and (
        state.recording_wanted or any(s.phase in RUNNING for s in state.livestreams.values())
    )


def alarm_facts(state: SessionState, raised: dict[AlarmKind, int], now_ms: int) -> list[f.AnyFact]:
    """What the journal does not know yet; `raised`: since when (Unix ms) each alarm stands."""
    wanted = raised if goes_out(state) else {}
    facts: list[f.AnyFact] = [
        f.ProgramAlarmRaised(alarm=str(kind), since_ms=since_ms)
        for kind, since_ms in wanted.items()
        if kind not in state.alarms
    ]
    facts += [
        f.ProgramAlarmCleared(alarm=kind, lasted_ms=max(0, now_ms - alarm.since_ms))
        for kind, alarm in state.alarms.items()
        if kind not in wanted
    ]
    return facts if state.is_open else []


def acknowledge(state: SessionState, alarm: str) -> list[f.AnyFact]:
    """Somebody has seen an alarm; one that is over or was seen before changes nothing."""
    found = state.alarms.get(alarm)
    if found is None or found.acknowledged:
        return []
    return [f.ProgramAlarmAcknowledged(alarm=alarm)]
