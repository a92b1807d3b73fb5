"""What every request must pass: known Host, same Origin, JSON only, limits by address; safe headers."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

from operator_console.room.limits import RateLimit

_log = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 << 10
REQUEST_TIMEOUT_S = 15.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class HttpError(Exception):
    """A request that is not served: HTTP status, a code for the page, and how long to wait."""

    def __init__(self, status: int, code: str, retry_s: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_s = retry_s

    def response(self) -> web.Response:
        """The JSON answer."""
        headers = {"Retry-After": str(self.retry_s)} if self.retry_s else {}
        return web.json_response({"error": self.code}, status=self.status, headers=headers)


def address_key(remote: str | None) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 that one IPv6 site has."""
    try:
        address = ipaddress.ip_address((remote or "").split("%")[0])
    except ValueError:
        return remote or ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def host_name(host: str) -> str:
    """The name of a Host header without its port, in lower case; "" for one that is malformed."""
    name = host.lower()
    if name.startswith("["):
        inner, bracket, port = name[1:].partition("]")
        return inner if bracket and (not port or port[1:].isdigit()) else ""
    name, _, port = name.partition(":")
    return name if not port or port.isdigit() else ""


class Guard:
    """The middleware of the join server, with its counters."""

    def __init__(self, allowed_hosts: Callable[[], frozenset[str]]) -> None:
        """`allowed_hosts`: the names and addresses we are reached by, asked anew for each request."""
        self._allowed_hosts = allowed_hosts
        self.refused: Counter[str] = Counter()
        # A whole office hides behind one address: 100 desks that open the page at once make 1,000 requests.
        self._requests = RateLimit(per_minute=1_200, burst=1_200)
        self._all_requests = RateLimit(per_minute=12_000, burst=4_000)
        self._joins = RateLimit(per_minute=120, burst=60)
        self._all_joins = RateLimit(per_minute=600, burst=200)
        self._guesses = RateLimit(per_minute=30, burst=30)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request pass, or answer it with the code of what is wrong."""
        try:
            self._check(request)
            # A WebSocket lives long and has deadlines of its own.
            if request.path == "/api/session":
                return await handler(request)
            async with asyncio.timeout(REQUEST_TIMEOUT_S):
                return self.secured(request, await handler(request))
        except HttpError as error:
            self.refused[error.code] += 1
            return self.secured(request, error.response())
        except TimeoutError:
            self.refused["slow"] += 1
            return self.secured(request, HttpError(408, "slow").response())
        except web.HTTPException as error:
            self.refused[f"http_{error.status}"] += 1
            return self.secured(request, HttpError(error.status, "http").response())
        except Exception:  # noqa: BLE001  the top of all that a request can trigger
            _log.exception("A request to %s failed", request.path)
            return self.secured(request, HttpError(500, "internal").response())

    def _check(self, request: web.Request) -> None:
        host = request.headers.get("Host", "")
        if host_name(host) not in self._allowed_hosts():
            raise HttpError(421, "host")
        key = address_key(request.remote)
        if not self._requests.take(key) or not self._all_requests.take(""):
            raise HttpError(429, "rate", self._requests.wait_s(key))
        changes = request.method not in ("GET", "HEAD")
        if changes or request.headers.get("Upgrade"):
            origin = request.headers.get("Origin", "")
            if origin.lower() != f"https://{host.lower()}":
                raise HttpError(403, "origin")
        if changes and request.content_type != "application/json":
            raise HttpError(415, "content_type")
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise HttpError(413, "too_large")

    def secured(self, request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
        """Add the headers that every answer carries."""
        # Older Safari does not take 'self' for WebSockets; only a host that has been checked is repeated.
        host = request.headers.get("Host", "")
        socket = f" wss://{host}" if host_name(host) in self._allowed_hosts() else ""
        response.headers["Content-Security-Policy"] = (
            f"default-src 'self'; connect-src 'self'{socket}; object-src 'none'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=()"
        return response

    def allow_join(self, remote: str | None) -> None:
        """Count an attempt to redeem a token; HttpError where he, or all together, try too often."""
        key = address_key(remote)
        if self._guesses.exhausted(key):
            raise HttpError(429, "guesses", self._guesses.wait_s(key))
        if not self._joins.take(key) or not self._all_joins.take(""):
            raise HttpError(429, "rate", self._joins.wait_s(key))

    def wrong_guess(self, remote: str | None) -> None:
        """Count a token that nobody knows."""
        self.refused["wrong_token"] += 1
        self._guesses.take(address_key(remote))
