"""Isolated recordings in the engine: commands, the plan for the room worker, facts of its reports."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine
from typing import Any

from media.reason import Reason, fields_of
from operator_console import paths
from operator_console import protocol as p
from operator_console.engine import rules
from operator_console.engine.context import EngineContext, handles
from operator_console.engine.observations import Observations
from operator_console.engine.recordingfiles import local_time, plain_letters
from operator_console.engine.roomhub import RoomHub
from operator_console.engine.store import JOURNAL_UNWRITABLE, SessionStore
from operator_console.session import facts as f
from operator_console.session.codes import RoomCode
from operator_console.session.model import PRESENT, IsoRecording, OutputPhase, Participant, SessionState
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

ACTOR = "room"
RETRY_S = 2.0
CLOSE_S = 5.0
LOOK_S = 0.02
_WRITING = (OutputPhase.STARTED, OutputPhase.STOPPING)


def stem_of(state: SessionState, person: Participant) -> str:
    """How the files of a participant begin: date, time, title, ISO, his number and office."""
    words = (f"{state.title or 'rapat'} ISO {person.number:02d}", person.office or person.name)
    parts = [re.sub(r"[^A-Za-z0-9]+", "-", plain_letters(word)).strip("-")[:80].strip("-") for word in words]
    return f"{local_time(state):%Y-%m-%d_%H%M%S}_{'_'.join(filter(None, parts))}"


def plan_of(state: SessionState, language: str) -> p.IsoPlan:
    """What the room worker is to record. Pure."""
    if not state.is_open:
        return p.IsoPlan()
    orders = {}
    for iso in state.isos.values():
        person = state.participants.get(iso.participant_id)
        if iso.wanted and person is not None:
            orders[iso.participant_id] = p.IsoOrder(
                folder=iso.folder,
                stem=iso.stem,
                title=person.office or person.name,
                session=state.title,
                language=language,
            )
    return p.IsoPlan(orders=orders)


def reported(state: SessionState, report: p.IsoReport) -> list[f.AnyFact]:
    """The facts of a report. Pure."""
    who, path = report.participant_id, report.path
    iso = state.isos.get(who)
    if iso is None or not state.is_open:
        return []
    why: dict[str, Any] = {"reason": report.reason, "code": report.code, "args": report.args}
    if report.what == "begun":
        begun = f.IsoFileStarted(
            participant_id=who,
            path=path,
            starts_at_us=report.starts_at_us,
            codec=report.codec,
            width_px=report.width_px,
            height_px=report.height_px,
        )
        return [*_cut_off(iso), begun]
    if report.what == "damaged":
        return [
            f.IsoFileDamaged(
                participant_id=who,
                path=path,
                kind=report.kind,
                at_ms=report.at_ms,
                lost_ms=report.lost_ms,
                count=report.count,
            )
        ]
    if report.what == "failed":
        return [f.IsoFileFailed(participant_id=who, path=path, **why)]
    return [
        f.IsoFileFinished(
            participant_id=who,
            path=path,
            duration_ms=report.duration_ms,
            size_bytes=report.size_bytes,
            marks=report.count,
            lost_ms=report.lost_ms,
        )
    ]


def _cut_off(iso: IsoRecording) -> list[f.AnyFact]:
    """A file that was written when its room worker died: the next one begins before anybody said so."""
    if iso.phase not in _WRITING:
        return []
    why = fields_of(Reason(RoomCode.WORKER_LOST, "The room worker ended."))
    return [f.IsoFileFailed(participant_id=iso.participant_id, path=iso.path, **why)]


class IsoHub:
    """Keeps the room worker's plan true to the state and journals what it reports."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        room: RoomHub,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._settings, self._store, self._observations = settings, store, observations
        self._room, self._spawn = room, spawn
        self.halted: set[str] = set()
        """Ended although the journal could not take that yet; it follows."""
        self.check_start: Callable[[], None] = lambda: None
        """Raises OperatorError where the disk has no room for another recording."""
        room.on_iso = self.receive
        store.listen(self._on_fact)

    def take_settings(self, settings: Settings) -> None:
        """The next recording stands where these say."""
        self._settings = settings

    def _on_fact(self, before: SessionState, after: SessionState, record: f.FactRecord) -> None:
        if before.isos is not after.isos or before.is_open != after.is_open:
            self.halted = {one for one in self.halted if one in after.isos and after.isos[one].wanted}
            self.send_plan()

    def send_plan(self) -> None:
        """Tell the room worker what is to be recorded now, if that changed."""
        plan = plan_of(self._store.state, self._settings.language)
        orders = {who: order for who, order in plan.orders.items() if who not in self.halted}
        self._room.set_iso_plan(p.IsoPlan(orders=orders))

    # ---- what the operator asks

    async def start(self, actor: str, participant_id: str) -> None:
        """Record a participant by himself. Raises OperatorError for one who is not there, or a full disk."""
        folder = str(paths.recordings_dir(self._settings).absolute())

        def decide(state: SessionState) -> list[f.AnyFact]:
            person = rules.person(state, participant_id)
            iso = state.isos.get(participant_id)
            if iso is not None and iso.wanted:
                return []
            if person.presence not in PRESENT:
                raise p.OperatorError(
                    "not_there",
                    f"{person.name} tidak sedang dalam rapat.",
                    f"{person.name} is not in the session.",
                    name=person.name,
                )
            self.check_start()
            stem = stem_of(state, person)
            return [f.IsoRecordingStarted(participant_id=participant_id, folder=folder, stem=stem)]

        await self._store.decide(actor, decide)

    async def stop(self, actor: str, participant_id: str, why: Reason | None = None) -> None:
        """Finish the recording of a participant; what is not running stays as it is."""

        def decide(state: SessionState) -> list[f.AnyFact]:
            iso = state.isos.get(participant_id)
            if iso is None or not iso.wanted:
                return []
            return [f.IsoRecordingStopped(participant_id=participant_id, **fields_of(why))]

        await self._store.decide(actor, decide)

    async def halt(self, actor: str, participant_id: str, why: Reason) -> None:
        """Finish the recording of a participant also while the journal takes nothing: the disk is full."""
        try:
            await self.stop(actor, participant_id, why)
        except p.OperatorError as error:
            _log.error("the end of an isolated recording is not journaled yet: %s", error.refusal.text_en)
            self.halted.add(participant_id)
            self.send_plan()
            self._commit(
                lambda state: (
                    [f.IsoRecordingStopped(participant_id=participant_id, **fields_of(why))]
                    if participant_id in self.halted
                    else []
                )
            )

    async def stop_all(self, actor: str, why: Reason | None = None) -> int:
        """Finish them all and wait for their files, a few seconds at most; returns how many there were."""

        def decide(state: SessionState) -> list[f.AnyFact]:
            return [
                f.IsoRecordingStopped(participant_id=iso.participant_id, **fields_of(why))
                for iso in state.isos.values()
                if iso.wanted
            ]

        stopped = 0
        if any(iso.wanted for iso in self._store.state.isos.values()):
            stopped = len(await self._store.decide(actor, decide))
        for _ in range(round(CLOSE_S / LOOK_S)):
            if not self.writing or not self._room.attached_now:
                break
            await asyncio.sleep(LOOK_S)
        return stopped

    @property
    def writing(self) -> bool:
        """Whether a file is written at this moment."""
        return any(iso.phase in _WRITING for iso in self._store.state.isos.values())

    @property
    def wanted(self) -> bool:
        """Whether any is to be written."""
        return any(iso.wanted for iso in self._store.state.isos.values())

    # ---- what the room worker says

    def receive(self, message: p.IsoReport | p.IsoStatus) -> None:
        """Take a report or the figures of the last second."""
        if isinstance(message, p.IsoReport):
            self._commit(lambda state: reported(state, message))
            return
        gone = {key for key in self._observations.values if key.startswith("iso.")}
        for participant_id, figures in message.feeds.items():
            if participant_id not in self._store.state.isos:
                continue
            gone.discard(f"iso.{participant_id}")
            self._observations.set(f"iso.{participant_id}", figures)
        for key in gone:
            self._observations.drop(key)

    def worker_lost(self) -> None:
        """The room worker died with its files; the next one begins new ones by itself."""
        for key in [key for key in self._observations.values if key.startswith("iso.")]:
            self._observations.drop(key)
        self._commit(
            lambda state: [fact for iso in state.isos.values() if state.is_open for fact in _cut_off(iso)]
        )

    def _commit(self, decide: Callable[[SessionState], list[f.AnyFact]]) -> None:
        """Journal what follows from the state then; tried again while the journal cannot be written."""

        async def commit() -> None:
            while True:
                try:
                    await self._store.decide(ACTOR, decide)
                except p.OperatorError as error:
                    if error.refusal.code == JOURNAL_UNWRITABLE:
                        await asyncio.sleep(RETRY_S)
                        continue
                    _log.info("a report of an isolated recording came to nothing: %s", error.refusal.text_en)
                return

        self._spawn(commit())


@handles(p.StartIsoRecording)
async def start_iso(engine: EngineContext, actor: str, command: p.StartIsoRecording) -> dict[str, Any]:
    """Record one participant by himself."""
    rules.require_open(engine.store.state)
    await engine.isos.start(actor, command.participant_id)
    return {}


@handles(p.StopIsoRecording)
async def stop_iso(engine: EngineContext, actor: str, command: p.StopIsoRecording) -> dict[str, Any]:
    """Finish that."""
    await engine.isos.stop(actor, command.participant_id)
    return {}
