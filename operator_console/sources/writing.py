"""Puts a source's pictures and sound on the bus in the sizes that are wanted."""

from __future__ import annotations

from pathlib import Path

from media.bus.layout import BLOCK_US, i420_bytes
from media.bus.writer import AudioWriter, VideoWriter
from media.source import AudioItem, Item, VideoItem
from media.video.avsource import fitted
from media.video.i420 import Planes, allocate, resize_into
from media.video.tile import TileDrawer
from operator_console.protocol import MediaPlace, Want

SLOT_OWN, SLOT_TILE = 0, 1
TILE_MAX_PX = (640, 360)
TILE_FPS = 15
GAP_US = 60_000
"""Sound whose stamps leave the count of samples by more than this has a hole, or began anew."""


class Pace:
    """Lets at most so many pictures a second pass."""

    def __init__(self) -> None:
        self._next_us = 0

    def due(self, stamp_us: int, fps: int) -> bool:
        """Whether the picture of this moment is to be shown."""
        step_us = 1_000_000 // max(1, fps)
        if self._next_us - step_us <= stamp_us < self._next_us - step_us // 4:
            return False
        late = stamp_us - self._next_us
        self._next_us = (stamp_us if not 0 <= late < step_us else self._next_us) + step_us
        return True


class SourceWriter:
    """The bus segments of one source; made when there is something to write. For one thread (`beat`: any)."""

    def __init__(self, directory: Path, source_id: str, limit_px: tuple[int, int]) -> None:
        self._directory, self._id, self._limit = directory, source_id, limit_px
        self._video: VideoWriter | None = None
        self._audio: AudioWriter | None = None
        self._drawer = TileDrawer()
        self._scaled: Planes | None = None
        self._own_pace, self._tile_pace = Pace(), Pace()
        self._index = 0
        self._next_stamp_us = 0
        self.pictures = self.blocks = 0
        self.size_px = (0, 0)

    @property
    def place(self) -> MediaPlace:
        """Where pictures and sound stand; what never came is not there."""
        video, audio = f"video-{self._id}", f"audio-{self._id}"
        return MediaPlace(
            video=(video, SLOT_OWN) if self._video else None,
            tile=(video, SLOT_TILE) if self._video else None,
            audio=(audio, 0) if self._audio else None,
        )

    def write(self, item: Item, want: Want | None) -> None:
        """Write one item as far as it is wanted. Raises OSError where the bus folder is full."""
        if isinstance(item, VideoItem):
            self._write_picture(item, want)
        else:
            self._write_sound(item)

    def _write_picture(self, item: VideoItem, want: Want | None) -> None:
        self.pictures += 1
        self.size_px = (item.planes.width_px, item.planes.height_px)
        if self._video is None:
            capacity = max(i420_bytes(*self._limit), TILE_MAX_PX[0] * TILE_MAX_PX[1] * 4)
            self._video = VideoWriter(self._directory, f"video-{self._id}", 2, capacity)
        if want is None:
            return
        if want.picture and self._own_pace.due(item.stamp_us, want.fps):
            planes = self._fitted(item.planes, want)
            self._video.write_i420(SLOT_OWN, *planes, item.stamp_us)
        width, height = want.tile_width_px // 2 * 2, want.tile_height_px // 2 * 2
        fits = 0 < width <= TILE_MAX_PX[0] and 0 < height <= TILE_MAX_PX[1]
        if fits and self._tile_pace.due(item.stamp_us, min(want.fps, TILE_FPS)):
            ticket, target = self._video.begin_bgra(SLOT_TILE, width, height)
            self._drawer.draw(item.planes, target)
            self._video.publish(SLOT_TILE, ticket, item.stamp_us)

    def _fitted(self, planes: Planes, want: Want) -> Planes:
        """The picture, made smaller where it is larger than wanted, so that the compositor can copy it."""
        wanted = (want.width_px or self._limit[0], want.height_px or self._limit[1])
        limit = (min(wanted[0], self._limit[0]), min(wanted[1], self._limit[1]))
        size = fitted(planes.width_px, planes.height_px, limit)
        if size == (planes.width_px, planes.height_px):
            return planes
        if self._scaled is None or (self._scaled.width_px, self._scaled.height_px) != size:
            self._scaled = allocate(*size)
        resize_into(planes, self._scaled)
        return self._scaled

    def _write_sound(self, item: AudioItem) -> None:
        self.blocks += 1
        if self._audio is None:
            self._audio = AudioWriter(self._directory, f"audio-{self._id}", 1)
            self._next_stamp_us = item.stamp_us
        gap_us = item.stamp_us - self._next_stamp_us
        if gap_us > GAP_US:
            self._index += round(gap_us / BLOCK_US)
        if abs(gap_us) > GAP_US:
            self._next_stamp_us = item.stamp_us
        self._audio.write(0, self._index, item.samples, item.stamp_us)
        self._index += 1
        # Follows a device whose clock is not ours.
        self._next_stamp_us += BLOCK_US + (item.stamp_us - self._next_stamp_us) // 50

    def clear(self) -> None:
        """Show nothing any more: the source has failed."""
        if self._video is not None:
            self._video.clear(SLOT_OWN)
            self._video.clear(SLOT_TILE)

    def beat(self) -> None:
        """Tell readers that this process lives."""
        for writer in (self._video, self._audio):
            if writer is not None:
                writer.beat()

    def close(self) -> None:
        """Take the segments away."""
        for writer in (self._video, self._audio):
            if writer is not None:
                writer.close()
        self._video = self._audio = None
