"""The fold: what each fact does to the state, and that no fact can make a replay fail."""

from __future__ import annotations

import inspect
import typing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_console.session import facts as f
from operator_console.session.fold import apply
from operator_console.session.model import (
    HallSound,
    Layout,
    LayoutKind,
    LowerThird,
    OutputPhase,
    Presence,
    SessionState,
    Source,
    SourceKind,
)
from tests.unit.session_kit import Story, invite, joined, opened

ALL_FACTS = typing.get_args(f.AnyFact)
GRID = Layout(kind=LayoutKind.GRID_2, sources=("p1", "p2", "s1"))


def test_a_split_that_was_under_way_ends_no_pause() -> None:
    story = opened()
    story.tell(f.RecordingStarted(recording_id="a", path="a.mp4"), f.RecordingConfirmed(recording_id="a"))
    story.tell(f.RecordingPaused(), f.RecordingStarted(recording_id="b", path="b.mp4", segment=2, split=True))
    story.tell(f.RecordingStopped(recording_id="b"), f.RecordingStopped(recording_id="a", size_bytes=1))
    entry = story.state.recording
    assert entry is not None and entry.id == "a" and entry.paused_at_ms and entry.phase is OutputPhase.STOPPED


def test_every_fact_class_is_in_the_union_that_the_journal_decodes() -> None:
    defined = {
        kind
        for _, kind in inspect.getmembers(f, inspect.isclass)
        if issubclass(kind, f.Fact) and kind not in (f.Fact, f.ParticipantFact)
    }
    assert defined == set(ALL_FACTS)


@pytest.mark.parametrize("kind", ALL_FACTS, ids=lambda kind: str(kind.__name__))
def test_a_fact_survives_the_journal(kind: type[f.Fact]) -> None:
    fact = sample(kind)
    assert f.decode_fact(f.encode_fact(fact)) == fact


def sample(kind: type[f.Fact]) -> f.AnyFact:
    """A fact with something in every field that has no default."""
    values: dict[str, object] = {
        "invite": invite(),
        "source": Source(id="s1", kind=SourceKind.FILE, name="Film"),
        "layout": GRID,
        "pid": 7,
        "on": True,
        "muted": True,
        "shown": True,
        "locked": True,
        "consent": True,
        "ducked": True,
        "held": True,
        "hall": HallSound(on=True, input="Meja"),
        "gain_db": -6.0,
        "delay_ms": 80.0,
        "coupling_db": -12.0,
        "drift_ppm": 3.0,
        "erle_db": 20.0,
    }
    fields = {
        field.name: values.get(field.name, 7 if field.type is int else "p1")
        for field in msgspec.structs.fields(kind)
        if field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT
    }
    return kind(**fields)  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ALL_FACTS, ids=lambda kind: str(kind.__name__))
def test_a_fact_about_nobody_known_is_no_error(kind: type[f.Fact]) -> None:
    record = f.FactRecord(seq=5, at_ms=1, actor="a", body=sample(kind))
    assert apply(SessionState(), record).rev == 5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*ALL_FACTS]).flatmap(
            lambda kind: st.sampled_from(["p1", "p2", "k1", "s1", "nobody", ""]).map(
                lambda who: named(sample(kind), who)
            )
        ),
        max_size=40,
    )
)
def test_no_order_of_facts_breaks_the_fold(bodies: list[f.AnyFact]) -> None:
    story = opened()
    state = story.tell(*bodies)
    assert state.rev == story.state.rev
    decoded = msgspec.json.decode(msgspec.json.encode(state), type=SessionState)
    assert decoded == state, "the snapshot that a console gets is the state itself"


def named(fact: f.AnyFact, who: str) -> f.AnyFact:
    names = {"participant_id", "source_id", "destination_id", "recording_id"}
    present = {field.name for field in msgspec.structs.fields(fact)} & names
    return msgspec.structs.replace(fact, **dict.fromkeys(present, who))


# ---- people


