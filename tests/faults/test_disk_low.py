"""A disk that gets full: isolated recordings end first, then the program's, cleanly; all the rest goes on."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import DiskLevel
from tests.end2end.console import RefusedError
from tests.end2end.product import running_product
from tests.faults.fault_kit import OnAir, decode_errors, journaled, on_air, probed, verified
from tests.faults.small_disk import INSIDE, Ballast, may_mount, run_inside, small_disk
from tests.media.iso_kit import complaints, judged

pytestmark = pytest.mark.timeout(180)
MB = 1_000_000
LIMITS = {"disk_reserve_mb": "20", "disk_iso_reserve_mb": "40", "disk_warn_minutes": "0,0,0"}
GUARDED = [r"disk of .* MB free, level", r"recording in .* ends: the disk has only its reserve left"]


async def refused(one: OnAir, command: p.AnyCommand) -> str:
    with pytest.raises(RefusedError) as caught:
        await one.console.do(command)
    assert "recordings" in str(caught.value), "it says which folder"
    return caught.value.code


async def shed(one: OnAir, ballast: Ballast) -> Path:
    """Record an office by itself, then leave too little for that; returns its file."""
    console, who = one.console, one.offices.ids[0]
    await console.do(p.StartIsoRecording(participant_id=who))
    seen = f"iso.{who}"
    await console.until("an isolated file", lambda: console.observed.get(seen, {}).get("seconds", 0) > 1.5)
    path = Path(console.observed[seen]["path"])
    await asyncio.to_thread(ballast.leave, 35 * MB)
    await console.until("it was ended", lambda: console.state.isos[who].phase == "stopped", 60)
    assert console.state.isos[who].code == "disk_low"
    assert one.recording_segment() == 1, "the program is recorded on"
    assert await refused(one, p.StartIsoRecording(participant_id=who)) == "disk_low_iso"
    return path


async def filled(one: OnAir, ballast: Ballast, folder: Path) -> Path:
    """Leave hardly more than the reserve and wait for the clean end; returns the program's file."""
    console = one.console
    await console.do(p.MarkChapter(title="Penutup"))
    await asyncio.to_thread(ballast.leave, 20 * MB + 200_000)
    await console.until(
        "the recording ended", lambda: str(getattr(console.state.recording, "phase", "")) == "stopped", 90
    )
    recording = console.state.recording
    assert recording is not None and recording.code == "disk_low"
    assert list(console.state.disk_low.values()) == [DiskLevel.STOP]
    assert shutil.disk_usage(folder).free > 15 * MB, "long before the disk is full"
    return Path(recording.path)


async def goes_on(one: OnAir) -> None:
    """Session, program and stream go on without the recording."""
    frames = one.console.observed["program"]["frames"]
    await one.console.until("pictures", lambda: one.console.observed["program"]["frames"] > frames + 30)
    assert one.stream_on_air() and one.console.state.is_open


async def test_the_guard_ends_what_it_must_in_order_and_says_so(
    tmp_runtime: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_runtime / "recordings"
    folder.mkdir()
    if not may_mount(folder):
        assert INSIDE not in os.environ, "not even here a file system can be made"
        again = await asyncio.to_thread(run_inside, request.node.nodeid)
        assert again.returncode == 0, again.stdout
        return
    with small_disk(folder, 100 * MB):
        ballast = Ballast(folder)
        async with running_product(tmp_runtime, **LIMITS) as product:
            product.expected += GUARDED
            async with on_air(product, count=2) as one:
                console = one.console
                iso = await shed(one, ballast)
                program = await filled(one, ballast, folder)
                assert await refused(one, p.StartRecording()) == "disk_low"
                await goes_on(one)
                await asyncio.to_thread(ballast.remove)
                await console.until("room again", lambda: not console.state.disk_low, 60)
                await console.do(p.StartRecording())
                await one.recorded(1.0)
                await console.do(p.StopRecording())
            facts = [record.body for record in journaled(product)]
            assert verified(product).ok
        found = await asyncio.to_thread(judged, iso)
        assert found.picture_s[-1] > 1.0 and await asyncio.to_thread(complaints, iso) == ""
        played = await asyncio.to_thread(probed, program)
        assert played.streams == ("aac", "h264") and played.video_s > 2.0
        assert await asyncio.to_thread(decode_errors, program) == ""
        assert [title for _, title in judged(program).chapters] == ["Penutup"]
    in_order(facts)


def in_order(facts: list[f.AnyFact]) -> None:
    """First the isolated recording, then the warning that it is the end, then the program's file."""
    ended = next(i for i, fact in enumerate(facts) if isinstance(fact, f.IsoRecordingStopped))
    whole = next(i for i, fact in enumerate(facts) if isinstance(fact, f.IsoFileFinished))
    low = [i for i, fact in enumerate(facts) if isinstance(fact, f.DiskRanLow)]
    stopped = next(i for i, fact in enumerate(facts) if isinstance(fact, f.RecordingStopped))
    eased = next(i for i, fact in enumerate(facts) if isinstance(fact, f.DiskEased))
    assert ended < whole < low[0] < stopped < eased and len(low) == 1
