"""The TURN server of the settings, with the credentials that the room and each page get."""

from __future__ import annotations

import logging
import time
from typing import Any

import keyring
import keyring.errors

from media.rtc.turn import IceServer, expiring
from operator_console.log import hide
from operator_console.paths import KEYRING_SERVICE
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

KEYRING_NAME = "turn"
"""Password of `turn_user`; without a user the secret that the TURN server shares with us."""


class Relay:
    """Hands out TURN servers: none, one with a fixed user, or one with a credential for each participant."""

    def __init__(self, url: str = "", user: str = "", secret: str = "") -> None:
        self._url = url
        self._user = user
        self._secret = secret

    def servers(self, name: str) -> tuple[IceServer, ...]:
        """The servers for one participant (or "room" for our own side)."""
        if not self._url or not self._secret:
            return ()
        if self._user:
            return (IceServer(self._url, self._user, self._secret),)
        # By the full hour, so that a page is not told of a new credential with every change.
        return (expiring(self._url, self._secret, name, int(time.time()) // 3600 * 3600),)

    def for_page(self, name: str) -> tuple[dict[str, Any], ...]:
        """The same, as a browser takes it."""
        return tuple(server.for_browser() for server in self.servers(name))


def load_relay(settings: Settings) -> Relay:
    """Read the TURN server's password from the keyring; blocks. Without it there is no TURN."""
    if not settings.turn_url:
        return Relay()
    try:
        secret = keyring.get_password(KEYRING_SERVICE, KEYRING_NAME) or ""
    except keyring.errors.KeyringError as error:
        _log.error("The password of the TURN server cannot be read: %s", type(error).__name__)
        return Relay()
    if not secret:
        _log.error("The password of the TURN server %s is not in the keyring", settings.turn_url)
    hide(secret)
    return Relay(settings.turn_url, settings.turn_user, secret)