def test_somebody_comes_in() -> None:
    story = Story(f.SessionOpened(session_id="s", title="Rapat"), f.InviteCreated(invite=invite()))
    state = story.tell(
        f.ParticipantKnocked(
            participant_id="p1", name="Siti", office="A", invite_id="i1", consent=True, session_hash="h"
        )
    )
    someone = state.participants["p1"]
    assert (someone.number, someone.name, someone.consent) == (1, "Siti", True)
    assert state.lobby == [someone] and state.seated == []
    assert state.invites["i1"].uses == 1
    story.tell(f.ParticipantAdmitted(participant_id="p1"))
    assert story.state.participants["p1"].presence is Presence.ADMITTED
    state = story.tell(f.ParticipantConnected(participant_id="p1"))
    assert (state.seated[0].presence, state.lobby) == (Presence.CONNECTED, [])


def test_the_time_of_the_first_connection_stays() -> None:
    story = opened(1)
    first = story.state.participants["p1"].connected_at_ms
    story.tell(f.ParticipantLost(participant_id="p1", reason="x"))
    assert story.state.participants["p1"].presence is Presence.LOST
    assert story.state.seated[0].id == "p1", "who was lost keeps his seat"
    story.tell(f.ParticipantConnected(participant_id="p1"))
    assert story.state.participants["p1"].connected_at_ms == first


@pytest.mark.parametrize(
    ("fact", "presence"),
    [
        (f.ParticipantLeft(participant_id="p1"), Presence.LEFT),
        (f.ParticipantRemoved(participant_id="p1"), Presence.REMOVED),
    ],
)
def test_who_is_gone_is_off_air_off_preview_and_without_hand(fact: f.AnyFact, presence: Presence) -> None:
    story = opened()
    story.tell(
        f.LayoutTaken(layout=GRID),
        f.LayoutPreviewed(layout=GRID),
        f.MicrophoneReported(participant_id="p1", on=True),
        f.CameraReported(participant_id="p1", on=True),
        f.HandRaised(participant_id="p1"),
    )
    state = story.tell(fact)
    someone = state.participants["p1"]
    assert someone.presence is presence
    assert (someone.mic_on, someone.camera_on, someone.hand_at_ms) == (False, False, 0)
    assert state.program.on_air.sources == state.program.preview.sources == ("p2", "s1")


def test_who_is_refused_leaves_the_lobby() -> None:
    state = opened().tell(f.ParticipantRefused(participant_id="k1"))
    assert state.participants["k1"].presence is Presence.REFUSED and state.lobby == []


def test_a_ban_revokes_the_invite_a_removal_does_not() -> None:
    story = opened()
    story.tell(f.ParticipantRemoved(participant_id="p1"))
    assert not story.state.invites["i1"].revoked
    story.tell(f.ParticipantRemoved(participant_id="p2", ban=True))
    assert story.state.invites["i1"].revoked


def test_invites_are_made_and_revoked() -> None:
    story = Story(f.SessionOpened(session_id="s", title="x"), f.InviteCreated(invite=invite()))
    assert not story.state.invites["i1"].revoked
    assert story.tell(f.InviteRevoked(invite_id="i1")).invites["i1"].revoked


def test_what_a_page_reports() -> None:
    story = opened(1)
    assert not story.state.participants["p1"].audible
    state = story.tell(
        f.MicrophoneReported(participant_id="p1", on=True),
        f.CameraReported(participant_id="p1", on=True),
        f.ConsentChanged(participant_id="p1", consent=True),
    )
    someone = state.participants["p1"]
    assert (someone.mic_on, someone.camera_on, someone.consent, someone.audible) == (True, True, True, True)


def test_a_hand_keeps_its_place_in_the_queue_when_raised_again() -> None:
    story = opened(1)
    first = story.tell(f.HandRaised(participant_id="p1")).participants["p1"].hand_at_ms
    again = story.tell(f.HandRaised(participant_id="p1")).participants["p1"].hand_at_ms
    assert first == again > 0
    assert story.tell(f.HandLowered(participant_id="p1")).participants["p1"].hand_at_ms == 0


def test_mute_of_one_and_of_all() -> None:
    story = opened()
    story.tell(f.MicrophoneReported(participant_id="p1", on=True), f.ParticipantMuted(participant_id="p1"))
    heard = [story.state.participants["p1"].audible]
    heard.append(story.tell(f.ParticipantUnmuted(participant_id="p1")).participants["p1"].audible)
    assert heard == [False, True]
    state = story.tell(f.EverybodyMuted(except_ids=("p2",)))
    assert {key for key, one in state.participants.items() if one.muted} == {"p1", "p3"}


