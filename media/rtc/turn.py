"""STUN and TURN servers: as aiortc takes them, and as a browser does, with credentials that expire."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from aiortc import RTCIceServer

LIFETIME_S = 12 * 3600
"""A credential outlives the longest session, not the week."""


@dataclass(frozen=True, slots=True)
class IceServer:
    """One server; `user` and `password` empty for STUN. The password never shows in a repr."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)

    def native(self) -> RTCIceServer:
        """As aiortc takes it."""
        if not self.user:
            return RTCIceServer(self.url)
        return RTCIceServer(self.url, username=self.user, credential=self.password)

    def for_browser(self) -> dict[str, Any]:
        """As `RTCPeerConnection` of a browser takes it."""
        if not self.user:
            return {"urls": self.url}
        return {"urls": self.url, "username": self.user, "credential": self.password}


def expiring(url: str, secret: str, name: str, unix_s: int) -> IceServer:
    """A TURN server with a credential good for 12 h, made from the secret it shares with us.

    coturn `use-auth-secret`: user "expiry:name", password base64(HMAC-SHA1(secret, user))
    (draft-uberti-behave-turn-rest-00).
    """
    user = f"{unix_s + LIFETIME_S}:{name}"
    digest = hmac.new(secret.encode(), user.encode(), hashlib.sha1).digest()
    return IceServer(url, user, base64.b64encode(digest).decode("ascii"))
