"""Media files, RTSP cameras and captured screens as sources, through PyAV."""

from __future__ import annotations

import heapq
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.error import (
    HTTPForbiddenError,
    HTTPNotFoundError,
    HTTPUnauthorizedError,
    InvalidDataError,
)
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from media.clock import now_us
from media.reason import SourceCode
from media.source import AudioItem, Item, SourceError, VideoItem
from media.video.i420 import frame_planes

log = logging.getLogger(__name__)

OPEN_S, READ_S, CLOSE_S = 10.0, 10.0, 1.0
BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ = 960, 20_000, 48_000
AHEAD_ITEMS = 24
"""Decoded items kept so that sound and picture come out in the order of their stamps."""
UNSPECIFIED = 2
STILL_US = 500_000
LEAD_US = 150_000
RESYNC_US = 500_000


@dataclass(frozen=True, slots=True)
class Input:
    """What PyAV is told to open."""

    url: str
    format: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    live: bool = False
    """A camera or screen: items come when they come; otherwise they are paced by the clock."""
    loop: bool = False


_EMPTY = (SourceCode.NETWORK_EMPTY, SourceCode.SCREEN_LOST, SourceCode.FILE_EMPTY)
_LOST = (SourceCode.NETWORK_LOST, SourceCode.SCREEN_LOST, SourceCode.FILE_BROKEN)
_CLOSED = (SourceCode.NETWORK_CLOSED, SourceCode.SCREEN_CLOSED, SourceCode.FILE_UNREADABLE)
_FILE_ERRORS: dict[type[Exception], SourceCode] = {
    FileNotFoundError: SourceCode.FILE_MISSING,
    PermissionError: SourceCode.FILE_FORBIDDEN,
}
_NETWORK_ERRORS: dict[type[Exception], SourceCode] = {
    HTTPUnauthorizedError: SourceCode.NETWORK_PASSWORD,
    HTTPForbiddenError: SourceCode.NETWORK_PASSWORD,
    HTTPNotFoundError: SourceCode.NETWORK_NO_STREAM,
    ConnectionRefusedError: SourceCode.NETWORK_REFUSED,
}


def failed(source: Input, codes: tuple[SourceCode, SourceCode, SourceCode], text: str) -> SourceError:
    """The error of a source; `codes` are those of a network camera, a screen and a file, in this order."""
    if source.url.startswith(("rtsp://", "rtsps://")):
        return SourceError(codes[0], f"The network camera {text}")
    if source.live:
        return SourceError(codes[1], f"The screen {text}")
    return SourceError(codes[2], f"The file {text}", file=Path(source.url).name)


def open_error(source: Input, error: av.FFmpegError | OSError) -> SourceError:
    """What FFmpeg's refusal to open means for the operator."""
    network, screen, file = _CLOSED
    network = next((code for kind, code in _NETWORK_ERRORS.items() if isinstance(error, kind)), network)
    file = next((code for kind, code in _FILE_ERRORS.items() if isinstance(error, kind)), file)
    return failed(source, (network, screen, file), f"cannot be opened ({error.strerror}).")


def loaded_in_order() -> bool:
    """Whether PyAV was imported before OpenCV (or without it).

    Both wheels carry parts of libxcb under the same names. Where OpenCV's are loaded first, PyAV's screen
    capture calls into them and crashes (seen with PyAV 18.1 and OpenCV 5.0); the other way round nothing is
    wrong.
    """
    modules = list(sys.modules)
    return "cv2" not in modules or modules.index("av") < modules.index("cv2")


def file_input(path: str, *, loop: bool = False) -> Input:
    """A media file or photograph."""
    return Input(path, loop=loop)


def rtsp_input(url: str) -> Input:
    """A network camera; over TCP, for UDP rarely passes firewalls. Raises SourceError for another address."""
    if not url.startswith(("rtsp://", "rtsps://")):
        raise SourceError(
            SourceCode.NETWORK_ADDRESS, "The address of a network camera begins with rtsp:// or rtsps://."
        )
    return Input(url, "rtsp", {"rtsp_transport": "tcp"}, live=True)


