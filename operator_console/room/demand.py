"""What a page is told to send, what rate it is allowed, and how good its link is called. Pure."""

from __future__ import annotations

from media.rtc.stats import PeerStats
from operator_console.protocol import Link, Want
from operator_console.room.messages import Send

HEADROOM = 1.3
"""Of the rate asked for: a phone on a mobile link is not driven beyond."""
REMB_MIN_BPS = 40_000
LOSS_CUT = 0.10
LOSS_CLEAN = 0.02
LATE_SLACK_US = 67_000
"""A frame is late beyond one frame period and this."""

OFF = Send()


def send_of(want: Want | None, tile_width_px: int) -> Send:
    """The `send` command for a want: wider than a tile is a spotlight, nothing asked for is off."""
    if want is None or want.width_px <= 0 or want.height_px <= 0:
        return OFF
    return Send(
        mode="spotlight" if want.width_px > tile_width_px else "tile",
        width_px=want.width_px,
        height_px=want.height_px,
        fps=max(1, want.fps),
        bitrate_bps=want.bitrate_bps,
    )


def decodes(want: Want | None) -> bool:
    """Whether anything of his picture is needed on the bus."""
    return want is not None and (want.picture or want.tile_width_px > 0)


def next_remb(asked_bps: int, current_bps: int, lost_fraction: float) -> int:
    """The rate to allow for the next second: down at once with the loss, up slowly when the link is clean."""
    most = max(REMB_MIN_BPS, int(asked_bps * HEADROOM))
    if current_bps <= 0 or current_bps > most:
        current_bps = most
    if lost_fraction > LOSS_CUT:
        return max(REMB_MIN_BPS, int(current_bps * (1.0 - 0.5 * min(1.0, lost_fraction))))
    if lost_fraction < LOSS_CLEAN:
        return min(most, int(current_bps * 1.15) + 1)
    return current_bps


def is_late(delay_us: int, fps: int) -> bool:
    """Whether a frame that is seen this long after its capture is late."""
    return delay_us > 1_000_000 // max(1, fps) + LATE_SLACK_US


def quality(stats: PeerStats) -> str:
    """good | weak | lost, as the tile's light shows it."""
    if stats.link == "gone":
        return "lost"
    bad_in = stats.lost_fraction > 0.08 or (stats.rtt_ms or 0.0) > 800.0
    return "weak" if stats.link == "weak" or bad_in or stats.out_fraction_lost > 0.15 else "good"


def link_of(stats: PeerStats, late_frames: int, agent: str, wanted: str, network: str) -> Link:
    """The facts about a connection as the console shows them."""
    return Link(
        quality=quality(stats),
        codec=stats.codec,
        width_px=stats.width,
        height_px=stats.height,
        fps=round(stats.fps, 1),
        video_kbps=round(stats.video_kbps),
        audio_kbps=round(stats.audio_kbps),
        loss_percent=round(stats.lost_fraction * 100, 1),
        rtt_ms=round(stats.rtt_ms or 0.0, 1),
        jitter_ms=round(stats.jitter_ms, 1),
        frames=stats.frames,
        late_frames=late_frames,
        freezes=stats.freezes,
        out_kbps=round(stats.out_video_kbps + stats.out_audio_kbps),
        out_loss_percent=round(stats.out_fraction_lost * 100, 1),
        agent=agent,
        wanted=wanted,
        network=network,
    )
