"""The audio worker's process: what the engine asks goes to the rig, what the rig finds goes to the engine."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from operator_console import paths, protocol
from operator_console.audio.reporting import hall_report, overall
from operator_console.audio.rig import Rig
from operator_console.audio.testing import SoundTests
from operator_console.log import setup_logging
from operator_console.session.model import HALL, OPERATOR
from operator_console.sound_list import described
from operator_console.worker_link import WorkerBusyError, WorkerLink, WorkerLock

_log = logging.getLogger(__name__)

NAME = "audio0"
BEAT_S = 0.25
REPORT_S = 1.0
EXIT_BUSY, EXIT_STUCK = 3, 4
CLOSE_S = 3.0
"""The end of this process waits for PortAudio no longer than this."""


class AudioWorker:
    """Wires the rig to the engine."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.rig = Rig(paths.bus_dir(), self._rig_changed)
        self.tests = SoundTests(self.rig)
        self.link = WorkerLink(self._hello, self._receive, self._attached)
        self._told_devices: tuple[protocol.SoundDevice, ...] | None = None
        self._told_test: dict[str, Any] | None = None
        self._state = ("", "")
        self._since_ms = 0
        self._set_up = self._ran = False
        self._stuck = False
        self._reported_s = 0.0

    def _media(self) -> dict[str, protocol.MediaPlace]:
        ends = self.rig.seen()
        media = {}
        if ends["input"].stream is not None:
            media[HALL] = protocol.MediaPlace(audio=(protocol.HALL_AUDIO, protocol.AUDIO_MIC))
        if ends["operator"].stream is not None:
            media[OPERATOR] = protocol.MediaPlace(audio=(protocol.HALL_AUDIO, protocol.AUDIO_OPERATOR))
        return media

    def _hello(self) -> protocol.WorkerHello:
        return protocol.WorkerHello(role="audio", name=NAME, pid=os.getpid(), media=self._media())

    def _receive(self, message: protocol.AnyToWorker) -> None:
        if isinstance(message, protocol.AudioSetup):
            self._set_up, self._ran = True, self._ran or message.ran
            self.rig.want(message.hall)
        elif isinstance(message, protocol.AudioTest):
            if message.test == "devices":
                self.rig.look_again()
            else:
                self.tests.begin(message.test, message.target)
            self._report()

    def _attached(self, attached: bool) -> None:
        if attached:
            self._told_devices = self._told_test = None
            self._report()

    def _rig_changed(self) -> None:
        self._loop.call_soon_threadsafe(self._report)

    def _report(self) -> None:
        if not self._set_up:
            return  # nothing is known yet of what is wanted
        hall = hall_report(self.rig, self._ran)
        if overall(hall) != self._state:
            self._state, self._since_ms = overall(hall), time.time_ns() // 1_000_000
            _log.info("the hall's sound: %s %s", *self._state)
        self._ran = self._ran or hall["state"] == "running"
        devices = described(self.rig.list.devices) if self.rig.list.made else None
        test = self.tests.told()
        sent = self.link.send(
            protocol.AudioReport(
                hall={**hall, "since_ms": self._since_ms},
                media=self._media(),
                devices=None if devices == self._told_devices else devices,
                test=None if test == self._told_test else test,
            )
        )
        if sent:
            self._told_devices, self._told_test = devices, test

    async def run(self) -> int:
        """Serve until the engine ends this worker, or there is none; returns the exit code."""
        self.rig.start()
        watching = asyncio.create_task(self._watch())
        for number in (signal.SIGTERM, signal.SIGINT):
            if sys.platform == "win32":
                signal.signal(number, lambda *_: self._loop.call_soon_threadsafe(self.link.stop))
            else:
                self._loop.add_signal_handler(number, self.link.stop)
        try:
            _log.info("ends: %s", await self.link.run())
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        if self._stuck:
            return EXIT_STUCK
        try:
            await asyncio.wait_for(asyncio.to_thread(self.rig.stop), CLOSE_S)
        except TimeoutError:
            return EXIT_STUCK
        return 0

    async def _watch(self) -> None:
        while not self._stuck:
            await asyncio.sleep(BEAT_S)
            try:
                self._look()
            except Exception:  # noqa: BLE001 (top of this task: without it nothing is reported any more)
                _log.exception("The hall's sound cannot be reported")

    def _look(self) -> None:
        if self.rig.stuck:
            _log.warning("the sound system does not answer any more; this process ends")
            self._stuck = True
            try:
                self._report()
            finally:
                self.link.stop()
        elif time.monotonic() - self._reported_s >= REPORT_S or self.tests.running:
            self._reported_s = time.monotonic()
            self._report()


def main(argv: list[str], overrides: Mapping[str, str]) -> int:
    """The hidden command `audio`: the hall's sound for the running engine."""
    argparse.ArgumentParser(prog="operator-console audio", description=__doc__).parse_args(argv)
    del overrides
    setup_logging("audio")

    async def serve() -> int:
        return await AudioWorker().run()

    try:
        with WorkerLock(NAME):
            code = asyncio.run(serve())
    except WorkerBusyError as error:
        _log.error("%s", error)
        code = EXIT_BUSY
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)  # PortAudio's own end may hang for ever
