"""Livestream output: keeps one destination supplied for as long as it is wanted, whatever its server does."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from media.clock import now_us
from media.outputs.delay import DelayBuffer
from media.outputs.liveness import (
    SQUEEZED_S,
    LineSample,
    Liveness,
    Passage,
    Progress,
    evaluate,
    first_progress,
    follow,
    next_passage,
)
from media.outputs.packetqueue import DropGate
from media.outputs.rtmp import RtmpError, RtmpPublisher, RtmpTarget, StreamInfo
from media.outputs.secret import Secret
from media.outputs.state import OutputState, StateLine
from media.packet import EncodedPacket
from media.reason import LivestreamCode, Reason

log = logging.getLogger(__name__)

RETRY_S = 2.0
PROOF_S = 1.0
AT_ONCE_S = 3.0
POLL_S = 0.25
MAX_BACKLOG_S = 3.0
INBOX_BYTES = 8 * 1024 * 1024
DRAIN_S = 2.0
WAKE_PACKETS = 4
STARVED_S = 2.0
"""The program gives its pictures slate or not: none for so long is a fault that has to be said."""
DELAY_SPARE = 1.5
"""Of what the delay holds back at the set rate: room for it."""
DELAY_MARGIN_S = 2.0
SECOND_US = 1_000_000
RELEASE_S = 0.02
SECOND = 4
"""Samples of the line in one second."""
RUNNING = frozenset({OutputState.STARTING, OutputState.STARTED})


class Line(StrEnum):
    """What the connection is doing now; unlike the state of the output it goes to and fro."""

    CONNECTING = "connecting"
    HOLDING = "holding"
    """Connected; the delay has not yet let anything out."""
    STARVED = "starved"
    """Connected, but the program gives no pictures."""
    LIVE = "live"
    STALLED = "stalled"
    NARROW = "narrow"
    """Connected, but too narrow: pictures do not get through, sound mostly does."""
    WAITING = "waiting"
    CLOSED = "closed"


_TRYING = (Line.CONNECTING, Line.WAITING)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to stream: primary and perhaps backup ingest address, without key; the key is a `Secret`."""

    url: str
    key: Secret
    backup_url: str = ""

    def targets(self) -> list[RtmpTarget]:
        """The addresses in the order in which they are tried; raises ValueError for a malformed one."""
        urls = [self.url] + ([self.backup_url] if self.backup_url else [])
        return [RtmpTarget.parse(url, self.key) for url in urls]


@dataclass(frozen=True, slots=True)
class LivestreamStatus:
    """What is observed of a livestream now; times on the bus clock."""

    state: OutputState
    since_us: int
    line: Line
    line_since_us: int
    url: str
    """The address in use, without key."""
    reason: Reason | None
    """Why the line was lost or could not be made last; kept while it is retried."""
    narrow: bool
    """Whether the connection is too narrow for pictures; first it is `stalled`, then `narrow`."""
    sent_bps: int
    acked_bps: int | None
    """Rate the server acknowledged; None where it sends no acknowledgements."""
    backlog_bytes: int
    carried_bps: int
    """What left during the last second."""
    delay_us: int
    rest_us: int
    """How much the delay holds back now."""
    due_us: int
    """Until the delay lets the first picture out; 0 once it has."""
    live_us: int
    """Time on air, all connections together."""
    connects: int
    attempts: int
    sent_video: int
    dropped_video: int
    dropped_audio: int


@dataclass(slots=True)
class _Totals:
    connects: int = 0
    attempts: int = 0
    opened: int = 0
    sent_video: int = 0
    dropped_video: int = 0
    dropped_audio: int = 0
    live_us: int = 0
    sent_bps: int = 0
    acked_bps: int | None = None
    history: deque[LineSample] = field(default_factory=lambda: deque(maxlen=9))


