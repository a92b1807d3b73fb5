"""Invite tokens and session secrets: made here, known elsewhere only by their hash."""

from __future__ import annotations

import hashlib
import re
import secrets

_FORM = re.compile(r"[A-Za-z0-9_-]{16,128}")


def new_session_secret() -> str:
    """Return a fresh 256-bit session secret, URL-safe."""
    return secrets.token_urlsafe(32)


def well_formed(secret: str) -> bool:
    """Whether a text can be a token or session secret at all: 16 to 128 URL-safe characters."""
    return _FORM.fullmatch(secret) is not None


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a token or session secret as hex: what the engine and the journal know of it.

    A plain hash is enough: the secrets are random with 128 bits or more, not chosen by people.
    """
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
