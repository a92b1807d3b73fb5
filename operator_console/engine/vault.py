"""Secrets that must outlive a killed engine: its keeper holds them in memory and hands them to the next one.

The two talk over a socket pair that the engine inherits; only the number of the descriptor stands in its
environment. One line of JSON ({name: secret}, the whole set) goes down at the start, and one comes up after
each change. POSIX only: on Windows, and without a keeper, a stream key that was only typed has to be typed
again after a crash of the engine.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Mapping

import msgspec

_log = logging.getLogger(__name__)

FD_VARIABLE = "OPERATOR_CONSOLE_VAULT_FD"
MAX_BYTES = 64 * 1024
HELLO_S = 1.0
SEND_S = 0.2

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


def disable_core_dumps() -> None:
    """No memory of this process and its children is ever written to a disk by a crash."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _parsed(line: bytes) -> dict[str, str] | None:
    """A set of secrets from its line; None for a torn or foreign one."""
    if not line.endswith(b"\n"):
        return None
    try:
        return _decode(line)
    except msgspec.MsgspecError:
        return None


class VaultHolder:
    """The keeper's side: holds the newest set and lends it to one engine at a time."""

    def __init__(self, held: Mapping[str, str] | None = None) -> None:
        self._held = dict(held or {})
        self._link: socket.socket | None = None
        self._lent: socket.socket | None = None
        self._listening: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"VaultHolder({len(self._held)} secrets)"

    @property
    def held(self) -> Mapping[str, str]:
        """What the last engine wanted kept."""
        return dict(self._held)

    def lend(self) -> tuple[dict[str, str], tuple[int, ...]]:
        """Environment and descriptors for the next engine; call `lent` once it has been started."""
        if sys.platform == "win32":
            return {}, ()
        self.collect()
        ours, theirs = socket.socketpair()
        ours.sendall(_encode(self._held) + b"\n")
        self.attend(ours)
        self._lent = theirs
        return {FD_VARIABLE: str(theirs.fileno())}, (theirs.fileno(),)

    def lent(self) -> None:
        """The engine runs and has its end: ours of it is closed, so that its death is seen."""
        if self._lent is not None:
            self._lent.close()
            self._lent = None

    def attend(self, link: socket.socket) -> None:
        """Take over every set that comes over a link, until its other end is closed."""
        self._link = link
        self._listening = threading.Thread(target=self._listen, args=(link,), name="vault", daemon=True)
        self._listening.start()

    def _listen(self, link: socket.socket) -> None:
        with link, link.makefile("rb") as lines:
            try:
                while line := lines.readline(MAX_BYTES):
                    found = _parsed(line)
                    if found is not None:
                        self._held = found
            except OSError:
                return

    def collect(self) -> None:
        """Wait until all that a dead engine sent has been read."""
        self.lent()
        if self._listening is not None:
            self._listening.join(HELLO_S)
            self._listening = None


class Vault:
    """The engine's side: what it puts in is there again in the next engine, if there is a keeper."""

    def __init__(self, link: socket.socket | None = None) -> None:
        """Read what the keeper holds (blocks for up to a second: not on an event loop)."""
        self._link = link
        self._held: dict[str, str] = {}
        if link is not None:
            os.set_inheritable(link.fileno(), False)
            link.settimeout(HELLO_S)
            self._held = self._received(link)
            link.settimeout(SEND_S)

    @classmethod
    def from_environment(cls) -> Vault:
        """The vault of the keeper that started this process, or one that ends with it."""
        number = os.environ.pop(FD_VARIABLE, "")
        if not number or sys.platform == "win32":
            return cls()
        try:
            return cls(socket.socket(fileno=int(number)))
        except (OSError, ValueError) as error:
            _log.warning("the keeper's vault cannot be used: %s", type(error).__name__)
            return cls()

    def __repr__(self) -> str:
        return f"Vault({len(self._held)} secrets)"

    @staticmethod
    def _received(link: socket.socket) -> dict[str, str]:
        data = b""
        try:
            while not data.endswith(b"\n") and len(data) < MAX_BYTES:
                part = link.recv(MAX_BYTES)
                if not part:
                    break
                data += part
        except TimeoutError:
            _log.warning("the keeper does not say what it holds")
        return _parsed(data) or {}

    def get(self, name: str) -> str:
        """A secret by name, or empty."""
        return self._held.get(name, "")

    def put(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one of that name."""
        self._change({**self._held, name: secret})

    def drop(self, name: str) -> None:
        """Forget a secret."""
        self._change({key: secret for key, secret in self._held.items() if key != name})

    def _change(self, held: dict[str, str]) -> None:
        if held == self._held:
            return
        self._held = held
        if self._link is None:
            return
        try:
            self._link.sendall(_encode(held) + b"\n")
        except OSError as error:
            _log.warning("the keeper does not take a secret (%s)", type(error).__name__)

    def fileno(self) -> int:
        """Descriptor that becomes readable when the keeper has died; -1 without one."""
        return self._link.fileno() if self._link is not None else -1

    def rekeep(self, link: socket.socket) -> None:
        """Go over to another keeper, which is given all that is held."""
        self.close()
        self._link = link
        link.settimeout(SEND_S)
        held, self._held = self._held, {}
        self._change(held)

    def close(self) -> None:
        """Let the link go."""
        if self._link is not None:
            self._link.close()
            self._link = None
