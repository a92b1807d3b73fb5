"""Judges a stream that arrived at a server by what YouTube publishes about live ingest, not by our encoder.

`issues` applies every rule to what `flv_reader.received` read. Each rule names where it is published:

* HELP: support.google.com/youtube/answer/2853702, "Choose live encoder settings, bitrates, and resolutions",
  and its edition of 2014, which also named profile and level;
* HEALTH: developers.google.com/youtube/v3/live/docs/liveStreams/health_status_messages, "Configuration
  issues"; an issue has the name it has there where it has one;
* FLV: the file format, which RTMP carries message by message.

What is only recommended there is `advice`, everything else is an error.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.flv_reader import AAC, AUDIO, AVC, MP3, VIDEO, Received


@dataclass(frozen=True, slots=True)
class Issue:
    """Something that YouTube would find fault with."""

    name: str
    text: str
    advice: bool = False


Rule = Callable[[Received], Iterator[Issue]]

MBPS = 1_000_000
RANGES_BPS: tuple[tuple[int, int, tuple[float, float]], ...] = (
    (720, 30, (3 * MBPS, 8 * MBPS)),
    (720, 60, (3 * MBPS, 8 * MBPS)),
    (1080, 30, (3 * MBPS, 8 * MBPS)),
    (1080, 60, (4 * MBPS, 10 * MBPS)),
    (1440, 30, (5 * MBPS, 25 * MBPS)),
    (1440, 60, (6 * MBPS, 30 * MBPS)),
    (2160, 30, (8 * MBPS, 35 * MBPS)),
    (2160, 60, (10 * MBPS, 40 * MBPS)),
)
"""HELP, table of bitrates: height up to, pictures a second up to, smallest and largest rate."""
HEIGHTS_PX = (240, 360, 480, 720, 1080, 1440, 2160)
KEY_LIMIT_S, KEY_GOOD_S, KEY_SHORT_S = 4.0, 2.0, 0.5
RATE_AWAY = 0.5
AUDIO_BPS, AUDIO_AWAY = 128_000, 0.4
GAP_MS, APART_MS, LENGTHS_MS = 1000, 1000, 1000
# H.264 table A-1: level, macroblocks a second, macroblocks a picture, rate (x 1.25 in High profile).
LEVELS: tuple[tuple[int, int, int, int], ...] = (
    (20, 11_880, 396, 2_000_000), (21, 19_800, 792, 4_000_000), (22, 20_250, 1_620, 4_000_000),
    (30, 40_500, 1_620, 10_000_000), (31, 108_000, 3_600, 14_000_000), (32, 216_000, 5_120, 20_000_000),
    (40, 245_760, 8_192, 20_000_000), (41, 245_760, 8_192, 50_000_000), (42, 522_240, 8_704, 50_000_000),
    (50, 589_824, 22_080, 135_000_000), (51, 983_040, 36_864, 240_000_000),
    (52, 2_073_600, 36_864, 240_000_000),
)  # fmt: skip


def container(found: Received) -> Iterator[Issue]:
    """HEALTH badContainer; HELP "Protocol: RTMP": what arrives is FLV."""
    if found.signature != b"FLV" or not {VIDEO, AUDIO} & set(found.kinds):
        yield Issue("badContainer", f"not FLV: {found.signature!r}")


def codecs(found: Received) -> Iterator[Issue]:
    """HEALTH noVideoStream, noAudioStream, videoCodec (H.264), audioCodec (AAC, MP3), multiple...Streams."""
    if not found.pictures and not found.video_codecs:
        yield Issue("noVideoStream", "no picture came")
    if not found.sounds:
        yield Issue("noAudioStream", "no sound came")
    if found.video_codecs - {AVC}:
        yield Issue("videoCodec", f"FLV codec numbers {sorted(found.video_codecs)}, 7 is H.264")
    if found.audio_codecs - {AAC, MP3}:
        yield Issue("audioCodec", f"FLV codec numbers {sorted(found.audio_codecs)}, 10 is AAC, 2 is MP3")
    if len(found.video_codecs) > 1:
        yield Issue("multipleVideoStreams", "more than one codec of the picture")
    if len(found.audio_codecs) > 1:
        yield Issue("multipleAudioStreams", "more than one codec of the sound")


def headers_first(found: Received) -> Iterator[Issue]:
    """FLV E.4.3.1, E.4.2.1: sequence headers come before the media; the first picture is one to begin at."""
    if found.early:
        yield Issue("sequenceHeader", f"before its header came {', '.join(sorted(set(found.early)))}")
    if found.pictures and not found.pictures[0].idr:
        yield Issue("sequenceHeader", "the first picture is no key picture")


def key_interval(found: Received) -> Iterator[Issue]:
    """HELP "Keyframe frequency": 2 s recommended, at most 4; HEALTH gopSizeLong, gopSizeShort."""
    times = [one.at_ms for one in found.keys]
    if not found.pictures:
        return
    ends = [*times, found.pictures[-1].at_ms]
    steps = [(b - a) / 1000 for a, b in itertools.pairwise(ends)] or [found.seconds]
    if max(steps) > KEY_LIMIT_S:
        yield Issue("gopSizeLong", f"{max(steps):.2f} s between key pictures")
    whole = steps[:-1]
    if whole and statistics.median(whole) < KEY_SHORT_S:
        yield Issue("gopSizeShort", f"a key picture each {statistics.median(whole):.2f} s")
    if whole and abs(statistics.median(whole) - KEY_GOOD_S) > 0.5:
        yield Issue("keyInterval", f"{statistics.median(whole):.2f} s where 2 s is recommended", advice=True)


def closed_groups(found: Received) -> Iterator[Issue]:
    """HEALTH openGop: groups of pictures are closed: each key picture is an IDR, nothing refers beyond it."""
    if any(one.key and not one.idr for one in found.pictures):
        yield Issue("openGop", "a key picture is no IDR")
    for index, one in enumerate(found.pictures):
        later = found.pictures[index + 1 : index + 18]
        if one.key and any(other.shown_ms < one.shown_ms for other in later):
            yield Issue("openGop", "pictures after a key picture are shown before it")
            return


def unmarked_keys(found: Received) -> Iterator[Issue]:
    """FLV E.4.3.1 FrameType: 1 for a picture at which one can begin; servers look only at this."""
    if any(one.idr and not one.key for one in found.pictures):
        yield Issue("keyFlag", "an IDR is not marked as key picture")


def size(found: Received) -> Iterator[Issue]:
    """HELP: 240p to 2160p; HEALTH videoResolutionUnsupported. One size for the whole stream, 16:9."""
    for one in found.headers[:1]:
        wide = abs(one.width_px / one.height_px - 16 / 9) < 0.02
        if one.height_px not in HEIGHTS_PX or not wide:
            yield Issue("videoResolutionUnsupported", f"{one.width_px} x {one.height_px}")
    if len({(one.width_px, one.height_px) for one in found.headers}) > 1:
        yield Issue("videoResolutionUnsupported", "the size changes within the stream")


def frame_rate(found: Received) -> Iterator[Issue]:
    """HELP "Frame rate: up to 60 fps"; HEALTH frameRateHigh."""
    if found.fps > 60.5:
        yield Issue("frameRateHigh", f"{found.fps:.1f} pictures a second")


def range_bps(height_px: int, fps: float) -> tuple[float, float]:
    """Smallest and largest rate of HELP's table for a size and frame rate."""
    for limit_px, limit_fps, rates in RANGES_BPS:
        if height_px <= limit_px and fps <= limit_fps + 1:
            return rates
    return RANGES_BPS[-1][2]


