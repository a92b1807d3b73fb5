"""Camera as a source, through OpenCV; an unplugged camera is opened again when it comes back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import av  # noqa: F401 before cv2, see media.video.avsource.loaded_in_order
import cv2
import numpy as np

from media.clock import now_us
from media.reason import SourceCode
from media.source import Item, SourceError, VideoItem
from media.video.i420 import from_bgr

log = logging.getLogger(__name__)

REOPEN_S = 1.0
GIVE_UP_S = 15.0
BAD_READS = 5


def device_of(address: str) -> int | str:
    """A device number or path as OpenCV wants it; an empty address is the first camera."""
    address = address.strip()
    if not address:
        return 0
    return int(address) if address.isdecimal() else address


def _quiet() -> None:
    """OpenCV would write about each camera that is not there to the error output."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)


class CameraSource:
    """Pictures of a camera, in the nearest size it can do; sides are cut to even."""

    def __init__(
        self,
        address: str = "",
        width_px: int = 1280,
        height_px: int = 720,
        fps: int = 30,
        *,
        give_up_s: float = GIVE_UP_S,
        clock: Callable[[], int] = now_us,
    ) -> None:
        """``address`` is a device number, a device path or empty for the first camera."""
        self._device = device_of(address)
        self._size, self._fps = (width_px, height_px), fps
        self._give_up_s, self._clock = give_up_s, clock
        self._capture: cv2.VideoCapture | None = None
        self._closing = threading.Event()
        self.reopened = 0

    def open(self) -> None:
        """Open the camera. Raises SourceError where there is none or another program has it."""
        _quiet()
        self._closing.clear()
        self._capture = self._try_open()
        if self._capture is None:
            raise SourceError(
                SourceCode.CAMERA_CLOSED,
                "The camera cannot be opened: it is not connected, or another program uses it.",
            )

    def _try_open(self) -> cv2.VideoCapture | None:
        capture = cv2.VideoCapture(self._device)
        if not capture.isOpened():
            capture.release()
            return None
        # Uncompressed 720p does not fit through USB 2 at 30 fps.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
        capture.set(cv2.CAP_PROP_FPS, self._fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture

    def read(self) -> Item | None:
        """The next picture, None after `close`; waits. Raises SourceError where the camera stays away."""
        failures = 0
        while not self._closing.is_set():
            good, image = self._capture.read() if self._capture else (False, None)
            if good and image is not None:
                return self._item(np.asarray(image, np.uint8))
            failures += 1
            if failures >= BAD_READS:
                self._reopen()
                failures = 0
        return None

    def _item(self, image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> VideoItem:
        height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
        return VideoItem(from_bgr(np.ascontiguousarray(image[:height, :width])), self._clock())

    def _reopen(self) -> None:
        """Wait for the camera to come back."""
        log.info("the camera gives no picture; trying to open it again")
        if self._capture is not None:
            self._capture.release()
        self._capture = None
        tries = max(1, round(self._give_up_s / REOPEN_S))
        for _ in range(tries):
            self._capture = self._try_open()
            if self._capture is not None:
                self.reopened += 1
                return
            if self._closing.wait(REOPEN_S):
                return
        raise SourceError(SourceCode.CAMERA_LOST, "The camera gives no picture any more: is it unplugged?")

    def close(self) -> None:
        """Let the camera go."""
        self._closing.set()
        if self._capture is not None:
            self._capture.release()
            self._capture = None
