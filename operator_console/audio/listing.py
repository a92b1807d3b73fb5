"""The list of sound devices as the worker knows it, and whether it is still believed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from media.audio.devices import Device, once_each
from media.audio.routes import Kind
from operator_console.sound_list import ask_child

_log = logging.getLogger(__name__)

_CARDS = Path("/proc/asound/cards")


class DeviceList:
    """The newest list; `expired` where it has to be made anew."""

    def __init__(self) -> None:
        self.devices: list[Device] = []
        self.expired, self.made = True, False
        self._hardware: object = None

    def take(self, devices: list[Device]) -> None:
        """PortAudio has just looked itself."""
        self.devices, self.expired, self.made = devices, False, True

    def expire(self) -> None:
        """Look anew at the next occasion."""
        self.expired = True

    def note_hardware(self, server: Mapping[Kind, frozenset[str]]) -> None:
        """Look anew where the cards or the server's devices are others than before."""
        hardware = (_cards(), tuple(sorted((kind, tuple(sorted(names))) for kind, names in server.items())))
        if self._hardware is not None and hardware != self._hardware:
            self.expire()
        self._hardware = hardware

    def refresh(self, in_use: list[Device]) -> None:
        """Ask a child; what we hold open it may not see. Takes half a second."""
        self.expired = False
        try:
            self.take(once_each([*in_use, *ask_child()]))
        except OSError as error:
            _log.warning("%s", error)


def _cards() -> str:
    if sys.platform != "linux":
        return ""
    try:
        return _CARDS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
