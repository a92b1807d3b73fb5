"""What is known about one participant's connection, as one value for tables and charts."""

from __future__ import annotations

from dataclasses import dataclass

from media.clock import now_us
from media.rtc.link import Link

RATE_SPAN_US = 1_000_000


@dataclass(frozen=True, slots=True)
class PeerStats:
    """Statistics of one connection; `in` is what he sends us, `out` what we send him.

    Rates are of the last full second, counters since the beginning, fractions 0..1, None where unknown yet.
    """

    link: str
    codec: str
    width: int
    height: int
    fps: float
    video_kbps: float
    audio_kbps: float
    lost_fraction: float
    jitter_ms: float
    rtt_ms: float | None
    frames: int
    keys: int
    nacks: int
    plis: int
    given_up: int
    repaired: int
    freezes: int
    frozen_ms: int
    longest_freeze_ms: int
    decode_errors: int
    refused_packets: int
    last_packet_us: int
    remb_out_bps: int | None
    out_video_kbps: float
    out_audio_kbps: float
    out_fraction_lost: float
    out_nacks: int
    out_plis: int
    out_resent: int
    remb_in_bps: int | None


class Rates:
    """Counters of a moment ago, and the rates between then and the moment before it."""

    def __init__(self) -> None:
        self._at_us = 0
        self._before: dict[str, int] = {}
        self._rates: dict[str, float] = {}

    def tick(self, link: Link, at_us: int) -> None:
        """Take a sample if a second has passed since the last; to be called more often than that."""
        if at_us - self._at_us < RATE_SPAN_US:
            return
        now = _sample(link)
        seconds = (at_us - self._at_us) / 1e6
        # A stream that was replaced counts from nothing again.
        self._rates = {name: max(0, now[name] - self._before.get(name, now[name])) / seconds for name in now}
        self._at_us, self._before = at_us, now

    def stats(self, link: Link, state: str) -> PeerStats:
        """Return the statistics of `link` now."""
        rates, path, counters = self._rates, link.path, link.path.video_counters
        video, video_out, audio_out = path.streams.get("video"), link.video_out, link.audio_out
        expected = rates.get("expected", 0.0)
        return PeerStats(
            link=state,
            codec=path.video_codec,
            width=link.decoding.size[0],
            height=link.decoding.size[1],
            fps=rates.get("frames", 0.0),
            video_kbps=rates.get("video_bytes", 0.0) / 125,
            audio_kbps=rates.get("audio_bytes", 0.0) / 125,
            lost_fraction=max(0.0, 1 - rates.get("received", 0.0) / expected) if expected else 0.0,
            jitter_ms=video.counters.jitter_ms if video is not None else 0.0,
            rtt_ms=video_out.view.rtt_ms if video_out.view.rtt_ms is not None else audio_out.view.rtt_ms,
            frames=counters.frames,
            keys=counters.keys,
            nacks=counters.nacks,
            plis=counters.plis,
            given_up=counters.given_up,
            repaired=counters.repaired,
            freezes=counters.freezes,
            frozen_ms=counters.frozen_us // 1000,
            longest_freeze_ms=counters.longest_freeze_us // 1000,
            decode_errors=link.decoding.errors,
            refused_packets=path.refused,
            last_packet_us=path.last_packet_us,
            remb_out_bps=path.remb_bps,
            out_video_kbps=rates.get("out_video_bytes", 0.0) / 125,
            out_audio_kbps=rates.get("out_audio_bytes", 0.0) / 125,
            out_fraction_lost=_current_loss(video_out.view.fraction_lost, video_out.view.reported_us),
            out_nacks=video_out.nacks,
            out_plis=video_out.plis,
            out_resent=video_out.resent,
            remb_in_bps=video_out.view.remb_bps,
        )


def _current_loss(fraction: float, reported_us: int) -> float:
    return fraction if now_us() - reported_us < 10 * RATE_SPAN_US else 0.0


def _sample(link: Link) -> dict[str, int]:
    sample = {
        "frames": link.path.video_counters.frames,
        "out_video_bytes": link.video_out.octets,
        "out_audio_bytes": link.audio_out.octets,
        "video_bytes": 0,
        "audio_bytes": 0,
        "expected": 0,
        "received": 0,
    }
    for kind, stream in link.path.streams.items():
        sample[f"{kind}_bytes"] = stream.counters.bytes
        sample["expected"] += stream.counters.expected
        sample["received"] += stream.counters.received
    return sample
