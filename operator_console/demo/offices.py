"""Simulated offices: real WebRTC clients, each with a moving picture and a voice of its own, in one process.

Started with one line of JSON on standard input, ``{"url", "tokens", "flash", "talks", "first"}``, or with
``--tokens FILE`` (mode 0600, the same JSON), so that no token stands in a command line. A line
``figures`` on standard input is answered with one line of JSON: what each office received of the program.
Ends when standard input closes or on SIGTERM: the offices say good-bye and the figures are printed once
more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import ssl
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import aiohttp

from media.rtc.client import ClientCallbacks, RtcClient, VideoMode
from media.rtc.sdp import SdpRefused
from operator_console import paths
from operator_console.demo.feeds import OfficeFeed
from operator_console.demo.figures import ProgramWatch
from operator_console.demo.joiner import (
    JoinRefusedError,
    JoinSession,
    OfferRefusedError,
    join_session,
    video_mode,
)
from operator_console.demo.loops import Loops
from operator_console.log import setup_logging
from operator_console.room import messages as m
from operator_console.room.certificates import ROOT_FILE
from operator_console.settings import Settings, load_settings

_log = logging.getLogger(__name__)

JOINS_AT_ONCE = 4
RETRY_S = 0.5
JOIN_FOR_S = 60.0
"""So long a room that does not answer, or is busy, is tried again."""
LEAVE_S = 2.0
MAX_LINE_BYTES = 1 << 20
USAGE = "usage: operator-console offices [--tokens FILE]; without FILE one line of JSON on standard input."

PLACES = (
    "Kec. Astambul", "Kec. Martapura", "Kec. Gambut", "Kec. Kertak Hanyar", "Kec. Sungai Tabuk",
    "Kec. Karang Intan", "Kec. Aranio", "Kec. Pengaron", "Kec. Simpang Empat", "Kec. Mataraman",
    "Kec. Aluh-Aluh", "Kec. Beruntung Baru", "Kec. Tatah Makmur", "Kec. Sambung Makmur", "Kec. Paramasan",
)  # fmt: skip
SPEAKERS = (
    "Hj. Rahmawati, S.Sos.", "Pak Suryadi", "dr. Wahyuni", "Ir. Hadi Pranoto", "Hj. Nor Aida",
    "H. Syamsul Bahri", "Siti Aminah, S.E.", "Drs. Gusti Anwar", "Ahmad Rifani", "Hj. Mariatul Kiptiah",
    "Rusdiansyah, S.AP.", "Noor Hidayah", "H. Fahrurrazi", "Yuliana Sari, S.IP.", "M. Arsyad",
)  # fmt: skip


def identity(number: int) -> tuple[str, str]:
    """Invented speaker and office of a simulated office."""
    if number < len(PLACES):
        return SPEAKERS[number], PLACES[number]
    return f"{SPEAKERS[number % len(SPEAKERS)]} ({number + 1})", f"Desa {number + 1}"


def trust(settings: Settings) -> ssl.SSLContext:
    """A TLS context that trusts the console's own authority besides the system's."""
    context = ssl.create_default_context()
    root = paths.data_dir(settings) / "tls" / ROOT_FILE
    if root.exists():
        context.load_verify_locations(cafile=str(root))
    return context


class Office:
    """One simulated office: joins, obeys the room, comes back by itself."""

    def __init__(
        self, number: int, settings: Settings, loops: Loops, *, flash: bool = False, talks: bool = False
    ) -> None:
        self.number = number
        self.feed = OfficeFeed(number, loops, flash=flash, talks=talks)
        self.watch = ProgramWatch()
        self.session: JoinSession | None = None
        self._addresses = list(settings.rtc_addresses) or None
        self._client: RtcClient | None = None
        self._mode: VideoMode | None = None
        self._changed = asyncio.Event()
        self._reported: tuple[bool, int] | None = None

    async def run(self, url: str, token: str, trusted: ssl.SSLContext, joining: asyncio.Semaphore) -> None:
        """Join and stay until the room ends it or the task is cancelled. Raises JoinRefusedError."""
        try:
            async with await self._join(url, token, trusted, joining) as session:
                self.session = session
                session.on_state = self._on_state
                await self._stay(session, joining)
        finally:
            self.feed.close()
            await self._drop()

    async def _join(
        self, url: str, token: str, trusted: ssl.SSLContext, joining: asyncio.Semaphore
    ) -> JoinSession:
        loop = asyncio.get_running_loop()
        name, place = identity(self.number)
        until = loop.time() + JOIN_FOR_S
        while True:
            try:
                async with joining:
                    return await join_session(url, token, name, place, True, trusted)
            except JoinRefusedError as error:
                if (error.status < 500 and error.status != 429) or loop.time() > until:
                    raise
            except (aiohttp.ClientError, OSError, TimeoutError):
                if loop.time() > until:
                    raise
            await asyncio.sleep(RETRY_S)

    async def _stay(self, session: JoinSession, joining: asyncio.Semaphore) -> None:
        while session.state.phase in ("seat", "waiting", "lobby"):
            client = self._client
            lost = client is None or client.state == "gone" or session.state.peer != session.peer
            if session.state.phase == "seat" and lost:
                async with joining:
                    await self._connect(session)
            await self._obey(session)
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), RETRY_S)
            except TimeoutError:
                continue

    async def _connect(self, session: JoinSession) -> None:
        await self._drop()
        callbacks = ClientCallbacks(
            on_gone=lambda _: self._changed.set(),
            on_encoded_video=self.watch.on_video,
            on_encoded_audio=self.watch.on_audio,
        )
        client = RtcClient(
            signal=session.signal, feed=self.feed, addresses=self._addresses, callbacks=callbacks
        )
        self.feed.push = client.push_video
        try:
            await client.connect()
        except (OfferRefusedError, SdpRefused, TimeoutError) as error:
            _log.info("office %d is not connected yet: %s", self.number, error)
            return
        self._client, self._mode, self._reported = client, None, None
        self.watch.connected()

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _on_state(self, state: m.State) -> None:
        """Obey at once what concerns the media; what is to be answered follows in `_obey`."""
        if state.muted:
            self.feed.mic_on = False
        self.feed.has_floor = state.on_air and state.send.mode == "spotlight"
        mode = video_mode(state)
        client = self._client
        if client is not None and client.state == "connected" and mode != self._mode:
            self._mode = mode
            client.set_mode(mode)
        self._changed.set()

    async def _obey(self, session: JoinSession) -> None:
        """Bring the media in line with the state, accept what the operator asks, report what is sent."""
        state = session.state
        if self._client is None or self._client.state != "connected" or state.phase != "seat":
            return
        self._on_state(state)
        if state.ask is not None and not state.muted:
            self.feed.mic_on = True
        report = (self.feed.mic_on, session.attached)
        if report != self._reported and await session.report(
            mic_on=self.feed.mic_on, camera_on=True, consent=True
        ):
            self._reported = report

    async def leave(self) -> None:
        """Say good-bye."""
        if self.session is not None:
            await self.session.leave()

    def report(self) -> dict[str, Any]:
        """What this office received of the program."""
        return self.watch.report(identity(self.number)[1], self._client)


class Offices:
    """All simulated offices of one process."""

    def __init__(self, settings: Settings, order: dict[str, Any]) -> None:
        tokens = [str(token) for token in order["tokens"]]
        flash, talks, first = bool(order.get("flash")), bool(order.get("talks")), int(order.get("first", 0))
        self._loops = Loops()
        self._loops.warm_up(0 if flash else len(tokens))
        self.offices = [
            Office(first + number, settings, self._loops, flash=flash, talks=talks)
            for number in range(len(tokens))
        ]
        joining, trusted = asyncio.Semaphore(JOINS_AT_ONCE), trust(settings)
        self._tasks = [
            asyncio.create_task(_run_one(office, str(order["url"]), token, trusted, joining))
            for office, token in zip(self.offices, tokens, strict=True)
        ]

    async def wait(self) -> None:
        """Until the room has ended all of them."""
        await asyncio.wait(self._tasks)

    def report(self) -> dict[str, Any]:
        """The figures of all, JSON-ready."""
        return {"offices": [office.report() for office in self.offices]}

    async def close(self) -> None:
        """Leave the room."""
        goodbyes = asyncio.gather(*(office.leave() for office in self.offices), return_exceptions=True)
        try:
            await asyncio.wait_for(goodbyes, LEAVE_S)
        except TimeoutError:
            _log.info("the room did not take all good-byes")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._loops.close()


async def _run_one(
    office: Office, url: str, token: str, trusted: ssl.SSLContext, joining: asyncio.Semaphore
) -> None:
    try:
        await office.run(url, token, trusted, joining)
    except JoinRefusedError as error:
        _log.error("office %d was not let in: %s", office.number, error)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        _log.error("office %d does not reach the room: %s %s", office.number, type(error).__name__, error)


async def run_offices(
    settings: Settings, order: dict[str, Any], commands: asyncio.StreamReader, ended: asyncio.Event
) -> None:
    """Run an office for each token until `ended`, or the commands or the session end; print the figures."""
    offices = Offices(settings, order)
    reasons: list[asyncio.Task[object]] = [
        asyncio.create_task(_listen(commands, offices)),
        asyncio.create_task(offices.wait()),
        asyncio.create_task(ended.wait()),
    ]
    await asyncio.wait(reasons, return_when=asyncio.FIRST_COMPLETED)
    report = offices.report()
    await offices.close()
    for task in reasons:
        task.cancel()
    await asyncio.gather(*reasons, return_exceptions=True)
    print(json.dumps(report), flush=True)


async def _listen(commands: asyncio.StreamReader, offices: Offices) -> None:
    while line := await commands.readline():
        if line.strip() == b"figures":
            print(json.dumps(offices.report()), flush=True)


def read_tokens(path: Path) -> dict[str, Any]:
    """The order in a file. Raises ValueError where others may read it."""
    if sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise ValueError(f"{path} holds secrets and must not be readable by others (chmod 600).")
    order: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return order


async def _main(settings: Settings, tokens: Path | None) -> int:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    commands = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    for number in (signal.SIGTERM, signal.SIGINT) if sys.platform != "win32" else ():
        loop.add_signal_handler(number, ended.set)
    try:
        order = read_tokens(tokens) if tokens else json.loads(await commands.readline() or b"{}")
        if not isinstance(order, dict) or not order.get("tokens"):
            print("No tokens: nobody joins.", file=sys.stderr)
            return 2
        await run_offices(settings, order, commands, ended)
    except (OSError, ValueError) as error:
        print(f"The order cannot be read: {error}", file=sys.stderr)
        return 2
    finally:
        transport.close()
    return 0


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """The command `offices`: run the offices named on standard input or in a file."""
    parser = argparse.ArgumentParser(prog="operator-console offices", description=__doc__)
    parser.add_argument(
        "--tokens", type=Path, help="file (mode 0600) with the JSON instead of standard input"
    )
    asked = parser.parse_args(argv)
    if not _is_pipe(sys.stdin):
        print(f"{USAGE} Standard input must be a pipe: they leave when it is closed.", file=sys.stderr)
        return 2
    settings = load_settings(overrides)
    setup_logging("offices")
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_main(settings, asked.tokens))


def _is_pipe(stream: IO[str] | None) -> bool:
    """Whether the event loop can read it; uvloop aborts the process over anything else."""
    if stream is None:
        return False
    if sys.platform == "win32":
        return not stream.isatty()
    mode = os.fstat(stream.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
