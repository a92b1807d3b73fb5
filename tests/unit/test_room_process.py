"""The room worker as a process: started by its command, unique, ended in order, killed and replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.paths import runtime_dir, self_command
from operator_console.session.codes import EXIT_UNUSABLE
from operator_console.worker_link import WorkerLock, worker_running
from tests.fake_engine import FakeEngine
from tests.ports import free_port


def command(port: int) -> list[str]:
    return [*self_command("room", "--name", "room0"), f"--set=join_port={port}", "--set=join_host=127.0.0.1"]


@asynccontextmanager
async def worker(port: int) -> AsyncIterator[subprocess.Popen[bytes]]:
    process = await asyncio.to_thread(subprocess.Popen, command(port), stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        await asyncio.to_thread(process.wait)


@pytest.fixture
async def engine(tmp_runtime: Path) -> AsyncIterator[FakeEngine]:
    fake = FakeEngine(runtime_dir())
    await fake.start()
    yield fake
    await fake.stop()


async def ended(process: subprocess.Popen[bytes]) -> int:
    return await asyncio.wait_for(asyncio.to_thread(process.wait), 15)


async def test_it_is_told_to_end(engine: FakeEngine) -> None:
    async with worker(free_port()) as process:
        hello = await engine.wait_for(p.WorkerHello, timeout_s=20)
        assert hello.pid == process.pid
        assert worker_running("room0")
        await engine.send(p.EndWorker())
        assert await ended(process) == 0
    assert not worker_running("room0")
    assert list((runtime_dir() / "bus").glob("*.seg")) == []


async def test_a_terminating_signal_is_an_orderly_end(engine: FakeEngine) -> None:
    async with worker(free_port()) as process:
        await engine.wait_for(p.WorkerHello, timeout_s=20)
        process.send_signal(signal.SIGTERM)
        assert await ended(process) == 0


async def test_a_killed_worker_is_replaced_on_the_same_port(engine: FakeEngine) -> None:
    port = free_port()
    async with worker(port) as first:
        await engine.wait_for_report(lambda report: report.state == "running")
        os.kill(first.pid, signal.SIGKILL)
        await ended(first)
        engine.forget()
        async with worker(port) as second:
            hello = await engine.wait_for(p.WorkerHello, timeout_s=20)
            assert hello.pid == second.pid
            await engine.wait_for_report(lambda report: report.state == "running")


def test_a_second_worker_of_the_name_does_not_start(tmp_runtime: Path) -> None:
    with WorkerLock("room0"):
        done = subprocess.run(command(free_port()), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "runs already" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unwritable_folder_is_a_plain_sentence(tmp_runtime: Path) -> None:
    (tmp_runtime / "data").write_text("in the way")
    done = subprocess.run(command(free_port()), capture_output=True, text=True, timeout=30)
    assert done.returncode == EXIT_UNUSABLE
    assert "cannot be kept" in done.stderr
    assert "Traceback" not in done.stderr
