"""Sign-in of an installed app: PKCE (RFC 7636), answer by loopback (RFC 8252), tokens and their renewal."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from operator_console import log as app_log
from operator_console.session.codes import YoutubeCode
from operator_console.youtube.errors import SAID_MAX_CHARS, YoutubeError
from operator_console.youtube.http import Answer, Http, decoded
from operator_console.youtube.project import Addresses, Client

SCOPE = "https://www.googleapis.com/auth/youtube"
SIGN_IN_S = 300.0
"""How long the browser is waited for: passwords, second factors and consent take a while."""
_CODE_MAX_CHARS = 2048
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
"""RFC 6749, appendix A: what stands in a header, so no line break."""
_PAGE = (
    "<!doctype html><html><head><meta charset=utf-8><title>Operator Console</title></head>"
    "<body style='font-family:sans-serif;margin:4em auto;max-width:32em'><p>{id}</p><p>{en}</p></body></html>"
)
_DONE = _PAGE.format(
    id="Selesai. Tutup halaman ini dan kembali ke Operator Console.",
    en="Done. Close this page and go back to Operator Console.",
)
_NOT_DONE = _PAGE.format(
    id="Tidak jadi masuk. Tutup halaman ini dan kembali ke Operator Console.",
    en="Not signed in. Close this page and go back to Operator Console.",
)
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "Connection": "close"}


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a code verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What Google gave: the access token counts for `expires_s`, the refresh token until it is taken back."""

    access: str = field(repr=False)
    expires_s: float
    refresh: str = field(default="", repr=False)


class _TokenAnswer(msgspec.Struct, frozen=True):
    access_token: str = ""
    expires_in: int = 0
    refresh_token: str = ""
    scope: str = ""
    error: str = ""


class SignIn:
    """One attempt: `begin` gives the address for the browser, `finish` waits for it and gets tokens."""

    def __init__(self, http: Http, addresses: Addresses, client: Client, within_s: float = SIGN_IN_S) -> None:
        self._http, self._addresses, self._client, self._within_s = http, addresses, client, within_s
        self._verifier, self._state = secrets.token_urlsafe(64), secrets.token_urlsafe(32)
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._forged = False
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def _redirect(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    async def begin(self) -> str:
        """Listen on a free port of 127.0.0.1 and return the address that the browser has to open."""
        app = web.Application(client_max_size=1024)
        app.router.add_get("/", self._returned)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        asked = {
            "client_id": self._client.client_id,
            "redirect_uri": self._redirect,
            "response_type": "code",
            "scope": SCOPE,
            "code_challenge": challenge_of(self._verifier),
            "code_challenge_method": "S256",
            "state": self._state,
            "access_type": "offline",
            "prompt": "consent select_account",
        }
        return f"{self._addresses.auth}?{urlencode(asked)}"

    async def _returned(self, request: web.Request) -> web.Response:
        """The browser came back. What does not carry our state ends nothing: anybody here can knock."""
        said = request.query
        mine = hmac.compare_digest(said.get("state", "").encode(), self._state.encode())
        if not mine or request.host != f"127.0.0.1:{self._port}":
            self._forged = True
            return _page(_NOT_DONE, 400)
        code = said.get("code", "")
        if not self._answer.done():
            if code and len(code) <= _CODE_MAX_CHARS:
                app_log.hide(code)
                self._answer.set_result(code)
            else:
                why = " ".join(said.get("error", "no code").split())[:SAID_MAX_CHARS]
                error = YoutubeError(YoutubeCode.DENIED, f"the sign-in was refused: {why}", said=why)
                self._answer.set_exception(error)
        return _page(_DONE if code else _NOT_DONE, 200)

    async def finish(self) -> Tokens:
        """Wait for the browser and change its code for tokens. Raises YoutubeError; closes the port."""
        try:
            code = await asyncio.wait_for(asyncio.shield(self._answer), self._within_s)
        except TimeoutError:
            which = YoutubeCode.SIGN_IN_FORGED if self._forged else YoutubeCode.SIGN_IN_TIMEOUT
            raise YoutubeError(which, "nobody signed in in time") from None
        finally:
            await self.close()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": self._verifier,
            "redirect_uri": self._redirect,
        }
        return await _tokens(self._http, self._addresses, self._client, asked)

    async def close(self) -> None:
        """Stop to listen; the page that was just answered gets its answer."""
        runner, self._runner = self._runner, None
        if self._answer.done() and not self._answer.cancelled():
            self._answer.exception()  # one that nobody waits for any more is no fault of the program
        self._answer.cancel()
        if runner is not None:
            await runner.cleanup()


def _page(text: str, status: int) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)


async def renewed(http: Http, addresses: Addresses, client: Client, refresh: str) -> Tokens:
    """A fresh access token. Raises YoutubeError, SIGN_IN_AGAIN where the permission was taken back."""
    asked = {"grant_type": "refresh_token", "refresh_token": refresh}
    return await _tokens(http, addresses, client, asked)


async def revoke(http: Http, addresses: Addresses, refresh: str) -> None:
    """Take the permission back at Google. Raises YoutubeError where it could not be asked."""
    await http.request("POST", addresses.revoke, data={"token": refresh})


async def _tokens(http: Http, addresses: Addresses, client: Client, asked: dict[str, str]) -> Tokens:
    whole = asked | {"client_id": client.client_id, "client_secret": client.secret}
    answer = await http.request("POST", addresses.token, data=whole)
    if answer.status >= 500 or answer.status == 429:
        code = YoutubeCode.RATE if answer.status == 429 else YoutubeCode.SERVER
        raise YoutubeError(code, f"the token server answered {answer.status}", after_s=answer.after_s)
    found = decoded(answer, _TokenAnswer)
    for secret in (found.access_token, found.refresh_token):
        app_log.hide(secret)
    if answer.status != 200 or found.error or not found.access_token:
        raise _refused(answer, found.error)
    for secret in (found.access_token, found.refresh_token):
        if secret and not _TOKEN.fullmatch(secret):
            raise YoutubeError(YoutubeCode.ANSWER, "a token that is none")
    if found.scope and SCOPE not in found.scope.split():
        raise YoutubeError(YoutubeCode.SCOPE, "the account does not allow to manage YouTube")
    return Tokens(found.access_token, float(max(0, min(found.expires_in, 86_400))), found.refresh_token)


def _refused(answer: Answer, error: str) -> YoutubeError:
    """RFC 6749, section 5.2."""
    error = " ".join(error.split())[:SAID_MAX_CHARS]
    text = f"the token server answered {answer.status} {error}"
    if error in ("invalid_client", "unauthorized_client", "org_internal", "deleted_client"):
        return YoutubeError(YoutubeCode.CLIENT_REFUSED, text, said=error)
    return YoutubeError(YoutubeCode.SIGN_IN_AGAIN, text, said=error)
