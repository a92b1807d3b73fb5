"""Cleaning of the names that participants give themselves."""

from __future__ import annotations

import unicodedata

MAX_NAME_CHARS = 64

# More marks than this on one letter is no writing of any language but a "zalgo" text.
_MAX_MARKS = 3
_JOINERS = {0x200C, 0x200D}


def _kept(char: str) -> bool:
    """Whether a character may stand in a name: no control, format, bidi, private or unassigned one."""
    if ord(char) in _JOINERS:
        return True
    return unicodedata.category(char)[0] != "C"


def clean_name(text: str, limit: int = MAX_NAME_CHARS) -> str:
    """Return a name as it may be shown: NFC, one line, no control, bidi or invisible characters.

    At most `limit` characters, "" where nothing is left. Markup stays: whoever shows a name shows plain text.
    """
    start = unicodedata.normalize("NFC", text[: limit * 16])
    flat = "".join(" " if char.isspace() else char for char in start)
    kept: list[str] = []
    marks = 0
    for char in flat:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if _kept(char) and marks <= _MAX_MARKS:
            kept.append(char)
    line = " ".join("".join(kept).split())
    return unicodedata.normalize("NFC", line)[:limit].strip(" \u200c\u200d")
