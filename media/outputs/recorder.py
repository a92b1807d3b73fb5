"""Recorder: the encoded program into a hybrid MP4, in a thread that never holds up the program."""

from __future__ import annotations

import errno
import logging
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av

from media.clock import now_us
from media.outputs.aac import AudioProfile
from media.outputs.mp4file import Chapter, HybridMp4
from media.outputs.packetqueue import PacketQueue
from media.outputs.state import FINAL, OutputState, StateLine
from media.outputs.tail import GONE, SYNC_S, FileGoneError, TailCheck, same_file
from media.packet import EncodedPacket
from media.reason import Reason, RecorderCode
from media.video.encoder import VideoProfile

log = logging.getLogger(__name__)

QUEUE_BYTES = 32 * 1024 * 1024
"""About a minute of AIR and sound: how long a disk may stand still before pictures are dropped."""

_CODES = {
    errno.ENOSPC: (RecorderCode.DISK_FULL, "The disk is full."),
    errno.EDQUOT: (RecorderCode.QUOTA, "The disk quota is used up."),
    errno.EFBIG: (RecorderCode.FILE_TOO_LARGE, "The file has reached the largest size allowed here."),
    errno.EACCES: (RecorderCode.NOT_WRITABLE, "The folder is not writable."),
    errno.EPERM: (RecorderCode.NOT_WRITABLE, "The folder is not writable."),
    errno.EROFS: (RecorderCode.READ_ONLY, "The folder is on a read-only disk."),
    errno.ENOENT: (RecorderCode.FOLDER_MISSING, "The folder does not exist."),
    errno.ENOTDIR: (RecorderCode.FOLDER_MISSING, "The folder does not exist."),
    errno.ETIMEDOUT: (RecorderCode.DISK_STUCK, "The disk does not answer."),
    errno.EEXIST: (RecorderCode.FILE_EXISTS, "A file of this name exists already."),
}


def disk_reason(error: OSError) -> Reason:
    """What an operating system's refusal means for the operator."""
    other = (RecorderCode.DISK_ERROR, f"The disk refused to write ({error.strerror}).")
    code, text = _CODES.get(error.errno or 0, other)
    return Reason(code, text)


@dataclass(frozen=True, slots=True)
class RecorderStatus:
    """What is known of a recording now; times on the bus clock."""

    path: Path
    state: OutputState
    since_us: int
    reason: Reason | None
    first_us: int | None
    duration_us: int
    written_bytes: int
    verified_us: int | None
    """When the newest part was last synced and read back."""
    waiting_bytes: int
    dropped_video: int
    dropped_audio: int
    unsure: Reason | None = None
    """Why what is written may not be on the disk although it goes on."""
    opened: bool = True
    """Whether the file is there (it may wait for its first key picture)."""
    moved_us: int = 0
    """When the disk last took something, or nothing waited for it."""

    @property
    def rate_bps(self) -> float:
        """Measured rate of the file so far; 0 while nothing can be said."""
        return self.written_bytes * 8e6 / self.duration_us if self.duration_us > 1_000_000 else 0.0

    @property
    def stalled_us(self) -> int:
        """How long the disk has taken nothing of what waits for it."""
        return max(0, now_us() - self.moved_us) if self.waiting_bytes else 0


