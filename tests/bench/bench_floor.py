"""`floor`: from the command that gives somebody the floor to his picture in the encoded program.

Nine offices live, recorded and streamed; the command goes in over the API as the window sends it (its own key
handling, some milliseconds, is not in it), the picture is seen where the livestream arrives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from media.clock import now_us
from operator_console import protocol as p
from tests.bench.air_rig import Seen, Session, session
from tests.bench.measure import figure
from tests.end2end.judge import card_of

OFFICES = 9
CUTS = 24
SETTLE_S = 0.7
DEADLINE_S = 10.0


async def one_cut(running: Session, number: int) -> float:
    """Give an office the floor; returns the milliseconds until it is seen."""
    loop = asyncio.get_running_loop()
    shown: asyncio.Future[int] = loop.create_future()

    def look(seen: Seen) -> None:
        if not shown.done() and card_of(seen.picture) == number:
            shown.set_result(seen.at_us)

    running.tap.on_picture = look
    began_us = now_us()
    command = asyncio.create_task(
        running.product.console.do(p.SetSpotlight(source_id=running.offices.ids[number]))
    )
    seen_us = await asyncio.wait_for(shown, DEADLINE_S)
    await command
    return (seen_us - began_us) / 1000


async def measure(cuts: int = CUTS) -> list[float]:
    """Give the floor to one after the other."""
    taken = []
    async with session(OFFICES) as running:
        await asyncio.sleep(3.0)
        for cut in range(cuts):
            taken.append(await one_cut(running, cut % OFFICES))
            await asyncio.sleep(SETTLE_S)
    return taken


def run() -> Iterator[dict[str, object]]:
    """Yield the figure."""
    yield figure("floor", asyncio.run(measure()), "ms", 150, "lower")
