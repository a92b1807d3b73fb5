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
from dataclasses import dataclass, field
from typing import Any, Literal

TIMEOUT_S = 1.0
Kind = Literal["input", "output"]
_WORDS = {"input": ("source-outputs", "source", "sources"), "output": ("sink-inputs", "sink", "sinks")}


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


@dataclass(slots=True)
class Route:
    """The route of one stream since it was opened."""

    kind: Kind
    number: int
    home: str
    """The device it was opened on."""
    now: str = ""

    def look(self, routes: Routes) -> None:
        """Take over what the server says."""
        self.now = routes.streams.get(self.kind, {}).get(self.number, self.home)

    @property
    def rerouted(self) -> bool:
        """Whether it stands on another device than it was opened on."""
        return bool(self.now) and self.now != self.home

    @property
    def no_microphone(self) -> bool:
        """Whether an input hears what a loudspeaker plays now."""
        return self.rerouted and self.kind == "input" and self.now.endswith(".monitor")

    def home_is_back(self, routes: Routes) -> bool:
        """Whether its own device is there again while it stands on another."""
        return self.rerouted and self.home in routes.devices.get(self.kind, frozenset())


def ask_server(pid: int | None = None) -> Routes | None:
    """Ask the sound server; None where there is no `pactl` or no server. Blocks for up to two seconds."""
    program = shutil.which("pactl")
    if program is None:
        return None
    pid = os.getpid() if pid is None else pid
    streams: dict[Kind, dict[int, str]] = {}
    devices: dict[Kind, frozenset[str]] = {}
    for kind in ("input", "output"):
        ours, place, list_name = _WORDS[kind]
        listed = _asked(program, list_name)
        running = _asked(program, ours)
        if listed is None or running is None:
            return None
        names = {entry.get("index"): str(entry.get("name", "")) for entry in listed}
        devices[kind] = frozenset(names.values())
        streams[kind] = {
            int(entry["index"]): names.get(entry.get(place), "")
            for entry in running
            if str(entry.get("properties", {}).get("application.process.id", "")) == str(pid)
        }
    return Routes(streams, devices)


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
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else None
