"""The commands: each one repeated leaves the state as the first time, whatever happened before."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_console import protocol as p
from operator_console.engine import rules
from operator_console.engine.context import HANDLERS
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import (
    LAYOUT_CAPACITY,
    Layout,
    LayoutKind,
    LowerThird,
    MixBus,
    SessionState,
    Source,
    SourceKind,
)
from tests.unit.engine_kit import BareEngine, bare_engine
from tests.unit.session_kit import invite, joined

NEW_EACH_TIME = (p.CreateInvite, p.AddSource, p.MarkChapter, p.SplitRecording)
"""Commands that make a new thing each time: this is what the operator asks for."""

WHO = st.sampled_from(["p1", "p2", "p3", "k1", "s1", "nobody"])
LAYOUTS = st.builds(Layout, kind=st.sampled_from([*LayoutKind]), sources=st.lists(WHO, max_size=6).map(tuple))
CAPTIONS = st.none() | st.builds(LowerThird, title=st.sampled_from(["", " Bupati ", "x" * 500]))
GAINS = st.sampled_from([-60.0, -6.0, 0.0, 3.04, 12.0, 40.0])
TRANSITIONS = st.sampled_from(["cut", "fade", "explode"])
COMMANDS: dict[type[p.Command], dict[str, st.SearchStrategy[Any]]] = {
    p.AdmitParticipant: {"participant_id": WHO},
    p.RefuseParticipant: {"participant_id": WHO},
    p.RemoveParticipant: {"participant_id": WHO, "ban": st.booleans()},
    p.SetRoomLocked: {"locked": st.booleans()},
    p.SetParticipantMuted: {"participant_id": WHO, "muted": st.booleans()},
    p.MuteAll: {"except_ids": st.lists(WHO, max_size=2).map(tuple)},
    p.SetHallMuted: {"muted": st.booleans()},
    p.SetSourceMuted: {"source_id": WHO, "muted": st.booleans()},
    p.SetHallSound: {"on": st.none() | st.booleans(), "input": st.sampled_from([None, "", "Meja", "\n"])},
    p.HoldHallKey: {"key": st.sampled_from(["talk", "cough", "sing"]), "held": st.booleans()},
    p.SetFader: {"target": WHO | st.sampled_from(["hall", "operator", "bus:hall"]), "gain_db": GAINS},
    p.SetBusMuted: {"bus": st.sampled_from([*MixBus, "bus:none"]), "muted": st.booleans()},
    p.SetParticipantDucked: {"participant_id": WHO, "ducked": st.booleans()},
    p.SetDuckInactive: {"on": st.booleans()},
    p.SetTestTone: {"on": st.booleans()},
    p.SetTalkback: {"participant_id": WHO | st.just("")},
    p.RunAudioTest: {"test": st.sampled_from(["chime", "room", "none"])},
    p.StopAudioTest: {},
    p.LowerHand: {"participant_id": WHO},
    p.RemoveSource: {"source_id": WHO},
    p.SetPreview: {"layout": LAYOUTS},
    p.Take: {"transition": TRANSITIONS, "layout": LAYOUTS},
    p.CutTo: {"layout": LAYOUTS, "transition": TRANSITIONS},
    p.SetSpotlight: {"source_id": WHO | st.just("")},
    p.SetSlate: {"shown": st.booleans(), "text": st.sampled_from(["", " Istirahat ", "x" * 300])},
    p.SetLowerThird: {"lower_third": CAPTIONS},
    p.SetNamesShown: {"shown": st.booleans()},
    p.RevokeInvite: {"invite_id": st.sampled_from(["i1", "i9"])},
    p.AdmitAll: {},
    p.StartRecording: {},
    p.StopRecording: {},
    p.PauseRecording: {},
    p.ResumeRecording: {},
    p.StartIsoRecording: {"participant_id": WHO},
    p.StopIsoRecording: {"participant_id": WHO},
    p.StartLivestream: {"destination_id": st.just("d"), "url": st.just("rtmp://h/live"), "key": st.just("k")},
    p.StopLivestream: {"destination_id": st.just("d"), "now": st.booleans()},
    p.RunLineTest: {"destination_id": st.just("d"), "url": st.just("rtmp://h/live")},
    p.StopLineTest: {},
    p.SignInYoutube: {"for_run": st.booleans()},
    p.CancelYoutubeSignIn: {},
    p.SignOutYoutube: {},
    p.LookForBroadcasts: {},
    p.ScheduleBroadcast: {"title": st.just("Rapat"), "scheduled_at_ms": st.just(4_000_000_000_000)},
    p.RemoveBroadcast: {"broadcast_id": st.just("b1")},
    p.StartBroadcast: {"title": st.just("Rapat")},
    p.AcknowledgeAlarm: {"alarm": st.sampled_from(["silent", "black", "none"])},
    p.VerifyJournal: {},
    p.CloseSession: {},
}
STEPS = st.one_of([st.builds(kind, **fields) for kind, fields in COMMANDS.items()])


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[BareEngine]:
    async with bare_engine(tmp_path) as made:
        await fill(made)
        yield made


async def fill(engine: BareEngine) -> None:
    """Open a session with three people, one in the lobby, a camera and an invite."""
    await engine.do(p.OpenSession(title="Rapat", office="Banjar"))
    people = [fact for who in ("p1", "p2", "p3") for fact in joined(who)]
    knocking = f.ParticipantKnocked(participant_id="k1", name="Tamu", invite_id="i1")
    camera = f.SourceAdded(source=Source(id="s1", kind=SourceKind.CAMERA, name="Aula"))
    hand = f.HandRaised(participant_id="p2")
    engine.observations.set("media.operator", p.MediaPlace(audio=("audio-hall", 1)))
    first = f.InviteCreated(invite=invite(max_uses=100))
    await engine.store.record("test", first, *people, knocking, camera, hand)


async def tried(engine: BareEngine, command: p.AnyCommand) -> str:
    try:
        await engine.do(command)
    except OperatorError as error:
        return error.refusal.code
    return ""


def test_every_command_has_a_handler_or_is_the_servers_own() -> None:
    assert set(HANDLERS) == set(get_args(p.AnyCommand)) - {p.SetWants}


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
def test_a_command_repeated_changes_nothing_more(steps: list[p.AnyCommand]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with bare_engine(Path(folder)) as engine:
                await fill(engine)
                for command in steps:
                    await tried(engine, command)
                    after_once = engine.store.state
                    await tried(engine, command)
                    assert engine.store.state == after_once, command
                assert (await engine.store.verify()).ok
                check_sense(engine.store.state)

    asyncio.run(play())


def check_sense(state: SessionState) -> None:
    """What must hold after any commands."""
    known = {one.id for one in state.seated} | set(state.sources)
    program = state.program
    for layout in (program.on_air, program.preview, program.before_spotlight):
        assert set(layout.sources) <= known
        assert len(set(layout.sources)) == len(layout.sources) <= LAYOUT_CAPACITY[layout.kind]
    mixing = state.mixing
    assert not mixing.talkback or mixing.talkback in known
    assert set(mixing.ducked) <= known
    assert all(-60 <= gain_db <= 12 for gain_db in mixing.faders_db.values())
    assert not program.spotlight or program.on_air.sources == (program.spotlight,)


def test_the_commands_of_this_test_are_all_but_those_that_make_something_new() -> None:
    apart = {p.OpenSession, p.SetWants, p.SetSetting, p.ShutDown, *NEW_EACH_TIME}
    assert set(COMMANDS) | apart == set(get_args(p.AnyCommand))


async def test_an_invite_shows_its_token_once_and_keeps_only_the_hash(engine: BareEngine) -> None:
    made = await engine.do(p.CreateInvite(label=" Camat ", max_uses=2))
    token = made["token"]
    assert made["url"].endswith(f"#t={token}") and len(token) >= 22
    kept = engine.store.state.invites[made["invite_id"]]
    assert kept.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert (kept.label, kept.max_uses) == ("Camat", 2)
    everything = b"".join(path.read_bytes() for path in engine.store._journal.path.parent.iterdir())
    assert token.encode() not in everything


@pytest.mark.parametrize("wrong", [{"max_uses": 0}, {"max_uses": 10_001}, {"valid_minutes": 0}])
async def test_an_invite_for_nobody_or_for_ever_is_refused(engine: BareEngine, wrong: dict[str, Any]) -> None:
    assert await tried(engine, p.CreateInvite(**wrong)) == "invite_limits"


async def test_lifting_a_mute_opens_a_microphone_only_with_consent(engine: BareEngine) -> None:
    await engine.do(p.MuteAll())
    assert await engine.do(p.SetParticipantMuted(participant_id="p1", muted=False)) == {"asked": True}
    await engine.store.record("room", f.ConsentChanged(participant_id="p2", consent=True))
    assert await engine.do(p.SetParticipantMuted(participant_id="p2", muted=False)) == {"asked": False}
    assert engine.noted_room.asked == [("p1", "ask_mic"), ("p2", "open_mic")]
    await engine.do(p.SetParticipantMuted(participant_id="p1", muted=True))
    assert len(engine.noted_room.asked) == 2, "muting never asks"


async def test_opening_and_closing_tell_the_room_and_stop_the_outputs(engine: BareEngine) -> None:
    assert engine.noted_room.set_ups == 1
    await engine.do(p.StartRecording())
    await engine.do(p.CloseSession())
    assert engine.noted_room.set_ups == 2 and not engine.noted_outputs.recording
    assert engine.store.state.seated == []
    for command in (p.StartRecording(), p.CreateInvite(), p.MarkChapter(), p.SetRoomLocked(locked=True)):
        assert await tried(engine, command) == "no_session"
    await engine.do(p.OpenSession(title="Berikutnya"))
    assert engine.store.state.timezone == "Asia/Jakarta", "the zone of the settings where none was given"


async def test_a_close_that_the_journal_refuses_ends_the_outputs_and_tells_youtube(
    engine: BareEngine, expect_log: Callable[[str], None]
) -> None:
    expect_log("journal refused facts")
    await engine.store.record("a", f.IsoRecordingStarted(participant_id="p1", folder="/v", stem="p1"))
    await engine.do(p.StartRecording())
    engine.store._journal._connection.execute("PRAGMA query_only=1")
    assert await tried(engine, p.CloseSession()) == "journal_unwritable"
    assert engine.youtube.asked == ["ending", "stopped"] and not engine.noted_outputs.recording
    engine.store._journal._connection.execute("PRAGMA query_only=0")
    await engine.do(p.CloseSession())
    assert engine.store.state.closed_at_ms


async def test_two_consoles_that_close_at_once_close_once(engine: BareEngine) -> None:
    await asyncio.gather(*(engine.do(p.CloseSession()) for _ in range(3)))
    journal = engine.store._journal
    kinds = [type(record.body) for record in journal.facts(engine.store.state.session_id)]
    assert kinds.count(f.SessionClosed) == 1


async def test_sources_and_chapters_are_named(engine: BareEngine) -> None:
    made = await engine.do(p.AddSource(kind=SourceKind.FILE, name="  Film  ", address="/a.mp4"))
    source = engine.store.state.sources[made["source_id"]]
    assert (source.name, source.address) == ("Film", "/a.mp4")
    await engine.do(p.MarkChapter(title=" Pembukaan "))
    await engine.do(p.MarkChapter())
    assert [one.title for one in engine.store.state.chapters] == ["Pembukaan", "Bab 2"]


async def test_settings_and_shut_down_reach_the_engine(engine: BareEngine) -> None:
    await engine.do(p.SetSetting(name="language", value="en"))
    assert engine.changed == {"language": "en"}
    await engine.do(p.ShutDown())
    assert engine.stop_requested.is_set()


async def test_a_careful_shut_down_spares_an_open_session_and_other_consoles(engine: BareEngine) -> None:
    with pytest.raises(p.OperatorError) as open_still:
        await engine.do(p.ShutDown(idle_only=True))
    await engine.do(p.CloseSession())
    engine.needed_by_others = True
    with pytest.raises(p.OperatorError) as needed:
        await engine.do(p.ShutDown(idle_only=True, alone_only=True))
    assert (open_still.value.refusal.code, needed.value.refusal.code) == ("session_open", "engine_needed")
    assert not engine.stop_requested.is_set()
    await engine.do(p.ShutDown(idle_only=True))
    assert engine.stop_requested.is_set()


async def test_a_saved_setting_that_does_not_count_here_is_said(engine: BareEngine) -> None:
    change = p.SetSetting(name="office_name", value="Banjar")
    assert await engine.do(change) == {}
    engine.overridden.add("office_name")
    told = (await engine.do(change))["overridden"]
    assert (told["code"], told["args"]) == ("setting_overridden", {"name": "office_name"})
    assert engine.changed == {"office_name": "Banjar"}


async def test_a_slate_text_is_cut_to_what_fits(engine: BareEngine) -> None:
    await engine.do(p.SetSlate(shown=True, text="x" * 500))
    assert len(engine.store.state.program.slate_text) == rules.MAX_TITLE_CHARS
    before = engine.store.state
    await engine.do(p.SetSlate(shown=True, text="x" * 500))
    assert engine.store.state is before


def test_a_livestream_key_is_nowhere_in_the_facts() -> None:
    fields = {field.name for field in msgspec.structs.fields(f.LivestreamStarted)}
    assert fields == {"destination_id", "name", "url", "backup_url", "delay_s"}
