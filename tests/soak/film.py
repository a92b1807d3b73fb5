"""What became of the recording: is anything missing in it, does it decode, are picture and sound together."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av

from tests.bench.lipsync_rig import SkewMeter, look_at_film
from tests.faults.fault_kit import decode_errors
from tests.soak.curves import Steps, by_minute, steady_skews

VIDEO_GAP_S = 1.0
"""A program that shows nothing new for so long is a gap; one late picture on a busy machine is not."""
AUDIO_GAP_S = 0.040
"""Blocks of sound are 21 ms: one that is missing makes a step of 43."""
BEGIN_S = 0.1
"""The encoder's own first block and the first one with sound may lie apart; that is no gap."""
NAME = "film.json"


@dataclass(frozen=True, slots=True)
class Film:
    """One file of the recording."""

    name: str
    seconds: float
    bytes: int
    pictures: int
    longest_picture_s: float
    """The longest time between two pictures, and where."""
    longest_at_s: float
    longest_sound_s: float
    gaps: list[tuple[str, float, float]]
    """Track, where, how long."""
    backward: int
    """Time stamps that did not go on."""
    apart_s: float
    """How much longer one track is than the other."""
    errors: str
    """What ffmpeg says when it decodes all of it."""
    skews: list[tuple[float, float]] = field(default_factory=list)
    """Second and milliseconds, of each flash that has its beep."""
    unheard: int = 0
    """Flashes without a beep."""


def look(path: Path) -> Film:
    """Read and decode a whole file; one that cannot be read is a film with an error. Blocks for long."""
    try:
        return _looked(path)
    except (av.FFmpegError, OSError) as error:
        told = f"{type(error).__name__}: {error}"
        return Film(path.name, 0.0, path.stat().st_size, 0, 0.0, 0.0, 0.0, [], 0, 0.0, told[:2000])


def _looked(path: Path) -> Film:
    tracks = {"video": Steps(VIDEO_GAP_S), "audio": Steps(AUDIO_GAP_S)}
    with av.open(str(path)) as container:
        for packet in container.demux(*container.streams.video, *container.streams.audio):
            if packet.dts is not None and packet.time_base is not None:
                tracks[packet.stream.type].take(float(packet.dts * packet.time_base))
    meter = SkewMeter()
    look_at_film(path, meter)
    video, audio = tracks["video"], tracks["audio"]
    return Film(
        name=path.name,
        seconds=round(max(video.last_s, audio.last_s), 2),
        bytes=path.stat().st_size,
        pictures=video.count,
        longest_picture_s=round(video.longest_s, 3),
        longest_at_s=round(video.longest_at_s, 2),
        longest_sound_s=round(audio.longest_s, 3),
        gaps=[(name, *gap) for name, track in tracks.items() for gap in track.gaps if gap[0] > BEGIN_S],
        backward=video.backward + audio.backward,
        apart_s=round(abs(video.last_s - audio.last_s), 3),
        errors=decode_errors(path)[:2000],
        skews=[(round(at_s, 3), round(skew_ms, 1)) for at_s, skew_ms in meter.skews],
        unheard=meter.unheard,
    )


def films(folder: Path) -> list[Film]:
    """All files of the recording of a soak; what was found is kept beside them, as it takes minutes."""
    paths = sorted((folder / "recordings").glob("*.mp4"))
    sizes = {path.name: path.stat().st_size for path in paths}
    kept = _kept(folder / NAME)
    if {one.name: one.bytes for one in kept} == sizes:
        return kept
    found = [look(path) for path in paths]
    (folder / NAME).write_text(json.dumps([dataclasses.asdict(one) for one in found]), encoding="utf-8")
    return found


def _kept(path: Path) -> list[Film]:
    try:
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return [Film(**one) for one in found]
    except (OSError, ValueError, TypeError):
        return []


def all_skews(found: list[Film]) -> list[tuple[float, float]]:
    """Of all files one after the other, those that are no chance of a cut."""
    skews: list[tuple[float, float]] = []
    begin_s = 0.0
    for film in found:
        skews += [(begin_s + at_s, skew) for at_s, skew in steady_skews(film.skews)]
        begin_s += film.seconds
    return skews


def worst_minute_ms(found: list[Film]) -> float:
    """The median skew of the minute in which it is largest; not a number where nothing was seen."""
    minutes = by_minute(all_skews(found))
    return max((abs(skew) for _, skew in minutes), default=float("nan"))
