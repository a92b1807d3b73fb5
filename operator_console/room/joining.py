"""Redeems invite tokens: asks the engine, and asks again when the engine was restarted meanwhile."""

from __future__ import annotations

import asyncio
import itertools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from aiohttp import web

from operator_console.protocol import AnyFromWorker, RedeemAnswer, RedeemInvite
from operator_console.room.guard import Guard, HttpError
from operator_console.room.messages import JoinRequest, decode_join
from operator_console.room.names import clean_name
from operator_console.room.roster import Roster
from operator_console.room.tokens import hash_secret, new_session_secret, well_formed

ENGINE_TIMEOUT_S = 8.0
"""Longer than an engine restart takes (2 s), shorter than a request may last."""
REMEMBERED = 512
"""Attempts whose answer is kept, for a page whose connection broke before it came."""

STATUS = {
    "unknown_invite": 403,
    "revoked": 403,
    "expired": 410,
    "used_up": 410,
    "locked": 423,
    "full": 503,
    "closed": 409,
}


@dataclass(slots=True)
class Attempt:
    """One redemption: the question as it was put, and the answer to come."""

    question: RedeemInvite
    secret: str
    answer: asyncio.Future[RedeemAnswer]


class Joining:
    """Handler of ``POST /api/join``."""

    def __init__(self, guard: Guard, roster: Roster, ask: Callable[[AnyFromWorker], bool]) -> None:
        self._guard = guard
        self._roster = roster
        self._ask = ask
        self._numbers = itertools.count(1)
        self._attempts: OrderedDict[str, Attempt] = OrderedDict()
        """By the hash of token and the page's own number of the attempt."""

    async def handle(self, request: web.Request) -> web.Response:
        """Redeem a token for a session secret, or say in one code why not."""
        try:
            body = decode_join(await request.read())
        except msgspec.MsgspecError as error:
            raise HttpError(400, "malformed") from error
        self._guard.allow_join(request.remote)
        if not well_formed(body.token):
            self._guard.wrong_guess(request.remote)
            raise HttpError(403, "unknown_invite")
        name = clean_name(body.name)
        if not name:
            raise HttpError(422, "name")
        attempt = self._attempt(body, name)
        try:
            # Shielded: the same attempt may be waited for by a second request of the same page.
            answer = await asyncio.wait_for(asyncio.shield(attempt.answer), ENGINE_TIMEOUT_S)
        except TimeoutError as error:
            raise HttpError(503, "engine", 1) from error
        if answer.error:
            if answer.error == "unknown_invite":
                self._guard.wrong_guess(request.remote)
            raise HttpError(STATUS.get(answer.error, 403), answer.error)
        return web.json_response({"session": attempt.secret, "participant_id": answer.participant_id})

    def _attempt(self, body: JoinRequest, name: str) -> Attempt:
        key = hash_secret(body.token) + body.attempt
        known = self._attempts.get(key)
        if known is not None and not (known.answer.done() and known.answer.result().error):
            return known
        secret = new_session_secret()
        question = RedeemInvite(
            request=next(self._numbers),
            token_hash=hash_secret(body.token),
            name=name,
            office=clean_name(body.office),
            consent=body.consent,
            session_hash=hash_secret(secret),
        )
        attempt = Attempt(question, secret, asyncio.get_running_loop().create_future())
        if body.attempt:
            self._attempts[key] = attempt
        else:
            self._attempts[question.session_hash] = attempt
        while len(self._attempts) > REMEMBERED:
            self._attempts.popitem(last=False)[1].answer.cancel()
        self._ask(question)
        return attempt

    def expected(self, session_hash: str) -> bool:
        """Whether the engine has accepted this session but the roster may not show it yet."""
        return any(
            one.question.session_hash == session_hash
            and one.answer.done()
            and not one.answer.cancelled()
            and not one.answer.result().error
            for one in self._attempts.values()
        )

    def answered(self, answer: RedeemAnswer) -> None:
        """Take the engine's decision."""
        for attempt in self._attempts.values():
            if attempt.question.request == answer.request:
                self._settle(attempt, answer)

    def _settle(self, attempt: Attempt, answer: RedeemAnswer) -> None:
        if attempt.answer.done():
            return
        entry = self._roster.by_session(attempt.question.session_hash)
        if answer.error and entry is not None:
            # The engine that took the token died before it could say so; the new one finds the token used up.
            answer = RedeemAnswer(request=answer.request, participant_id=entry.participant_id)
        attempt.answer.set_result(answer)

    def engine_came(self) -> None:
        """Settle with a new engine's roster what was open, and ask the rest again."""
        for attempt in self._attempts.values():
            if attempt.answer.done():
                continue
            entry = self._roster.by_session(attempt.question.session_hash)
            if entry is not None:
                found = RedeemAnswer(request=attempt.question.request, participant_id=entry.participant_id)
                attempt.answer.set_result(found)
            else:
                self._ask(attempt.question)

    def close(self) -> None:
        """Let those who wait go."""
        for attempt in self._attempts.values():
            attempt.answer.cancel()
        self._attempts.clear()
