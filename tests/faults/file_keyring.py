"""A keyring in a file (its path in FAULT_KEYRING), for processes that cannot share one in memory."""

from __future__ import annotations

import json
import os
from pathlib import Path

import keyring.backend
import keyring.errors

PATH = "FAULT_KEYRING"


class FileKeyring(keyring.backend.KeyringBackend):
    """Keeps passwords in the clear: only for tests."""

    priority = 1.0

    def _held(self) -> dict[str, str]:
        path = Path(os.environ[PATH])
        found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def _keep(self, held: dict[str, str]) -> None:
        new = Path(os.environ[PATH] + ".new")
        new.write_text(json.dumps(held))
        new.replace(os.environ[PATH])

    def get_password(self, service: str, username: str) -> str | None:
        return self._held().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep(self._held() | {f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        held = self._held()
        if held.pop(f"{service}/{username}", None) is None:
            raise keyring.errors.PasswordDeleteError("no such password")
        self._keep(held)
