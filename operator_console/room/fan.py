"""Fan-out pump: takes the encoded program and sound from the bus and pushes them to all participants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from media.bus.reader import PacketReader
from media.clock import now_us
from media.rtc.fanout import AudioBus, FanOut, Receiver
from operator_console.protocol import RING_RETURN_H264, RING_RETURN_VP8, RING_SHARED, AudioPlan

POLL_S = 0.005
REFRESH_US = 500_000
RINGS = {"H264": RING_RETURN_H264, "VP8": RING_RETURN_VP8}


class VideoPump:
    """One packet ring of the program and the FanOut it feeds."""

    def __init__(self, directory: Path, codec: str, request_key: Callable[[str], None]) -> None:
        self.ring = RINGS[codec]
        self.fan = FanOut(codec, lambda: request_key(self.ring))
        self.reader = PacketReader(directory, self.ring)
        self._lost = 0
        self._generation = self.reader.generation
        self._wait_key = True

    def poll(self) -> None:
        """Push what came; after a loss or a new encoder nothing before the next key frame."""
        for packet in self.reader.read():
            if self.reader.lost_packets != self._lost or self.reader.generation != self._generation:
                self._lost, self._generation = self.reader.lost_packets, self.reader.generation
                self._wait_key = True
                if not packet.key:
                    self.fan.request_key()
            if packet.key:
                self._wait_key = False
            if not self._wait_key:
                self.fan.push_video(packet.data, packet.stamp_us, packet.key)

    def close(self) -> None:
        """Let go of the ring and all receivers."""
        self.fan.close()
        self.reader.close()


class FanPump:
    """All that goes back to the participants. Every call belongs to the event loop's thread."""

    def __init__(self, directory: Path, request_key: Callable[[str], None]) -> None:
        """`request_key(ring)` is called when a receiver needs a key frame of a ring."""
        self._directory = directory
        self._videos = {codec: VideoPump(directory, codec, request_key) for codec in RINGS}
        self._audio = AudioBus()
        self._sounds: dict[str, PacketReader] = {}
        self._peers: dict[str, Receiver] = {}
        self._plan = AudioPlan(shared=RING_SHARED)
        self.without_picture: frozenset[str] = frozenset()
        self._timer: asyncio.TimerHandle | None = None
        self._refreshed_us = 0
        self.set_plan(self._plan)

    @property
    def alive(self) -> bool:
        """Whether the program is being written at all."""
        return any(pump.reader.writer_alive() for pump in self._videos.values())

    @property
    def receivers(self) -> dict[str, int]:
        """How many take each ring's picture."""
        return {pump.ring: pump.fan.receivers for pump in self._videos.values()}

    def start(self) -> None:
        """Poll the rings every 5 ms from now on."""
        self._timer = asyncio.get_running_loop().call_later(POLL_S, self.start)
        at_us = now_us()
        if at_us - self._refreshed_us > REFRESH_US:
            self._refreshed_us = at_us
            for reader in (*self._sounds.values(), *(pump.reader for pump in self._videos.values())):
                reader.refresh()
        for pump in self._videos.values():
            pump.poll()
        for ring, sound in self._sounds.items():
            for packet in sound.read():
                self._audio.push_audio(ring, packet.data, packet.stamp_us)

    def set_plan(self, plan: AudioPlan) -> None:
        """Take the declarative plan of who hears which ring."""
        self._plan = plan
        rings = {plan.shared, *plan.own.values()}
        for gone in self._sounds.keys() - rings:
            self._sounds.pop(gone).close()
        for new in rings - self._sounds.keys():
            self._sounds[new] = PacketReader(self._directory, new)
        for participant_id, peer in self._peers.items():
            self._assign(participant_id, peer)

    def _assign(self, participant_id: str, peer: Receiver) -> None:
        self._audio.assign_audio(peer, self._plan.own.get(participant_id, self._plan.shared))

    def add(self, participant_id: str, peer: Receiver) -> None:
        """Send program and sound to a participant's (negotiated) connection instead of the one before."""
        self.remove(participant_id)
        self._peers[participant_id] = peer
        self._show(participant_id, peer)
        self._assign(participant_id, peer)

    def _show(self, participant_id: str, peer: Receiver) -> None:
        pump = self._videos.get(peer.video_codec)
        if pump is None:
            return
        if participant_id in self.without_picture:
            pump.fan.remove(peer)
        else:
            pump.fan.add(peer)

    def set_without_picture(self, participants: frozenset[str]) -> frozenset[str]:
        """Send these the sound alone, and all others the picture as well; returns for whom that is new."""
        changed = self.without_picture ^ participants
        self.without_picture = participants
        for participant_id in changed & self._peers.keys():
            self._show(participant_id, self._peers[participant_id])
        return changed

    def remove(self, participant_id: str) -> None:
        """Send nothing more to a participant."""
        peer = self._peers.pop(participant_id, None)
        if peer is None:
            return
        for pump in self._videos.values():
            pump.fan.remove(peer)
        self._audio.remove(peer)

    def close(self) -> None:
        """Stop polling and let everything go."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for participant_id in list(self._peers):
            self.remove(participant_id)
        for pump in self._videos.values():
            pump.close()
        for sound in self._sounds.values():
            sound.close()
