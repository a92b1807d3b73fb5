"""Secrets that must outlive a killed engine: its keeper holds them in memory and hands them to the next one.

The two talk over a socket pair that the engine inherits; only the number of the descriptor stands in its
environment. One line of JSON ({name: secret}, the whole set) comes down from the keeper: it is also the word
to begin, so an engine may be started ahead and wait for it. One line goes up after each change. POSIX only:
on Windows, and without a keeper, a stream key that was only typed has to be typed again after a crash.
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
COLLECT_S = 1.0
SEND_S = 0.2

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, str]).decode


class KeeperGoneError(Exception):
    """The keeper ended before it gave the word to begin."""


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


class Loan:
    """The link to one engine, from before its start to its end; does nothing on Windows."""

    def __init__(self) -> None:
        self.ours: socket.socket | None = None
        self._theirs: socket.socket | None = None
        if sys.platform != "win32":
            self.ours, self._theirs = socket.socketpair()

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What the engine has to inherit."""
        return (self._theirs.fileno(),) if self._theirs is not None else ()

    @property
    def environment(self) -> dict[str, str]:
        """How the engine finds it."""
        return {FD_VARIABLE: str(self._theirs.fileno())} if self._theirs is not None else {}

    def passed(self) -> None:
        """The engine has its end; ours of it is closed, so that its death is seen."""
        if self._theirs is not None:
            self._theirs.close()
            self._theirs = None

    def withdraw(self) -> None:
        """End the link: an engine that still waits for the word ends itself."""
        self.passed()
        if self.ours is not None:
            self.ours.close()
            self.ours = None


class VaultHolder:
    """The keeper's side: holds the newest set and gives it to each new engine."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}
        self._listening: threading.Thread | None = None

    def __repr__(self) -> str:
        return f"VaultHolder({len(self._held)} secrets)"

    @property
    def held(self) -> Mapping[str, str]:
        """What the last engine wanted kept."""
        return dict(self._held)

    def begin(self, loan: Loan) -> None:
        """Give an engine what is held and the word to begin; from now on it decides what is held."""
        self.collect()
        link, loan.ours = loan.ours, None
        if link is None:
            return
        try:
            link.sendall(_encode(self._held) + b"\n")
        except OSError as error:
            _log.warning("an engine did not take the word to begin (%s)", type(error).__name__)
            link.close()
            return
        self.attend(link)

    def attend(self, link: socket.socket) -> None:
        """Take over every set that comes over a link, until its other end is closed."""
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
        if self._listening is not None:
            self._listening.join(COLLECT_S)
            self._listening = None


class Vault:
    """The engine's side: what it puts in is there again in the next engine, if there is a keeper."""

    def __init__(self, link: socket.socket | None = None) -> None:
        """Wait for the keeper's word and what it holds (not on an event loop). Raises KeeperGoneError."""
        self._link = link
        self._held: dict[str, str] = {}
        self._changing = threading.Lock()
        """Keys are put in and dropped in threads: no change may be lost, no two lines may mix."""
        if link is not None:
            os.set_inheritable(link.fileno(), False)
            self._held = self._received(link)
            link.settimeout(SEND_S)

    @classmethod
    def from_environment(cls) -> Vault:
        """The vault of the keeper that started this process, or one that ends with it."""
        number = os.environ.pop(FD_VARIABLE, "")
        if not number or sys.platform == "win32":
            return cls()
        try:
            link = socket.socket(fileno=int(number))
        except (OSError, ValueError) as error:
            _log.warning("the keeper's vault cannot be used: %s", type(error).__name__)
            return cls()
        return cls(link)

    def __repr__(self) -> str:
        return f"Vault({len(self._held)} secrets)"

    @staticmethod
    def _received(link: socket.socket) -> dict[str, str]:
        data = b""
        while not data.endswith(b"\n") and len(data) < MAX_BYTES:
            part = link.recv(MAX_BYTES)
            if not part:
                link.close()
                raise KeeperGoneError
            data += part
        return _parsed(data) or {}

    def get(self, name: str) -> str:
        """A secret by name, or empty."""
        return self._held.get(name, "")

    def put(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one of that name."""
        with self._changing:
            self._change({**self._held, name: secret})

    def drop(self, name: str) -> None:
        """Forget a secret."""
        with self._changing:
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
        with self._changing:
            self._release()
            self._link = link
            link.settimeout(SEND_S)
            held, self._held = self._held, {}
            self._change(held)

    def close(self) -> None:
        """Let the link go."""
        with self._changing:
            self._release()

    def _release(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None
