"""A keyring that never answers holds one thread of its own: recordings begin, and it is said."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest

from operator_console import passwords
from operator_console.engine.vault import Vault
from operator_console.protocol import OperatorError, StartLivestream
from operator_console.session.codes import YoutubeCode
from operator_console.youtube.account import Account
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.http import Http
from tests.fakes import MemoryKeyring
from tests.unit.engine_kit import eventually
from tests.unit.outputs_kit import Deck, deck

ASKED = 40
"""More than the loop's own executor has threads on any machine."""


class SilentKeyring(MemoryKeyring):
    """Answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.asking: set[int] = set()
        self.most = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asking.add(threading.get_ident())
        self.most = max(self.most, len(self.asking))
        self.let_go.wait()
        self.asking.discard(threading.get_ident())
        return super().get_password(service, username)


@pytest.fixture
def silent(memory_keyring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> Iterator[SilentKeyring]:
    monkeypatch.setattr(passwords, "ANSWER_S", 0.1)
    one = SilentKeyring()
    keyring.set_keyring(one)
    yield one
    one.let_go.set()


async def refused(one: Deck) -> str:
    with pytest.raises(OperatorError) as caught:
        await one.livestreams.start("siti", StartLivestream(destination_id="dinas"))
    refusal = caught.value.refusal
    assert refusal.text_id and refusal.text_en
    return refusal.code


async def test_a_keyring_that_hangs_holds_up_no_recording(silent: SilentKeyring, tmp_path: Path) -> None:
    async with deck(tmp_path) as one:
        codes = await asyncio.gather(*(refused(one) for _ in range(ASKED)))
        assert set(codes) == {"keyring_silent"} and silent.most == 1
        await one.recording.start("siti")
        await eventually(lambda: one.recording.running)
        await one.recording.stop("siti")
        assert not one.store.state.recording_wanted and len(one.files()) == 1
        silent.let_go.set()
        await eventually(lambda: not one.livestreams._keyring.busy)
        assert await refused(one) == "no_stream_key", "it answers again: there is none"


async def test_an_account_in_a_keyring_that_hangs_is_not_said_to_be_none(
    silent: SilentKeyring, expect_log: Callable[[str], None]
) -> None:
    expect_log("the keyring does not answer")
    http = Http()
    account = Account(http, Vault())
    for _ in range(ASKED):
        with pytest.raises(YoutubeError) as caught:
            await account.load()
        assert caught.value.code is YoutubeCode.NO_KEYRING
    assert not await account.can_be_kept() and silent.most == 1
    silent.let_go.set()
    await http.close()
