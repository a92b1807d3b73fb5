"""What a simulated office sends: a looped tile, a live picture where it is large, and speech of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from media.audio.opus import OpusEncoder
from media.bus.layout import BLOCK_US
from media.rtc.client import VideoMode, VideoUnit
from media.video.testcard import Card
from operator_console.demo.live import Beeps, LivePicture
from operator_console.demo.loops import Loops, PictureLoop

LOOP_MAX_PIXELS = 640 * 360
TURNS = 5
"""Who has not the floor speaks in every fifth loop of speech: about two of nine at a time."""


class OfficeFeed:
    """The media of one office; a `media.rtc.client.MediaFeed`, used on the event loop.

    Pictures up to 640x360 come from loops that are encoded once; larger ones are drawn and encoded live
    in a thread and given to ``push``. With ``flash`` all is live, with the flash and beep of a lip sync
    measurement.
    """

    codec = "H264"

    def __init__(self, number: int, loops: Loops, *, flash: bool = False, talks: bool = False) -> None:
        """``talks``: speak all the time, not in turns."""
        self.number, self._loops = number, loops
        self.card = Card(number % loops.cards, flash)
        self.mic_on = True
        self.has_floor = talks
        self.push: Callable[[VideoUnit], None] | None = None
        """Where live pictures go: `RtcClient.push_video` of the connection."""
        self._always = talks
        self._mode: VideoMode | None = None
        self._loop: PictureLoop | None = None
        self._at = 0
        self._live: LivePicture | None = None
        self._talking = False
        self._beeps = Beeps() if flash else None
        self._beeper = OpusEncoder(dtx=False) if flash else None

    def set_mode(self, mode: VideoMode | None) -> None:
        """Make pictures of this size and rate from now on, beginning with a key picture."""
        if mode == self._mode:
            self.request_key()
            return
        self._mode = mode
        if self._live is not None:
            self._live.stop()
            self._live = None
        if mode is None:
            self._loop = None
        elif self.card.flash or mode.width * mode.height > LOOP_MAX_PIXELS:
            self._start_live(mode)

    def _start_live(self, mode: VideoMode) -> None:
        self._loop = None
        loop = asyncio.get_running_loop()

        def emit(unit: VideoUnit) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._pass_on, live, unit)

        self._live = live = LivePicture(self.card, mode, emit, self._beeps)
        live.start()

    def _pass_on(self, live: LivePicture, unit: VideoUnit) -> None:
        if live is self._live and self.push is not None:
            self.push(unit)

    def request_key(self) -> None:
        """Make the next picture a key picture."""
        if self._live is not None:
            self._live.request_key()
        elif self._loop is not None:
            self._at = self._loop.key_at_or_after(self._at)

    def next_video(self, stamp_us: int) -> VideoUnit | None:
        """The picture due now; None while a live one comes by `push`, or the first loop is being made."""
        if self._mode is None or self._live is not None:
            return None
        if self._loop is None or self._loop.mode != self._mode:
            # Until the loop of another size is made, the one before goes on: the office never freezes.
            made = self._loops.pictures(self.number, self._mode)
            if made is not None:
                self._loop, self._at = made, 0
        if self._loop is None:
            return None
        index = self._at % len(self._loop.units)
        self._at += 1
        return VideoUnit(self._loop.units[index], stamp_us, index in self._loop.keys)

    def next_audio(self, stamp_us: int) -> bytes | None:
        """The Opus packet of these 20 ms."""
        if not self.mic_on:
            return None
        if self._beeper is not None and self._beeps is not None:
            return self._beeper.encode(self._beeps.block(stamp_us))
        speech = self._loops.speech(self.number)
        if speech is None:
            return None
        at = stamp_us // BLOCK_US
        packet = speech[at % len(speech)]
        # Begins at any moment, but ends in a pause: a voice that is cut off in a word clicks.
        if packet is None or not self._talking:
            self._talking = self.has_floor or self._always or self._has_turn(at // len(speech))
        return packet if self._talking else None

    def _has_turn(self, loop_number: int) -> bool:
        return (loop_number + self.number) % TURNS == 0

    def close(self) -> None:
        """End the thread of a live picture."""
        self.set_mode(None)
