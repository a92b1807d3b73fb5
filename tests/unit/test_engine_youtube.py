"""The YouTube account in the engine: signing in and out, what is kept where, nothing without a project."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from operator_console.engine import slowfiles
from operator_console.engine.observations import Observations
from operator_console.engine.store import SessionStore
from operator_console.engine.vault import Vault
from operator_console.engine.youtube import Youtube
from operator_console.journal import Journal
from operator_console.paths import KEYRING_SERVICE
from operator_console.protocol import OperatorError, StartBroadcast, StartLivestream
from operator_console.settings import Settings
from operator_console.youtube.account import TOKEN_ENTRY
from operator_console.youtube.files import read_regular
from operator_console.youtube.plan import Pace
from operator_console.youtube.project import Client
from tests.fake_youtube import REFRESH_TOKEN, FakeYoutube, browser, fake_youtube
from tests.fakes import MemoryKeyring
from tests.unit.engine_kit import eventually
from tests.unit.youtube_kit import Tasks


class NoOutputs:
    """Outputs that nothing is asked of here."""

    def sends(self, destination_id: str) -> bool:
        return False

    async def start_livestream(self, actor: str, command: StartLivestream) -> None:
        raise AssertionError

    async def stop_livestream(self, actor: str, destination_id: str) -> None:
        raise AssertionError


class Desk:
    """An account at a fake Google."""

    def __init__(self, fake: FakeYoutube, folder: Path, settings: Settings) -> None:
        self.fake, self.vault, self.observations = fake, Vault(), Observations()
        self.store, self.tasks = SessionStore(Journal(folder / "journal.db")), Tasks()
        self.youtube = Youtube(
            settings, self.store, self.observations, NoOutputs(), self.tasks.spawn, self.vault, Pace(0.02)
        )

    @property
    def seen(self) -> dict[str, Any]:
        return dict(self.observations.values["youtube"])

    async def state(self, state: str) -> None:
        await eventually(lambda: self.seen["state"] == state)

    async def close(self) -> None:
        await self.youtube.stop()
        await self.tasks.end()
        await self.store.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with fake_youtube() as fake:
        one = Desk(fake, tmp_path, fake.settings(tmp_path))
        await one.youtube.start()
        yield one
        await one.close()


async def refused(work: Any) -> str:
    with pytest.raises(OperatorError) as caught:
        await work
    return caught.value.refusal.args.get("cause", caught.value.refusal.code)


async def test_signed_in_by_the_browser_and_out_again(desk: Desk, memory_keyring: MemoryKeyring) -> None:
    assert desk.seen["state"] == "signed_out"
    url = await desk.youtube.sign_in(for_run=False)
    assert await desk.youtube.sign_in(for_run=False) == url, "a repeated order is the same attempt"
    assert desk.seen["state"] == "signing_in"
    await browser(url)
    await eventually(lambda: desk.seen.get("channel") == "Pemkab Banjar")
    assert (desk.seen["state"], desk.seen["kept"]) == ("signed_in", "keyring")
    assert memory_keyring.passwords == {(KEYRING_SERVICE, TOKEN_ENTRY): REFRESH_TOKEN}
    await desk.youtube.sign_out()
    assert desk.seen["state"] == "signed_out" and desk.seen["channel"] == ""
    assert memory_keyring.passwords == {} and desk.fake.revoked


async def test_the_account_of_an_earlier_run_is_found(desk: Desk, memory_keyring: MemoryKeyring) -> None:
    memory_keyring.set_password(KEYRING_SERVICE, TOKEN_ENTRY, REFRESH_TOKEN)
    await desk.youtube.start()
    assert (desk.seen["state"], desk.seen["channel"]) == ("signed_in", "Pemkab Banjar")


async def test_without_a_keyring_it_has_to_be_chosen(desk: Desk) -> None:
    assert await refused(desk.youtube.sign_in(for_run=False)) == "no_keyring"
    assert desk.seen["state"] == "signed_out"
    await browser(await desk.youtube.sign_in(for_run=True))
    await desk.state("signed_in")
    assert desk.seen["kept"] == "run" and desk.vault.get(TOKEN_ENTRY) == REFRESH_TOKEN


@pytest.mark.parametrize(("deny", "code"), [("access_denied", "denied"), ("", "sign_in_cancelled")])
async def test_a_sign_in_that_comes_to_nothing_says_why(
    desk: Desk, memory_keyring: MemoryKeyring, deny: str, code: str
) -> None:
    desk.fake.deny = deny
    url = await desk.youtube.sign_in(for_run=False)
    if deny:
        await browser(url)
    else:
        await desk.youtube.cancel_sign_in()
    await eventually(lambda: desk.seen.get("code") == code)
    assert desk.seen["state"] == "signed_out"


async def test_nobody_finishes_the_sign_in(desk: Desk, memory_keyring: MemoryKeyring) -> None:
    await desk.youtube.sign_in(for_run=False)
    await eventually(lambda: desk.seen.get("code") == "sign_in_timeout")


async def test_a_permission_that_was_taken_back_is_seen_at_the_start(
    desk: Desk, memory_keyring: MemoryKeyring
) -> None:
    memory_keyring.set_password(KEYRING_SERVICE, TOKEN_ENTRY, REFRESH_TOKEN)
    desk.fake.refresh_good = False
    await desk.youtube.start()
    assert (desk.seen["state"], desk.seen["code"]) == ("sign_in_again", "sign_in_again")


async def test_who_is_not_signed_in_can_begin_nothing(desk: Desk) -> None:
    assert await refused(desk.youtube.look()) == "sign_in_again"
    assert await refused(desk.youtube.go_live("siti", StartBroadcast(title="Rapat"))) == "sign_in_again"
    assert desk.fake.calls == []


async def test_without_a_project_nothing_is_asked(tmp_path: Path, memory_keyring: MemoryKeyring) -> None:
    memory_keyring.set_password(KEYRING_SERVICE, TOKEN_ENTRY, REFRESH_TOKEN)
    async with fake_youtube() as fake:
        one = Desk(fake, tmp_path, Settings())
        await one.youtube.start()
        assert one.seen["state"] == "off"
        assert await refused(one.youtube.sign_in(for_run=False)) == "no_client"
        assert await refused(one.youtube.look()) == "no_client"
        assert one.youtube._http._session is None and fake.refreshes == 0
        await one.close()


async def test_a_project_that_is_set_up_meanwhile_counts_at_once(
    tmp_path: Path, memory_keyring: MemoryKeyring
) -> None:
    async with fake_youtube() as fake:
        one = Desk(fake, tmp_path, Settings())
        await one.youtube.start()
        one.youtube.take_settings(fake.settings(tmp_path))
        await one.state("signed_out")
        await one.close()


async def test_a_bad_token_says_so_and_is_over_with_the_next_one(
    desk: Desk, memory_keyring: MemoryKeyring
) -> None:
    memory_keyring.set_password(KEYRING_SERVICE, TOKEN_ENTRY, REFRESH_TOKEN)
    desk.fake.token_tail = "\r\nX-Evil: 1"
    await desk.youtube.start()
    await desk.youtube.look()
    await eventually(lambda: not desk.seen["looking"])
    assert desk.seen["code"] == "answer"
    desk.fake.token_tail = ""
    await desk.youtube.look()
    await eventually(lambda: not desk.seen["looking"])
    assert (desk.seen["code"], desk.seen["upcoming"]) == ("", [])


async def test_a_file_that_does_not_answer_holds_up_nothing_else(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    def dead(file: str) -> Client:
        answers.wait()
        return Client("x", "y")

    monkeypatch.setattr(slowfiles, "read_client", dead)
    monkeypatch.setattr(slowfiles, "FILE_S", 0.05)
    for number in range(2 * slowfiles.HELD_MAX):
        desk.youtube.take_settings(Settings(youtube_client_file=str(tmp_path / f"{number % 10}.json")))
        assert await refused(desk.youtube.sign_in(for_run=True)) == "no_client"
    assert len(desk.youtube._files._threads) == slowfiles.HELD_MAX
    assert await asyncio.wait_for(asyncio.to_thread(lambda: True), 1.0), "the engine's own threads are free"
    threads = [one for one in threading.enumerate() if one.name == "recording-folder"]
    assert threads and all(one.daemon for one in threads), "the end of the engine waits for none"
    answers.set()
    await eventually(lambda: not any(thread.busy for thread in desk.youtube._files._threads.values()))
    await eventually(lambda: not any(one.is_alive() for one in threads))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
async def test_a_pipe_instead_of_a_file_is_refused_at_once(
    desk: Desk, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("cannot be used: OSError")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="regular"):
        read_regular(str(tmp_path / "pipe"), 10)
    with pytest.raises(OSError, match="regular"):
        read_regular(os.devnull, 10)
    desk.youtube.take_settings(Settings(youtube_client_file=str(tmp_path / "pipe")))
    assert await refused(desk.youtube.sign_in(for_run=True)) == "no_client"
