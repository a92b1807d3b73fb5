"""The source worker: one disposable process that captures one local source and writes it to the bus."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import re
import signal
import sys
import time
from collections.abc import Mapping

from media.reason import Reason, SourceCode, fields_of
from operator_console import paths, protocol
from operator_console.log import setup_logging
from operator_console.session.model import SourceKind
from operator_console.settings import Settings, load_worker_settings
from operator_console.sources.crashes import CrashCount
from operator_console.sources.opening import DEVICES, Format, make_source
from operator_console.sources.pump import SourcePump, SourceState
from operator_console.sources.writing import SourceWriter
from operator_console.worker_link import WorkerBusyError, WorkerLink, WorkerLock

_log = logging.getLogger(__name__)

BEAT_S = 0.5
REPORT_S = 2.0
WELL_S = 10.0
"""A source that ran for this long did not crash its process."""
STUCK_S = 25.0
"""A device that runs but gives nothing for this long hangs in its driver: only a new process helps."""
EXIT_BUSY, EXIT_STUCK = 3, 4


class SourceWorker:
    """Wires the pump to the engine."""

    def __init__(self, settings: Settings, source_id: str, kind: SourceKind, address: str) -> None:
        self.source_id, self.kind = source_id, kind
        limit = Format(settings.air_width, settings.air_height, min(30, settings.air_fps))
        self._writer = SourceWriter(paths.bus_dir(), source_id, (limit.width_px, limit.height_px))
        self._crashes = CrashCount(paths.runtime_dir(), source_id, f"{kind} {address}")
        self._loop = asyncio.get_running_loop()
        self._stuck = False
        self.link = WorkerLink(self._hello, self._receive, self._attached)
        self.pump = SourcePump(
            lambda form: make_source(kind, address, form),
            self._writer,
            self._changed,
            limit=limit,
            returns=kind in DEVICES,
            scalable=kind is SourceKind.TESTCARD,
        )
        self._refused: Reason | None = None

    @property
    def _place(self) -> protocol.MediaPlace | None:
        return self._writer.place if self.pump.state.state == "running" else None

    def _hello(self) -> protocol.WorkerHello:
        place = self._place
        media = {self.source_id: place} if place else {}
        return protocol.WorkerHello(role="source", name=self.source_id, pid=os.getpid(), media=media)

    def _receive(self, message: protocol.AnyToWorker) -> None:
        if isinstance(message, protocol.Wants):
            self.pump.set_want(message.wants.get(self.source_id))

    def _attached(self, attached: bool) -> None:
        if attached:
            self._report(self.pump.state)

    def _changed(self, state: SourceState) -> None:
        self._loop.call_soon_threadsafe(self._report, state)

    def _report(self, state: SourceState) -> None:
        if self._refused:
            state = SourceState("failed", self._refused)
        self.link.send(
            protocol.SourceReport(
                source_id=self.source_id,
                state=state.state,
                **fields_of(state.reason),
                place=self._place,
                figures=self.pump.figures(),
            )
        )

    async def run(self) -> int:
        """Serve until the engine ends this worker, or there is none; returns the exit code."""
        if self._crashes.begin():
            self.pump.start()
        else:
            text = "The source made its program crash three times; it is not opened again."
            self._refused = Reason(SourceCode.CRASHED, text)
        watching = asyncio.create_task(self._watch())
        for number in (signal.SIGTERM, signal.SIGINT):
            _on_signal(self._loop, number, self.link.stop)
        try:
            end = await self.link.run()
            _log.info("ends: %s", end)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        came_back = await asyncio.to_thread(self.pump.stop)
        if came_back:
            self._writer.close()
        if not self._refused and not self._stuck:
            self._crashes.well()
        return EXIT_STUCK if self._stuck else 0

    async def _watch(self) -> None:
        """Beat, report figures, notice a device that hangs."""
        begun = reported = time.monotonic()
        while True:
            await asyncio.sleep(BEAT_S)
            self._writer.beat()
            now = time.monotonic()
            if now - reported >= REPORT_S:
                reported = now
                self._report(self.pump.state)
            if now - begun > WELL_S and not self._refused and self.pump.state.state == "running":
                self._crashes.well()
                begun = float("inf")
            running = self.pump.state.state == "running" and self.kind in DEVICES
            if running and now - self.pump.item_s > STUCK_S:
                _log.error("the device has given nothing for %.0f s; this process ends", STUCK_S)
                self._stuck = True
                self.link.stop()
                return


def _on_signal(loop: asyncio.AbstractEventLoop, number: int, act: object) -> None:
    if sys.platform == "win32":
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))  # type: ignore[arg-type]
    else:
        loop.add_signal_handler(number, act)  # type: ignore[arg-type]


def run_source(settings: Settings, source_id: str, kind: SourceKind, address: str) -> int:
    """Run the worker of one source until it is ended; returns the exit code."""

    async def serve() -> int:
        return await SourceWorker(settings, source_id, kind, address).run()

    try:
        with WorkerLock(source_id):
            return asyncio.run(serve())
    except WorkerBusyError as error:
        _log.error("%s", error)
        return EXIT_BUSY


def _source_id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise argparse.ArgumentTypeError("an id has letters, digits, - and _ only")
    return text


def main(argv: list[str], overrides: Mapping[str, str]) -> int:
    """The command `source`: capture one source for the running engine."""
    parser = argparse.ArgumentParser(prog="operator-console source", description=__doc__)
    parser.add_argument("--id", required=True, type=_source_id, help="id of the source in the session")
    parser.add_argument("--kind", required=True, choices=[str(kind) for kind in SourceKind])
    parser.add_argument("--address", default="", help="device, file, address or display, by kind")
    parser.add_argument("--name", default="", help="what the operator calls it")
    asked = parser.parse_args(argv)
    settings = load_worker_settings(overrides)
    setup_logging(f"source-{asked.id}")
    code = run_source(settings, asked.id, SourceKind(asked.kind), asked.address)
    logging.shutdown()
    # A driver's thread that does not come back must not keep this process.
    sys.stderr.flush()
    os._exit(code)
