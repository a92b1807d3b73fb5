"""What one simulated office saw and heard of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media.clock import now_us
from media.rtc.client import RtcClient

LATE_US = 67_000 + 67_000
"""A picture later than one frame (at 15 fps) plus 67 ms against the quickest one counts as late."""
FREEZE_US = 500_000


@dataclass(slots=True)
class ProgramWatch:
    """Counts what arrives, over all connections of an office; fed by `RtcClient`'s callbacks on the loop."""

    connections: int = 0
    frames: int = 0
    late: int = 0
    keys: int = 0
    freezes: int = 0
    longest_gap_ms: int = 0
    received_bytes: int = 0
    audio_packets: int = 0
    begun_us: int = 0
    _quickest_us: int | None = None
    _last_us: int = 0

    def connected(self) -> None:
        """A new connection: its time stamps have nothing to do with those before."""
        self.connections += 1
        self.begun_us = self.begun_us or now_us()
        self._quickest_us, self._last_us = None, 0

    def on_video(self, data: bytes, rtp_ts: int, key: bool) -> None:
        """One picture of the program came."""
        at_us = now_us()
        self.frames += 1
        self.keys += key
        self.received_bytes += len(data)
        way_us = at_us - rtp_ts * 100 // 9
        if self._quickest_us is None or abs(way_us - self._quickest_us) > 60_000_000:
            self._quickest_us = way_us
        self._quickest_us = min(self._quickest_us, way_us)
        self.late += way_us - self._quickest_us > LATE_US
        gap_us = at_us - self._last_us if self._last_us else 0
        self.freezes += gap_us > FREEZE_US
        self.longest_gap_ms = max(self.longest_gap_ms, gap_us // 1000)
        self._last_us = at_us

    def on_audio(self, opus: bytes, rtp_ts: int) -> None:
        """One packet of the program's sound came."""
        self.audio_packets += 1
        self.received_bytes += len(opus)

    def report(self, office: str, client: RtcClient | None) -> dict[str, Any]:
        """The counters as JSON-ready values."""
        seconds = max(1e-3, (now_us() - self.begun_us) / 1e6) if self.begun_us else 1e-3
        stats = client.stats() if client is not None else None
        return {
            "office": office,
            "connections": self.connections,
            "program_frames": self.frames,
            "late": self.late,
            "freezes": self.freezes,
            "longest_freeze_ms": self.longest_gap_ms,
            "audio_packets": self.audio_packets,
            "kbps": round(self.received_bytes * 8 / 1000 / seconds, 1),
            "out_kbps": round(stats.out_video_kbps + stats.out_audio_kbps, 1) if stats else 0.0,
            "seconds": round(seconds, 1),
        }
