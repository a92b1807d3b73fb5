"""The engine's side of the audio worker: kept while the hall's sound is on, told what to do, heard."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import structs

from operator_console import protocol as p
from operator_console.engine.control import Connection
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.engine.supervisor import Supervisor
from operator_console.session import facts as f
from operator_console.session.model import HALL, OPERATOR, HallSound, RoomFigures, SessionState
from operator_console.sound_list import described, devices_now

_log = logging.getLogger(__name__)

AUDIO = "audio0"
ACTOR = "audio"
LOSSES, CALM_S = 2, 60.0
"""So many losses within this time are a failure that is said, no more a start."""
_LOST: dict[str, Any] = {"code": "worker_lost", "args": {}}
_OFF = {"state": "off", "code": "", "args": {}}


def wanted_hall(state: SessionState) -> HallSound | None:
    """The hall's sound where it is to run, else None. Pure."""
    if not state.is_open or not state.hall_sound.on:
        return None
    return state.hall_sound


def is_failure(hall: dict[str, Any]) -> bool:
    """Whether the observation `hall_sound` says why there is no sound (one that runs has notes). Pure."""
    return bool(hall.get("code")) and hall.get("state") in ("failed", "starting")


def room_figures(test: dict[str, Any]) -> RoomFigures:
    """The figures of a finished room test. Pure."""
    return RoomFigures(**{name: float(test[name]) for name in RoomFigures.__struct_fields__})


class AudioHub:
    """Speaks with the audio worker; what it measures becomes observations, a finished room test a fact."""

    def __init__(
        self,
        store: SessionStore,
        observations: Observations,
        supervisor: Supervisor,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._store, self._observations, self._supervisor = store, observations, supervisor
        self._spawn = spawn
        self._connection: Connection | None = None
        self._kept = False
        self._ran = False
        self._losses = 0
        self._lost_at_s: list[float] = []
        self._listing = False
        self._test_begun = False
        store.listen(self._on_fact)

    @property
    def attached(self) -> bool:
        """Whether the worker listens."""
        return self._connection is not None

    def start(self) -> None:
        """Keep the worker of a resumed session; the worker itself may have lived on."""
        self._follow(self._store.state)
        self.look_for_devices()

    def _on_fact(self, before: SessionState, after: SessionState, record: f.FactRecord) -> None:
        if before.session_id != after.session_id:
            self._ran, self._losses, self._lost_at_s = False, 0, []
            self.look_for_devices()
        if wanted_hall(before) != wanted_hall(after):
            self._follow(after)

    def _follow(self, state: SessionState) -> None:
        hall = wanted_hall(state)
        if hall is None:
            self._end()
        elif not self._kept:
            self._kept = True
            self._observations.set("hall_sound", {**_OFF, "state": "starting"})
            self._supervisor.keep(AUDIO, "audio")
        else:
            self._send(p.AudioSetup(hall=hall, ran=self._ran))

    def _send(self, message: p.Message) -> None:
        if self._connection is not None:
            self._connection.send(message)

    def _end(self) -> None:
        if self._kept:
            self._kept = False
            self._supervisor.release(AUDIO)
        self._send(p.EndWorker())
        self._connection = None  # what it still says is not of the worker that may be wanted next
        self._drop_places()
        self._observations.set("hall_sound", _OFF)
        self._observations.drop("audio_test")

    def _drop_places(self) -> None:
        for name in (HALL, OPERATOR):
            self._observations.drop(f"media.{name}")

    def end_all(self) -> None:
        """Let the worker finish."""
        self._send(p.EndWorker())

    # ---- the worker

    def worker_attached(self, hello: p.WorkerHello, connection: Connection) -> None:
        """The worker said hello."""
        hall = wanted_hall(self._store.state)
        if hall is None or hello.name != AUDIO:
            connection.send(p.EndWorker())
            return
        self._connection = connection
        self._take_places(hello.media)
        self._send(p.AudioSetup(hall=hall, ran=self._ran))

    def worker_detached(self, connection: Connection) -> None:
        """The worker's connection ended: whether it still works is not known, so it is not called running."""
        if self._connection is connection:
            self._connection = None
            self._tell_lost("starting")

    def worker_lost(self) -> None:
        """The worker's process died; it is started again, and why it had failed is said until then."""
        self._drop_places()
        self._losses += 1
        self._lost_at_s = [*self._lost_at_s[-LOSSES:], time.monotonic()]
        self._tell_lost("failed" if self._keeps_dying() else "starting")
        self._end_test("dead")

    def _tell_lost(self, state: str) -> None:
        if not self._kept:
            return
        known = self._observations.values.get("hall_sound", _OFF)
        why = {"code": known["code"], "args": known.get("args", {})} if is_failure(known) else _LOST
        since_ms = time.time_ns() // 1_000_000
        told = {"state": state, **why, "restarts": self._losses, "since_ms": since_ms}
        self._observations.set("hall_sound", told)

    def _keeps_dying(self) -> bool:
        now_s = time.monotonic()
        return sum(now_s - at_s < CALM_S for at_s in self._lost_at_s) >= LOSSES

    def _end_test(self, code: str) -> None:
        test = self._observations.values.get("audio_test")
        if test is not None and test.get("state") == "running":
            self._observations.set("audio_test", {**test, "state": "failed", "code": code})

    def _take_places(self, media: dict[str, p.MediaPlace]) -> None:
        for name in (HALL, OPERATOR):
            if name in media:
                self._observations.set(f"media.{name}", media[name])
            else:
                self._observations.drop(f"media.{name}")

    def receive(self, message: p.AnyFromWorker) -> None:
        """Handle one message of the worker."""
        if not isinstance(message, p.AudioReport) or self._connection is None:
            return
        self._ran = self._ran or message.hall.get("state") == "running"
        hall = {**message.hall, "restarts": int(message.hall.get("restarts", 0)) + self._losses}
        if hall.get("state") == "starting" and self._keeps_dying():
            hall |= {"state": "failed", **_LOST}  # it may die of this start too
        self._observations.set("hall_sound", hall)
        self._take_places(message.media)
        if message.devices is not None:
            self._observations.set("devices", message.devices)
        if message.test is not None:
            self._take_test(message.test)

    def _take_test(self, test: dict[str, Any]) -> None:
        self._observations.set("audio_test", test)
        if test.get("test") == "room" and test.get("state") == "done":
            self._spawn(self._record(room_figures(test), begun=self._test_begun))
        self._test_begun = test.get("state") == "running"

    async def _record(self, found: RoomFigures, *, begun: bool) -> None:
        """Journal a room test; a worker tells of its last one also to an engine that has just begun."""

        def decide(state: SessionState) -> list[f.AnyFact]:
            known = state.room_tested == found and not begun
            return [] if known else [f.RoomTested(**structs.asdict(found))]

        try:
            await self._store.decide(ACTOR, decide)
        except p.OperatorError as error:
            _log.error("the room test could not be journaled: %s", error.refusal.text_en)

    # ---- commands

    def run_test(self, test: str, target: str) -> None:
        """Have the worker begin a test (empty: end the one that runs)."""
        self._send(p.AudioTest(test=test, target=target))

    def look_for_devices(self) -> None:
        """Have the observation `devices` made anew, also while no worker runs."""
        if self.attached:
            self._send(p.AudioTest(test="devices"))
        elif not self._listing:
            self._listing = True
            self._spawn(self._list())

    async def _list(self) -> None:
        try:
            self._observations.set("devices", described(await devices_now()))
        except OSError as error:
            _log.warning("%s", error)
        finally:
            self._listing = False
