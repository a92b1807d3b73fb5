"""kill -9 of the engine and of the room worker while a feed is recorded by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.session import facts as f
from tests.end2end.product import Product, running_product
from tests.faults.fault_kit import ENGINE_KILLED, journaled, verified
from tests.media.iso_kit import complaints, judged

pytestmark = pytest.mark.timeout(180)


async def written(product: Product, who: str, seconds: float) -> Path:
    """Wait until so much is in the file that is written now; returns it."""
    console = product.console

    def enough() -> bool:
        return bool(console.observed.get(f"iso.{who}", {}).get("seconds", 0) >= seconds)

    await console.until(f"{seconds} s of {who}", enough, 40)
    return Path(console.observed[f"iso.{who}"]["path"])


async def test_the_room_worker_goes_on_without_an_engine_and_a_new_one_begins_the_next_file(
    tmp_runtime: Path,
) -> None:
    async with running_product(tmp_runtime) as product:
        product.expected += [*ENGINE_KILLED, r"worker room0 was lost"]
        console = product.console
        await product.open_session()
        async with product.offices(1, talks=True) as offices:
            (who,) = offices.ids
            await console.do(p.StartIsoRecording(participant_id=who))
            first = await written(product, who, 2.0)

            pid = product.engine_pid
            attached = console.attachments
            product.kill(pid)
            await console.until("another engine", lambda: console.attachments > attached)
            await console.until("its figures", lambda: product.engine_pid not in (0, pid))
            assert await written(product, who, 4.0) == first, "the same file goes on"
            assert console.state.isos[who].wanted and console.state.isos[who].phase == "started"

            files = console.state.isos[who].files
            room = await console.until("the room worker", lambda: product.worker_pid("room0"))
            product.kill(room)
            await console.until("the next file", lambda: console.state.isos[who].files > files, 60)
            second = await written(product, who, 2.0)
            assert second != first and second.parent == first.parent

            await console.do(p.StopIsoRecording(participant_id=who))
            await console.until("it is whole", lambda: console.state.isos[who].phase == "stopped")
        facts = [record.body for record in journaled(product)]
        assert verified(product).ok
    begun = [fact for fact in facts if isinstance(fact, f.IsoFileStarted)]
    failed = [fact for fact in facts if isinstance(fact, f.IsoFileFailed)]
    begun = [fact for fact in begun if Path(fact.path) in (first, second)]  # sound may have come long before
    assert [Path(fact.path) for fact in begun] == [first, second]
    assert [(Path(fact.path), fact.code) for fact in failed] == [(first, "worker_lost")]
    assert {(fact.width_px, fact.height_px) for fact in begun} == {(640, 360)}, "nobody looked at it"
    cut, whole = await asyncio.to_thread(judged, first), await asyncio.to_thread(judged, second)
    assert cut.picture_s[-1] > 3.0, "a killed worker costs about a second"
    assert await asyncio.to_thread(complaints, second) == ""
    # Both stand on one clock: the second begins where the first one ended, and some seconds later.
    apart_s = (begun[1].starts_at_us - begun[0].starts_at_us) / 1e6
    assert cut.picture_s[-1] - 0.1 < apart_s < cut.picture_s[-1] + 40
    assert whole.duration_s > 1.5
