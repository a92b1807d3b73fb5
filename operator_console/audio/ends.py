"""The four ends of the hall's sound (microphones, loudspeakers, headphones, talkback) and how each is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from media.audio.devices import Device, DeviceError, Kind, choose
from media.audio.meter import SILENT_AFTER_S
from media.audio.microphone import BusMicrophone
from media.audio.playout import BusPlayout
from media.audio.routes import Route
from media.audio.streams import BLOCK_MS, SoundStream
from operator_console.session.model import NO_DEVICE, HallSound

DEAD_S = 1.0
"""Without a callback for this long a stream is dead, whatever PortAudio says."""
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


@dataclass(frozen=True, slots=True)
class Seen:
    """How an end is at one moment; never changed, so that every thread may read it."""

    kind: Kind
    wanted: str = NO_DEVICE
    device: Device | None = None
    stream: SoundStream | None = None
    opened_s: float = 0.0
    part: BusPlayout | BusMicrophone | None = None
    route: Route | None = None
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def off(self) -> bool:
        """Whether no device is wanted here."""
        return self.wanted == NO_DEVICE

    @property
    def failed(self) -> bool:
        """Whether a device is wanted and none is open."""
        return not self.off and self.stream is None

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
        return self.code, dict(self.details)

    def report(self) -> dict[str, Any]:
        """As the observation `hall_sound` has it."""
        code, details = self.report_trouble()
        told: dict[str, Any] = {"wanted": self.wanted, "state": self.state, "code": code, "args": details}
        if self.stream is not None and self.device is not None:
            channels = self.stream.in_channels if self.kind == "input" else self.stream.out_channels
            told |= {"name": self.device.name, "rate_hz": self.stream.rate_hz, "channels": channels}
            told["level_db"] = self.part.meter.look() if self.part is not None else -120.0
        return told


class End:
    """One end: what is wanted, what is open, and what is wrong.

    Only the rig's thread changes it, by a whole new `now` each time: another thread takes `now` once and
    reads what belongs together.
    """

    def __init__(self, name: EndName) -> None:
        self.name: EndName = name
        self.kind: Kind = KINDS[name]
        self.now = Seen(self.kind)
        self._liveness = Liveness(0.0)

    def want(self, device: str) -> None:
        """Another device is wanted; nothing is open."""
        self.now = Seen(self.kind, device)

    def choose(self, devices: list[Device]) -> Device | None:
        """The wanted device, None where none is wanted or it is not there (then `code` says why)."""
        self.clear()
        if self.now.off:
            return None
        try:
            return choose(devices, self.now.wanted, self.kind)
        except DeviceError as error:
            self.fail(error)
            return None

    def clear(self) -> None:
        """Nothing is open and nothing wrong."""
        self.want(self.now.wanted)

    def fail(self, error: DeviceError) -> None:
        """Nothing is open, for this reason."""
        self.now = Seen(self.kind, self.now.wanted, code=error.code, details=error.details)

    def opened(self, device: Device, stream: SoundStream) -> None:
        """A stream runs."""
        now_s = time.monotonic()
        self._liveness = Liveness(now_s)
        self.now = Seen(self.kind, self.now.wanted, device, stream, now_s)

    def connect(self, part: BusPlayout | BusMicrophone | None) -> None:
        """What brings its sound to the bus or from it."""
        self.now = replace(self.now, part=part)

    def follow(self, route: Route | None) -> None:
        """Where the sound server has led its stream."""
        self.now = replace(self.now, route=route)

    def dead(self, now_s: float) -> bool:
        """Whether its stream has stopped to call back."""
        stream = self.now.stream
        return stream is not None and self._liveness.dead(stream.callbacks, now_s)


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


def duplex(ends: Mapping[EndName, Seen]) -> bool:
    """Whether the hall's microphones and loudspeakers are one stream. Pure."""
    stream = ends["input"].stream
    return stream is not None and stream is ends["output"].stream
