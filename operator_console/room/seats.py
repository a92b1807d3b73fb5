"""Seats: one participant's media each, from his connection onto the bus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from media.audio.opus import ENCODER_DELAY_US
from media.bus.layout import AUDIO_CONCEALED, AUDIO_RECOVERED, SILENCE_CDB, i420_bytes
from media.bus.writer import AudioWriter, VideoWriter
from media.clock import now_us
from media.video.tile import Frame, TileDrawer, even_planes
from operator_console.protocol import Link, MediaPlace, Want
from operator_console.room import demand
from operator_console.room.blocks import BlockGrid

if TYPE_CHECKING:
    from media.outputs.isorecorder import IsoStream
    from media.rtc.peer import RoomPeer

PICTURE_PX = (1280, 960)
"""Largest own-size picture that a slot holds at least: a 4:3 camera as wide as AIR."""


FREE_AFTER_US = 3_000_000
"""A fade-out still shows the picture for a moment after it is no longer wanted."""


class Bus:
    """The two segments of this worker, and who has which place on them."""

    def __init__(self, directory: Path, name: str, seats: int, air_px: tuple[int, int]) -> None:
        """Make fresh segments for so many seats. Raises OSError where the folder cannot be written."""
        size = i420_bytes(max(PICTURE_PX[0], air_px[0]), max(PICTURE_PX[1], air_px[1]))
        self.video = VideoWriter(directory, f"video-{name}", 2 * seats, size)
        self.audio = AudioWriter(directory, f"audio-{name}", seats)
        self.drawer = TileDrawer()
        self._free = list(range(seats - 1, -1, -1))

    def take(self) -> int | None:
        """A free place, or None."""
        return self._free.pop() if self._free else None

    def give_back(self, index: int) -> None:
        """Empty a place for whoever comes next."""
        for slot in (2 * index, 2 * index + 1):
            self.video.clear(slot)
            self.video.free_memory(slot)
        self.audio.reset(index)
        self._free.insert(0, index)

    def place(self, index: int) -> MediaPlace:
        """Where readers find a seat's media."""
        video, audio = self.video.name, self.audio.name
        return MediaPlace(video=(video, 2 * index), tile=(video, 2 * index + 1), audio=(audio, index))

    def beat(self) -> None:
        """Tell readers that we live."""
        self.video.beat()
        self.audio.beat()

    def close(self) -> None:
        """Take the segments away."""
        self.video.close()
        self.audio.close()


