"""What the machine does: CPU, disk and uplink, observed once a second."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

import psutil

from media.reason import fields_of
from operator_console.engine.diskguard import DiskGuard
from operator_console.engine.guarded import Guarded
from operator_console.engine.observations import Observations
from operator_console.engine.planner import Planner
from operator_console.engine.supervisor import Supervisor
from operator_console.session.model import OutputPhase

_log = logging.getLogger(__name__)

PERIOD_S = 1.0
SENDING = (OutputPhase.STARTING, OutputPhase.STARTED, OutputPhase.STOPPING)


def kbps(value: object) -> int:
    """A figure as the room worker tells it, which parses what the network sends; 0 for anything else."""
    return int(value) if isinstance(value, (int, float)) and 0 <= value < 1e9 else 0


class MachineWatch:
    """Observes `machine` and `program` once a second."""

    def __init__(
        self, observations: Observations, supervisor: Supervisor, planner: Planner, guard: DiskGuard
    ) -> None:
        self._observations, self._guard = observations, guard
        self._supervisor, self._planner = supervisor, planner
        self._processes: dict[int, psutil.Process] = {}
        self._last = (0, 0, 0, 0)

    async def run(self) -> None:
        """Observe until cancelled."""
        machine, program, mixer = (self._guarded(key) for key in ("machine", "program", "mixer"))
        plan = Guarded("the planner", _log)
        while True:
            with machine:
                self._observations.set("machine", await self._machine())
            with program:
                self._observations.set("program", self._program())
            with mixer:
                self._observations.set("mixer", self._planner.sound.figures())
            with plan:
                self._planner.replan()
            await asyncio.sleep(PERIOD_S)

    def _guarded(self, key: str) -> Guarded:
        return Guarded(f"the watch over the {key}", _log, lambda: self._observations.drop(key))

    async def _machine(self) -> dict[str, Any]:
        workers = {
            name: {"pid": worker.pid, "state": "running" if worker.attached else "starting"}
            for name, worker in self._supervisor.workers.items()
        }
        pids = [worker.pid for worker in self._supervisor.workers.values()]
        disk = self._guard.least()
        room = self._observations.values.get("room", {})
        # Only the look at the processes may take long; the observations belong to the loop.
        cpu_percent = await asyncio.to_thread(self._cpu_percent, [os.getpid(), *pids])
        return {
            "engine_pid": os.getpid(),
            "cpu_percent": round(cpu_percent),
            "disk_free_bytes": disk.free_bytes // (1 << 20) * (1 << 20) if disk else 0,
            "disk_hours": round(disk.left_s / 3600, 2) if disk else None,
            "uplink_kbps": kbps(room.get("out_kbps")) + self._stream_kbps(),
            "workers": workers,
        }

    def _stream_kbps(self) -> int:
        """What is sent now: the last figures of a livestream stay after its end, to be read."""
        values = self._observations.values.items()
        streams = [value for key, value in values if key.startswith("stream.")]
        return sum(kbps(one.get("kbps")) for one in streams if one.get("phase") in SENDING)

    def _cpu_percent(self, pids: list[int]) -> float:
        """CPU of our processes since the last call, in percent of one core."""
        total = 0.0
        for pid in pids:
            if not pid:
                continue
            try:
                process = self._processes.setdefault(pid, psutil.Process(pid))
                total += process.cpu_percent(None)
            except psutil.NoSuchProcess:
                self._processes.pop(pid, None)
        return total

    def _program(self) -> dict[str, Any]:
        figures = self._planner.program.figures
        frames, air, back, encode_us = self._last
        self._last = (figures.frames, figures.air_bytes, figures.return_bytes, figures.encode_us)
        ticks = max(1, figures.frames - frames)
        return {
            "fps": round(figures.fps, 1),
            "frames": figures.frames,
            "late_frames": figures.late_frames,
            "encode_ms": round((figures.encode_us - encode_us) / 1000 / ticks, 1),
            "air_kbps": round((figures.air_bytes - air) * 8 / 1000 / PERIOD_S),
            "return_kbps": round((figures.return_bytes - back) * 8 / 1000 / PERIOD_S),
            "picture_age_ms": round(figures.picture_age_us / 1000),
            "av_skew_ms": round(figures.av_skew_us / 1000),
            "failure": fields_of(self._planner.program.failure),
        }
