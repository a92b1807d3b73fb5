"""The stream key of the demo's own destination, given without writing into the machine's password store."""

from __future__ import annotations

import keyring.backend
import keyring.errors

from operator_console.paths import KEYRING_SERVICE

DESTINATION = "Demo (nginx-rtmp)"
STREAM_KEY = "demo"
BACKEND = f"{__name__}.DemoKeys"
"""For the environment variable `PYTHON_KEYRING_BACKEND`, which window and engine share."""


class DemoKeys(keyring.backend.KeyringBackend):
    """Knows the key of the demo's destination; all else is asked of the machine's own password store."""

    priority = 0.0
    """Below whatever may be chosen by itself."""

    def get_password(self, service: str, username: str) -> str | None:
        """The key of an entry, or None where there is none. Raises KeyringError without a password store."""
        if (service, username) == (KEYRING_SERVICE, f"stream:{DESTINATION}"):
            return STREAM_KEY
        return self._machine().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a key. Raises KeyringError without a password store."""
        self._machine().set_password(service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        """Forget a key. Raises KeyringError without a password store."""
        self._machine().delete_password(service, username)

    def _machine(self) -> keyring.backend.KeyringBackend:
        found = [one for one in keyring.backend.get_all_keyring() if one.priority > 0]
        if not found:
            raise keyring.errors.NoKeyringError("this machine has no password store")
        return max(found, key=lambda one: one.priority)
