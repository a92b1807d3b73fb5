"""Broadcasts of a YouTube account: a real program, a real RTMP server and a fake YouTube that watches it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from media.outputs.filesink import RtmpFileSink
from operator_console.engine.vault import Vault
from operator_console.engine.youtube import Youtube
from operator_console.protocol import StartBroadcast, StartLivestream
from operator_console.session.model import YOUTUBE_ACCOUNT, Broadcast
from operator_console.youtube.account import TOKEN_ENTRY
from operator_console.youtube.plan import Pace
from tests.fake_youtube import REFRESH_TOKEN, FakeYoutube, fake_youtube
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import Deck, PushedProgram

PACE = Pace(0.02, 0.1)


class Tasks:
    """Keeps what was spawned, as the engine does."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Cancel what still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Sending:
    """The outputs of a deck, as the engine has them."""

    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def sends(self, destination_id: str) -> bool:
        return self._deck.livestreams.runs(destination_id)

    async def start_livestream(self, actor: str, command: StartLivestream) -> None:
        await self._deck.livestreams.start(actor, command)

    async def stop_livestream(self, actor: str, destination_id: str) -> None:
        await self._deck.livestreams.stop(actor, destination_id)


class Office:
    """An engine's livestreams and YouTube account, and the two servers they speak with."""

    def __init__(self, top: Path, fake: FakeYoutube, sink: RtmpFileSink, program: PushedProgram) -> None:
        self.top, self.fake, self.sink, self.program = top, fake, sink, program
        self.vault = Vault()
        self.vault.put(TOKEN_ENTRY, REFRESH_TOKEN)
        self.engine_starts()

    def engine_starts(self) -> None:
        """Make the parts of an engine."""
        self.deck = Deck(self.top, self.program, self.vault)
        self.youtube = Youtube(
            self.fake.settings(self.top),
            self.deck.store,
            self.deck.observations,
            Sending(self.deck),
            self.deck._spawn,
            self.vault,
            PACE,
        )

    async def engine_dies(self, *, keeper_too: bool = False) -> None:
        """Kill the engine and start the next one, which takes everything up."""
        await self.youtube.runner.stop()
        await self.youtube._http.close()
        self.program.takers.clear()
        await self.deck.crash()
        if keeper_too:
            self.vault = Vault()
            self.vault.put(TOKEN_ENTRY, REFRESH_TOKEN)
        self.engine_starts()
        assert await self.deck.store.resume()
        await self.deck.store.tell_untold()
        await self.deck.livestreams.resume()
        await self.youtube.start()
        await self.youtube.resume()

    async def go_live(self, **given: Any) -> None:
        """Start a broadcast."""
        await self.youtube.go_live("siti", StartBroadcast(**{"title": "Rapat Paripurna", **given}))

    async def live(self, **given: Any) -> Broadcast:
        """Start a broadcast and wait until the public sees it."""
        await self.go_live(**given)
        await self.phase("live")
        return self.broadcast

    async def end(self, *, now: bool = False) -> None:
        """End it as the command does."""
        await self.youtube.ending("siti")
        try:
            await self.deck.livestreams.stop("siti", YOUTUBE_ACCOUNT, now=now)
        finally:
            self.youtube.stream_stopped()

    @property
    def broadcast(self) -> Broadcast:
        """The broadcast of the state."""
        found = self.deck.store.state.broadcast
        assert found is not None
        return found

    @property
    def seen(self) -> dict[str, Any]:
        """What is observed of it."""
        return dict(self.deck.observations.values.get("broadcast", {}))

    @property
    def account(self) -> dict[str, Any]:
        """What is observed of the account."""
        return dict(self.deck.observations.values["youtube"])

    @property
    def sent(self) -> int:
        """Pictures that the server has of the newest stream."""
        return self.sink.files[-1].video if self.sink.files else 0

    async def phase(self, phase: str) -> None:
        """Wait for a phase."""
        await eventually(lambda: self.broadcast.phase == phase, 20.0)

    def fill_disk(self) -> None:
        """Let the journal refuse every fact, as on a full disk."""
        self.deck.store._journal._connection.execute("PRAGMA query_only=1")

    def free_disk(self) -> None:
        """Let it take facts again."""
        self.deck.store._journal._connection.execute("PRAGMA query_only=0")

    async def goes_on(self) -> None:
        """The stream flows, whatever else is."""
        before = self.sent
        await eventually(lambda: self.sent > before + 5)

    async def told(self) -> list[str]:
        """Names of the facts about broadcasts."""
        facts = await self.deck.facts()
        names = [type(one).__name__ for one in facts]
        return [name for name in names if name.startswith("Broadcast")]


@asynccontextmanager
async def office(top: Path) -> AsyncIterator[Office]:
    """An open session, signed in at YouTube."""
    (top / "sink").mkdir()
    sink = RtmpFileSink(top / "sink")
    port = await sink.start()
    async with fake_youtube() as fake:
        fake.ingest_url = f"rtmp://127.0.0.1:{port}/live2"
        fake.is_arriving = lambda: sink.sessions > 0
        with PushedProgram().running() as program:
            one = Office(top, fake, sink, program)
            await one.deck.open()
            await one.youtube.start()
            yield one
            await one.youtube.stop()
            await one.deck.end()
    await one.sink.stop()
