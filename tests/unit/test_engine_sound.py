"""The mixer's rules: keys that are held, faders, talkback, and what the mixer is told of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from media.audio.gains import gain_of
from operator_console import protocol as p
from operator_console.engine import holds, soundrules
from operator_console.engine.holds import HeldCommands
from operator_console.engine.sound import mix_desk, mix_inputs, voice_of
from operator_console.engine.store import JOURNAL_UNWRITABLE
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import HALL, OPERATOR, HallSound, MixBus, SessionState, Source, SourceKind
from tests.unit.engine_kit import BareEngine, bare_engine
from tests.unit.session_kit import joined

MICROPHONE = p.MediaPlace(audio=("audio-hall", 1))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[BareEngine]:
    async with bare_engine(tmp_path) as made:
        await made.do(p.OpenSession(title="Rapat"))
        film = Source(id="s1", kind=SourceKind.FILE, name="Film")
        people = [fact for who in ("p1", "p2") for fact in joined(who)]
        await made.store.record("test", *people, f.SourceAdded(source=film))
        made.observations.set(f"media.{OPERATOR}", MICROPHONE)
        yield made


async def refusal(engine: BareEngine, command: p.AnyCommand) -> str:
    with pytest.raises(OperatorError) as caught:
        await engine.do(command)
    refused = caught.value.refusal
    assert refused.text_id and refused.text_en and refused.text_id != refused.text_en
    return refused.code


@pytest.mark.parametrize("target", ["p1", "s1", HALL, OPERATOR, *MixBus])
async def test_every_fader_moves_and_stands_at_0_db_without_a_trace(engine: BareEngine, target: str) -> None:
    await engine.do(p.SetFader(target=target, gain_db=-6.04))
    assert engine.store.state.mixing.faders_db == {target: -6.0}
    rev = engine.store.state.rev
    await engine.do(p.SetFader(target=target, gain_db=-6.0))
    assert engine.store.state.rev == rev
    await engine.do(p.SetFader(target=target, gain_db=-0.01))
    assert engine.store.state.mixing.faders_db == {}


@pytest.mark.parametrize("gain_db", [12.1, -60.1, float("nan"), float("inf")])
async def test_a_fader_has_ends(engine: BareEngine, gain_db: float) -> None:
    assert await refusal(engine, p.SetFader(target="p1", gain_db=gain_db)) == "fader_range"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (p.SetFader(target="nobody", gain_db=0), "unknown_fader"),
        (p.SetBusMuted(bus="bus:x", muted=True), "unknown_bus"),
        (p.HoldHallKey(key="sing", held=True), "unknown_key"),
        (p.SetParticipantDucked(participant_id="nobody", ducked=True), "unknown_participant"),
        (p.SetTalkback(participant_id="nobody"), "unknown_participant"),
    ],
)
async def test_what_is_not_there_is_refused(engine: BareEngine, command: p.AnyCommand, code: str) -> None:
    assert await refusal(engine, command) == code


async def test_talkback_wants_a_microphone_and_somebody_who_hears(engine: BareEngine) -> None:
    await engine.do(p.SetTalkback(participant_id="p1"))
    assert engine.store.state.mixing.talkback == "p1"
    engine.observations.set(f"media.{OPERATOR}", None)
    assert await refusal(engine, p.SetTalkback(participant_id="p2")) == "no_operator_microphone"
    await engine.store.record("room", f.ParticipantLost(participant_id="p2", reason="lost"))
    assert await refusal(engine, p.SetTalkback(participant_id="p2")) == "not_connected"
    await engine.do(p.SetTalkback())
    assert engine.store.state.mixing.talkback == ""


async def test_who_leaves_takes_his_fader_ducking_and_talkback_with_him(engine: BareEngine) -> None:
    await engine.do(p.SetFader(target="p1", gain_db=3))
    await engine.do(p.SetParticipantDucked(participant_id="p1", ducked=True))
    await engine.do(p.SetTalkback(participant_id="p1"))
    await engine.do(p.SetFader(target="p2", gain_db=-3))
    await engine.store.record("room", f.ParticipantLeft(participant_id="p1", reason="left"))
    mixing = engine.store.state.mixing
    assert (mixing.faders_db, mixing.ducked, mixing.talkback) == ({"p2": -3.0}, (), "")


async def test_the_soft_duck_is_remembered_for_the_next_session(engine: BareEngine) -> None:
    await engine.do(p.SetDuckInactive(on=True))
    assert engine.changed == {"duck_inactive": True}
    assert engine.store.state.mixing.duck_inactive
    assert soundrules.at_opening(duck_inactive=True) == [f.DuckInactiveSet(on=True)]
    assert soundrules.at_opening(duck_inactive=False) == []


async def test_an_engine_that_begins_anew_has_nobody_holding_anything(engine: BareEngine) -> None:
    await engine.do(p.HoldHallKey(key="talk", held=True))
    await engine.do(p.HoldHallKey(key="cough", held=True))
    await engine.do(p.SetTalkback(participant_id="p1"))
    await engine.store.record("engine", *soundrules.let_go(engine.store.state))
    mixing = engine.store.state.mixing
    assert (mixing.talk_held, mixing.cough_held, mixing.talkback) == (False, False, "")


class Desks:
    """Two clients of one engine; the journal can be made to refuse what is let go."""

    def __init__(self, engine: BareEngine) -> None:
        self.engine, self.full = engine, False
        self.clients = {"deck", "window"}
        self.tasks: list[asyncio.Task[None]] = []
        self.held = HeldCommands(self._run, lambda: self.clients, self._spawn)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))

    async def _run(self, actor: str, command: p.AnyCommand) -> dict[str, Any]:
        if self.full:
            raise OperatorError(JOURNAL_UNWRITABLE, "Penuh.", "Full.")
        return await self.engine.do(command)

    async def key(self, client: str, held: bool) -> bool:
        await self.held.execute(client, p.HoldHallKey(key="talk", held=held), client)
        return self.talk_held()

    def talk_held(self) -> bool:
        return self.engine.store.state.mixing.talk_held

    async def talk_to(self, client: str, whom: str = "") -> str:
        await self.held.execute(client, p.SetTalkback(participant_id=whom), client)
        return self.engine.store.state.mixing.talkback

    async def leaves(self, client: str) -> None:
        self.clients.discard(client)
        self.held.client_gone(client, client)
        await asyncio.gather(*self.tasks)


@pytest.fixture
def desks(engine: BareEngine) -> Desks:
    return Desks(engine)


async def test_a_key_is_up_when_both_clients_have_let_go(desks: Desks) -> None:
    for first, second in (("deck", "window"), ("window", "deck")):
        assert await desks.key("deck", True)
        assert await desks.key("window", True)
        assert await desks.key(first, False), "the other still holds it"
        assert not await desks.key(second, False)


async def test_who_goes_away_lets_go(desks: Desks) -> None:
    await desks.key("deck", True)
    await desks.key("window", True)
    await desks.leaves("deck")
    assert desks.talk_held()
    await desks.leaves("window")
    assert not desks.talk_held()
    await desks.key("deck", True)  # it comes to an end after he has left
    await asyncio.gather(*desks.tasks)
    assert not desks.talk_held()


async def test_talkback_ends_with_its_owner_and_by_nobody_else(desks: Desks) -> None:
    assert await desks.talk_to("deck", "p1") == "p1"
    assert await desks.talk_to("window") == "p1", "it is the deck's"
    assert await desks.talk_to("window", "p2") == "p2"
    assert await desks.talk_to("deck") == "p2"
    await desks.leaves("deck")
    assert desks.engine.store.state.mixing.talkback == "p2"
    await desks.leaves("window")
    assert desks.engine.store.state.mixing.talkback == ""


async def test_a_talkback_that_is_refused_takes_it_from_nobody(desks: Desks) -> None:
    await desks.talk_to("deck", "p1")
    with pytest.raises(OperatorError):
        await desks.talk_to("window", "nobody")
    assert await desks.talk_to("deck") == ""


@pytest.mark.parametrize("pressed_again", [False, True])
async def test_a_release_that_the_journal_refuses_is_made_up_for(
    desks: Desks, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None], pressed_again: bool
) -> None:
    monkeypatch.setattr(holds, "LET_GO_AGAIN_S", 0.05)
    if not pressed_again:
        expect_log("what a client held could not be let go: Full.")
    await desks.key("deck", True)
    desks.full = True
    with pytest.raises(OperatorError):
        await desks.key("deck", False)
    if pressed_again:
        desks.full = False
        assert await desks.key("deck", True)
    else:
        await asyncio.sleep(0.08)
    desks.full = False
    await asyncio.gather(*desks.tasks)
    assert desks.talk_held() == pressed_again


# ---- what the mixer is told


def places(*names: str) -> dict[str, Any]:
    return {name: p.MediaPlace(audio=("audio-x", number)) for number, name in enumerate(names)}


async def test_the_hall_is_heard_by_its_keys_and_the_operator_only_in_talkback(engine: BareEngine) -> None:
    async def audible(*facts: f.AnyFact) -> tuple[bool, bool]:
        await engine.store.record("test", *facts)
        inputs = mix_inputs(engine.store.state, places(HALL, OPERATOR))
        assert (inputs[HALL].role, inputs[OPERATOR].role) == ("hall", "operator")
        return inputs[HALL].audible, inputs[OPERATOR].audible

    assert await audible() == (True, False)
    assert await audible(f.HallSoundSet(hall=HallSound(on=True, push_to_talk=True))) == (False, False)
    assert await audible(f.HallKeyHeld(key="talk", held=True)) == (True, False)
    assert await audible(f.HallKeyHeld(key="cough", held=True)) == (False, False)
    assert await audible(f.HallKeyHeld(key="cough", held=False), f.HallMuted(muted=True)) == (False, False)
    assert await audible(f.TalkbackSet(participant_id="p1")) == (False, True)


async def test_faders_mutes_and_ducking_become_gains(engine: BareEngine) -> None:
    await engine.store.record("room", f.MicrophoneReported(participant_id="p1", on=True))
    await engine.do(p.SetFader(target="p1", gain_db=-60))
    await engine.do(p.SetFader(target="s1", gain_db=6))
    await engine.do(p.SetParticipantDucked(participant_id="p2", ducked=True))
    await engine.do(p.SetFader(target=MixBus.SHARED, gain_db=-3))
    await engine.do(p.SetBusMuted(bus=MixBus.HALL, muted=True))
    await engine.do(p.SetTestTone(on=True))
    state = engine.store.state
    inputs = mix_inputs(state, places("p1", "p2", "s1"))
    gains = {name: round(one.gain, 3) for name, one in inputs.items()}
    assert gains == {"p1": 0.0, "p2": 0.126, "s1": 1.995}
    desk = mix_desk(state)
    assert (desk.program, desk.shared, desk.hall) == (1.0, gain_of(-3.0), 0.0)
    assert desk.test_tone


async def test_nobody_is_spoken_to_while_he_is_away(engine: BareEngine) -> None:
    await engine.do(p.SetTalkback(participant_id="p1"))
    assert mix_desk(engine.store.state).talkback == "p1"
    await engine.store.record("room", f.ParticipantLost(participant_id="p1", reason="lost"))
    assert mix_desk(engine.store.state).talkback == ""


def test_a_camera_of_the_hall_is_shown_in_time_with_the_halls_microphones() -> None:
    cameras = {one: Source(id=one, kind=SourceKind.CAMERA, name="", hall=one == "s1") for one in ("s1", "s2")}
    state = SessionState(sources=cameras, hall_sound=HallSound(on=True))
    assert [voice_of(state, one) for one in ("s1", "s2", "p1")] == [HALL, "s2", "p1"]
    assert voice_of(SessionState(sources=cameras), "s1") == "s1"