# ---- session, room, sources


def test_a_session_opens_fresh_and_closes() -> None:
    story = opened()
    state = story.tell(f.SessionClosed())
    assert state.closed_at_ms == story.at_ms
    state = story.tell(f.SessionOpened(session_id="t", title="Baru", office="B", timezone="Asia/Makassar"))
    assert (state.session_id, state.title, state.office, state.timezone) == (
        "t",
        "Baru",
        "B",
        "Asia/Makassar",
    )
    assert (state.participants, state.closed_at_ms, state.opened_at_ms) == ({}, 0, story.at_ms)


def test_lock_hall_and_chapters() -> None:
    story = opened()
    state = story.tell(f.RoomLocked(locked=True), f.HallMuted(muted=True), f.ChapterMarked(title="Satu"))
    assert (state.locked, state.hall_muted) == (True, True)
    assert [(one.title, one.at_ms) for one in state.chapters] == [("Satu", story.at_ms)]
    state = story.tell(f.RoomLocked(locked=False), f.HallMuted(muted=False))
    assert (state.locked, state.hall_muted) == (False, False)


def test_sources_come_are_muted_and_go() -> None:
    story = opened()
    assert story.tell(f.SourceMuted(source_id="s1", muted=True)).sources["s1"].muted
    story.tell(f.LayoutTaken(layout=GRID))
    state = story.tell(f.SourceRemoved(source_id="s1"))
    assert state.sources == {} and "s1" not in state.program.on_air.sources


@pytest.mark.parametrize("fact", [f.EngineStarted(pid=1), f.WorkerStarted(worker="w", pid=1)])
def test_what_only_stands_in_the_record_changes_nothing(fact: f.AnyFact) -> None:
    story = opened()
    before = story.state
    assert msgspec.structs.replace(story.tell(fact), rev=before.rev) == before


# ---- program


def test_preview_and_program() -> None:
    story = opened()
    state = story.tell(f.LayoutPreviewed(layout=GRID))
    assert state.program.preview == GRID and state.program.on_air == Layout()
    state = story.tell(f.LayoutTaken(layout=GRID, transition="fade"))
    assert (state.program.on_air, state.program.transition) == (GRID, "fade")
    assert state.program.taken_at_ms == story.at_ms


def test_a_slate_covers_until_it_is_lifted_or_an_older_engine_took_something() -> None:
    story = opened()
    state = story.tell(f.SlateShown(shown=True, text="Istirahat"))
    assert state.program.slate and state.program.slate_text == "Istirahat"
    assert not story.tell(f.SlateShown(shown=False)).program.slate
    story.tell(f.SlateShown(shown=True, text="Istirahat"))
    behind = story.tell(f.LayoutTaken(layout=GRID, behind_slate=True)).program
    assert (behind.slate, behind.slate_text, behind.on_air) == (True, "Istirahat", GRID)
    assert not story.tell(f.LayoutTaken(layout=GRID)).program.slate
    assert not story.tell(f.LayoutTaken(layout=GRID, behind_slate=True)).program.slate, "none comes by itself"


def test_a_spotlight_remembers_what_was_there_before_it() -> None:
    story = opened()
    single = Layout(kind=LayoutKind.SINGLE, sources=("p1",))
    story.tell(f.LayoutTaken(layout=GRID))
    state = story.tell(f.LayoutTaken(layout=single, spotlight="p1"))
    assert (state.program.spotlight, state.program.before_spotlight) == ("p1", GRID)
    other = Layout(kind=LayoutKind.SINGLE, sources=("p2",))
    state = story.tell(f.LayoutTaken(layout=other, spotlight="p2"))
    assert state.program.before_spotlight == GRID, "from one spotlight to the next"
    state = story.tell(f.ParticipantLeft(participant_id="p1"))
    assert state.program.before_spotlight.sources == ("p2", "s1")
    state = story.tell(f.LayoutTaken(layout=GRID))
    assert (state.program.spotlight, state.program.before_spotlight) == ("", Layout())


