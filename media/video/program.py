"""The program thread: on every tick reads the sources from the bus, composes, encodes AIR and RETURN, feeds
the monitors.
"""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import cv2
import numpy as np

from media.bus import layout as bus
from media.bus.reader import VideoReader
from media.bus.writer import PacketWriter, VideoWriter
from media.clock import now_us
from media.packet import EncodedPacket
from media.reason import ProgramCode, Reason
from media.video.age import MOVE_MAX_US, PictureAge
from media.video.compositor import CUT, Compositor, Rendition, Scene, Transition
from media.video.encoder import VideoEncoder, VideoProfile
from media.video.glance import Glance, PictureGlance
from media.video.i420 import Planes, SourceFrame

_log = logging.getLogger(__name__)

REFRESH_US = 500_000
PREVIEW_FPS = 10
GLANCE_US = 500_000
"""So often the program is looked at: black or frozen for seconds is an alarm."""
PREVIEW_SIZE_PX = (640, 360)
PROGRAM_SLOT, PREVIEW_SLOT = 0, 1
MONITOR_BYTES = 1920 * 1080 * 4
AFTER_ERROR_S = 0.25
TILE_NUMBERS = 1 << 60
"""Added to the numbers of tiles, so that none is taken for an own-size picture."""
_NO_ROOM = (errno.ENOSPC, errno.ENOMEM)
MAX_PAUSE_S = 5.0
"""Between two beginnings of a program that fails: the wait doubles up to this."""
PUNCTUAL_US = 5_000
"""A tick that is later than this shows a picture that is so much newer, and is stamped so much later."""
MAX_BEHIND_TICKS = 1
"""Further behind than this ticks are left out: made up for, they would show a picture that is newer than
their time stamp by as much as they are late, ahead of its sound."""


@dataclass(frozen=True, slots=True)
class ProgramNames:
    """Names of the bus segments that the program writes."""

    monitors: str = "video-engine"
    air: str = "packets-air"
    return_h264: str = "packets-return-h264"
    return_vp8: str = "packets-return-vp8"


@dataclass(frozen=True, slots=True)
class ProgramPlan:
    """What is to be shown: scenes, where their sources stand on the bus, and the sizes of the monitors (0 =
    nobody looks).
    """

    on_air: Scene = field(default_factory=Scene)
    preview: Scene = field(default_factory=Scene)
    transition: Transition = CUT
    places: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    tiles: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Where their BGRA tiles stand: shown until the own-size picture of a source has come."""
    moving: frozenset[str] = frozenset()
    """Sources whose picture should move; a slide or a camera that is off may stand."""
    program_monitor_px: tuple[int, int] = (0, 0)
    preview_monitor_px: tuple[int, int] = (0, 0)
    air_wanted: bool = False
    vp8_wanted: bool = False


@dataclass(slots=True)
class ProgramFigures:
    """Counters of the program since its start; read from any thread."""

    frames: int = 0
    late_frames: int = 0
    """Pictures left out because the machine had no time for them."""
    encode_us: int = 0
    air_bytes: int = 0
    return_bytes: int = 0
    fps: float = 0.0
    picture_age_us: int = 0
    av_skew_us: int = 0
    """How much later than its voice the main source's picture is; negative: earlier."""
    glance: Glance | None = None
    """The last look at what goes out."""


