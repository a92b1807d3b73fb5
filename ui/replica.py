"""What this window knows: the engine's state folded from facts, observations, and commands on their way."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal

from operator_console.protocol import (
    AnyCommand,
    Command,
    Observed,
    Refusal,
    Reply,
    Request,
    SetWants,
    Snapshot,
)
from operator_console.session.facts import FactRecord
from operator_console.session.fold import apply
from operator_console.session.model import SessionState
from ui.link import Link, Loss
from ui.observations import Observations

_log = logging.getLogger(__name__)

REPLY_WITHIN_S = 5.0
SHOW_PENDING_AFTER_S = 0.15
"""A reply normally comes within 10 ms; only what takes longer is shown as under way."""
_SWEEP_MS = 100


class Kind(StrEnum):
    """What kind of thing changed."""

    LINK = "link"
    SESSION = "session"
    PEOPLE = "people"
    SOURCES = "sources"
    INVITES = "invites"
    PROGRAM = "program"
    OUTPUTS = "outputs"
    CHAPTERS = "chapters"
    MEDIA = "media"
    LINKS = "links"
    ROOM = "room"
    FIGURES = "figures"
    JOURNAL = "journal"
    HALL = "hall"
    """The hall's devices, their treatment and how they do."""
    MIXING = "mixing"
    ECHO = "echo"
    """Who returns sound, who is turned down for it, who sits in one room with whom."""
    DEVICES = "devices"
    TEST = "test"
    YOUTUBE = "youtube"
    """The account, its planned broadcasts, and the one that runs."""
    ISO = "iso"
    """Figures of the recordings of single participants."""
    PENDING = "pending"


EVERYTHING = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Changed:
    """Payload of `Replica.changed`: which kinds of thing changed since the last one."""

    kinds: frozenset[Kind]

    def __contains__(self, kind: Kind) -> bool:
        return kind in self.kinds

    def any_of(self, *kinds: Kind) -> bool:
        """Whether one of these kinds changed."""
        return not self.kinds.isdisjoint(kinds)


class NoticeKind(StrEnum):
    """How a notice is to be shown."""

    INFO = "info"
    REFUSED = "refused"
    ERROR = "error"


class Trouble(StrEnum):
    """Sentences of the window itself, worded where they are shown."""

    NOT_CONNECTED = "not_connected"
    NO_ANSWER = "no_answer"
    INTERRUPTED = "interrupted"
    NOTHING_SELECTED = "nothing_selected"
    SLATE_STAYS = "slate_stays"
    KEYS_LOCKED = "keys_locked"
    NO_ECHO = "no_echo"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Notice:
    """Payload of `Replica.noticed`: one sentence, either a refusal of the engine or a trouble of ours."""

    kind: NoticeKind
    refusal: Refusal | None = None
    trouble: Trouble | None = None


@dataclass(slots=True)
class _Pending:
    command: AnyCommand
    sent_at_s: float
    on_result: Callable[[dict[str, Any]], None] | None = None
    on_failed: Callable[[Notice], None] | None = None
    wait_for_rev: int = -1
    shown: bool = False


def _alive(act: Callable[..., object]) -> bool:
    """Whether the widget behind a callback is still there; a dialog may be closed before its answer comes."""
    owner = getattr(act, "__self__", None)
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)


