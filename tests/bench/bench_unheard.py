"""Sound of 122 open microphones of whom 8 speak, from plain RTP packets to samples: with and without levels.

With the level in the header (RFC 6464) what is silent is not decoded; without it everything is, as before.
Encryption and sockets, which cost the same in both cases, are left out.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from struct import pack

from aiortc.rtcrtpparameters import (
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
)

from media.audio.opus import OpusEncoder
from media.audio.voice import PITCHES, speak, voice
from media.bus.layout import BLOCK_SAMPLES
from media.clock import now_us
from media.rtc.decoding import Decoding
from media.rtc.receive import MediaPath
from tests.bench.measure import Span, figure
from tests.media.audio_kit import noise

PARTICIPANTS, SPEAKING = 122, 8
SECONDS, RUNS = 4, 3
OPUS, LEVEL_ID = 111, 1
ROOM_NOISE = 0.0001
"""A quiet room: -80 dBFS."""
WARM_UP = 50
"""Packets until the half second of a feed that is listened to all the same is over."""


class Feed:
    """One participant: his packets, and the room's side of him."""

    def __init__(self, number: int, levels: bool) -> None:
        speaks = number < SPEAKING
        sound = speak(voice(number % PITCHES), 2.0) if speaks else noise(number % 4, 2.0, ROOM_NOISE)
        encoder = OpusEncoder(24_000, complexity=0, dtx=False, fec=True)
        self._payloads = [encoder.encode(block) or b"" for block in sound.reshape(-1, BLOCK_SAMPLES)]
        level = 25 if speaks else 80
        self._extension = pack("!HHBBH", 0xBEDE, 1, LEVEL_ID << 4, level, 0) if levels else b""
        self.samples = 0
        self.decoding = Decoding(None, self._sound)
        self.path = MediaPath([], self.decoding.audio, lambda unit, ts, key, at: None)
        self.decoding.attach(self.path)
        self.path.add_receiver(
            "audio",
            RTCRtpReceiveParameters(
                codecs=[RTCRtpCodecParameters("audio/opus", 48_000, payloadType=OPUS)],
                headerExtensions=[
                    RTCRtpHeaderExtensionParameters(LEVEL_ID, "urn:ietf:params:rtp-hdrext:ssrc-audio-level")
                ],
            ),
        )

    def _sound(self, pcm: object, rtp_ts: int, stamp_us: int) -> None:
        self.samples += BLOCK_SAMPLES

    def packet(self, number: int) -> bytes:
        """The packet of the 20 ms with this number."""
        head = 0x90 if self._extension else 0x80
        header = pack("!BBHLL", head, OPUS, number & 0xFFFF, number * BLOCK_SAMPLES, 7)
        return header + self._extension + self._payloads[number % len(self._payloads)]


def measure(levels: bool) -> float:
    """CPU ms per second of media for all participants."""
    feeds = [Feed(number, levels) for number in range(PARTICIPANTS)]
    random.Random(1).shuffle(feeds)
    for number in range(WARM_UP):
        for feed in feeds:
            feed.path.packet(feed.packet(number), now_us())
    packets = [[feed.packet(n) for feed in feeds] for n in range(WARM_UP, WARM_UP + 50 * SECONDS)]
    with Span() as span:
        for row in packets:
            at_us = now_us()
            for feed, packet in zip(feeds, row, strict=True):
                feed.path.packet(packet, at_us)
    decoded = sum(feed.samples > WARM_UP * BLOCK_SAMPLES for feed in feeds)
    print(f"unheard levels={levels}: {decoded} feeds decoded", file=sys.stderr)
    return span.cpu_ms / SECONDS


def run() -> Iterator[dict[str, object]]:
    """Cost with levels, beside that of decoding everybody."""
    some, everybody = [], []
    for _ in range(RUNS):
        some.append(measure(True))
        everybody.append(measure(False))
        time.sleep(0.1)
    yield figure("unheard", some, "ms/s", 90, "lower", peer="everybody decoded", peer_values=everybody)
