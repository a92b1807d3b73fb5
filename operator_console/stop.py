"""`operator-console stop`: ends the engine in an orderly way, through the same API as the window."""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time

import aiohttp
import msgspec

from operator_console import paths
from operator_console import protocol as p
from operator_console.engine.endpoint import LOCK_FILE
from operator_console.engine.keeper import KEEPER_LOCK
from operator_console.locks import is_locked
from operator_console.session.model import OutputPhase, SessionState
from operator_console.worker_link import read_endpoint

ANSWER_S = 5.0
CLOSE_S = 40.0
"""A recording on a slow network folder may take its time."""
END_S = 30.0
LOOK_S = 0.05
_RUNNING = (OutputPhase.STARTING, OutputPhase.STARTED)


class StopError(Exception):
    """The engine was not stopped; the text is a sentence."""


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Stop the engine: exit code 0 where none runs (any more), 1 where one goes on running."""
    parser = argparse.ArgumentParser(
        prog="operator-console stop",
        description="Stop the engine that runs in the background, with join page and workers. "
        "While a session is open that is refused.",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="end an open session too: its recording and livestream are finished",
    )
    force: bool = parser.parse_args(argv).force
    if not _engine_runs():
        sys.stdout.write("No engine is running.\n")
        return 0
    try:
        asyncio.run(_stop(force))
    except StopError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("The engine was stopped.\n")
    return 0


def _engine_runs() -> bool:
    """Whether an engine runs, waiting for the one that a keeper is just starting (again)."""
    runtime = paths.runtime_dir()
    until = time.monotonic() + ANSWER_S
    while not is_locked(runtime / LOCK_FILE):
        if not is_locked(runtime / KEEPER_LOCK) or time.monotonic() > until:
            return False
        time.sleep(LOOK_S)
    return True


async def _stop(force: bool) -> None:
    try:
        await _ask(force)
    except (aiohttp.ClientError, OSError, TimeoutError, msgspec.MsgspecError, TypeError) as error:
        if is_locked(paths.runtime_dir() / LOCK_FILE):
            raise StopError("The engine does not answer. Try again in a moment.") from error
    until = time.monotonic() + END_S
    while is_locked(paths.runtime_dir() / LOCK_FILE):
        if time.monotonic() > until:
            raise StopError(f"The engine has not ended within {END_S:.0f} s. Its log says more.")
        await asyncio.sleep(LOOK_S)


async def _ask(force: bool) -> None:
    """Attach, look whether a session is open, and ask for the end."""
    endpoint = read_endpoint(paths.runtime_dir())
    if endpoint is None:
        raise StopError("The engine is just starting or ending. Try again in a moment.")
    headers = {"Authorization": f"Bearer {endpoint.token}"}
    url = f"http://127.0.0.1:{endpoint.port}/control"
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
        session.ws_connect(url, headers=headers, max_msg_size=p.MAX_MESSAGE_BYTES) as socket,
    ):
        await socket.send_str(p.encode(p.Hello(client="stop")).decode())
        snapshot = p.decode_server(await socket.receive_str(timeout=ANSWER_S))
        if not isinstance(snapshot, p.Snapshot) or snapshot.version != p.PROTOCOL_VERSION:
            raise StopError("The engine is of another version. Stop it with the version that started it.")
        numbers = itertools.count(1)
        if snapshot.state.is_open:
            if not force:
                raise StopError(open_session_words(snapshot.state))
            sys.stdout.write(f"The session “{snapshot.state.title}” is being ended.\n")
            await _do(socket, next(numbers), p.CloseSession(), CLOSE_S)
        await _do(socket, next(numbers), p.ShutDown(idle_only=not force), ANSWER_S)


async def _do(
    socket: aiohttp.ClientWebSocketResponse, number: int, command: p.AnyCommand, within_s: float
) -> None:
    """Send a command and wait for its answer; StopError with the sentence of a refusal."""
    await socket.send_str(p.encode(p.Request(id=number, command=command)).decode())
    async with asyncio.timeout(within_s):
        while True:
            message = p.decode_server(await socket.receive_str())
            if isinstance(message, p.Reply) and message.id == number:
                break
    if not message.ok:
        raise StopError(message.refusal.text_en if message.refusal else "The engine refused.")


def open_session_words(state: SessionState) -> str:
    """Why the engine is not stopped, and how it can be."""
    running = []
    if state.recording_wanted:
        running.append("it is being recorded")
    if any(stream.phase in _RUNNING for stream in state.livestreams.values()):
        running.append("it is live")
    also = f" ({', '.join(running)})" if running else ""
    return (
        f"The engine goes on: the session “{state.title}” is open{also}.\n"
        "End the session in the console's window first (operator-console open, or ./run open), or end "
        "both with: operator-console stop --force (./run stop --force)"
    )
