"""The faults of a livestream, one after the other on one session, with what was seen of each.

Each fault strikes a stream that is live, is proved to have happened, is looked at from outside (the engine's
observation, the window's words, the loop inside the engine), and is then healed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from operator_console import protocol as p
from operator_console.session.model import Layout, LayoutKind
from tests.end2end.product import Product
from tests.faults.fault_kit import CANARY
from tests.faults.ingest_kit import BlackHole, Doorman, NginxPlace, SwitchFront, listens
from tests.faults.inside_kit import Inside
from tests.faults.window_kit import Shown, Window, indonesian, opened
from tests.media.tls_front import Authority
from ui.cause_texts import LIVESTREAM

DESTINATION, NAME = "dinas", "Dinas"
HOST = "ingest-uji.invalid"
"""Resolves nowhere but in the hosts file of the test (RFC 2606)."""
LOOK_S = 0.005
DEADLINE_S = 25.0


@dataclass(slots=True)
class Found:
    """What was measured of a fault, in seconds after it struck or after its end."""

    fault: str
    noticed_s: float = 0.0
    """Until the engine says that the stream is not on air."""
    window_s: float = 0.0
    """Until the window says so."""
    named_s: float = 0.0
    """Until the engine knows this fault by its name."""
    code: str = ""
    back_s: float = 0.0
    """From the end of the fault until the engine is on air again."""
    window_back_s: float = 0.0
    attempts: int = 0
    stall_ms: float = 0.0
    stall_cpu_ms: float = 0.0

    def line(self) -> str:
        """The same as JSON."""
        values = {
            key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()
        }
        return json.dumps(values)


@dataclass(frozen=True, slots=True)
class Fault:
    """How it strikes, by which code it is known, how it is proved and healed."""

    name: str
    strike: Callable[[], Awaitable[float]]
    """Returns when it happened (monotonic), after it was seen to have."""
    codes: tuple[str, ...]
    prove: Callable[[], None]
    heal: Callable[[], Awaitable[None]]


class Stage:
    """A session on air with its window, and the places that its stream goes to."""

    def __init__(self, product: Product, inside: Inside, window: Window) -> None:
        self.product, self.console = product, product.console
        self.inside, self.window = inside, window
        self.found: list[Found] = []

    # ---- what the engine says

    @property
    def seen(self) -> dict[str, Any]:
        """The engine's observation of the stream."""
        return dict(self.console.observed.get(f"stream.{DESTINATION}", {}))

    def on_air(self) -> bool:
        """Whether the engine says that the server takes the stream."""
        stream = self.console.state.livestreams.get(DESTINATION)
        return bool(self.seen.get("on_air")) and stream is not None and stream.on_air

    async def until(self, what: str, fits: Callable[[], object], timeout_s: float = DEADLINE_S) -> float:
        """Wait for something; returns when it was so (monotonic)."""
        deadline = time.monotonic() + timeout_s
        while not fits():
            assert time.monotonic() < deadline, f"never came: {what}; {self.seen}; {self.window.now}"
            await asyncio.sleep(LOOK_S)
        return time.monotonic()

    # ---- a livestream

    async def go_live(self, url: str, backup_url: str = "") -> None:
        """Stream there, and wait until engine and window say that it is on air."""
        command = p.StartLivestream(
            destination_id=DESTINATION, name=NAME, url=url, backup_url=backup_url, key=CANARY
        )
        begun_s = time.monotonic()
        await self.console.do(command)
        await self.until("on air", self.on_air)
        await self.window.until("on air", lambda one: one.live, begun_s)

    async def leave(self) -> None:
        """End the livestream; the window says that nothing is live."""
        begun_s = time.monotonic()
        await self.console.do(p.StopLivestream(destination_id=DESTINATION))
        off = indonesian("Not live")
        await self.window.until("not live", lambda one: off in one.stream, begun_s)

    # ---- a fault

    async def suffer(self, fault: Fault) -> Found:
        """Let a fault strike, judge what engine and window say meanwhile, heal it."""
        assert self.on_air() and self.window.now.live, "a fault needs a stream that is live"
        found = Found(fault.name)
        attempts, pid = self.seen["attempts"], self.product.engine_pid
        self.inside.stalls(pid)
        noticing = asyncio.create_task(self.until("noticed", lambda: not self.on_air()))
        struck_s = await fault.strike()
        found.noticed_s = await noticing - struck_s
        found.window_s = await self.window.until("trouble", lambda one: not one.live, struck_s)
        await self._named(fault, found, struck_s)
        fault.prove()
        await self.until("its fact", lambda: not self.console.state.livestreams[DESTINATION].on_air)
        assert not self.on_air()
        self.judge_window(struck_s + found.window_s, time.monotonic())
        await fault.heal()
        healed_s = time.monotonic()
        found.back_s = await self.until("on air again", self.on_air) - healed_s
        found.window_back_s = await self.window.until("on air again", lambda one: one.live, healed_s)
        found.attempts = self.seen["attempts"] - attempts
        assert self.product.engine_pid == pid, "no engine had to be started anew"
        stalls = self.inside.stalls(pid)
        assert stalls.turns > 10, "the loop was looked at"
        found.stall_ms, found.stall_cpu_ms = stalls.worst_ms, stalls.cpu_ms
        self.found.append(found)
        print(found.line(), flush=True)
        return found

    async def _named(self, fault: Fault, found: Found, struck_s: float) -> None:
        """The engine knows what it is, and the window says it in Indonesian."""
        named_s = await self.until(f"one of {fault.codes}", lambda: self.seen.get("code") in fault.codes)
        found.named_s, found.code = named_s - struck_s, self.seen["code"]
        sentences = [re.escape(indonesian(LIVESTREAM[code])) for code in fault.codes]
        said = re.compile("|".join(one.replace(r"\{said\}", ".*") for one in sentences))
        await self.window.until(
            f"why it is not live ({fault.codes})",
            lambda one: one.line.startswith(f"{NAME}: ") and bool(said.search(one.line)),
            struck_s,
        )

    def judge_window(self, begin_s: float, end_s: float) -> None:
        """While nothing is on air the window never claims it, and says what it does about it."""
        words = [indonesian(text) for text in ("RECONNECTING", "STALLED")]
        for one in self.window.between(begin_s, end_s):
            assert not one.live and one.stream_tone == "warn", one
            assert any(word in one.stream for word in words) and NAME in one.stream, one
            assert untouched(one), one

    async def received_more(self, place: NginxPlace, count: int = 200_000) -> None:
        """The server really gets the stream."""
        before = place.received_bytes()
        await self.until("the server receives", lambda: place.received_bytes() > before + count)


