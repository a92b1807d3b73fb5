"""Isolated recordings in the room worker: which seats are tapped, what the engine is told of the files."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from media.clock import now_us
from media.outputs.isorecorder import IsoEvent, IsoOrder, IsoStream, IsoThread
from media.reason import fields_of
from operator_console import protocol as p
from operator_console.room.seats import Seat

_log = logging.getLogger(__name__)

UNSENT_MAX = 1000
END_S = 8.0


def report_of(event: IsoEvent) -> p.IsoReport:
    """An event of the writing thread as the engine is told it; bus time becomes Unix time."""
    starts_at_us = event.first_us + time.time_ns() // 1000 - now_us() if event.what == "begun" else 0
    return p.IsoReport(
        participant_id=event.key,
        what=event.what,
        path=str(event.path),
        starts_at_us=starts_at_us,
        codec=event.codec,
        width_px=event.width_px,
        height_px=event.height_px,
        at_ms=event.at_us // 1000,
        lost_ms=event.lost_us // 1000,
        count=event.count,
        kind=event.kind,
        duration_ms=event.duration_us // 1000,
        size_bytes=event.size_bytes,
        **fields_of(event.reason),
    )


def dropped_first(waiting: Sequence[p.IsoReport]) -> int:
    """The drop rule of reports that nobody hears: index of the one to lose.

    The oldest of damage, whose sum the end of a file tells again; only where there is none the oldest of all.
    """
    return next((at for at, report in enumerate(waiting) if report.what == "damaged"), 0)


class Isos:
    """All isolated recordings of one room worker. Every call belongs to the event loop's thread."""

    def __init__(self, send: Callable[[p.AnyFromWorker], bool]) -> None:
        self._send = send
        self._orders: dict[str, p.IsoOrder] = {}
        self._streams: dict[str, IsoStream] = {}
        self._thread: IsoThread | None = None
        self._unsent: deque[p.IsoReport] = deque()
        """What happened while there was no engine to hear it."""
        self._dropped = 0
        """Reports of that time that had no room."""
        self._told = False

    def set_plan(self, plan: p.IsoPlan, seats: dict[str, Seat]) -> None:
        """Take the whole set of orders; what goes on is not touched."""
        for participant_id in self._orders.keys() - plan.orders.keys():
            self._end(participant_id, seats.get(participant_id))
        for participant_id, order in plan.orders.items():
            if participant_id in self._orders and self._orders[participant_id] != order:
                self._end(participant_id, seats.get(participant_id))
        self._orders = dict(plan.orders)
        for seat in seats.values():
            self.seated(seat)

    def seated(self, seat: Seat) -> None:
        """Somebody has a seat: tap it where that is ordered."""
        order = self._orders.get(seat.participant_id)
        if order is None or seat.participant_id in self._streams:
            return

        def ask_key() -> None:
            if seat.peer is not None:
                seat.peer.request_key()

        whole = IsoOrder(
            key=seat.participant_id,
            folder=Path(order.folder),
            stem=order.stem,
            title=order.title,
            session=order.session,
            language=order.language,
        )
        stream = self._streams[seat.participant_id] = IsoStream(whole, ask_key)
        if self._thread is None:
            loop = asyncio.get_running_loop()

            def told(event: IsoEvent) -> None:
                with contextlib.suppress(RuntimeError):  # a disk that let go after the worker's end
                    loop.call_soon_threadsafe(self._happened, event)

            self._thread = IsoThread(told)
        self._thread.add(stream)
        seat.set_tap(stream)

    def unseated(self, seat: Seat) -> None:
        """A seat was given up: what was recorded of it is finished."""
        self._end(seat.participant_id, seat)

    def _end(self, participant_id: str, seat: Seat | None) -> None:
        stream = self._streams.pop(participant_id, None)
        if stream is None or self._thread is None:
            return
        if seat is not None:
            seat.set_tap(None)
        self._thread.remove(stream)

    # -- to the engine

    def _happened(self, event: IsoEvent) -> None:
        self._unsent.append(report_of(event))
        self.flush()
        while len(self._unsent) > UNSENT_MAX:
            del self._unsent[dropped_first(self._unsent)]
            self._dropped += 1

    def flush(self) -> None:
        """Tell the engine what it has not heard yet, in order."""
        while self._unsent and self._send(self._unsent[0]):
            self._unsent.popleft()
        if self._dropped and not self._unsent:
            _log.warning("%d reports of isolated recordings had no room and are lost", self._dropped)
            self._dropped = 0

    def second(self) -> None:
        """Once a second: the figures, and once that there are none any more."""
        if self._streams or self._told:
            self._told = bool(self._streams)
            self._send(p.IsoStatus(feeds={key: figures(one) for key, one in self._streams.items()}))

    async def close(self) -> None:
        """Finish all files."""
        self._streams.clear()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.to_thread(thread.stop, END_S)
            await asyncio.sleep(0)
            self.flush()


def figures(stream: IsoStream) -> p.IsoFigures:
    """What is known of one recording now; all of it is only read."""
    writer = stream.writer
    return p.IsoFigures(
        path=str(writer.path or ""),
        seconds=round(writer.duration_us / 1e6, 1),
        bytes=writer.written_bytes,
        dropped=stream.dropped_video + stream.dropped_sound,
        marks=writer.marks.count,
        lost_ms=writer.marks.lost_us // 1000,
    )
