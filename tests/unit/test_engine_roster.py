"""The roster: what the room worker is told of each participant, and only what changed."""

from __future__ import annotations

from operator_console.engine import roster
from operator_console.session import facts as f
from operator_console.session.model import Layout, LayoutKind
from tests.unit.session_kit import opened

GRID = Layout(kind=LayoutKind.GRID_2, sources=("p1", "s1"))


def test_an_entry_says_what_the_page_shows() -> None:
    story = opened()
    story.tell(
        f.LayoutTaken(layout=GRID),
        f.LayoutPreviewed(layout=Layout(kind=LayoutKind.SINGLE, sources=("p2",))),
        f.ParticipantMuted(participant_id="p1"),
        f.HandRaised(participant_id="p1"),
        f.ConsentChanged(participant_id="p1", consent=True),
    )
    entries = roster.entries(story.state)
    first = entries["p1"]
    assert (first.name, first.office, first.presence) == ("P1", "Kantor", "connected")
    assert (first.muted, first.hand, first.consent, first.on_air, first.on_preview) == (
        True,
        True,
        True,
        True,
        False,
    )
    assert entries["p2"].on_preview and not entries["p2"].on_air
    assert entries["k1"].presence == "knocking"
    assert set(entries) == {"p1", "p2", "p3", "k1"}


def test_behind_the_slate_nobody_is_on_air() -> None:
    story = opened()
    story.tell(f.LayoutTaken(layout=GRID), f.SlateShown(shown=True))
    assert not any(entry.on_air for entry in roster.entries(story.state).values())


def test_only_what_changed_is_sent() -> None:
    story = opened()
    before = roster.entries(story.state)
    assert roster.changed(before, before) == ()
    after = roster.entries(story.tell(f.ParticipantMuted(participant_id="p2")))
    assert [entry.participant_id for entry in roster.changed(before, after)] == ["p2"]
    assert len(roster.changed({}, after)) == 4


def test_who_left_is_told_once_more_so_that_his_page_ends() -> None:
    story = opened()
    before = roster.entries(story.state)
    after = roster.entries(story.tell(f.ParticipantRemoved(participant_id="p2")))
    (entry,) = roster.changed(before, after)
    assert (entry.participant_id, entry.presence) == ("p2", "removed")