def untouched(one: Shown) -> bool:
    """Whether the window says that the recording goes on (if stuttering, on a machine that is busy)."""
    return indonesian("REC {time}").partition("{")[0] in one.recording


@contextlib.asynccontextmanager
async def stage(product: Product, inside: Inside, count: int = 2) -> AsyncIterator[Stage]:
    """A session with offices on program that is recorded, and its window."""
    console = product.console
    await product.open_session()
    async with product.offices(count, talks=True) as offices:
        layout = Layout(kind=LayoutKind.GRID_2, sources=tuple(offices.ids))
        await console.do(p.CutTo(layout=layout))
        await console.do(p.StartRecording())
        with product.logging_to_file() as log:
            async with opened(log) as window:
                one = Stage(product, inside, window)
                await one.until("the window", lambda: window.history and untouched(window.now), 30)
                yield one


# ---- the faults


class ServerFaults:
    """What may become of a server that is reached without TLS."""

    def __init__(self, place: NginxPlace, doorman: Doorman) -> None:
        self.place, self.doorman, self.hole = place, doorman, BlackHole()
        self._before = 0

    async def _kill(self) -> float:
        return await asyncio.to_thread(self.place.kill)

    async def _start(self) -> None:
        await asyncio.to_thread(self.place.start)

    def killed(self) -> Fault:
        """kill -9; nobody listens until it is started again."""

        def prove() -> None:
            assert not listens(self.place.port)

        return Fault("killed", self._kill, ("refused",), prove, self._start)

    def frozen(self) -> Fault:
        """SIGSTOP: the kernel accepts and takes what fits into its buffers, nothing is read."""

        async def strike() -> float:
            struck_s = await asyncio.to_thread(self.place.freeze)
            self._before = self.place.received_bytes()
            return struck_s

        def prove() -> None:
            assert self.place.received_bytes() == self._before, "it goes on receiving"
            assert listens(self.place.port)

        async def heal() -> None:
            self.place.thaw()

        return Fault("frozen", strike, ("stalled", "timeout"), prove, heal)

    def black_hole(self) -> Fault:
        """In its place something that accepts, reads and never answers."""

        async def strike() -> float:
            struck_s = await self._kill()
            await self.hole.open(self.place.port)
            return struck_s

        def prove() -> None:
            assert self.hole.accepted and self.hole.swallowed_bytes, "nobody came"

        async def heal() -> None:
            await self.hole.close()
            await self._start()

        return Fault("black hole", strike, ("timeout",), prove, heal)

    def refusing(self) -> Fault:
        """In its place one whose doorman (on_publish) lets nobody publish."""

        async def strike() -> float:
            self.doorman.refusing, self._before = True, self.doorman.refused
            struck_s = await self._kill()
            await self._start()
            return struck_s

        def prove() -> None:
            assert self.doorman.refused > self._before, "nobody asked to publish"

        async def heal() -> None:
            self.doorman.refusing = False

        return Fault("publish refused", strike, ("closed_at_once", "publish_refused"), prove, heal)

    def moved_to(self, other: NginxPlace) -> Fault:
        """Killed for good; some time later a server runs at the backup address."""

        def prove() -> None:
            assert not listens(self.place.port) and not listens(other.port)

        async def heal() -> None:
            await asyncio.to_thread(other.start)

        return Fault("back on the backup", self._kill, ("refused",), prove, heal)


