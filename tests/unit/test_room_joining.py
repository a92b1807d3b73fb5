"""Invites are redeemed once, by the engine, whatever happens in between."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from operator_console import protocol as p
from operator_console.demo.joiner import JoinRefusedError, join_session
from operator_console.room import joining
from operator_console.room.tokens import hash_secret
from tests.room_kit import Kit, running_room


@pytest.fixture
async def kit(tmp_runtime: Path) -> AsyncIterator[Kit]:
    async with running_room() as running:
        yield running


async def post(kit: Kit, **body: object) -> tuple[int, dict[str, Any]]:
    async with kit.http() as http, http.post("/api/join", json={"name": "Ani", **body}) as answer:
        return answer.status, await answer.json()


async def test_a_good_token_gives_a_session_that_only_its_hash_leaves(kit: Kit) -> None:
    token = kit.engine.invite()
    status, said = await post(kit, token=token, name=" Ani\n\u202e ", office="Desa", consent=True)
    assert status == 200
    question = await kit.engine.wait_for(p.RedeemInvite)
    assert (question.name, question.office, question.consent) == ("Ani", "Desa", True)
    assert question.token_hash == hash_secret(token)
    assert question.session_hash == hash_secret(said["session"])
    assert len(said["session"]) >= 43
    everything = repr(kit.engine.heard)
    assert token not in everything and said["session"] not in everything


@pytest.mark.parametrize("token", ["", "short", "a" * 16 + "/", "ü" * 20, "a b" * 10, "x" * 128])
async def test_a_wrong_token_is_refused(kit: Kit, token: str) -> None:
    assert await post(kit, token=token) == (403, {"error": "unknown_invite"})


async def test_no_token_is_refused(kit: Kit) -> None:
    assert (await post(kit))[0] == 400


@pytest.mark.parametrize(
    ("error", "status"),
    [("expired", 410), ("revoked", 403), ("locked", 423), ("full", 503), ("closed", 409)],
)
async def test_the_engines_refusal_reaches_the_page(kit: Kit, error: str, status: int) -> None:
    assert await post(kit, token=kit.engine.invite(error=error)) == (status, {"error": error})


async def test_a_token_is_used_up(kit: Kit) -> None:
    token = kit.engine.invite(uses=2)
    assert [(await post(kit, token=token))[0] for _ in range(3)] == [200, 200, 410]


@pytest.mark.parametrize("name", ["", "   ", "\u202e\u200d", "\x00\n"])
async def test_a_name_of_nothing_is_refused(kit: Kit, name: str) -> None:
    token = kit.engine.invite()
    assert await post(kit, token=token, name=name) == (422, {"error": "name"})
    assert (await post(kit, token=token))[0] == 200


async def test_ten_thousand_guesses_get_nowhere_and_do_not_reach_the_engine(kit: Kit) -> None:
    statuses = []
    async with kit.http() as http:
        for _ in range(10_000 // 20):  # 500 requests are as good: the limit is reached after 30
            async with http.post(
                "/api/join", json={"name": "x", "token": secrets.token_urlsafe(16)}
            ) as answer:
                statuses.append(answer.status)
    assert 200 not in statuses
    assert statuses.count(403) <= 35
    assert kit.engine.heard_kinds("RedeemInvite") == statuses.count(403)
    assert statuses[-1] == 429
    assert (await post(kit, token=kit.engine.invite()))[1] == {"error": "guesses"}


async def test_an_office_behind_one_address_joins_at_once(kit: Kit) -> None:
    token = kit.engine.invite(uses=50)
    answers = await asyncio.gather(*(post(kit, token=token, name=f"Meja {n}") for n in range(50)))
    assert [status for status, _ in answers] == [200] * 50
    assert len({said["session"] for _, said in answers}) == 50


async def test_the_same_attempt_gets_the_same_answer(kit: Kit) -> None:
    token, attempt = kit.engine.invite(), secrets.token_urlsafe(16)
    first, second = await asyncio.gather(*(post(kit, token=token, attempt=attempt) for _ in range(2)))
    third = await post(kit, token=token, attempt=attempt)
    assert first == second == third
    assert first[0] == 200
    assert (await post(kit, token=token, attempt=secrets.token_urlsafe(16)))[0] == 410


async def test_a_refused_attempt_may_be_tried_again(kit: Kit) -> None:
    token, attempt = kit.engine.invite(error="locked"), secrets.token_urlsafe(16)
    assert (await post(kit, token=token, attempt=attempt))[0] == 423
    kit.engine.errors.clear()
    assert (await post(kit, token=token, attempt=attempt))[0] == 200


async def test_an_engine_that_restarts_in_between_is_asked_again(kit: Kit) -> None:
    kit.engine.answering = False
    asked = asyncio.create_task(post(kit, token=kit.engine.invite()))
    await kit.engine.wait_for(p.RedeemInvite)
    await kit.engine.stop()
    kit.engine.answering = True
    await kit.engine.start()
    assert (await asked)[0] == 200


async def test_an_engine_that_died_after_taking_the_token_took_it_for_him(kit: Kit) -> None:
    kit.engine.answering = False
    token = kit.engine.invite()
    asked = asyncio.create_task(post(kit, token=token))
    question = await kit.engine.wait_for(p.RedeemInvite)
    await kit.engine.stop()
    kit.engine.uses[question.token_hash] = 0
    kit.engine.roster["p9"] = p.RosterEntry(
        participant_id="p9", session_hash=question.session_hash, name="Ani", presence="knocking"
    )
    await kit.engine.start()
    status, said = await asked
    assert (status, said["participant_id"]) == (200, "p9")


async def test_without_an_engine_the_page_is_told_to_wait(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "ENGINE_TIMEOUT_S", 0.2)
    kit.engine.answering = False
    assert await post(kit, token=kit.engine.invite()) == (503, {"error": "engine"})


async def test_joiner_reports_the_refusal(kit: Kit) -> None:
    with pytest.raises(JoinRefusedError) as refused:
        await join_session(kit.base, kit.engine.invite(error="expired"), "Ani", ssl_context=kit.tls)
    assert (refused.value.status, refused.value.code) == (410, "expired")
