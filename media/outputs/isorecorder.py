"""Isolated recordings: received packets of chosen feeds into files, in one thread that never holds the loop.

    thread = IsoThread(on_event); stream = IsoStream(order, ask_key=peer.request_key)
    thread.add(stream); peer.set_tap(stream); ...; thread.remove(stream); thread.stop(5.0)

The tap (`IsoStream`, on the event loop) only appends to a bounded queue; the thread looks every 100 ms.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from media.clock import now_us
from media.outputs.isofile import Head, IsoFile, Tags, UnusableHeadError, head_of
from media.outputs.isotime import MarkKind, MarkList, SteadyTime, gap_kind
from media.outputs.packetqueue import DropGate
from media.outputs.recorder import disk_reason
from media.outputs.tail import GONE, FileGoneError
from media.reason import Reason, RecorderCode

log = logging.getLogger(__name__)

QUEUE_BYTES = 4 * 1024 * 1024
"""Of one feed: half a minute at 1 Mb/s."""
POLL_S = 0.1
SYNC_US = 5_000_000
SOUND_ALONE_US = 6_000_000
"""So long sound waits for a picture to begin a file with, then it gets its own; either holds it all."""
TELL_US = 10_000_000
"""Damage is told at once, and then at most so often."""
RETRY_US = (3_000_000, 10_000_000, 30_000_000)
FILES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class IsoOrder:
    """What to record, and where: files are `folder/stem_01.mkv` and so on."""

    key: str
    folder: Path
    stem: str
    title: str
    session: str
    language: str = "id"


@dataclass(frozen=True, slots=True)
class IsoUnit:
    """One received picture or Opus packet (`codec` empty), with how many losses and drops were before it."""

    data: bytes
    rtp_ts: int
    stamp_us: int
    codec: str
    key: bool
    breaks: int
    drops: int

    @property
    def is_video(self) -> bool:
        """Whether it is a picture."""
        return bool(self.codec)


@dataclass(frozen=True, slots=True)
class IsoEvent:
    """What happened to a feed's recording: begun, damaged, ended, failed. Times of the file but `first_us`,
    which is bus time.
    """

    what: str
    key: str
    path: Path
    first_us: int = 0
    codec: str = ""
    width_px: int = 0
    height_px: int = 0
    at_us: int = 0
    lost_us: int = 0
    count: int = 0
    kind: str = ""
    duration_us: int = 0
    size_bytes: int = 0
    reason: Reason | None = None


class IsoStream:
    """The tap of one feed; every call but those of the thread belongs to the event loop."""

    def __init__(self, order: IsoOrder, ask_key: Callable[[], None], limit_bytes: int = QUEUE_BYTES) -> None:
        """`ask_key` asks the sender for a key picture; called on the loop."""
        self.order = order
        self.ask_key = ask_key
        self.hushed = False
        """Whether his sound is left out: the operator has muted him."""
        self.dropped_video = self.dropped_sound = 0
        self.key_wanted = True
        """Set by the thread where it can do nothing before the next key picture, cleared as that goes in."""
        self.writer = IsoWriter(self)
        self._gate = DropGate(limit_bytes)
        self._units: deque[IsoUnit] = deque()
        self._in_bytes = 0
        self._out_bytes = 0

    def picture(self, codec: str, unit: bytes, rtp_ts: int, key: bool, stamp_us: int, breaks: int) -> None:
        """Take a complete picture as it goes to the decoder; `breaks` counts the losses so far."""
        if key:
            self.key_wanted = False
        elif self.key_wanted:
            self.ask_key()
        self._put(IsoUnit(unit, rtp_ts, stamp_us, codec, key, breaks, self.dropped_video))

    def sound(self, opus: bytes, rtp_ts: int, stamp_us: int) -> None:
        """Take an Opus packet."""
        if not self.hushed:
            self._put(IsoUnit(opus, rtp_ts, stamp_us, "", True, 0, 0))

    @property
    def waiting_bytes(self) -> int:
        """Bytes that the thread has not taken yet."""
        return self._in_bytes - self._out_bytes

    def _put(self, unit: IsoUnit) -> None:
        if self._gate.admits(unit, self.waiting_bytes):
            self._in_bytes += len(unit.data)
            self._units.append(unit)
        elif unit.is_video:
            self.dropped_video += 1
        else:
            self.dropped_sound += 1
        if unit.is_video and self._gate.wants_key(self.waiting_bytes):
            self.ask_key()

    def take(self) -> IsoUnit | None:
        """The oldest unit that waits; called by the thread."""
        try:
            unit = self._units.popleft()
        except IndexError:
            return None
        self._out_bytes += len(unit.data)
        return unit


class IsoWriter:
    """The files of one feed; used by the thread alone, `path` and figures may be read by anybody."""

    def __init__(self, stream: IsoStream) -> None:
        self.path: Path | None = None
        self.first_us = 0
        self.written_bytes = 0
        """Of all files so far."""
        self.marks = MarkList()
        self.on_event: Callable[[IsoEvent], None] = lambda event: None
        self._stream, self._order = stream, stream.order
        self._file: IsoFile | None = None
        self._counted_bytes = 0
        self._number = 0
        self._wait_key = True
        self._times = (SteadyTime(90_000), SteadyTime(48_000))
        self._seen = (0, 0)
        self._picture_us = 0
        self._early: list[tuple[int, bytes]] = []
        """Sound that waits for a picture, or for a file without one."""
        self._synced_us = 0
        self._untold = MarkList()
        self._told_us = 0
        self._retries = 0
        self._retry_at_us = 0

    @property
    def duration_us(self) -> int:
        """Length of the file that is written now."""
        file = self._file
        return file.duration_us if file is not None else 0

    # -- what comes

    def pump(self, at_us: int) -> None:
        """Write all that waits."""
        while (unit := self._stream.take()) is not None:
            if at_us < self._retry_at_us:
                continue
            try:
                self._write(unit)
            except UnusableHeadError as error:
                log.info("iso recording of %s: %s", self._order.key, error)
                self._need_key()
            except (OSError, av.FFmpegError) as error:
                self._failed(error, at_us)
        self._tell(at_us)
        if self._file is not None and at_us - self._synced_us > SYNC_US:
            self._synced_us = at_us
            try:
                self._file.sync()
            except (OSError, FileGoneError) as error:
                self._failed(error, at_us)

    def _write(self, unit: IsoUnit) -> None:
        time_us = self._times[0 if unit.is_video else 1].at_us(unit.rtp_ts, unit.stamp_us)
        if unit.is_video:
            self._write_picture(unit, time_us)
        else:
            self._write_sound(unit, time_us)
        if self._file is not None:
            self._count(self._file.whole_bytes)

    def _count(self, size_bytes: int) -> None:
        self.written_bytes += size_bytes - self._counted_bytes
        self._counted_bytes = size_bytes

    def _write_picture(self, unit: IsoUnit, time_us: int) -> None:
        seen, self._seen = self._seen, (unit.breaks, unit.drops)
        file = self._file
        head = head_of(unit.codec, unit.data) if unit.key else None
        if head is not None and (file is None or file.head != head):
            file = self._begin(head, unit.data, time_us)
        if file is None or file.head is None or file.head.codec != unit.codec:
            self._need_key()
            return
        if self._wait_key and not unit.key:
            return
        self._wait_key = False
        self._note_gap(unit, seen, time_us)
        if time_us >= self.first_us:
            file.write_picture(unit.data, time_us - self.first_us, unit.key)

    def _need_key(self) -> None:
        self._wait_key = self._stream.key_wanted = True

    def _write_sound(self, unit: IsoUnit, time_us: int) -> None:
        if self._file is not None:
            if time_us >= self.first_us:
                self._file.write_sound(unit.data, time_us - self.first_us)
            return
        self._early.append((time_us, unit.data))
        if time_us - self._early[0][0] >= SOUND_ALONE_US:
            self._begin(None, b"", time_us)

    def _note_gap(self, unit: IsoUnit, seen: tuple[int, int], time_us: int) -> None:
        before_us, self._picture_us = self._picture_us, time_us
        if not before_us:
            return
        kind = gap_kind(unit.breaks != seen[0], unit.drops != seen[1], time_us - before_us)
        if kind is not None:
            begin_us = before_us - self.first_us
            self.marks.add(kind, begin_us, time_us - self.first_us)
            if kind is not MarkKind.PAUSE:
                self._untold.add(kind, begin_us, time_us - self.first_us)

    # -- files

    def _begin(self, head: Head | None, unit: bytes, time_us: int) -> IsoFile:
        self.close()
        early = self._early
        time_us = min([time_us, *(at_us for at_us, _ in early)])
        unix_us = time_us + _unix_offset_us()
        tags = Tags(self._order.title, self._order.session, unix_us, self._order.language)
        file = self._new_file(head, unit, tags)
        self._file, self.path, self.first_us = file, file.path, time_us
        self._counted_bytes, self._retries, self._synced_us = 0, 0, now_us()
        self.marks, self._early = MarkList(), []
        if head is None:
            self._picture_us = 0
        self._event(
            "begun", codec=head.codec if head else "", width_px=file.width_px, height_px=file.height_px
        )
        for at_us, opus in early:
            file.write_sound(opus, at_us - time_us)
        return file

    def _new_file(self, head: Head | None, unit: bytes, tags: Tags) -> IsoFile:
        folder = self._order.folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while self._number < FILES_MAX:
            self._number += 1
            try:
                return IsoFile(folder / f"{self._order.stem}_{self._number:02d}.mkv", head, unit, tags)
            except FileExistsError:
                continue
        raise FileExistsError(errno.EEXIST, "too many files of one name", str(folder))

    def close(self) -> None:
        """Finish the file, if there is one."""
        file, self._file = self._file, None
        if file is None:
            return
        try:
            size = file.close(self.marks.marks)
        except Exception as error:  # noqa: BLE001  whatever it was, the end is told
            self._file = file
            self._failed(error, now_us())
            return
        self._count(size)
        self._ended(file, size)

    def _ended(self, file: IsoFile, size: int, reason: Reason | None = None) -> None:
        self._tell(now_us(), last=True)
        self._event(
            "failed" if reason else "ended",
            duration_us=file.duration_us,
            size_bytes=size,
            count=self.marks.count,
            lost_us=self.marks.lost_us,
            reason=reason,
        )
        self.path = None

    def _failed(self, error: Exception, at_us: int) -> None:
        reason = Reason(RecorderCode.MUXER, f"The file could not be written ({error}).")
        if isinstance(error, OSError):
            reason = disk_reason(error)
        gone = isinstance(error, FileGoneError)
        if gone:
            reason = GONE
        file, self._file, self._early = self._file, None, []
        first = self._retries == 0
        wait_us = 0 if gone else RETRY_US[min(self._retries, len(RETRY_US) - 1)]  # the disk is well
        self._retry_at_us = at_us + wait_us
        self._retries += 1
        self._need_key()
        if first or file is not None:
            log.error("iso recording of %s failed: %s", self._order.key, reason.text)
        if file is not None:
            try:
                file.abandon()
            finally:
                self._ended(file, file.whole_bytes, reason)
        elif first:
            self._event("failed", reason=reason)

    # -- what is told

    def _tell(self, at_us: int, *, last: bool = False) -> None:
        """Tell of damage: the first at once, the rest in sums."""
        untold = self._untold
        if not untold.count or not (last or at_us - self._told_us > TELL_US):
            return
        self._untold, self._told_us = MarkList(), at_us
        mark = untold.marks[0]
        self._event(
            "damaged", at_us=mark.at_us, lost_us=untold.lost_us, count=untold.count, kind=str(mark.kind)
        )

    def _event(self, what: str, **values: object) -> None:
        path = self.path or self._order.folder
        self.on_event(IsoEvent(what, self._order.key, path, self.first_us, **values))  # type: ignore[arg-type]


def _unix_offset_us() -> int:
    return time.time_ns() // 1000 - now_us()


class IsoThread:
    """Writes all isolated recordings of a process; made with the first, ended with `stop`."""

    def __init__(self, on_event: Callable[[IsoEvent], None]) -> None:
        """`on_event` is called from the thread."""
        self._on_event = on_event
        self._streams: list[IsoStream] = []
        self._leaving: list[IsoStream] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def add(self, stream: IsoStream) -> None:
        """Begin to write what comes through a stream."""
        stream.writer.on_event = self._on_event
        with self._lock:
            self._streams.append(stream)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="iso", daemon=True)
            self._thread.start()

    def remove(self, stream: IsoStream) -> None:
        """Write what waits of a stream and finish its file; returns at once, the event `ended` tells."""
        with self._lock:
            if stream in self._streams:
                self._streams.remove(stream)
                self._leaving.append(stream)
        self._wake.set()

    def stop(self, timeout_s: float) -> bool:
        """Finish all files (not on an event loop); False where the disk still holds the thread."""
        with self._lock:
            self._leaving += self._streams
            self._streams.clear()
        self._stopping = True
        self._wake.set()
        if self._thread is None:
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            stopping = self._stopping
            with self._lock:
                streams, leaving, self._leaving = list(self._streams), self._leaving, []
            for stream in streams:
                self._serve(stream, last=False)
            for stream in leaving:
                self._serve(stream, last=True)
            if stopping and not leaving:
                return
            if not stopping:
                self._wake.wait(POLL_S)
                self._wake.clear()

    def _serve(self, stream: IsoStream, *, last: bool) -> None:
        try:
            try:
                stream.writer.pump(now_us())
            finally:
                if last:
                    stream.writer.close()
        except Exception:
            log.exception("iso recording of %s met a fault of the program", stream.order.key)
