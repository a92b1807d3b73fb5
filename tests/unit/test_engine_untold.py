"""What the operator ended stays ended: also where no journal took it before the engine was killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from media.outputs.filesink import RtmpFileSink
from operator_console.engine import lane, livestreams, store
from operator_console.engine.untold import Untold, UntoldEnd
from operator_console.protocol import OperatorError, StartLivestream
from operator_console.session import facts as f
from operator_console.session.model import Livestream, OutputPhase, SessionState
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import Deck, PushedProgram

KEY = "canary-51c0-key"


@pytest.fixture(autouse=True)
def paces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livestreams, "FACT_RETRY_S", 600.0)
    monkeypatch.setattr(lane, "FACT_RETRY_S", 600.0)
    monkeypatch.setattr(store, "UNTOLD_RETRY_S", 0.05)
    monkeypatch.setattr(livestreams, "stored_key", lambda _name: KEY)


def refuse(one: Deck, refused: bool = True) -> None:
    one.store._journal._connection.execute(f"PRAGMA query_only={int(refused)}")


async def resume(one: Deck) -> None:
    """As a new engine does."""
    await one.store.tell_untold()
    await one.recording.resume()
    await one.livestreams.resume()


def phases(one: Deck) -> tuple[str, str]:
    recording, stream = one.store.state.recording, one.store.state.livestreams.get("d")
    return (str(recording.phase) if recording else "", str(stream.phase) if stream else "")


def runs(one: Deck) -> tuple[bool, bool]:
    return one.recording.running, one.livestreams.running


async def begin(one: Deck, url: str, delay_s: int = 0) -> None:
    await one.open()
    await one.recording.start("siti")
    command = StartLivestream(destination_id="d", name="Dinas", url=url, key=KEY, delay_s=delay_s)
    await one.livestreams.start("siti", command)
    await eventually(lambda: one.store.state.livestreams["d"].on_air if not delay_s else True)
    await eventually(lambda: phases(one)[0] == "started")


async def stop_refused(one: Deck) -> None:
    """Stop both; the journal takes neither."""
    refuse(one)
    for stopping in (one.recording.stop("siti"), one.livestreams.stop("siti", "d")):
        with pytest.raises(OperatorError) as caught:
            await stopping
        assert caught.value.refusal.code == "journal_unwritable"


async def test_what_was_stopped_does_not_go_on_after_a_kill(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("journal refused facts")
    expect_log("fact could not be journaled")
    (tmp_path / "sink").mkdir()
    server = RtmpFileSink(tmp_path / "sink")
    with PushedProgram().running() as program:
        first = Deck(tmp_path, program)
        await begin(first, f"rtmp://127.0.0.1:{await server.start()}/live")
        await stop_refused(first)
        await first.crash()
        kept = tmp_path / "untold.json"
        assert KEY.encode() not in kept.read_bytes() and kept.stat().st_mode & 0o077 == 0
        second = Deck(tmp_path, program)
        assert await second.store.resume() and phases(second) == ("started", "started")
        refuse(second)  # the disk is as full as it was
        resuming = asyncio.create_task(resume(second))
        await asyncio.sleep(0.2)
        assert not resuming.done() and runs(second) == (False, False)
        refuse(second, refused=False)
        await resuming
        assert phases(second) == ("stopped", "stopped")
        assert runs(second) == (False, False)
        assert len(second.files()) == 1 and not kept.exists()
        stopped = [fact for fact in await second.facts() if isinstance(fact, f.RecordingStopped)]
        assert [fact.size_bytes for fact in stopped] == [second.files()[0].stat().st_size]
        await second.end()
    await server.stop()


async def test_a_delayed_stream_that_was_ending_does_not_go_on_after_a_kill(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("journal refused facts")
    expect_log("fact could not be journaled")
    with PushedProgram().running() as program:
        first = Deck(tmp_path, program)
        await begin(first, "rtmp://127.0.0.1:9/live", delay_s=30)
        await eventually(lambda: first.livestreams._streams["d"].status().rest_us > 0)
        await stop_refused(first)
        ending = list(first.livestreams._ending.values())
        await first.crash()
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        second = Deck(tmp_path, program)
        await second.store.resume()
        await resume(second)
        assert phases(second) == ("stopped", "stopped") and runs(second) == (False, False)
        await second.end()


async def test_what_is_told_at_last_is_kept_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    monkeypatch.setattr(lane, "FACT_RETRY_S", 0.05)
    monkeypatch.setattr(livestreams, "FACT_RETRY_S", 0.05)
    expect_log("journal refused facts")
    expect_log("fact could not be journaled")
    with PushedProgram().running() as program:
        one = Deck(tmp_path, program)
        await begin(one, "rtmp://127.0.0.1:9/live", delay_s=1)
        await stop_refused(one)
        kept = tmp_path / "untold.json"
        assert kept.exists()
        refuse(one, refused=False)
        await eventually(lambda: phases(one) == ("stopped", "stopped") and not kept.exists())
        await one.end()


def test_a_stream_that_was_begun_later_goes_on() -> None:
    end = UntoldEnd("s", "siti", f.LivestreamStopped(destination_id="d"), begun_ms=1000)

    def state(session_id: str, begun_ms: int, phase: OutputPhase = OutputPhase.STARTED) -> SessionState:
        stream = Livestream(destination_id="d", name="d", url="", started_at_ms=begun_ms, phase=phase)
        return SessionState(session_id=session_id, livestreams={"d": stream})

    assert end.due(state("s", 1000)) == [end.fact]
    assert end.due(state("s", 2000)) == end.due(state("other", 1000)) == end.due(SessionState()) == []
    assert end.due(state("s", 1000, OutputPhase.STOPPED)) == []


async def test_a_torn_file_keeps_nobody_from_beginning(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not journal are lost")
    (tmp_path / "untold.json").write_bytes(b'[{"session_id": "s", "actor"')
    assert await Untold(tmp_path / "untold.json").load() == []
