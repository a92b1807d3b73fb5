"""`join`: from the click on the join button to the first program picture on the page, in a real Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from tests.bench.browser_rig import browser_room
from tests.bench.measure import figure
from tests.end2end.browser import PHONE

JOINS = 7
_WATCH = """(() => {
  let clicked = 0;
  document.querySelector("#go").addEventListener("click", () => { clicked = performance.now(); }, true);
  window.firstPicture = new Promise((done) => {
    document.querySelector("#program").requestVideoFrameCallback(() => done(performance.now() - clicked));
  });
})()"""


async def measure() -> list[float]:
    """Join anew with a fresh page each time; the first join warms the worker up and is left out."""
    taken: list[float] = []
    async with browser_room() as room:
        for number in range(JOINS + 1):
            page = await room.browser.page(PHONE, phone=True)
            await page.open(f"{room.base}/#t={room.engine.invite()}")
            await page.until("joinPage().camera")
            await page.fill(f"Peserta {number}", "Desa")
            await page.run(_WATCH)
            await page.click("#go")
            taken.append(float(await page.run("firstPicture", gesture=False)))
            await page.click("#leave")
            await page.click("#bye-yes")
            await page.wait_text("Anda sudah keluar")
            await room.browser.forget(page)
    return taken[1:]


def run() -> Iterator[dict[str, object]]:
    """Yield the figure."""
    yield figure("join", asyncio.run(measure()), "ms", 500, "lower")
