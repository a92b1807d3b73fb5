"""Speech over a link that loses packets: what is had back, and how near the rest comes to what was said.

Sender as a browser (Opus 24 kb/s with in-band FEC), our receiver, decoder and playout buffer. The peer is the
same without recovery: the playout buffer repeats the last pitch period. Distance is the mean difference of
the spectra of lost blocks, in dB over third-octave bands, against the same speech without loss.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from media.audio.jitter import JitterBuffer
from media.audio.opus import OpusEncoder
from media.audio.voice import speak, voice
from media.bus.layout import AUDIO_CONCEALED, AUDIO_RECOVERED, BLOCK_SAMPLES, BLOCK_US, AudioBlock
from media.bus.writer import level_cdb
from media.rtc.audiostream import HOLD_US, SoundPacket
from media.rtc.sound import SoundDecoding
from tests.bench.measure import figure
from tests.media.audio_kit import START_US, ScriptedSource

I16 = npt.NDArray[np.int16]
SECONDS, SEEDS = 20.0, (1, 2, 3)
WAY_US, JITTER_US = 5_000, 8_000
LOUD_DB = -45.0
BANDS = np.geomspace(100, 8000, 20)


class Link:
    """Packets with losses through our decoding, as blocks with the time at which they are there."""

    def __init__(self, number: int, loss: float, recover: bool) -> None:
        encoder = OpusEncoder(24_000, complexity=5, dtx=False, fec=True, loss_percent=10)
        blocks = speak(voice(number), SECONDS).reshape(-1, BLOCK_SAMPLES)
        self.packets = [encoder.encode(block) or b"" for block in blocks]
        self.rng = random.Random(number)
        self.lost = {n for n in range(50, len(self.packets)) if self.rng.random() < loss}
        self.due: list[tuple[int, int, I16, int]] = []
        """When a block is there, its number, samples, flags."""
        self._recover, self._at_us, self._now = recover, 0, 0
        self._decoding = SoundDecoding(self._sound, self._filled, lambda level: None)
        self._run()

    def _run(self) -> None:
        gap = 0
        for number, packet in enumerate(self.packets):
            if number in self.lost:
                gap += 1
                continue
            arrival = (number + 1) * BLOCK_US + WAY_US + self.rng.randrange(JITTER_US)
            self._at_us = max(self._at_us, arrival + (HOLD_US if gap else 0))
            self._decoding.take(SoundPacket(packet, number * BLOCK_SAMPLES, 0, None, gap))
            gap = 0

    def _sound(self, pcm: I16, rtp_ts: int) -> None:
        self.due.append((self._at_us, rtp_ts // BLOCK_SAMPLES, pcm, 0))

    def _filled(self, pcm: I16, rtp_ts: int, recovered: bool) -> None:
        flags = AUDIO_RECOVERED if recovered else AUDIO_CONCEALED
        for at in range(0, len(pcm) if self._recover else 0, BLOCK_SAMPLES):
            number = rtp_ts // BLOCK_SAMPLES + at // BLOCK_SAMPLES
            self.due.append((self._at_us, number, pcm[at : at + BLOCK_SAMPLES], flags))

    def played(self) -> tuple[dict[int, npt.NDArray[np.float32]], JitterBuffer]:
        """What the mixer hears of each block that begins on a tick."""
        source = ScriptedSource()
        buffer, heard = JitterBuffer(source), {}
        waiting = sorted(self.due, key=lambda one: one[0])
        for tick in range(len(self.packets) + 10):
            now = tick * BLOCK_US + 9_000
            while waiting and waiting[0][0] <= now:
                _, number, pcm, flags = waiting.pop(0)
                stamp = START_US + number * BLOCK_US
                source.blocks[number] = AudioBlock(number, stamp, level_cdb(pcm) / 100, flags, pcm)
            out = buffer.pull(START_US + now)
            if out is not None and buffer._position is not None:
                heard[buffer._position - BLOCK_SAMPLES] = out.copy()
        return heard, buffer


def spectrum_db(block: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Level in bands."""
    power = np.square(np.abs(np.fft.rfft(block * np.hanning(len(block)))))
    hz = np.fft.rfftfreq(len(block), 1 / 48_000)
    bands = [power[(hz >= low) & (hz < high)].sum() for low, high in pairwise(BANDS)]
    return 10 * np.log10(np.array(bands) + 1e-3)


def measure(number: int, loss: float, recover: bool) -> dict[str, float]:
    """One voice over one link."""
    truth = np.concatenate([pcm for _, _, pcm, _ in Link(number, 0.0, False).due]).astype(np.float32) / 32768
    link = Link(number, loss, recover)
    heard, buffer = link.played()
    distances = []
    for at, block in heard.items():
        first, last = at // BLOCK_SAMPLES, (at + BLOCK_SAMPLES - 1) // BLOCK_SAMPLES
        lost = at >= 0 and bool({first, last} & link.lost)
        said = truth[at : at + BLOCK_SAMPLES]
        if lost and len(said) == BLOCK_SAMPLES and 20 * np.log10(np.std(said) + 1e-9) > LOUD_DB:
            distances.append(float(np.abs(spectrum_db(said) - spectrum_db(block)).mean()))
    loud = sum(1 for n in link.lost if np.std(truth[n * 960 : (n + 1) * 960]) > 10 ** (LOUD_DB / 20))
    return {
        "had_back": 100 * buffer.figures.recovered / len(link.lost),
        "distance": float(np.mean(distances)),
        "concealed": buffer.figures.concealed,
        "delay_ms": buffer.delay_us / 1000,
        "loud": loud,
    }


def run() -> Iterator[dict[str, object]]:
    """Both losses, with recovery and without."""
    for loss in (0.05, 0.10):
        ours = [measure(seed, loss, True) for seed in SEEDS]
        plain = [measure(seed, loss, False) for seed in SEEDS]
        name = f"recovery {100 * loss:.0f} %"
        yield figure(f"{name} had back", [one["had_back"] for one in ours], "%", 70, "higher")
        yield figure(
            f"{name} distance",
            [one["distance"] for one in ours],
            "dB",
            6,
            "lower",
            peer="pitch repetition only",
            peer_values=[one["distance"] for one in plain],
        )
        yield figure(
            f"{name} delay",
            [one["delay_ms"] for one in ours],
            "ms",
            120,
            "lower",
            peer="pitch repetition only",
            peer_values=[one["delay_ms"] for one in plain],
        )
