"""The picture of a broadcast: what YouTube takes, checked before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from operator_console.session.codes import YoutubeCode
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.files import read_regular

MAX_BYTES = 2 * 1024 * 1024
"""https://developers.google.com/youtube/v3/docs/thumbnails/set"""
_KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture that may be sent."""

    data: bytes
    kind: str


def read_thumbnail(file: str) -> Thumbnail:
    """Read a JPEG or PNG of at most 2 MiB; blocks. Raises YoutubeError THUMBNAIL_*."""
    name = Path(file).name[:120]
    try:
        data = read_regular(file, MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        text = f"the thumbnail cannot be read: {type(error).__name__}"
        raise YoutubeError(YoutubeCode.THUMBNAIL_MISSING, text, file=name) from None
    if len(data) > MAX_BYTES:
        text = "the thumbnail is larger than 2 MB"
        raise YoutubeError(YoutubeCode.THUMBNAIL_SIZE, text, file=name)
    for begin, kind in _KINDS:
        if data.startswith(begin):
            return Thumbnail(data, kind)
    text = "the thumbnail is neither JPEG nor PNG"
    raise YoutubeError(YoutubeCode.THUMBNAIL_TYPE, text, file=name)