def video_rate(found: Received) -> Iterator[Issue]:
    """HELP, table of bitrates; HEALTH bitrateLow, bitrateHigh."""
    if not found.headers or not found.seconds:
        return
    low, high = range_bps(found.headers[0].height_px, found.fps)
    if found.video_bps < low:
        yield Issue(
            "bitrateLow", f"{found.video_bps / MBPS:.2f} Mb/s, at least {low / MBPS:.0f} for this size"
        )
    if found.video_bps > high:
        yield Issue(
            "bitrateHigh", f"{found.video_bps / MBPS:.2f} Mb/s, at most {high / MBPS:.0f} for this size"
        )


def constant_rate(found: Received) -> Iterator[Issue]:
    """HELP "Bitrate encoding: CBR": in each key interval but the first the rate is near the mean."""
    rates = []
    keys = [index for index, one in enumerate(found.pictures) if one.key]
    for first, last in itertools.pairwise(keys[1:]):
        length_s = (found.pictures[last].at_ms - found.pictures[first].at_ms) / 1000
        bits = sum(one.size for one in found.pictures[first:last]) * 8
        rates += [bits / length_s] if length_s >= 1.0 else []
    mean = statistics.mean(rates) if rates else 0.0
    if rates and (max(rates) > mean * (1 + RATE_AWAY) or min(rates) < mean * (1 - RATE_AWAY)):
        yield Issue("cbr", f"between {min(rates) / MBPS:.2f} and {max(rates) / MBPS:.2f} Mb/s")


