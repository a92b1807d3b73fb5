"""The list of sound devices as the worker knows it, and whether it is still believed."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

from media.audio.devices import Device, with_unseen
from media.audio.routes import Kind
from operator_console.sound_list import ask_child

_log = logging.getLogger(__name__)

_CARDS = Path("/proc/asound/cards")
CHILD_S = 3.0
"""A child that takes longer hangs in a driver; the rig's thread must not wait long for it."""
PAUSE_S, NOTICED_S, UNNOTICED_S = 2.0, 30.0, 10.0
"""Between two looks for what is missing: at first, and at most where the system tells of hardware or not."""


class DeviceList:
    """The newest list; `expired` where it has to be made anew."""

    def __init__(self) -> None:
        self.devices: list[Device] = []
        self.expired, self.made = True, False
        self.notices = False
        """Whether hardware that comes or goes is noticed without a look."""
        self._hardware: tuple[str, tuple[tuple[Kind, tuple[str, ...]], ...]] | None = None
        self._asked_s, self._pause_s = float("-inf"), PAUSE_S
        self._trouble = ""

    def take(self, devices: list[Device]) -> None:
        """PortAudio has just looked itself."""
        self.devices, self.expired, self.made = devices, False, True

    def expire(self) -> None:
        """Look anew at the next occasion."""
        self.expired = True

    def note_hardware(self, server: Mapping[Kind, frozenset[str]] | None) -> None:
        """Look anew where the cards or the devices of the server changed; None: it did not answer."""
        cards = _cards()
        self.notices = bool(cards) or server is not None
        if server is not None:
            names = tuple(sorted((kind, tuple(sorted(found))) for kind, found in server.items()))
        else:
            names = self._hardware[1] if self._hardware else ()
        if self._hardware is not None and (cards, names) != self._hardware:
            self.expire()
        self._hardware = (cards, names)

    def due(self, now_s: float) -> bool:
        """Whether to look for something that is missing: ever more seldom while all stays the same."""
        return self.expired or now_s - self._asked_s >= self._pause_s

    def refresh(self, in_use: list[Device], now_s: float) -> None:
        """Ask a child; what we hold open it may not see. Takes half a second, three at most."""
        most_s = NOTICED_S if self.notices else UNNOTICED_S
        self._pause_s = PAUSE_S if self.expired else min(most_s, 2 * self._pause_s)
        self.expired, self._asked_s = False, now_s
        try:
            self.take(with_unseen(ask_child(CHILD_S), in_use))
        except OSError as error:
            if str(error) != self._trouble:
                _log.warning("%s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""


def _cards() -> str:
    if sys.platform != "linux":
        return ""
    try:
        return _CARDS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
