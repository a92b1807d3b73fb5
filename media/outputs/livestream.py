"""Livestream output: keeps one destination supplied for as long as it is wanted, whatever its server does."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from media.clock import now_us
from media.outputs.liveness import LineSample, Liveness, Progress, evaluate, first_progress, follow
from media.outputs.packetqueue import DropGate
from media.outputs.rtmp import RtmpError, RtmpPublisher, RtmpTarget, StreamInfo
from media.outputs.secret import Secret
from media.outputs.state import OutputState, StateLine
from media.packet import EncodedPacket
from media.reason import LivestreamCode, Reason

log = logging.getLogger(__name__)

RETRY_S = 2.0
PROOF_S = 1.0
POLL_S = 0.25
MAX_BACKLOG_S = 3.0
INBOX_BYTES = 8 * 1024 * 1024
DRAIN_S = 2.0
WAKE_PACKETS = 4
RUNNING = frozenset({OutputState.STARTING, OutputState.STARTED})


class Line(StrEnum):
    """What the connection is doing now; unlike the state of the output it goes to and fro."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    WAITING = "waiting"
    CLOSED = "closed"


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
    sent_bps: int
    acked_bps: int | None
    """Rate the server acknowledged; None where it sends no acknowledgements."""
    backlog_bytes: int
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
    ) -> None:
        """Prepare; `start` begins. Raises ValueError for a malformed address.

        ``request_key`` asks the AIR encoder for a key picture; ``on_change`` is called on the loop after each
        change of state or line; ``context`` replaces the system's certificate authorities.
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
        self._inbox: deque[EncodedPacket] = deque()
        self._inbox_bytes = 0
        self._inbox_gate = DropGate(INBOX_BYTES)
        self._inbox_drops = 0
        self._lock = threading.Lock()
        self._scheduled = False
        self._totals = _Totals()
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect."""
        self._task = self._loop.create_task(self._run(), name="livestream")

    # -- the program's side, any thread

    def push_video(self, packet: EncodedPacket) -> None:
        """Hand over an encoded picture; never blocks."""
        self._push(packet)

    def push_audio(self, packet: EncodedPacket) -> None:
        """Hand over encoded sound; never blocks."""
        self._push(packet)

    def _push(self, packet: EncodedPacket) -> None:
        if self._state.state not in RUNNING:
            return
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
        for packet in packets:
            self._forward(packet)
        if self._publisher is not None:
            self._publisher.flush()

    def _count_drop(self, packet: EncodedPacket) -> None:
        if packet.is_video:
            self._totals.dropped_video += 1
        else:
            self._totals.dropped_audio += 1

    def _forward(self, packet: EncodedPacket) -> None:
        publisher = self._publisher
        if publisher is None or publisher.ended is not None:
            self._count_drop(packet)
            return
        if self._waiting_key and not (packet.is_video and packet.key):
            self._count_drop(packet)
            return
        if not self._gate.admits(packet, publisher.backlog_bytes):
            self._count_drop(packet)
            if self._gate.wants_key(publisher.backlog_bytes):
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
            else:
                publisher.audio(packet, stamp_ms)
        except RtmpError:
            self._count_drop(packet)  # the publisher has set `ended`; the run loop reconnects

    async def _run(self) -> None:
        try:
            await self._supply()
        except Exception:
            log.exception("livestream to %s ended by a fault of the program", self._target.host)
            self._lost(Reason(LivestreamCode.INTERNAL, "The livestream had an internal fault."))
            self._state.advance(OutputState.FAILED, self._reason)
            self._on_change()

    async def _supply(self) -> None:
        turn = 0
        while self._state.state in RUNNING:
            self._target = self._targets[turn % len(self._targets)]
            begun_s = self._loop.time()
            try:
                await self._connect()
                await self._watch()
            except RtmpError as error:
                self._lost(error.reason)
            turn += 1
            await asyncio.sleep(max(0.0, self._retry_s - (self._loop.time() - begun_s)))

    async def _connect(self) -> None:
        self._set_line(Line.CONNECTING)
        self._totals.attempts += 1
        publisher = await RtmpPublisher.open(self._target, self._info, context=self._context)
        self._ended.clear()
        publisher.on_end = self._ended.set
        self._publisher, self._waiting_key = publisher, True
        self._gate.closed = False
        self._totals.history.clear()
        self._connected_s, self._proved = self._loop.time(), False
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
        if not self._proved and publisher.ended.code is LivestreamCode.CLOSED:
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
            self._set_line(Line.STALLED)
        elif self._proved or self._prove(sample):
            self._set_line(Line.LIVE)
        return progress

    def _prove(self, sample: LineSample) -> bool:
        """Whether the server keeps the stream: some say "started" and close at once (nginx, wrong keys)."""
        acknowledged = sample.acks >= 1 and self._totals.history[0].acked_bytes < sample.acked_bytes
        if not acknowledged and sample.at_s - self._connected_s < PROOF_S:
            return False
        self._proved, self._reason = True, None
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
        self._line, self._line_since_us = line, now
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
            sent_bps=totals.sent_bps,
            acked_bps=totals.acked_bps,
            backlog_bytes=publisher.backlog_bytes if publisher else 0,
            live_us=totals.live_us + (now_us() - self._line_since_us if on_air else 0),
            connects=totals.connects,
            attempts=totals.attempts,
            sent_video=totals.sent_video,
            dropped_video=totals.dropped_video + self._inbox_drops,
            dropped_audio=totals.dropped_audio,
        )

    async def stop(self, drain_s: float = DRAIN_S) -> None:
        """Send what waits, end the stream politely, within twice ``drain_s``; then `stopped` in any case."""
        self._state.advance(OutputState.STOPPING)
        self._on_change()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
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
