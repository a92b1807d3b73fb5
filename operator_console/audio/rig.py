"""Holds the hall's sound devices open as wanted: opens, watches, closes, and opens again what failed.

All that may hang (PortAudio, a sound server's client library) happens on the rig's own thread or on one that
is given up: the process asks `stuck` and ends itself, another one begins anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from media.audio import devices as sound_devices
from media.audio.devices import Device, DeviceError, one_clock
from media.audio.microphone import BusMicrophone, NoReference, reference_of
from media.audio.playout import BusPlayout
from media.audio.routes import Route, Routes, ask_server
from media.audio.soundloop import SoundLoop
from media.audio.streams import SoundStream, open_stream
from operator_console import protocol as p
from operator_console.audio.ends import KINDS, End, EndName, wishes
from operator_console.audio.listing import DeviceList
from operator_console.session.model import HallSound

_log = logging.getLogger(__name__)

TICK_S = 0.1
RETRY_S = 1.5
LOOK_S = 2.0
"""How often routes are asked for, and devices while one is missing."""
CLOSE_S = 0.7
"""A stream whose server died never closes."""
BUSY_S = 10.0
"""One turn of the rig's thread that takes longer hangs in a driver."""
RING_PROGRAM, RING_HALL = 0, 2
"""Of the engine's mixes (`protocol.ENGINE_AUDIO`); importing the mixer for them would load the codecs."""
RING_MIC, RING_OPERATOR = 0, 1
HALL_ENDS: tuple[EndName, ...] = ("input", "output")


