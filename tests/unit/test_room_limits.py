"""Rates, the setup gate and the watermark of open files."""

from __future__ import annotations

import asyncio

import pytest

from operator_console.room.limits import (
    MAX_ADDRESSES,
    BusyError,
    FdWatermark,
    RateLimit,
    SetupGate,
    open_fds,
)


class Clock:
    def __init__(self) -> None:
        self.us = 0

    def __call__(self) -> int:
        return self.us


def test_burst_then_rate() -> None:
    clock = Clock()
    limit = RateLimit(per_minute=60, burst=3, clock_us=clock)
    assert [limit.take("a") for _ in range(5)] == [True, True, True, False, False]
    assert limit.take("b")
    assert limit.exhausted("a") and not limit.exhausted("b")
    assert limit.wait_s("a") >= 1
    clock.us += 1_000_000
    assert limit.take("a")
    assert not limit.take("a")
    clock.us += 3600_000_000
    assert [limit.take("a") for _ in range(4)] == [True, True, True, False]


def test_addresses_are_forgotten_not_hoarded() -> None:
    limit = RateLimit(per_minute=1, burst=1, clock_us=Clock())
    for number in range(3 * MAX_ADDRESSES):
        limit.take(str(number))
    assert len(limit._buckets) == MAX_ADDRESSES


async def test_gate_lets_four_in_and_queues_the_rest() -> None:
    gate = SetupGate(width=4, queue=3)
    inside, release = 0, asyncio.Event()

    async def enter() -> None:
        nonlocal inside
        async with gate.enter():
            inside += 1
            await release.wait()
            inside -= 1

    tasks = [asyncio.create_task(enter()) for _ in range(7)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert inside == 4
    assert gate.waiting == 3
    with pytest.raises(BusyError):
        await enter()
    tasks[6].cancel()
    await asyncio.gather(tasks[6], return_exceptions=True)
    assert gate.waiting == 2
    release.set()
    await asyncio.gather(*tasks[:6])
    assert inside == 0


def test_watermark() -> None:
    assert not FdWatermark(0, probe=lambda: 10**6).reached()
    assert not FdWatermark(1000, probe=lambda: 799).reached()
    assert FdWatermark(1000, probe=lambda: 800).reached()
    assert open_fds() > 2