_STATE_KINDS: dict[str, Kind] = {
    "session_id": Kind.SESSION,
    "title": Kind.SESSION,
    "office": Kind.SESSION,
    "timezone": Kind.SESSION,
    "closed_at_ms": Kind.SESSION,
    "locked": Kind.SESSION,
    "hall_muted": Kind.SESSION,
    "hall_sound": Kind.HALL,
    "mixing": Kind.MIXING,
    "participants": Kind.PEOPLE,
    "sources": Kind.SOURCES,
    "invites": Kind.INVITES,
    "program": Kind.PROGRAM,
    "recording": Kind.OUTPUTS,
    "second_recording": Kind.OUTPUTS,
    "livestreams": Kind.OUTPUTS,
    "broadcast": Kind.YOUTUBE,
    "chapters": Kind.CHAPTERS,
    "alarms": Kind.OUTPUTS,
    "disk_low": Kind.OUTPUTS,
    "isos": Kind.OUTPUTS,
}
_OBSERVED_KINDS: dict[str, Kind] = {
    "media": Kind.MEDIA,
    "link": Kind.LINKS,
    "source": Kind.SOURCES,
    "stream": Kind.OUTPUTS,
    "youtube": Kind.YOUTUBE,
    "broadcast": Kind.YOUTUBE,
    "recorder": Kind.OUTPUTS,
    "repair": Kind.OUTPUTS,
    "room": Kind.ROOM,
    "program": Kind.FIGURES,
    "mixer": Kind.FIGURES,
    "machine": Kind.FIGURES,
    "disk": Kind.FIGURES,
    "iso": Kind.ISO,
    "journal": Kind.JOURNAL,
    "journal_damage": Kind.JOURNAL,
    "hall_sound": Kind.HALL,
    "devices": Kind.DEVICES,
    "audio_test": Kind.TEST,
    "line_test": Kind.TEST,
    "air_rate": Kind.OUTPUTS,
    "uplink": Kind.FIGURES,
    "alarms": Kind.OUTPUTS,
    "echo": Kind.ECHO,
    "twin": Kind.ECHO,
    "mic_ask": Kind.PEOPLE,
}


def kinds_of_state(before: SessionState, after: SessionState) -> frozenset[Kind]:
    """Which kinds differ between two states; the fold makes a new object only of what changed."""
    kinds = {kind for name, kind in _STATE_KINDS.items() if getattr(before, name) is not getattr(after, name)}
    if before.isos is not after.isos:
        kinds.add(Kind.PEOPLE)
    old, new = before.mixing, after.mixing
    if old.ducked != new.ducked or old.talkback != new.talkback:
        kinds.add(Kind.ECHO)  # a fader that is drawn must not paint the wall anew
    return frozenset(kinds)


def kinds_of_observed(values: dict[str, Any]) -> frozenset[Kind]:
    """Which kinds a set of observations touches."""
    kinds = (_OBSERVED_KINDS.get(key.partition(".")[0]) for key in values)
    return frozenset(kind for kind in kinds if kind)