def profile(found: Received) -> Iterator[Issue]:
    """HELP "H.264" (2014: Main 4.1): Baseline to High, 8 bits, 4:2:0, a level that fits (H.264 table A-1)."""
    for one in found.headers[:1]:
        if one.profile not in (66, 77, 100) or one.chroma != 1 or one.depth != 8:
            yield Issue("videoProfile", f"profile {one.profile}, chroma {one.chroma}, {one.depth} bits")
        fits = [
            level
            for level, per_s, per_picture, rate in LEVELS
            if one.macroblocks <= per_picture
            and one.macroblocks * found.fps <= per_s * 1.02
            and found.video_bps <= rate * (1.25 if one.profile == 100 else 1)
        ]
        least = 42 if one.macroblocks <= 8_704 else 52
        if not fits or one.level < fits[0] or one.level > max(least, fits[0]):
            yield Issue("videoLevel", f"level {one.level / 10}, needed {fits[0] / 10 if fits else 'more'}")


def scan(found: Received) -> Iterator[Issue]:
    """HELP, advanced settings "Frame types: progressive scan"; HEALTH interlacedVideo."""
    if any(not one.progressive for one in found.headers):
        yield Issue("interlacedVideo", "the stream is coded in fields")


def square(found: Received) -> Iterator[Issue]:
    """HELP, advanced settings "Pixel aspect ratio: square"."""
    if any(one.sample_aspect[0] != one.sample_aspect[1] for one in found.headers):
        yield Issue("pixelAspect", f"{found.headers[0].sample_aspect}")


def bipredicted(found: Received) -> Iterator[Issue]:
    """HELP, advanced settings "2 B-frames": no more than two in a row; none is shown before it is decoded."""
    run = longest = 0
    for one in found.pictures:
        run = run + 1 if one.bipredicted else 0
        longest = max(longest, run)
    if longest > 2:
        yield Issue("bFrames", f"{longest} B pictures one after the other")
    if any(one.shown_ms < one.at_ms for one in found.pictures):
        yield Issue("bFrames", "a picture is to be shown before it is decoded")


def advanced(found: Received) -> Iterator[Issue]:
    """HELP, advanced settings: 1 reference frame, CABAC, colour space Rec. 709; recommended only."""
    for one in found.headers[:1]:
        if one.reference_frames > 1 and not any(p.bipredicted for p in found.pictures):
            yield Issue("referenceFrames", f"{one.reference_frames} where 1 is recommended", advice=True)
        if one.matrix not in (1, 2):
            yield Issue("colourSpace", f"matrix {one.matrix} where 1 (Rec. 709) is recommended", advice=True)
    if found.headers and not found.cabac:
        yield Issue("entropyCoding", "CAVLC where CABAC is recommended", advice=True)