def test_when_the_spotlighted_one_leaves_his_caption_leaves_too() -> None:
    story = opened()
    single = Layout(kind=LayoutKind.SINGLE, sources=("p1",))
    story.tell(
        f.LayoutTaken(layout=single, spotlight="p1"), f.LowerThirdShown(lower_third=LowerThird(title="P1"))
    )
    state = story.tell(f.ParticipantLeft(participant_id="p1"))
    assert (state.program.spotlight, state.program.lower_third, state.program.on_air.sources) == (
        "",
        None,
        (),
    )


def test_captions_and_names() -> None:
    story = opened()
    caption = LowerThird(title="Siti", subtitle="Banjar")
    assert story.tell(f.LowerThirdShown(lower_third=caption)).program.lower_third == caption
    story.tell(f.ParticipantLeft(participant_id="p1"))
    assert story.state.program.lower_third == caption, "somebody else's going does not take it off"
    assert story.tell(f.LowerThirdShown()).program.lower_third is None
    assert not story.tell(f.NamesShown(shown=False)).program.names


# ---- outputs


def test_a_recording_from_start_to_stop() -> None:
    story = opened()
    state = story.tell(f.RecordingStarted(recording_id="r1", path="/x/a.mp4", segment=2))
    assert state.recording is not None
    assert (state.recording.phase, state.recording.segment) == (OutputPhase.STARTING, 2)
    phases = []
    for fact in (
        f.RecordingConfirmed(recording_id="r1"),
        f.RecordingStopped(recording_id="another"),
        f.RecordingStopped(recording_id="r1"),
    ):
        recording = story.tell(fact).recording
        assert recording is not None
        phases.append(str(recording.phase))
    assert phases == ["started", "started", "stopped"]


@pytest.mark.parametrize(
    "end", [f.RecordingStopped(recording_id="r1"), f.RecordingFailed(recording_id="r1", reason="Full.")]
)
def test_a_confirmation_that_comes_after_the_end_begins_nothing(end: f.AnyFact) -> None:
    story = opened()
    ended = story.tell(f.RecordingStarted(recording_id="r1", path="/x/a.mp4"), end)
    state = story.tell(f.RecordingConfirmed(recording_id="r1"))
    assert state.recording == ended.recording and not state.recording_wanted


def test_the_next_file_is_confirmed_also_after_the_end_of_the_one_before() -> None:
    story = opened()
    state = story.tell(
        f.RecordingStarted(recording_id="r1", path="/x/a.mp4"),
        f.RecordingConfirmed(recording_id="r1"),
        f.RecordingStarted(recording_id="r2", path="/x/b.mp4", segment=2, split=True),
        f.RecordingStopped(recording_id="r1"),
        f.RecordingConfirmed(recording_id="r2"),
        f.RecordingConfirmed(recording_id="r1"),
    )
    assert state.recording is not None
    assert (state.recording.id, state.recording.phase) == ("r2", OutputPhase.STARTED)


def test_a_recording_that_failed_says_why() -> None:
    story = opened()
    state = story.tell(
        f.RecordingStarted(recording_id="r1", path="/x/a.mp4"),
        f.RecordingFailed(recording_id="r1", reason="The disk is full."),
    )
    assert state.recording is not None
    assert (state.recording.phase, state.recording.reason) == (OutputPhase.FAILED, "The disk is full.")


def test_a_livestream_on_air_lost_and_back() -> None:
    story = opened()
    seen = []
    for fact in (
        f.LivestreamStarted(destination_id="d", name="YouTube", url="rtmp://h/live"),
        f.LivestreamConfirmed(destination_id="d"),
        f.LivestreamLost(destination_id="d", reason="no answer"),
        f.LivestreamConfirmed(destination_id="d"),
        f.LivestreamStopped(destination_id="d"),
    ):
        stream = story.tell(fact).livestreams["d"]
        seen.append((str(stream.phase), stream.on_air, stream.reason))
    assert seen == [
        ("starting", False, ""),
        ("started", True, ""),
        ("started", False, "no answer"),
        ("started", True, ""),
        ("stopped", False, ""),
    ]


def test_joining_gives_numbers_in_order_of_coming() -> None:
    story = Story(f.SessionOpened(session_id="s", title="x"))
    story.tell(*joined("a"), *joined("b"))
    assert [(one.id, one.number) for one in story.state.seated] == [("a", 1), ("b", 2)]
    assert story.state.next_number == 3
