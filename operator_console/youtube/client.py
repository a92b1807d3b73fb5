"""Our own calls of the YouTube Data API: the handful that a broadcast needs.

Not google-api-python-client: for about ten calls it costs an installer 113 MB of discovery documents, each
engine 0.4 s of import, and it blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from operator_console.session.codes import YoutubeCode
from operator_console.youtube import answers as a
from operator_console.youtube.account import Account
from operator_console.youtube.errors import REDUNDANT, YoutubeError, api_error
from operator_console.youtube.http import Answer, Http, decoded
from operator_console.youtube.project import Addresses, Client
from operator_console.youtube.thumbnail import Thumbnail
from operator_console.youtube.units import LIST, WRITE, Units

T = TypeVar("T")
PAGES_MAX = 4
PAGE = 50
UPLOAD_S = 60.0
BROADCAST_PARTS = "id,snippet,status,contentDetails"
_ID = re.compile(r"[\w-]{1,64}")


def checked_id(text: str) -> str:
    """An id that may stand in an address. Raises YoutubeError(ANSWER)."""
    if not _ID.fullmatch(text):
        raise YoutubeError(YoutubeCode.ANSWER, "an id that is none")
    return text


class YoutubeClient:
    """Each call: token, request, one renewal of the token where it was refused; no other retries."""

    def __init__(
        self, http: Http, account: Account, project: Callable[[], tuple[Addresses, Client]], units: Units
    ) -> None:
        self._http, self._account, self._project, self.units = http, account, project, units

    async def channel(self) -> a.ChannelItem:
        """channels.list(mine): whose account this is."""
        found = await self._get("channels", a.ChannelList, part="id,snippet", mine="true")
        if not found.items:
            raise YoutubeError(YoutubeCode.NO_CHANNEL, "the account has no channel")
        return found.items[0]

    # ---- broadcasts

    async def broadcast(self, broadcast_id: str) -> a.BroadcastItem:
        """liveBroadcasts.list(id)."""
        found = await self._get("liveBroadcasts", a.BroadcastList, part=BROADCAST_PARTS, id=broadcast_id)
        if not found.items:
            raise YoutubeError(YoutubeCode.GONE, "the broadcast does not exist")
        return found.items[0]

    async def upcoming(self) -> list[a.BroadcastItem]:
        """liveBroadcasts.list(broadcastStatus=upcoming), the first 200."""
        return await self._broadcasts("upcoming")

    async def active(self) -> list[a.BroadcastItem]:
        """liveBroadcasts.list(broadcastStatus=active), the first 200."""
        return await self._broadcasts("active")

    async def _broadcasts(self, status: str) -> list[a.BroadcastItem]:
        found: list[a.BroadcastItem] = []
        page: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            some = await self._get(
                "liveBroadcasts",
                a.BroadcastList,
                part=BROADCAST_PARTS,
                broadcastStatus=status,
                broadcastType="all",
                maxResults=str(PAGE),
                **page,
            )
            found += some.items
            if not some.next_page_token:
                break
            page = {"pageToken": some.next_page_token}
        return found

    async def insert_broadcast(self, body: dict[str, Any]) -> a.BroadcastItem:
        """liveBroadcasts.insert."""
        made = await self._send("POST", "liveBroadcasts", body, part="id,snippet,status,contentDetails")
        return decoded(made, a.BroadcastItem)

    async def update_broadcast(self, body: dict[str, Any]) -> a.BroadcastItem:
        """liveBroadcasts.update."""
        made = await self._send("PUT", "liveBroadcasts", body, part=BROADCAST_PARTS)
        return decoded(made, a.BroadcastItem)

    async def bind(self, broadcast_id: str, stream_id: str) -> a.BroadcastItem:
        """liveBroadcasts.bind."""
        made = await self._send(
            "POST", "liveBroadcasts/bind", None, part=BROADCAST_PARTS, id=broadcast_id, streamId=stream_id
        )
        return decoded(made, a.BroadcastItem)

    async def transition(self, broadcast_id: str, to: str) -> None:
        """liveBroadcasts.transition to testing, live or complete; one that has happened already is none."""
        try:
            await self._send(
                "POST",
                "liveBroadcasts/transition",
                None,
                part="id,status",
                id=broadcast_id,
                broadcastStatus=to,
            )
        except YoutubeError as error:
            if error.details.get("why") != REDUNDANT:
                raise

    async def delete_broadcast(self, broadcast_id: str) -> None:
        """liveBroadcasts.delete."""
        await self._send("DELETE", "liveBroadcasts", None, id=broadcast_id)

    # ---- streams

    async def streams(self) -> list[a.StreamItem]:
        """liveStreams.list(mine), the first 200, with their addresses and keys."""
        found: list[a.StreamItem] = []
        page: dict[str, str] = {}
        for _ in range(PAGES_MAX):
            some = await self._get(
                "liveStreams",
                a.StreamList,
                part="id,snippet,cdn,status,contentDetails",
                mine="true",
                maxResults=str(PAGE),
                **page,
            )
            found += some.items
            if not some.next_page_token:
                break
            page = {"pageToken": some.next_page_token}
        return found

    async def stream(self, stream_id: str, *, with_key: bool = False) -> a.StreamItem:
        """liveStreams.list(id): its status, and only if asked for its address and key."""
        part = "id,cdn,status" if with_key else "id,status"
        found = await self._get("liveStreams", a.StreamList, part=part, id=stream_id)
        if not found.items:
            raise YoutubeError(YoutubeCode.GONE, "the stream does not exist")
        return found.items[0]

    async def insert_stream(self, body: dict[str, Any]) -> a.StreamItem:
        """liveStreams.insert."""
        made = await self._send("POST", "liveStreams", body, part="id,snippet,cdn,status,contentDetails")
        return decoded(made, a.StreamItem)

    # ---- videos

    async def live_details(self, broadcast_id: str) -> a.LiveDetails:
        """videos.list(liveStreamingDetails): a broadcast's id is its video's."""
        found = await self._get("videos", a.VideoList, part="id,liveStreamingDetails", id=broadcast_id)
        return found.items[0].live_streaming_details if found.items else a.LiveDetails()

    async def set_thumbnail(self, broadcast_id: str, picture: Thumbnail) -> None:
        """thumbnails.set."""
        addresses, _ = self._project()
        await self._call(
            "POST",
            f"{addresses.upload}/thumbnails/set",
            {"videoId": broadcast_id, "uploadType": "media"},
            WRITE,
            data=picture.data,
            kind=picture.kind,
            total_s=UPLOAD_S,
        )

    # ---- how

    async def _get(self, path: str, kind: type[T], **params: str) -> T:
        addresses, _ = self._project()
        return decoded(await self._call("GET", f"{addresses.api}/{path}", params, LIST), kind)

    async def _send(self, method: str, path: str, body: dict[str, Any] | None, **params: str) -> Answer:
        addresses, _ = self._project()
        data = msgspec.json.encode(body) if body is not None else None
        return await self._call(method, f"{addresses.api}/{path}", params, WRITE, data=data)

    async def _call(
        self,
        method: str,
        url: str,
        params: dict[str, str],
        units: int,
        *,
        data: bytes | None = None,
        kind: str = "application/json",
        total_s: float = 15.0,
    ) -> Answer:
        addresses, client = self._project()
        refused = ""
        while True:
            token = await self._account.access(addresses, client, refused)
            headers = {"Authorization": f"Bearer {token}"}
            if data is not None:
                headers["Content-Type"] = kind
            self.units.add(units)
            answer = await self._http.request(
                method, url, params=params, headers=headers, data=data, total_s=total_s
            )
            if answer.status != 401 or refused:
                break
            refused = token
        if 200 <= answer.status < 300:
            return answer
        raise _error_of(answer)


def _error_of(answer: Answer) -> YoutubeError:
    try:
        said = decoded(answer, a.ErrorAnswer).error
    except YoutubeError:
        return api_error(answer.status, "", "not in the API's words", answer.after_s)
    first = said.errors[0] if said.errors else a.ErrorDetail()
    return api_error(answer.status, first.reason, said.message or first.message, answer.after_s)
