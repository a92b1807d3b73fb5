"""What is a secret by its shape, wherever it appears, also inside a traceback."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(rtmps?://[^\s/]+/[^\s/]+/)[^\s'\"<>]+", re.I), rf"\1{HIDDEN}"),
    (re.compile(r"(\w://)[^\s/@]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(#t=)[^\s'\"&<>]+"), rf"\1{HIDDEN}"),
    (re.compile(r"\b(Bearer|Authorization['\"]?\s*[:=]\s*['\"]?\w+)\s+[\w.~+/=-]+", re.I), rf"\1 {HIDDEN}"),
    (
        re.compile(
            r"([\w-]*(?:token|secret|passwor[dt]|credential|stream_?key|api_?key)['\"]?\s*[=:]\s*['\"]?)"
            r"[^\s'\"&,;<>]+",
            re.I,
        ),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b[a-z0-9]{4}(?:-[a-z0-9]{4}){3,4}\b(?!-)"), HIDDEN),  # a YouTube stream key
)


def looks_secret(text: str) -> bool:
    """Whether a text holds what is a secret by its shape, such as a YouTube stream key. Pure."""
    return any(shape.search(text) for shape, _ in SHAPES)