def rates(history: deque[LineSample]) -> tuple[int, int | None]:
    """Sent and acknowledged bits per second over the samples kept."""
    if len(history) < 2 or history[-1].at_s <= history[0].at_s:
        return 0, None
    first, last = history[0], history[-1]
    seconds = last.at_s - first.at_s
    sent = (last.written_bytes - last.backlog_bytes) - (first.written_bytes - first.backlog_bytes)
    acked = round((last.acked_bytes - first.acked_bytes) * 8 / seconds) if last.acks >= 2 else None
    return max(0, round(sent * 8 / seconds)), acked


def carried(history: deque[LineSample]) -> int:
    """Bits per second that left over the last second of samples."""
    last = list(history)[-SECOND - 1 :]
    if len(last) < 2:
        return 0
    gone = [sample.written_bytes - sample.backlog_bytes for sample in last]
    return max(0, round((gone[-1] - gone[0]) * 8 / max(0.001, last[-1].at_s - last[0].at_s)))


class Livestream:
    """One destination. Made and stopped on an event loop; packets may be pushed from any one thread.

    It retries for ever, by turns at the primary and the backup address, and starts each connection with a key
    picture it asks for; time stamps go on over reconnects. The output is `started` from the first time the
    server took the stream; whether it flows *now* is `status().line`.
    """

    def __init__(
        self,
        destination: Destination,
        info: StreamInfo,
        request_key: Callable[[], None],
        *,
        context: ssl.SSLContext | None = None,
        on_change: Callable[[], None] | None = None,
        retry_s: float = RETRY_S,
        delay_s: float = 0.0,
    ) -> None:
        """Prepare; `start` begins. Raises ValueError for a malformed address.

        ``request_key`` asks the AIR encoder for a key picture; ``on_change`` is called on the loop after each
        change of state or line; ``context`` replaces the system's certificate authorities; ``delay_s`` holds
        everything back by so much, over reconnects too.
        """
        self._targets = destination.targets()
        self._info, self._request_key, self._context = info, request_key, context
        self._on_change = on_change or (lambda: None)
        self._retry_s = retry_s
        self._state = StateLine()
        self._line, self._line_since_us = Line.WAITING, now_us()
        self._reason: Reason | None = None
        self._target = self._targets[0]
        self._publisher: RtmpPublisher | None = None
        self._ended = asyncio.Event()
        self._origin_us: int | None = None
        self._connected_s, self._proved = 0.0, False
        self._waiting_key = True
        limit = int(info.video.bit_rate_bps + info.audio_bps) // 8
        self._gate = DropGate(int(limit * MAX_BACKLOG_S))
        held_bytes = int(limit * (delay_s + DELAY_MARGIN_S) * DELAY_SPARE)
        self._delay = DelayBuffer(round(delay_s * 1e6), held_bytes)
        self._cut = asyncio.Event()
        self._picture_s, self._pictures_here = 0.0, 0
        self._picture_sent_s = self._steady_since_s = 0.0
        self._passage = Passage.FREE
        self._inbox: deque[EncodedPacket] = deque()
        self._inbox_bytes = 0
        self._inbox_gate = DropGate(INBOX_BYTES)
        self._inbox_drops = 0
        self._lock = threading.Lock()
        self._scheduled = False
        self._totals = _Totals()
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._releasing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect."""
        self._picture_s = self._loop.time()
        self._task = self._loop.create_task(self._run(), name="livestream")
        if self._delay.delay_us:
            self._request_key()  # what is held back begins with it
            self._releasing = self._loop.create_task(self._release_for_ever(), name="livestream-delay")

    # -- the program's side, any thread

    def push_video(self, packet: EncodedPacket) -> None:
        """Hand over an encoded picture; never blocks."""
        self._push(packet)

    def push_audio(self, packet: EncodedPacket) -> None:
        """Hand over encoded sound; never blocks."""
        self._push(packet)

    def _push(self, packet: EncodedPacket) -> None:
        if self._state.state not in RUNNING:
            return  # a stream that ends takes nothing new
        with self._lock:
            if not self._inbox_gate.admits(packet, self._inbox_bytes):
                self._inbox_drops += 1
                return
            self._inbox_bytes += len(packet.data)
            self._inbox.append(packet)
            # One wake-up of the loop serves a picture and the sound that came since the last one.
            wake = not self._scheduled and (packet.is_video or len(self._inbox) >= WAKE_PACKETS)
            self._scheduled = self._scheduled or wake
        if wake:
            self._loop.call_soon_threadsafe(self._take_inbox)

    # -- the loop's side

    def _take_inbox(self) -> None:
        with self._lock:
            packets = list(self._inbox)
            self._inbox.clear()
            self._inbox_bytes, self._scheduled = 0, False
        at_us = now_us()
        for packet in packets:
            for lost in self._delay.put(packet, at_us):
                self._count_drop(lost)
        self._release(at_us)

    def _release(self, at_us: int) -> None:
        """Send what the delay lets out."""
        publisher = self._publisher
        if publisher is None or publisher.ended is not None:
            for packet in self._delay.skip(at_us):
                self._count_drop(packet)
            return
        for packet in self._delay.due(at_us):
            self._forward(packet, publisher)
        publisher.flush()

    async def _release_for_ever(self) -> None:
        while True:
            await asyncio.sleep(RELEASE_S)
            self._release(now_us())

    def _count_drop(self, packet: EncodedPacket) -> None:
        if packet.is_video:
            self._totals.dropped_video += 1
        else:
            self._totals.dropped_audio += 1

    def _forward(self, packet: EncodedPacket, publisher: RtmpPublisher) -> None:
        if packet.is_video:
            self._picture_s = self._loop.time()
        if self._waiting_key and not (packet.is_video and packet.key):
            self._count_drop(packet)
            return
        if not self._gate.admits(packet, publisher.backlog_bytes):
            self._count_drop(packet)
            if not self._delay.delay_us and self._gate.wants_key(publisher.backlog_bytes):
                self._request_key()
            return
        self._waiting_key = False
        if self._origin_us is None:
            self._origin_us = packet.stamp_us
        stamp_ms = (packet.stamp_us - self._origin_us) // 1000
        if stamp_ms < 0:
            return  # sound from before the first picture
        try:
            if packet.is_video:
                publisher.video(packet, stamp_ms)
                self._totals.sent_video += 1
                self._pictures_here += 1
                self._note_picture_sent()
            else:
                publisher.audio(packet, stamp_ms)
        except RtmpError:
            self._count_drop(packet)  # the publisher has set `ended`; the run loop reconnects

    def _note_picture_sent(self) -> None:
        now_s = self._loop.time()
        if now_s - self._picture_sent_s > SQUEEZED_S:
            self._steady_since_s = now_s
        self._picture_sent_s = now_s

    async def _run(self) -> None:
        try:
            await self._supply()
        except Exception:
            log.exception("livestream to %s ended by a fault of the program", self._target.host)
            if self._releasing is not None:
                self._releasing.cancel()
            self._lost(Reason(LivestreamCode.INTERNAL, "The livestream had an internal fault."))
            self._state.advance(OutputState.FAILED, self._reason)
            self._on_change()

    async def _supply(self) -> None:
        turn = 0
        while True:
            self._target = self._targets[turn % len(self._targets)]
            begun_s = self._loop.time()
            try:
                await self._connect()
                await self._watch()
            except RtmpError as error:
                self._lost(error.reason)
            turn += 1
            # A server that closes because nothing comes yet is asked again when there is something for it.
            due_s = self._delay.first_due_us(now_us()) / 1e6 - self._retry_s if self._closed_early() else 0.0
            # The backup is tried at once: with a wait before each address it took 4.7 s to be live there.
            wait_s = self._retry_s if turn % len(self._targets) == 0 else 0.0
            await asyncio.sleep(max(due_s, wait_s - (self._loop.time() - begun_s)))

    def _closed_early(self) -> bool:
        held = self._delay.delay_us and not self._totals.sent_video and self._totals.opened
        return bool(held) and self._reason is not None and self._reason.code is LivestreamCode.CLOSED

    async def _connect(self) -> None:
        self._set_line(Line.CONNECTING)
        self._totals.attempts += 1
        publisher = await RtmpPublisher.open(self._target, self._info, context=self._context)
        self._ended.clear()
        publisher.on_end = self._ended.set
        self._publisher, self._waiting_key = publisher, True
        self._gate.closed = False
        self._totals.history.clear()
        self._totals.opened += 1
        self._connected_s, self._proved = self._loop.time(), False
        self._picture_s = self._picture_sent_s = self._steady_since_s = self._connected_s
        self._pictures_here, self._passage = 0, Passage.FREE
        if not self._delay.delay_us:
            self._request_key()

    async def _watch(self) -> None:
        """Follow a connection until it ends or is given up."""
        publisher = self._publisher
        assert publisher is not None
        progress = first_progress(self._sample(publisher))
        while publisher.ended is None:
            try:
                async with asyncio.timeout(POLL_S):
                    await self._ended.wait()
            except TimeoutError:
                progress = self._poll(publisher, progress)
        soon = self._pictures_here or self._loop.time() - self._connected_s < AT_ONCE_S
        if not self._proved and soon and publisher.ended.code is LivestreamCode.CLOSED:
            raise RtmpError(
                LivestreamCode.CLOSED_AT_ONCE,
                "The server closed the stream at once: is the stream key right?",
            )
        raise RtmpError(publisher.ended.code, publisher.ended.text, publisher.ended.args)

    def _sample(self, publisher: RtmpPublisher) -> LineSample:
        counters = publisher.counters
        return LineSample(
            self._loop.time(),
            counters.written_bytes,
            publisher.backlog_bytes,
            counters.acked_bytes,
            counters.acks,
        )

    def _poll(self, publisher: RtmpPublisher, progress: Progress) -> Progress:
        sample = self._sample(publisher)
        progress = follow(progress, sample)
        self._totals.history.append(sample)
        self._totals.sent_bps, self._totals.acked_bps = rates(self._totals.history)
        verdict = evaluate(progress, sample)
        if verdict is Liveness.DEAD:
            publisher.abort(Reason(LivestreamCode.STALLED, "The server stopped taking the stream."))
        elif verdict is Liveness.STALLED:
            self._judge_pictures(sample, Line.STALLED)
        elif self._delay.first_due_us(now_us()) and not self._totals.sent_video:
            self._picture_s = sample.at_s
            self._set_line(Line.HOLDING)
        elif sample.at_s - self._picture_s > STARVED_S:
            self._reason = Reason(LivestreamCode.STARVED, "The program gives no pictures.")
            self._set_line(Line.STARVED)
        elif self._proved or self._prove(sample):
            self._judge_pictures(sample, Line.LIVE)
        return progress

    def _judge_pictures(self, sample: LineSample, line: Line) -> None:
        """What the bytes say is ``line``: live it only is where pictures get through as well."""
        self._passage = next_passage(
            self._passage,
            closed=self._gate.closed,
            idle_s=sample.at_s - self._picture_sent_s,
            steady_s=sample.at_s - self._steady_since_s,
            waiting=sample.backlog_bytes / self._gate.limit_bytes,
        )
        if self._passage is not Passage.FREE:
            self._reason = Reason(LivestreamCode.NARROW, "The line is too narrow for the pictures.")
            line = Line.NARROW if self._passage is Passage.SHUT else Line.STALLED
        elif line is Line.LIVE:
            self._reason = None
        self._set_line(line)

    def _prove(self, sample: LineSample) -> bool:
        """Whether the server keeps the stream: some say "started" and close at once (nginx, wrong keys)."""
        acknowledged = sample.acks >= 1 and self._totals.history[0].acked_bytes < sample.acked_bytes
        if not acknowledged and sample.at_s - self._connected_s < PROOF_S:
            return False
        if not self._pictures_here:
            return False
        self._proved = True
        self._totals.connects += 1
        self._state.advance(OutputState.STARTED)
        return True

    def _lost(self, reason: Reason) -> None:
        if self._publisher is not None:
            self._publisher.abort(reason)
            self._publisher = None
        self._totals.sent_bps, self._totals.acked_bps = 0, None
        log.info("livestream to %s: %s", self._target.host, reason.text)
        self._reason = reason
        self._set_line(Line.WAITING)

    def _set_line(self, line: Line) -> None:
        if line is self._line:
            return
        now = now_us()
        if self._line in (Line.LIVE, Line.STALLED):
            self._totals.live_us += now - self._line_since_us
        if line not in _TRYING or self._line not in (*_TRYING, Line.STALLED):
            self._line_since_us = now  # an outage began with its first try, or with the stall before it
        self._line = line
        self._on_change()

    def status(self) -> LivestreamStatus:
        """What is known now; cheap, from the loop's thread."""
        totals, publisher = self._totals, self._publisher
        on_air = self._line in (Line.LIVE, Line.STALLED)
        return LivestreamStatus(
            state=self._state.state,
            since_us=self._state.since_us,
            line=self._line,
            line_since_us=self._line_since_us,
            url=self._target.url,
            reason=self._reason,
            narrow=publisher is not None and self._passage is not Passage.FREE,
            sent_bps=totals.sent_bps,
            acked_bps=totals.acked_bps,
            backlog_bytes=publisher.backlog_bytes if publisher else 0,
            carried_bps=carried(totals.history),
            delay_us=self._delay.delay_us,
            rest_us=self._delay.rest_us(now_us()),
            due_us=0 if totals.sent_video else self._delay.first_due_us(now_us()),
            live_us=totals.live_us + (now_us() - self._line_since_us if on_air else 0),
            connects=totals.connects,
            attempts=totals.attempts,
            sent_video=totals.sent_video,
            dropped_video=totals.dropped_video + self._inbox_drops,
            dropped_audio=totals.dropped_audio,
        )

    def cut(self) -> None:
        """End a `finish` that runs: what is still held back does not go out."""
        self._cut.set()

    async def finish(self) -> int:
        """Take nothing new, send what the delay holds back in its own time, then stop.

        Returns how much did not go out since (us, by its pictures): skipped while the line was down, or still
        held when it was ended by `cut` or because the line did not come back in time.
        """
        self._state.advance(OutputState.STOPPING)
        dropped = self._totals.dropped_video
        self._take_inbox()
        self._on_change()
        deadline_s = self._loop.time() + self._delay.rest_us(now_us()) / 1e6 + DELAY_MARGIN_S
        try:
            async with asyncio.timeout_at(deadline_s):
                while self._rest_wanted():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(POLL_S):
                            await self._cut.wait()
        except TimeoutError:
            log.info("livestream to %s: the line did not come back to take the rest", self._target.host)
        await self.stop()
        pictures = self._totals.dropped_video - dropped + self._delay.pictures
        return pictures * SECOND_US // self._info.video.fps

    def _rest_wanted(self) -> bool:
        stopping = self._state.state is OutputState.STOPPING
        return stopping and len(self._delay) > 0 and not self._cut.is_set()

    async def stop(self, drain_s: float = DRAIN_S) -> None:
        """Send what waits, end the stream politely, within twice ``drain_s``; then `stopped` in any case.

        What a delay holds back is not waited for; `finish` does that.
        """
        self._state.advance(OutputState.STOPPING)
        self._on_change()
        tasks = [task for task in (self._task, self._releasing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._take_inbox()
        publisher, self._publisher = self._publisher, None
        if publisher is not None and publisher.ended is None:
            await self._drain(publisher, drain_s)
            await publisher.close(drain_s)
        self._state.advance(OutputState.STOPPED)
        self._set_line(Line.CLOSED)

    async def _drain(self, publisher: RtmpPublisher, drain_s: float) -> None:
        deadline_s = self._loop.time() + drain_s
        while publisher.backlog_bytes and publisher.ended is None and self._loop.time() < deadline_s:
            try:
                async with asyncio.timeout(0.02):
                    await self._ended.wait()
            except TimeoutError:
                continue
