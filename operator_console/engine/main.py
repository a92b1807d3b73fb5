"""The engine process: wires journal, API, workers, program, sound and outputs, and runs until told to end."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from media.clock import now_us
from media.reason import fields_of
from operator_console import paths
from operator_console import protocol as p
from operator_console.engine import desk, hall, isos, onair, people, soundrules, studio, untold
from operator_console.engine.alarms import AlarmWatch
from operator_console.engine.archive import Archive
from operator_console.engine.audiohub import AUDIO, AudioHub
from operator_console.engine.changing import setting_refusal
from operator_console.engine.context import HANDLERS, EngineContext
from operator_console.engine.control import Connection, ControlServer, WorkerHandler
from operator_console.engine.diskguard import DiskGuard, kept_from_copies
from operator_console.engine.echoes import EchoWatch
from operator_console.engine.endpoint import LOCK_FILE, AlreadyRunningError, take_lock
from operator_console.engine.exits import EXIT_JOURNAL, EXIT_RUNNING
from operator_console.engine.frozen import JOURNAL_FILE, forget_settings, keep_settings, settings_to_use
from operator_console.engine.holds import HeldCommands
from operator_console.engine.journalwatch import JournalWatch
from operator_console.engine.keeper import FOR_WINDOW, settings_arguments
from operator_console.engine.keeperwatch import KeeperWatch
from operator_console.engine.lost import room_reason, worker_reason
from operator_console.engine.machine import MachineWatch
from operator_console.engine.observations import Observations
from operator_console.engine.outputs import Outputs
from operator_console.engine.planner import Planner
from operator_console.engine.roomhub import ROOM, RoomHub
from operator_console.engine.sound import SoundBlock
from operator_console.engine.sourcehub import SourceHub
from operator_console.engine.store import SessionStore
from operator_console.engine.supervisor import Supervisor
from operator_console.engine.uplinkguard import Levers, UplinkGuard
from operator_console.engine.vault import KeeperGoneError, Vault
from operator_console.engine.youtube import Youtube
from operator_console.journal import Damage, Journal, JournalError, open_whole
from operator_console.log import setup_logging
from operator_console.processes import owner_lives
from operator_console.session import facts as f
from operator_console.settings import (
    Settings,
    SettingsError,
    overridden_settings,
    save_user_setting,
    with_live,
)
from operator_console.worker_link import worker_running

_log = logging.getLogger(__name__)

ACTOR = "engine"
JOURNAL_LOCK = "journal.lock"
OWNER_LOOK_S = 1.0
HANDLER_MODULES = (people, onair, desk, hall, isos, studio)
_SOURCE_SEGMENT = re.compile(r"(?:video|audio)-(s[0-9a-f]{6})\.cur")


class Engine(EngineContext, WorkerHandler):
    """A running engine."""

    def __init__(
        self,
        settings: Settings,
        overrides: dict[str, str],
        journal: Journal,
        vault: Vault,
        damage: Damage | None = None,
    ) -> None:
        """`damage`: what was found wrong with the journal when it was opened."""
        self.settings, self._overrides = settings, overrides
        self._damage = damage
        self.stop_requested = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._saving = asyncio.Lock()
        bus = paths.bus_dir()
        self.observations = Observations()
        self.store = SessionStore(journal)
        self.store.untold = untold.Untold(paths.runtime_dir() / untold.FILE)
        self.supervisor = Supervisor(self._worker_started, self._worker_lost, settings_arguments(overrides))
        self.room = RoomHub(settings, self.store, self.observations, self._keyframe, self.spawn)
        self.isos = isos.IsoHub(settings, self.store, self.observations, self.room, self.spawn)
        self.sources = SourceHub(self.store, self.observations, self.supervisor)
        self.audio = AudioHub(self.store, self.observations, self.supervisor, self.spawn)
        self.held = HeldCommands(self._execute, lambda: self.control.clients, self.spawn)
        self.control = ControlServer(
            paths.runtime_dir(), bus, self.store, self.observations, self.held.execute, self
        )
        self.planner = Planner(settings, bus, self.store, self.observations, self.room, self.sources)
        self.outputs = Outputs(settings, self.store, self.observations, self.planner, self.spawn, vault)
        self.youtube = Youtube(settings, self.store, self.observations, self.outputs, self.spawn, vault)
        self.archive = Archive(self.store, self.observations, keep_free_bytes=kept_from_copies(settings))
        self.keeper = KeeperWatch(vault, overrides)
        self.echoes = EchoWatch(bus, self.store, self.observations)
        figures = self.planner.program.figures
        self.alarms = AlarmWatch(settings, self.store, self.observations, lambda: figures.glance)
        self.planner.sound.listen_to_mix(self.echoes.take_mix)
        self.planner.on_air_packet = self.outputs.push_packet
        self.planner.on_program_sound = self._program_sound
        self.journal_watch = JournalWatch(journal, self.store, self.observations)
        self.store.on_trouble = self.journal_watch.trouble
        self.control.on_wants = lambda: self.planner.set_clients([c.wants for c in self.control.clients])
        self.control.on_gone = lambda client: self.held.client_gone(client.name, client)
        self.disk = DiskGuard(settings, self.store, self.observations, self.outputs.recording, self.isos)
        self.outputs.check_room = self.disk.check_recording
        self.uplink = UplinkGuard(settings, self.store, self.observations, self._levers())
        self.machine = MachineWatch(self.observations, self.supervisor, self.planner, self.disk)

    def _levers(self) -> Levers:
        return Levers(
            tile_share=self.planner.set_tile_share,
            return_bps=self.planner.program.set_return_bit_rate,
            without_picture=self.room.set_without_picture,
            air_ceiling_bps=self.outputs.livestreams.air_rate.set_ceiling,
        )

    # ---- life ----

    async def run(self) -> None:
        """Start everything, wait for the end, stop everything in order."""
        resumed = await self.store.resume()
        self._tell_damage()
        remove_dead_segments(paths.bus_dir())
        self.planner.start()
        await self.control.start()
        self.supervisor.keep(ROOM, "room", "--name", ROOM)
        self.isos.send_plan()
        if resumed:
            self.sources.start_all()
            self.audio.start()
            await self._record(f.EngineStarted(pid=os.getpid(), resumed=True))
            await self._record(*soundrules.let_go(self.store.state))
        self.planner.replan()
        self.keeper.start()
        self._listen_to_signals()
        self.spawn(self.supervisor.run())
        self.spawn(self.disk.run())
        self.spawn(self.machine.run())
        self.spawn(self.uplink.run())
        self.spawn(self.echoes.run())
        self.spawn(self.archive.run())
        self.spawn(self.alarms.run())
        self.spawn(self.journal_watch.run())
        self.spawn(self._end_with_owner())
        if resumed:
            self.spawn(self._resume_outputs())  # a keyring that asks holds up only this
        else:
            self.spawn(self.youtube.start())
        _log.info("engine ready")
        await self.stop_requested.wait()
        await self._stop()

    async def _resume_outputs(self) -> None:
        await self.store.tell_untold()
        await self.outputs.resume()
        await self.youtube.start()
        await self.youtube.resume()

    async def _end_with_owner(self) -> None:
        """The demo's engine ends in an orderly way with the demo; a real console's has no owner."""
        while True:
            if not owner_lives():
                break
            await asyncio.sleep(OWNER_LOOK_S)
        _log.info("the process that this engine was started for is gone; it ends")
        self.stop_requested.set()

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            if sys.platform == "win32":  # its loops know no signals
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(self.stop_requested.set))
            else:
                loop.add_signal_handler(number, self.stop_requested.set)

    async def _stop(self) -> None:
        """Outputs first: whatever else fails on the way out, the recording is whole."""
        self.keeper.stop()
        # The journal of the broadcast's end comes before the stream's; refused or not, all of them end.
        for end in (
            lambda: self.youtube.ending(ACTOR),
            lambda: self.outputs.stop_all(ACTOR, now=True),
            lambda: self.isos.stop_all(ACTOR),
        ):
            try:
                await end()
            except p.OperatorError as error:
                _log.error("the end of the outputs could not be journaled: %s", error.refusal.text_en)
        await self.youtube.stop()
        self.room.end()
        self.sources.end_all()
        self.audio.end_all()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.supervisor.stop()
        await asyncio.to_thread(self.planner.stop)
        await asyncio.to_thread(self.echoes.close)
        await self.control.stop()
        await self.journal_watch.close()
        await self.store.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine as a task that is kept and whose failure is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a task of the engine failed", exc_info=task.exception())

    def _tell_damage(self) -> None:
        damage = self._damage or self.store.damage
        if damage is not None:
            self.observations.set("journal_damage", {"code": damage.code, "args": damage.args})

    # ---- commands ----

    async def _execute(self, actor: str, command: p.AnyCommand) -> dict[str, Any]:
        return await HANDLERS[type(command)](self, actor, command)

    @property
    def needed_by_others(self) -> bool:
        """A second console that is attached, or whoever started this engine without a window."""
        return len(self.control.clients) > 1 or os.environ.get(FOR_WINDOW) != "1"

    def overrides_setting(self, name: str) -> bool:
        """Whether the command line or the environment gives a value that counts instead of a saved one."""
        return name in overridden_settings(self._overrides)

    async def change_setting(self, name: str, value: object) -> None:
        """Store a user setting; raises OperatorError with the reason where it is not good."""
        async with self._saving:  # the file is read, changed and written
            try:
                await asyncio.to_thread(save_user_setting, name, value)
            except SettingsError as error:
                raise setting_refusal(name, error) from error
            self.settings = await asyncio.to_thread(with_live, self.settings, self._overrides)
        self.outputs.take_settings(self.settings)
        self.uplink.take_settings(self.settings)
        self.isos.take_settings(self.settings)
        self.youtube.take_settings(self.settings)
        self.disk.take_settings(self.settings)
        self.archive.keep_free_bytes = kept_from_copies(self.settings)
        self.alarms.take_settings(self.settings)

    # ---- workers ----

    def worker_attached(self, hello: p.WorkerHello, connection: Connection) -> None:
        """A worker said hello: hand it to its hub."""
        if hello.role == "room":
            self.room.attached(hello, connection)
        elif hello.role == "audio":
            self.audio.worker_attached(hello, connection)
        else:
            self.sources.attached(hello, connection)
        self.supervisor.attached(hello.name, hello.pid)
        self.planner.replan()

    def worker_detached(self, hello: p.WorkerHello, connection: Connection) -> None:
        """A worker's connection ended."""
        self.supervisor.detached(hello.name)
        if hello.role == "room":
            self.room.detached(connection)
        elif hello.role == "audio":
            self.audio.worker_detached(connection)
        else:
            self.sources.detached(hello.name, connection)

    def worker_message(self, hello: p.WorkerHello, message: p.AnyFromWorker) -> None:
        """A worker sent something."""
        if hello.role == "room":
            self.room.receive(message)
        elif hello.role == "audio":
            self.audio.receive(message)
        else:
            self.sources.receive(message)
        if isinstance(message, p.PeerUp | p.PeerDown | p.SourceReport | p.AudioReport):
            self.planner.replan()

    def _program_sound(self, block: SoundBlock) -> None:
        self.outputs.push_sound(block)
        self.alarms.push_sound(block)

    def _keyframe(self, ring: str) -> None:
        self.planner.keyframe(ring)

    def _worker_started(self, name: str, pid: int) -> None:
        if self.store.state.is_open:
            self.spawn(self._record(f.WorkerStarted(worker=name, pid=pid)))

    def _worker_lost(self, name: str, status: int | None) -> None:
        why = worker_reason(status)
        _log.warning("worker %s was lost: %s", name, why.text)
        if name == ROOM:
            self.room.worker_lost(room_reason(status))
            self.isos.worker_lost()
        elif name == AUDIO:
            self.audio.worker_lost()
        else:
            self.sources.worker_lost(name, why)
        self.planner.replan()
        if self.store.state.is_open:
            self.spawn(self._record(f.WorkerLost(worker=name, **fields_of(why))))

    async def _record(self, *facts: f.AnyFact) -> None:
        try:
            await self.store.record(ACTOR, *facts)
        except p.OperatorError as error:
            _log.error("facts of the engine could not be journaled: %s", error.refusal.text_en)


