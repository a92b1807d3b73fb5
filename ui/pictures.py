"""Pictures and levels from the media bus without copying, polled on the window's clock."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from media.bus.layout import FMT_BGRA, SILENCE_CDB, Picture
from media.bus.reader import AudioReader, VideoReader

POLL_MS = 33
REFRESH_EVERY = 15
"""Polls between two looks for a newer generation of the segments (twice a second)."""
SILENCE_DB = SILENCE_CDB / 100.0

Place = tuple[str, int]
_Reader = TypeVar("_Reader", VideoReader, AudioReader)


class Pictures(QObject):
    """Hands out QImages over the bus's BGRA slots and levels of its rings.

    Signals: polled(int) on every turn of the poll clock, with its number; who shows something looks then.
    """

    polled = Signal(int)

    def __init__(self, bus_dir: Path) -> None:
        super().__init__()
        self._dir = bus_dir
        self._video: dict[str, VideoReader] = {}
        self._audio: dict[str, AudioReader] = {}
        self._turn = 0
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    def start(self) -> None:
        """Begin to poll."""
        self._timer.start()

    def stop(self) -> None:
        """Stop polling and let the segments go."""
        self._timer.stop()
        for reader in (*self._video.values(), *self._audio.values()):
            reader.close()
        self._video.clear()
        self._audio.clear()

    def set_folder(self, bus_dir: Path) -> None:
        """Read another folder from now on."""
        if bus_dir != self._dir:
            self._dir = bus_dir
            self._video.clear()
            self._audio.clear()

    def _poll(self) -> None:
        self._turn += 1
        if self._turn % REFRESH_EVERY == 0:
            for reader in (*self._video.values(), *self._audio.values()):
                reader.refresh()
        self.polled.emit(self._turn)

    def _reader(self, readers: dict[str, _Reader], kind: type[_Reader], name: str) -> _Reader:
        reader = readers.get(name)
        if reader is None:
            reader = readers[name] = kind(self._dir, name)
        return reader

    def mark(self, place: Place | None) -> tuple[int, int]:
        """(generation, number) of the newest picture at a place; differs when there is another picture."""
        if place is None:
            return (0, 0)
        reader = self._reader(self._video, VideoReader, place[0])
        return (reader.generation, reader.seq(place[1]))

    def picture(self, place: Place | None) -> tuple[QImage, Picture] | None:
        """The newest BGRA picture of a place, over shared memory; draw it at once, then ask `torn`."""
        if place is None:
            return None
        found = self._reader(self._video, VideoReader, place[0]).picture(place[1])
        if found is None or found.format != FMT_BGRA:
            return None
        stride = found.width_px * 4
        image = QImage(found.data, found.width_px, found.height_px, stride, QImage.Format.Format_RGB32)
        return image, found

    def torn(self, place: Place, picture: Picture) -> bool:
        """Whether the writer may have overwritten a picture while it was drawn."""
        return self._reader(self._video, VideoReader, place[0]).torn(place[1], picture)

    def writer_alive(self, place: Place | None) -> bool:
        """Whether the process that writes a place lives."""
        return place is not None and self._reader(self._video, VideoReader, place[0]).writer_alive()

    def level_db(self, place: Place | None) -> float:
        """Level of the newest block of a ring in dBFS, -120 for silence or nothing."""
        if place is None:
            return SILENCE_DB
        return self._reader(self._audio, AudioReader, place[0]).level_db(place[1])
