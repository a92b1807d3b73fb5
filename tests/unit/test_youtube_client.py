"""Calls of the YouTube API: errors by meaning, tokens renewed once, hostile answers refused, units."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from operator_console.engine.vault import Vault
from operator_console.session.codes import YoutubeCode as Code
from operator_console.youtube import http as http_module
from operator_console.youtube import plan
from operator_console.youtube.account import Account
from operator_console.youtube.client import YoutubeClient
from operator_console.youtube.errors import YoutubeError, api_error
from operator_console.youtube.http import Http
from operator_console.youtube.oauth import Tokens
from operator_console.youtube.project import Addresses, Client, read_client
from operator_console.youtube.thumbnail import MAX_BYTES, Thumbnail, read_thumbnail
from operator_console.youtube.units import Units
from tests.fake_youtube import REFRESH_TOKEN, STREAM_KEY, FakeYoutube, RefusedError, fake_youtube
from tests.fakes import MemoryKeyring

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100


class Signed:
    """A client that is signed in at a fake YouTube."""

    def __init__(self, fake: FakeYoutube, folder: Path) -> None:
        settings = fake.settings(folder)
        self.fake, self.http = fake, Http()
        self.project: tuple[Addresses, Client] = (
            Addresses.of(settings),
            read_client(settings.youtube_client_file),
        )
        self.account = Account(self.http, Vault())
        self.client = YoutubeClient(self.http, self.account, lambda: self.project, Units())

    async def sign_in(self) -> None:
        self.fake.access.add("first-access")
        await self.account.keep(Tokens("first-access", 3600.0, REFRESH_TOKEN), for_run=True)

    async def error(self) -> YoutubeError:
        with pytest.raises(YoutubeError) as caught:
            await self.client.channel()
        for secret in ("first-access", REFRESH_TOKEN, STREAM_KEY):
            assert secret not in str(caught.value) + str(caught.value.details)
        return caught.value


@pytest.fixture
async def signed(tmp_path: Path, memory_keyring: MemoryKeyring) -> AsyncIterator[Signed]:
    async with fake_youtube() as fake:
        one = Signed(fake, tmp_path)
        await one.sign_in()
        yield one
        await one.http.close()


def body(title: str = "Rapat") -> dict[str, object]:
    return plan.new_broadcast(title, "", "unlisted", 4_000_000_000_000)


# ---- what works


async def test_a_broadcast_from_its_making_to_its_end(signed: Signed) -> None:
    client, fake = signed.client, signed.fake
    assert (await client.channel()).snippet.title == "Pemkab Banjar"
    made = await client.insert_broadcast(body())
    stream = await client.insert_stream(plan.new_stream())
    assert (await client.bind(made.id, stream.id)).stream_id == stream.id
    assert [one.id for one in await client.upcoming()] == [made.id]
    fake.stream_status = "active"
    await client.transition(made.id, "live")
    assert (await client.broadcast(made.id)).life == "live"
    assert (await client.live_details(made.id)).concurrent_viewers == "12"
    await client.transition(made.id, "complete")
    assert (await client.live_details(made.id)).actual_end_time


async def test_the_key_is_only_asked_for_where_it_is_needed_and_shown_by_nothing(signed: Signed) -> None:
    made = await signed.client.insert_stream(plan.new_stream())
    asked = await signed.client.stream(made.id)
    assert asked.cdn.ingestion_info.stream_name == ""
    with_key = await signed.client.stream(made.id, with_key=True)
    assert with_key.cdn.ingestion_info.stream_name == STREAM_KEY and STREAM_KEY not in repr(with_key)


async def test_an_update_keeps_what_it_does_not_change(signed: Signed) -> None:
    signed.fake.add_broadcast(body())
    (item,) = await signed.client.upcoming()
    item.content_details["enableAutoStop"] = True
    item.content_details["closedCaptionsType"] = "closedCaptionsHttpPost"
    wanted = plan.changed_broadcast(item, "Lain", "Isi", "public")
    assert wanted is not None
    changed = await signed.client.update_broadcast(wanted)
    assert (changed.snippet.title, changed.status.privacy_status) == ("Lain", "public")
    assert changed.content_details["enableAutoStop"] is False
    assert changed.content_details["closedCaptionsType"] == "closedCaptionsHttpPost"
    assert plan.changed_broadcast(changed, "Lain", "Isi", "public") is None


async def test_a_redundant_transition_is_a_success(signed: Signed) -> None:
    made = await signed.client.insert_broadcast(body())
    signed.fake.broadcasts[made.id]["status"]["lifeCycleStatus"] = "live"
    await signed.client.transition(made.id, "live")


async def test_a_picture_is_sent_as_it_is(signed: Signed, tmp_path: Path) -> None:
    made = await signed.client.insert_broadcast(body())
    (tmp_path / "gambar.png").write_bytes(PNG)
    await signed.client.set_thumbnail(made.id, read_thumbnail(str(tmp_path / "gambar.png")))
    assert signed.fake.thumbnails == {made.id: PNG}


async def test_a_deleted_broadcast_is_gone(signed: Signed) -> None:
    made = await signed.client.insert_broadcast(body())
    await signed.client.delete_broadcast(made.id)
    for call in (signed.client.broadcast(made.id), signed.client.delete_broadcast(made.id)):
        with pytest.raises(YoutubeError) as caught:
            await call
        assert caught.value.code is Code.GONE


# ---- errors


@pytest.mark.parametrize(
    ("status", "reason", "code", "retried"),
    [
        (403, "quotaExceeded", Code.QUOTA, False),
        (403, "dailyLimitExceeded", Code.QUOTA, False),
        (403, "liveStreamingNotEnabled", Code.NOT_ENABLED, False),
        (403, "livePermissionBlocked", Code.NOT_ENABLED, False),
        (403, "insufficientPermissions", Code.PERMISSION, False),
        (403, "insufficientLivePermissions", Code.PERMISSION, False),
        (403, "invalidTransition", Code.TRANSITION, False),
        (403, "errorStreamInactive", Code.TRANSITION, False),
        (403, "userRequestsExceedRateLimit", Code.RATE, True),
        (429, "", Code.RATE, True),
        (403, "userBroadcastsExceedLimit", Code.TOO_MANY, False),
        (403, "accessNotConfigured", Code.CLIENT_REFUSED, False),
        (401, "youtubeSignupRequired", Code.NO_CHANNEL, False),
        (404, "liveBroadcastNotFound", Code.GONE, False),
        (404, "somethingNewNotFound", Code.GONE, False),
        (404, "", Code.ANSWER, True),
        (400, "invalidTitle", Code.BAD_TEXT, False),
        (503, "errorExecutingTransition", Code.SERVER, True),
        (500, "", Code.SERVER, True),
        (400, "somethingNew", Code.REFUSED, False),
        (302, "", Code.REFUSED, False),
    ],
)
def test_errors_of_the_documentation(status: int, reason: str, code: Code, retried: bool) -> None:
    error = api_error(status, reason, "Said\nwith <b>words</b> " + "x" * 1000)
    assert (error.code, error.retried) == (code, retried)
    assert len(error.details["said"]) <= 200 and "\n" not in error.details["said"]


async def test_a_proxy_that_knows_no_such_page_says_nothing_of_the_broadcast(signed: Signed) -> None:
    signed.fake.fail = ["no_such_page"]
    error = await signed.error()
    assert error.code is Code.ANSWER and error.retried


async def test_an_error_keeps_what_youtube_said(signed: Signed) -> None:
    signed.fake.fail = [RefusedError(403, "liveStreamingNotEnabled", "The user is not enabled.")]
    error = await signed.error()
    assert error.code is Code.NOT_ENABLED and error.details["said"] == "The user is not enabled."


async def test_an_expired_token_is_renewed_once(signed: Signed) -> None:
    signed.fake.access.clear()
    assert (await signed.client.channel()).id == "UCbanjar"
    assert signed.fake.refreshes == 1


async def test_a_token_that_stays_refused_means_to_sign_in_again(signed: Signed) -> None:
    signed.fake.fail_path = {"channels.list": RefusedError(401, "authError")}
    signed.fake.access.add("first-access")
    error = await signed.error()
    assert error.code is Code.SIGN_IN_AGAIN and signed.fake.refreshes == 1


async def test_an_account_without_a_channel(signed: Signed) -> None:
    signed.fake.has_channel = False
    assert (await signed.error()).code is Code.NO_CHANNEL


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("drop", Code.NETWORK),
        ("garbage", Code.ANSWER),
        ("huge", Code.ANSWER),
        ("redirect", Code.REFUSED),
    ],
)
async def test_hostile_and_broken_answers(signed: Signed, how: str, code: Code) -> None:
    signed.fake.fail = [how] * (2 if how == "drop" else 1)  # aiohttp asks once more on a line that broke
    assert (await signed.error()).code is code
    assert (await signed.client.channel()).id == "UCbanjar"


async def test_who_does_not_answer_is_not_waited_for(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = signed.http.request

    async def short(*args: object, **given: object) -> http_module.Answer:
        return await asked(*args, **{**given, "total_s": 0.2})  # type: ignore[arg-type]

    monkeypatch.setattr(signed.http, "request", short)
    signed.fake.fail = ["hang"]
    begun_s = time.monotonic()
    assert (await signed.error()).code is Code.NETWORK
    assert time.monotonic() - begun_s < 5


async def test_nobody_there(signed: Signed) -> None:
    await signed.fake.stop()
    error = await signed.error()
    assert error.code is Code.NETWORK and error.retried


async def test_deep_and_wrong_json(signed: Signed, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (b"[" * 100_000, b'{"items": 3}', b'{"items": [{"id": 5}]}', b"\xff\xfe", b""):
        answer = http_module.Answer(200, wrong)

        async def answers(
            *args: object, given: http_module.Answer = answer, **_: object
        ) -> http_module.Answer:
            return given

        monkeypatch.setattr(signed.http, "request", answers)
        assert (await signed.error()).code is Code.ANSWER


# ---- units


async def test_units_are_those_of_the_documentation(signed: Signed) -> None:
    made = await signed.client.insert_broadcast(body())
    await signed.client.broadcast(made.id)
    await signed.client.set_thumbnail(made.id, Thumbnail(PNG, "image/png"))
    assert signed.client.units.used == signed.fake.units == 101


def test_units_begin_anew_at_midnight_in_california() -> None:
    now = datetime.datetime(2026, 1, 10, 7, 59, tzinfo=datetime.UTC)
    units = Units(lambda: now)
    units.add(50)
    assert units.used == 50
    now = datetime.datetime(2026, 1, 10, 8, 1, tzinfo=datetime.UTC)
    assert units.used == 0


# ---- the picture


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a" + b"x" * 50, Code.THUMBNAIL_TYPE),
        (b"", Code.THUMBNAIL_TYPE),
        (b"\xff\xd8\xff" + b"x" * MAX_BYTES, Code.THUMBNAIL_SIZE),
        (None, Code.THUMBNAIL_MISSING),
    ],
)
async def test_a_picture_that_youtube_would_refuse(tmp_path: Path, content: bytes | None, code: Code) -> None:
    file = tmp_path / "gambar.jpg"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(YoutubeError) as caught:
        await asyncio.to_thread(read_thumbnail, str(file))
    assert caught.value.code is code and caught.value.details["file"] == "gambar.jpg"
