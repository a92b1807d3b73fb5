"""The people of a soak: one who flashes and beeps, some who stay, and visitors who come and go."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from media.rtc.sdp import SdpRefused
from operator_console import protocol as p
from operator_console.demo.joiner import JoinRefusedError, OfferRefusedError
from operator_console.session.model import Presence
from tests.bench.lipsync_rig import flashing
from tests.end2end.console import EngineLostError, RefusedError
from tests.end2end.product import Offices, Product
from tests.soak.diary import Diary
from tests.soak.rhythm import LEAVES, Leave, Rhythm

COMPUTER_PPM, SOUND_PPM = 100.0, -50.0
"""The office that flashes has clocks of its own: two hours of them are 0.7 s, if nobody made up for it."""
FLASHER = "Kantor"
"""Name of the office that flashes, which no other has."""
CONNECT_S = 60.0
GONE_S = 90.0
LOST_FOR_S = 15.0
_FAILED = (OSError, TimeoutError, RefusedError, EngineLostError)
_NOT_JOINED = (*_FAILED, aiohttp.ClientError, JoinRefusedError, OfferRefusedError, SdpRefused)
REMOVE_AFTER_S = 10.0


class People:
    """Everybody in the room, as the one who drives them knows them."""

    def __init__(self, product: Product, diary: Diary, seed: int = 1) -> None:
        self._product, self._diary = product, diary
        self._chance = random.Random(seed)
        self.flasher = ""
        """Participant who flashes and beeps; empty while he is not there."""
        self.steady: list[str] = []
        self._staying: Offices | None = None

    @property
    def steady_pid(self) -> int:
        """Process of those who stay."""
        return self._staying.pid if self._staying is not None else 0

    # ---- those who stay

    async def begin(self, count: int) -> None:
        """Let those who stay join; returns once they are connected."""
        console = self._product.console
        invites = [await self._product.invite(label=f"Kantor {n + 1}", auto_admit=True) for n in range(count)]
        self._staying = Offices(self._product, invites, {"first": 0})
        await asyncio.to_thread(self._staying.start)
        find = self._staying.find
        await console.until("those who stay", lambda: len(find(Presence.CONNECTED)) == count, CONNECT_S)
        self.steady = find(Presence.CONNECTED)

    async def end(self) -> None:
        """Let those who stay leave."""
        if self._staying is not None:
            await asyncio.to_thread(self._staying.end)

    async def run_flasher(self) -> None:
        """Flash and beep until cancelled; joins anew where the connection was lost for good."""
        while True:
            try:
                async with flashing(self._product, COMPUTER_PPM, SOUND_PPM) as participant:
                    self.flasher = participant
                    self._diary.event("flasher joined", participant=participant)
                    await self._until_lost(participant)
                    self._diary.event("flasher lost", False, participant=participant)
            except _NOT_JOINED as error:
                self._diary.event("flasher failed", False, error=f"{type(error).__name__} {error}"[:300])
                await asyncio.sleep(2.0)
            finally:
                self.flasher = ""

    async def _until_lost(self, participant: str) -> None:
        seen_s = time.monotonic()
        while time.monotonic() - seen_s < LOST_FOR_S:
            await asyncio.sleep(1.0)
            one = self._product.console.state.participants.get(participant)
            if one is not None and one.presence is Presence.CONNECTED:
                seen_s = time.monotonic()

    # ---- visitors

    async def run_visitors(self, rhythm: Rhythm) -> None:
        """Let visitors come and go until cancelled; one that fails is noted, the next one comes."""
        number = 0
        async with asyncio.TaskGroup() as visits:
            while True:
                visits.create_task(self._visit(number, rhythm.stay_s(self._chance)))
                number += 1
                await asyncio.sleep(rhythm.until_next_visit_s(self._chance))

    async def _visit(self, number: int, stay_s: float) -> None:
        how = LEAVES[number % len(LEAVES)]
        visitor: Offices | None = None
        try:
            knocks = number % 3 == 2
            invite = await self._product.invite(label=f"Tamu {number + 1}", auto_admit=not knocks)
            visitor = Offices(self._product, [invite], {"first": 4 + number % 11})
            took_s = await self._join(visitor, knocks)
            self._diary.event("join", number=number, took_s=round(took_s, 2), lobby=knocks)
            await asyncio.sleep(stay_s)
            gone_s = await self._go(visitor, how)
            self._diary.event("leave", number=number, how=how, gone_s=round(gone_s, 2))
        except (*_FAILED, IndexError) as error:
            text = f"{type(error).__name__} {error}"[:300]
            self._diary.event("visit", False, number=number, how=how, error=text)
        finally:
            if visitor is not None:
                await asyncio.to_thread(_end, visitor)

    async def _join(self, visitor: Offices, knocks: bool) -> float:
        """Seconds from the start of his program until his media arrive."""
        began_s, console = time.monotonic(), self._product.console
        await asyncio.to_thread(visitor.start)
        if knocks:
            await console.until("a knock", lambda: visitor.find(Presence.KNOCKING), CONNECT_S)
            who = visitor.find(Presence.KNOCKING)[0]
            await console.do(p.AdmitParticipant(participant_id=who))
        await console.until("a visitor", lambda: visitor.find(Presence.CONNECTED), CONNECT_S)
        return time.monotonic() - began_s

    async def _go(self, visitor: Offices, how: Leave) -> float:
        """Seconds until the room knows; who did not say good-bye is taken his seat by the operator."""
        who, began_s, console = visitor.find(Presence.CONNECTED)[0], time.monotonic(), self._product.console
        if how is Leave.POLITE:
            await asyncio.to_thread(visitor.end)
        else:
            os.kill(visitor.pid, signal.SIGKILL if how is Leave.KILLED else signal.SIGSTOP)
        gone: Callable[[], bool] = lambda: console.person(who).presence is not Presence.CONNECTED  # noqa: E731
        await console.until(f"the leave of a visitor ({how})", gone, GONE_S)
        took_s = time.monotonic() - began_s
        if console.person(who).presence is Presence.LOST:
            await asyncio.sleep(REMOVE_AFTER_S)
            await console.do(p.RemoveParticipant(participant_id=who))
        return took_s

    def seen(self) -> dict[str, Any]:
        """Who is there, for the diary."""
        state = self._product.console.state
        return {"connected": len(self._product.console.connected()), "known": len(state.participants)}


def _end(visitor: Offices) -> None:
    """End a visitor's process, whatever became of it. Blocks."""
    if visitor.pid:
        try:
            os.kill(visitor.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        visitor.end()
