"""Requests to Google: bounded in time and size, no redirect followed, every failure a typed error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import msgspec

from operator_console.session.codes import YoutubeCode
from operator_console.youtube.errors import YoutubeError

ANSWER_MAX_BYTES = 512 * 1024
TOTAL_S = 15.0
CONNECT_S = 6.0
AFTER_MAX_S = 300.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    body: bytes
    after_s: float = 0.0
    """How long the server wants to be left alone."""


class Http:
    """One connection pool, made with the first request: without an account nothing is opened."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | Mapping[str, str] | None = None,
        total_s: float = TOTAL_S,
    ) -> Answer:
        """Ask; any status is an answer. Raises YoutubeError NETWORK, TLS or ANSWER (too large, or asked
        with what was no answer).
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=True, cookie_jar=aiohttp.DummyCookieJar())
        limits = aiohttp.ClientTimeout(total=total_s, connect=CONNECT_S)
        try:
            async with self._session.request(
                method,
                url,
                params=params,
                headers=headers,
                data=data,
                timeout=limits,
                allow_redirects=False,  # a token goes where the settings say, nowhere else
            ) as answer:
                body = await _bounded(answer)
                return Answer(answer.status, body, _after_s(answer.headers.get("Retry-After", "")))
        except (aiohttp.ClientSSLError, aiohttp.ClientConnectorCertificateError) as error:
            raise YoutubeError(YoutubeCode.TLS, f"no trusted line: {type(error).__name__}") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            # their texts hold the address with its query: the kind says enough
            raise YoutubeError(YoutubeCode.NETWORK, f"no answer: {type(error).__name__}") from None
        except ValueError:  # no header and no address holds a line break
            raise YoutubeError(YoutubeCode.ANSWER, "what is to be sent can be in no request") from None

    async def close(self) -> None:
        """Let the connections go."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(64 * 1024):
        size += len(part)
        if size > ANSWER_MAX_BYTES:
            raise YoutubeError(YoutubeCode.ANSWER, f"an answer of more than {ANSWER_MAX_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


def _after_s(text: str) -> float:
    return min(float(text), AFTER_MAX_S) if text.isascii() and text.isdigit() else 0.0


def decoded(answer: Answer, kind: type[T]) -> T:
    """The body as JSON of a type. Raises YoutubeError(ANSWER)."""
    try:
        return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        text = f"an answer that is no {kind.__name__}: {type(error).__name__}"
        raise YoutubeError(YoutubeCode.ANSWER, text) from None
