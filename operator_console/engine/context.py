"""What the command handlers see of the engine, and the table of handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from operator_console.protocol import Command

if TYPE_CHECKING:
    from operator_console.engine.audiohub import AudioHub
    from operator_console.engine.isos import IsoHub
    from operator_console.engine.observations import Observations
    from operator_console.engine.outputs import Outputs
    from operator_console.engine.roomhub import RoomHub
    from operator_console.engine.store import SessionStore
    from operator_console.engine.youtube import Youtube
    from operator_console.settings import Settings


class EngineContext:
    """The parts of a running engine, wired by `engine.main`."""

    settings: Settings
    store: SessionStore
    observations: Observations
    room: RoomHub
    outputs: Outputs
    isos: IsoHub
    youtube: Youtube
    audio: AudioHub
    stop_requested: asyncio.Event

    @property
    def needed_by_others(self) -> bool:
        """Whether others than one console need this engine: a second one, or whoever runs it without any."""
        raise NotImplementedError

    def overrides_setting(self, name: str) -> bool:
        """Whether this engine was started with a value of its own, which counts instead of a saved one."""
        raise NotImplementedError

    async def change_setting(self, name: str, value: object) -> None:
        """Store a user setting. Raises OperatorError where it is not good."""
        raise NotImplementedError


Handler = Callable[[EngineContext, str, Any], Awaitable[dict[str, Any]]]
HANDLERS: dict[type[Command], Handler] = {}


def handles(kind: type[Command]) -> Callable[[Handler], Handler]:
    """Register the handler of a command."""

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        return handler

    return register
