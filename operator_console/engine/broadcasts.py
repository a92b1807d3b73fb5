"""One broadcast of the YouTube account from the order to its end, over the death of engines.

What is wanted stands in the journal, the stream's key in the keeper's memory only. Every step looks first
what YouTube has already, so that a crash or a lost answer makes no second broadcast. YouTube is asked in
tasks of their own: whatever it does, the stream goes on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from media.clock import now_us
from operator_console import log as app_log
from operator_console.engine.guarded import Guarded
from operator_console.engine.observations import Observations
from operator_console.engine.slowfiles import SlowFiles
from operator_console.engine.store import JOURNAL_UNWRITABLE, SessionStore
from operator_console.protocol import OperatorError, StartLivestream
from operator_console.session import facts as f
from operator_console.session.codes import YoutubeCode
from operator_console.session.model import YOUTUBE_ACCOUNT, Broadcast, BroadcastPhase
from operator_console.youtube import plan
from operator_console.youtube.answers import BroadcastItem, StreamItem
from operator_console.youtube.client import YoutubeClient, checked_id
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.truth import ALARM_US, FRESH_US, START_ALARM_US, Said, Truth, judge

_log = logging.getLogger(__name__)

ACTOR = "youtube"
OBSERVATION = "broadcast"
STREAM_BEFORE = "livestream_ending"
"""How `engine.livestreams` refuses a start while the rest of a stream with a delay still goes out."""
LOOK_S = 0.5
FACT_RETRY_S = 2.0
SEND_RETRY_S = 2.0
GO_LIVE_POLL_S = 2.0
FINISH_S = 600.0
"""How long the end is tried to be told to YouTube."""
GONE_IN_A_ROW = 3
"""So often YouTube itself must say that it knows the broadcast no more, before that is believed."""


class Outputs(Protocol):
    """What is needed of `engine.outputs.Outputs`."""

    def sends(self, destination_id: str) -> bool:
        """Whether a livestream runs."""

    async def start_livestream(self, actor: str, command: StartLivestream) -> None:
        """Begin to send; changes nothing where it is sent already."""

    async def stop_livestream(self, actor: str, destination_id: str) -> None:
        """End it."""


class BroadcastRunner:
    """Runs the broadcast of the session's state; at most one at a time."""

    def __init__(
        self,
        client: YoutubeClient,
        store: SessionStore,
        observations: Observations,
        outputs: Outputs,
        on_answer: Callable[[YoutubeError | None], None] = lambda error: None,
        pace: plan.Pace | None = None,
        on_ended: Callable[[], None] = lambda: None,
        files: SlowFiles | None = None,
    ) -> None:
        """`on_answer` hears of every failed call, and of nothing after one that worked; `on_ended` is called
        when it stands in the journal how a broadcast ended.
        """
        self._on_ended, self._files = on_ended, files or SlowFiles()
        self._client, self._store, self._observations, self._outputs = client, store, observations, outputs
        self._on_answer, self._pace = on_answer, pace or plan.Pace()
        self._task: asyncio.Task[None] | None = None
        self._end_asked: tuple[int, str] | None = None
        self._forget()

    def _forget(self) -> None:
        self._ingest: tuple[str, str, str] | None = None
        self._seen: dict[str, Any] = {}
        self._said: Said | None = None
        self._truth = Truth()
        self._pictured = False
        self._began_s = time.monotonic()
        self._viewers_due_s = 0.0

    @property
    def _broadcast(self) -> Broadcast | None:
        return self._store.state.broadcast

    @property
    def busy(self) -> bool:
        """Whether a broadcast runs or is still being ended."""
        return self._task is not None and not self._task.done()

    # ---- life

    def begin(self) -> None:
        """Go on with what the state wants; nothing where that is done already."""
        if not self.busy:
            self._forget()
            self._task = asyncio.get_running_loop().create_task(self._run(), name="broadcast")

    @property
    def ends(self) -> bool:
        """Whether it is to end and YouTube has still to be told; also where the journal did not take that."""
        broadcast = self._broadcast
        if broadcast is None or not broadcast.running:
            return broadcast is not None and broadcast.phase is BroadcastPhase.ENDING
        return self._end_asked is not None and self._end_asked[0] == broadcast.asked_at_ms

    async def ending(self, actor: str) -> None:
        """It is to end: whoever calls stops the stream next, then `begin` tells YouTube.

        Never refused: the public must not go on seeing what is to end because a disk is full.
        """
        broadcast = self._broadcast
        if broadcast is None or not broadcast.running:
            return
        try:
            await self._store.record_end(actor, f.BroadcastEnding())
        except OperatorError as error:
            _log.error("the end of the broadcast could not be journaled: %s", error.refusal.text_en)
            self._end_asked = broadcast.asked_at_ms, actor
        await self._cancel()

    async def wait_ended(self, within_s: float) -> None:
        """Give the end some time; it is tried on after that as long as the engine runs."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=within_s)

    async def stop(self) -> None:
        """The engine ends."""
        await self._cancel()

    async def _cancel(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        """Every step looks first what there is already: after a fault of the program it is begun again."""
        guarded, done = Guarded("the watch over the broadcast", _log, self._lose), False
        while not done:
            with guarded:
                await self._carry_out()
                done = True
            if not done:
                await asyncio.sleep(self._pace.s(plan.LIVE_POLL_S))

    def _lose(self) -> None:
        """What was seen last may be true no more."""
        self._seen = {}
        self._observations.drop(OBSERVATION)

    async def _carry_out(self) -> None:
        broadcast = self._broadcast
        if broadcast is not None and not self.ends:
            if broadcast.phase is BroadcastPhase.PREPARING:
                await self._prepare()
            if self._running:
                await self._send()
                await self._watch()
        broadcast = self._broadcast
        if broadcast is not None and self.ends:
            await self._finish(broadcast)
        self._observations.drop(OBSERVATION)

    # ---- make

    async def _prepare(self) -> None:
        async def make() -> None:
            broadcast = self._broadcast
            assert broadcast is not None
            item, stream = await self._make(broadcast)
            made = f.BroadcastMade(
                broadcast_id=item.id, stream_id=stream.id, watch_url=plan.watch_url(item.id)
            )
            await self._record(made)

        try:
            await self._insisting(make)
        except YoutubeError as error:
            await self._record(f.BroadcastFailed(**error.fields))  # type: ignore[arg-type]

    async def _make(self, broadcast: Broadcast) -> tuple[BroadcastItem, StreamItem]:
        self._note(step="making")
        item = await (self._picked(broadcast) if broadcast.picked_id else self._own(broadcast))
        checked_id(item.id)
        await self._picture(broadcast, item)
        self._note(step="binding")
        stream = plan.our_stream(await self._client.streams(), await self._client.active(), item.id)
        if stream is None:
            stream = await self._client.insert_stream(plan.new_stream())
        checked_id(stream.id)
        self._take_ingest(stream)
        if item.stream_id != stream.id:
            await self._client.bind(item.id, stream.id)
        return item, stream

    async def _own(self, broadcast: Broadcast) -> BroadcastItem:
        now_ms = time.time_ns() // 1_000_000
        known = await self._client.upcoming()
        found = plan.made_already(known, broadcast.title, broadcast.asked_at_ms, now_ms)
        if found is not None:
            return found
        start_ms = max(now_ms, broadcast.asked_at_ms) + plan.START_AHEAD_MS
        body = plan.new_broadcast(broadcast.title, broadcast.description, broadcast.privacy, start_ms)
        return await self._client.insert_broadcast(body)

    async def _picked(self, broadcast: Broadcast) -> BroadcastItem:
        item = await self._client.broadcast(broadcast.picked_id)
        if item.life not in plan.USABLE:
            raise YoutubeError(YoutubeCode.GONE, f"the planned broadcast is {item.life}")
        texts = (broadcast.title, broadcast.description, broadcast.privacy)
        body = plan.changed_broadcast(item, *texts)
        if body is None or item.life not in plan.PLANNED:
            return item
        return await self._client.update_broadcast(body)

    async def _picture(self, broadcast: Broadcast, item: BroadcastItem) -> None:
        """A thumbnail that does not work keeps no session from going live."""
        if not broadcast.thumbnail or self._pictured:
            return
        self._note(step="thumbnail")
        try:
            picture = await self._files.thumbnail(broadcast.thumbnail)
            await self._client.set_thumbnail(item.id, picture)
            self._note(thumbnail={"state": "set"})
        except YoutubeError as error:
            _log.warning("the thumbnail was not set: %s", error)
            self._note(thumbnail={"state": "failed", **error.fields})
        self._pictured = True

    def _take_ingest(self, stream: StreamItem) -> None:
        info = stream.cdn.ingestion_info
        app_log.hide(info.stream_name)
        self._ingest = (*plan.addresses_of(info), info.stream_name)

    # ---- send

    async def _send(self) -> None:
        """Have the stream sent; where a new engine has no key of it, YouTube is asked for it once more."""
        if self._ingest is None and self._outputs.sends(YOUTUBE_ACCOUNT):
            return  # taken up from the last engine
        broadcast = self._broadcast
        assert broadcast is not None
        self._note(step="sending")
        while self._ingest is None:
            try:
                await self._insisting(lambda: self._ask_ingest(broadcast.stream_id))
            except YoutubeError:
                await asyncio.sleep(self._pace.s(plan.SPARE_POLL_S))
        url, backup_url, key = self._ingest
        command = StartLivestream(
            destination_id=YOUTUBE_ACCOUNT,
            url=url,
            backup_url=backup_url,
            name=f"YouTube ({broadcast.channel})" if broadcast.channel else "YouTube",
            key=key,
        )
        await self._start_sending(command)

    async def _start_sending(self, command: StartLivestream) -> None:
        """Tried until it is taken: the rest of the stream before may still go out, or a disk be full."""
        told = ""
        while True:
            try:
                await self._outputs.start_livestream(ACTOR, command)
                break
            except OperatorError as error:
                if error.refusal.code != told:
                    _log.warning("the stream to YouTube could not be started: %s", error.refusal.text_en)
                told = error.refusal.code
                self._note(trouble=not_sent(told).fields)
            await asyncio.sleep(self._pace.s(SEND_RETRY_S))
        if told:
            self._note(trouble=None)

    async def _ask_ingest(self, stream_id: str) -> None:
        self._take_ingest(await self._client.stream(stream_id, with_key=True))

    # ---- watch

    async def _watch(self) -> None:
        self._note(step="")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll_on())
            tasks.create_task(self._judge_on())

    @property
    def _running(self) -> bool:
        return self._broadcast is not None and self._broadcast.running

    async def _poll_on(self) -> None:
        failed = gone = 0
        while self._running:
            try:
                wait_s = await self._poll()
                failed = gone = 0
                self._hear_success()
            except YoutubeError as error:
                failed += 1
                gone = gone + 1 if error.code is YoutubeCode.GONE else 0
                self._hear_error(error)
                wait_s = _wait_after(error, failed)
                if gone >= GONE_IN_A_ROW:
                    await self._ended_there()
            except Exception:  # noqa: BLE001 top of the task
                _log.exception("YouTube could not be asked by a fault of the program and is asked again")
                self._lose()
                wait_s = plan.LIVE_POLL_S
            await asyncio.sleep(self._pace.s(wait_s))

    async def _poll(self) -> float:
        """Ask once; returns when to ask again."""
        broadcast = self._broadcast
        assert broadcast is not None
        stream = await self._client.stream(broadcast.stream_id)
        status, health = stream.status.stream_status, stream.status.health_status
        public = broadcast.phase is BroadcastPhase.LIVE
        wait_s = plan.poll_s(
            live=public,
            differs=self._truth.code is not None,
            running_s=time.monotonic() - self._began_s,
            used_units=self._client.units.used,
        )
        if not public:
            public, moves = await self._go_public(broadcast, status)
            wait_s = min(wait_s, GO_LIVE_POLL_S) if moves else wait_s
        else:
            await self._count_viewers(broadcast)
        self._said = Said(status, health.status, public, now_us())
        issues = [
            {"type": one.type[:64], "severity": one.severity[:16]} for one in health.configuration_issues
        ]
        self._note(
            stream=status[:32],
            health=health.status[:32],
            issues=issues[:50],
            public=public,
            asked_ms=_unix_ms(),
        )
        return wait_s

    async def _go_public(self, broadcast: Broadcast, stream_status: str) -> tuple[bool, bool]:
        """Bring the broadcast before its public; whether it is there, and whether it is on its way."""
        item = await self._client.broadcast(broadcast.broadcast_id)
        self._note(life=item.life[:32])
        if item.life in plan.OVER:
            await self._ended_there()
            return False, False
        if item.life == "live":
            await self._record(f.BroadcastWentLive(broadcast_id=item.id))
            return True, False
        to = plan.next_transition(item, stream_status)
        if to:
            self._note(step="going_live")
            await self._client.transition(item.id, to)
        return False, bool(to) or stream_status == "active"

    async def _count_viewers(self, broadcast: Broadcast) -> None:
        now_s = time.monotonic()
        if now_s < self._viewers_due_s:
            return
        self._viewers_due_s = now_s + self._pace.s(plan.VIEWERS_POLL_S)
        details = await self._client.live_details(broadcast.broadcast_id)
        self._note(viewers=_count(details.concurrent_viewers), life="live", step="")
        if details.actual_end_time:
            await self._ended_there()

    async def _ended_there(self) -> None:
        """Somebody ended it in YouTube Studio: our stream has no public any more."""
        broadcast = self._broadcast
        if broadcast is None or not broadcast.running:
            return
        ended = f.BroadcastEnded(
            broadcast_id=broadcast.broadcast_id,
            code=YoutubeCode.ENDED_THERE,
            reason="the broadcast was ended at YouTube",
        )
        await self._record(ended)
        await self._stop_sending()

    async def _stop_sending(self) -> None:
        try:
            await self._outputs.stop_livestream(ACTOR, YOUTUBE_ACCOUNT)
        except OperatorError as error:
            _log.error("the end of the stream could not be journaled: %s", error.refusal.text_en)

    # ---- is it true

    async def _judge_on(self) -> None:
        guarded = Guarded("the judge of the broadcast", _log, self._lose)
        while self._running:
            with guarded:
                await self._judge()
            await asyncio.sleep(self._pace.s(LOOK_S))

    async def _judge(self) -> None:
        broadcast = self._broadcast
        assert broadcast is not None
        line = self._observations.values.get(f"stream.{YOUTUBE_ACCOUNT}", {})
        sending = bool(line.get("on_air"))
        live = broadcast.phase is BroadcastPhase.LIVE
        limit_us = self._pace.alarm_us(ALARM_US if live else START_ALARM_US)
        at_us, said = now_us(), self._said
        if not live and (said is None or at_us - said.at_us > FRESH_US):
            said = Said(
                "", "", False, at_us
            )  # nothing is public that we have not brought there: known unasked
        self._truth = truth = judge(self._truth, sending, said, at_us, limit_us=limit_us)
        self._note(sending=sending, differs=str(truth.code or ""), alarm=truth.alarm)
        if truth.alarm and truth.code is not None and broadcast.dispute != truth.code:
            theirs = f"{said.stream} {said.health}".strip() if said is not None else ""
            ours = "live" if sending else str(line.get("line", "")) or "not sending"
            await self._record(f.BroadcastDisputed(code=truth.code, ours=ours, theirs=theirs[:64]))
        elif truth.code is None and broadcast.dispute:
            await self._record(f.BroadcastAgreed())

    # ---- end

    async def _finish(self, broadcast: Broadcast) -> None:
        self._note(step="ending")
        session_id = self._store.state.session_id
        async with asyncio.TaskGroup() as tasks:
            if broadcast.running and self._end_asked is not None:
                tasks.create_task(self._record_late_ending(self._end_asked[1]))
            telling = tasks.create_task(self._tell_end(broadcast))
        # Into its own session, which may be closed by now: an end that YouTube refused is not forgotten.
        await self._record(telling.result(), session_id=session_id)
        self._on_ended()

    async def _record_late_ending(self, actor: str) -> None:
        await self._record(f.BroadcastEnding(), actor)
        await self._store.untold.told(f.BroadcastEnding())

    async def _tell_end(self, broadcast: Broadcast) -> f.BroadcastEnded:
        """Stop the stream and end it at YouTube; what became of it."""
        await self._stop_sending()
        until_s = time.monotonic() + self._pace.s(FINISH_S)
        while True:
            if not self._still_sent():
                break
            await asyncio.sleep(self._pace.s(LOOK_S))
        try:
            if await self._completed(broadcast, until_s):
                return _ended(broadcast, YoutubeError(YoutubeCode.NEVER_LIVE, "ended before it was live"))
        except YoutubeError as error:
            _log.error("the end of the broadcast could not be told to YouTube: %s", error)
            return _ended(broadcast, YoutubeError(YoutubeCode.NOT_ENDED, f"not told of the end: {error}"))
        return f.BroadcastEnded(broadcast_id=broadcast.broadcast_id)

    def _still_sent(self) -> bool:
        """A stream with a delay first sends what it holds back; the journal may not know of its end yet."""
        return self._store.state.is_open and self._outputs.sends(YOUTUBE_ACCOUNT)

    async def _completed(self, broadcast: Broadcast, until_s: float) -> bool:
        """End it at YouTube, however often that must be tried; True where it never was live."""
        attempt = 0
        while True:
            try:
                return await self._complete(broadcast)
            except YoutubeError as error:
                self._hear_error(error)
                if error.code is YoutubeCode.GONE:
                    return False
                patient = error.retried or error.code in (YoutubeCode.TRANSITION, YoutubeCode.SIGN_IN_AGAIN)
                if not patient or time.monotonic() > until_s:
                    raise
                attempt += 1
                await asyncio.sleep(self._pace.s(plan.retry_s(attempt, error.after_s)))

    async def _complete(self, broadcast: Broadcast) -> bool:
        item = await self._to_end(broadcast)
        if item is None:
            return True
        if item.life in plan.PLANNED:
            if not broadcast.picked_id:
                await self._client.delete_broadcast(item.id)
            return True
        if item.life not in plan.OVER:
            await self._client.transition(item.id, "complete")
        return False

    async def _to_end(self, broadcast: Broadcast) -> BroadcastItem | None:
        if broadcast.broadcast_id or broadcast.picked_id:
            return await self._client.broadcast(broadcast.broadcast_id or broadcast.picked_id)
        known, now_ms = await self._client.upcoming(), time.time_ns() // 1_000_000
        return plan.made_already(known, broadcast.title, broadcast.asked_at_ms, now_ms)

    # ---- how

    async def _insisting(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it as often as it takes. Raises YoutubeError where waiting does not help."""
        attempt = 0
        while True:
            try:
                await work()
                self._hear_success()
                return
            except YoutubeError as error:
                self._hear_error(error)
                if not error.retried:
                    raise
                attempt += 1
                await asyncio.sleep(self._pace.s(plan.retry_s(attempt, error.after_s)))

    def _hear_error(self, error: YoutubeError) -> None:
        _log.info("YouTube: %s", error)
        self._note(trouble=error.fields)
        self._on_answer(error)

    def _hear_success(self) -> None:
        self._note(trouble=None)
        self._on_answer(None)

    async def _record(self, fact: f.AnyFact, actor: str = ACTOR, session_id: str = "") -> None:
        """`session_id`: where it belongs to a session that may be over."""
        while True:
            try:
                if session_id:
                    await self._store.record_in(session_id, actor, fact)
                else:
                    await self._store.record(actor, fact)
            except OperatorError as error:
                _log.error("a broadcast's fact could not be journaled: %s", error.refusal.text_en)
                if error.refusal.code == JOURNAL_UNWRITABLE:
                    await asyncio.sleep(FACT_RETRY_S)
                    continue
            return

    def _note(self, **values: Any) -> None:
        """Tell what is known of the broadcast now."""
        self._seen = {**self._seen, **values}
        self._observations.set(OBSERVATION, {**self._seen, "units_used": self._client.units.used})


