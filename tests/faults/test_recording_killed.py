"""kill -9 of the engine at 20 random moments of a recording: what is lost, what the repair makes of it."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from operator_console import protocol as p
from operator_console.journal import Journal
from operator_console.library.recordings import KINDS, RecordedFile, recorded_files
from operator_console.session import facts as f
from operator_console.session.codes import RepairCode
from operator_console.session.model import SourceKind
from tests.end2end.product import Product, running_product
from tests.faults.fault_kit import ENGINE_KILLED, decode_errors, journaled, kill9, probed, verified

pytestmark = pytest.mark.timeout(240)

KILLS = 10
"""In each of two runs."""
LOST_S = 1.0
RAN_S = (0.1, 2.2)
"""From the first picture of a file to the kill, and up to how much later."""
CHAPTER_MARGIN_MS = 60


@dataclass
class Kill:
    """One kill: when, and what was being written."""

    at_s: float
    recording_id: str
    chapter: str


def view(product: Product) -> list[RecordedFile]:
    """The files as the journal knows them."""
    journal = Journal.read_only(product.top / "data" / "journal.db")
    files = recorded_files(journal.of_kinds(KINDS))
    journal.close()
    return files


async def open_with_picture(product: Product) -> None:
    """A session with a moving test card on program."""
    console = product.console
    await console.do(p.OpenSession(title="Rapat uji"))
    added = await console.do(p.AddSource(kind=SourceKind.TESTCARD, name="Aula", address="hall", hall=True))
    await console.until("the test card", lambda: console.place(added["source_id"]).video)
    await console.do(p.SetSpotlight(source_id=added["source_id"]))


def running_id(product: Product) -> str:
    """The file that has its first picture, empty where there is none."""
    recording = product.console.state.recording
    return recording.id if recording is not None and recording.phase == "started" else ""


async def one_kill(product: Product, chance: random.Random, hit: list[str]) -> Kill:
    """Wait for the recording, mark a chapter, kill the engine at a random moment, wait for the next one."""
    console = product.console

    def another() -> str:
        now = running_id(product)  # at first what the killed engine wrote, until the next one has said so
        return "" if now in hit else now

    recording_id = await console.until("the next file has begun", another, 40)
    await console.until("the engine's figures", lambda: product.engine_pid, 40)
    chapter = f"Bab {len(hit) + 1}"
    await console.do(p.MarkChapter(title=chapter))
    await asyncio.sleep(chance.uniform(*RAN_S))
    pid, epoch = product.engine_pid, console.epoch
    killed_s = await asyncio.to_thread(kill9, pid)
    await console.until("another engine", lambda: console.attached and console.epoch != epoch, 40)
    await console.until("its process", lambda: product.engine_pid not in (0, pid), 40)
    return Kill(killed_s, recording_id, chapter)


async def all_looked_after(product: Product, kills: list[Kill]) -> None:
    """Wait until each file that was cut off is finished and everything is sealed."""
    cut_off = {kill.recording_id for kill in kills}

    def done() -> bool:
        files = {one.id: one for one in view(product)}
        ended = all(files[key].repaired or files[key].left_code for key in cut_off)
        return ended and all(one.sha256 for one in files.values() if one.whole)

    for _ in range(180):
        if await asyncio.to_thread(done):
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"not all was repaired and sealed: {view(product)}")


def chapters_in(path: Path) -> list[tuple[str, int]]:
    """Title and place (ms) of the chapters of a file."""
    with av.open(str(path)) as container:
        found = container.chapters()
    return [(one["metadata"]["title"], round(one["start"] * (one["time_base"] or 0) * 1000)) for one in found]


def judged(one: RecordedFile, kill: Kill) -> float:
    """Check a file that was cut off; returns what of the program before the kill it does not have."""
    if one.left_code:
        assert one.left_code == RepairCode.EMPTY and not Path(one.path).exists()
        return kill.at_s - one.first_at_ms / 1000
    path = Path(one.path)
    found = probed(path)
    assert found.streams == ("aac", "h264")
    assert abs(found.video_s - one.duration_ms / 1000) < 0.05
    assert abs(found.video_s - found.audio_s) < 0.6
    assert decode_errors(path) == ""
    expected = [
        (title, max(0, at_ms - one.first_at_ms))
        for title, at_ms in one.chapters
        if at_ms - one.first_at_ms < one.duration_ms
    ]
    restored = chapters_in(path)
    assert [title for title, _ in restored] == [title for title, _ in expected], (one, expected)
    for (_, is_ms), (_, should_ms) in zip(restored, expected, strict=True):
        assert abs(is_ms - should_ms) < CHAPTER_MARGIN_MS
    return kill.at_s - one.first_at_ms / 1000 - min(found.video_s, found.audio_s)


@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_at_random_moments(tmp_runtime: Path, seed: int) -> None:
    chance, kills = random.Random(seed), list[Kill]()
    async with running_product(tmp_runtime) as product:
        product.expected += ENGINE_KILLED
        await open_with_picture(product)
        await product.console.do(p.StartRecording())
        for _ in range(KILLS):
            kills.append(await one_kill(product, chance, [kill.recording_id for kill in kills]))
        hit = {kill.recording_id for kill in kills}
        await product.console.until("the last segment", lambda: running_id(product) not in ("", *hit), 40)
        await product.console.do(p.MarkChapter(title="Penutup"))
        await asyncio.sleep(1.0)
        await product.console.do(p.StopRecording())
        await all_looked_after(product, kills)
        assert "repair" in product.console.observed, "the operator is told"

        files = {one.id: one for one in view(product)}
        assert len({kill.recording_id for kill in kills}) == KILLS, "each kill hit another file"
        assert sorted(one.segment for one in files.values()) == list(range(1, len(files) + 1))
        lost = [await asyncio.to_thread(judged, files[kill.recording_id], kill) for kill in kills]
        figures = {"name": "recording_lost", "kills": KILLS, "seed": seed, "unit": "s"}
        print(json.dumps({**figures, "min": min(lost), "median": statistics.median(lost), "max": max(lost)}))
        assert max(lost) <= LOST_S, lost
        restored = [one for one in files.values() if one.repaired]
        assert len(restored) >= KILLS // 2
        assert verified(product).ok
        repaired = [r.body for r in journaled(product) if isinstance(r.body, f.RecordingRepaired)]
        assert sum(one.chapters for one in repaired) >= KILLS // 2, "chapters came back"
        checked = await asyncio.to_thread(
            subprocess.run, product.command("verify"), capture_output=True, text=True
        )
        assert checked.returncode == 0 and "Everything is as it was." in checked.stdout, checked.stdout