def sound(found: Received) -> Iterator[Issue]:
    """HELP "AAC", stereo; HEALTH audioSampleRate (44.1 and 48 kHz), audioTooManyChannels (one or two)."""
    if AAC not in found.audio_codecs:
        return
    if found.audio_object != 2:
        yield Issue("audioCodec", f"AAC object type {found.audio_object}, 2 is LC")
    if found.sample_rate_hz not in (44_100, 48_000):
        yield Issue("audioSampleRate", f"{found.sample_rate_hz} Hz")
    if found.channels > 2:
        yield Issue("audioTooManyChannels", f"{found.channels} channels")
    if found.channels == 1:
        yield Issue("audioStereo", "mono where stereo is recommended", advice=True)


def audio_rate(found: Received) -> Iterator[Issue]:
    """HELP "Audio bitrate: 128 kbps for stereo"; HEALTH audioBitrateLow, audioBitrateHigh."""
    if len(found.sounds) < 50:
        return
    length_s = (found.sounds[-1].at_ms - found.sounds[0].at_ms) / 1000
    rate = sum(one.size for one in found.sounds) * 8 / max(length_s, 0.001)
    if rate < AUDIO_BPS * (1 - AUDIO_AWAY):
        yield Issue("audioBitrateLow", f"{rate / 1000:.0f} kb/s, 128 is recommended")
    if rate > AUDIO_BPS * (1 + AUDIO_AWAY):
        yield Issue("audioBitrateHigh", f"{rate / 1000:.0f} kb/s, 128 is recommended")


def stamps(found: Received) -> Iterator[Issue]:
    """FLV E.4.1: the stamps of each kind rise; HEALTH videoIngestionStarved: neither pauses."""
    for name, times in (
        ("video", [p.at_ms for p in found.pictures]),
        ("audio", [s.at_ms for s in found.sounds]),
    ):
        steps = [b - a for a, b in itertools.pairwise(times)]
        if any(step <= 0 for step in steps):
            yield Issue("timestamps", f"{name}: a stamp does not rise (by {min(steps)} ms)")
        if steps and max(steps) > GAP_MS:
            yield Issue("videoIngestionStarved", f"{name}: {max(steps)} ms without any")


def interleaved(found: Received) -> Iterator[Issue]:
    """FLV E.4.1: tags stand in the order of their time: picture and sound of one moment arrive together."""
    newest: dict[int, int] = {}
    worst = 0
    for kind, at_ms in found.stamps:
        newest[kind] = at_ms
        if len(newest) == 2:
            worst = max(worst, abs(newest[VIDEO] - newest[AUDIO]))
    if worst > APART_MS:
        yield Issue("interleave", f"picture and sound arrive up to {worst} ms apart")
    if found.pictures and found.sounds:
        ends = abs(found.pictures[-1].at_ms - found.sounds[-1].at_ms)
        begins = abs(found.pictures[0].at_ms - found.sounds[0].at_ms)
        if max(ends, begins) > LENGTHS_MS:
            yield Issue("interleave", f"begin {begins} ms and end {ends} ms apart")


RULES: Sequence[Rule] = (
    container, codecs, headers_first, key_interval, closed_groups, unmarked_keys, size, frame_rate,
    video_rate, constant_rate, profile, scan, square, bipredicted, advanced, sound, audio_rate, stamps,
    interleaved,
)  # fmt: skip


def issues(found: Received) -> list[Issue]:
    """Everything that YouTube would find fault with, what is only advice at the end."""
    told = [issue for rule in RULES for issue in rule(found)]
    return sorted(told, key=lambda one: one.advice)
