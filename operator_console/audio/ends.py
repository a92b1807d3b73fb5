"""The four ends of the hall's sound (microphones, loudspeakers, headphones, talkback) and how each is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from media.audio.devices import Device, DeviceError, Kind, choose
from media.audio.meter import SILENT_AFTER_S
from media.audio.microphone import BusMicrophone
from media.audio.playout import BusPlayout
from media.audio.routes import Route
from media.audio.streams import BLOCK_MS, SoundStream
from operator_console.session.model import NO_DEVICE, HallSound

DEAD_S = 1.0
"""Without a callback for this long a stream is dead, whatever PortAudio says (note audio, section 7.3)."""
START_S = 4.0
"""A young stream may pause for longer: PulseAudio fills its buffer first, then waits (measured: 1.3 s)."""

EndName = Literal["input", "output", "monitor", "operator"]
KINDS: dict[EndName, Kind] = {
    "input": "input",
    "output": "output",
    "monitor": "output",
    "operator": "input",
}


STORM_S, STORM_PER_S = 2.0, 3 * 1000 / BLOCK_MS
"""Three times as many callbacks as a device needs: it plays nothing, each only mends the underrun before
(seen with PulseAudio on a busy machine, for as long as one cared to wait)."""


class Liveness:
    """Whether a stream calls back as a device does: by its counter, as nothing else tells."""

    def __init__(self, now_s: float) -> None:
        self._callbacks, self._patient_until_s = 0, now_s + START_S
        self._counted, self._counted_s = 0, now_s
        self._windows = 0

    def dead(self, callbacks: int, now_s: float) -> bool:
        """Take the counter; whether it has stood still, or run away, for too long."""
        return self._storm(callbacks, now_s) or self._stands(callbacks, now_s)

    def _storm(self, callbacks: int, now_s: float) -> bool:
        span_s = now_s - self._counted_s
        if span_s < STORM_S:
            return False
        rate, self._counted, self._counted_s = (callbacks - self._counted) / span_s, callbacks, now_s
        self._windows += 1
        return self._windows > 1 and rate > STORM_PER_S  # a start may be stormy

    def _stands(self, callbacks: int, now_s: float) -> bool:
        if callbacks != self._callbacks:
            self._callbacks = callbacks
            self._patient_until_s = max(self._patient_until_s, now_s + DEAD_S)
        return now_s > self._patient_until_s


@dataclass
class End:
    """One end: what is wanted, what is open, and what is wrong."""

    name: EndName
    wanted: str = NO_DEVICE
    device: Device | None = None
    stream: SoundStream | None = None
    liveness: Liveness | None = None
    part: BusPlayout | BusMicrophone | None = None
    route: Route | None = None
    code: str = ""
    details: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """Which direction."""
        return KINDS[self.name]

    @property
    def off(self) -> bool:
        """Whether no device is wanted here."""
        return self.wanted == NO_DEVICE

    @property
    def failed(self) -> bool:
        """Whether a device is wanted and none is open."""
        return not self.off and self.stream is None

    def choose(self, devices: list[Device]) -> Device | None:
        """The wanted device, None where none is wanted or it is not there (then `code` says why)."""
        self.clear()
        if self.off:
            return None
        try:
            return choose(devices, self.wanted, self.kind)
        except DeviceError as error:
            self.fail(error)
            return None

    def clear(self) -> None:
        """Nothing is open and nothing wrong."""
        self.device = self.stream = self.liveness = self.part = self.route = None
        self.code, self.details = "", {}

    def fail(self, error: DeviceError) -> None:
        """Nothing is open, for this reason."""
        self.clear()
        self.code, self.details = error.code, error.details

    def opened(self, device: Device, stream: SoundStream) -> None:
        """A stream runs."""
        self.clear()
        self.device, self.stream, self.liveness = device, stream, Liveness(time.monotonic())

    def dead(self, now_s: float) -> bool:
        """Whether its stream has stopped to call back."""
        if self.stream is None or self.liveness is None:
            return False
        return self.liveness.dead(self.stream.callbacks, now_s)

    @property
    def state(self) -> str:
        """off | running | failed | silent | rerouted."""
        if self.off:
            return "off"
        if self.stream is None:
            return "failed"
        if self.route is not None and self.route.rerouted:
            return "rerouted"
        silent = (
            isinstance(self.part, BusMicrophone) and self.part.meter.silent_samples > SILENT_AFTER_S * 48_000
        )
        return "silent" if silent else "running"

    def report_trouble(self) -> tuple[str, dict[str, str]]:
        """(code, args) of what is wrong here; an empty code where nothing is."""
        state = self.state
        if state == "rerouted" and self.route is not None:
            return "rerouted", {"name": self.route.home, "to": self.route.now}
        if state == "silent":
            return "silent", {"name": self.device.name if self.device else ""}
        return self.code, self.details

    def report(self) -> dict[str, Any]:
        """As the observation `hall_sound` has it."""
        code, details = self.report_trouble()
        told: dict[str, Any] = {"wanted": self.wanted, "state": self.state, "code": code, "args": details}
        if self.stream is not None and self.device is not None:
            channels = self.stream.in_channels if self.kind == "input" else self.stream.out_channels
            told |= {"name": self.device.name, "rate_hz": self.stream.rate_hz, "channels": channels}
            told["level_db"] = self.part.meter.look() if self.part is not None else -120.0
        return told


def wishes(hall: HallSound) -> dict[EndName, str]:
    """The wanted device of each end. Pure."""
    if not hall.on:
        return dict.fromkeys(KINDS, NO_DEVICE)
    return {
        "input": hall.input,
        "output": hall.output,
        "monitor": hall.monitor,
        "operator": hall.operator_input,
    }
