"""The HTTPS listener of the join server: binds, retries while its port is taken, drops who says nothing."""

from __future__ import annotations

import asyncio
import errno
import logging
import sys
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from media.clock import now_us
from media.reason import Reason, fields_of
from operator_console.room.addresses import bracketed, public_host
from operator_console.room.certificates import Certificates
from operator_console.room.guard import MAX_BODY_BYTES, Guard
from operator_console.room.joining import Joining
from operator_console.room.pages import Pages
from operator_console.room.sockets import Sockets
from operator_console.session.codes import RoomCode
from operator_console.settings import Settings

_log = logging.getLogger(__name__)


def _ours(record: logging.LogRecord) -> bool:
    """Whether a record of aiohttp is about us: it logs an error with traceback for each malformed request."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


_http_log = logging.getLogger(f"{__name__}.http")
_http_log.addFilter(_ours)

RETRY_S = 1.0
HANDSHAKE_TIMEOUT_S = 10.0
SILENT_US = 15_000_000
"""A connection that has not sent a whole request by then is dropped."""
KEEPALIVE_S = 20.0
LINGER_S = 1.0
"""How long the rest of a refused body is read, so that the client sees the answer."""
BACKLOG = 512


def make_app(guard: Guard, pages: Pages, joining: Joining, sockets: Sockets) -> web.Application:
    """Everything that is served, behind the guard."""
    app = web.Application(middlewares=[guard.middleware], client_max_size=MAX_BODY_BYTES)
    app.add_routes(pages.routes())
    app.add_routes([web.post("/api/join", joining.handle), web.get("/api/session", sockets.handle)])
    return app


class JoinServer:
    """Keeps the join server listening."""

    def __init__(
        self,
        settings: Settings,
        app: web.Application,
        certificates: Certificates,
        changed: Callable[[], None],
    ) -> None:
        """`changed` is called when `state` or `reason` is another."""
        self.state = "starting"
        """starting | running | failed"""
        self.reason: Reason | None = None
        """Why it does not run."""
        self._settings = settings
        self._certificates = certificates
        self._changed = changed
        self._runner = web.AppRunner(
            app,
            access_log=None,
            keepalive_timeout=KEEPALIVE_S,
            lingering_time=LINGER_S,
            shutdown_timeout=0.5,
            handle_signals=False,
            logger=_http_log,
        )
        self._server: asyncio.Server | None = None
        self._silent: dict[RequestHandler, int] = {}
        """Connections that have not sent a request yet, since when."""
        app.on_response_prepare.append(self._heard)

    @property
    def url(self) -> str:
        """Address of the join page."""
        return f"https://{bracketed(public_host(self._settings))}:{self._settings.join_port}"

    def info(self) -> dict[str, Any]:
        """What the engine should know of it."""
        certificate = self._certificates.state
        return {
            "url": self.url,
            "ca_url": f"{self.url}/ca" if certificate.kind == "local" else "",
            "ca_fingerprint": self._certificates.fingerprint,
            "port": self._settings.join_port,
            "state": self.state,
            **fields_of(self.reason),
            "certificate": certificate.kind,
            "certificate_days_left": round(certificate.days_left, 1),
            "certificate_problem": fields_of(certificate.problem),
        }

    async def run(self) -> None:
        """Listen, trying again each second while it cannot; returns when it listens."""
        if self._runner.server is None:
            await self._runner.setup()
        while True:
            try:
                await self._listen()
            except OSError as error:
                self._failed(error)
                await asyncio.sleep(RETRY_S)
            else:
                self._set("running", None)
                _log.info("The join page is at %s", self.url)
                return

    async def _listen(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(
            self._accept,
            self._settings.join_host,
            self._settings.join_port,
            ssl=self._certificates.context,
            ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
            backlog=BACKLOG,
            # On Windows it would let another program take the same port at the same time.
            reuse_address=sys.platform != "win32",
        )

    def _accept(self) -> RequestHandler:
        assert self._runner.server is not None
        handler: RequestHandler = self._runner.server()
        self._silent[handler] = now_us()
        return handler

    async def _heard(self, request: web.Request, response: web.StreamResponse) -> None:
        self._silent.pop(request.protocol, None)

    def _failed(self, error: OSError) -> None:
        port, host = self._settings.join_port, self._settings.join_host
        if error.errno == errno.EADDRINUSE:
            text = f"Port {port} is taken by another program; the join page cannot be opened. Trying on."
            reason = Reason(RoomCode.PORT_TAKEN, text, {"port": str(port)})
        elif error.errno == errno.EACCES:
            text = f"This user may not open port {port}; choose one above 1023."
            reason = Reason(RoomCode.PORT_FORBIDDEN, text, {"port": str(port)})
        else:
            text = f"Address {host} port {port} cannot be opened: {error.strerror}."
            reason = Reason(RoomCode.ADDRESS, text, {"host": host, "port": str(port)})
        if reason != self.reason:
            _log.error("%s", text)
        self._set("failed", reason)

    def _set(self, state: str, reason: Reason | None) -> None:
        if (state, reason) != (self.state, self.reason):
            self.state, self.reason = state, reason
            self._changed()

    def sweep(self) -> None:
        """Drop connections that have said nothing for too long; call it every few seconds."""
        oldest_us = now_us() - SILENT_US
        for handler, since_us in list(self._silent.items()):
            if since_us < oldest_us:
                self._silent.pop(handler)
                handler.force_close()
                if handler.transport is not None:
                    handler.transport.abort()

    async def close(self) -> None:
        """Stop listening and end what runs."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()
