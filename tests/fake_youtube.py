"""A stand-in for Google: sign-in page, token server and the used part of the YouTube Live Streaming API.

States and transitions as documented: a broadcast is created, ready once it is bound, testing only with a
monitor stream, live only while its stream is active; complete is the end. Knobs make it refuse, break, hang
and lie.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from aiohttp import web

from operator_console.settings import Settings

CLIENT_ID, CLIENT_SECRET = "console-test.apps.example", "client-secret-canary-5151"
REFRESH_TOKEN, STREAM_KEY = "1//refresh-canary-token-7a7a", "yt-canary-key-9b9b"
SCOPE = "https://www.googleapis.com/auth/youtube"
LIST, WRITE = 1, 50


class RefusedError(Exception):
    """An answer that is an error, as the API words it."""

    def __init__(self, status: int, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.message = status, reason, message or f"Because of {reason}."


class FakeYoutube:
    """One channel with its broadcasts and streams."""

    def __init__(self) -> None:
        self.broadcasts: dict[str, dict[str, Any]] = {}
        self.streams: dict[str, dict[str, Any]] = {}
        self.thumbnails: dict[str, bytes] = {}
        self.calls: list[str] = []
        self.units, self.quota = 0, 10_000
        self.viewers = 12
        self.ingest_url = "rtmp://127.0.0.1:9/live2"
        self.is_arriving: Callable[[], bool] = lambda: False
        """Whether packets arrive at the ingest right now."""
        self.health, self.issues = "good", []  # type: tuple[str, list[dict[str, str]]]
        self.stream_status = ""
        """Overrides what follows from `is_arriving`."""
        self.fail: list[RefusedError | str] = []
        """Failures of the next API calls, one each: an error, or hang, drop, garbage,
        no_such_page, huge, redirect."""
        self.fail_path: dict[str, RefusedError | str] = {}
        """Failure of every call of that method (as `liveBroadcasts.insert`)."""
        self.lost_answers: set[str] = set()
        """Methods whose next call is carried out, but whose answer never comes."""
        self.deny, self.state_of_answer, self.scope = "", "", SCOPE
        self.access: set[str] = set()
        self.refresh_good, self.refreshes, self.revoked = True, 0, False
        self.token_tail = ""
        self.expires_in = 3600
        self.has_channel = True
        self.channel_id = "UCbanjar"
        self.tells_live_at_once = True
        self._challenge: dict[str, tuple[str, str]] = {}
        self._numbers = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self.port = 0

    # ---- server

    async def start(self) -> None:
        """Listen on a free port."""
        self._going = asyncio.Event()
        app = web.Application(client_max_size=4 << 20)
        app.router.add_get("/auth", self._auth)
        app.router.add_post("/token", self._token)
        app.router.add_post("/revoke", self._revoke)
        app.router.add_route("*", "/api/{path:.*}", self._api)
        app.router.add_post("/upload/thumbnails/set", self._api)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Be gone; `start` comes back at the same port."""
        self._going.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, folder: Path, **others: Any) -> Settings:
        """Settings that lead to this server, with a client file in a folder."""
        values: dict[str, Any] = {**self.values(folder), **others}
        return Settings(**values)

    def values(self, folder: Path) -> dict[str, str]:
        """The same as values by name."""
        file = folder / "client.json"
        file.write_text(
            json.dumps(
                {"installed": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "auth_uri": "x"}}
            )
        )
        return {
            "youtube_client_file": str(file),
            "youtube_api_url": f"{self.url}/api",
            "youtube_upload_url": f"{self.url}/upload",
            "youtube_auth_url": f"{self.url}/auth",
            "youtube_token_url": f"{self.url}/token",
        }

    def counted(self) -> Counter[str]:
        """How often each method was called."""
        return Counter(self.calls)

    # ---- sign-in

    async def _auth(self, request: web.Request) -> web.Response:
        asked = request.query
        assert asked["client_id"] == CLIENT_ID and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256" and asked["access_type"] == "offline"
        state = self.state_of_answer or asked["state"]
        if self.deny:
            back = {"error": self.deny, "state": state}
        else:
            code = f"4/code-canary-{next(self._numbers)}"
            self._challenge[code] = asked["code_challenge"], asked["redirect_uri"]
            back = {"code": code, "state": state, "scope": self.scope}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(back)}")

    async def _token(self, request: web.Request) -> web.Response:
        if self.fail and self.fail[0] == "token_down":
            self.fail.pop(0)
            return web.Response(status=503, text="busy")
        form = await request.post()
        if form["client_id"] != CLIENT_ID or form["client_secret"] != CLIENT_SECRET:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form["grant_type"] == "authorization_code":
            challenge, redirect = self._challenge.pop(str(form["code"]), ("", ""))
            digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
            proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge
            if not proven or form["redirect_uri"] != redirect:
                return web.json_response({"error": "invalid_grant"}, status=400)
            return web.json_response(self._new_access() | {"refresh_token": REFRESH_TOKEN})
        self.refreshes += 1
        if not self.refresh_good or form["refresh_token"] != REFRESH_TOKEN:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(self._new_access())

    def _new_access(self) -> dict[str, Any]:
        token = f"ya29.access-canary-{next(self._numbers)}{self.token_tail}"
        self.access.add(token)
        return {
            "access_token": token,
            "expires_in": self.expires_in,
            "scope": self.scope,
            "token_type": "Bearer",
        }

    async def _revoke(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.revoked = form["token"] == REFRESH_TOKEN
        return web.json_response({})

    # ---- API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info.get("path", "thumbnails/set")
        method = self._method(request.method, path)
        failure = self.fail_path.get(method) or (self.fail.pop(0) if self.fail else "")
        try:
            if isinstance(failure, RefusedError):
                self._cost(request, method)
                raise failure
            if failure:
                return await self._broken(failure, request)
            self._cost(request, method)
            answer = await self._answer(method, request)
        except RefusedError as error:
            body = {"message": error.message, "domain": "youtube.liveBroadcast", "reason": error.reason}
            whole = {"error": {"code": error.status, "message": error.message, "errors": [body]}}
            return web.json_response(whole, status=error.status)
        if method in self.lost_answers:
            self.lost_answers.discard(method)
            return await self._broken("drop", request)
        return web.json_response(answer) if answer is not None else web.Response(status=204)

    @staticmethod
    def _method(verb: str, path: str) -> str:
        resource, _, action = path.partition("/")
        named = {"GET": "list", "POST": "insert", "PUT": "update", "DELETE": "delete"}[verb]
        return f"{resource}.{action or named}"

    def _cost(self, request: web.Request, method: str) -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.access:
            raise RefusedError(401, "authError", "Invalid Credentials")
        self.calls.append(method)
        self.units += LIST if method.endswith(".list") else WRITE
        if self.units > self.quota:
            raise RefusedError(403, "quotaExceeded", "The request cannot be completed: exceeded your quota.")

    async def _broken(self, how: str, request: web.Request) -> web.StreamResponse:
        if how == "hang":
            await self._going.wait()
        if how == "garbage":
            return web.Response(text="<html>Please log in to the network</html>", content_type="text/html")
        if how == "no_such_page":
            page = "<html>The proxy knows no such page</html>"
            return web.Response(text=page, content_type="text/html", status=404)
        if how == "huge":
            return web.Response(body=b"[" + b" " * 2_000_000, content_type="application/json")
        if how == "redirect":
            raise web.HTTPFound(f"{self.url}/elsewhere")
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _answer(self, method: str, request: web.Request) -> dict[str, Any] | None:
        query = request.query
        if method == "channels.list":
            channel = {"id": self.channel_id, "snippet": {"title": "Pemkab Banjar"}}
            return {"items": [channel] if self.has_channel else []}
        if method == "thumbnails.set":
            assert request.content_type in ("image/jpeg", "image/png")
            self._known(query["videoId"])
            self.thumbnails[query["videoId"]] = await request.read()
            return {"items": []}
        if method == "videos.list":
            return {"items": [self._video(one) for one in self._picked(query.get("id", ""))]}
        if method.startswith("liveStreams."):
            return await self._stream_call(method, request)
        return await self._broadcast_call(method, request)

    async def _stream_call(self, method: str, request: web.Request) -> dict[str, Any]:
        if method == "liveStreams.insert":
            body = await request.json()
            stream_id = f"stream{next(self._numbers)}"
            made = {**body, "id": stream_id}
            made["cdn"] = {**body["cdn"], "ingestionInfo": self._ingestion()}
            self.streams[stream_id] = made
            return self._stream(made, request.query["part"])
        ids = request.query.get("id", "")
        found = [one for key, one in self.streams.items() if not ids or key == ids]
        return {"items": [self._stream(one, request.query["part"]) for one in found]}

    def _ingestion(self) -> dict[str, str]:
        backup = self.ingest_url + "?backup=1"
        secure = (
            {} if self.ingest_url.startswith("rtmp://127") else {"rtmpsIngestionAddress": self.ingest_url}
        )
        return {
            "streamName": STREAM_KEY,
            "ingestionAddress": self.ingest_url,
            "backupIngestionAddress": backup,
            **secure,
        }

    def _stream(self, stream: dict[str, Any], parts: str) -> dict[str, Any]:
        status = self.stream_status or ("active" if self.is_arriving() else "inactive")
        health = self.health if status == "active" else "noData"
        issues = self.issues if status == "active" else []
        told = {
            **stream,
            "status": {
                "streamStatus": status,
                "healthStatus": {"status": health, "configurationIssues": issues},
            },
        }
        return {key: value for key, value in told.items() if key in parts.split(",") or key == "id"}

    def _active(self) -> bool:
        return (self.stream_status or ("active" if self.is_arriving() else "")) == "active"

    async def _broadcast_call(self, method: str, request: web.Request) -> dict[str, Any] | None:
        query = request.query
        if method == "liveBroadcasts.list":
            if status := query.get("broadcastStatus"):
                planned = status == "upcoming"
                kept = (
                    ("created", "ready") if planned else ("testing", "live", "testStarting", "liveStarting")
                )
                return {"items": [one for one in self.broadcasts.values() if self.life(one) in kept]}
            for one in self._picked(query["id"]):
                self._settle(one)
            return {"items": self._picked(query["id"])}
        if method == "liveBroadcasts.insert":
            return self.add_broadcast(await request.json())
        if method == "liveBroadcasts.update":
            return self._update(await request.json())
        one = self._known(query["id"])
        if method == "liveBroadcasts.delete":
            if self.life(one) not in ("created", "ready", "complete"):
                raise RefusedError(403, "liveBroadcastDeletionNotAllowed")
            del self.broadcasts[query["id"]]
            return None
        if method == "liveBroadcasts.bind":
            if query["streamId"] not in self.streams:
                raise RefusedError(404, "liveStreamNotFound")
            one["contentDetails"]["boundStreamId"] = query["streamId"]
            one["status"]["lifeCycleStatus"] = "ready"
            return one
        assert method == "liveBroadcasts.transition", method
        return self._transition(one, query["broadcastStatus"])

    def add_broadcast(self, body: dict[str, Any]) -> dict[str, Any]:
        """A broadcast as liveBroadcasts.insert makes it."""
        if not body["snippet"]["title"]:
            raise RefusedError(400, "titleRequired")
        broadcast_id = f"video{next(self._numbers)}"
        made = {**body, "id": broadcast_id}
        made["status"] = {**body["status"], "lifeCycleStatus": "created"}
        self.broadcasts[broadcast_id] = made
        return made

    def _update(self, body: dict[str, Any]) -> dict[str, Any]:
        one = self._known(body["id"])
        life = one["status"]["lifeCycleStatus"]
        bound = one["contentDetails"].get("boundStreamId")
        one.update(snippet=body["snippet"], contentDetails=dict(body["contentDetails"]))
        one["status"] = {**body["status"], "lifeCycleStatus": life}
        if bound:
            one["contentDetails"]["boundStreamId"] = bound
        return one

    def _transition(self, one: dict[str, Any], to: str) -> dict[str, Any]:
        life, monitored = self.life(one), one["contentDetails"]["monitorStream"]["enableMonitorStream"]
        if to in (life, life.removesuffix("Starting")):
            raise RefusedError(403, "redundantTransition", "Redundant transition")
        allowed = {
            "testing": life == "ready" and monitored,
            "live": life == "testing" or (life == "ready" and not monitored),
            "complete": life in ("testing", "live"),
        }[to]
        if not allowed:
            raise RefusedError(403, "invalidTransition", "Invalid transition")
        if to != "complete" and not self._active():
            raise RefusedError(403, "errorStreamInactive", "Stream is inactive")
        starting = {"live": "liveStarting", "testing": "testStarting"}.get(to, to)
        one["status"]["lifeCycleStatus"] = starting
        return one

    def _settle(self, one: dict[str, Any]) -> None:
        """What was starting when it was asked last has started now."""
        life = self.life(one)
        if self.tells_live_at_once and life.endswith("Starting"):
            one["status"]["lifeCycleStatus"] = {"liveStarting": "live", "testStarting": "testing"}[life]

    def _video(self, one: dict[str, Any]) -> dict[str, Any]:
        details: dict[str, Any] = {"concurrentViewers": str(self.viewers)}
        if self.life(one) == "complete":
            details = {"actualEndTime": "2026-03-12T03:00:00Z"}
        return {"id": one["id"], "liveStreamingDetails": details}

    @staticmethod
    def life(one: dict[str, Any]) -> str:
        """Where a broadcast stands."""
        return str(one["status"]["lifeCycleStatus"])

    def _picked(self, broadcast_id: str) -> list[dict[str, Any]]:
        return [one for key, one in self.broadcasts.items() if key == broadcast_id]

    def _known(self, broadcast_id: str) -> dict[str, Any]:
        found = self._picked(broadcast_id)
        if not found:
            raise RefusedError(404, "liveBroadcastNotFound")
        return found[0]


@asynccontextmanager
async def fake_youtube() -> AsyncIterator[FakeYoutube]:
    """A running one."""
    fake = FakeYoutube()
    await fake.start()
    yield fake
    await fake.stop()


async def browser(url: str) -> int:
    """Open an address as a browser does, redirects and all; the status of the page at the end."""
    async with aiohttp.ClientSession() as session, session.get(url) as page:
        await page.read()
        return page.status


def query_of(url: str) -> dict[str, str]:
    """The query of an address."""
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
