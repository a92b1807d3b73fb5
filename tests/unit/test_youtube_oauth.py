"""Sign-in at YouTube: PKCE and loopback, what is refused, where the permission is kept, how it is renewed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from operator_console.engine.vault import Vault
from operator_console.paths import KEYRING_SERVICE
from operator_console.session.codes import YoutubeCode as Code
from operator_console.youtube import account as account_module
from operator_console.youtube import oauth
from operator_console.youtube.account import TOKEN_ENTRY, Account
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.http import Http
from operator_console.youtube.oauth import SignIn, Tokens, challenge_of
from operator_console.youtube.project import Addresses, Client, read_client
from tests.fake_youtube import CLIENT_SECRET, REFRESH_TOKEN, FakeYoutube, browser, fake_youtube, query_of
from tests.fakes import MemoryKeyring


class Desk:
    """The parts of a sign-in at a fake Google."""

    def __init__(self, fake: FakeYoutube, folder: Path) -> None:
        settings = fake.settings(folder)
        self.fake, self.http = fake, Http()
        self.addresses, self.client = Addresses.of(settings), read_client(settings.youtube_client_file)

    def attempt(self, within_s: float = 10.0) -> SignIn:
        return SignIn(self.http, self.addresses, self.client, within_s)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with fake_youtube() as fake:
        one = Desk(fake, tmp_path)
        yield one
        await one.http.close()


async def error_of(attempt: SignIn) -> Code:
    with pytest.raises(YoutubeError) as caught:
        await attempt.finish()
    assert REFRESH_TOKEN not in str(caught.value) and CLIENT_SECRET not in str(caught.value)
    return caught.value.code


def test_the_challenge_is_that_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_who_signs_in_gets_tokens_and_the_port_is_closed(desk: Desk) -> None:
    attempt = desk.attempt()
    url = await attempt.begin()
    asked = query_of(url)
    assert asked["redirect_uri"].startswith("http://127.0.0.1:") and asked["code_challenge_method"] == "S256"
    assert (await asyncio.gather(attempt.finish(), browser(url)))[1] == 200
    with pytest.raises(aiohttp.ClientConnectionError):
        await browser(asked["redirect_uri"])


async def test_the_tokens_are_shown_by_nothing(desk: Desk) -> None:
    attempt = desk.attempt()
    url = await attempt.begin()
    tokens, _ = await asyncio.gather(attempt.finish(), browser(url))
    assert tokens.refresh == REFRESH_TOKEN and tokens.access in desk.fake.access
    assert "canary" not in repr(tokens) + repr(desk.client)


@pytest.mark.parametrize("tail", ["\r\nX-Evil: 1", "\0", "é", "x" * 5000])
async def test_a_token_that_is_none_is_refused(desk: Desk, tail: str) -> None:
    desk.fake.token_tail = tail
    attempt = desk.attempt()
    url = await attempt.begin()
    waiting = asyncio.create_task(error_of(attempt))
    await browser(url)
    assert await waiting is Code.ANSWER


async def test_a_header_that_can_be_none_is_an_error_with_a_type(desk: Desk) -> None:
    with pytest.raises(YoutubeError) as caught:
        await desk.http.request("GET", desk.addresses.token, headers={"Authorization": "a\r\nb"})
    assert caught.value.code is Code.ANSWER


async def test_a_refusal_in_the_browser_is_told(desk: Desk) -> None:
    desk.fake.deny = "access_denied"
    attempt = desk.attempt()
    url = await attempt.begin()
    waiting = asyncio.create_task(error_of(attempt))
    assert await browser(url) == 200
    assert await waiting is Code.DENIED


async def test_an_answer_with_another_state_is_not_used_and_ends_nothing(desk: Desk) -> None:
    attempt = desk.attempt()
    url = await attempt.begin()
    waiting = asyncio.create_task(attempt.finish())
    redirect = query_of(url)["redirect_uri"]
    assert await browser(f"{redirect}?code=4/stolen&state=guessed") == 400
    assert await browser(f"{redirect}?error=access_denied&state=guessed") == 400
    assert not waiting.done()
    await browser(url)
    assert (await waiting).refresh == REFRESH_TOKEN


async def test_a_page_elsewhere_that_leads_here_by_another_name_is_not_heard(desk: Desk) -> None:
    attempt = desk.attempt(0.3)
    asked = query_of(await attempt.begin())
    back = f"{asked['redirect_uri']}?code=4/x&state={asked['state']}"
    waiting = asyncio.create_task(error_of(attempt))
    async with (
        aiohttp.ClientSession() as session,
        session.get(back, headers={"Host": "evil.example"}) as page,
    ):
        assert page.status == 400
    assert await waiting is Code.SIGN_IN_FORGED


async def test_only_forged_answers_are_told_as_such_at_the_end(desk: Desk) -> None:
    desk.fake.state_of_answer = "another"
    attempt = desk.attempt(0.3)
    url = await attempt.begin()
    waiting = asyncio.create_task(error_of(attempt))
    await browser(url)
    assert await waiting is Code.SIGN_IN_FORGED


async def test_nobody_comes(desk: Desk) -> None:
    attempt = desk.attempt(0.05)
    await attempt.begin()
    assert await error_of(attempt) is Code.SIGN_IN_TIMEOUT


async def test_a_cancelled_sign_in_listens_no_more(desk: Desk) -> None:
    attempt = desk.attempt()
    url = await attempt.begin()
    waiting = asyncio.create_task(attempt.finish())
    await asyncio.sleep(0)
    await attempt.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(aiohttp.ClientConnectionError):
        await browser(query_of(url)["redirect_uri"])


async def test_a_code_that_was_caught_is_worth_nothing_without_the_verifier(desk: Desk) -> None:
    attempt = desk.attempt()
    url = await attempt.begin()
    attempt._verifier = "another" * 10
    waiting = asyncio.create_task(error_of(attempt))
    await browser(url)
    assert await waiting is Code.SIGN_IN_AGAIN


async def test_an_account_that_does_not_allow_youtube_is_refused(desk: Desk) -> None:
    desk.fake.scope = "openid"
    attempt = desk.attempt()
    url = await attempt.begin()
    waiting = asyncio.create_task(error_of(attempt))
    await browser(url)
    assert await waiting is Code.SCOPE


async def test_another_project_is_refused(desk: Desk) -> None:
    desk.client = Client(desk.client.client_id, "wrong")
    attempt = desk.attempt()
    url = await attempt.begin()
    waiting = asyncio.create_task(error_of(attempt))
    await browser(url)
    assert await waiting is Code.CLIENT_REFUSED


# ---- the file of the project


@pytest.mark.parametrize(
    "content", ["", "{}", '{"web": {"client_id": "x"}}', '{"installed": 3}', "x" * 20_000]
)
def test_a_file_that_is_no_client_of_a_desktop_app(
    tmp_path: Path, content: str, expect_log: pytest.FixtureRequest
) -> None:
    expect_log("the file of the Cloud project cannot be used")  # type: ignore[operator]
    file = tmp_path / "client.json"
    file.write_text(content)
    with pytest.raises(YoutubeError) as caught:
        read_client(str(file))
    assert caught.value.code is Code.NO_CLIENT


# ---- where it is kept


async def access(one: Account, desk: Desk, refused: str = "") -> str:
    return await one.access(desk.addresses, desk.client, refused)


async def kept(desk: Desk, vault: Vault, *, for_run: bool = False) -> Account:
    one = Account(desk.http, vault)
    desk.fake.access.add("first-access")
    await one.keep(Tokens("first-access", 3600.0, REFRESH_TOKEN), for_run=for_run)
    return one


async def test_the_permission_lies_in_the_keyring_and_nowhere_else(
    desk: Desk, memory_keyring: MemoryKeyring
) -> None:
    vault = Vault()
    await kept(desk, vault)
    assert memory_keyring.passwords == {(KEYRING_SERVICE, TOKEN_ENTRY): REFRESH_TOKEN}
    assert vault.get(TOKEN_ENTRY) == ""
    next_run = Account(desk.http, Vault())
    assert await next_run.load() and next_run.kept == "keyring"
    assert await access(next_run, desk) in desk.fake.access


async def test_without_a_keyring_it_lives_as_long_as_the_keeper(desk: Desk) -> None:
    assert not await Account(desk.http, Vault()).can_be_kept()
    vault = Vault()
    with pytest.raises(YoutubeError) as caught:
        await kept(desk, vault)
    assert caught.value.code is Code.NO_KEYRING
    await kept(desk, vault, for_run=True)
    next_engine = Account(desk.http, vault)
    assert await next_engine.load() and next_engine.kept == "run"
    assert not await Account(desk.http, Vault()).load()


async def test_who_signs_out_is_forgotten_here_and_there(desk: Desk, memory_keyring: MemoryKeyring) -> None:
    one = await kept(desk, Vault())
    await one.forget(desk.addresses)
    assert memory_keyring.passwords == {} and desk.fake.revoked and not one.signed_in
    with pytest.raises(YoutubeError):
        await access(one, desk)


async def test_the_probe_of_the_keyring_leaves_nothing(desk: Desk, memory_keyring: MemoryKeyring) -> None:
    assert await Account(desk.http, Vault()).can_be_kept()
    assert memory_keyring.passwords == {}


# ---- renewal


async def test_an_access_token_is_used_until_it_is_about_to_end(
    desk: Desk, memory_keyring: MemoryKeyring
) -> None:
    now_s = 0.0
    one = Account(desk.http, Vault(), lambda: now_s)
    await one.keep(Tokens("first-access", 3600.0, REFRESH_TOKEN), for_run=False)
    assert await access(one, desk) == "first-access" and desk.fake.refreshes == 0
    now_s = 3600.0 - account_module.EARLY_S
    assert await access(one, desk) != "first-access" and desk.fake.refreshes == 1


async def test_many_who_ask_at_once_renew_it_once(desk: Desk, memory_keyring: MemoryKeyring) -> None:
    one = await kept(desk, Vault())
    found = await asyncio.gather(*(access(one, desk, "first-access") for _ in range(5)))
    assert desk.fake.refreshes == 1 and len(set(found)) == 1


async def test_a_permission_that_was_taken_back_says_so(desk: Desk, memory_keyring: MemoryKeyring) -> None:
    one = await kept(desk, Vault())
    desk.fake.refresh_good = False
    with pytest.raises(YoutubeError) as caught:
        await access(one, desk, "first-access")
    assert caught.value.code is Code.SIGN_IN_AGAIN and not caught.value.retried


async def test_a_token_server_that_is_down_is_no_reason_to_sign_in_again(
    desk: Desk, memory_keyring: MemoryKeyring
) -> None:
    one = await kept(desk, Vault())
    desk.fake.fail = ["token_down"]
    with pytest.raises(YoutubeError) as caught:
        await access(one, desk, "first-access")
    assert caught.value.code is Code.SERVER and caught.value.retried
    await desk.fake.stop()
    with pytest.raises(YoutubeError) as caught:
        await oauth.renewed(desk.http, desk.addresses, desk.client, REFRESH_TOKEN)
    assert caught.value.code is Code.NETWORK
