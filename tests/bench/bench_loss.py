"""A tile over a bad network, made in the process: 20 ms each way, real ICE, DTLS and SRTP; stock aiortc too.

Three cases: 5 % loss both ways; one packet and its first retransmission lost on an otherwise perfect network;
no retransmission ever arriving. Each run has several participants at once. Frozen is the share of time spent
in freezes as W3C webrtc-stats defines them: a gap between pictures of more than three usual ones and of more
than 150 ms above one, at 15 a second 217 ms.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from media.clock import now_us
from media.rtc import private
from media.rtc.client import RtcClient
from media.rtc.lossy import LossyReceiver, Weather
from media.rtc.peer import PeerCallbacks, RoomPeer
from tests.bench.measure import figure
from tests.bench.rtc_rig import StockPeer, let_stock_use_loopback, run_loop
from tests.media.rtc_kit import LOOPBACK, TILE, LoopFeed

FREEZE_US = 1_000_000 // TILE.fps + 150_000
LOSS_S, SINGLE_S = 20.0, 4.0
SEEDS = (1, 2, 3)
PARTICIPANTS = 6


class Room:
    """The room's side of one participant, ours or stock."""

    def __init__(self, side: str) -> None:
        self.pictures_us: list[int] = []
        self.sounds = 0
        self.peer: RoomPeer | StockPeer
        if side == "stock":
            self.peer = StockPeer(lambda ts: self.pictures_us.append(now_us()), self._on_sound)
        else:
            callbacks = PeerCallbacks(
                on_video=lambda frame, stamp: self.pictures_us.append(now_us()),
                on_audio=lambda pcm, ts, stamp: self._on_sound(),
            )
            self.peer = RoomPeer(addresses=LOOPBACK, callbacks=callbacks)

    def _on_sound(self) -> None:
        self.sounds += 1

    @property
    def connection(self) -> Any:
        pc = self.peer.pc if isinstance(self.peer, StockPeer) else self.peer.link.pc
        return private.ice_connection(pc.getTransceivers()[0].receiver.transport)


def drop_first_and_resends(client: RtcClient, resends: int) -> Callable[[int, bytes], bool]:
    """Return a drop rule that takes one packet of the picture away, and so many of its retransmissions."""
    left = {client.video_out.ssrc: 1, client.video_out.rtx_ssrc: resends}

    def drop(index: int, data: bytes) -> bool:
        ssrc = int.from_bytes(data[8:12], "big")
        if left.get(ssrc, 0) < 1:
            return False
        left[ssrc] -= 1
        return True

    return drop


class Participant:
    """One pair of room and client, and what was measured on it."""

    def __init__(self, side: str) -> None:
        self.room = Room(side)
        self.client = RtcClient(signal=self.room.peer.answer, feed=LoopFeed("H264"), addresses=LOOPBACK)

    async def connect(self) -> None:
        self.client.set_mode(TILE)
        await self.client.connect()

    def spoil(self, what: str, seed: int) -> None:
        weather = Weather(loss=0.05, delay_ms=20)
        if what != "loss":
            drop = drop_first_and_resends(self.client, 1 if what == "twice" else 10_000)
            weather = Weather(delay_ms=20, drop=drop)
        self.room.pictures_us, self.room.sounds = self.room.pictures_us[-1:], 0
        LossyReceiver(self.room.connection, weather, seed)
        LossyReceiver(self.client.link.gate.connection, Weather(weather.loss, 20), seed + 1000)

    def gaps_us(self) -> list[int]:
        return [b - a for a, b in itertools.pairwise([*self.room.pictures_us, now_us()])]

    async def close(self) -> None:
        await self.client.close()
        await self.room.peer.close()


async def case(side: str, what: str, seed: int) -> dict[str, float]:
    """Return frozen share, worst freeze and sound packets per second of one run."""
    let_stock_use_loopback()
    participants = [Participant(side) for _ in range(PARTICIPANTS)]
    for participant in participants:
        await participant.connect()
    await asyncio.sleep(2.0)
    begun_us = now_us()
    for number, participant in enumerate(participants):
        participant.spoil(what, seed + 10 * number)
    await asyncio.sleep(LOSS_S if what == "loss" else SINGLE_S)
    took_us = (now_us() - begun_us) * PARTICIPANTS
    gaps = [gap for participant in participants for gap in participant.gaps_us()]
    sounds = sum(participant.room.sounds for participant in participants)
    for participant in participants:
        await participant.close()
    return {
        "frozen": 100 * sum(gap for gap in gaps if gap > FREEZE_US) / took_us,
        "worst_ms": max(gaps) / 1000,
        "sounds_per_s": sounds / (took_us / 1e6),
    }


def measured(side: str, what: str, seed: int) -> dict[str, float]:
    """Run one case in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.bench_loss", side, what, str(seed)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=120, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    print(
        "loss", side, what, seed, {name: round(value, 2) for name, value in result.items()}, file=sys.stderr
    )
    return result


def run() -> Iterable[dict[str, Any]]:
    """Freezes and sound under loss, and after a loss that is not repaired at once."""
    ours, stock = ([measured(side, "loss", seed) for seed in SEEDS] for side in ("ours", "stock"))
    for name, key, unit, goal, better in (
        ("loss_frozen", "frozen", "%", 1, "lower"),
        ("loss_worst_freeze", "worst_ms", "ms", 500, "lower"),
        ("loss_sound", "sounds_per_s", "packets/s", 46, "higher"),
    ):
        yield figure(
            name,
            [one[key] for one in ours],
            unit,
            goal,
            "higher" if better == "higher" else "lower",
            peer="aiortc stock",
            peer_values=[one[key] for one in stock],
        )
    for name, what, goal in (
        ("loss_twice_worst_freeze", "twice", 500),
        ("loss_never_repaired_worst_freeze", "never", 600),
    ):
        worst = {
            side: [measured(side, what, seed)["worst_ms"] for seed in SEEDS] for side in ("ours", "stock")
        }
        # Stock is still frozen when the case ends after 4 s; it stays so for some 25 s.
        yield figure(
            name,
            worst["ours"],
            "ms",
            goal,
            "lower",
            peer="aiortc stock (at least)",
            peer_values=worst["stock"],
        )


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(run_loop(case(sys.argv[1], sys.argv[2], int(sys.argv[3])))))
    else:
        for row in run():
            print(json.dumps(row))