class SourceBank:
    """Readers of all video segments that scenes refer to."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._readers: dict[str, VideoReader] = {}
        self._tiles: dict[str, SourceFrame] = {}
        self._refreshed_us = 0

    def refresh(self, now: int, wanted: set[str]) -> None:
        """Open what is wanted, drop what is not, follow restarted writers; at most twice a second."""
        if wanted <= set(self._readers) and now - self._refreshed_us < REFRESH_US:
            return
        self._refreshed_us = now
        for name in wanted - set(self._readers):
            self._readers[name] = VideoReader(self._directory, name)
        for name in set(self._readers) - wanted:
            self._readers.pop(name).close()
        for reader in self._readers.values():
            reader.refresh()

    def frames(self, plan: ProgramPlan, keys: set[str]) -> dict[str, SourceFrame]:
        """The newest pictures of the sources in `keys`; a source without one is missing.

        Who was only a tile on the wall is asked for his own-size picture when he goes on air: until it comes
        his tile is shown, or everybody would see a card with his name for some tenths of a second.
        """
        found: dict[str, SourceFrame] = {}
        for key in keys:
            frame = self._own(plan.places.get(key)) or self._tile(key, plan.tiles.get(key))
            if frame is not None:
                found[key] = frame
        for key in self._tiles.keys() - plan.tiles.keys():
            del self._tiles[key]
        return found

    def _picture(self, place: tuple[str, int] | None, fmt: int) -> tuple[VideoReader, bus.Picture] | None:
        if place is None:
            return None
        reader = self._readers.get(place[0])
        picture = reader.picture(place[1]) if reader else None
        if reader is None or picture is None or picture.format != fmt:
            return None
        return reader, picture

    def _own(self, place: tuple[str, int] | None) -> SourceFrame | None:
        seen = self._picture(place, bus.FMT_I420)
        if seen is None:
            return None
        reader, picture = seen
        return SourceFrame(Planes(*picture.planes()), _number(reader, picture), picture.stamp_us)

    def _tile(self, key: str, place: tuple[str, int] | None) -> SourceFrame | None:
        seen = self._picture(place, bus.FMT_BGRA)
        if place is None or seen is None or seen[1].width_px % 2 or seen[1].height_px % 2:
            return None
        reader, picture = seen
        number, shown = _number(reader, picture) + TILE_NUMBERS, self._tiles.get(key)
        if shown is not None and shown.seq == number:
            return shown
        width, height = picture.width_px, picture.height_px
        pixels = np.frombuffer(picture.data, np.uint8).reshape(height, width, 4)
        packed = cv2.cvtColor(pixels, cv2.COLOR_BGRA2YUV_I420)
        if reader.torn(place[1], picture):
            return shown
        copy = bus.Picture(picture.seq, 0, bus.FMT_I420, width, height, packed.reshape(-1).data)
        self._tiles[key] = SourceFrame(Planes(*copy.planes()), number, picture.stamp_us)
        return self._tiles[key]

    def close(self) -> None:
        """Let all mappings go."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()


def _number(reader: VideoReader, picture: bus.Picture) -> int:
    # The generation is part of the number: a restarted writer counts from 1 again.
    return picture.seq + (reader.generation & 0xFFFF) * (1 << 40)


