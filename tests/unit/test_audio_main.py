"""The audio worker's watch over its rig: it outlives a report that fails, and ends with a rig that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from operator_console.audio import main
from operator_console.audio.main import AudioWorker
from tests.unit.engine_kit import eventually


@pytest.fixture
async def worker(tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AudioWorker]:
    """A worker whose rig has not begun; nobody listens."""
    monkeypatch.setattr(main, "BEAT_S", 0.005)
    monkeypatch.setattr(main, "REPORT_S", 0.0)
    one = AudioWorker()
    yield one
    one.rig.stop()


async def test_a_report_that_fails_does_not_end_the_reports(
    worker: AudioWorker, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    told: list[int] = []

    def report() -> None:
        told.append(len(told))
        if len(told) == 1:
            raise AttributeError("nothing there any more")

    monkeypatch.setattr(worker, "_report", report)
    expect_log("The hall's sound cannot be reported")
    watching = asyncio.create_task(worker._watch())
    await eventually(lambda: len(told) > 3)
    worker.rig.hung = True
    expect_log("the sound system does not answer any more")
    await watching
