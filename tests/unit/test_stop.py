"""The command that stops the engine: what it does, what it refuses, and what it says."""

from __future__ import annotations

from msgspec.structs import replace

from operator_console import stop
from operator_console.session import facts as f
from operator_console.session.model import OutputPhase, Recording
from tests.unit.session_kit import opened


def test_an_open_session_is_named_with_what_runs_in_it() -> None:
    state = opened().state
    assert state.is_open
    words = stop.open_session_words(state)
    assert "“Rapat” is open.\n" in words and "--force" in words
    recorded = replace(state, recording=Recording(id="r1", path="/v/a.mp4", phase=OutputPhase.STARTED))
    assert "(it is being recorded)" in stop.open_session_words(recorded)


def test_an_ended_session_does_not_keep_the_engine() -> None:
    story = opened()
    assert not story.tell(f.SessionClosed()).is_open
