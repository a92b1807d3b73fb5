"""Where the sound server has led our streams: it re-routes them without a word when a device goes.

Asked of PulseAudio (or PipeWire in its place) through its own `pactl`. Where that is not installed, a
re-routed input is only noticed when it is silent.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

TIMEOUT_S = 1.0
Kind = Literal["input", "output"]
KINDS: tuple[Kind, ...] = ("input", "output")


class _Words(NamedTuple):
    streams: str
    place: str
    devices: str


_WORDS: dict[Kind, _Words] = {
    "input": _Words("source-outputs", "source", "sources"),
    "output": _Words("sink-inputs", "sink", "sinks"),
}


@dataclass(frozen=True, slots=True)
class Routes:
    """What the sound server says now."""

    streams: Mapping[Kind, Mapping[int, str]] = field(default_factory=dict)
    """Our own streams: number -> name of the device it stands on."""
    devices: Mapping[Kind, frozenset[str]] = field(default_factory=dict)

    def newest(self, kind: Kind, known: frozenset[int]) -> tuple[int, str] | None:
        """Number and device of the stream opened last, None where all are known."""
        fresh = [number for number in self.streams.get(kind, {}) if number not in known]
        return (max(fresh), self.streams[kind][max(fresh)]) if fresh else None


@dataclass(frozen=True, slots=True)
class Route:
    """The route of one stream since it was opened."""

    kind: Kind
    number: int
    home: str
    """The device it was opened on."""
    now: str = ""
    home_went: bool = False
    """Whether its own device was seen to be away since then."""

    def looked(self, routes: Routes) -> Route:
        """The same with what the server says now."""
        now = routes.streams.get(self.kind, {}).get(self.number, self.home)
        return replace(self, now=now, home_went=self.home_went or not self._home_is_there(routes))

    def _home_is_there(self, routes: Routes) -> bool:
        return self.home in routes.devices.get(self.kind, frozenset())

    @property
    def rerouted(self) -> bool:
        """Whether it stands on another device than it was opened on."""
        return bool(self.now) and self.now != self.home

    @property
    def no_microphone(self) -> bool:
        """Whether an input hears what a loudspeaker plays now."""
        return self.rerouted and self.kind == "input" and self.now.endswith(".monitor")

    def home_is_back(self, routes: Routes) -> bool:
        """Whether its own device went and is there again while it stands on another.

        Where the device never went somebody has moved the stream on purpose.
        """
        return self.rerouted and self.home_went and self._home_is_there(routes)


def ask_server(pid: int | None = None) -> Routes | None:
    """Ask the sound server; None where there is no `pactl`, no server or no sense in what it says.

    Blocks for up to four seconds.
    """
    program = shutil.which("pactl")
    if program is None:
        return None
    said: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS:
        for what in (_WORDS[kind].devices, _WORDS[kind].streams):
            listed = _asked(program, what)
            if listed is None:
                return None
            said[what] = listed
    return understood(said, os.getpid() if pid is None else pid)


def understood(said: Mapping[str, list[dict[str, Any]]], pid: int) -> Routes | None:
    """The routes of process `pid` in what `pactl` printed, by list; None where it is no such thing. Pure.

    A stream that stands on no listed device is not linked yet: it is left out.
    """
    streams: dict[Kind, dict[int, str]] = {}
    devices: dict[Kind, frozenset[str]] = {}
    try:
        for kind in KINDS:
            words = _WORDS[kind]
            names = {int(entry["index"]): str(entry["name"]) for entry in said[words.devices]}
            devices[kind] = frozenset(names.values())
            ours = [entry for entry in said[words.streams] if _process_of(entry) == str(pid)]
            places = {int(entry["index"]): names.get(entry.get(words.place, -1), "") for entry in ours}
            streams[kind] = {number: place for number, place in places.items() if place}
    except (KeyError, TypeError, ValueError):
        return None
    return Routes(streams, devices)


def _process_of(entry: dict[str, Any]) -> str:
    properties = entry.get("properties")
    return str(properties.get("application.process.id", "")) if isinstance(properties, dict) else ""


def _asked(program: str, what: str) -> list[dict[str, Any]] | None:
    try:
        done = subprocess.run(
            [program, "--format=json", "list", what],
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
            env={**os.environ, "LC_ALL": "C"},
        )
        found = json.loads(done.stdout or b"[]")
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    shaped = isinstance(found, list) and all(isinstance(entry, dict) for entry in found)
    return found if shaped else None
