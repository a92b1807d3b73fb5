"""The vault: what an engine puts in, the next engine has; nothing of it is seen from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from operator_console.engine.vault import FD_VARIABLE, KeeperGoneError, Loan, Vault, VaultHolder

CANARY = "canary-4f1d-key"


def lent_vault(holder: VaultHolder) -> Vault:
    """A vault over the link that `holder` would lend to an engine, in this process."""
    loan = Loan()
    link = socket.socket(fileno=os.dup(int(loan.environment[FD_VARIABLE])))
    loan.passed()
    holder.begin(loan)
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


def test_an_engine_waits_for_the_word_to_begin(holder: VaultHolder) -> None:
    loan, begun = Loan(), threading.Event()
    link = socket.socket(fileno=os.dup(loan.descriptors[0]))
    loan.passed()

    def wait() -> None:
        Vault(link).close()
        begun.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not begun.wait(0.2)
    holder.begin(loan)
    assert begun.wait(5)
    waiting.join()


def test_an_engine_whose_keeper_ends_before_the_word_ends_too() -> None:
    loan = Loan()
    link = socket.socket(fileno=os.dup(loan.descriptors[0]))
    loan.withdraw()
    with pytest.raises(KeeperGoneError):
        Vault(link)


def test_an_engine_that_died_before_the_word_is_survived(
    holder: VaultHolder, expect_log: Callable[[str], None]
) -> None:
    expect_log("did not take the word to begin")
    loan = Loan()
    loan.passed()  # nobody has the other end
    holder.begin(loan)


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


def test_secrets_put_in_from_many_threads_are_all_kept(holder: VaultHolder) -> None:
    vault = lent_vault(holder)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: vault.put(f"stream:{n}", CANARY * 20), range(40)))
    vault.close()
    holder.collect()
    assert len(holder.held) == 40


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
        loan = Loan()
        child = subprocess.Popen(
            [sys.executable, "-c", ENGINE],
            env={**os.environ, **loan.environment},
            pass_fds=loan.descriptors,
            stdout=subprocess.PIPE,
            text=True,
        )
        loan.passed()
        holder.begin(loan)
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
