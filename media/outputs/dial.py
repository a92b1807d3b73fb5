"""How a livestream's server is reached: its addresses by turns, and attempts that overlap."""

from __future__ import annotations

import asyncio
import math
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

PATIENCE_S = 1.5
"""After so long without an answer another attempt is begun beside those that wait. A line that came back is
tried within this time, not when an attempt of the dark time gives up after 4.5 s (measured: live again after
5 to 6 s); with 1.25 s until it is proved that the stream is taken, 3 s are kept. Over a satellite TCP and TLS
need 1.6 s: there a second attempt is begun for nothing, which costs some kilobytes."""


@dataclass(frozen=True, slots=True)
class Way:
    """A server's name, looked up: one look-up serves all attempts, for those that hang are not to heap up."""

    host: str
    addresses: tuple[tuple[str, int], ...]
    context: ssl.SSLContext | None
    """None: without TLS."""


async def look_up(host: str, port: int, secure: bool, context: ssl.SSLContext | None) -> Way:
    """Find the addresses of a server; ``context`` defaults to the system's authorities. Raises OSError."""
    if secure and context is None:
        # Reading the system's authorities takes some 20 ms: too long for the loop.
        context = await asyncio.to_thread(ssl.create_default_context)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys((str(entry[4][0]), int(entry[4][1])) for entry in found))
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    return Way(host, addresses, context if secure else None)


async def connect(way: Way, number: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, with TLS where that is wanted; attempts of other numbers begin with other addresses.

    An address that refuses gives way to the next, one whose certificate is wrong does not. Raises OSError.
    """
    begin = number % len(way.addresses)
    refused: OSError | None = None
    for address in way.addresses[begin:] + way.addresses[:begin]:
        try:
            return await asyncio.open_connection(
                *address, ssl=way.context, server_hostname=way.host if way.context else None
            )
        except ssl.SSLError:
            raise
        except OSError as error:
            refused = error
    assert refused is not None
    raise refused


class Attempt(Protocol):
    """One try to be let in."""

    heard_s: float
    """When the other side last answered, on the loop's clock."""

    async def arrive(self) -> None:
        """Returns once it is let in; raises an error where it is not."""

    def give_up(self) -> None:
        """Close what was made, without a word."""


A = TypeVar("A", bound=Attempt)


async def first_to_arrive(begin: Callable[[int], A], deadline_s: float, patience_s: float = PATIENCE_S) -> A:
    """The first attempt that arrives; all others were given up when this returns.

    ``begin`` makes attempt number 0, 1... One that fails by itself while another waits ends nothing. Raises
    the latest error once none is left, or at the deadline (loop's clock); TimeoutError where there is none.
    """
    loop = asyncio.get_running_loop()
    under_way: dict[asyncio.Task[None], A] = {}
    failure: BaseException | None = None
    number, begun_s = 0, -math.inf
    try:
        while (now_s := loop.time()) < deadline_s:
            due_s = max([begun_s, *(one.heard_s for one in under_way.values())]) + patience_s
            if now_s >= due_s:
                attempt = begin(number)
                under_way[loop.create_task(attempt.arrive(), name=f"dial-{number}")] = attempt
                number, begun_s = number + 1, now_s
                continue
            pause_s = min(due_s, deadline_s) - now_s
            done, _ = await asyncio.wait(under_way, timeout=pause_s, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                attempt = under_way.pop(task)
                failure = task.exception()
                if failure is None:
                    return attempt
            if failure is not None and not under_way:
                raise failure
        raise failure or TimeoutError
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for attempt in under_way.values():
            attempt.give_up()
