"""Pictures that were drawn once and are drawn again, as many as so many bytes hold."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from PySide6.QtGui import QPixmap

LEAST_BYTES = 8 << 20
PIXEL_BYTES = 4
Made = TypeVar("Made")


class Kept(Generic[Made]):
    """The things made last, by key; those used longest ago go first.

    Bounded by bytes, not by number: a session of hours has a new look with everybody who comes, and a tile
    that fills the window takes as much as a whole wall of small ones.
    """

    def __init__(self, pixmaps_of: Callable[[Made], Iterable[QPixmap]]) -> None:
        self.limit_bytes = LEAST_BYTES
        self.used_bytes = 0
        self._pixmaps_of = pixmaps_of
        self._made: OrderedDict[Hashable, tuple[Made, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._made)

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made for this key, or is made now."""
        found = self._made.get(key)
        if found is not None:
            self._made.move_to_end(key)
            return found[0]
        made = make()
        size = sum(one.width() * one.height() * PIXEL_BYTES for one in self._pixmaps_of(made))
        self._made[key] = made, size
        self.used_bytes += size
        while self.used_bytes > self.limit_bytes and len(self._made) > 1:
            _, (_, gone) = self._made.popitem(last=False)
            self.used_bytes -= gone
        return made
