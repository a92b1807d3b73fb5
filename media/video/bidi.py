"""Right-to-left writing for a painter that only draws from left to right (a small part of UAX 9)."""

from __future__ import annotations

import unicodedata
from itertools import groupby

_RIGHT = frozenset({"R", "AL"})
_LEFT = frozenset({"L", "EN", "AN"})


def _clusters(text: str) -> list[str]:
    """Letters with the marks that combine with them."""
    found: list[str] = []
    for char in text:
        if found and unicodedata.combining(char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _directions(clusters: list[str], base: str) -> list[str]:
    """R or L for each cluster; spaces and signs follow their neighbours, or the base where those differ."""
    strong = [unicodedata.bidirectional(c[0]) for c in clusters]
    found = ["R" if kind in _RIGHT else "L" if kind in _LEFT else "" for kind in strong]
    before = base
    for index, direction in enumerate(found):
        if direction:
            before = direction
            continue
        after = next((d for d in found[index:] if d), base)
        found[index] = before if before == after else base
    return found


def visual_order(text: str) -> str:
    """The text in the order in which it is drawn from the left; unchanged where nothing is right-to-left."""
    if not any(unicodedata.bidirectional(char) in _RIGHT for char in text):
        return text
    clusters = _clusters(text)
    kinds = (unicodedata.bidirectional(c[0]) for c in clusters)
    base = next(("R" if kind in _RIGHT else "L" for kind in kinds if kind in _RIGHT or kind == "L"), "L")
    directed = zip(_directions(clusters, base), clusters, strict=True)
    runs = [
        (direction, [c for _, c in run]) for direction, run in groupby(directed, key=lambda pair: pair[0])
    ]
    if base == "R":
        runs.reverse()
    return "".join("".join(reversed(run) if direction == "R" else run) for direction, run in runs)
