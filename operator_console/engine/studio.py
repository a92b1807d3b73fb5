"""Commands about the YouTube account and its broadcasts."""

from __future__ import annotations

from typing import Any

from operator_console import protocol as p
from operator_console.engine import rules
from operator_console.engine.context import EngineContext, handles


@handles(p.SignInYoutube)
async def sign_in(engine: EngineContext, actor: str, command: p.SignInYoutube) -> dict[str, Any]:
    """Begin to sign in; the window opens the browser."""
    return {"url": await engine.youtube.sign_in(for_run=command.for_run)}


@handles(p.CancelYoutubeSignIn)
async def cancel_sign_in(engine: EngineContext, actor: str, command: p.CancelYoutubeSignIn) -> dict[str, Any]:
    """Wait for the browser no longer."""
    await engine.youtube.cancel_sign_in()
    return {}


@handles(p.SignOutYoutube)
async def sign_out(engine: EngineContext, actor: str, command: p.SignOutYoutube) -> dict[str, Any]:
    """Forget the account."""
    await engine.youtube.sign_out()
    return {}


@handles(p.LookForBroadcasts)
async def look_for_broadcasts(
    engine: EngineContext, actor: str, command: p.LookForBroadcasts
) -> dict[str, Any]:
    """Ask for the planned broadcasts."""
    await engine.youtube.look()
    return {}


@handles(p.ScheduleBroadcast)
async def schedule_broadcast(
    engine: EngineContext, actor: str, command: p.ScheduleBroadcast
) -> dict[str, Any]:
    """Plan a broadcast; also before a session."""
    await engine.youtube.schedule(command)
    return {}


@handles(p.RemoveBroadcast)
async def remove_broadcast(engine: EngineContext, actor: str, command: p.RemoveBroadcast) -> dict[str, Any]:
    """Delete a planned broadcast."""
    await engine.youtube.remove(command.broadcast_id)
    return {}


@handles(p.StartBroadcast)
async def start_broadcast(engine: EngineContext, actor: str, command: p.StartBroadcast) -> dict[str, Any]:
    """Go live with the account."""
    rules.require_open(engine.store.state)
    await engine.youtube.go_live(actor, command)
    return {}
