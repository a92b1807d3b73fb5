"""Holds the hall's sound devices open as wanted: opens, watches, closes, and opens again what failed.

All that may hang (PortAudio, a sound server's client library) happens on the rig's own thread or on one that
is given up: the process asks `stuck` and ends itself, another one begins anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from media.audio import devices as sound_devices
from media.audio.devices import Device, DeviceError, one_clock
from media.audio.microphone import BusMicrophone, NoReference, reference_of
from media.audio.playout import BusPlayout
from media.audio.routes import ask_server
from media.audio.soundloop import SoundLoop
from media.audio.streams import SoundStream, open_stream
from operator_console import protocol as p
from operator_console.audio.ends import KINDS, End, EndName, Seen, duplex, wishes
from operator_console.audio.listing import DeviceList
from operator_console.audio.routing import RouteWatch
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
BROKEN_S = 3.0
"""A part that fails is made anew no sooner after its stream was opened."""
HALL_ENDS: tuple[EndName, ...] = ("input", "output")


class Rig:
    """The hall's streams. Everything but `want`, `look_again`, `stop` and the properties is its thread's."""

    def __init__(self, bus: Path, changed: Callable[[], None]) -> None:
        """`changed` is called on the rig's thread when an end opened or failed."""
        self._changed = changed
        self.loop = SoundLoop(bus, p.ENGINE_AUDIO, p.HALL_AUDIO)
        self.ends: dict[EndName, End] = {name: End(name) for name in KINDS}
        self.list = DeviceList()
        self.off_program = threading.Event()
        """While it is set nobody but a test hears the hall's microphone, even a new one."""
        self._routes = RouteWatch(self.ends)
        self._hall = HallSound()
        self._treated: HallSound | None = None
        self._known: list[Device] = []
        self._looked_s = self._tried_s = self._treat_tried_s = float("-inf")
        self._why = ""
        self._said: dict[str, str] = {}
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._turn_began_s: float | None = None
        self._lost_thread = False
        self.hung = False
        self.restarts = 0
        self._last_index = {p.AUDIO_MIC: -1, p.AUDIO_OPERATOR: -1}
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
        part = self.ends["input"].now.part
        return part if isinstance(part, BusMicrophone) else None

    def playout(self, name: EndName) -> BusPlayout | None:
        """What plays at an end, while it is open."""
        part = self.ends[name].now.part
        return part if isinstance(part, BusPlayout) else None

    @property
    def settled(self) -> bool:
        """Whether what is wanted has been tried."""
        wanted = wishes(self._hall)
        return all(end.now.wanted == wanted[name] for name, end in self.ends.items())

    def seen(self) -> dict[EndName, Seen]:
        """How each end is now."""
        return {name: end.now for name, end in self.ends.items()}

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
                self.turn()
            except Exception:  # noqa: BLE001 (top of this thread: said, and tried again)
                _log.exception("The sound devices cannot be kept")
                self._close(KINDS)
                time.sleep(RETRY_S)
            finally:
                self._turn_began_s = None
        self._close(KINDS)

    def turn(self) -> None:
        """One turn of the thread: what is wanted is opened, what failed is seen to."""
        wanted = wishes(self._hall)
        changed: set[EndName] = {name for name, end in self.ends.items() if end.now.wanted != wanted[name]}
        if changed & set(HALL_ENDS):
            changed |= set(HALL_ENDS)
        if changed:
            self._close(changed)
            for name in changed:
                self.ends[name].want(wanted[name])
            self._open(changed)
        now_s = time.monotonic()
        self._bury_dead(now_s)
        if not self._running() and self._wanted() and now_s - self._tried_s > RETRY_S:
            self._rebuild("nothing runs")
        if self._running():
            self._why = ""
        if now_s - self._looked_s > LOOK_S:
            self._looked_s = now_s
            self._kept("looking at the sound system", partial(self._look, now_s))
        self._kept("treating the microphone", partial(self._treat, now_s))

    def _kept(self, what: str, work: Callable[[], None]) -> None:
        """Do what must not close running streams where it fails; the same failure is said once."""
        try:
            work()
        except Exception as error:  # noqa: BLE001 (top of an errand of this thread: said, and tried again)
            self._say(what, repr(error), "%s failed: %r", what, error)
        else:
            self._said.pop(what, None)

    def _say(self, about: str, trouble: str, text: str, *args: object) -> None:
        """Log a trouble, once until it is another one."""
        if self._said.get(about) != trouble:
            _log.warning(text, *args)
        self._said[about] = trouble

    def _still_alive(self) -> None:
        """What was waited for has an end of its own: it is no hanging driver."""
        if self._turn_began_s is not None:
            self._turn_began_s = time.monotonic()

    def _wanted(self) -> bool:
        return any(not end.now.off for end in self.ends.values())

    def _running(self) -> bool:
        return any(end.now.stream is not None for end in self.ends.values())

    # ---- closing

    def _close(self, names: Iterable[EndName]) -> bool:
        """Close ends; False where PortAudio did not come back from it."""
        ends = [self.ends[name] for name in names]
        streams = {id(end.now.stream): end.now.stream for end in ends if end.now.stream is not None}
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
        part = self.ends[name].now.part
        if isinstance(part, BusMicrophone):
            self._last_index[self._ring(name)] = part.index
            self.ends[name].connect(None)

    def _bury_dead(self, now_s: float) -> None:
        broken = self._broken(now_s)
        dead: set[EndName] = {name for name, end in self.ends.items() if end.dead(now_s)} | broken
        if not dead:
            return
        _log.warning("%s: %s", "broken" if broken else "no callback for a second", ", ".join(sorted(dead)))
        if duplex(self.seen()) and dead & set(HALL_ENDS):
            dead |= set(HALL_ENDS)
        names = {name: self.ends[name].now.device for name in dead}
        came_back = self._close(dead)
        for name, device in names.items():
            if not self.ends[name].now.off:
                self.ends[name].fail(DeviceError("dead", name=device.name if device else ""))
        self.restarts += 1
        self.list.expire()
        self._changed()
        if not came_back and dead & set(HALL_ENDS):
            self.hung = True
        elif not self._running():
            self._rebuild("all devices died")

    def _broken(self, now_s: float) -> set[EndName]:
        """Ends whose part the sound's thread has set aside."""
        broken = self.loop.broken
        return {
            name
            for name, end in self.ends.items()
            if end.now.part in broken and now_s - end.now.opened_s > BROKEN_S
        }

    def _rebuild(self, why: str) -> None:
        """Close everything, let PortAudio look for devices anew, open everything."""
        _log.log(logging.DEBUG if why == self._why else logging.INFO, "sound devices opened anew: %s", why)
        self._why = why
        self._tried_s = time.monotonic()
        if not self._close(KINDS) or self._lost_thread:
            self.hung = True
            return
        try:
            sound_devices.look_again()
        except DeviceError as error:
            self._known = []
            for end in self.ends.values():
                if not end.now.off:
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
                if not self.ends[name].now.off:
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
                for end in (inp, out):
                    self._said.pop(end.name, None)
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
            words = ("%s cannot be opened: %s %s", end.name, error.code, error.details)
            self._say(end.name, error.code, *words)
            end.fail(error)
            return
        self._said.pop(end.name, None)
        end.opened(device, stream)
        self._find_routes(end)

    def _find_routes(self, *ends: End) -> None:
        self._routes.find(*ends)
        self._still_alive()

    def _connect(self) -> None:
        """Give the sound's thread what it has to step."""
        playouts, microphones = [], []
        for end in self.ends.values():
            stream, part = end.now.stream, end.now.part
            if stream is None:
                continue
            if part is None:
                part = self._part(end, stream)
                end.connect(part)
            if isinstance(part, BusPlayout):
                playouts.append(part)
            else:
                microphones.append(part)
        self.loop.set_parts(tuple(playouts), tuple(microphones))

    def _part(self, end: End, stream: SoundStream) -> BusPlayout | BusMicrophone:
        if end.kind == "output":
            return BusPlayout(
                self.loop.reader, p.AUDIO_HALL if end.name == "output" else p.AUDIO_PROGRAM, stream
            )
        ring = self._ring(end.name)
        reference = (
            reference_of(stream, self.ends["output"].now.stream) if ring == p.AUDIO_MIC else NoReference()
        )
        off_program = self.off_program if ring == p.AUDIO_MIC else None
        last_index = self._last_index[ring]
        microphone = BusMicrophone(stream, reference, self.loop.writer, ring, last_index, off_program)
        if ring == p.AUDIO_MIC:
            microphone.silenced = True  # until the canceller is there: no echo may get out
            self._treated = None
        return microphone

    @staticmethod
    def _ring(name: EndName) -> int:
        return p.AUDIO_MIC if name == "input" else p.AUDIO_OPERATOR

    def _treat(self, now_s: float) -> None:
        """Put the wanted canceller to work; loading it takes a moment, so the streams run already."""
        microphone, hall = self.microphone, self._hall
        if microphone is None or (self._treated is not None and _same_treatment(self._treated, hall)):
            return
        if now_s - self._treat_tried_s < RETRY_S:
            return
        self._treat_tried_s = now_s
        from media.audio.treatment import make_treatment

        microphone.treatment = make_treatment(
            hall.echo_mode.value, noise_suppression=hall.noise_suppression, gain_control=hall.gain_control
        )
        self._treated = hall
        self._treat_tried_s = float("-inf")
        self._silence()

    def _silence(self) -> None:
        """Let no input be heard that the server has put on what a loudspeaker plays."""
        for name, end in self.ends.items():
            part, route = end.now.part, end.now.route
            if isinstance(part, BusMicrophone) and (name != "input" or self._treated is not None):
                part.silenced = route is not None and route.no_microphone

    # ---- looking

    def _look(self, now_s: float) -> None:
        missing = [end for end in self.ends.values() if end.now.failed]
        if missing or self._routes.due(now_s):
            routes = ask_server()
            self._still_alive()
            self.list.note_hardware(None if routes is None else routes.devices)
            if routes is not None and self._routes.follow(routes, now_s):
                self._changed()
            self._silence()
            if routes is not None and self._routes.lead_back(routes, now_s):
                self._rebuild("a device is back")
                return
        running = self._running()
        if self.list.expired or (missing and running and self.list.due(now_s)):
            self.list.refresh([end.now.device for end in self.ends.values() if end.now.device], now_s)
            self._still_alive()
        if running:
            self._return_missing(missing)

    def _return_missing(self, missing: list[End]) -> None:
        """Open what can be had again while the others run."""
        for end in missing:
            try:
                found = sound_devices.choose(self.list.devices, end.now.wanted, end.kind)
            except DeviceError as error:
                end.fail(error)
                continue
            if (found.name, end.kind) not in {(one.name, kind) for one in self._known for kind in one.kinds}:
                self._rebuild(f"{end.name} is there")
                return
            self._open_one(end)
            if end.name == "output" and not end.now.failed:
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