class _Monitor:
    """Writes a picture into a monitor slot in the size its viewer asked for."""

    def __init__(self, writer: VideoWriter, slot: int) -> None:
        self._writer, self._slot = writer, slot
        self._packed = np.zeros((0, 0), np.uint8)
        self._small: Rendition | None = None

    def show(self, planes: Planes, size_px: tuple[int, int], stamp_us: int) -> None:
        width, height = size_px
        if width < 2 or height < 2:
            return
        if (planes.width_px, planes.height_px) != size_px:
            if self._small is None or (self._small.planes.width_px, self._small.planes.height_px) != size_px:
                self._small = Rendition(width, height)
            self._small.update(planes)
            planes = self._small.planes
        if self._packed.shape != (height * 3 // 2, width):
            self._packed = np.empty((height * 3 // 2, width), np.uint8)
        flat, luma = self._packed.reshape(-1), width * height
        flat[:luma].reshape(height, width)[:] = planes.y
        flat[luma : luma * 5 // 4].reshape(height // 2, width // 2)[:] = planes.u
        flat[luma * 5 // 4 :].reshape(height // 2, width // 2)[:] = planes.v
        ticket, target = self._writer.begin_bgra(self._slot, width, height)
        cv2.cvtColor(self._packed, cv2.COLOR_YUV2BGRA_I420, dst=target)
        self._writer.publish(self._slot, ticket, stamp_us)


class _Return:
    """The RETURN rendition in one codec: encoder and packet ring."""

    def __init__(self, directory: Path, ring: str, profile: VideoProfile) -> None:
        self._ring = PacketWriter(directory, ring)
        self.encoder = VideoEncoder(profile)

    def push(self, rendition: Rendition, stamp_us: int) -> int:
        size = 0
        for packet in self.encoder.encode(rendition.frame, stamp_us):
            self._ring.write(packet.data, packet.pts, packet.stamp_us, packet.key)
            size += len(packet.data)
        self._ring.beat()
        return size

    def close(self) -> None:
        self.encoder.close()
        self._ring.close()


def program_reason(error: Exception) -> Reason:
    """What an error of the program's thread means for the operator."""
    code = ProgramCode.INTERNAL
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _NO_ROOM):
        code = ProgramCode.MEMORY  # the bus lies in memory
    elif isinstance(error, av.FFmpegError):
        code = ProgramCode.ENCODER
    return Reason(code, f"{type(error).__name__}: {error}")


class ProgramThread:
    """Runs the program until `stop`; `set_plan` and the key requests may come from any thread."""

    def __init__(
        self,
        directory: Path,
        air: VideoProfile,
        rendition: VideoProfile,
        on_air_packet: Callable[[EncodedPacket], None],
        names: ProgramNames | None = None,
    ) -> None:
        """`on_air_packet` is called on the program thread with every AIR packet and must not block."""
        self._directory = directory
        self._air_profile, self._return_profile = air, rendition
        self._names = names or ProgramNames()
        self._on_air_packet = on_air_packet
        self._plan = ProgramPlan()
        self._shown: ProgramPlan | None = None
        self._stopping = threading.Event()
        self._air_key, self._bit_rate_bps, self._return_bps = False, 0, 0
        self.figures = ProgramFigures()
        self.failure: Reason | None = None
        """Why the picture stands; None while it runs."""
        self._age = PictureAge()
        self.sound_late_us: Callable[[str], int] = lambda source: 0
        """Tells how much later than its stamps say a source is heard now; called on this thread."""
        self._air: VideoEncoder | None = None
        self._returns: dict[str, _Return] = {}
        self._fading_out: set[str] = set()
        self._glance, self._looked_us = PictureGlance(), 0
        self._thread = threading.Thread(target=self._run, name="program", daemon=True)

    def start(self) -> None:
        """Begin to tick."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread still ticks."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End the thread and take its segments away; waits up to 2 s, so not for an event loop."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(2.0)

    def set_plan(self, plan: ProgramPlan) -> None:
        """Show another plan from the next tick on."""
        self._plan = plan

    def request_air_key(self) -> None:
        """Make the next AIR picture a keyframe (a recording or livestream begins)."""
        self._air_key = True

    def request_return_key(self, codec: str) -> None:
        """Make the next RETURN picture of a codec a keyframe."""
        encoder = self._returns.get(codec)
        if encoder is not None:
            encoder.encoder.request_key()

    def set_air_bit_rate(self, bit_rate_bps: int) -> None:
        """Aim the AIR encoder at another rate."""
        self._bit_rate_bps = bit_rate_bps

    def set_return_bit_rate(self, bit_rate_bps: int) -> None:
        """Aim RETURN at another rate, up to that of its profile."""
        self._return_bps = bit_rate_bps

    # ---- the thread
    # -----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        cv2.setNumThreads(1)
        pause_s = AFTER_ERROR_S
        while not self._stopping.is_set():
            frames = self.figures.frames
            try:
                with ExitStack() as opened:
                    self._open(opened)
                    self._loop()
            except Exception as error:  # noqa: BLE001 top of the thread: a picture that stands is worse
                self.failure = program_reason(error)
                _log.exception("the program failed and begins anew")
                lived = self.figures.frames - frames > self._air_profile.fps
                pause_s = AFTER_ERROR_S if lived else min(MAX_PAUSE_S, pause_s * 2)
                self._stopping.wait(pause_s)

    def _open(self, opened: ExitStack) -> None:
        """Make everything that a run needs; `opened` closes it, also where only a part could be made."""
        self._shown, self._air = None, None
        air = self._air_profile
        self._compositor = Compositor(air.width_px, air.height_px)
        opened.callback(self._compositor.close)
        self._preview = Compositor(*PREVIEW_SIZE_PX, cache=self._compositor.cache)
        self._rendition = Rendition(self._return_profile.width_px, self._return_profile.height_px)
        self._bank = SourceBank(self._directory)
        opened.callback(self._bank.close)
        self._monitors = VideoWriter(self._directory, self._names.monitors, 2, MONITOR_BYTES)
        opened.callback(self._monitors.close)
        self._program_monitor = _Monitor(self._monitors, PROGRAM_SLOT)
        self._preview_monitor = _Monitor(self._monitors, PREVIEW_SLOT)
        opened.callback(self._close_encoders)
        self._returns = {"h264": _Return(self._directory, self._names.return_h264, self._return_profile)}

    def _close_encoders(self) -> None:
        returns, self._returns = self._returns, {}
        for one in returns.values():
            one.close()
        if self._air is not None:
            self._air.close()
            self._air = None

    def _loop(self) -> None:
        tick_us = 1_000_000 / self._air_profile.fps
        start_us, tick, counted, counted_us = now_us(), 0, 0, now_us()
        while True:
            due_us = start_us + round(tick * tick_us)
            behind_us = now_us() - due_us
            if behind_us < 0 and self._stopping.wait(-behind_us / 1e6):
                return
            if self._stopping.is_set():
                return
            if behind_us > MAX_BEHIND_TICKS * tick_us:
                skipped = int(behind_us / tick_us)
                self.figures.late_frames += skipped
                tick += skipped
                continue
            self._tick(tick, due_us)
            tick += 1
            if due_us - counted_us >= 1_000_000:
                self.failure = None
                self.figures.fps = (self.figures.frames - counted) * 1e6 / (due_us - counted_us)
                counted, counted_us = self.figures.frames, due_us

    def _tick(self, tick: int, stamp_us: int) -> None:
        plan = self._take_plan()
        wanted = {segment for segment, _ in (*plan.places.values(), *plan.tiles.values())}
        self._bank.refresh(stamp_us, wanted)
        on_air = {slot.source for slot in plan.on_air.slots}
        if self._compositor.fading:
            on_air |= self._fading_out
        seen_us = self._seen_us(stamp_us)
        frames = self._bank.frames(plan, on_air)
        self._compositor.compose(frames, stamp_us)
        taken_us = seen_us - self._picture_age_us(plan, frames, seen_us)
        begin_us = now_us()
        self._encode_air(plan, taken_us)
        every = max(1, round(self._air_profile.fps / self._return_profile.fps))
        if tick % every == 0:
            # Shown for longer than an AIR picture: what it stands for lies half of that earlier.
            hold_us = (every - 1) * 500_000 // self._air_profile.fps
            self._encode_return(plan, taken_us - hold_us)
        self.figures.encode_us += now_us() - begin_us
        self.figures.frames += 1
        self._look(plan, frames, stamp_us)
        self._program_monitor.show(self._compositor.planes, plan.program_monitor_px, stamp_us)
        if tick % max(1, self._air_profile.fps // PREVIEW_FPS) == 0:
            self._draw_preview(plan, stamp_us)
        self._monitors.beat()

    def _look(self, plan: ProgramPlan, frames: Mapping[str, SourceFrame], stamp_us: int) -> None:
        """Look at the canvas now and then; a fade moves by itself and says nothing of the pictures."""
        if stamp_us - self._looked_us < GLANCE_US or self._compositor.fading:
            return
        self._looked_us = stamp_us
        moving = plan.moving & frames.keys()
        self.figures.glance = self._glance.look(self._compositor.planes, plan.on_air, moving, stamp_us)

    def _seen_us(self, due_us: int) -> int:
        """For when the pictures of this tick stand: the moment it was due, unless it is late."""
        late_us = now_us() - due_us
        if late_us < PUNCTUAL_US:
            return due_us
        # Below the next tick's, also where the age of the pictures changes in between.
        return due_us + min(late_us, 1_000_000 // self._air_profile.fps - MOVE_MAX_US)

    def _picture_age_us(self, plan: ProgramPlan, frames: dict[str, SourceFrame], stamp_us: int) -> int:
        main = frames.get(plan.on_air.slots[0].source) if plan.on_air.slots else None
        if main is not None:
            self._age.note(stamp_us - main.stamp_us)
        late_us = self.sound_late_us(plan.on_air.slots[0].source) if plan.on_air.slots else 0
        self.figures.picture_age_us = age_us = self._age.step(late_us)
        self.figures.av_skew_us = self._age.skew_us
        return age_us

    def _take_plan(self) -> ProgramPlan:
        plan, shown = self._plan, self._shown
        if plan is shown:
            return plan
        if shown is not None and shown.on_air.slots != plan.on_air.slots:
            self._fading_out = {slot.source for slot in shown.on_air.slots}
        if shown is None or plan.on_air != shown.on_air:
            self._compositor.set_scene(plan.on_air, plan.transition)
        if shown is None or plan.preview != shown.preview:
            self._preview.set_scene(plan.preview)
        self._shown = plan
        return plan

    def _encode_air(self, plan: ProgramPlan, stamp_us: int) -> None:
        if not plan.air_wanted:
            if self._air is not None:
                self._air.close()
                self._air = None
            return
        if self._air is None:
            self._air = VideoEncoder(self._air_profile)
        if self._air_key:
            self._air_key = False
            self._air.request_key()
        if self._bit_rate_bps and self._bit_rate_bps != self._air.bit_rate_bps:
            self._bit_rate_bps = self._air.set_bit_rate(self._bit_rate_bps)
        for packet in self._air.encode(self._compositor.frame, stamp_us):
            self.figures.air_bytes += len(packet.data)
            self._on_air_packet(packet)

    def _encode_return(self, plan: ProgramPlan, stamp_us: int) -> None:
        if plan.vp8_wanted and "vp8" not in self._returns:
            profile = replace(self._return_profile, codec="vp8", encoder="libvpx")
            self._returns["vp8"] = _Return(self._directory, self._names.return_vp8, profile)
        self._rendition.update(self._compositor.planes)
        for codec, one in self._returns.items():
            if codec == "h264" or plan.vp8_wanted:
                if self._return_bps:
                    one.encoder.set_bit_rate(self._return_bps)
                self.figures.return_bytes += one.push(self._rendition, stamp_us)

    def _draw_preview(self, plan: ProgramPlan, stamp_us: int) -> None:
        if plan.preview_monitor_px[0] < 2:
            return
        keys = {slot.source for slot in plan.preview.slots}
        self._preview.compose(self._bank.frames(plan, keys), stamp_us)
        self._preview_monitor.show(self._preview.planes, plan.preview_monitor_px, stamp_us)
