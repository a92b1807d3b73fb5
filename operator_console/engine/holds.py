"""What clients hold down: who goes lets go, a key is up when all have let go, talkback is its owner's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Hashable
from typing import Any

from operator_console import protocol as p
from operator_console.engine.store import JOURNAL_UNWRITABLE

_log = logging.getLogger(__name__)

TALKBACK = "talkback"
LET_GO_AGAIN_S = 2.0


def held_by(command: p.AnyCommand) -> tuple[str, bool] | None:
    """What a command presses (True) or lets go (False), None where it holds nothing. Pure."""
    if isinstance(command, p.HoldHallKey):
        return command.key, command.held
    if isinstance(command, p.SetTalkback):
        return TALKBACK, bool(command.participant_id)
    return None


def end_of(what: str) -> p.AnyCommand:
    """The command that lets go. Pure."""
    return p.SetTalkback() if what == TALKBACK else p.HoldHallKey(key=what, held=False)


class Holds:
    """Who holds what. Pure book-keeping: the caller carries the commands out."""

    def __init__(self) -> None:
        self._holders: dict[str, list[Hashable]] = {}

    def held(self, what: str) -> bool:
        """Whether anybody holds it."""
        return bool(self._holders.get(what))

    def holds(self, client: Hashable, what: str) -> bool:
        """Whether this client holds it."""
        return client in self._holders.get(what, [])

    def press(self, client: Hashable, what: str) -> None:
        """A client asks for it; the last who asked owns it."""
        others = [one for one in self._holders.get(what, []) if one != client]
        self._holders[what] = [*others, client]

    def began(self, client: Hashable, what: str) -> None:
        """He got it: talkback is his alone from now on."""
        if what == TALKBACK and self.holds(client, what):
            holders = self._holders[what]
            self._holders[what] = holders[holders.index(client) :]

    def release(self, client: Hashable, what: str) -> bool:
        """A client lets go; whether that is to be carried out.

        A key that another one still holds stays down, and nobody ends another's talkback.
        """
        holders = self._holders.get(what, [])
        owned = not holders or holders[-1] == client
        self._holders[what] = [one for one in holders if one != client]
        return owned if what == TALKBACK else not self._holders[what]

    def gone(self, client: Hashable) -> list[str]:
        """What is to be let go now that a client is gone."""
        return [
            what for what in list(self._holders) if self.holds(client, what) and self.release(client, what)
        ]


class HeldCommands:
    """Carries commands out, those that hold something as `Holds` says."""

    def __init__(
        self,
        run: Callable[[str, p.AnyCommand], Awaitable[dict[str, Any]]],
        clients: Callable[[], Collection[Hashable]],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """`clients()`: those that are connected."""
        self._run, self._clients, self._spawn = run, clients, spawn
        self._holds = Holds()

    async def execute(self, actor: str, command: p.AnyCommand, client: Hashable) -> dict[str, Any]:
        """Carry out a client's command. Raises OperatorError where it is refused."""
        held = held_by(command)
        if held is None:
            return await self._run(actor, command)
        what, pressed = held
        if pressed:
            return await self._press(actor, command, client, what)
        return await self._release(actor, command, client, what)

    async def _press(self, actor: str, command: p.AnyCommand, client: Hashable, what: str) -> dict[str, Any]:
        # Noted before it is carried out: a release that comes meanwhile is carried out after it.
        before, others = self._holds.holds(client, what), self._holds.held(what)
        self._holds.press(client, what)
        done = False
        try:
            result = await self._run(actor, command)
            done = True
        finally:
            if not done and not before and self._holds.release(client, what) and others:
                self._spawn(self._let_go(actor, what))  # the others have let go meanwhile
        self._holds.began(client, what)
        if client not in self._clients():  # gone before it was done
            self.client_gone(actor, client)
        return result

    async def _release(
        self, actor: str, command: p.AnyCommand, client: Hashable, what: str
    ) -> dict[str, Any]:
        if not self._holds.release(client, what):
            return {}
        try:
            return await self._run(actor, command)
        except p.OperatorError as error:
            if error.refusal.code == JOURNAL_UNWRITABLE:
                self._spawn(self._let_go(actor, what, LET_GO_AGAIN_S))
            raise

    def client_gone(self, actor: str, client: Hashable) -> None:
        """A client is gone: what he held is let go."""
        for what in self._holds.gone(client):
            self._spawn(self._let_go(actor, what))

    async def _let_go(self, actor: str, what: str, wait_s: float = 0.0) -> None:
        """Let go, again and again while the journal refuses it, unless somebody has pressed meanwhile."""
        await asyncio.sleep(wait_s)
        while not self._holds.held(what):
            try:
                await self._run(actor, end_of(what))
            except p.OperatorError as error:
                _log.error("what a client held could not be let go: %s", error.refusal.text_en)
                if error.refusal.code == JOURNAL_UNWRITABLE:
                    await asyncio.sleep(LET_GO_AGAIN_S)
                    continue
            return
