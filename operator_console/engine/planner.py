"""The planner: plans picture, sound and wants anew when state, places or what clients show has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from media.clock import now_us
from media.packet import EncodedPacket
from media.video.encoder import AIR_720P30, RETURN_360P15, VideoProfile
from media.video.program import PREVIEW_SIZE_PX, ProgramPlan, ProgramThread
from operator_console import protocol as p
from operator_console.engine import alarmrules, scenes, wants
from operator_console.engine.observations import Observations
from operator_console.engine.roomhub import RoomHub
from operator_console.engine.sound import Sound, SoundBlock
from operator_console.engine.sourcehub import SourceHub
from operator_console.engine.store import SessionStore
from operator_console.engine.words import slate_word
from operator_console.session.facts import FactRecord
from operator_console.session.model import SessionState
from operator_console.settings import Settings

VP8_KEPT_US = 30_000_000
"""How long the VP8 rendition is made after the last one who takes it was seen."""


def air_profile(settings: Settings) -> VideoProfile:
    """The AIR rendition as set."""
    return replace(
        AIR_720P30,
        width_px=settings.air_width,
        height_px=settings.air_height,
        fps=settings.air_fps,
        bit_rate_bps=settings.air_bitrate_bps,
        preset=settings.encoder_preset,
    )


def return_profile(settings: Settings) -> VideoProfile:
    """The RETURN rendition as set."""
    return replace(
        RETURN_360P15,
        width_px=settings.return_width,
        height_px=settings.return_height,
        fps=settings.return_fps,
        bit_rate_bps=settings.return_bitrate_bps,
    )


class Planner:
    """Owns the program thread and the sound, and keeps both and the workers' wants true to the state."""

    def __init__(
        self,
        settings: Settings,
        bus: Path,
        store: SessionStore,
        observations: Observations,
        room: RoomHub,
        sources: SourceHub,
    ) -> None:
        self._settings, self._store, self._observations = settings, store, observations
        self._room, self._sources = room, sources
        self._clients: list[p.SetWants] = []
        self._due = False
        self._vp8_until_us = 0
        self.air_wanted = False
        self.tile_share = 1.0
        """Of pictures and rate of the tiles; the uplink guard lowers it."""
        self.on_air_packet: Callable[[EncodedPacket], None] = lambda packet: None
        self.on_program_sound: Callable[[SoundBlock], None] = lambda block: None
        self.air = air_profile(settings)
        self.air_size = (self.air.width_px, self.air.height_px)
        self.program = ProgramThread(bus, self.air, return_profile(settings), self._air_packet)
        self.sound = Sound(bus, store, observations, room, self._program_sound)
        self.program.sound_late_us = self.sound.late_us
        store.listen(self._on_fact)

    def _air_packet(self, packet: EncodedPacket) -> None:
        self.on_air_packet(packet)

    def _program_sound(self, block: SoundBlock) -> None:
        self.on_program_sound(block)

    def start(self) -> None:
        """Start the program and the sound."""
        self.program.start()
        self.sound.start()

    def stop(self) -> None:
        """Stop both threads; blocks for up to a few seconds."""
        self.sound.stop()
        self.program.stop()

    def set_clients(self, clients: Sequence[p.SetWants]) -> None:
        """Take over what the attached clients show."""
        self._clients = list(clients)
        self.replan()

    def set_air_wanted(self, wanted: bool) -> None:
        """Whether any output takes AIR."""
        self.air_wanted = wanted
        self._plan_now()

    def keyframe(self, ring: str) -> None:
        """A receiver of a packet ring needs a keyframe."""
        if ring == p.RING_RETURN_VP8:
            self._vp8_until_us = now_us() + VP8_KEPT_US
            self.replan()
            self.program.request_return_key("vp8")
        elif ring == p.RING_RETURN_H264:
            self.program.request_return_key("h264")

    def _on_fact(self, before: SessionState, after: SessionState, record: FactRecord) -> None:
        self.replan()  # once for all facts of a transaction: layout and caption go on program together

    def set_tile_share(self, share: float) -> None:
        """Ask the offices for this share of the tiles' pictures and rate."""
        self.tile_share = share
        self.replan()

    def replan(self) -> None:
        """Plan anew in this turn of the loop, once."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._plan_now)

    def _vp8_wanted(self) -> bool:
        links = (v for k, v in self._observations.values.items() if k.startswith("link."))
        if any(getattr(link, "codec", "").lower() == "vp8" for link in links):
            self._vp8_until_us = max(self._vp8_until_us, now_us() + VP8_KEPT_US)
        return now_us() < self._vp8_until_us

    def _plan_now(self) -> None:
        self._due = False
        state = self._store.state
        slate = slate_word(state.program.taken_at_ms, self._settings.language)
        on_air = scenes.on_air_scene(state, self.air_size, slate)
        preview = scenes.preview_scene(state, PREVIEW_SIZE_PX)
        self.program.set_plan(
            ProgramPlan(
                on_air=on_air,
                preview=preview,
                transition=scenes.transition_of(state),
                places=scenes.places_of(self._observations.values),
                tiles=scenes.tiles_of(self._observations.values),
                moving=alarmrules.moving_sources(state),
                program_monitor_px=wants.merged_monitor(self._clients, "program"),
                preview_monitor_px=wants.merged_monitor(self._clients, "preview"),
                air_wanted=self.air_wanted,
                vp8_wanted=self._vp8_wanted(),
            )
        )
        sizes = wants.WantSizes(
            tile_px=(self._settings.tile_width, self._settings.tile_height),
            tile_fps=max(1, round(self._settings.tile_fps * self.tile_share)),
            tile_bps=round(self._settings.tile_bitrate_bps * self.tile_share),
            full_bps=self._settings.spotlight_bitrate_bps,
            iso_px=(self._settings.iso_width, self._settings.iso_height),
            iso_fps=self._settings.iso_fps,
            iso_bps=self._settings.iso_bitrate_bps,
        )
        recorded = frozenset(key for key, iso in state.isos.items() if iso.wanted)
        shown = scenes.shown_sizes(on_air, preview)
        wanted = wants.plan_wants(self._clients, shown, sizes, recorded)
        self._room.set_wants({key: want for key, want in wanted.items() if key in state.participants})
        self._sources.set_wants({key: want for key, want in wanted.items() if key in state.sources})
        self.sound.plan()
