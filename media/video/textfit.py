"""How a text comes whole into a given width: one line as it is, smaller, or wrapped. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Measure = Callable[[str, int], int]
"""Width in px of a text at a size in px."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The lines of a text and the size at which they fit."""

    lines: tuple[str, ...]
    size_px: int


def fit(text: str, tries: Iterable[tuple[int, int]], room_px: int, measure: Measure) -> Fitted:
    """The first of the tries (size in px, most lines) in which the whole text fits the width.

    Where none is enough the last one is taken and its last line ends with an ellipsis. `text` is clean.
    """
    size_px = 1
    lines = [text]
    for size_px, most_lines in tries:
        lines = wrapped(text, size_px, most_lines, room_px, measure)
        if measure(lines[-1], size_px) <= room_px:
            return Fitted(tuple(lines), size_px)
    lines[-1] = elided(lines[-1], size_px, room_px, measure)
    return Fitted(tuple(lines), size_px)


def wrapped(text: str, size_px: int, most_lines: int, room_px: int, measure: Measure) -> list[str]:
    """Break a text at its blanks (a word that is too long anywhere); the last line has what is left over."""
    lines: list[str] = []
    while len(lines) < most_lines - 1 and measure(text, size_px) > room_px:
        fits = _fitting(text, "", size_px, room_px, measure)
        cut = text.rfind(" ", 0, fits + 1)
        cut = cut if cut > 0 else max(1, fits)
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text]


def elided(text: str, size_px: int, room_px: int, measure: Measure) -> str:
    """The text, or its longest beginning that fits with an ellipsis."""
    if measure(text, size_px) <= room_px:
        return text
    return text[: _fitting(text, "…", size_px, room_px, measure)].rstrip() + "…"


def _fitting(text: str, end: str, size_px: int, room_px: int, measure: Measure) -> int:
    """How many characters of a text fit together with what stands at the end."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = measure(text[:middle].rstrip() + end, size_px) <= room_px
        low, high = (middle, high) if fits else (low, middle - 1)
    return low