class Replica(QObject):
    """The engine's state as this window has it; commands go out through it.

    Signals: changed(Changed) when something that can be shown changed; noticed(Notice) to tell the operator.
    """

    changed = Signal(object)
    noticed = Signal(object)

    def __init__(self, runtime: Path, start_engine: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.state = SessionState()
        self.seen = Observations()
        self.attached_once = False
        self.loss: Loss | None = Loss.NO_ENGINE
        self.lost_at_ms = 0
        self.bus_dir: Path = runtime / "bus"
        self.epoch = ""
        self.invite_urls: dict[str, str] = {}
        self.link = Link(runtime, self, start_engine)
        self._ids = itertools.count(1)
        self._pending: dict[int, _Pending] = {}
        self._kinds: set[Kind] = set()
        self._flush = QTimer(self, singleShot=True, interval=0)
        self._flush.timeout.connect(self._emit)
        self._sweep = QTimer(self, interval=_SWEEP_MS)
        self._sweep.timeout.connect(self._sweep_pending)

    # ---- what the window asks

    @property
    def connected(self) -> bool:
        """Whether the engine is attached right now."""
        return self.loss is None

    @property
    def session_open(self) -> bool:
        """Whether a session runs."""
        return self.state.is_open

    def pending(self, kind: type[Command], **fields: Any) -> bool:
        """Whether a command of this kind (and with these fields) is under way long enough to be shown."""
        return any(
            entry.shown
            and isinstance(entry.command, kind)
            and all(getattr(entry.command, name) == value for name, value in fields.items())
            for entry in self._pending.values()
        )

    def send(
        self,
        command: AnyCommand,
        on_result: Callable[[dict[str, Any]], None] | None = None,
        on_failed: Callable[[Notice], None] | None = None,
    ) -> bool:
        """Send a command; `on_result` gets the result of an ok reply. False where there is no engine.

        `on_failed` gets the refusal, or why there is no answer, in place of a message over the window. Both
        are methods of widgets that may be gone by then: these are not called any more.
        """
        entry = _Pending(command, time.monotonic(), on_result, on_failed)
        if not self.connected:
            if not isinstance(command, SetWants):
                self._fail(entry, Notice(NoticeKind.REFUSED, trouble=Trouble.NOT_CONNECTED))
            return False
        number = next(self._ids)
        self._pending[number] = entry
        self._sweep.start()
        self.link.post(Request(id=number, command=command))
        return True

    def stop(self) -> None:
        """Forget what is under way; the window goes."""
        self._pending.clear()
        self._flush.stop()
        self._sweep.stop()

    # ---- what the link says

    def attached(self, snapshot: Snapshot) -> None:
        """Take over a whole state."""
        if snapshot.epoch != self.epoch:
            self.epoch = snapshot.epoch
        self.state = snapshot.state
        self.seen = Observations(snapshot.observations)
        self.loss = None
        self.attached_once = True
        if snapshot.bus_dir:
            self.bus_dir = Path(snapshot.bus_dir)
        self._note(EVERYTHING)

    def told(self, record: FactRecord) -> bool:
        """Fold one fact; False where one is missing before it."""
        if record.seq != self.state.rev + 1:
            return False
        before, self.state = self.state, apply(self.state, record)
        self._note(kinds_of_state(before, self.state) | self._settle())
        return True

    def observed(self, message: Observed) -> None:
        """Take observations."""
        self.seen.update(message.values)
        self._note(kinds_of_observed(message.values))

    def replied(self, reply: Reply) -> None:
        """Take the answer to a command: done when its facts have come, or refused."""
        entry = self._pending.get(reply.id)
        if entry is None:
            return
        if not reply.ok:
            self._drop(reply.id)
            if reply.refusal:
                self._fail(entry, Notice(NoticeKind.REFUSED, refusal=reply.refusal))
            return
        entry.wait_for_rev = reply.rev
        if entry.on_result and _alive(entry.on_result):
            entry.on_result(reply.result)
        for key in ("unsaved", "overridden"):  # it was done, and will not be remembered, or does not count
            if notice := reply.result.get(key):
                self.noticed.emit(Notice(NoticeKind.REFUSED, refusal=msgspec.convert(notice, Refusal)))
        self._note(self._settle())

    def detached(self, loss: Loss) -> None:
        """The engine is away."""
        if self.loss is None:
            self.lost_at_ms = time.time_ns() // 1_000_000
        broken, self._pending = self._pending, {}
        notice = Notice(NoticeKind.ERROR, trouble=Trouble.INTERRUPTED)
        told = [entry for entry in broken.values() if not isinstance(entry.command, SetWants)]
        for entry in told:
            if entry.on_failed:
                self._fail(entry, notice)
        if any(not entry.on_failed for entry in told):
            self.noticed.emit(notice)
        if loss is not self.loss:
            self.loss = loss
            self._note({Kind.LINK, Kind.PENDING})

    # ---- internal

    def _fail(self, entry: _Pending, notice: Notice) -> None:
        if entry.on_failed and _alive(entry.on_failed):
            entry.on_failed(notice)
        else:
            self.noticed.emit(notice)

    def _settle(self) -> set[Kind]:
        done = [n for n, e in self._pending.items() if 0 <= e.wait_for_rev <= self.state.rev]
        settled = [self._pending.pop(number) for number in done]
        return {Kind.PENDING} if any(entry.shown for entry in settled) else set()

    def _drop(self, number: int) -> None:
        if self._pending.pop(number).shown:
            self._note({Kind.PENDING})

    def _sweep_pending(self) -> None:
        now_s = time.monotonic()
        late = [n for n, e in self._pending.items() if now_s - e.sent_at_s > REPLY_WITHIN_S]
        for number in late:
            entry = self._pending[number]
            _log.info("no answer to %s", type(entry.command).__name__)
            self._drop(number)
            self._fail(entry, Notice(NoticeKind.ERROR, trouble=Trouble.NO_ANSWER))
        for entry in self._pending.values():
            if not entry.shown and now_s - entry.sent_at_s > SHOW_PENDING_AFTER_S:
                entry.shown = True
                self._note({Kind.PENDING})
        if not self._pending:
            self._sweep.stop()

    def _note(self, kinds: frozenset[Kind] | set[Kind]) -> None:
        if kinds:
            self._kinds |= kinds
            self._flush.start()

    def _emit(self) -> None:
        kinds, self._kinds = frozenset(self._kinds), set()
        self.changed.emit(Changed(kinds))
