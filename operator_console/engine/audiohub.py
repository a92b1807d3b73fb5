"""The engine's side of the audio worker: kept while the hall's sound is on, told what to do, heard."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from operator_console import protocol as p
from operator_console.engine.control import Connection
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.engine.supervisor import Supervisor
from operator_console.session import facts as f
from operator_console.session.model import HALL, OPERATOR, HallSound, SessionState
from operator_console.sound_list import described, devices_now

_log = logging.getLogger(__name__)

AUDIO = "audio0"
ACTOR = "audio"
_OFF = {"state": "off", "code": "", "args": {}}


def wanted_hall(state: SessionState) -> HallSound | None:
    """The hall's sound where it is to run, else None. Pure."""
    if not state.session_id or state.closed_at_ms or not state.hall_sound.on:
        return None
    return state.hall_sound


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
        self._listing = False
        self._tested: dict[str, Any] | None = None
        store.listen(self._on_fact)

    @property
    def attached(self) -> bool:
        """Whether the worker listens."""
        return self._connection is not None

    def start(self) -> None:
        """Keep the worker of a resumed session; the worker itself may have lived on."""
        self._follow(self._store.state)

    def _on_fact(self, before: SessionState, after: SessionState, record: f.FactRecord) -> None:
        if before.session_id != after.session_id:
            self._ran, self._losses = False, 0
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
        """The worker's connection ended."""
        if self._connection is connection:
            self._connection = None

    def worker_lost(self) -> None:
        """The worker's process died; it is started again, and what it last said is kept until then."""
        self._drop_places()
        self._losses += 1
        if self._kept:
            known = self._observations.values.get("hall_sound", _OFF)
            code = known.get("code") or "worker_lost"
            self._observations.set("hall_sound", {**known, "state": "starting", "code": code})
        self._end_test("dead")

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
        if not isinstance(message, p.AudioReport) or not self._kept:
            return
        self._ran = self._ran or message.hall.get("state") == "running"
        restarts = int(message.hall.get("restarts", 0)) + self._losses
        self._observations.set("hall_sound", {**message.hall, "restarts": restarts})
        self._take_places(message.media)
        if message.devices is not None:
            self._observations.set("devices", message.devices)
        if message.test is not None:
            self._take_test(message.test)

    def _take_test(self, test: dict[str, Any]) -> None:
        self._observations.set("audio_test", test)
        done = test.get("test") == "room" and test.get("state") == "done"
        if done and test != self._tested:
            self._spawn(self._record(test))
        self._tested = test

    async def _record(self, test: dict[str, Any]) -> None:
        fact = f.RoomTested(
            delay_ms=float(test["delay_ms"]),
            coupling_db=float(test["coupling_db"]),
            drift_ppm=float(test["drift_ppm"]),
            erle_db=float(test["erle_db"]),
        )
        try:
            await self._store.record(ACTOR, fact)
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