def remove_dead_segments(bus: Path) -> None:
    """Delete the segments of source workers that no longer run; other writers replace their own."""
    for pointer in bus.glob("*-s*.cur"):
        found = _SOURCE_SEGMENT.fullmatch(pointer.name)
        if found and not worker_running(found[1]):
            for path in bus.glob(f"{pointer.stem}.*"):
                path.unlink(missing_ok=True)


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run an engine as soon as its keeper says so; exit code 3 where one runs already."""
    try:
        vault = Vault.from_environment()
    except KeeperGoneError:
        return 0
    settings = settings_to_use(overrides)
    try:
        data = paths.private_dir(paths.data_dir(settings))
    except paths.PathError as error:
        setup_logging("engine")
        _log.critical("%s", error)
        return EXIT_JOURNAL
    setup_logging("engine")
    try:
        lock = take_lock(paths.runtime_dir() / LOCK_FILE)
    except AlreadyRunningError:
        sys.stderr.write("An engine runs already.\n")
        return EXIT_RUNNING
    with lock:
        try:
            # A desktop login and ssh have two runtime folders and one journal: it has one writer.
            own = take_lock(data / JOURNAL_LOCK)
            journal, damage = open_whole(data / JOURNAL_FILE)
        except AlreadyRunningError:
            _log.critical("Another console uses the data folder %s. End that one first.", data)
            return EXIT_RUNNING
        except JournalError as error:
            _log.critical("%s", error)
            return EXIT_JOURNAL
        keep_settings(settings)
        _log.info("engine starts, bus clock %d us", now_us())
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_run(settings, overrides, journal, vault, damage))
        except JournalError as error:
            _log.critical("%s", error)
            return EXIT_JOURNAL
        finally:
            own.close()
        forget_settings()
    return 0


async def _run(
    settings: Settings, overrides: dict[str, str], journal: Journal, vault: Vault, damage: Damage | None
) -> None:
    await Engine(settings, overrides, journal, vault, damage).run()


def _loop_factory() -> Any:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
