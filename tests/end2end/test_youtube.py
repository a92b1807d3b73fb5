"""A broadcast with the YouTube account through the real engine: sign-in, live, a killed engine, the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from media.outputs.filesink import RtmpFileSink
from operator_console import protocol as p
from operator_console.session.model import YOUTUBE_ACCOUNT, BroadcastPhase
from tests.end2end.console import RefusedError
from tests.end2end.product import Product, processes_of, running_product
from tests.fake_youtube import (
    CLIENT_SECRET,
    REFRESH_TOKEN,
    STREAM_KEY,
    FakeYoutube,
    browser,
    fake_youtube,
    query_of,
)
from tests.faults.fault_kit import kill9, places_with

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[RtmpFileSink]:
    sink = RtmpFileSink(tmp_path)
    yield sink
    await sink.stop()


async def until_account(product: Product, key: str, value: str) -> None:
    console = product.console
    await console.until(f"account {value}", lambda: console.observed.get("youtube", {}).get(key) == value, 30)


async def signed_in(product: Product) -> None:
    """As the window does it: no password store here, so for this run only."""
    console = product.console
    await until_account(product, "state", "signed_out")
    with pytest.raises(RefusedError) as caught:
        await console.do(p.SignInYoutube())
    assert caught.value.code == "youtube"
    url = (await console.do(p.SignInYoutube(for_run=True)))["url"]
    assert set(query_of(url)) >= {"state", "code_challenge"} and CLIENT_SECRET not in url
    assert await browser(url) == 200
    await until_account(product, "channel", "Pemkab Banjar")
    assert console.observed["youtube"]["kept"] == "run"


async def until_phase(product: Product, phase: BroadcastPhase) -> None:
    def reached() -> bool:
        broadcast = product.console.state.broadcast
        return broadcast is not None and broadcast.phase is phase

    await product.console.until(f"broadcast {phase}", reached, 40)


async def until_flows(product: Product, sink: RtmpFileSink) -> None:
    """Pictures arrive that were not there before."""
    before = sum(one.video for one in sink.files)
    await product.console.until("pictures", lambda: sum(one.video for one in sink.files) > before + 10, 40)


async def search_for_secrets(product: Product, fake: FakeYoutube) -> None:
    pids = [process.pid for process in processes_of(product.top)]
    for secret in (REFRESH_TOKEN, STREAM_KEY, *fake.access):
        found = await asyncio.to_thread(places_with, secret, [product.top], pids)
        assert found == [], "a secret lies about"


async def test_a_broadcast_survives_a_killed_engine(
    tmp_runtime: Path, tmp_path: Path, ingest: RtmpFileSink
) -> None:
    port = await ingest.start()
    async with fake_youtube() as fake:
        fake.ingest_url = f"rtmp://127.0.0.1:{port}/live2"
        fake.is_arriving = lambda: ingest.sessions > 0
        async with running_product(tmp_runtime, **fake.values(tmp_path)) as product:
            product.expected += [r"the engine ended with -9"]
            await signed_in(product)
            await product.open_session()
            await product.console.do(p.StartBroadcast(title="Rapat Paripurna", privacy="public"))
            await until_phase(product, BroadcastPhase.LIVE)
            await until_flows(product, ingest)
            engine = product.engine_pid
            kill9(engine)
            await product.console.until("the next engine", lambda: product.engine_pid not in (0, engine), 30)
            await until_flows(product, ingest)
            console = product.console
            await console.until(
                "YouTube is asked on",
                lambda: console.observed.get("broadcast", {}).get("stream") == "active",
                40,
            )
            assert len(fake.broadcasts) == len(fake.streams) == 1
            await search_for_secrets(product, fake)
            await console.do(p.StopLivestream(destination_id=YOUTUBE_ACCOUNT))
            await until_phase(product, BroadcastPhase.ENDED)
            (made,) = fake.broadcasts.values()
            assert fake.life(made) == "complete"
            await console.do(p.SignOutYoutube())
            await until_account(product, "state", "signed_out")
            assert fake.revoked
