"""Which strips a mixer has and how each stands: pure, from the session's state and what is observed."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from operator_console.protocol import (
    AUDIO_HALL,
    AUDIO_MIC,
    AUDIO_PROGRAM,
    AUDIO_SHARED,
    ENGINE_AUDIO,
    HALL_AUDIO,
)
from operator_console.session.model import HALL, MixBus, Participant, SessionState, Source
from ui.feeds import title_of
from ui.observations import Observations
from ui.pictures import Place

_RINGS = {MixBus.PROGRAM: AUDIO_PROGRAM, MixBus.SHARED: AUDIO_SHARED, MixBus.HALL: AUDIO_HALL}


@dataclass(frozen=True, slots=True)
class StripData:
    """One strip; `id` is what `SetFader` calls its target."""

    id: str
    name: str
    place: Place | None = None
    gain_db: float = 0.0
    muted: bool = False
    waits: bool = False
    """Open, but silent for a key: cough held, or the talk key not held."""
    mic: bool = False
    """Its mute closes a microphone."""
    air: bool = False


def bus_name(bus: MixBus) -> str:
    """What a bus is called on its strip."""
    return {
        MixBus.PROGRAM: QCoreApplication.translate("Strips", "PROGRAM"),
        MixBus.SHARED: QCoreApplication.translate("Strips", "To offices"),
        MixBus.HALL: QCoreApplication.translate("Strips", "To hall"),
    }[bus]


def _bus(bus: MixBus, state: SessionState) -> StripData:
    return StripData(
        id=bus.value,
        name=bus_name(bus),
        place=(ENGINE_AUDIO, _RINGS[bus]),
        gain_db=state.mixing.faders_db.get(bus.value, 0.0),
        muted=bus.value in state.mixing.muted_buses,
        air=bus is MixBus.PROGRAM,
    )


def buses(state: SessionState) -> tuple[StripData, ...]:
    """The three buses, program last."""
    return tuple(_bus(bus, state) for bus in (MixBus.SHARED, MixBus.HALL, MixBus.PROGRAM))


def hall_microphone(state: SessionState, seen: Observations) -> tuple[StripData, ...]:
    """The hall's own microphones, where its sound is on."""
    if not state.hall_sound.on:
        return ()
    media = seen.place(HALL)
    strip = StripData(
        id=HALL,
        name=QCoreApplication.translate("Strips", "Hall mic"),
        place=(media.audio if media else None) or (HALL_AUDIO, AUDIO_MIC),
        gain_db=state.mixing.faders_db.get(HALL, 0.0),
        muted=state.hall_muted,
        waits=not state.hall_muted and not state.hall_audible,
        mic=True,
    )
    return (strip,)


def hall_used(state: SessionState, seen: Observations) -> bool:
    """Whether anything of the hall can be heard: its microphones, or the sound of one of its sources."""
    own = (seen.place(source.id) for source in state.sources.values() if source.hall)
    return state.hall_sound.on or any(media is not None and media.audio for media in own)


def _source(source: Source, place: Place, state: SessionState) -> StripData:
    return StripData(
        id=source.id,
        name=source.name,
        place=place,
        gain_db=state.mixing.faders_db.get(source.id, 0.0),
        muted=source.muted or (source.hall and state.hall_muted),
    )


def sources(state: SessionState, seen: Observations) -> tuple[StripData, ...]:
    """Own sources that have sound."""
    found = ((source, seen.place(source.id)) for source in state.sources.values())
    return tuple(_source(source, media.audio, state) for source, media in found if media and media.audio)


def _person(person: Participant, state: SessionState, seen: Observations) -> StripData:
    media = seen.place(person.id)
    return StripData(
        id=person.id,
        name=title_of(person),
        place=media.audio if media and person.audible else None,
        gain_db=state.mixing.faders_db.get(person.id, 0.0),
        muted=not person.audible,
        mic=True,
    )


def people(
    state: SessionState, seen: Observations, kept: frozenset[str] = frozenset()
) -> tuple[StripData, ...]:
    """Participants with an open microphone, and those of `kept` who still have a seat."""
    return tuple(_person(one, state, seen) for one in state.seated if one.audible or one.id in kept)


def panel_strips(state: SessionState, seen: Observations, room_for: int) -> tuple[StripData, ...]:
    """What the audio panel shows in its places: buses and hall always, sources while there is room."""
    hall, out = hall_microphone(state, seen), buses(state)
    own = sources(state, seen)[: max(0, room_for - len(hall) - len(out))]
    return (*hall, *own, *out)
