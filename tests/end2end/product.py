"""The whole product for a test: keeper, engine, room worker and sources, in a folder of their own.

async with running_product(tmp_runtime) as product:
    await product.open_session()
    async with product.offices(9) as offices:
        ...

Everything is ended by pid, and a process that is left behind fails the test, as does an unexpected warning in
what they log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import psutil

from operator_console import paths
from operator_console import protocol as p
from operator_console.session.model import Presence
from tests.end2end.console import Console, EngineLostError
from tests.ports import free_port

END_S = 15.0
_COMPLAINT = re.compile(r"^\S+Z \S+ (?:WARNING|ERROR|CRITICAL) |^Traceback ")


class Product:
    """A running console without its window."""

    def __init__(self, top: Path, settings: dict[str, str]) -> None:
        self.top = top
        self.overrides = {
            "join_host": "127.0.0.1",
            "join_port": str(free_port()),
            "rtc_addresses": "127.0.0.1",
            "recording_dir": str(top / "recordings"),
            **settings,
        }
        self.console = Console(top / "runtime")
        self.expected: list[str] = []
        """Regular expressions of log lines of WARNING and above that are no fault."""
        self._log = top / "processes.log"
        self._keeper: subprocess.Popen[bytes] | None = None

    # ---- life

    async def start(self) -> None:
        """Start the keeper and attach to the engine that it starts."""
        with self._log.open("ab") as log:
            self._keeper = await asyncio.to_thread(
                subprocess.Popen, self.command("keeper"), stdin=subprocess.DEVNULL, stderr=log
            )
        await self.console.__aenter__()

    def command(self, *args: str) -> list[str]:
        """The command line of one of our processes."""
        return paths.self_command(*args, *(f"--set={key}={value}" for key, value in self.overrides.items()))

    async def stop(self) -> list[str]:
        """End everything in an orderly way; returns a sentence for each thing that was not right about it."""
        with contextlib.suppress(EngineLostError, TimeoutError):
            await self.console.do(p.ShutDown(), 5.0)
        await self.console.close()
        if self._keeper is not None:
            try:
                await asyncio.to_thread(self._keeper.wait, END_S)
            except subprocess.TimeoutExpired:
                self._keeper.send_signal(signal.SIGTERM)
        left = await asyncio.to_thread(ended, self.top)
        wrong = [f"left behind: {one}" for one in left]
        if self._keeper is not None:
            code = await asyncio.to_thread(self._keeper.wait)
            wrong += [f"keeper: exit code {code}"] if code else []
        return wrong + self.complaints()

    def complaints(self) -> list[str]:
        """Lines of WARNING and above that our processes logged and nobody expected."""
        lines = self.log().splitlines()
        found = [line for line in lines if _COMPLAINT.match(line)]
        return [line for line in found if not any(re.search(one, line) for one in self.expected)]

    def log(self) -> str:
        """What all our processes wrote to their standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def engine_pid(self) -> int:
        """Process id of the engine that runs now."""
        return int(self.console.observed.get("machine", {}).get("engine_pid", 0))

    def worker_pid(self, name: str) -> int:
        """Process id of a worker, 0 while it does not run."""
        workers = self.console.observed.get("machine", {}).get("workers", {})
        return int(workers.get(name, {}).get("pid", 0))

    def kill(self, pid: int) -> None:
        """kill -9."""
        assert pid > 1
        os.kill(pid, signal.SIGKILL)

    # ---- a session

    @property
    def url(self) -> str:
        """Where the join page is."""
        return f"https://127.0.0.1:{self.overrides['join_port']}"

    @property
    def tls_folder(self) -> Path:
        """Folder of the join server's certificates."""
        return self.top / "data" / "tls"

    async def open_session(self, title: str = "Rapat uji") -> None:
        """Open a session and wait until the join page can be reached."""
        await self.console.do(p.OpenSession(title=title, office="Pusat", timezone="Asia/Makassar"))
        await self.console.until("the join page", self._room_runs, 30)

    def _room_runs(self) -> bool:
        return bool(self.console.observed.get("room", {}).get("state") == "running")

    async def invite(self, **how: Any) -> dict[str, Any]:
        """Make an invite; returns its id, token and url."""
        return await self.console.do(p.CreateInvite(**how))

    @contextlib.asynccontextmanager
    async def offices(
        self, count: int, *, flash: bool = False, talks: bool = False, lobby: bool = False
    ) -> AsyncIterator[Offices]:
        """Run simulated offices in a process of their own until all of them are connected.

        With `flash` they flash and beep each second, with `talks` they speak all the time and not in turns,
        with `lobby` they are left in the lobby.
        """
        invites = [await self.invite(label=f"Kantor {n}", auto_admit=not lobby) for n in range(count)]
        offices = Offices(self, invites, {"flash": flash, "talks": talks})
        presence = Presence.KNOCKING if lobby else Presence.CONNECTED
        try:
            await asyncio.to_thread(offices.start)
            await self.console.until(
                f"{count} offices {presence}", lambda: len(offices.find(presence)) == count, 60
            )
            offices.ids = offices.find(presence)
            yield offices
        finally:
            await asyncio.to_thread(offices.end)

    @contextlib.contextmanager
    def logging_to_file(self) -> Iterator[int]:
        """File number for the standard error of further processes."""
        with self._log.open("ab") as log:
            yield log.fileno()


