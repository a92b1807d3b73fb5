"""The fake engine's pictures and sound: draws what the window wants into real bus segments."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media.bus.layout import BLOCK_SAMPLES
from media.bus.writer import I16, AudioWriter, VideoWriter
from media.clock import now_us
from tests.ui.tiles import PHASES, layout, person

if TYPE_CHECKING:
    from tests.ui.fake_engine import FakeEngine

SEATS = 64
TILE_BYTES = 960 * 540 * 4
MONITOR_BYTES = 1280 * 720 * 4
TURNS_HZ = 30


def number_of(source_id: str) -> int:
    """Seat number of p7 or l7 or cam7."""
    digits = "".join(char for char in source_id if char.isdigit())
    return int(digits or 0) % SEATS


class FakeMedia:
    """Writers of the segments that a room worker and the engine would write."""

    def __init__(self, bus_dir: Path) -> None:
        self._tiles = VideoWriter(bus_dir, "video-room0", 2 * SEATS, TILE_BYTES, buffers=3)
        self._monitors = VideoWriter(bus_dir, "video-engine", 2, MONITOR_BYTES, buffers=4)
        self._voices = AudioWriter(bus_dir, "audio-room0", SEATS)
        self._buses = AudioWriter(bus_dir, "audio-engine", 3)
        self._hall = AudioWriter(bus_dir, "audio-hall", 2)
        self._noise = np.random.default_rng(7).standard_normal(BLOCK_SAMPLES * 8).astype(np.float32)

    @property
    def _writers(self) -> tuple[VideoWriter | AudioWriter, ...]:
        return (self._tiles, self._monitors, self._voices, self._buses, self._hall)

    def close(self) -> None:
        """Take the segments away."""
        for writer in self._writers:
            writer.close()

    async def run(self, engine: FakeEngine) -> None:
        """Draw and sound for ever."""
        turn = 0
        while True:
            self._draw(engine, turn)
            self._sound(engine, turn)
            for writer in self._writers:
                writer.beat()
            turn += 1
            await asyncio.sleep(1 / TURNS_HZ)

    def _draw(self, engine: FakeEngine, turn: int) -> None:
        """Tiles at 15 Hz, half of them on each turn as real feeds are spread; monitors at 30 Hz."""
        stamp, step = now_us(), turn // 2
        for source_id, (width, height) in engine.wants.tiles.items():
            number = number_of(source_id)
            someone = engine.state.participants.get(source_id)
            if someone is None or not someone.camera_on or number % 2 != turn % 2:
                continue
            slot = 2 * number + 1
            ticket, target = self._tiles.begin_bgra(slot, width, height)
            target[:] = person(number, width, height, step % PHASES)
            self._tiles.publish(slot, ticket, stamp)
        program = engine.state.program
        for slot, name, shown in ((0, "program", program.on_air), (1, "preview", program.preview)):
            if size := engine.wants.monitors.get(name):
                ticket, target = self._monitors.begin_bgra(slot, *size)
                seeds = tuple(number_of(source) for source in shown.sources)
                target[:] = layout(seeds, *size, turn % PHASES)
                self._monitors.publish(slot, ticket, stamp)

    def _sound(self, engine: FakeEngine, turn: int) -> None:
        for speaker in engine.state.participants.values():
            if speaker.audible:
                loud = 0.03 + 0.09 * abs(np.sin(turn / 7 + speaker.number))
                self._voices.write(number_of(speaker.id), turn, self._block(turn, loud), now_us())
        for bus, loud in enumerate((0.16, 0.12, 0.09)):
            wave = loud * (0.6 + 0.4 * abs(np.sin(turn / 5 + bus)))
            self._buses.write(bus, turn, self._block(turn, wave), now_us())
        if engine.state.hall_sound.on:
            for ring, loud in enumerate((0.08, 0.05)):
                wave = loud * (0.5 + 0.5 * abs(np.sin(turn / 6 + ring)))
                self._hall.write(ring, turn, self._block(turn, wave), now_us())

    def _block(self, turn: int, loud: float) -> I16:
        start = turn % 7 * BLOCK_SAMPLES
        return (
            (self._noise[start : start + BLOCK_SAMPLES] * loud * 32767).clip(-32768, 32767).astype(np.int16)
        )
