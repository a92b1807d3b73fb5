"""The office's Google Cloud project and where Google's servers are, from the settings."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from urllib.parse import urljoin

import msgspec

from operator_console import log as app_log
from operator_console.session.codes import YoutubeCode
from operator_console.settings import Settings
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.files import read_regular

_log = logging.getLogger(__name__)

FILE_MAX_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where Google's servers are; a test server can stand in for each."""

    api: str
    upload: str
    auth: str
    token: str

    @property
    def revoke(self) -> str:
        """Where a token is taken back: beside the one where it is given."""
        return urljoin(self.token, "revoke")

    @classmethod
    def of(cls, settings: Settings) -> Addresses:
        """The addresses of the settings."""
        return cls(
            api=settings.youtube_api_url.rstrip("/"),
            upload=settings.youtube_upload_url.rstrip("/"),
            auth=settings.youtube_auth_url,
            token=settings.youtube_token_url,
        )


@dataclass(frozen=True, slots=True)
class Client:
    """The OAuth client of a Cloud project. Google's "secret" of an installed app is none, but is kept as one
    (https://developers.google.com/identity/protocols/oauth2#installed).
    """

    client_id: str
    secret: str = field(repr=False)


class _Installed(msgspec.Struct, frozen=True):
    client_id: str
    client_secret: str = ""


class _File(msgspec.Struct, frozen=True):
    installed: _Installed


def read_client(file: str) -> Client:
    """The client of the JSON file that the Cloud console hands out for a desktop app.

    Reads a file: not for an event loop. Raises YoutubeError(NO_CLIENT).
    """
    if not file:
        raise YoutubeError(
            YoutubeCode.NO_CLIENT, "youtube_client_file is not set", file="youtube_client_file"
        )
    try:
        data = read_regular(file, FILE_MAX_BYTES + 1)
        if len(data) > FILE_MAX_BYTES:
            raise ValueError("too large")
        found = msgspec.json.decode(data, type=_File).installed
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        _log.warning("the file of the Cloud project cannot be used: %s", type(error).__name__)
        text = "the file of the Cloud project is no client of a desktop app"
        raise YoutubeError(YoutubeCode.NO_CLIENT, text, file=file[:200]) from None
    if not found.client_id:
        text = "the file of the Cloud project names no client"
        raise YoutubeError(YoutubeCode.NO_CLIENT, text, file=file[:200])
    app_log.hide(found.client_secret)
    return Client(found.client_id, found.client_secret)