class Recorder:
    """Records pushed packets from the next key picture on.

    ``push`` may be called from any one thread and never blocks. State: `starting` until the first key picture
    is in the file, `started`, `stopping` from `stop` on, then `stopped` (file closed and read back) or
    `failed` with a reason (what was written stays playable).
    """

    def __init__(
        self,
        path: Path,
        video: VideoProfile,
        audio: AudioProfile | None,
        request_key: Callable[[], None],
        *,
        on_change: Callable[[], None] | None = None,
        queue_bytes: int = QUEUE_BYTES,
        sync_s: float = SYNC_S,
    ) -> None:
        """Begin at once; a file that cannot be created shows as `failed`, nothing is raised.

        ``request_key`` asks the encoder for a key picture; ``on_change`` is called from the recorder's thread
        after every change of state.
        """
        self.path = path
        self._video, self._audio = video, audio
        self._request_key = request_key
        self._on_change = on_change or (lambda: None)
        self._sync_s = sync_s
        self._line = StateLine()
        self._queue = PacketQueue(queue_bytes, request_key)
        self._chapters: Sequence[Chapter] = ()
        self._file: HybridMp4 | None = None
        self._tail: TailCheck | None = None
        self._verified_us: int | None = None
        self._written_bytes = 0
        self._moved_us = now_us()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def push_video(self, packet: EncodedPacket) -> bool:
        """Hand over an encoded picture; False where it was dropped."""
        return self._queue.put(packet)

    def push_audio(self, packet: EncodedPacket) -> bool:
        """Hand over encoded sound; False where it was dropped."""
        return self._queue.put(packet)

    def push(self, packet: EncodedPacket) -> bool:
        """Hand over an encoded picture or sound; False where it was dropped."""
        return self._queue.put(packet)

    def give_up(self, reason: Reason) -> bool:
        """Count as failed while the disk holds the thread; what waits is written should it let go."""
        self._queue.close()
        if not self._line.advance(OutputState.FAILED, reason):
            return False
        log.error("recording %s failed: %s", self.path.name, reason.text)
        self._on_change()
        return True

    def stop(self, chapters: Sequence[Chapter] = ()) -> None:
        """Write what waits, the chapters and the index, and end; returns at once, see `join`."""
        self._chapters = tuple(chapters)
        if self._line.advance(OutputState.STOPPING):
            self._on_change()
        self._queue.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end (not on an event loop). False where the disk holds it: that is failed."""
        self._thread.join(timeout_s)
        if not self._thread.is_alive():
            return True
        if self._line.advance(
            OutputState.FAILED, Reason(RecorderCode.DISK_STUCK, "The disk does not answer.")
        ):
            self._on_change()
        return False

    @property
    def state(self) -> OutputState:
        """The state now."""
        return self._line.state

    def status(self) -> RecorderStatus:
        """A consistent-enough picture of the recording, from any thread, cheap."""
        file, tail = self._file, self._tail
        return RecorderStatus(
            path=self.path,
            state=self._line.state,
            since_us=self._line.since_us,
            reason=self._line.reason,
            first_us=file.first_us if file else None,
            duration_us=file.duration_us if file else 0,
            written_bytes=self._written_bytes,
            verified_us=self._verified_us or (tail.verified_us if tail else None),
            waiting_bytes=self._queue.waiting_bytes,
            dropped_video=self._queue.counters.dropped_video,
            dropped_audio=self._queue.counters.dropped_audio,
            unsure=tail.reason if tail else None,
            opened=file is not None,
            moved_us=self._moved_us,
        )

    def _run(self) -> None:
        try:
            self._record()
        except OSError as error:
            self._fail(disk_reason(error))
        except FileGoneError:
            self._fail(GONE)
        except av.FFmpegError as error:
            self._fail(Reason(RecorderCode.MUXER, f"The file could not be written ({error.strerror})."))
        except Exception:
            log.exception("recording %s ended by a fault of the program", self.path.name)
            self._fail(Reason(RecorderCode.INTERNAL, "The recorder had an internal fault."))

    def _record(self) -> None:
        file = self._file = HybridMp4(self.path, self._video, self._audio)
        try:
            written = self._fill(file)
            if file.first_us is not None and not same_file(self.path, written):
                raise FileGoneError(self.path.name)
            self._written_bytes = self.path.stat().st_size
        except Exception:
            with suppress(OSError, ValueError):  # the first error is the one to report
                file.abandon()
            raise
        if file.first_us is None:
            self.path.unlink(missing_ok=True)
        else:
            read_back(self.path, file.end_us)
            self._verified_us = now_us() if file.synced else None
        if self._line.advance(OutputState.STOPPED):
            self._on_change()

    def _fill(self, file: HybridMp4) -> os.stat_result:
        """Write until it is to end; returns what the system knew of the file before it was closed."""
        tail = self._tail = TailCheck(self.path, file.stat, self._taken_away, self._sync_s)
        try:
            self._request_key()
            self._pump(file)
        finally:
            tail.stop(timeout_s=5.0)
        written = file.stat()
        file.close(self._chapters)
        return written

    def _taken_away(self) -> None:
        self.give_up(GONE)

    def _pump(self, file: HybridMp4) -> None:
        while not self._queue.finished:
            packet = self._queue.get(1.0)
            self._moved_us = now_us()
            if packet is not None:
                self._write(file, packet)

    def _write(self, file: HybridMp4, packet: EncodedPacket) -> None:
        taken = file.write(packet)
        self._written_bytes = file.written_bytes
        if taken and self._line.state is OutputState.STARTING and self._line.advance(OutputState.STARTED):
            self._on_change()

    def _fail(self, reason: Reason) -> None:
        self._queue.close()
        if self._line.advance(OutputState.FAILED, reason):
            log.error("recording %s failed: %s", self.path.name, reason.text)
            self._on_change()
        else:
            log.info("recording %s, given up before: %s", self.path.name, reason.text)

    @property
    def ended(self) -> bool:
        """Whether it is stopped or failed."""
        return self._line.state in FINAL


def read_back(path: Path, end_us: int) -> None:
    """Open a closed recording and compare its length; raises OSError where it is not what was written.

    Through a Python file: FFmpeg's own open would stop the whole program at a dead network folder.
    """
    with path.open("rb") as file, av.open(file, "r") as container:
        found_us = container.duration or 0
    if abs(found_us - end_us) > 1_000_000:
        raise OSError(errno.EIO, f"the file says {found_us / 1e6:.1f} s, written were {end_us / 1e6:.1f} s")