class NameFaults:
    """What may become of certificate and name of a server that is reached with TLS."""

    def __init__(self, front: SwitchFront, inside: Inside) -> None:
        self.front, self._inside = front, inside
        self._before = 0

    def _certificate(self, name: str, shown: str, code: str) -> Fault:
        async def strike() -> float:
            self.front.shown = shown
            struck_s = await self.front.drop()
            self._before = self.front.passed_bytes
            return struck_s

        def prove() -> None:
            assert self.front.hellos[shown], "nobody saw it"
            assert self.front.passed_bytes == self._before, "something was sent all the same"

        async def heal() -> None:
            self.front.shown = "right"

        return Fault(name, strike, (code,), prove, heal)

    def unknown_authority(self) -> Fault:
        """Its certificate is from an authority that nobody knows."""
        return self._certificate("unknown authority", "stranger", "tls_untrusted")

    def wrong_host(self) -> Fault:
        """Its certificate is good, but for another name."""
        return self._certificate("wrong host name", "other", "tls_wrong_host")

    def name_gone(self) -> Fault:
        """Its name resolves no longer and its connections are cut."""

        async def strike() -> float:
            self._inside.set_hosts({})
            self._before = self.front.accepted
            return await self.front.drop()

        def prove() -> None:
            assert self.front.accepted == self._before, "it was found all the same"
            assert listens(self.front.port), "only its name is gone"

        async def heal() -> None:
            self._inside.set_hosts({HOST: "127.0.0.1"})

        return Fault("name gone", strike, ("dns",), prove, heal)


def contexts(trusted: Authority, stranger: Authority) -> dict[str, Any]:
    """The certificates that a front may show."""
    return {
        "right": trusted.server_context(HOST),
        "other": trusted.server_context("another-host.invalid"),
        "stranger": stranger.server_context(HOST),
    }


def stamps(files: Sequence[Path]) -> list[list[float]]:
    """Time stamps of picture and of sound over all connections, in the order in which they came."""
    found: dict[str, list[float]] = {"video": [], "audio": []}
    for path in files:
        command = ["ffprobe", "-v", "error", "-show_entries", "packet=codec_type,dts_time", "-of", "csv=p=0"]
        told = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True)
        for line in told.stdout.split():
            kind, at_s = line.split(",")[:2]
            found[kind].append(float(at_s))
    return list(found.values())
