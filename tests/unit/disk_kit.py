"""A disk that can be made to hang or to be full, folder by folder; the rest of the recorder is real."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from typing import Any

import pytest

from media.outputs import mp4file
from media.outputs.mp4file import WholeWriter


class Disks:
    """Which folders hang and which are full."""

    def __init__(self) -> None:
        self.full: set[Path] = set()
        self._hung: dict[Path, threading.Event] = {}

    def hang(self, folder: Path) -> None:
        """No write to this folder returns until `let_go`."""
        self._hung[folder] = threading.Event()

    def let_go(self) -> None:
        """All writes return."""
        for event in self._hung.values():
            event.set()

    def pass_through(self, folder: Path) -> None:
        """What a write to this folder meets."""
        if folder in self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        if event := self._hung.get(folder):
            event.wait(60)


def put_in(monkeypatch: pytest.MonkeyPatch) -> Disks:
    """Let recordings be written through disks that can fail."""
    disks = Disks()

    class Writer(WholeWriter):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self.folder = path.parent

        def write(self, data: Any) -> int:
            disks.pass_through(self.folder)
            return super().write(data)

    monkeypatch.setattr(mp4file, "WholeWriter", Writer)
    return disks
