"""Tests of the hall's sound as the worker runs them: chime, playback, one at a time, without a device."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytest

from media.audio import roomtest
from operator_console.audio.ends import End
from operator_console.audio.rig import Rig
from operator_console.audio.testing import Played, SoundTests
from tests.unit.engine_kit import eventually

F32 = npt.NDArray[np.float32]


class Desk:
    """A rig of one loudspeaker and one microphone, a hundred times as fast as real ones."""

    def __init__(self, *, output: bool = True, microphone: bool = True) -> None:
        self.speaker = SimpleNamespace(overlay=None) if output else None
        self.microphone: Any = (
            SimpleNamespace(on_block=None, drift_ppm=0.0, treatment=None) if microphone else None
        )
        self.ends = {"operator": End("operator")}
        self.off_program = threading.Event()
        self.played: list[F32] = []
        self.mute = False
        self.said = np.full(960, 0.25, np.float32)

    def playout(self, name: str) -> Any:
        return self.speaker if name == "output" else None

    async def run(self) -> None:
        while True:
            await asyncio.sleep(0.0002)
            block = np.full(960, 0.1, np.float32)
            if self.speaker is not None and self.speaker.overlay is not None:
                self.played.append(self.speaker.overlay(block))
            if self.microphone and self.microphone.on_block and not self.mute:
                self.microphone.on_block(self.said, block, self.said)


@asynccontextmanager
async def sitting_at(desk: Desk) -> AsyncIterator[SoundTests]:
    running = asyncio.create_task(desk.run())
    tests = SoundTests(cast(Rig, desk))
    yield tests
    tests.begin("", "")
    await eventually(lambda: not tests.running)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def told(tests: SoundTests) -> dict[str, Any]:
    return tests.told() or {}


async def test_a_chime_is_laid_over_what_plays() -> None:
    desk = Desk()
    async with sitting_at(desk) as tests:
        tests.begin("chime", "hall")
        await eventually(lambda: told(tests).get("state") == "done")
        assert desk.speaker is not None
        assert desk.speaker.overlay is None
    whole = np.concatenate(desk.played)
    chime = roomtest.chime()
    assert np.allclose(whole[: len(chime)], chime + np.float32(0.1), atol=1e-6)


async def test_playback_plays_what_was_heard_for_three_seconds() -> None:
    desk = Desk()
    async with sitting_at(desk) as tests:
        tests.begin("playback", "hall")
        await eventually(lambda: told(tests).get("progress", 0) > 0.1)
        await eventually(lambda: told(tests).get("state") == "done")
    assert desk.microphone.on_block is None
    whole = np.concatenate(desk.played)
    assert np.allclose(whole[: 3 * 48_000], 0.35)


async def test_a_test_without_its_device_says_what_is_missing() -> None:
    for desk, test, code in (
        (Desk(output=False), "chime", "no_output"),
        (Desk(microphone=False), "playback", "no_input"),
        (Desk(output=False), "room", "no_output"),
    ):
        async with sitting_at(desk) as tests:
            tests.begin(test, "hall")
            await eventually(lambda tests=tests: told(tests).get("state") == "failed")  # type: ignore[misc]
            assert told(tests)["code"] == code


async def test_a_test_that_is_stopped_lets_everything_go() -> None:
    desk = Desk()
    async with sitting_at(desk) as tests:
        tests.begin("room", "hall")
        await eventually(desk.off_program.is_set)
        tests.begin("", "")
        await eventually(lambda: told(tests).get("state") == "failed")
        assert told(tests)["code"] == "stopped"
    assert desk.speaker is not None
    assert (desk.speaker.overlay, desk.microphone.on_block) == (None, None)
    assert not desk.off_program.is_set()


async def test_a_microphone_that_gives_nothing_ends_the_test() -> None:
    desk = Desk()
    desk.mute = True
    async with sitting_at(desk) as tests:
        tests.begin("room", "hall")
        await eventually(lambda: told(tests).get("state") == "failed")
        assert told(tests)["code"] == "no_input"


async def test_a_test_that_breaks_does_not_seem_to_run_for_ever(
    monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    def broken() -> F32:
        raise ZeroDivisionError

    monkeypatch.setattr(roomtest, "chime", broken)
    expect_log("The test of the hall's sound failed")
    async with sitting_at(Desk()) as tests:
        tests.begin("chime", "hall")
        await eventually(lambda: told(tests).get("state") == "failed")
        assert told(tests)["code"] == "internal"


async def test_a_room_that_hears_nothing_is_said() -> None:
    desk = Desk()
    desk.said = np.zeros(960, np.float32)
    async with sitting_at(desk) as tests:
        tests.begin("room", "hall")
        await eventually(lambda: told(tests).get("state") == "failed")
        assert told(tests)["code"] == "not_heard"


def test_what_is_played_alone_leaves_nothing_of_the_hall() -> None:
    played = Played(np.full(1000, 0.2, np.float32), alone=True)
    block = np.full(960, 0.7, np.float32)
    assert np.allclose(played(block), 0.2)
    assert np.allclose(played(block)[40:], 0.0)
    assert played.share == 1.0


async def test_a_room_test_ends_as_soon_as_its_microphone_is_another() -> None:
    desk = Desk()
    async with sitting_at(desk) as tests:
        tests.begin("room", "hall")
        await eventually(lambda: bool(desk.played))
        desk.microphone = SimpleNamespace(on_block=None, drift_ppm=0.0, treatment=None)
        async with asyncio.timeout(1.0):  # and not when its sound would have been played whole
            await eventually(lambda: told(tests).get("state") != "running")
        assert told(tests)["code"] == "dead"
        assert not desk.off_program.is_set()
