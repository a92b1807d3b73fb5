"""The rules: what a command means in a state, and the refusals in both languages."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from operator_console import protocol as p
from operator_console.engine import rules
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import Layout, LayoutKind, LowerThird, SessionState
from tests.unit.session_kit import FAR_MS, Story, invite, opened

SINGLE = Layout(kind=LayoutKind.SINGLE, sources=("p1",))
GRID = Layout(kind=LayoutKind.GRID_2, sources=("p1", "p2"))
NOW_MS = 2_000_000_000_000


def refusal(caught: pytest.ExceptionInfo[OperatorError]) -> str:
    found = caught.value.refusal
    assert found.text_id != found.text_en
    for text in (found.text_id, found.text_en):
        assert re.fullmatch(r"[A-Z].*\.", text), text
    return found.code


# ---- session


def test_a_session_opens_once() -> None:
    command = p.OpenSession(title="  Rapat  ", office=" B ", timezone="Asia/Jakarta")
    (fact,) = rules.open_session(SessionState(), command, "new")
    assert isinstance(fact, f.SessionOpened)
    assert (fact.session_id, fact.title, fact.office) == ("new", "Rapat", "B")
    with pytest.raises(OperatorError) as caught:
        rules.open_session(opened().state, command, "other")
    assert refusal(caught) == "session_open"
    closed = opened().tell(f.SessionClosed())
    assert rules.open_session(closed, command, "next")


def test_a_session_needs_a_title() -> None:
    with pytest.raises(OperatorError) as caught:
        rules.open_session(SessionState(), p.OpenSession(title="  \n"), "new")
    assert refusal(caught) == "no_title"


def test_closing_sends_everybody_home_and_comes_last() -> None:
    story = opened(2)
    facts = rules.close_session(story.state)
    assert [type(fact).__name__ for fact in facts] == [
        "ParticipantLeft",
        "ParticipantLeft",
        "ParticipantRefused",
        "SessionClosed",
    ]
    state = story.tell(*facts)
    assert state.seated == [] and state.lobby == []
    assert rules.close_session(state) == [] == rules.close_session(SessionState())


def test_commands_need_a_session() -> None:
    for state in (SessionState(), opened().tell(f.SessionClosed())):
        with pytest.raises(OperatorError) as caught:
            rules.require_open(state)
        assert refusal(caught) == "no_session"
    rules.require_open(opened().state)


# ---- invites


def redeem(state: SessionState, token_hash: str = "hash-i1", **changes: Any) -> tuple[list[f.AnyFact], str]:
    message = p.RedeemInvite(
        request=1, token_hash=token_hash, name="Siti", office="Banjar", consent=True, session_hash="h"
    )
    limits: dict[str, Any] = {"now_ms": NOW_MS, "lobby": True, "max_participants": 10, **changes}
    return rules.redeem(state, message, participant_id="p9", **limits)


def test_a_good_invite_leads_into_the_lobby() -> None:
    facts, error = redeem(opened().state)
    assert error == ""
    (knocked,) = facts
    assert isinstance(knocked, f.ParticipantKnocked)
    assert (knocked.name, knocked.office, knocked.invite_id, knocked.consent) == (
        "Siti",
        "Banjar",
        "i1",
        True,
    )


@pytest.mark.parametrize("changes", [{"lobby": False}, {}])
def test_without_a_lobby_or_with_such_an_invite_he_is_admitted_at_once(changes: dict[str, Any]) -> None:
    story = opened()
    if not changes:
        story.tell(f.InviteCreated(invite=invite(auto_admit=True)))
    facts, error = redeem(story.state, **changes)
    assert error == "" and isinstance(facts[1], f.ParticipantAdmitted)


@pytest.mark.parametrize(
    ("before", "error"),
    [
        (f.InviteRevoked(invite_id="i1"), "revoked"),
        (f.InviteCreated(invite=invite(expires_at_ms=NOW_MS - 1)), "expired"),
        (f.InviteCreated(invite=invite(max_uses=3, uses=3)), "used_up"),
        (f.RoomLocked(locked=True), "locked"),
        (f.SessionClosed(), "closed"),
    ],
)
def test_an_invite_that_is_not_good_now_is_refused_with_the_reason(before: f.AnyFact, error: str) -> None:
    assert redeem(opened().tell(before)) == ([], error)


def test_an_unknown_invite_a_full_room_and_no_session() -> None:
    state = opened(3).state  # three inside, one in the lobby
    assert redeem(state, token_hash="hash-guessed") == ([], "unknown_invite")
    assert redeem(state, max_participants=4) == ([], "full")
    assert redeem(state, max_participants=5)[1] == ""
    assert redeem(SessionState()) == ([], "closed")
    gone = opened(3).tell(f.ParticipantLeft(participant_id="p1"))
    assert redeem(gone, max_participants=4)[1] == "", "who left makes room"


def test_each_coming_uses_the_invite_up() -> None:
    story = Story(f.SessionOpened(session_id="s", title="x"), f.InviteCreated(invite=invite(max_uses=2)))
    for number in range(2):
        facts, error = redeem(story.state)
        assert error == ""
        story.tell(*(msgspec.structs.replace(fact, participant_id=f"p{number}") for fact in facts))
    assert redeem(story.state) == ([], "used_up")


def test_an_invite_expires_at_its_time_not_before() -> None:
    one = invite(expires_at_ms=FAR_MS)
    assert rules.invite_error(opened().state, one, FAR_MS, 10) == ""
    assert rules.invite_error(opened().state, one, FAR_MS + 1, 10) == "expired"
    endless = invite(expires_at_ms=0)
    assert rules.invite_error(opened().state, endless, FAR_MS + 1, 10) == ""


def test_a_room_worker_that_is_not_what_it_was_cannot_flood_the_journal() -> None:
    message = p.RedeemInvite(
        request=1, token_hash="hash-i1", name="x" * 5000, office="y" * 5000, consent=False, session_hash="h"
    )
    facts, _ = rules.redeem(
        opened().state, message, participant_id="p9", now_ms=NOW_MS, lobby=True, max_participants=9
    )
    assert isinstance(facts[0], f.ParticipantKnocked)
    assert (len(facts[0].name), len(facts[0].office)) == (64, 64)


# ---- people


def test_admit_refuse_and_remove_only_whom_it_fits() -> None:
    state = opened().state
    assert rules.admit(state, "k1") and rules.admit(state, "p1") == []
    assert rules.refuse(state, "k1") and rules.refuse(state, "p1") == []
    assert rules.remove(state, p.RemoveParticipant(participant_id="p1"))
    gone = opened().tell(f.ParticipantLeft(participant_id="p1"))
    assert rules.remove(gone, p.RemoveParticipant(participant_id="p1")) == []


@pytest.mark.parametrize("decide", [rules.admit, rules.refuse, lambda s, who: rules.mute(s, who, True)])
def test_an_unknown_participant_is_refused_plainly(decide: object) -> None:
    with pytest.raises(OperatorError) as caught:
        decide(opened().state, "nobody")  # type: ignore[operator]
    assert refusal(caught) == "unknown_participant"


def test_mute_says_only_what_changes() -> None:
    story = opened()
    assert rules.mute(story.state, "p1", False) == []
    assert isinstance(rules.mute(story.state, "p1", True)[0], f.ParticipantMuted)
    story.tell(f.ParticipantMuted(participant_id="p1"))
    assert rules.mute(story.state, "p1", True) == []
    assert isinstance(rules.mute(story.state, "p1", False)[0], f.ParticipantUnmuted)


def test_mute_all_spares_the_named_and_is_silent_when_all_are_muted() -> None:
    story = opened()
    (fact,) = rules.mute_all(story.state, ("p2",))
    story.tell(fact)
    assert rules.mute_all(story.state, ("p2",)) == []
    assert rules.mute_all(story.state, ()) != []


# ---- program


def test_a_layout_shows_only_who_is_there_each_once_and_no_more_than_fit() -> None:
    state = opened().state
    wild = Layout(kind=LayoutKind.SIDE_BY_SIDE, sources=("nobody", "k1", "p2", "p2", "s1", "p1"))
    assert rules.checked_layout(state, wild).sources == ("p2", "s1")


def test_take_swaps_preview_and_program() -> None:
    story = opened()
    old = Layout(kind=LayoutKind.SINGLE, sources=("p3",))
    story.tell(f.LayoutTaken(layout=old), f.LayoutPreviewed(layout=GRID))
    state = story.tell(*rules.take(story.state, p.Take(transition="fade")))
    assert (state.program.on_air, state.program.preview) == (GRID, old)
    assert state.program.transition == "fade"


def test_a_repeated_take_of_what_the_operator_saw_changes_nothing() -> None:
    story = opened()
    old = Layout(kind=LayoutKind.SINGLE, sources=("p3",))
    story.tell(f.LayoutTaken(layout=old), f.LayoutPreviewed(layout=GRID))
    command = p.Take(layout=GRID)
    state = story.tell(*rules.take(story.state, command))
    assert state.program.on_air == GRID
    assert rules.take(state, command) == []


def test_what_somebody_else_put_into_the_preview_does_not_go_on_air_unseen() -> None:
    story = opened()
    story.tell(f.LayoutPreviewed(layout=Layout(kind=LayoutKind.SINGLE, sources=("p3",))))
    with pytest.raises(OperatorError) as caught:
        rules.take(story.state, p.Take(layout=GRID))
    assert refusal(caught) == "preview_changed"


def test_take_of_nothing_and_by_an_unknown_transition_is_refused() -> None:
    story = opened()
    with pytest.raises(OperatorError) as caught:
        rules.take(story.state, p.Take())
    assert refusal(caught) == "preview_empty"
    story.tell(f.LayoutPreviewed(layout=GRID))
    for wrong in (p.Take(transition="explode"), p.CutTo(layout=GRID, transition="explode")):
        with pytest.raises(OperatorError) as caught:
            rules.take(story.state, wrong) if isinstance(wrong, p.Take) else rules.cut_to(story.state, wrong)
        assert refusal(caught) == "unknown_transition"


@pytest.mark.parametrize("how", ["take", "cut_to", "spotlight", "end_of_spotlight"])
def test_what_is_taken_while_the_slate_is_on_goes_behind_it(how: str) -> None:
    story = opened()
    story.tell(f.LayoutTaken(layout=SINGLE, spotlight="p1"), f.LayoutPreviewed(layout=GRID))
    story.tell(f.SlateShown(shown=True, text="Istirahat"))
    facts = {
        "take": lambda: rules.take(story.state, p.Take()),
        "cut_to": lambda: rules.cut_to(story.state, p.CutTo(layout=GRID)),
        "spotlight": lambda: rules.spotlight(story.state, "p2"),
        "end_of_spotlight": lambda: rules.spotlight(story.state, ""),
    }[how]()
    state = story.tell(*facts)
    assert state.program.on_air != SINGLE, "it stands behind the slate"
    assert (state.program.slate, state.program.slate_text) == (True, "Istirahat")
    assert story.tell(f.SlateShown(shown=False)).program.on_air == state.program.on_air


def test_the_same_again_behind_the_slate_changes_nothing() -> None:
    story = opened()
    story.tell(f.LayoutTaken(layout=GRID), f.LayoutPreviewed(layout=GRID), f.SlateShown(shown=True))
    assert rules.cut_to(story.state, p.CutTo(layout=GRID)) == []
    assert rules.take(story.state, p.Take()) == []


NO_ZONES = ["WIB", "Mars/Olympus", "../../etc/passwd", "A" * 5000, "Asia/Jakarta\0", "Asia"]


@pytest.mark.parametrize("zone", NO_ZONES)
def test_a_session_in_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(OperatorError) as caught:
        rules.open_session(SessionState(), p.OpenSession(title="Rapat", timezone=zone), "s1")
    assert refusal(caught) == "bad_zone"


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Pontianak", "UTC"])
def test_a_session_keeps_the_zone_it_was_opened_in(zone: str) -> None:
    facts = rules.open_session(SessionState(), p.OpenSession(title="Rapat", timezone=zone), "s1")
    assert [fact.timezone for fact in facts if isinstance(fact, f.SessionOpened)] == [zone]


def test_spotlight_shows_one_with_his_name_and_ends_in_the_layout_before() -> None:
    story = opened()
    story.tell(f.LayoutTaken(layout=GRID))
    state = story.tell(*rules.spotlight(story.state, "p2"))
    assert state.program.on_air == Layout(kind=LayoutKind.SINGLE, sources=("p2",))
    assert state.program.lower_third == LowerThird(title="P2", subtitle="Kantor")
    assert rules.spotlight(state, "p2") == []
    state = story.tell(*rules.spotlight(state, ""))
    assert (state.program.on_air, state.program.spotlight, state.program.lower_third) == (GRID, "", None)
    assert rules.spotlight(state, "") == []


def test_spotlight_of_a_hall_source_is_captioned_by_its_name() -> None:
    state = opened().state
    facts = rules.spotlight(state, "s1")
    assert facts[1] == f.LowerThirdShown(lower_third=LowerThird(title="Aula", subtitle="Banjar"))


def test_when_nothing_of_the_layout_before_is_left_everybody_comes() -> None:
    story = opened(3)
    story.tell(f.LayoutTaken(layout=Layout(kind=LayoutKind.SINGLE, sources=("p3",))))
    story.tell(*rules.spotlight(story.state, "p1"), f.ParticipantLeft(participant_id="p3"))
    state = story.tell(*rules.spotlight(story.state, ""))
    assert state.program.on_air == Layout(kind=LayoutKind.GRID_2, sources=("p1", "p2"))


def test_spotlight_of_nobody_is_refused() -> None:
    for who in ("nobody", "k1"):
        with pytest.raises(OperatorError) as caught:
            rules.spotlight(opened().state, who)
        assert refusal(caught) == "unknown_source"


@pytest.mark.parametrize(
    ("count", "kind"),
    [
        (0, "single"),
        (1, "single"),
        (2, "grid_2"),
        (4, "grid_2"),
        (5, "grid_3"),
        (49, "grid_7"),
        (90, "grid_7"),
    ],
)
def test_the_smallest_grid_for_so_many(count: int, kind: str) -> None:
    assert rules.grid_for(count) == LayoutKind(kind)
