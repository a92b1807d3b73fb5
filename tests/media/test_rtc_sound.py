"""Sound on its way from packets to the bus: order, what is lost and had back, what is not decoded at all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import numpy as np
import pytest

from media.audio.libopus import LibopusDecoder, OpusError, library
from media.audio.opus import OpusEncoder
from media.audio.voice import speak, voice
from media.bus.layout import BLOCK_SAMPLES
from media.clock import now_us
from media.rtc.audiostream import AudioStream, SoundPacket
from media.rtc.sound import QUIET_MINUS_DBOV, QUIET_SAMPLES, SoundDecoding
from tests.media.audio_kit import I16, find_lag, noise
from tests.media.rtc_kit import tone, until

TS = 960


class Ordered:
    """A stream of numbered packets and what it hands on: (number, lost before it)."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []
        self.stream = AudioStream(1, 111, self._take)

    def _take(self, packet: SoundPacket) -> None:
        self.seen.append((int(packet.opus), packet.lost))

    def send(self, *numbers: int) -> None:
        for number in numbers:
            seq = number & 0xFFFF
            self.stream.packet(seq, number * TS, False, str(number).encode(), 20, now_us())


async def test_what_is_overtaken_is_put_right_and_late_or_double_packets_are_left_out() -> None:
    one = Ordered()
    one.send(1, 3, 2, 4, 4, 1, 5)
    assert one.seen == [(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)]
    one.stream.close()


async def test_a_hole_is_waited_for_a_moment_or_until_three_packets_stand_behind_it() -> None:
    one = Ordered()
    one.send(1, 3)
    assert one.seen == [(1, 0)]
    await until(lambda: one.seen[-1] == (3, 1), 1)
    one.send(6, 7)
    assert one.seen[-1] == (3, 1)
    one.send(8)
    assert one.seen[-3:] == [(6, 2), (7, 0), (8, 0)]
    one.send(4, 5)
    assert one.seen[-1] == (8, 0), "it has been done without"
    one.stream.close()


async def test_numbers_wrap_and_a_sender_who_begins_anew_is_heard_at_once() -> None:
    one = Ordered()
    one.send(65_534, 65_536, 65_535, 65_537)
    assert [number for number, _ in one.seen] == [65_534, 65_535, 65_536, 65_537]
    one.send(40_000, 40_001, 500, 501)
    assert [number for number, _ in one.seen[4:]] == [40_000, 40_001, 500, 501]
    one.stream.close()


async def test_closing_lets_go_of_what_waits() -> None:
    one = Ordered()
    one.send(1, 3)
    one.stream.close()
    await asyncio.sleep(0.03)
    assert one.seen == [(1, 0)]


# ---- recovery


def spoken(seconds: float = 4.0) -> tuple[I16, list[bytes]]:
    """Speech and its packets as a participant sends them who was told of losses."""
    speech = speak(voice(2), seconds)
    encoder = OpusEncoder(24_000, complexity=5, dtx=False, fec=True, loss_percent=10)
    packets = [encoder.encode(block) for block in speech.reshape(-1, BLOCK_SAMPLES)]
    return speech, [packet for packet in packets if packet is not None]


class Heard:
    """What a decoding hands on, laid where the time stamps say."""

    def __init__(self, count: int) -> None:
        self.sound = np.zeros(count * TS, np.int16)
        self.filled: list[tuple[int, int, bool]] = []
        self.unheard: list[int] = []
        self.decoding = SoundDecoding(self._lay, self._fill, self.unheard.append)

    def _lay(self, pcm: I16, rtp_ts: int) -> None:
        self.sound[rtp_ts : rtp_ts + len(pcm)] = pcm

    def _fill(self, pcm: I16, rtp_ts: int, recovered: bool) -> None:
        self.filled.append((rtp_ts // TS, len(pcm) // TS, recovered))
        self._lay(pcm, rtp_ts)

    def hear(self, packets: list[bytes], lost: set[int]) -> None:
        gap = 0
        for number, packet in enumerate(packets):
            if number in lost:
                gap += 1
                continue
            self.decoding.take(SoundPacket(packet, number * TS, 0, None, gap))
            gap = 0


def test_a_lost_packet_is_had_back_from_the_one_behind_it() -> None:
    speech, packets = spoken()
    whole, holed = Heard(len(packets)), Heard(len(packets))
    whole.hear(packets, set())
    lost = {number for number in range(60, 160) if number % 4 == 0}
    holed.hear(packets, lost)
    had_back = [number for number, _, recovered in holed.filled if recovered]
    assert len(had_back) > 0.6 * len(lost), "speech, not silence, carries its copy"
    alike = []
    for number in had_back:
        part = slice(number * TS, (number + 1) * TS)
        a, b = whole.sound[part].astype(np.float64), holed.sound[part].astype(np.float64)
        if np.dot(a, a) / TS > 200.0**2:
            alike.append(np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b) + 1e-9))
    assert np.median(alike) > 0.9
    assert find_lag(holed.sound, speech[48_000:96_000])[1] > 0.85


