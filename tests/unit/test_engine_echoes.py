"""The watch over echoes and twins, on a real bus: whose room returns sound is observed, and nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from media.audio.mixplan import MixPlan
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from media.bus.writer import AudioWriter
from operator_console import protocol as p
from operator_console.engine import echoes
from operator_console.engine.echoes import EchoWatch, Heard, open_microphones
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.journal import Journal
from operator_console.session import facts as f
from operator_console.session.model import Participant, Presence, SessionState
from tests.media.echo_kit import F32, I16, as_int16, hiss, returned, said
from tests.unit.session_kit import invite, joined

SECONDS = 20.0
COUNT = round(SECONDS * 48_000)
BEGIN_US = 7_000_000_000
SKEW_US = 7_300
"""Blocks of a room do not begin where the mixer's do."""


@dataclass(frozen=True)
class Mix:
    shared: I16
    minus: dict[int, I16]
    plan: MixPlan


class Rooms:
    """Two offices and the mixer, in a time of their own."""

    def __init__(self, bus: Path, store: SessionStore) -> None:
        self.observations = Observations()
        self.watch = EchoWatch(bus, store, self.observations)
        self.writer = AudioWriter(bus, "audio-room0", 2)
        self.people = {"p1": Heard("audio-room0", 0), "p2": Heard("audio-room0", 1)}
        self.at = 0

    def go_on(self, sent: I16, heard: list[I16], twins: dict[str, str] | None = None) -> None:
        """Let everybody hear `sent`, and their microphones give `heard`."""
        for index in range(len(sent) // BLOCK_SAMPLES):
            span = slice(index * BLOCK_SAMPLES, (index + 1) * BLOCK_SAMPLES)
            block, tick = sent[span], BEGIN_US // BLOCK_US + self.at
            self.watch.take_mix(Mix(block, {0: block}, MixPlan(minus={0: "p1"})), tick)
            for ring, sound in enumerate(heard):
                stamp_us = BEGIN_US + self.at * BLOCK_US + SKEW_US
                if sound[span].any():
                    self.writer.write(ring, 500 + self.at, sound[span], stamp_us)
            self.at += 1
            if self.at % 25 == 0:
                self.watch.listen(self.people, twins or {}, BEGIN_US + self.at * BLOCK_US)


@pytest.fixture
async def rooms(tmp_path: Path) -> AsyncIterator[Rooms]:
    store = SessionStore(Journal(tmp_path / "journal.db"))
    made = Rooms(tmp_path, store)
    yield made
    made.watch.close()
    made.writer.close()
    await store.close()


def noisy(sound: F32, seed: int) -> I16:
    return as_int16(sound + hiss(seed, COUNT, -62))


def test_whose_room_returns_sound_is_observed_until_he_closes_his_microphone(rooms: Rooms) -> None:
    sent = said(0, SECONDS)
    rooms.go_on(as_int16(sent), [noisy(returned(sent, 240, -18), 1), noisy(said(4, SECONDS), 2)])
    verdicts = rooms.watch.verdicts()
    assert set(verdicts) == {"p1"}
    told = verdicts["p1"]
    assert told["returns"] is True
    assert told["delay_ms"] == pytest.approx(240 + SKEW_US / 1000, abs=5)
    assert told["score"] == pytest.approx(0.55, abs=0.08)  # -18 dB
    assert told["since_ms"] > 0
    del rooms.people["p1"]
    rooms.watch.listen(rooms.people, {}, BEGIN_US + rooms.at * BLOCK_US)
    assert rooms.watch.verdicts() == {}


def test_an_echo_that_stops_is_no_longer_observed(rooms: Rooms) -> None:
    sent, nobody = said(0, SECONDS), np.zeros(COUNT, np.int16)
    rooms.go_on(as_int16(sent), [noisy(returned(sent, 240, -18), 1), nobody])
    assert set(rooms.watch.verdicts()) == {"p1"}
    rooms.go_on(as_int16(sent), [nobody, nobody])  # a head set: nothing is sent while he is silent
    assert rooms.watch.verdicts() == {}


async def test_a_watch_that_fails_accuses_nobody_and_begins_anew(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("the echoes cannot be watched")
    monkeypatch.setattr(echoes, "AFTER_ERROR_S", 0.0)
    rooms.watch.listen(rooms.people, {}, BEGIN_US)
    rooms.observations.set("echo.p1", {"score": 0.5, "returns": True})
    silence = np.zeros(BLOCK_SAMPLES, np.int16)
    rooms.watch.take_mix(Mix(silence, {}, None), 1)  # type: ignore[arg-type]
    await rooms.watch.look()
    assert "echo.p1" not in rooms.observations.values
    rooms.watch.listen(rooms.people, {}, BEGIN_US)
    assert rooms.watch.verdicts() == {}


def test_two_of_one_office_who_hear_the_same_are_found_alike(rooms: Rooms) -> None:
    voice, silence = said(4, SECONDS), np.zeros(COUNT, np.int16)
    other = returned(voice, 15, -12)
    rooms.go_on(silence, [noisy(voice, 1), noisy(other, 2)], {"p1": "p2", "p2": "p1"})
    assert rooms.watch.alike == {frozenset(("p1", "p2"))}
    assert rooms.watch.verdicts() == {}


def test_two_of_one_office_in_two_places_are_not_alike(rooms: Rooms) -> None:
    sent = said(0, SECONDS)
    heard = [noisy(said(4, SECONDS), 1), noisy(said(5, SECONDS), 2)]
    rooms.go_on(as_int16(sent), heard, {"p1": "p2", "p2": "p1"})
    assert rooms.watch.alike == set()


async def test_twins_are_observed_while_both_are_there(tmp_path: Path) -> None:
    store, observations = SessionStore(Journal(tmp_path / "journal.db")), Observations()
    watch = EchoWatch(tmp_path, store, observations)
    opened = f.SessionOpened(session_id="s", title="Rapat", office="Banjar")
    await store.decide("t", lambda _s: [opened], session_id="s")
    people = [
        *joined("p1", office="Desa Podok"),
        *joined("p2", office="Aranio"),
        *joined("p3", office="desa podok"),
    ]
    await store.record("t", f.InviteCreated(invite=invite(max_uses=9)), *people)
    for who, network in (("p1", "n1"), ("p2", "n1"), ("p3", "n1")):
        observations.set(f"link.{who}", p.Link(network=network))
    await watch.look()
    told = {key: value for key, value in observations.values.items() if key.startswith("twin.")}
    assert told == {"twin.p1": {"other": "p3", "near": True}, "twin.p3": {"other": "p1", "near": True}}
    observations.flush()
    await store.record("t", f.ParticipantLost(participant_id="p1", reason="lost"))
    await watch.look()
    assert observations.flush() == {"twin.p1": None, "twin.p3": None}
    watch.close()
    await store.close()


def test_only_open_microphones_are_listened_to() -> None:
    def person(number: int, *, mic_on: bool = True, muted: bool = False) -> Participant:
        return Participant(
            id=f"p{number}", number=number, name="", presence=Presence.CONNECTED, mic_on=mic_on, muted=muted
        )

    people = [person(1), person(2, mic_on=False), person(3, muted=True), person(4)]
    state = SessionState(participants={one.id: one for one in people})
    places = {f"media.p{n}": p.MediaPlace(audio=("audio-room0", n)) for n in (1, 2, 3)}
    observed = {**places, "link.p1": p.Link(rtt_ms=84.0)}
    assert open_microphones(state, observed) == {"p1": Heard("audio-room0", 1, 84.0)}
