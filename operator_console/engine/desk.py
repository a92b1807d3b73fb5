"""Commands at the mixer: keys of the hall, faders, buses, ducking, test tone, talkback."""

from __future__ import annotations

from typing import Any

from operator_console import protocol as p
from operator_console.engine import soundrules
from operator_console.engine.changing import remember
from operator_console.engine.context import EngineContext, handles
from operator_console.session.model import OPERATOR, SessionState


@handles(p.HoldHallKey)
async def hold_key(engine: EngineContext, actor: str, command: p.HoldHallKey) -> dict[str, Any]:
    """Press or let go a key of the hall."""
    await engine.store.decide(actor, lambda state: soundrules.hold_key(state, command))
    return {}


@handles(p.SetFader)
async def set_fader(engine: EngineContext, actor: str, command: p.SetFader) -> dict[str, Any]:
    """Move a fader."""
    await engine.store.decide(actor, lambda state: soundrules.set_fader(state, command))
    return {}


@handles(p.SetBusMuted)
async def set_bus_muted(engine: EngineContext, actor: str, command: p.SetBusMuted) -> dict[str, Any]:
    """Silence a bus or open it again."""
    await engine.store.decide(actor, lambda state: soundrules.set_bus_muted(state, command))
    return {}


@handles(p.SetParticipantDucked)
async def set_ducked(engine: EngineContext, actor: str, command: p.SetParticipantDucked) -> dict[str, Any]:
    """Turn down somebody whose room returns sound, or bring him back."""
    await engine.store.decide(actor, lambda state: soundrules.set_ducked(state, command))
    return {}


@handles(p.SetDuckInactive)
async def set_duck_inactive(engine: EngineContext, actor: str, command: p.SetDuckInactive) -> dict[str, Any]:
    """Duck microphones that nobody speaks into, in this session and the next."""
    await engine.store.decide(actor, lambda state: soundrules.set_duck_inactive(state, command.on))
    return await remember(engine, {"duck_inactive": command.on})


@handles(p.SetTestTone)
async def set_test_tone(engine: EngineContext, actor: str, command: p.SetTestTone) -> dict[str, Any]:
    """Put the test tone on program or take it off."""
    await engine.store.decide(actor, lambda state: soundrules.set_test_tone(state, command.on))
    return {}


@handles(p.SetTalkback)
async def set_talkback(engine: EngineContext, actor: str, command: p.SetTalkback) -> dict[str, Any]:
    """Speak to one participant off program, or end that."""

    def decide(state: SessionState) -> list[Any]:
        place = engine.observations.values.get(f"media.{OPERATOR}")
        return soundrules.set_talkback(state, command.participant_id, microphone=place is not None)

    await engine.store.decide(actor, decide)
    return {}
