"""The sound of the session: which feeds are mixed, and who gets which mix."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media.audio.gains import gain_of
from media.audio.mixer import MixDesk, MixInput
from media.audio.mixplan import RINGS, Role
from media.audio.thread import MixerNames, MixerThread, OnMixed
from operator_console import protocol as p
from operator_console.engine.observations import Observations
from operator_console.engine.roomhub import RoomHub
from operator_console.engine.store import SessionStore
from operator_console.session.model import HALL, OPERATOR, MixBus, Presence, SessionState


@dataclass(frozen=True, slots=True)
class SoundBlock:
    """20 ms of PROGRAM, int16 of shape (960,), with the capture time of its first sample."""

    samples: npt.NDArray[np.int16]
    stamp_us: int


ECHO_DUCK_DB = -18.0
"""What is left of a participant whose room returns sound, when the operator has turned him down."""


def mix_inputs(state: SessionState, places: Mapping[str, Any]) -> dict[str, MixInput]:
    """The inputs of the mixer: everybody and everything that has sound on the bus. Pure.

    ``places``: source id -> MediaPlace.
    """
    inputs: dict[str, MixInput] = {}
    for source_id, place in places.items():
        if place.audio is None:
            continue
        found = _role_and_audible(state, source_id)
        if found is not None:
            segment, slot = place.audio
            role, audible = found
            gain = fader_gain(state, source_id)
            if source_id in state.mixing.ducked:
                gain *= gain_of(ECHO_DUCK_DB)
            inputs[source_id] = MixInput(segment, slot, gain, audible, role)
    return inputs


def _role_and_audible(state: SessionState, source_id: str) -> tuple[Role, bool] | None:
    """What somebody or something is to the mixer and whether it is to be heard; None for a stranger."""
    if source_id == HALL:
        return "hall", state.hall_audible
    if source_id == OPERATOR:
        return "operator", bool(state.mixing.talkback)
    person, source = state.participants.get(source_id), state.sources.get(source_id)
    if person is not None:
        return "participant", person.audible
    if source is None:
        return None
    if source.hall:
        return "hall", state.hall_audible and not source.muted
    return "media", not source.muted


def voice_of(state: SessionState, source_id: str) -> str:
    """Whose sound belongs to a source: that of the hall's microphones to a camera of the hall. Pure."""
    source = state.sources.get(source_id)
    return HALL if source is not None and source.hall and state.hall_sound.on else source_id


def fader_gain(state: SessionState, target: str) -> float:
    """The factor of a fader, as it stands."""
    return gain_of(state.mixing.faders_db.get(target, 0.0))


def mix_desk(state: SessionState) -> MixDesk:
    """What is set at the mixer besides its inputs. Pure."""

    def bus(which: MixBus) -> float:
        return 0.0 if which in state.mixing.muted_buses else fader_gain(state, which)

    target = state.participants.get(state.mixing.talkback)
    return MixDesk(
        program=bus(MixBus.PROGRAM),
        shared=bus(MixBus.SHARED),
        hall=bus(MixBus.HALL),
        test_tone=state.mixing.test_tone,
        duck_inactive=state.mixing.duck_inactive,
        talkback=target.id if target is not None and target.presence is Presence.CONNECTED else "",
    )


def audio_plan(own: Mapping[str, int]) -> p.AudioPlan:
    """Who hears what: ring numbers as names."""
    return p.AudioPlan(
        shared=p.RING_SHARED, own={who: p.ring_minus(ring) for who, ring in sorted(own.items())}
    )


class Sound:
    """Owns the mixer thread and keeps its inputs true to the state."""

    def __init__(
        self,
        bus: Path,
        store: SessionStore,
        observations: Observations,
        room: RoomHub,
        on_program: Callable[[SoundBlock], None],
    ) -> None:
        """`on_program` is called on the mixer's thread with every block of PROGRAM."""
        self._store, self._observations, self._room = store, observations, room
        self._loop = asyncio.get_running_loop()
        self._wanted: tuple[dict[str, MixInput], MixDesk] = ({}, MixDesk())
        names = MixerNames(p.ENGINE_AUDIO, p.RING_SHARED, [p.ring_minus(ring) for ring in range(RINGS)])
        self._thread = MixerThread(
            bus,
            names,
            on_program=lambda samples, stamp_us: on_program(SoundBlock(samples, stamp_us)),
            on_rings=self._on_rings,
        )

    def listen_to_mix(self, on_mixed: OnMixed) -> None:
        """Have every tick's blocks handed over, on the mixer's thread."""
        self._thread.on_mixed = on_mixed

    def start(self) -> None:
        """Begin to mix."""
        self._thread.start()

    def stop(self) -> None:
        """End the mixer; blocks for a moment."""
        self._thread.stop()

    def _on_rings(self, own: Mapping[str, int]) -> None:
        self._loop.call_soon_threadsafe(self._room.set_audio_plan, audio_plan(own))

    def plan(self) -> None:
        """Take over the state and the places of the sources."""
        state = self._store.state
        places = {
            key.removeprefix("media."): place
            for key, place in self._observations.values.items()
            if key.startswith("media.")
        }
        wanted = (mix_inputs(state, places), mix_desk(state))
        if wanted != self._wanted:
            self._wanted = wanted
            self._thread.set_inputs(*wanted)

    def late_us(self, source_id: str) -> int:
        """How much later than its stamps say a source is heard now (negative: earlier); from any thread."""
        return self._thread.late_us(voice_of(self._store.state, source_id))

    def figures(self) -> dict[str, Any]:
        """Counters of the mixer."""
        figures = self._thread.figures()
        return {
            "ticks": figures["ticks"],
            "late_ticks": figures["late_ticks"],
            "skipped_ticks": figures["skipped_ticks"],
            "open": figures["open"],
        }
