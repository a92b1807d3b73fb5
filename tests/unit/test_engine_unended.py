"""Broadcasts whose end YouTube was never told: known after the session is closed, and at the next start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from operator_console.session import facts as f
from operator_console.session.facts import FactRecord
from operator_console.youtube.unended import unended
from tests.fake_youtube import RefusedError
from tests.fakes import MemoryKeyring
from tests.unit.engine_kit import eventually
from tests.unit.youtube_kit import Office, office


@pytest.fixture
async def desk(tmp_path: Path, memory_keyring: MemoryKeyring) -> AsyncIterator[Office]:
    async with office(tmp_path) as one:
        yield one


async def closed_without_an_end(desk: Office) -> None:
    """Close the session of a live broadcast while YouTube cannot be reached."""
    await desk.live()
    await desk.fake.stop()
    await desk.end()
    await desk.youtube.ended()
    await desk.deck.store.record("siti", f.SessionClosed())


async def test_an_end_that_is_refused_after_the_session_is_kept_and_told_at_the_next_start(
    desk: Office, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be told to YouTube")
    await closed_without_an_end(desk)
    desk.fake.fail_path["liveBroadcasts.transition"] = RefusedError(403, "insufficientPermissions")
    await desk.fake.start()
    await eventually(lambda: desk.account.get("not_ended") == "Rapat Paripurna", 20.0)
    (ended,) = [one for one in await desk.deck.facts() if isinstance(one, f.BroadcastEnded)]
    assert ended.code == "not_ended"
    await desk.youtube.start()
    assert desk.account["not_ended"] == "Rapat Paripurna", "also at the next start"
    (one,) = desk.fake.broadcasts.values()
    one["status"]["lifeCycleStatus"] = "complete"
    await desk.youtube.start()
    assert desk.account["not_ended"] == "", "ended in YouTube Studio"


async def test_an_engine_that_ends_before_youtube_knows_leaves_that_to_be_told(desk: Office) -> None:
    await closed_without_an_end(desk)
    await desk.youtube.runner.stop()
    await desk.fake.start()
    await desk.youtube.start()
    assert desk.account["not_ended"] == "Rapat Paripurna"
    (one,) = desk.fake.broadcasts.values()
    one["status"]["lifeCycleStatus"] = "complete"
    await desk.youtube.start()
    assert desk.account["not_ended"] == ""
    assert not await desk.deck.store.resume(), "the session stays closed"


def told(*facts: tuple[str, f.AnyFact]) -> list[tuple[str, FactRecord]]:
    return [
        (session, FactRecord(seq=number, at_ms=number, actor="a", body=fact, hash=""))
        for number, (session, fact) in enumerate(facts, 1)
    ]


def test_only_what_was_not_ended_in_a_session_that_is_over_is_left() -> None:
    made = f.BroadcastMade(broadcast_id="v1", stream_id="s", watch_url="w")
    asked, over = f.BroadcastAsked(title="A"), f.BroadcastEnded(broadcast_id="v1")
    records = told(("s1", asked), ("s1", made))
    assert [(one.title, one.broadcast_id) for one in unended(records)] == [("A", "v1")]
    assert unended(records, "s1") == [], "it runs"
    assert unended(told(("s1", asked), ("s1", made), ("s1", over))) == []
    assert unended(told(("s1", asked), ("s1", f.BroadcastFailed(code="quota")))) == []
    refused = f.BroadcastEnded(broadcast_id="v1", code="not_ended")
    records = told(("s1", asked), ("s1", made), ("s1", refused), ("s2", f.BroadcastAsked(title="B")))
    assert [one.title for one in unended(records)] == ["B", "A"]
    assert unended(told(("s1", asked), ("s1", made), ("s1", refused), ("s1", over))) == []
