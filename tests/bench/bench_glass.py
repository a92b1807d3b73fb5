"""`glass`: from a participant's camera to the encoded program, all on this machine.

The camera whites its picture out at each full second of the bus clock; the flash is seen where the livestream
arrives. What the camera takes to notice (up to one of its pictures) is part of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from operator_console import protocol as p
from tests.bench.air_rig import Seen, session
from tests.bench.measure import figure

OFFICES = 3
FLASHES = 20
FLASH_LUMA = 190.0
SECOND_US = 1_000_000
DEADLINE_S = 60.0


async def measure(flashes: int = FLASHES) -> list[float]:
    """Watch the spotlighted office flash."""
    late_ms: list[float] = []
    enough = asyncio.Event()
    newest_flash_us = 0

    def look(seen: Seen) -> None:
        nonlocal newest_flash_us
        if seen.picture.mean() < FLASH_LUMA or seen.at_us - newest_flash_us < SECOND_US // 2:
            return
        newest_flash_us = seen.at_us
        late_ms.append(seen.at_us % SECOND_US / 1000)
        if len(late_ms) >= flashes:
            enough.set()

    async with session(OFFICES, flash=True) as running:
        await running.product.console.do(p.SetSpotlight(source_id=running.offices.ids[0]))
        await asyncio.sleep(3.0)  # the full size has come
        running.tap.on_picture = look
        await asyncio.wait_for(enough.wait(), DEADLINE_S)
    return late_ms


def run() -> Iterator[dict[str, object]]:
    """Yield the figure."""
    yield figure("glass", asyncio.run(measure()), "ms", 200, "lower")
