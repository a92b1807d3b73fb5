"""What the engine tells of its machine."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from operator_console.engine.machine import MachineWatch
from operator_console.engine.observations import Observations


async def test_a_livestream_that_is_over_sends_nothing() -> None:
    observations = Observations()
    parts: Any = SimpleNamespace(workers={}, least=lambda: None)
    watch = MachineWatch(observations, parts, parts, parts)
    observations.set("room", {"out_kbps": 2000})
    observations.set("stream.youtube", {"phase": "stopped", "kbps": 100})
    observations.set("stream.backup", {"phase": "started", "kbps": 4000})
    assert (await watch._machine())["uplink_kbps"] == 6000
