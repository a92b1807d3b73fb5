"""The outputs of the program: one AIR encode and one AAC encode serve the recording and every livestream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from media.outputs.aac import AacEncoder, AudioProfile
from media.packet import EncodedPacket
from operator_console.engine.guarded import Guarded
from operator_console.engine.livestreams import Livestreams
from operator_console.engine.observations import Observations
from operator_console.engine.planner import Planner
from operator_console.engine.recording import Recording
from operator_console.engine.sound import SoundBlock
from operator_console.engine.store import SessionStore
from operator_console.engine.vault import Vault
from operator_console.protocol import RunLineTest, StartLivestream
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

OBSERVE_S = 0.5


async def no_check() -> None:
    """Let everything begin."""


class Outputs:
    """Feeds packets to whoever runs, and turns the AIR encoder on and off with the demand."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        planner: Planner,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        vault: Vault,
    ) -> None:
        self._planner, self._spawn, self._observations = planner, spawn, observations
        self._audio = AudioProfile()
        self._aac: AacEncoder | None = None
        profiles = (planner.air, self._audio)
        key = planner.program.request_air_key
        self.recording = Recording(settings, store, observations, profiles, key, spawn, self._demand)
        self.livestreams = Livestreams(settings, store, observations, profiles, key, spawn, vault)
        self.check_room: Callable[[], Awaitable[None]] = no_check
        """Raises OperatorError where the disks have no room for a recording to begin."""
        self.livestreams.air_rate.set_rate = planner.program.set_air_bit_rate
        self._watching = False

    # ---- packets, from the program's and the mixer's thread ----

    def push_packet(self, packet: EncodedPacket) -> None:
        """Hand a packet, AIR or AAC, to all outputs; never blocks."""
        self.recording.push(packet)
        self.livestreams.push(packet)

    def push_sound(self, block: SoundBlock) -> None:
        """Encode a block of PROGRAM and hand it to all outputs; only the mixer's thread calls it."""
        if not self._wanted:
            self._aac = None
            return
        if self._aac is None:
            self._aac = AacEncoder(self._audio)
        for packet in self._aac.encode(block.samples, block.stamp_us):
            self.push_packet(packet)

    @property
    def _wanted(self) -> bool:
        return self.recording.needs_packets or self.livestreams.running

    def _demand(self) -> None:
        self._planner.set_air_wanted(self._wanted)
        if self._wanted and not self._watching:
            self._watching = True
            self._spawn(self._watch())

    async def _watch(self) -> None:
        recording = Guarded("the watch over the recording", _log, lambda: self._forget("recorder"))
        streams = Guarded("the watch over the livestreams", _log, lambda: self._forget("stream."))
        try:
            while self._wanted:
                with recording:
                    self.recording.observe()
                with streams:
                    self.livestreams.observe()
                await asyncio.sleep(OBSERVE_S)
        finally:
            self._watching = False
        self._demand()

    def _forget(self, prefix: str) -> None:
        for key in [key for key in self._observations.values if key.startswith(prefix)]:
            self._observations.drop(key)

    def take_settings(self, settings: Settings) -> None:
        """Count from now on with other folders and destinations; what runs goes on as it began."""
        self.recording.take_settings(settings)
        self.livestreams.take_settings(settings)

    # ---- commands ----

    async def start_recording(self, actor: str) -> str:
        """Begin to record; returns the path."""
        await self._check_room()
        self._planner.set_air_wanted(True)
        try:
            return await self.recording.start(actor)
        finally:
            self._demand()

    async def _check_room(self) -> None:
        if not self.recording.running:
            await self.check_room()

    async def stop_recording(self, actor: str) -> None:
        """Finalise the recording."""
        await self.recording.stop(actor, patient=False)
        self._demand()

    async def pause_recording(self, actor: str) -> None:
        """Finish the recording's files; no other is begun until `resume_recording`."""
        await self.recording.pause(actor)
        self._demand()

    async def resume_recording(self, actor: str) -> str:
        """Go on with a paused recording; returns the path."""
        await self._check_room()
        self._planner.set_air_wanted(True)
        try:
            return await self.recording.unpause(actor)
        finally:
            self._demand()

    async def split_recording(self, actor: str) -> bool:
        """Go on in a new file; False where the old one goes on."""
        return await self.recording.split()

    def sends(self, destination_id: str) -> bool:
        """Whether a livestream runs."""
        return self.livestreams.runs(destination_id)

    async def start_livestream(self, actor: str, command: StartLivestream) -> None:
        """Go live to a destination."""
        try:
            await self.livestreams.start(actor, command)
        finally:
            self._demand()  # it may have been begun although whoever asked is gone

    async def stop_livestream(self, actor: str, destination_id: str, *, now: bool = False) -> None:
        """End a livestream; with `now` without what its delay holds back."""
        await self.livestreams.stop(actor, destination_id, now=now)
        self._demand()

    async def resume(self) -> None:
        """Take up what a killed engine left running: the recording's next segment, the livestreams."""
        await self.recording.resume()
        await self.livestreams.resume()
        self._demand()

    async def test_line(self, command: RunLineTest) -> None:
        """Begin a test of the line to a destination."""
        await self.livestreams.test_line(command)

    async def stop_line_test(self) -> None:
        """End it."""
        await self.livestreams.line_tests.stop()

    def when_ended(self, act: Callable[[], None]) -> None:
        """Call something as soon as no livestream sends the rest of what it held back any more, maybe now."""
        self.livestreams.when_ended(act)

    async def stop_all(self, actor: str, *, now: bool = False) -> None:
        """Finalise everything; streams with a delay go on to their end, unless it is to be `now`."""
        await asyncio.gather(self.recording.stop(actor), self.livestreams.stop_all(actor, now=now))
        self._demand()
