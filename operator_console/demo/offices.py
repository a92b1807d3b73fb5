"""Simulated offices: real WebRTC clients, each with a moving picture and a voice of its own, in one process.

Started with one line of JSON on standard input, ``{"url", "tokens", "flash"}``, so that no token stands in a
command line. Ends when standard input closes or on SIGTERM, and prints as JSON what each office received.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import ssl
import sys
from dataclasses import dataclass
from typing import Any

import aiohttp

from media.rtc.client import RtcClient
from operator_console import paths
from operator_console.demo.feeds import OfficeFeed, warm_up
from operator_console.demo.joiner import (
    JoinRefusedError,
    JoinSession,
    OfferRefusedError,
    join_session,
    video_mode,
)
from operator_console.log import setup_logging
from operator_console.room import messages as m
from operator_console.room.certificates import ROOT_FILE
from operator_console.settings import Settings, load_settings

_log = logging.getLogger(__name__)

JOINS_AT_ONCE = 4
RETRY_S = 0.5
MAX_LINE_BYTES = 1 << 20

PLACES = (
    "Kec. Astambul", "Kec. Martapura", "Kec. Gambut", "Kec. Kertak Hanyar", "Kec. Sungai Tabuk",
    "Kec. Karang Intan", "Kec. Aranio", "Kec. Pengaron", "Kec. Simpang Empat",
)  # fmt: skip
SPEAKERS = (
    "Hj. Rahmawati, S.Sos.", "Pak Suryadi", "dr. Wahyuni", "Ir. Hadi Pranoto", "Hj. Nor Aida",
    "H. Syamsul Bahri", "Siti Aminah, S.E.", "Drs. Gusti Anwar", "Ahmad Rifani",
)  # fmt: skip


def identity(number: int) -> tuple[str, str]:
    """Name and office of a simulated office."""
    if number < len(PLACES):
        return SPEAKERS[number], PLACES[number]
    return f"Kepala Desa {number + 1}", f"Desa {number + 1}"


def trust(settings: Settings) -> ssl.SSLContext:
    """A TLS context that trusts the console's own authority besides the system's."""
    context = ssl.create_default_context()
    root = paths.data_dir(settings) / "tls" / ROOT_FILE
    if root.exists():
        context.load_verify_locations(cafile=str(root))
    return context


@dataclass(slots=True)
class OfficeFigures:
    """What one office saw of the program, over all its connections."""

    connections: int = 0
    frames: int = 0
    freezes: int = 0
    longest_freeze_ms: int = 0

    def add(self, client: RtcClient) -> None:
        """Count a connection that ended."""
        stats = client.stats()
        self.frames += stats.frames
        self.freezes += stats.freezes
        self.longest_freeze_ms = max(self.longest_freeze_ms, stats.longest_freeze_ms)


class Office:
    """One simulated office: joins, obeys the room, comes back by itself."""

    def __init__(self, number: int, settings: Settings, *, flash: bool = False) -> None:
        self.number = number
        self.feed = OfficeFeed(number, flash=flash)
        self.figures = OfficeFigures()
        self._addresses = list(settings.rtc_addresses) or None
        self._client: RtcClient | None = None
        self._session: JoinSession | None = None
        self._changed = asyncio.Event()
        self._answered = 0

    async def run(self, url: str, token: str, trusted: ssl.SSLContext, joining: asyncio.Semaphore) -> None:
        """Join and stay until the room ends it or the task is cancelled."""
        name, place = identity(self.number)
        async with joining:
            session = await join_session(url, token, name, place, True, trusted)
        self._session = session
        try:
            async with session:
                session.on_state = self._on_state
                await session.until(lambda state: state.phase != "lobby", timeout_s=3600)
                await self._stay(session, joining)
                await session.leave()
        finally:
            await self._drop()

    async def _stay(self, session: JoinSession, joining: asyncio.Semaphore) -> None:
        while session.state.phase in ("seat", "waiting"):
            client = self._client
            lost = client is None or client.state == "gone" or session.state.peer != session.peer
            if session.state.phase == "seat" and lost:
                async with joining:
                    await self._connect(session)
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), RETRY_S)
            except TimeoutError:
                continue

    async def _connect(self, session: JoinSession) -> None:
        await self._drop()
        client = RtcClient(signal=session.signal, feed=self.feed, addresses=self._addresses)
        try:
            await client.connect()
        except (OfferRefusedError, TimeoutError) as error:
            _log.info("office %d is not connected yet: %s", self.number, error)
            return
        self._client = client
        self.figures.connections += 1
        client.set_mode(video_mode(session.state))
        await session.report(mic_on=self.feed.mic_on, camera_on=True, consent=True)

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            self.figures.add(client)
            await client.close()

    def _on_state(self, state: m.State) -> None:
        self._changed.set()
        if self._client is not None and self._client.state == "connected":
            self._client.set_mode(video_mode(state))
        self.feed.mic_on = not state.muted
        if state.ask is not None and state.ask.id > self._answered and self._session is not None:
            self._answered = state.ask.id
            task = asyncio.get_running_loop().create_task(self._open_microphone(state.ask.id))
            task.add_done_callback(_log_failure)

    async def _open_microphone(self, ask_id: int) -> None:
        assert self._session is not None
        self.feed.mic_on = True
        await self._session.answered(ask_id)
        await self._session.report(mic_on=True)

    def report(self) -> dict[str, Any]:
        """What this office received, for the summary."""
        figures = self.figures
        if self._client is not None:
            figures = OfficeFigures(
                figures.connections, figures.frames, figures.freezes, figures.longest_freeze_ms
            )
            figures.add(self._client)
        return {
            "office": identity(self.number)[1],
            "connections": figures.connections,
            "program_frames": figures.frames,
            "freezes": figures.freezes,
            "longest_freeze_ms": figures.longest_freeze_ms,
        }


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("an office could not open its microphone", exc_info=task.exception())


async def run_offices(
    settings: Settings, order: dict[str, Any], ended: asyncio.Event
) -> list[dict[str, Any]]:
    """Run one office for each token until `ended`; returns what each received."""
    tokens = [str(token) for token in order["tokens"]]
    joining, trusted = asyncio.Semaphore(JOINS_AT_ONCE), trust(settings)
    await asyncio.to_thread(warm_up, min(len(tokens), len(PLACES)))
    offices = [Office(number, settings, flash=bool(order.get("flash"))) for number in range(len(tokens))]
    tasks = [
        asyncio.create_task(_run_one(office, str(order["url"]), token, trusted, joining))
        for office, token in zip(offices, tokens, strict=True)
    ]
    everybody, waiting = asyncio.create_task(_all(tasks)), asyncio.create_task(_until(ended))
    await asyncio.wait({everybody, waiting}, return_when=asyncio.FIRST_COMPLETED)
    reports = [office.report() for office in offices]
    waiting.cancel()
    for task in tasks:
        task.cancel()
    await asyncio.gather(everybody, waiting, return_exceptions=True)
    return reports


async def _all(tasks: list[asyncio.Task[None]]) -> None:
    await asyncio.gather(*tasks)


async def _until(ended: asyncio.Event) -> None:
    await ended.wait()


async def _run_one(
    office: Office, url: str, token: str, trusted: ssl.SSLContext, joining: asyncio.Semaphore
) -> None:
    try:
        await office.run(url, token, trusted, joining)
    except (JoinRefusedError, aiohttp.ClientError, OSError) as error:
        _log.error("office %d was not let in: %s %s", office.number, type(error).__name__, error)


async def _main(settings: Settings) -> int:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    order = json.loads(await reader.readline() or b"{}")
    watching = asyncio.create_task(_wait_for_end(reader, ended))
    reports = await run_offices(settings, order, ended) if order.get("tokens") else []
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    transport.close()
    sys.stdout.write(json.dumps({"offices": reports}) + "\n")
    return 0


async def _wait_for_end(reader: asyncio.StreamReader, ended: asyncio.Event) -> None:
    await reader.read()
    ended.set()


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run the offices named on standard input."""
    settings = load_settings(overrides)
    setup_logging("offices")
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_main(settings))


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
