"""The vault: what an engine puts in, the next engine has; nothing of it is seen from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from operator_console.engine.vault import FD_VARIABLE, Vault, VaultHolder

CANARY = "canary-4f1d-key"


def lent_vault(holder: VaultHolder) -> Vault:
    """A vault over the link that `holder` would lend to an engine, in this process."""
    environment, _ = holder.lend()
    link = socket.socket(fileno=os.dup(int(environment[FD_VARIABLE])))
    holder.lent()
    return Vault(link)


@pytest.fixture
def holder() -> Iterator[VaultHolder]:
    made = VaultHolder()
    yield made
    made.collect()


def test_what_one_engine_puts_in_the_next_one_has(holder: VaultHolder) -> None:
    first = lent_vault(holder)
    assert first.get("stream:a") == ""
    first.put("stream:a", CANARY)
    first.put("stream:b", "other")
    first.drop("stream:b")
    first.close()
    second = lent_vault(holder)
    assert (second.get("stream:a"), second.get("stream:b")) == (CANARY, "")
    second.close()


def test_a_set_is_whole_or_not_there(holder: VaultHolder) -> None:
    """An engine that is killed while it sends leaves half a line."""
    first = lent_vault(holder)
    first.put("stream:a", CANARY)
    link = first._link
    assert link is not None
    link.sendall(b'{"stream:a":"half')
    first.close()
    second = lent_vault(holder)
    assert second.get("stream:a") == CANARY
    second.close()


@pytest.mark.parametrize("garbage", [b"[1]\n", b'{"a": 1}\n', b"\xff\xfe\n", b"\n"])
def test_garbage_is_not_taken_over(holder: VaultHolder, garbage: bytes) -> None:
    first = lent_vault(holder)
    first.put("stream:a", CANARY)
    assert first._link is not None
    first._link.sendall(garbage)
    first.close()
    holder.collect()
    assert holder.held == {"stream:a": CANARY}


def test_without_a_keeper_it_works_for_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FD_VARIABLE, raising=False)
    vault = Vault.from_environment()
    vault.put("stream:a", CANARY)
    assert vault.get("stream:a") == CANARY
    assert vault.fileno() == -1
    vault.drop("stream:a")
    assert vault.get("stream:a") == ""
    vault.close()


@pytest.mark.parametrize("number", ["99999", "x", "-3"])
def test_a_descriptor_that_is_none_is_said_and_survived(
    monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None], number: str
) -> None:
    expect_log("vault cannot be used")
    monkeypatch.setenv(FD_VARIABLE, number)
    vault = Vault.from_environment()
    assert vault.get("x") == "" and FD_VARIABLE not in os.environ
    vault.close()


def test_a_keeper_that_died_costs_a_line_in_the_log_and_nothing_else(
    expect_log: Callable[[str], None],
) -> None:
    expect_log("the keeper does not take a secret")
    ours, theirs = socket.socketpair()
    theirs.sendall(b"{}\n")
    vault = Vault(ours)
    theirs.close()
    vault.put("stream:a", CANARY)
    assert vault.get("stream:a") == CANARY
    vault.close()


def test_a_keeper_that_says_nothing_holds_nobody_up(expect_log: Callable[[str], None]) -> None:
    expect_log("does not say what it holds")
    ours, theirs = socket.socketpair()
    vault = Vault(ours)
    assert vault.get("x") == ""
    vault.close()
    theirs.close()


def test_the_next_keeper_is_given_everything(holder: VaultHolder) -> None:
    vault = lent_vault(holder)
    vault.put("stream:a", CANARY)
    ours, theirs = socket.socketpair()
    other = VaultHolder()
    other.attend(theirs)
    vault.rekeep(ours)
    vault.close()
    other.collect()
    assert other.held == {"stream:a": CANARY}


def test_secrets_do_not_show_when_printed(holder: VaultHolder) -> None:
    vault = lent_vault(holder)
    vault.put("stream:a", CANARY)
    vault.close()
    holder.collect()
    assert CANARY not in f"{vault!r} {holder!r}"
    assert "1 secrets" in repr(vault) and "1 secrets" in repr(holder)


ENGINE = f"""
import os, sys, time
from operator_console.engine.vault import FD_VARIABLE, Vault
vault = Vault.from_environment()
print("found", vault.get("stream:a"), FD_VARIABLE in os.environ, flush=True)
vault.put("stream:a", "{CANARY[:6]}" + "{CANARY[6:]}")
child = os.spawnvp(os.P_WAIT, "sh", ["sh", "-c", "ls /proc/self/fd | wc -l"])
print("ready", flush=True)
time.sleep(60)
"""


def test_an_engine_process_killed_at_once_leaves_its_secret_with_the_holder(holder: VaultHolder) -> None:
    for expected in ("found  False\n", f"found {CANARY} False\n"):
        environment, descriptors = holder.lend()
        child = subprocess.Popen(
            [sys.executable, "-c", ENGINE],
            env={**os.environ, **environment},
            pass_fds=descriptors,
            stdout=subprocess.PIPE,
            text=True,
        )
        holder.lent()
        assert child.stdout is not None
        assert child.stdout.readline() == expected
        child.stdout.readline()
        assert child.stdout.readline() == "ready\n"
        seen = (
            Path(f"/proc/{child.pid}/environ").read_bytes() + Path(f"/proc/{child.pid}/cmdline").read_bytes()
        )
        assert CANARY.encode() not in seen
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        holder.collect()
        assert holder.held == {"stream:a": CANARY}
