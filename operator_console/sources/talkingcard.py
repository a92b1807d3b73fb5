"""The test card with a voice: shows and says something where there is no camera and no microphone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US
from media.reason import SourceCode
from media.source import AudioItem, Item, MediaSource, SourceError
from media.video.cardsource import CardSource
from media.video.testcard import Card
from operator_console.sources.opening import Format

HALL_NUMBER = 40
"""Card and voice of the hall: none of the offices'."""
LOOP_S = 12.0


class TalkingCard:
    """A card whose silence is replaced by a synthetic voice."""

    def __init__(self, card: CardSource, number: int) -> None:
        self._card = card
        self._blocks = _spoken(number)

    def open(self) -> None:
        """Begin now."""
        self._card.open()

    def read(self) -> Item | None:
        """The next picture or 20 ms of speech; None after `close`."""
        item = self._card.read()
        if isinstance(item, AudioItem):
            at = item.stamp_us // BLOCK_US % len(self._blocks)
            return AudioItem(self._blocks[at], item.stamp_us)
        return item

    def close(self) -> None:
        """End it."""
        self._card.close()


@lru_cache(maxsize=4)
def _spoken(number: int) -> npt.NDArray[np.int16]:
    return speak(voice(number), LOOP_S).reshape(-1, BLOCK_SAMPLES)


def make_card(address: str, form: Format) -> MediaSource:
    """The card of an address: ``hall``, ``flash`` (it also beeps) or a number. Raises SourceError."""
    size = (form.width_px, form.height_px, form.fps)
    if address == "flash":
        return CardSource(Card(HALL_NUMBER, flash=True), *size)
    if address and address != "hall" and not (address.isdecimal() and len(address) <= 4):
        raise SourceError(
            SourceCode.NO_SUCH_CARD,
            f'There is no test card "{address}": use "hall", "flash" or a number.',
            card=address[:40],
        )
    number = int(address) if address.isdecimal() else HALL_NUMBER
    return TalkingCard(CardSource(Card(number), *size), number)
