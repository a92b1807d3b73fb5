"""What a fault test sees of and does to the loop inside the engine; see inside/sitecustomize.py."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.inside import sitecustomize as hook


@dataclass(frozen=True, slots=True)
class Stalls:
    """How long the engine's loop stood still at worst since it was last asked."""

    worst_ms: float
    cpu_ms: float
    """CPU time of the loop's own thread within the worst: the rest is the machine's or another thread's."""
    turns: int
    long: int
    """Stalls of 10 ms and more."""


@dataclass(frozen=True, slots=True)
class Encodes:
    """What the engine encoded since it was last asked."""

    pictures: int
    """Of the program."""
    air: int
    """Pictures encoded as large as AIR."""
    air_encoders: int


class Inside:
    """The shared folder of the hook; `environment` is what the product has to be started with."""

    def __init__(self, top: Path) -> None:
        self._folder = top / "inside"
        self._folder.mkdir()
        self.set_hosts({})

    @property
    def environment(self) -> dict[str, str]:
        """Variables of the product's processes."""
        places = [str(Path(hook.__file__).parent), os.environ.get("PYTHONPATH", "")]
        return {
            "PYTHONPATH": os.pathsep.join(place for place in places if place),
            hook.FOLDER: str(self._folder),
        }

    def set_hosts(self, hosts: Mapping[str, str]) -> None:
        """The names that have an address from now on."""
        new = self._folder / "new"
        new.write_text(json.dumps(dict(hosts)))
        new.replace(self._folder / hook.HOSTS)

    def stalls(self, pid: int) -> Stalls:
        """What was seen since the last call, which forgets it."""
        return Stalls(*self._taken(hook.STALLS.format(pid=pid), hook.FIGURES))

    def encodes(self, pid: int) -> Encodes:
        """The same for what was encoded."""
        return Encodes(*self._taken(hook.ENCODES.format(pid=pid), hook.COUNTS))

    def _taken(self, name: str, figures: struct.Struct) -> tuple[Any, ...]:
        with (self._folder / name).open("r+b") as handle:
            found = figures.unpack(handle.read(figures.size))
            handle.seek(0)
            handle.write(bytes(figures.size))
        return found
