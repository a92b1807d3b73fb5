"""What the demo measured: from the engine's observations and the processes' CPU, printed at the end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from operator_console.session.model import Participant, SessionState


def _get(value: Any, name: str) -> float:
    if value is None:
        return 0.0
    return float(value.get(name, 0) or 0) if isinstance(value, dict) else float(getattr(value, name, 0))


def cpu_seconds(pids: Iterable[int]) -> dict[int, float]:
    """CPU time (user and system) of processes that live."""
    found: dict[int, float] = {}
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        found[pid] = times.user + times.system
    return found


@dataclass
class Summary:
    """Figures of one demo run."""

    destination: str
    screenshots: list[Path] = field(default_factory=list)
    all_moving_s: float = 0.0
    participants: int = 0
    figures: dict[str, Any] = field(default_factory=dict)
    offices_pid: int = 0
    ui_pid: int = 0
    _begun_s: float = 0.0
    _before: dict[str, float] = field(default_factory=dict)
    _cpu: dict[str, dict[int, float]] = field(default_factory=dict)

    def begin_measuring(self, people: list[Participant], observed: dict[str, Any]) -> None:
        """Remember where everything stands now."""
        self.participants = len(people)
        self._begun_s = time.monotonic()
        self._before = self._totals(observed)
        self._cpu = {name: cpu_seconds(pids) for name, pids in self._processes(observed).items()}

    def _processes(self, observed: dict[str, Any]) -> dict[str, list[int]]:
        machine = observed.get("machine") or {}
        workers = machine.get("workers") or {}
        return {
            "engine": [machine.get("engine_pid", 0)],
            "room": [worker["pid"] for name, worker in workers.items() if name.startswith("room")],
            "sources": [worker["pid"] for name, worker in workers.items() if not name.startswith("room")],
            "window": [self.ui_pid],
            "offices": [self.offices_pid],
        }

    @staticmethod
    def _totals(observed: dict[str, Any]) -> dict[str, float]:
        links = [value for key, value in observed.items() if key.startswith("link.")]
        program, mixer = observed.get("program"), observed.get("mixer")
        return {
            "frames": sum(_get(link, "frames") for link in links),
            "late": sum(_get(link, "late_frames") for link in links),
            "program_frames": _get(program, "frames"),
            "program_late": _get(program, "late_frames"),
            "mixer_ticks": _get(mixer, "ticks"),
            "mixer_late": _get(mixer, "late_ticks"),
        }

    def end_measuring(self, observed: dict[str, Any], state: SessionState) -> None:
        """Take the figures from `begin_measuring` until now."""
        seconds = max(0.001, time.monotonic() - self._begun_s)
        now = self._totals(observed)
        gained = {name: now[name] - self._before.get(name, 0.0) for name in now}
        streams = [value for key, value in observed.items() if key.startswith("stream.")]
        stream = streams[0] if streams else {}

        self.figures = {
            "participants": self.participants,
            "measured_s": round(seconds, 1),
            "all_moving_after_s": round(self.all_moving_s, 1),
            "frames_received": int(gained["frames"]),
            "frames_late": int(gained["late"]),
            "program_fps": round(gained["program_frames"] / seconds, 2),
            "program_late_frames": int(gained["program_late"]),
            "mixer_late_ticks": int(gained["mixer_late"]),
            "recording_s": _get(observed.get("recorder"), "seconds"),
            "recording_bytes": int(_get(observed.get("recorder"), "bytes")),
            "streamed_s": _get(stream, "live_s"),
            "streamed_kbps": int(_get(stream, "kbps")),
            "cpu_ms_per_s": self._cpu_ms_per_s(observed, seconds),
        }

    def _cpu_ms_per_s(self, observed: dict[str, Any], seconds: float) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, pids in self._processes(observed).items():
            before = self._cpu.get(name, {})
            spent = sum(now - before.get(pid, 0.0) for pid, now in cpu_seconds(pids).items())
            found[name] = round(spent * 1000 / seconds, 1)
        return found

    def text(self, recording: str, received: list[Path]) -> str:
        """The summary as it is printed."""
        figures = self.figures
        frames, late = figures.get("frames_received", 0), figures.get("frames_late", 0)
        cpu = ", ".join(f"{name} {value}" for name, value in figures.get("cpu_ms_per_s", {}).items())
        moving_s = figures.get("all_moving_after_s")
        rows = [
            ("participants", f"{figures.get('participants')} by real WebRTC, all moving after {moving_s} s"),
            ("measured", f"{figures.get('measured_s')} s"),
            ("frames received", f"{frames}, late {late} ({100 * late / max(1, frames):.2f} %)"),
            ("program", f"{figures.get('program_fps')} fps, late {figures.get('program_late_frames')}"),
            ("mixer late ticks", f"{figures.get('mixer_late_ticks')}"),
            ("recording", f"{figures.get('recording_s')} s, {figures.get('recording_bytes')} bytes"),
            ("", recording),
            ("streamed", f"{figures.get('streamed_s')} s to {self.destination}"),
            *(("", str(path)) for path in received),
            ("CPU, ms per s", cpu),
            ("window pictures", ", ".join(path.name for path in self.screenshots)),
        ]
        return "\n".join(["Demo session", *(f"  {name:<18} {value}" for name, value in rows)])

    def write(self, path: Path) -> None:
        """Write the figures as JSON."""
        figures = {**self.figures, "destination": self.destination}
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
