"""What every source of pictures and sound is for the worker that reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from media.reason import Reason, SourceCode
from media.video.i420 import Planes


class SourceError(Exception):
    """A source cannot be opened or read; `reason` says why."""

    def __init__(self, code: SourceCode, text: str, **args: str) -> None:
        super().__init__(text)
        self.reason = Reason(code, text, args)


@dataclass(frozen=True, slots=True)
class VideoItem:
    """A picture; the planes may be overwritten by the next `read`."""

    planes: Planes
    stamp_us: int


@dataclass(frozen=True, slots=True)
class AudioItem:
    """20 ms of sound: int16 of shape (960,), 48 kHz mono; the stamp is that of the first sample."""

    samples: npt.NDArray[np.int16]
    stamp_us: int


Item = VideoItem | AudioItem


class MediaSource(Protocol):
    """A source; one thread calls it. `read` waits until the next item is due on the bus clock."""

    def open(self) -> None:
        """Open the device or file. Raises SourceError."""

    def read(self) -> Item | None:
        """The next item, or None at the end. Raises SourceError where the source broke."""

    def close(self) -> None:
        """Let it go; may be called at any time after `open`."""
