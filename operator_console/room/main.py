"""Room worker process: wires link, join server, room and clockwork, and keeps them running."""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from media.reason import fields_of
from operator_console import paths
from operator_console.log import setup_logging
from operator_console.protocol import AnyToWorker, KeyframeRequest, SourceReport, WorkerHello
from operator_console.room.addresses import local_names, public_host
from operator_console.room.certificates import CertificateError, Certificates
from operator_console.room.fan import FanPump
from operator_console.room.guard import Guard
from operator_console.room.limits import FdWatermark, raise_fd_limit
from operator_console.room.pages import Pages, load_page
from operator_console.room.relay import Relay, load_relay
from operator_console.room.room import Room
from operator_console.room.seats import Bus
from operator_console.room.server import JoinServer, make_app
from operator_console.room.sockets import Sockets
from operator_console.session.codes import EXIT_UNUSABLE
from operator_console.settings import Settings, load_worker_settings
from operator_console.worker_link import End, WorkerBusyError, WorkerLink, WorkerLock

_log = logging.getLogger(__name__)

TICK_S = 0.1
TICKS_PER_REPORT = 10
BEAT_S = 0.5
AGAIN_S = 1.0
NAMES_KEPT_S = 10.0
RENEW_S = 60.0


async def forever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do a task's work to its end; where it fails, say so at once and begin it again."""
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001  the top of each long-lived task
            _log.exception("The task %s failed and begins again", name)
            await asyncio.sleep(AGAIN_S)
        else:
            return


class HostNames:
    """The names and addresses we may be called by, looked up anew every 10 s."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names: frozenset[str] = frozenset()
        self._until = 0.0

    def __call__(self) -> frozenset[str]:
        """The names now, in lower case, addresses included."""
        if time.monotonic() > self._until:
            names = local_names(self._settings.join_public_host)
            extra = {self._settings.join_host.lower(), public_host(self._settings).lower()}
            # "All addresses" is no address: browsers let foreign pages reach it.
            self._names = frozenset({*names.hosts, *names.addresses, *extra} - {"0.0.0.0", "::"})  # noqa: S104
            self._until = time.monotonic() + NAMES_KEPT_S
        return self._names


class Worker:
    """All parts of one room worker."""

    def __init__(
        self,
        settings: Settings,
        name: str,
        certificates: Certificates,
        relay: Relay,
        watermark: FdWatermark,
    ) -> None:
        self.name = name
        self._told: dict[str, Any] = {}
        """What the engine was told of the join page last."""
        self.link = WorkerLink(self._hello, self._receive, self._attached)
        self.guard = Guard(HostNames(settings))
        self.bus = Bus(
            paths.bus_dir(), name, settings.max_participants, (settings.air_width, settings.air_height)
        )
        self.fan = FanPump(paths.bus_dir(), self._request_key)
        self.room = Room(
            settings,
            self.bus,
            self.fan,
            self.link.send,
            guard=self.guard,
            watermark=watermark,
            relay=relay,
        )
        self.sockets = Sockets(self.guard, self.room)
        self.certificates = certificates
        pages = Pages(
            load_page(paths.resources_dir() / "join"),
            lambda: certificates.authority_pem,
            lambda: self.room.host,
        )
        app = make_app(self.guard, pages, self.room.joining, self.sockets)
        self.server = JoinServer(settings, app, certificates, self._report)

    def _hello(self) -> WorkerHello:
        return WorkerHello(
            role="room",
            name=self.name,
            pid=os.getpid(),
            info=self.server.info(),
            media=self.room.media(),
        )

    def _attached(self, attached: bool) -> None:
        if attached:
            self._report()

    def _receive(self, message: AnyToWorker) -> None:
        try:
            self.room.receive(message)
        except Exception:  # noqa: BLE001  the top of all that a message of the engine can trigger
            _log.exception("A %s of the engine could not be taken", type(message).__name__)

    def _report(self) -> None:
        """Tell the operator at once that the join page runs, or why it does not."""
        server = self.server
        self._told = server.info()
        self.link.send(
            SourceReport(
                source_id=self.name,
                state=server.state,
                figures=self._told,
                **fields_of(server.reason),
            )
        )

    def _request_key(self, ring: str) -> None:
        self.link.send(KeyframeRequest(ring=ring))

    async def run(self) -> End:
        """Serve until the engine ends us, or is away for too long, or `link.stop` is called."""
        tasks = [
            asyncio.create_task(forever(name, work), name=name)
            for name, work in (
                ("join-server", self.server.run),
                ("room-beat", self._beat),
                ("room-clock", self._clock),
                ("room-certificates", self._renew_certificates),
            )
        ]
        self.fan.start()
        try:
            return await self.link.run()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._close()

    async def _close(self) -> None:
        await self.sockets.close()
        await self.room.close()
        await self.server.close()
        self.fan.close()
        self.bus.close()

    async def _beat(self) -> None:
        """Beat twice a second."""
        while True:
            await asyncio.sleep(BEAT_S)
            self.room.beat()

    async def _clock(self) -> None:
        """Report each second; measures how late the loop is."""
        due = time.monotonic()
        worst_s = 0.0
        for tick in itertools.count(1):
            due += TICK_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            worst_s = max(worst_s, time.monotonic() - due)
            due = max(due, time.monotonic() - TICK_S)
            if tick % TICKS_PER_REPORT == 0:
                self.server.sweep()
                self.room.second(round(worst_s * 1000, 1))
                if self.server.info() != self._told:
                    self._report()
                worst_s = 0.0

    async def _renew_certificates(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await asyncio.to_thread(self.certificates.renew)
            except CertificateError as error:
                _log.error("%s", error)
            else:
                self.certificates.load()


def run_room(settings: Settings, name: str = "room0") -> int:
    """Run a room worker until it is ended; returns its exit code.

    0: ended in an orderly way; 1: it could not start (a worker of this name runs, no file can be opened);
    `EXIT_UNUSABLE`: no certificate or no folder.
    """
    setup_logging(name)
    lock = WorkerLock(name)
    try:
        with lock:
            certificates, relay = Certificates(settings), load_relay(settings)
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                return runner.run(_serve(settings, name, certificates, relay))
    except WorkerBusyError as error:
        _log.error("%s", error)
        return 1
    except (CertificateError, paths.PathError) as error:
        _log.error("%s", error)
        return EXIT_UNUSABLE
    except OSError as error:
        _log.error("The room worker cannot start: %s", error)
        return 1


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop where there is one (not on Windows), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, name: str, certificates: Certificates, relay: Relay) -> int:
    worker = Worker(settings, name, certificates, relay, FdWatermark(raise_fd_limit()))
    if sys.platform != "win32":
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, worker.link.stop)
    end = await worker.run()
    _log.info("The room worker ends: %s", end)
    return 0


def _search_garbage_early() -> None:
    """Have the cycles of those who left found after some ten of them instead of fifty.

    Each leaves 1,600 objects and 0.42 MB in cycles (TLS buffers of uvloop above all), and a full search
    looks at all that was ever imported; without that it takes a third of the time.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, 1)


def main(argv: list[str], overrides: Mapping[str, object]) -> int:
    """Run the command `room`."""
    parser = argparse.ArgumentParser(prog="operator-console room", description="Run a room worker.")
    parser.add_argument("--name", default="room0", help="name of this worker")
    arguments = parser.parse_args(argv)
    _search_garbage_early()
    return run_room(load_worker_settings(overrides), arguments.name)