class Offices:
    """Simulated offices in a process of their own."""

    def __init__(self, product: Product, invites: list[dict[str, Any]], how: dict[str, Any]) -> None:
        self._product = product
        self._invites = [invite["invite_id"] for invite in invites]
        self.tokens = [invite["token"] for invite in invites]
        self.ids: list[str] = []
        """Their participant ids; number i has card and voice i."""
        self.reports: list[dict[str, Any]] = []
        self._how = how
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id of them all."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start the process and send it its tokens."""
        pipe = subprocess.PIPE
        with self._product.logging_to_file() as log:
            self._process = subprocess.Popen(
                self._product.command("offices"), stdin=pipe, stdout=pipe, stderr=log
            )
        order = {"url": self._product.url, "tokens": self.tokens, **self._how}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()

    def find(self, presence: Presence) -> list[str]:
        """Ids of those of ours who are there, in the order of their tokens."""
        people = self._product.console.state.participants.values()
        by_invite = {one.invite_id: one.id for one in people if one.presence is presence}
        return [by_invite[invite] for invite in self._invites if invite in by_invite]

    def end(self) -> None:
        """Let them leave, and keep what they report."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(15.0)
            told = process.stdout.read()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5.0)
            told = b""
        process.stdout.close()
        if told:
            self.reports = json.loads(told)["offices"]


@contextlib.asynccontextmanager
async def running_product(top: Path, **settings: str) -> AsyncIterator[Product]:
    """Run the product for the length of a test; `top` is the folder of the fixture tmp_runtime."""
    product = Product(top, settings)
    failed = True
    try:
        await product.start()
        yield product
        failed = False
    finally:
        wrong = await product.stop()
        if failed or wrong:
            print(product.log())
        if not failed:
            assert not wrong, "\n".join(wrong)


def processes_of(top: Path) -> list[psutil.Process]:
    """All processes whose files lie in this folder, whoever their parent is now."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("OPERATOR_CONSOLE_RUNTIME", "").startswith(f"{top}/"):
                found.append(process)
    return [process for process in found if process.pid != os.getpid() and _lives(process)]


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def ended(top: Path) -> list[str]:
    """Wait until no process of this folder runs; kills and names those that do not end. Blocks."""
    deadline = time.monotonic() + END_S
    while left := processes_of(top):
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    names = [" ".join(_command_line(process)) for process in left]
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
            process.wait(5.0)
    return names


def _command_line(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        return [str(process.pid), *process.cmdline()]
    return [str(process.pid)]
