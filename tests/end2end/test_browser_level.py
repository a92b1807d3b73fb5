"""A real Chromium says how loud its microphone is: silence is not decoded, and the next word is heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media.audio.voice import speak, voice
from media.bus.layout import SAMPLE_RATE_HZ
from media.rtc.decoding import Decoding
from tests.end2end.browser import ALLOWED
from tests.end2end.test_browser_join import House, house
from tests.end2end.test_everybody_talks import write_sound
from tests.media.rtc_kit import until

WORDS = 3


def decoding(home: House) -> Decoding:
    """The decoding of the one participant."""
    (seat,) = home.kit.worker.room._seats.values()
    assert seat.peer is not None
    return seat.peer.link.decoding


async def test_silence_is_not_decoded_and_the_next_word_is_heard(tmp_runtime: Path) -> None:
    word = speak(voice(1), 1.5)
    said = write_sound(tmp_runtime / "word.wav", np.concatenate((word, np.zeros(SAMPLE_RATE_HZ, np.int16))))
    async with house(flags=(*ALLOWED, f"--use-file-for-fake-audio-capture={said}")) as home:
        page = await home.guest()
        await page.click("#mic")
        await home.until_heard(True)
        for _ in range(WORDS):
            silent = decoding(home).undecoded
            await until(lambda before=silent: decoding(home).undecoded > before, 10)  # type: ignore[misc]
            await home.until_heard(True)
        assert decoding(home).errors == 0