def not_sent(refusal_code: str) -> YoutubeError:
    """Why nothing is sent to YouTube yet, from the refusal of the start."""
    before = refusal_code == STREAM_BEFORE
    code = YoutubeCode.SENDS_BEFORE if before else YoutubeCode.NOT_SENT
    return YoutubeError(code, f"the start was refused: {refusal_code}")


def _wait_after(error: YoutubeError, failed: int) -> float:
    if error.code is YoutubeCode.QUOTA:
        return plan.QUOTA_POLL_S
    if error.retried:
        return plan.retry_s(failed, error.after_s)
    return plan.LIVE_POLL_S if error.code is YoutubeCode.TRANSITION else plan.SPARE_POLL_S


def _ended(broadcast: Broadcast, error: YoutubeError) -> f.BroadcastEnded:
    known = broadcast.broadcast_id or broadcast.picked_id
    return f.BroadcastEnded(broadcast_id=known, **error.fields)  # type: ignore[arg-type]


def _count(viewers: str | int | None) -> int | None:
    """YouTube writes numbers as text; None where it does not say."""
    if isinstance(viewers, str):
        viewers = int(viewers) if viewers.isascii() and viewers.isdigit() and len(viewers) < 12 else None
    return viewers


def _unix_ms() -> int:
    return time.time_ns() // 1_000_000