class Rig:
    """The hall's streams. Everything but `want`, `look_again`, `stop` and the properties is its thread's."""

    def __init__(self, bus: Path, changed: Callable[[], None]) -> None:
        """`changed` is called on the rig's thread when an end opened or failed."""
        self._changed = changed
        self.loop = SoundLoop(bus, p.ENGINE_AUDIO, p.HALL_AUDIO)
        self.ends: dict[EndName, End] = {name: End(name) for name in KINDS}
        self.list = DeviceList()
        self._hall = HallSound()
        self._treated: HallSound | None = None
        self._known: list[Device] = []
        self._looked_s = self._tried_s = float("-inf")
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._turn_began_s: float | None = None
        self._lost_thread = False
        self.hung = False
        self.restarts = 0
        self._last_index = {RING_MIC: -1, RING_OPERATOR: -1}
        self._thread = threading.Thread(target=self._run, name="rig", daemon=True)

    # ---- from other threads

    def start(self) -> None:
        """Begin."""
        self.loop.start()
        self._thread.start()

    def want(self, hall: HallSound) -> None:
        """What is wanted from now on."""
        self._hall = hall
        self._wake.set()

    def look_again(self) -> None:
        """Look for devices now."""
        self.list.expire()
        self._wake.set()

    @property
    def stuck(self) -> bool:
        """Whether only the end of this process helps."""
        began = self._turn_began_s
        return self.hung or (began is not None and time.monotonic() - began > BUSY_S)

    @property
    def microphone(self) -> BusMicrophone | None:
        """The hall's microphone, while it is open."""
        part = self.ends["input"].part
        return part if isinstance(part, BusMicrophone) else None

    def playout(self, name: EndName) -> BusPlayout | None:
        """What plays at an end, while it is open."""
        part = self.ends[name].part
        return part if isinstance(part, BusPlayout) else None

    @property
    def settled(self) -> bool:
        """Whether what is wanted has been tried."""
        wanted = wishes(self._hall)
        return all(end.wanted == wanted[name] for name, end in self.ends.items())

    @property
    def duplex(self) -> bool:
        """Whether the hall's microphones and loudspeakers are one stream."""
        stream = self.ends["input"].stream
        return stream is not None and stream is self.ends["output"].stream

    def stop(self) -> None:
        """Let everything go; a few seconds at most. Not for an event loop."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_S + 1.0)
        self.loop.stop()

    # ---- the thread

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(TICK_S)
            self._wake.clear()
            self._turn_began_s = time.monotonic()
            try:
                self._turn()
            except Exception:  # noqa: BLE001 (top of this thread: said, and tried again)
                _log.exception("The sound devices cannot be kept")
                self._close(KINDS)
                time.sleep(RETRY_S)
            finally:
                self._turn_began_s = None
        self._close(KINDS)

    def _turn(self) -> None:
        wanted = wishes(self._hall)
        changed: set[EndName] = {name for name, end in self.ends.items() if end.wanted != wanted[name]}
        if changed & set(HALL_ENDS):
            changed |= set(HALL_ENDS)
        if changed:
            self._close(changed)
            for name in changed:
                self.ends[name].wanted = wanted[name]
            self._open(changed)
        now_s = time.monotonic()
        self._bury_dead(now_s)
        if not self._running() and self._wanted() and now_s - self._tried_s > RETRY_S:
            self._rebuild("nothing runs")
        if now_s - self._looked_s > LOOK_S:
            self._looked_s = now_s
            self._look()
        self._treat()

    def _wanted(self) -> bool:
        return any(not end.off for end in self.ends.values())

    def _running(self) -> bool:
        return any(end.stream is not None for end in self.ends.values())

    # ---- closing

    def _close(self, names: Iterable[EndName]) -> bool:
        """Close ends; False where PortAudio did not come back from it."""
        ends = [self.ends[name] for name in names]
        streams = {id(end.stream): end.stream for end in ends if end.stream is not None}
        for end in ends:
            self._forget_part(end.name)
            end.clear()
        self._connect()
        if not streams:
            return True
        closing = threading.Thread(
            target=_close_all, args=(list(streams.values()),), name="sound-close", daemon=True
        )
        closing.start()
        closing.join(CLOSE_S)
        if closing.is_alive():
            self._lost_thread = True
        return not closing.is_alive()

    def _forget_part(self, name: EndName) -> None:
        part = self.ends[name].part
        if isinstance(part, BusMicrophone):
            self._last_index[self._ring(name)] = part.index
            self.ends[name].part = None

    def _bury_dead(self, now_s: float) -> None:
        dead: set[EndName] = {name for name, end in self.ends.items() if end.dead(now_s)}
        if not dead:
            return
        _log.warning("no callback for a second: %s", ", ".join(sorted(dead)))
        if self.duplex and dead & set(HALL_ENDS):
            dead |= set(HALL_ENDS)
        names = {name: self.ends[name].device for name in dead}
        came_back = self._close(dead)
        for name, device in names.items():
            if not self.ends[name].off:
                self.ends[name].fail(DeviceError("dead", name=device.name if device else ""))
        self.restarts += 1
        self._changed()
        if not came_back and dead & set(HALL_ENDS):
            self.hung = True
        elif not self._running():
            self._rebuild("all devices died")

    def _rebuild(self, why: str) -> None:
        """Close everything, let PortAudio look for devices anew, open everything."""
        _log.info("sound devices are opened anew: %s", why)
        self._tried_s = time.monotonic()
        if not self._close(KINDS) or self._lost_thread:
            self.hung = True
            return
        try:
            sound_devices.look_again()
        except DeviceError as error:
            self._known = []
            for end in self.ends.values():
                if not end.off:
                    end.fail(error)
            self._changed()
            return
        self._known = []
        self._open(KINDS)

    # ---- opening

    def _open(self, names: Iterable[EndName]) -> None:
        self._tried_s = time.monotonic()
        try:
            if not self._known:
                self._known = sound_devices.list_devices()
                self.list.take(self._known)
        except DeviceError as error:
            for name in names:
                if not self.ends[name].off:
                    self.ends[name].fail(error)
            self._changed()
            return
        if "input" in names:
            self._open_hall()
        for name in ("monitor", "operator"):
            if name in names:
                self._open_one(self.ends[name])
        self._connect()
        self._changed()

    def _open_hall(self) -> None:
        inp, out = self.ends["input"], self.ends["output"]
        mic, speaker = inp.choose(self._known), out.choose(self._known)
        if mic is not None and speaker is not None and one_clock(mic, speaker):
            try:
                stream = open_stream(mic, speaker)
            except DeviceError as error:
                _log.info("not as one stream: %s %s", error.code, error.details)
            else:
                inp.opened(mic, stream)
                out.opened(speaker, stream)
                self._find_routes(inp, out)
                return
        self._open_one(out)
        self._open_one(inp)

    def _open_one(self, end: End) -> None:
        device = end.choose(self._known)
        if device is None:
            return
        try:
            stream = open_stream(*((device, None) if end.kind == "input" else (None, device)))
        except DeviceError as error:
            _log.warning("%s cannot be opened: %s %s", end.name, error.code, error.details)
            end.fail(error)
            return
        end.opened(device, stream)
        self._find_routes(end)

    def _find_routes(self, *ends: End) -> None:
        routes = ask_server()
        if routes is None:
            return
        known = [end.route for end in self.ends.values() if end.route is not None]
        for end in ends:
            taken = frozenset(route.number for route in known if route.kind == end.kind)
            found = routes.newest(end.kind, taken)
            if found is not None:
                end.route = Route(end.kind, *found)

    def _connect(self) -> None:
        """Give the sound's thread what it has to step."""
        playouts, microphones = [], []
        for end in self.ends.values():
            if end.stream is None:
                continue
            if end.part is None:
                end.part = self._part(end, end.stream)
            if isinstance(end.part, BusPlayout):
                playouts.append(end.part)
            else:
                microphones.append(end.part)
        self.loop.set_parts(tuple(playouts), tuple(microphones))

    def _part(self, end: End, stream: SoundStream) -> BusPlayout | BusMicrophone:
        if end.kind == "output":
            return BusPlayout(self.loop.reader, RING_HALL if end.name == "output" else RING_PROGRAM, stream)
        ring = self._ring(end.name)
        reference = reference_of(stream, self.ends["output"].stream) if ring == RING_MIC else NoReference()
        microphone = BusMicrophone(stream, reference, self.loop.writer, ring, self._last_index[ring])
        if ring == RING_MIC:
            microphone.silenced = True  # until the canceller is there: no echo may get out
            self._treated = None
        return microphone

    @staticmethod
    def _ring(name: EndName) -> int:
        return RING_MIC if name == "input" else RING_OPERATOR

    def _treat(self) -> None:
        """Put the wanted canceller to work; loading it takes a moment, so the streams run already."""
        microphone, hall = self.microphone, self._hall
        if microphone is None or (self._treated is not None and _same_treatment(self._treated, hall)):
            return
        from media.audio.treatment import make_treatment

        microphone.treatment = make_treatment(
            hall.echo_mode.value, noise_suppression=hall.noise_suppression, gain_control=hall.gain_control
        )
        self._treated = hall
        route = self.ends["input"].route
        microphone.silenced = route is not None and route.no_microphone

    # ---- looking

    def _look(self) -> None:
        if any(end.route is not None for end in self.ends.values()):
            routes = ask_server()
            if routes is not None:
                self._follow_routes(routes)
        missing = [end for end in self.ends.values() if end.failed]
        if (missing and self._running()) or self.list.expired:
            self.list.refresh([end.device for end in self.ends.values() if end.device is not None])
            self._return_missing(missing)

    def _follow_routes(self, routes: Routes) -> None:
        self.list.note_hardware(routes.devices)
        for end in self.ends.values():
            if end.route is None:
                continue
            before = end.route.now
            end.route.look(routes)
            if end.route.now != before and (before or end.route.rerouted):
                level = logging.WARNING if end.route.rerouted else logging.INFO
                _log.log(level, "%s of %s stands on %s", end.name, end.route.home, end.route.now)
                self._changed()
        microphone, route = self.microphone, self.ends["input"].route
        if microphone is not None and self._treated is not None:
            microphone.silenced = route is not None and route.no_microphone
        if any(end.route is not None and end.route.home_is_back(routes) for end in self.ends.values()):
            self._rebuild("a device is back")

    def _return_missing(self, missing: list[End]) -> None:
        """Open what can be had again while the others run."""
        for end in missing:
            try:
                found = sound_devices.choose(self.list.devices, end.wanted, end.kind)
            except DeviceError as error:
                end.fail(error)
                continue
            if found.name not in {device.name for device in self._known}:
                self._rebuild(f"{end.name} is there")
                return
            self._open_one(end)
            if end.name == "output":
                self._forget_part("input")  # it has another reference now
            self._connect()
            self._changed()


def _same_treatment(one: HallSound, other: HallSound) -> bool:
    return (one.echo_mode, one.noise_suppression, one.gain_control) == (
        other.echo_mode,
        other.noise_suppression,
        other.gain_control,
    )


def _close_all(streams: list[SoundStream]) -> None:
    for stream in streams:
        stream.close()