def fitted(width: int, height: int, limit: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of the same shape within the limit; never enlarged."""
    scale = min(1.0, limit[0] / width, limit[1] / height)
    return max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2)


def source_matrix(frame: VideoFrame) -> str:
    """The colour matrix of a picture; HD that does not say is BT.709, as players take it."""
    if frame.colorspace == Colorspace.ITU709 or (frame.colorspace == UNSPECIFIED and frame.height > 576):
        return "ITU709"
    return "ITU601"


class _Clockwork:
    """Maps the stream's own time to the bus clock."""

    def __init__(self, live: bool, clock: Callable[[], int]) -> None:
        self._live, self._clock = live, clock
        self._offset_us: int | None = None

    def stamp(self, stream_us: int) -> int:
        """Bus time of a moment of the stream; one that is live is never from the future, nor old."""
        now = self._clock()
        if self._offset_us is None:
            self._offset_us = now - stream_us + (0 if self._live else LEAD_US)
        elif self._live and not -RESYNC_US < self._offset_us + stream_us - now <= 0:
            self._offset_us = now - stream_us
        return self._offset_us + stream_us


class AvSource:
    """Pictures (I420, within a size limit) and sound (48 kHz mono, 20 ms) of anything FFmpeg opens."""

    def __init__(
        self,
        source: Input,
        limit_px: tuple[int, int] = (1280, 720),
        fps: int = 30,
        *,
        clock: Callable[[], int] = now_us,
    ) -> None:
        """``fps`` is the most that is passed on; pictures above are left out."""
        self._input, self._limit, self._clock = source, limit_px, clock
        self._step_us = 1_000_000 // fps
        self._closing = threading.Event()
        self._busy = threading.Lock()
        self._container: InputContainer | None = None
        self._items: Iterator[Item] = iter(())
        self._heap: list[tuple[int, int, Item]] = []
        self._order = count()
        self._failure: SourceError | None = None
        self.damaged = 0
        self._base_us = 0
        self._end_us = 0
        self._next_picture_us = 0
        self._first_us: int | None = None
        self._resampler: AudioResampler | None = None

    def open(self) -> None:
        """Open it. Raises SourceError with a plain sentence."""
        self._closing.clear()
        self._container = self._open_container()
        self._time = _Clockwork(self._input.live, self._clock)
        self._items = self._run()
        self._failure = None

    def _open_container(self) -> InputContainer:
        if self._input.format == "x11grab" and not loaded_in_order():
            raise SourceError(
                SourceCode.INTERNAL,
                "The screen cannot be captured in a process that loaded OpenCV before PyAV.",
            )
        try:
            container = av.open(
                self._input.url,
                format=self._input.format,
                options=dict(self._input.options),
                timeout=(OPEN_S, READ_S),
            )
        except (av.FFmpegError, OSError) as error:
            raise open_error(self._input, error) from error
        if not container.streams.video and not container.streams.audio:
            container.close()
            raise failed(self._input, _EMPTY, "contains neither picture nor sound.")
        return container

    def read(self) -> Item | None:
        """The next item when it is due on the bus clock; None at the end or after `close`."""
        with self._busy:
            self._read_ahead()
        if self._closing.is_set():
            return None
        if not self._heap:
            if self._failure is not None:
                raise self._failure
            return None
        stamp_us, _, item = heapq.heappop(self._heap)
        wait_us = 0 if self._input.live else stamp_us - self._clock()
        if wait_us > 0 and self._closing.wait(wait_us / 1e6):
            return None
        return item

    def _read_ahead(self) -> None:
        wanted = 1 if self._input.live else AHEAD_ITEMS
        while len(self._heap) < wanted and not self._closing.is_set():
            try:
                item = next(self._items, None)
            except SourceError as error:
                self._failure = error  # told when what was read before has been shown
                return
            if item is None:
                return
            heapq.heappush(self._heap, (item.stamp_us, next(self._order), item))

    def _run(self) -> Iterator[Item]:
        while self._container is not None:
            pictures, last = 0, None
            for item in self._once(self._container):
                pictures += isinstance(item, VideoItem)
                last = item
                yield item
            if not self._input.loop or last is None:
                return
            if pictures == 1 and isinstance(last, VideoItem) and not self._container.streams.audio:
                yield from self._still(last)
            self._rewind()

    def _still(self, picture: VideoItem) -> Iterator[Item]:
        """A photograph: the same picture again and again."""
        stamp_us = picture.stamp_us
        while not self._closing.is_set():
            stamp_us += STILL_US
            yield VideoItem(picture.planes, stamp_us)

    def _rewind(self) -> None:
        """Begin again, the clock going on."""
        self._base_us = self._end_us
        if self._container is not None:
            self._container.close()
        self._container = self._open_container()
        self._next_picture_us = self._base_us

    def _once(self, container: InputContainer) -> Iterator[Item]:
        """All items of the file, from beginning to end."""
        self._first_us = container.start_time
        self._resampler = None
        try:
            for packet in container.demux(*container.streams.video[:1], *container.streams.audio[:1]):
                for frame in self._decoded(packet):
                    if isinstance(frame, VideoFrame):
                        yield from self._pictures(frame)
                    elif isinstance(frame, AudioFrame):
                        yield from self._sounds(frame)
        except (av.FFmpegError, OSError) as error:
            raise failed(self._input, _LOST, f"cannot be read any further ({error.strerror}).") from error

    def _decoded(self, packet: av.Packet[Any]) -> list[Any]:
        """The frames of a packet; a damaged one is left out and counted."""
        try:
            return list(packet.decode())
        except InvalidDataError:
            self.damaged += 1
            return []

    def _time_us(self, frame: VideoFrame | AudioFrame) -> int:
        """Time of a frame since the beginning of the source, all rounds of a loop together."""
        at_us = 0
        if frame.pts is not None and frame.time_base is not None:
            at_us = round(frame.pts * frame.time_base * 1_000_000)
        if self._first_us is None:
            self._first_us = at_us
        return at_us - self._first_us + self._base_us

    def _pictures(self, frame: VideoFrame) -> Iterator[Item]:
        at_us = self._time_us(frame)
        if at_us < self._next_picture_us - self._step_us // 4:
            return
        self._next_picture_us = max(at_us, self._next_picture_us) + self._step_us
        self._end_us = max(self._end_us, at_us + self._step_us)
        yield self._picture(frame, self._time.stamp(at_us))

    def _sounds(self, frame: AudioFrame) -> Iterator[Item]:
        if self._resampler is None:
            self._resampler = AudioResampler("s16", "mono", SAMPLE_RATE_HZ, BLOCK_SAMPLES)
        try:
            blocks = self._resampler.resample(frame)
        except ValueError:  # the stream changed its format on the way
            self._resampler = None
            return
        for block in blocks:
            if block.samples != BLOCK_SAMPLES:
                continue
            at_us = self._time_us(block)
            self._end_us = max(self._end_us, at_us + BLOCK_US)
            samples = np.ascontiguousarray(block.to_ndarray()[0], np.int16)
            yield AudioItem(samples, self._time.stamp(at_us))

    def _picture(self, frame: VideoFrame, stamp_us: int) -> VideoItem:
        size = fitted(frame.width, frame.height, self._limit)
        matrix = source_matrix(frame)
        full_range = frame.color_range == ColorRange.JPEG or frame.format.name.startswith(
            ("yuvj", "rgb", "bgr")
        )
        same_size = (frame.width, frame.height) == size
        if frame.format.name != "yuv420p" or not same_size or full_range or matrix != "ITU601":
            frame = frame.reformat(
                *size, "yuv420p", matrix, "ITU601", "FAST_BILINEAR", dst_color_range=ColorRange.MPEG
            )
        return VideoItem(frame_planes(frame), stamp_us)

    def close(self) -> None:
        """Let it go; a `read` that waits returns."""
        self._closing.set()
        if not self._busy.acquire(timeout=CLOSE_S):
            return  # a reading that hangs in a device ends with the process
        try:
            container, self._container = self._container, None
            if container is not None:
                container.close()
        finally:
            self._busy.release()
