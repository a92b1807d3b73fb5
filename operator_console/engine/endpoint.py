"""Where the engine can be reached: the lock it holds for life and the endpoint file with port and token."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from operator_console.locks import open_locked

LOCK_FILE = "engine.lock"
ENDPOINT_FILE = "endpoint.json"
LOCK_WAIT_S = 0.2
"""On Windows looking whether a lock is held takes it for microseconds: one attempt could fall into them."""


class AlreadyRunningError(Exception):
    """Another process holds the lock."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a client needs to attach; the token's repr never shows it."""

    port: int
    token: str
    pid: int
    epoch: str

    def __repr__(self) -> str:
        return f"Endpoint(port={self.port}, pid={self.pid})"


def take_lock(path: Path) -> IO[bytes]:
    """Hold an exclusive lock on a file until the returned handle is closed or the process dies.

    Blocks for a moment where somebody only looks at it. Raises AlreadyRunningError where another process
    holds it.
    """
    handle = open_locked(path, LOCK_WAIT_S)
    if handle is None:
        raise AlreadyRunningError(path.name)
    return handle


def new_endpoint(port: int) -> Endpoint:
    """An endpoint of this process with a fresh 256-bit token."""
    return Endpoint(port, secrets.token_urlsafe(32), os.getpid(), secrets.token_hex(8))


def write_endpoint(directory: Path, endpoint: Endpoint) -> None:
    """Publish an endpoint: written beside, mode 0600, renamed into place."""
    temporary = directory / f".{ENDPOINT_FILE}.{endpoint.pid}"
    fields = {"port": endpoint.port, "token": endpoint.token, "pid": endpoint.pid, "epoch": endpoint.epoch}
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="ascii") as handle:
        json.dump(fields, handle)
    temporary.replace(directory / ENDPOINT_FILE)


def remove_endpoint(directory: Path, endpoint: Endpoint) -> None:
    """Take the endpoint file away if it is still ours."""
    path = directory / ENDPOINT_FILE
    try:
        if json.loads(path.read_text(encoding="ascii")).get("epoch") == endpoint.epoch:
            path.unlink()
    except (OSError, ValueError):
        return