class Seat:
    """One participant's place on the bus and, while he is connected, his connection."""

    def __init__(self, participant_id: str, index: int, bus: Bus) -> None:
        self.participant_id = participant_id
        self.index = index
        self.peer: RoomPeer | None = None
        self.peer_name = ""
        self.connected = False
        self.agent = self.network = ""
        self.late_frames = 0
        self.oversized = 0
        self._muted = False
        self._bus = bus
        self._camera = True
        self._want: Want | None = None
        self._free_at_us = 0
        self._grid = BlockGrid()
        self._remb_bps = 0
        self._tap: IsoStream | None = None

    @property
    def muted(self) -> bool:
        """Whether the operator has muted him."""
        return self._muted

    def set_muted(self, muted: bool) -> None:
        """Mute him or lift the mute: what nobody may hear is not even decoded."""
        self._muted = muted
        if self._tap is not None:
            self._tap.hushed = muted
        if self.peer is not None:
            self.peer.set_drop_audio(muted)

    def set_tap(self, tap: IsoStream | None) -> None:
        """Have all he sends recorded, or no longer; what he says while he is muted is left out."""
        self._tap = tap
        if tap is not None:
            tap.hushed = self._muted
        if self.peer is not None:
            self.peer.set_tap(tap)

    @property
    def place(self) -> MediaPlace:
        """Where readers find his media."""
        return self._bus.place(self.index)

    def set_want(self, want: Want | None) -> None:
        """Take what is needed of his picture now."""
        before, self._want = self._want, want
        if before is not None:
            # What nobody wants must not be found there, old, when somebody wants it again.
            if before.picture and not (want is not None and want.picture):
                self._bus.video.clear(2 * self.index)
                self._free_at_us = now_us() + FREE_AFTER_US
            if before.tile_width_px and not (want is not None and want.tile_width_px):
                self._bus.video.clear(2 * self.index + 1)
        self._steer(restart=before is None or want is None or before.bitrate_bps != want.bitrate_bps)

    def set_camera(self, on: bool) -> None:
        """His camera is on or off; off takes his last picture away, also one still on its way."""
        self._camera = on
        if on:
            return
        self._bus.video.clear(2 * self.index)
        self._bus.video.clear(2 * self.index + 1)

    def seat_peer(self, peer: RoomPeer, name: str, agent: str, network: str = "") -> None:
        """Put a new connection here; the one before is its owner's to close."""
        self.peer, self.peer_name, self.agent, self.network = peer, name, agent, network
        self.connected = False
        self._grid.restart()
        peer.set_drop_audio(self._muted)
        if self._tap is not None:
            peer.set_tap(self._tap)
        self._steer(restart=True)

    def unseat_peer(self) -> RoomPeer | None:
        """Take the connection off the seat; its place and last picture stay."""
        peer, self.peer, self.peer_name = self.peer, None, ""
        self.connected = False
        return peer

    def _steer(self, *, restart: bool) -> None:
        """Tell the connection what to decode and what rate to allow."""
        if self.peer is None:
            return
        self.peer.set_drop_video(not demand.decodes(self._want))
        asked = self._want.bitrate_bps if self._want is not None else 0
        lost = 0.0 if restart else self.peer.stats().lost_fraction
        self._remb_bps = demand.next_remb(asked, 0 if restart else self._remb_bps, lost)
        self.peer.set_remb(self._remb_bps if asked else None)

    def second(self, wanted: str) -> Link | None:
        """Once a second: adapt the allowed rate; returns the link's facts, None while not connected."""
        if self._free_at_us and now_us() > self._free_at_us:
            self._free_at_us = 0
            if self._want is None or not self._want.picture:
                self._bus.video.free_memory(2 * self.index)
        if self.peer is None or not self.connected:
            return None
        self._steer(restart=False)
        return demand.link_of(self.peer.stats(), self.late_frames, self.agent, wanted, self.network)

    def take_picture(self, frame: Frame, stamp_us: int) -> None:
        """Write a decoded picture to where somebody looks at it."""
        want, bus = self._want, self._bus
        if want is None or not self._camera:
            return
        if demand.is_late(now_us() - stamp_us, want.fps):
            self.late_frames += 1
        planes = even_planes(frame)
        if planes is None:
            return
        if want.picture:
            if i420_bytes(planes.width_px, planes.height_px) <= bus.video.geometry.capacity:
                bus.video.write_i420(2 * self.index, *planes, stamp_us)
            else:
                self.oversized += 1
        tile_w, tile_h = want.tile_width_px & ~1, want.tile_height_px & ~1
        if tile_w > 0 and tile_h > 0 and tile_w * tile_h * 4 <= bus.video.geometry.capacity:
            ticket, target = bus.video.begin_bgra(2 * self.index + 1, tile_w, tile_h)
            bus.drawer.draw(planes, target)
            bus.video.publish(2 * self.index + 1, ticket, stamp_us)

    def take_sound(self, samples: npt.NDArray[np.int16], rtp_ts: int, stamp_us: int, flags: int = 0) -> None:
        """Write decoded sound, unless the operator has muted him."""
        for index, block, begins_us in self._grid.blocks(samples, rtp_ts, stamp_us):
            if not self._muted:
                self._bus.audio.write(self.index, index, block, begins_us - ENCODER_DELAY_US, flags)

    def take_filled(
        self, samples: npt.NDArray[np.int16], rtp_ts: int, stamp_us: int, recovered: bool
    ) -> None:
        """Write what stands in for lost sound."""
        self.take_sound(samples, rtp_ts, stamp_us, AUDIO_RECOVERED if recovered else AUDIO_CONCEALED)

    def take_level(self, minus_dbov: int) -> None:
        """Note the level, as he measured it, of sound that is not decoded."""
        self._bus.audio.note_level(self.index, -float(minus_dbov) if minus_dbov < 127 else SILENCE_CDB / 100)