def test_a_longer_hole_is_concealed_up_to_60_ms_and_a_pause_is_left_alone() -> None:
    _, packets = spoken()
    heard = Heard(250)
    heard.hear(packets, {80, 81, *range(100, 110)})
    assert sum(count for number, count, _ in heard.filled if number < 90) == 2
    assert sum(count for number, count, _ in heard.filled if number > 90) <= 1
    before = len(heard.filled)
    last = SoundPacket(packets[120], 220 * TS, 0, None, 1)
    heard.decoding.take(last)
    assert len(heard.filled) == before, "more time is missing than packets"


def test_gaps_that_cannot_be_raise_nothing() -> None:
    rng = random.Random(5)
    heard = Heard(200)
    heard._lay = lambda pcm, rtp_ts: None  # type: ignore[method-assign]
    decoding = SoundDecoding(lambda pcm, ts: None, lambda pcm, ts, recovered: None, lambda level: None)
    for _ in range(400):
        data = rng.randbytes(rng.randint(1, 60)) if rng.random() < 0.5 else rng.choice(tone())
        decoding.take(SoundPacket(data, rng.getrandbits(32), 0, None, rng.choice((0, 1, 2, 500))))
    assert decoding.errors > 0


def test_libopus_refuses_what_it_must_not_be_given() -> None:
    assert library() is not None, "PyAV brings it along"
    decoder = LibopusDecoder()
    for packet in (b"", bytes(2000)):
        with pytest.raises(OpusError):
            decoder.decode(packet)
    for samples in (0, -960, 961, 99_999):
        with pytest.raises(OpusError):
            decoder.recover(tone()[0], samples)
    assert len(decoder.decode(tone()[0])) == 960


# ---- what is not decoded


def levels(decoding: SoundDecoding, packets: list[bytes], minus_dbov: Sequence[int | None]) -> None:
    for number, (packet, level) in enumerate(zip(packets, minus_dbov, strict=True)):
        decoding.take(SoundPacket(packet, number * TS, 0, level))


def test_a_feed_that_says_it_is_silent_is_not_decoded_and_comes_back_whole() -> None:
    encoder = OpusEncoder(24_000, dtx=False)
    sound = np.concatenate((noise(1, 0.4), noise(2, 2.0, 0.0001), noise(3, 0.6)))
    packets = [encoder.encode(block) or b"" for block in sound.reshape(-1, BLOCK_SAMPLES)]
    minus = [20] * 20 + [80] * 100 + [20] * 30
    some, everything, quiet = Heard(150), Heard(150), 100 - QUIET_SAMPLES // TS
    levels(some.decoding, packets, minus)
    levels(everything.decoding, packets, [None] * 150)
    assert some.decoding.undecoded == quiet
    assert some.unheard == [80] * quiet
    assert everything.decoding.undecoded == 0, "who does not say is decoded"
    begins = 120 * TS
    back, expected = some.sound[begins:].astype(np.float64), everything.sound[begins:].astype(np.float64)
    error = np.sum((back - expected)[: 2 * TS] ** 2) / np.sum(expected[: 2 * TS] ** 2)
    assert error < 0.1, "the decoder is brought up to date by the packet before"


def test_the_threshold_is_far_below_speech() -> None:
    assert QUIET_MINUS_DBOV >= 60


def test_what_the_operator_muted_is_not_decoded_but_its_level_is_told() -> None:
    heard = Heard(50)
    heard.decoding.drop = True
    levels(heard.decoding, list(tone()), [12] * 25 + [None] * 25)
    assert not heard.sound.any()
    assert heard.unheard == [12] * 25 + [127] * 25
    heard.decoding.drop = False
    heard.decoding.take(SoundPacket(tone()[0], 0, 0, 12))
    assert heard.sound[:TS].any()
    assert not heard.sound[TS:].any(), "nothing said while he was muted comes after it"
