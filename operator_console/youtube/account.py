"""The signed-in account: its refresh token in the keyring (or for this run in memory), access tokens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import keyring
import keyring.errors

from operator_console import log as app_log
from operator_console.passwords import Keyring, KeyringSilentError
from operator_console.paths import KEYRING_SERVICE
from operator_console.session.codes import YoutubeCode
from operator_console.youtube import oauth
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.http import Http
from operator_console.youtube.project import Addresses, Client

_log = logging.getLogger(__name__)

TOKEN_ENTRY = "youtube:account"  # noqa: S105 (the name of the entry)
PROBE_ENTRY = "youtube:probe"
T = TypeVar("T")
EARLY_S = 60.0
"""An access token is renewed so long before it ends."""


class Memory(Protocol):
    """Where a token is kept for this run only: the keeper's memory (`engine.vault.Vault`)."""

    def get(self, name: str) -> str:
        """A secret, or empty."""

    def put(self, name: str, secret: str) -> None:
        """Keep one."""

    def drop(self, name: str) -> None:
        """Forget one."""


# ---- the keyring; these block: not for an event loop


def _keyring_works() -> bool:
    """Whether this machine has a password store that takes and gives back."""
    probe = "probe"
    try:
        keyring.set_password(KEYRING_SERVICE, PROBE_ENTRY, probe)
        found = keyring.get_password(KEYRING_SERVICE, PROBE_ENTRY)
        keyring.delete_password(KEYRING_SERVICE, PROBE_ENTRY)
    except keyring.errors.KeyringError as error:
        _log.info("the keyring cannot be used: %s", type(error).__name__)
        return False
    return found == probe


def _stored() -> str:
    try:
        return keyring.get_password(KEYRING_SERVICE, TOKEN_ENTRY) or ""
    except keyring.errors.KeyringError as error:
        _log.info("the keyring gives no account: %s", type(error).__name__)
        return ""


def _store(token: str) -> None:
    try:
        keyring.set_password(KEYRING_SERVICE, TOKEN_ENTRY, token)
    except keyring.errors.KeyringError as error:
        text = f"the keyring does not take the account: {type(error).__name__}"
        raise YoutubeError(YoutubeCode.NO_KEYRING, text) from None


def _forget() -> None:
    try:
        keyring.delete_password(KEYRING_SERVICE, TOKEN_ENTRY)
    except keyring.errors.PasswordDeleteError:
        return
    except keyring.errors.KeyringError as error:
        _log.info("the keyring does not forget the account: %s", type(error).__name__)


class Account:
    """Gives access tokens; one renewal at a time, whoever asks."""

    def __init__(self, http: Http, memory: Memory, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._http, self.memory, self._clock_s = http, memory, clock_s
        self._keyring = Keyring()
        self._refresh = ""
        self._access = ""
        self._until_s = 0.0
        self._renewing = asyncio.Lock()
        self.kept = ""
        """Where the account is kept: keyring, run, or empty where nobody is signed in."""

    def __repr__(self) -> str:
        return f"Account(kept={self.kept!r})"

    @property
    def signed_in(self) -> bool:
        """Whether there is a permission that Google has not refused yet."""
        return bool(self._refresh)

    async def can_be_kept(self) -> bool:
        """Whether there is a keyring that takes and gives back."""
        try:
            return await self._keyring.ask(_keyring_works)
        except KeyringSilentError as error:
            _log.warning("%s", error)
            return False

    async def load(self) -> bool:
        """Find the account of an earlier run or engine. Raises YoutubeError where the keyring is silent."""
        for_run = self.memory.get(TOKEN_ENTRY)
        found = for_run or await self._ask(_stored)
        app_log.hide(found)
        self._refresh, self.kept = found, ("run" if for_run else "keyring") if found else ""
        return self.signed_in

    async def keep(self, tokens: oauth.Tokens, *, for_run: bool) -> None:
        """Take over what a sign-in gave. Raises YoutubeError where it cannot be kept."""
        if not tokens.refresh:
            raise YoutubeError(YoutubeCode.SIGN_IN_AGAIN, "Google gave no lasting permission")
        if for_run:
            await asyncio.to_thread(self.memory.put, TOKEN_ENTRY, tokens.refresh)
        else:
            await self._ask(lambda: _store(tokens.refresh))
            await asyncio.to_thread(self.memory.drop, TOKEN_ENTRY)
        self.hold(tokens, "run" if for_run else "keyring")

    def hold(self, tokens: oauth.Tokens, kept: str = "") -> None:
        """Take over what a sign-in gave without keeping it anywhere."""
        self._refresh, self.kept = tokens.refresh, kept
        self._take(tokens)

    async def forget(self, addresses: Addresses | None = None) -> None:
        """Sign out; with `addresses` the permission is taken back at Google too, where that can be asked."""
        refresh, self._refresh, self._access, self.kept = self._refresh, "", "", ""
        with contextlib.suppress(YoutubeError):  # logged
            await self._ask(_forget)
        await asyncio.to_thread(self.memory.drop, TOKEN_ENTRY)
        if refresh and addresses is not None:
            try:
                await oauth.revoke(self._http, addresses, refresh)
            except YoutubeError as error:
                _log.info("the permission was not taken back at Google: %s", error)

    async def _ask(self, question: Callable[[], T]) -> T:
        try:
            return await self._keyring.ask(question)
        except KeyringSilentError as error:
            _log.warning("%s", error)
            raise YoutubeError(YoutubeCode.NO_KEYRING, str(error)) from None

    async def access(self, addresses: Addresses, client: Client, refused: str = "") -> str:
        """An access token, renewed where it is about to end or was `refused`. Raises YoutubeError."""
        async with self._renewing:
            if not self._refresh:
                raise YoutubeError(YoutubeCode.SIGN_IN_AGAIN, "nobody is signed in")
            stale = self._access == refused or self._clock_s() >= self._until_s
            if stale or not self._access:
                refresh = self._refresh
                tokens = await oauth.renewed(self._http, addresses, client, refresh)
                if self._refresh != refresh:
                    raise YoutubeError(YoutubeCode.SIGN_IN_AGAIN, "the account was changed meanwhile")
                self._take(tokens)
            return self._access

    def _take(self, tokens: oauth.Tokens) -> None:
        self._access = tokens.access
        self._until_s = self._clock_s() + max(0.0, tokens.expires_s - EARLY_S)
