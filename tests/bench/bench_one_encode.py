"""`one_encode`: the program is encoded once, whoever gets it.

In one session: recording alone, with nine local cards on program and nobody joined; nine offices on program,
which send the same cards, recorded; by turns with that the same with two livestreams as well. CPU is that of
the engine, and of all processes of the product (not of the simulated offices and the servers). The AIR
encoders and what they encoded are counted inside the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from operator_console import protocol as p
from operator_console.demo.load import Load
from operator_console.session.model import Layout, LayoutKind, SourceKind
from tests.bench.measure import Span, figure
from tests.bench.room_rig import private_folders
from tests.end2end.product import Product, processes_of, running_product
from tests.faults.ingest_kit import NginxPlace
from tests.faults.inside_kit import Encodes, Inside

OFFICES, DESTINATIONS, ROUNDS = 9, 2, 3
SETTLE_S, SPAN_S = 5.0, float(os.environ.get("BENCH_SECONDS", "10"))
CUT_S = 3.0


@dataclass
class Case:
    """What was measured of one way of working."""

    engine: list[float] = field(default_factory=list)
    product: list[float] = field(default_factory=list)
    encodes: list[Encodes] = field(default_factory=list)


@dataclass
class Outcome:
    """All cases."""

    alone: Case = field(default_factory=Case)
    offices: Case = field(default_factory=Case)
    streams: Case = field(default_factory=Case)


async def spanned(case: Case, product: Product, inside: Inside, load: Load | None) -> None:
    """Measure for some seconds."""
    others = set(load.pids) if load else set()
    pids = [one.pid for one in processes_of(product.top) if one.pid not in others]
    engine = product.engine_pid
    inside.encodes(engine)
    with Span([engine]) as own, Span(pids) as whole:
        await asyncio.sleep(SPAN_S)
    case.engine.append(own.cpu_ms_per_s)
    case.product.append(whole.cpu_ms_per_s)
    case.encodes.append(inside.encodes(engine))


async def stream(product: Product, places: list[NginxPlace]) -> None:
    """Go live everywhere."""
    console = product.console
    for number, place in enumerate(places):
        name = f"tujuan{number}"
        await console.do(p.StartLivestream(destination_id=name, name=name, url=place.url, key=name))
        await console.until("on air", lambda name=name: console.state.livestreams[name].on_air)  # type: ignore[misc]


async def unstream(product: Product, places: list[NginxPlace]) -> None:
    """End all livestreams."""
    for number in range(len(places)):
        await product.console.do(p.StopLivestream(destination_id=f"tujuan{number}"))


@contextlib.asynccontextmanager
async def joined(product: Product) -> AsyncIterator[Load]:
    """Nine offices in a grid on program."""
    console = product.console
    invites = [await product.invite(label=str(number), auto_admit=True) for number in range(OFFICES)]
    load = Load(product.url, [invite["token"] for invite in invites], product.overrides, talks=True)
    try:
        await asyncio.to_thread(load.start)
        await console.until(f"{OFFICES} offices", lambda: len(console.connected()) == OFFICES, 60)
        ids = tuple(one.id for one in console.connected())
        await console.do(p.CutTo(layout=Layout(kind=LayoutKind.GRID_3, sources=ids)))
        yield load
    finally:
        await asyncio.to_thread(load.stop)


async def alone(case: Case, product: Product, inside: Inside) -> None:
    """Measure with nobody joined: nine cards of this machine are on program."""
    console = product.console
    cards = []
    for number in range(OFFICES):
        made = await console.do(
            p.AddSource(kind=SourceKind.TESTCARD, name=f"Kartu {number}", address=str(number))
        )
        cards.append(made["source_id"])
    await console.until("the cards", lambda: all(console.place(card).video for card in cards), 60)
    await console.do(p.CutTo(layout=Layout(kind=LayoutKind.GRID_3, sources=tuple(cards))))
    await asyncio.sleep(SETTLE_S)
    await spanned(case, product, inside, None)
    for card in cards:
        await console.do(p.RemoveSource(source_id=card))


async def session(product: Product, inside: Inside, places: list[NginxPlace]) -> Outcome:
    """All cases by turns."""
    console, found = product.console, Outcome()
    await product.open_session()
    await console.do(p.StartRecording())
    await alone(found.alone, product, inside)
    async with joined(product) as load:
        await asyncio.sleep(SETTLE_S)
        for _ in range(ROUNDS):
            await spanned(found.offices, product, inside, load)
            await stream(product, places)
            await asyncio.sleep(CUT_S)
            await spanned(found.streams, product, inside, load)
            await unstream(product, places)
            await asyncio.sleep(CUT_S)
    await alone(found.alone, product, inside)
    await console.do(p.StopRecording(), 60)
    return found


async def measure(top: Path) -> Outcome:
    """The product with two servers."""
    inside = Inside(top)
    os.environ.update(inside.environment)
    places = [NginxPlace(top / f"nginx{number}") for number in range(DESTINATIONS)]
    for place in places:
        await asyncio.to_thread(place.start)
    try:
        async with running_product(top) as product:
            found = await session(product, inside, places)
        if any(place.received_bytes() < 100_000 for place in places):
            raise RuntimeError("a server did not get the stream")
        return found
    finally:
        for place in places:
            await asyncio.to_thread(place.stop)


def run() -> Iterator[dict[str, object]]:
    """One session."""
    with private_folders() as top:
        found = asyncio.run(measure(top))
    alone, offices, streams = found.alone, found.offices, found.streams
    full, base = "recording, nine offices, two streams", "recording alone"
    for name, now, before in (
        ("engine", streams.engine, alone.engine),
        ("product", streams.product, alone.product),
    ):
        yield figure(f"one_encode_{name}", now, "ms/s", 900, "lower", peer=base, peer_values=before)
        mean = sum(before) / len(before)
        yield figure(f"one_encode_{name}_ratio", [value / mean for value in now], f"x {base}", 3, "lower")
    pairs = list(zip(streams.engine, offices.engine, strict=True))
    added = [now - before for now, before in pairs]
    yield figure("one_encode_two_streams_add", added, "ms/s", 60, "lower")
    yield figure(
        "one_encode_two_streams_ratio", [now / before for now, before in pairs], "x without", 1.15, "lower"
    )
    for name, case in ((base, alone), (full, streams)):
        per_picture = [one.air / max(1, one.pictures) for one in case.encodes]
        yield figure(f"one_encode_air_encodes, {name}", per_picture, "per picture", 1, "lower")
        yield figure(
            f"one_encode_air_encoders, {name}",
            [one.air_encoders for one in case.encodes],
            "encoders",
            1,
            "lower",
        )
